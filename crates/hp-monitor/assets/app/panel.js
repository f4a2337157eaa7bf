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
    this.asked = '';
    /** What the answer that is shown was asked with. @type {string | null} */
    this.shown = null;
    this.shownAt = 0;
  }

  /** Asks and shows, unless what is shown answers the same question. */
  async open() {
    const question = this.question();
    if (this.shown !== question) {
      await this.refresh();
      return;
    }
    // The answer to another one must not come after all.
    if (this.asked !== question) this.asking?.abort();
    this.root.classList.remove('outdated');
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
    this.asked = question;
    const changed = this.shown !== question;
    if (changed) this.root.setAttribute('aria-busy', 'true');
    try {
      const answer = await ask(this.how.path, this.how.query(now), asking.signal);
      if (asking.signal.aborted) return;
      await this.how.show(answer, now);
      this.root.classList.remove('outdated');
      this.shown = question;
      this.shownAt = Date.now();
      answered(this.how.path, answer.freshness);
    } catch (error) {
      if (asking.signal.aborted) return;
      // What is still shown answers another question.
      this.root.classList.toggle('outdated', changed && this.shown !== null);
      failed(this.how.path, error);
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
