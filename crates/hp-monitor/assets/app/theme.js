// Light and dark: as the system says, or as the viewer does.

import { byId } from './dom.js';

/** @type {(() => void)[]} */
const listeners = [];
const dark = matchMedia('(prefers-color-scheme: dark)');

/**
 * Calls `listener` when the colours have changed.
 * @param {() => void} listener
 */
export function onTheme(listener) {
  listeners.push(listener);
}

/** The colours of the charts as they are now. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of('text'),
    muted: of('muted'),
    line: of('line'),
    surface: of('surface'),
    limits: of('limits'),
    threshold: of('bad'),
    uncertain: of('warn'),
    actual: of('good'),
    series: [of('accent'), of('second'), of('third'), of('fourth')],
    bands: [of('accent-band'), of('second-band'), of('third-band'), of('fourth-band')],
  };
}

/** Lets the viewer choose. */
export function startTheme() {
  const root = document.documentElement;
  const choice = /** @type {HTMLSelectElement} */ (byId('theme'));
  choice.value = root.dataset.theme ?? 'auto';
  choice.addEventListener('change', () => {
    wear(choice.value);
    try {
      localStorage.setItem('theme', choice.value);
    } catch {
      // It holds until the page is left.
    }
  });
  dark.addEventListener('change', tell);
  window.addEventListener('beforeprint', () => wear('light'));
  window.addEventListener('afterprint', () => wear(choice.value));
}

/** @param {string} theme */
function wear(theme) {
  const root = document.documentElement;
  if (theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = theme;
  tell();
}

function tell() {
  for (const listener of listeners) listener();
}
