// Records as rows of a table.

import { h } from './dom.js';
import { compact, number, time } from './format.js';

/** @typedef {import('../types').Row} Row */
/** @typedef {{ title: string, sort?: string, number?: boolean, cell: (row: Row) => Node | string }} Field */

/**
 * What is shown of a record beside its inputs.
 * @param {(id: string) => void} open
 * @returns {Field[]}
 */
export function fields(open) {
  return [
    { title: 'Time (UTC)', sort: 'time', cell: (row) => h('button', { type: 'button', class: 'link', 'data-record': row.id, click: () => open(row.id), title: 'Open the record' }, time(row.time)) },
    { title: 'Prediction', sort: 'prediction', number: true, cell: (row) => number(row.prediction) },
    { title: 'Lower', sort: 'lower', number: true, cell: (row) => number(row.lower) },
    { title: 'Upper', sort: 'upper', number: true, cell: (row) => number(row.upper) },
    { title: 'Width', sort: 'width', number: true, cell: (row) => (row.over ? h('strong', { class: 'bad' }, number(row.width)) : number(row.width)) },
    { title: 'Outside by', sort: 'excess', number: true, cell: (row) => (row.uncertain ? h('span', { class: 'badge warn' }, number(row.excess)) : '–') },
    { title: 'True value', number: true, cell: (row) => number(row.actual) },
    { title: 'Error', sort: 'error', number: true, cell: (row) => number(row.error) },
    { title: 'Version', cell: (row) => row.version },
    { title: 'Source', cell: (row) => row.source },
  ];
}

/**
 * The inputs.
 * @param {string[]} names
 * @returns {Field[]}
 */
export function inputFields(names) {
  return names.map((name) => ({
    title: name,
    number: true,
    cell: (row) => compact(Object.hasOwn(row.inputs, name) ? row.inputs[name] : null),
  }));
}

/**
 * The rows of a table; a click anywhere on one opens its record.
 * @param {Row[]} rows
 * @param {Field[]} fields
 * @param {(id: string) => void} open
 */
export function body(rows, fields, open) {
  const line = (/** @type {Row} */ row) =>
    h(
      'tr',
      { class: row.uncertain ? 'uncertain' : null, click: (event) => event.target.closest('button') || open(row.id) },
      fields.map((field) => h('td', { class: field.number ? 'number' : null }, field.cell(row))),
    );
  return h('tbody', null, rows.map(line));
}
