// The scorecards.

import { fill, h } from './dom.js';
import { count, difference, number, percent } from './format.js';

/** @typedef {import('../types').Card} Card */

const NOTHING_BEFORE = 'none in the period before';

/**
 * Shows the four figures of a period.
 * @param {HTMLElement} root
 * @param {import('../types').Overview} overview
 * @param {string} threshold
 */
export function showCards(root, overview, threshold) {
  const { total, share_uncertain, over_threshold, outside_limits } = overview.cards;
  const before = `${overview.previous.from.slice(0, 10)} – ${overview.previous.to.slice(0, 10)}`;
  fill(
    root,
    card('Total invocations', count(total.value), counted(total), { id: 'total', before }),
    card('Uncertain predictions', percent(share_uncertain.value), points(share_uncertain), {
      id: 'share_uncertain', before, worse: share_uncertain.change,
    }),
    card(threshold === '' ? 'Width over the threshold' : `Width over ${threshold}`, count(over_threshold.value), counted(over_threshold), {
      id: 'over_threshold', before, worse: over_threshold.change,
    }),
    card('Outside the limits', count(outside_limits.value), counted(outside_limits), {
      id: 'outside_limits', before, worse: outside_limits.change,
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
  const tone = !worse || change === NOTHING_BEFORE ? 'muted' : worse > 0 ? 'bad' : 'good';
  return h(
    'div',
    { class: 'card', 'data-card': id },
    h('h2', null, title),
    h('p', { class: 'figure' }, figure),
    h('p', { class: `change ${tone}`, title: `Compared with ${before}, the period of equal length before` }, change),
  );
}

/** @param {Card} card */
function counted({ change, relative, previous }) {
  if (change === null || !previous) return NOTHING_BEFORE;
  const share = relative === null ? '' : ` (${difference(relative, percent)})`;
  return `${arrow(change)}${difference(change, count)}${share} vs before`;
}

/** @param {Card} card */
function points({ change }) {
  if (change === null) return NOTHING_BEFORE;
  return `${arrow(change)}${difference(change, (value) => (value * 100).toFixed(1))} points vs before`;
}

/** @param {number} change */
function arrow(change) {
  return change > 0 ? '▲ ' : change < 0 ? '▼ ' : '';
}
