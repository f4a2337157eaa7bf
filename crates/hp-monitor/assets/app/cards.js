// The scorecards.

import { fill, h } from './dom.js';
import { count, difference, number, percent } from './format.js';

/** @typedef {import('../types').Card} Card */

const NOTHING_BEFORE = 'none in the period before';
/** A period with fewer predictions is too little to be a share of. */
const ENOUGH = 20;

/**
 * Shows the four figures of a period.
 * @param {HTMLElement} root
 * @param {import('../types').Overview} overview
 * @param {string} threshold
 */
export function showCards(root, overview, threshold) {
  const { total, share_uncertain, over_threshold, outside_limits } = overview.cards;
  const before = `${overview.previous.from.slice(0, 10)} – ${overview.previous.to.slice(0, 10)}`;
  const some = (total.previous ?? 0) > 0;
  const enough = (total.previous ?? 0) >= ENOUGH;
  const counted = (/** @type {Card} */ it) => (!some ? NOTHING_BEFORE : enough ? changed(it) : `before: ${count(it.previous)}`);
  const shared = (/** @type {Card} */ it) => (!some ? NOTHING_BEFORE : enough ? points(it) : `before: ${percent(it.previous)}`);
  const worse = (/** @type {Card} */ it) => (enough ? it.change : null);
  fill(
    root,
    card('Total invocations', count(total.value), counted(total), { id: 'total', before }),
    card('Uncertain predictions', percent(share_uncertain.value), shared(share_uncertain), {
      id: 'share_uncertain', before, worse: worse(share_uncertain),
    }),
    card(threshold === '' ? 'Width over the threshold' : `Width over ${threshold}`, count(over_threshold.value), counted(over_threshold), {
      id: 'over_threshold', before, worse: worse(over_threshold),
    }),
    card('Outside the limits', count(outside_limits.value), counted(outside_limits), {
      id: 'outside_limits', before, worse: worse(outside_limits),
    }),
  );
}

/**
 * A mean with its change, in words.
 * @param {Card} card
 */
export function meanInWords(card) {
  if (card.value === null) return '';
  const change = card.change === null ? '' : ` (${difference(card.change, number)})`;
  return `mean ${number(card.value)}${change}`;
}

/** Cards without figures, as long as there are none. @param {HTMLElement} root */
export function awaitCards(root) {
  const names = ['Total invocations', 'Uncertain predictions', 'Width over the threshold', 'Outside the limits'];
  fill(root, names.map((name) => h('div', { class: 'card' }, h('h2', null, name), h('p', { class: 'figure' }, '–'), h('p', { class: 'change muted' }, '\u00a0'))));
}

/**
 * @param {string} title
 * @param {string} figure
 * @param {string} change
 * @param {{ id: string, before: string, worse?: number | null }} about
 */
function card(title, figure, change, { id, before, worse }) {
  const tone = !worse ? 'muted' : worse > 0 ? 'bad' : 'good';
  return h(
    'div',
    { class: 'card', 'data-card': id },
    h('h2', null, title),
    h('p', { class: 'figure' }, figure),
    h('p', { class: `change ${tone}`, title: `Compared with ${before}, the period of equal length before` }, change),
  );
}

/** @param {Card} card */
function changed({ value, change, previous }) {
  if (!change) return 'as before';
  return `${arrow(change)}${difference(change, count)}${ratio(value, previous)} vs before`;
}

/**
 * How much more or less it is than before: in percent up to +999 %, as a factor beyond.
 * @param {number | null} value
 * @param {number | null} previous
 */
function ratio(value, previous) {
  if (value === null || !previous) return '';
  const times = value / previous;
  return ` (${times <= 10.99 ? difference(times - 1, percent) : `×${count(times)}`})`;
}

/** @param {Card} card */
function points({ change }) {
  if (change === null) return NOTHING_BEFORE;
  if (Math.abs(change) < 0.0005) return 'as before';
  return `${arrow(change)}${difference(change, (value) => (value * 100).toFixed(1))} points vs before`;
}

/** @param {number} change */
function arrow(change) {
  return change > 0 ? '▲ ' : change < 0 ? '▼ ' : '';
}
