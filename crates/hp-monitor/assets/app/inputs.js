// Whether the rows of the period still look like the training data.

import { fill, h } from './dom.js';
import { count, number, of, percent, probability } from './format.js';
import { sideBySide } from './histogram.js';

/** @typedef {import('../types').Column} Column */

/**
 * @param {HTMLElement} root
 * @param {import('../types').Inputs} inputs
 */
export function showInputs(root, inputs) {
  const answers = [inputs.prediction, inputs.width].filter((it) => it !== null);
  const features = [...inputs.features].sort((a, b) => rank(b) - rank(a));
  fill(
    root,
    h('div', { class: 'panel' }, h('h2', null, 'Does the input still look like the training data?'), verdict(inputs), explanation(inputs)),
    answers.length > 0 && h('h2', { class: 'section' }, 'What the model answers'),
    h('div', { class: 'grid' }, answers.map((it) => column(it, it.name === 'width' ? 'Interval width' : 'Prediction'))),
    features.length > 0 && h('h2', { class: 'section' }, 'What it is given'),
    h('div', { class: 'grid' }, features.map((it) => column(it, it.name))),
  );
}

/** @param {import('../types').Inputs} inputs */
function verdict({ needs, alarms, sampled, reference }) {
  if (needs) return h('p', { id: 'verdict' }, h('span', { class: 'badge' }, reference ? 'Too early' : 'Unknown'), ` ${sentence(needs)}`);
  if (alarms.length === 0) {
    return h('p', { id: 'verdict' }, h('span', { class: 'badge good' }, 'No drift'), ` Nothing in ${of(sampled, 'row')} differs from the training data by more than chance and enough to matter.`);
  }
  return h('p', { id: 'verdict' }, h('span', { class: 'badge bad' }, 'Drift'), ` ${alarms.join(', ')} ${alarms.length === 1 ? 'differs' : 'differ'} from the training data.`);
}

/** @param {import('../types').Inputs} inputs */
function explanation({ version, window_rows, sampled, settings, reference }) {
  if (!reference) return null;
  const rows = sampled < window_rows ? `${count(sampled)} rows spread evenly over ${count(window_rows)}` : of(window_rows, 'row');
  return h('p', { class: 'muted small' },
    `${rows} of ${version ?? 'no version'} beside its training rows. A column has drifted when chance gives such a difference in at most ${percent(settings.alpha)} of cases, all columns taken together (q), and its effect is at least ${number(settings.min_effect)}.`);
}

/**
 * @param {Column} it
 * @param {string} title
 */
function column(it, title) {
  const measured = it.state === 'measured' ? it : null;
  const badge = measured
    ? h('span', { class: measured.alarm ? 'badge bad' : 'badge good' }, measured.alarm ? 'drift' : 'no drift')
    : h('span', { class: 'badge' }, `needs ${of(it.needs_rows, 'more row')}`);
  const faults = [it.missing > 0 && `${count(it.missing)} missing`, it.out_of_range > 0 && `${count(it.out_of_range)} of ${count(it.rows)} outside the range of the training`];
  return h(
    'article',
    { class: 'panel small-chart', 'data-column': it.name },
    h('div', { class: 'heading' }, h('h3', null, title, it.unit && h('span', { class: 'muted small' }, ` ${it.unit}`)), badge),
    sideBySide(title, it.histogram),
    h('p', { class: 'legend small' }, h('span', { class: 'reference' }, 'training'), h('span', { class: 'window' }, 'this period')),
    measured && h('p', { class: 'small', title: `Kolmogorov–Smirnov ${number(measured.kolmogorov_smirnov)}, population stability index ${number(measured.population_stability_index)}` },
      `${measured.effect.measure === 'wasserstein' ? 'shift' : 'Cramér’s V'} `, h('strong', null, number(measured.effect.size)),
      measured.effect.measure === 'wasserstein' ? ' deviations' : '',
      h('span', { class: 'muted' }, ` (chance: up to ${number(measured.effect_by_chance)}) · p ${probability(measured.p_value)} · q ${probability(measured.q_value)}`)),
    h('p', { class: 'small muted' }, faults.filter((fault) => fault !== false).join(' · ') || 'none missing, none out of range'),
  );
}

/** Alarms come first, then what cannot be judged yet. @param {Column} it */
function rank(it) {
  return it.state === 'measured' ? Number(it.alarm) * 2 : 1;
}

/** @param {string} text */
function sentence(text) {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
