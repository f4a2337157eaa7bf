// The selector: what it shows is the state, what is done to it changes the state.

import { byId, fill, h } from './dom.js';
import { minute, number } from './format.js';
import { change, onChange, resetSelection, state } from './state.js';

/** @typedef {import('./state.js').State} State */

/** How long typing may go on before it counts, in milliseconds. */
const PAUSE = 300;

const form = /** @type {HTMLFormElement} */ (byId('selection'));
const threshold = /** @type {HTMLInputElement} */ (byId('threshold'));
const from = /** @type {HTMLInputElement} */ (byId('from'));
const to = /** @type {HTMLInputElement} */ (byId('to'));

/** Known as soon as the settings are. @type {number | null} */
let defaultThreshold = null;
/** @type {import('../types').Period | null} */
let period = null;
let typing = 0;

/** The threshold that is selected; null as long as it is not known. */
export function selectedThreshold() {
  const text = state().threshold;
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? defaultThreshold : value;
}

/** Connects the controls with the state. */
export function startControls() {
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', (event) => choose(/** @type {HTMLInputElement} */ (event.target)));
  threshold.addEventListener('input', () => {
    clearTimeout(typing);
    typing = window.setTimeout(takeThreshold, PAUSE);
  });
  byId('less').addEventListener('click', () => step(-1));
  byId('more').addEventListener('click', () => step(1));
  byId('reset').addEventListener('click', () => resetSelection());
  onChange(show);
  fold(narrow.matches);
  narrow.addEventListener('change', () => fold(narrow.matches));
  show(state());
}

/**
 * Shows what there is to select.
 * @param {import('../types').Settings} settings
 */
export function offer(settings) {
  defaultThreshold = settings.default_threshold;
  byId('threshold-unit').textContent = settings.target.unit && `(${settings.target.unit})`;
  const version = /** @type {HTMLSelectElement} */ (byId('version'));
  const known = new Set([...settings.versions, state().version].filter((name) => name !== ''));
  const options = [...known].map((name) => h('option', { value: name }, name));
  fill(version, h('option', { value: '' }, 'All'), options);
  show(state());
}

/**
 * Shows which period the answers are about.
 * @param {import('../types').Period} window
 */
export function showPeriod(window) {
  period = window;
  show(state());
}

const narrow = matchMedia('(max-width: 56rem)');

/** @param {boolean} closed */
function fold(closed) {
  const selector = /** @type {HTMLDetailsElement} */ (byId('selector'));
  selector.open = !closed;
}

/** @param {State} now */
function show(now) {
  check('range', now.from || now.to ? 'none' : now.range || '30d');
  check('bucket', now.bucket || 'none');
  check('certainty', now.certainty);
  // Half a number is not taken away from under somebody's fingers.
  if (document.activeElement !== threshold || Number(threshold.value) !== selectedThreshold()) {
    const value = selectedThreshold();
    threshold.value = value === null ? '' : decimal(value);
  }
  if (document.activeElement !== from) from.value = (now.from || period?.from || '').slice(0, 10);
  if (document.activeElement !== to) to.value = (now.to || lastDay(period) || '').slice(0, 10);
  select('version', now.version);
  select('source', now.source);
  byId('window').textContent = period ? `${minute(period.from)} – ${minute(period.to)} UTC` : '\u00a0';
  const parts = [
    now.from || now.to ? 'chosen dates' : (now.range || '30d'),
    { hour: 'hourly', day: 'daily', week: 'weekly' }[now.bucket] ?? '',
    now.certainty, now.version, now.source,
  ];
  byId('summary').textContent = parts.filter((part) => part !== '').join(' · ');
}

/** @param {HTMLInputElement} control */
function choose(control) {
  const { name, value } = control;
  if (name === 'threshold') takeThreshold();
  else if (name === 'range') change({ range: value === '30d' ? '' : value, from: '', to: '' });
  else if (name === 'bucket') change({ bucket: value === 'none' ? '' : value });
  else if (name === 'from' || name === 'to') chooseDate(name, value);
  else if (name === 'certainty' || name === 'version' || name === 'source') change({ [name]: value });
}

/**
 * A date that is typed passes years such as 0002.
 * @param {'from' | 'to'} name
 * @param {string} value
 */
function chooseDate(name, value) {
  if (value !== '' && value < '1900') return;
  const now = state();
  const kept = name === 'from' ? { to: now.to } : { from: now.from || (period?.from ?? '').slice(0, 10) };
  change({ range: '', ...kept, [name]: value });
}

function takeThreshold() {
  clearTimeout(typing);
  if (threshold.value === '' || !threshold.validity.valid) return;
  setThreshold(Number(threshold.value));
}

/** @param {number} direction */
function step(direction) {
  const now = selectedThreshold();
  if (now === null) return;
  const size = defaultThreshold ? 10 ** Math.floor(Math.log10(defaultThreshold)) / 10 : 1;
  const next = Math.max(0, Number((Math.round(now / size + direction) * size).toPrecision(12)));
  setThreshold(next);
  threshold.value = decimal(next);
}

/** @param {number} value */
function setThreshold(value) {
  change({ threshold: value === defaultThreshold ? '' : String(value) }, { replace: true });
}

/** @param {number} value */
function decimal(value) {
  const text = String(value);
  return text.includes('e') || (text.split('.')[1] ?? '').length > 2 ? text : value.toFixed(2);
}

/** @param {import('../types').Period | null} window */
function lastDay(window) {
  // The end is not part of the period.
  return window && new Date(Date.parse(window.to) - 1).toISOString();
}

/**
 * @param {string} name
 * @param {string} value
 */
function check(name, value) {
  for (const input of byId(name).querySelectorAll('input')) input.checked = input.value === value;
}

/**
 * @param {string} id
 * @param {string} value
 */
function select(id, value) {
  const element = /** @type {HTMLSelectElement} */ (byId(id));
  element.value = value;
}

/** The threshold in words; empty as long as it is not known. */
export function thresholdText() {
  const value = selectedThreshold();
  return value === null ? '' : number(value);
}
