// A part of the page that is made from one answer of the API.

import { ask } from './api.js';
import { answered, failed } from './status.js';
import { state } from './state.js';

/** @typedef {import('./state.js').State} State */

/** @template T */
export class Panel {
  /**
   * @param {HTMLElement} root
   * @param {{ path: string, query: (state: State) => URLSearchParams,
   *   show: (answer: T, state: State) => void | Promise<void> }} how
   */
  constructor(root, how) {
    this.root = root;
    this.how = how;
    /** @type {AbortController | null} */
    this.asking = null;
    /** What the answer that is shown was asked with. @type {string | null} */
    this.shown = null;
    this.shownAt = 0;
  }

  /** Asks and shows, unless what is shown answers the same question. */
  async open() {
    if (this.shown !== this.question()) await this.refresh();
  }

  /** Asks again because something new has come, unless it did so a moment ago. */
  async renew(atMostEvery = 0) {
    if (this.asking || Date.now() - this.shownAt < atMostEvery) return;
    await this.refresh();
  }

  /** Asks and shows; what was asked before does not matter any more. */
  async refresh() {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const now = state();
    const question = this.question();
    const changed = this.shown !== question;
    if (changed) this.root.setAttribute('aria-busy', 'true');
    try {
      const answer = await ask(this.how.path, this.how.query(now), asking.signal);
      if (asking.signal.aborted) return;
      await this.how.show(answer, now);
      this.shown = question;
      this.shownAt = Date.now();
      answered(this.how.path, answer.freshness);
    } catch (error) {
      if (!asking.signal.aborted) failed(this.how.path, error);
    } finally {
      if (this.asking === asking) {
        this.asking = null;
        this.root.removeAttribute('aria-busy');
      }
    }
  }

  question() {
    return this.how.query(state()).toString();
  }
}
