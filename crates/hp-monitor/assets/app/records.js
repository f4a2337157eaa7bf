// The data viewer: a page of records in any order, and the selection as a file.

import { address, hasKey, request } from './api.js';
import { save } from './chart.js';
import { fill, h } from './dom.js';
import { count } from './format.js';
import { body, fields, inputFields } from './rows.js';
import { change, selection, state } from './state.js';
import { answered, failed } from './status.js';

/** @typedef {import('../types').Records} Records */

const SIZES = ['25', '50', '100', '250'];

export class RecordTable {
  /**
   * @param {HTMLElement} root
   * @param {(id: string) => void} open
   */
  constructor(root, open) {
    this.open = open;
    this.total = h('p', { class: 'muted small', role: 'status' });
    this.table = h('table', { class: 'records' });
    this.pager = h('nav', { class: 'pager', 'aria-label': 'Pages' });
    const download = (/** @type {string} */ format, /** @type {string} */ name) =>
      h('button', { type: 'button', id: `export-${format}`, click: () => void saveSelection(format), title: 'Every record of the selection' }, name);
    fill(
      root,
      h(
        'div',
        { class: 'panel' },
        h(
          'div',
          { class: 'heading' },
          h('div', null, h('h2', null, 'Records'), this.total),
          h('div', { class: 'tools', role: 'group', 'aria-label': 'Download the selection' }, download('csv', 'Download CSV'), download('parquet', 'Download Parquet')),
        ),
        h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Records' }, this.table),
        this.pager,
      ),
    );
  }

  /** @param {Records} records */
  show(records) {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset : {};
    const columns = [...fields(this.open), ...inputFields(records.columns)];
    this.total.textContent = `${count(records.total)} in the selection; a click opens one`;
    fill(this.table, h('caption', { class: 'sr' }, 'Records of the selection'), head(columns), body(records.rows, columns, this.open));
    this.showPager(records);
    // Whoever stood in the table stands there still.
    const again = focused.record ? `[data-record="${focused.record}"]` : focused.sort ? `[data-sort="${focused.sort}"]` : '';
    if (again) /** @type {HTMLElement | null} */ (this.table.querySelector(`button${again}`))?.focus({ preventScroll: true });
  }

  /** @param {Records} records */
  showPager({ page, size, total }) {
    const last = Math.max(1, Math.ceil(total / size));
    const focused = document.activeElement instanceof HTMLElement && this.pager.contains(document.activeElement) ? document.activeElement.dataset.go : '';
    const go = (/** @type {string} */ name, /** @type {number} */ to, /** @type {boolean} */ possible) =>
      h('button', { type: 'button', 'data-go': name, disabled: !possible, click: () => change({ page: to === 1 ? '' : String(to) }) }, name);
    const sizes = h('select', { change: (event) => change({ size: event.target.value === '50' ? '' : event.target.value, page: '' }) },
      [...new Set([...SIZES, String(size)])].map((it) => h('option', { value: it, selected: it === String(size) }, it)));
    const first = total === 0 ? 0 : Math.min((page - 1) * size + 1, total);
    fill(
      this.pager,
      go('First', 1, page > 1),
      go('Previous', Math.min(page - 1, last), page > 1),
      h('span', { class: 'muted' }, page > last ? `page ${count(page)} of ${count(last)}` : `${count(first)} – ${count(Math.min(page * size, total))} of ${count(total)}`),
      go('Next', page + 1, page < last),
      go('Last', last, page < last),
      h('label', { class: 'muted' }, 'Rows ', sizes),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.pager.querySelector(`button[data-go="${focused}"]`))?.focus();
  }
}

/** @param {import('./rows.js').Field[]} columns */
function head(columns) {
  const now = state();
  const sorted = now.sort || 'time';
  const ascending = now.order === 'asc';
  const cell = (/** @type {import('./rows.js').Field} */ { title, sort, number }) => {
    const kind = number ? 'number' : null;
    if (!sort) return h('th', { scope: 'col', class: kind }, title);
    const here = sort === sorted;
    const turn = () => change({ sort: sort === 'time' ? '' : sort, order: here && !ascending ? 'asc' : '', page: '' });
    const order = here ? (ascending ? 'ascending' : 'descending') : 'none';
    return h(
      'th',
      { scope: 'col', class: kind, 'aria-sort': order },
      h('button', { type: 'button', class: 'sort', 'data-sort': sort, click: turn }, title, h('span', { 'aria-hidden': 'true' }, here ? (ascending ? ' ▲' : ' ▼') : '')),
    );
  };
  return h('thead', null, h('tr', null, columns.map(cell)));
}

/** @param {string} format */
async function saveSelection(format) {
  const query = selection(state());
  query.set('format', format);
  if (!hasKey()) {
    // The browser writes what it receives to the disk at once.
    h('a', { href: address('api/export', query).href, download: `predictions.${format}` }).click();
    return;
  }
  try {
    const response = await request('api/export', query);
    save(`predictions.${format}`, await response.blob());
    answered('api/export');
  } catch (error) {
    failed('api/export', error);
  }
}
