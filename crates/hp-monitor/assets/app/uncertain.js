// Which inputs go with uncertain predictions, and the worst records.

import { fill, h } from './dom.js';
import { count, number, percent, probability } from './format.js';
import { shares } from './histogram.js';
import { body, fields, inputFields } from './rows.js';

/**
 * @param {HTMLElement} root
 * @param {import('../types').Uncertain} uncertain
 * @param {(id: string) => void} open
 */
export function showUncertain(root, uncertain, open) {
  const { sampled, total, features, worst } = uncertain;
  const overall = sampled === 0 ? 0 : uncertain.uncertain / sampled;
  const looked = sampled < total ? `Of ${count(sampled)} records spread evenly over the ${count(total)} of the selection` : `Of the ${count(total)} records of the selection`;
  const sentence = uncertain.uncertain === 0
    ? `${looked}, none is uncertain: every prediction lies within its limits.`
    : `${looked}, ${count(uncertain.uncertain)} (${percent(overall)}) are uncertain. The inputs that tell most about it come first.`;
  fill(
    root,
    h('div', { class: 'panel' }, h('h2', null, 'Which inputs go with uncertainty'), h('p', { id: 'uncertain-says' }, sentence),
      h('p', { class: 'muted small' }, 'Each bar is the share of uncertain predictions in a tenth of the training rows; its whisker holds the true share with 95 % confidence, the dashed line is the share of all. Bars that lie above it by more than chance are marked.')),
    h('div', { class: 'grid' }, features.map((feature) => h(
      'article',
      { class: 'panel small-chart', 'data-feature': feature.name },
      h('h3', null, feature.name),
      h('p', { class: 'muted small' }, feature.strength === null ? 'all alike' : `Cramér’s V ${number(feature.strength)}, p ${probability(feature.p_value)}`),
      shares(feature.name, feature.bins, overall),
    ))),
    worst.length > 0 && worstTable(worst, features.map((it) => it.name), open),
  );
}

/**
 * @param {import('../types').Row[]} rows
 * @param {string[]} names
 * @param {(id: string) => void} open
 */
function worstTable(rows, names, open) {
  const columns = [...fields(open), ...inputFields(names)];
  return h(
    'div',
    { class: 'panel' },
    h('div', { class: 'heading' }, h('h2', null, 'Furthest outside their limits')),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Furthest outside their limits' },
      h('table', { class: 'records' }, h('thead', null, h('tr', null, columns.map((it) => h('th', { scope: 'col', class: it.number ? 'number' : null }, it.title)))), body(rows, columns, open)),
    ),
  );
}
