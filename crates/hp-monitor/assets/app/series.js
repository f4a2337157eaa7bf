// The charts of the overview: interval widths against the threshold, and predictions within their
// limits.

import { Chart } from './chart.js';
import { fill, h } from './dom.js';
import { count } from './format.js';
import { LENGTHS } from './series/buckets.js';
import { predictions, widths } from './series/drawings.js';
import { change } from './state.js';

/** @typedef {import('../types').Series} Series */

/** What a bucket is looked at in, when it is opened. */
const FINER = { hour: '', day: 'hour', week: 'day' };

export class SeriesCharts {
  /**
   * @param {HTMLElement} root
   * @param {(id: string) => void} open
   */
  constructor(root, open) {
    this.widths = new Chart('interval-width', 'Interval width over time');
    this.predictions = new Chart('prediction', 'Prediction with its limits over time');
    this.widths.linked = [this.predictions];
    this.predictions.linked = [this.widths];
    this.note = h('p', { class: 'note', hidden: true });
    /** @type {Series | null} */
    this.series = null;
    for (const chart of [this.widths, this.predictions]) {
      chart.onPoint = (what) => (what.id ? open(what.id) : this.narrow(what.start));
    }
    fill(root, this.note, this.widths.root, this.predictions.root);
  }

  /**
   * @param {Series} series
   * @param {string} view what was selected
   */
  async show(series, view) {
    this.series = series;
    this.say(series);
    await Promise.all([
      this.widths.show(() => widths(series), view),
      this.predictions.show(() => predictions(series), view),
    ]);
  }

  /** Draws the threshold where it is selected now. */
  repaint() {
    if (this.series) void this.widths.paint();
  }

  /** @param {Series} series */
  say(series) {
    this.note.hidden = series.shown >= series.total;
    if (this.note.hidden) return;
    const aggregate = h('button', { type: 'button', click: () => change({ bucket: 'hour' }) }, 'Aggregate hourly');
    fill(this.note, `The newest ${count(series.shown)} of ${count(series.total)} predictions are drawn. `, aggregate);
  }

  /**
   * Selects the predictions of one bucket, in finer steps.
   * @param {string} start
   */
  narrow(start) {
    const bucket = this.series?.bucket;
    if (!bucket || bucket === 'none') return;
    const to = new Date(Date.parse(start) + LENGTHS[bucket]).toISOString();
    change({ range: '', from: start, to, bucket: FINER[bucket] });
  }
}
