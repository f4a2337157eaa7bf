// The views, one at a time.

import { byId } from './dom.js';
import { change, onChange, state } from './state.js';

/** @type {HTMLButtonElement[]} */
const tabs = [...document.querySelectorAll('[role=tab]')].map((it) => /** @type {HTMLButtonElement} */ (it));

let hidden = false;
let opened = '';

/** The view that is open. */
export function openTab() {
  const wanted = state().tab;
  return tabs.some((tab) => tab.dataset.tab === wanted) ? wanted : 'overview';
}

/** Connects the tabs with the state. */
export function startTabs() {
  for (const tab of tabs) {
    tab.addEventListener('click', () => go(tab));
    tab.addEventListener('keydown', (event) => move(tab, event));
  }
  onChange(show);
  show();
}

/**
 * Hides all views, or shows the one that is open.
 * @param {boolean} hide
 */
export function hideViews(hide) {
  hidden = hide;
  show();
}

function show() {
  const open = openTab();
  for (const tab of tabs) {
    const here = tab.dataset.tab === open;
    tab.setAttribute('aria-selected', String(here));
    tab.tabIndex = here ? 0 : -1;
    byId(tab.dataset.tab ?? '').hidden = !here || hidden;
    if (here && open !== opened) center(tab);
  }
  opened = open;
}

/**
 * Brings a tab to the middle of its strip, for a phone has no room for all of them. `scrollIntoView` would let the tab key
 * go on from there instead of from the beginning of the page.
 * @param {HTMLButtonElement} tab
 */
function center(tab) {
  const strip = /** @type {HTMLElement} */ (tab.parentElement);
  const [inner, outer] = [tab.getBoundingClientRect(), strip.getBoundingClientRect()];
  strip.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
}

/** @param {HTMLButtonElement} tab */
function go(tab) {
  const name = tab.dataset.tab ?? '';
  change({ tab: name === 'overview' ? '' : name });
}

/**
 * @param {HTMLButtonElement} tab
 * @param {KeyboardEvent} event
 */
function move(tab, event) {
  const at = tabs.indexOf(tab);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = tabs[(to + tabs.length) % tabs.length];
  if (!next) return;
  go(next);
  next.focus();
}
