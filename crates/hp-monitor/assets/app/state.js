// What is shown. All of it is in the query of the address, so that a view can be shared, reloaded
// and gone back to. The names are those of the API's parameters.

/**
 * Every value is the text of the address; an empty one is the default.
 * @typedef {{ range: string, from: string, to: string, threshold: string, bucket: string,
 *   version: string, source: string, certainty: string, tab: string, sort: string, order: string,
 *   page: string, size: string, record: string }} State
 */

/** @type {State} */
const NOTHING = {
  range: '', from: '', to: '', threshold: '', bucket: '', version: '', source: '', certainty: '',
  tab: '', sort: '', order: '', page: '', size: '', record: '',
};

/** What selects predictions. */
const SELECTION = /** @type {const} */ ([
  'range', 'from', 'to', 'threshold', 'bucket', 'version', 'source', 'certainty',
]);

/** What says which page of the records is shown. */
const PAGE = /** @type {const} */ (['sort', 'order', 'page', 'size']);

/** @type {State} */
let current = read();

/** @type {((now: State, before: State) => void)[]} */
const listeners = [];

/** What is shown now. */
export function state() {
  return current;
}

/**
 * Calls `listener` whenever something else is to be shown.
 * @param {(now: State, before: State) => void} listener
 */
export function onChange(listener) {
  listeners.push(listener);
}

/**
 * Shows something else. With `replace` the step back leads to what was before this one.
 * @param {Partial<State>} changes
 * @param {{ replace?: boolean }} [options]
 */
export function change(changes, { replace = false } = {}) {
  const before = current;
  const next = { ...current, ...changes };
  if (SELECTION.some((name) => next[name] !== before[name]) && !('page' in changes)) next.page = '';
  const query = write(next);
  if (query === write(before)) return;
  const address = location.pathname + (query && `?${query}`);
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  current = next;
  for (const listener of listeners) listener(next, before);
}

/**
 * Selects what a new viewer sees, on the first page, but for `changes`.
 * @param {Partial<State>} [changes]
 */
export function resetSelection(changes = {}) {
  change({ ...Object.fromEntries([...SELECTION, ...PAGE].map((name) => [name, ''])), ...changes });
}

/**
 * The parameters that select predictions.
 * @param {State} of
 */
export function selection(of) {
  return parameters(of, SELECTION);
}

/**
 * The parameters that select a page of records.
 * @param {State} of
 */
export function pageOfRecords(of) {
  return parameters(of, [...SELECTION, ...PAGE]);
}

/**
 * Whether two states select the same predictions.
 * @param {State} a
 * @param {State} b
 */
export function selectsSame(a, b) {
  return SELECTION.every((name) => a[name] === b[name]);
}

window.addEventListener('popstate', () => {
  const before = current;
  current = read();
  for (const listener of listeners) listener(current, before);
});

/**
 * @param {State} of
 * @param {readonly (keyof State)[]} names
 */
function parameters(of, names) {
  const found = new URLSearchParams();
  for (const name of names) if (of[name] !== '') found.set(name, of[name]);
  return found;
}

/** @param {State} of */
function write(of) {
  return parameters(of, /** @type {(keyof State)[]} */ (Object.keys(NOTHING))).toString();
}

/** @returns {State} */
function read() {
  const given = new URLSearchParams(location.search);
  const names = /** @type {(keyof State)[]} */ (Object.keys(NOTHING));
  const found = { ...NOTHING };
  for (const name of names) found[name] = given.get(name) ?? '';
  return found;
}
