// One record: its limits, its inputs, and where they lie among the training rows.

import { ApiError, ask } from './api.js';
import { byId, fill, h, s } from './dom.js';
import { compact, exact, number, percent, time } from './format.js';
import { place } from './histogram.js';
import { change, onChange, state } from './state.js';

/** @typedef {import('../types').Detail} Detail */

const dialog = /** @type {HTMLDialogElement} */ (byId('detail'));
let unit = '';
let asked = '';

/** Opens the record that the address names, and whichever it will name. @param {string} targetUnit */
export function startDetail(targetUnit) {
  unit = targetUnit;
  dialog.addEventListener('close', () => change({ record: '' }));
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  onChange((now) => void show(now.record));
  void show(state().record);
}

/** @param {string} id */
export function openRecord(id) {
  change({ record: id });
}

/** @param {string} id */
async function show(id) {
  if (id === asked) return;
  asked = id;
  if (id === '') {
    dialog.close();
    return;
  }
  fill(dialog, heading('Record'), h('p', { class: 'muted' }, 'Loading …'));
  if (!dialog.open) dialog.showModal();
  try {
    const detail = await ask(`api/records/${encodeURIComponent(id)}`);
    if (asked === id) fill(dialog, heading(time(detail.record.time)), content(detail));
  } catch (error) {
    const words = error instanceof ApiError ? error.message : String(error);
    if (asked === id) fill(dialog, heading('Record'), h('p', { class: 'bad', role: 'alert' }, words));
  }
}

/** @param {string} title */
function heading(title) {
  return h(
    'div',
    { class: 'heading' },
    h('h2', { id: 'detail-title' }, title === 'Record' ? title : `Record of ${title} UTC`),
    h('button', { type: 'button', class: 'quiet', click: () => dialog.close() }, 'Close'),
  );
}

/** @param {Detail} detail */
function content({ record, inputs, ...about }) {
  const known = record.actual !== null;
  const facts = [
    ['Prediction', number(record.prediction)],
    ['Limits', `${number(record.lower)} – ${number(record.upper)}`],
    ['Width', number(record.width)],
    known ? ['True value', number(record.actual)] : null,
    known ? ['Error', number(record.error)] : null,
  ];
  const origin = [
    ['Model', record.version],
    ['Data', about.data_fingerprint.slice(0, 12)],
    about.git_commit && ['Commit', about.git_commit.slice(0, 12)],
    ['Source', record.source],
    ['Took', `${number(about.latency_us / 1000)} ms`],
    about.actual_time && ['True value came', `${time(about.actual_time)} UTC`],
    ['Id', record.id],
  ];
  const list = (/** @type {(string[] | null | '')[]} */ entries, /** @type {string} */ kind) =>
    h('dl', { class: kind }, entries.filter((it) => it !== null && it !== '').map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
  const verdict = record.uncertain
    ? h('p', null, h('span', { class: 'badge warn' }, 'Uncertain'), ` The prediction lies ${number(record.excess)} outside its limits: do not rely on it.`)
    : h('p', null, h('span', { class: 'badge good' }, 'Certain'), ' The prediction lies within its limits.');
  return [
    verdict,
    list(facts, 'facts'),
    gauge(record),
    unit && h('p', { class: 'muted small' }, `in ${unit}`),
    h('h3', null, 'Inputs among the training rows'),
    h('div', { class: 'scroll' }, inputTable(inputs)),
    list(origin, 'origin'),
  ];
}

/** @param {import('../types').Input[]} inputs */
function inputTable(inputs) {
  const line = (/** @type {import('../types').Input} */ input) =>
    h(
      'tr',
      null,
      h('th', { scope: 'row' }, input.name, (input.description || input.unit) && h('span', { class: 'muted small' }, [input.description, input.unit].filter((it) => it !== '').join(', '))),
      h('td', { class: 'number' }, exact(input.value), input.out_of_range && h('span', { class: 'badge bad' }, 'never seen')),
      h('td', { class: 'number' }, input.percentile === null ? '–' : percent(input.percentile)),
      h('td', null, input.histogram ? place(input.name, input.histogram) : '–'),
      h('td', { class: 'number muted' }, input.min === null ? '–' : `${compact(input.min)} – ${compact(input.max)}`),
    );
  const titles = ['Input', 'Value', 'Above', 'Training rows', 'Seen'];
  const kinds = [null, 'number', 'number', null, 'number'];
  return h(
    'table',
    { class: 'inputs' },
    h('thead', null, h('tr', null, titles.map((title, index) => h('th', { scope: 'col', class: kinds[index], title: title === 'Above' ? 'The share of training rows below the value' : null }, title)))),
    h('tbody', null, inputs.map(line)),
  );
}

/** The prediction between its limits. @param {import('../types').Row} record */
function gauge({ lower, prediction, upper, actual, uncertain }) {
  if (lower === null || prediction === null || upper === null) return null;
  const all = [lower, prediction, upper, ...(actual === null ? [] : [actual])];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = (most - least || 1) * 0.08;
  const x = (/** @type {number} */ value) => (600 * (value - least + room)) / (most - least + 2 * room || 1);
  return s(
    'svg',
    { class: 'gauge', viewBox: '0 0 600 44', role: 'img', 'aria-label': `Prediction ${number(prediction)} with limits ${number(lower)} and ${number(upper)}` },
    s('line', { class: 'ground', x1: 0, x2: 600, y1: 22, y2: 22 }),
    s('rect', { class: 'limits', x: Math.min(x(lower), x(upper)), y: 14, width: Math.abs(x(upper) - x(lower)), height: 16, rx: 3 }),
    s('circle', { class: uncertain ? 'dot warn' : 'dot', cx: x(prediction), cy: 22, r: 7 }),
    actual !== null && s('path', { class: 'truth', d: `M${x(actual)} 6V38` }),
  );
}
