// Looks every few seconds whether something new has come, unless nobody is looking.

import { ask } from './api.js';
import { byId } from './dom.js';
import { answered, failed, show } from './status.js';

/** How often, in milliseconds. */
const EVERY = 5000;

/**
 * Calls `renew` whenever the newest prediction is another one, or the log answers again.
 * @param {() => void} renew
 * @param {() => void} tick is called every time
 */
export function startLive(renew, tick) {
  const button = byId('live');
  /** @type {string | null | undefined} */
  let known;
  let on = true;
  let failing = false;
  let timer = 0;

  const look = async () => {
    clearTimeout(timer);
    if (!on || document.hidden) return;
    try {
      const { newest } = await ask('api/newest');
      answered('api/newest');
      if (failing || (known !== undefined && newest !== known)) renew();
      known = newest;
      failing = false;
      tick();
    } catch (error) {
      // The first failure makes the figures say how old they are.
      if (!failing) renew();
      failing = true;
      failed('api/newest', error);
    }
    show();
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), EVERY);
  };

  button.addEventListener('click', () => {
    on = !on;
    button.setAttribute('aria-pressed', String(on));
    void look();
  });
  document.addEventListener('visibilitychange', () => void look());
  void look();
}
