// How good the predictions were, once true values are known.

import { Chart, csv, axisOf } from './chart.js';
import { fill, h } from './dom.js';
import { count, number, percent } from './format.js';
import { colours } from './theme.js';

/** @typedef {import('../types').Outcomes} Outcomes */

const EXAMPLE = `curl -X POST http://127.0.0.1:8000/v1/feedback -H 'Content-Type: application/json' \\
  -d '{"id": "THE ID OF THE PREDICTION", "actual": 24.0}'`;

export class OutcomeCharts {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.cards = h('div', { class: 'cards' });
    this.groups = h('div', { class: 'panel' });
    this.errors = new Chart('rolling-error', 'Error over time');
    this.coverage = new Chart('coverage', 'Coverage of the intervals over time');
    this.errors.linked = [this.coverage];
    this.coverage.linked = [this.errors];
    this.known = h('div', { class: 'stack' }, this.cards, this.errors.root, this.coverage.root, this.groups);
    this.hint = h('div', { class: 'empty', id: 'no-outcomes' });
    fill(root, this.hint, this.known);
  }

  /**
   * @param {Outcomes} outcomes
   * @param {string} view
   */
  async show(outcomes, view) {
    this.hint.hidden = outcomes.actuals > 0;
    this.known.hidden = outcomes.actuals === 0;
    if (outcomes.actuals === 0) {
      fill(
        this.hint,
        h('h2', null, 'No true values yet'),
        h('p', null, `None of the ${count(outcomes.total)} predictions of the selection has one. Send each as soon as it is known; the id is in the answer to the prediction:`),
        h('pre', null, EXAMPLE),
        h('p', { class: 'muted' }, 'Then this view shows the error over time, whether the intervals hold as many true values as they promise, and how much worse uncertain predictions are.'),
      );
      return;
    }
    this.showCards(outcomes);
    this.showGroups(outcomes);
    const of = outcomes.rolling_rows === null ? 'of each bucket' : `of ${count(outcomes.rolling_rows)} outcomes in a row`;
    const few = outcomes.rolling.length === 0 ? `needs ${count(outcomes.rolling_rows)} outcomes, there are ${count(outcomes.actuals)}` : of;
    this.errors.subtitle.textContent = few;
    this.coverage.subtitle.textContent = outcomes.rolling.length === 0 ? few : `${of}, with the limits of the true share at 95 %`;
    await Promise.all([this.errors.show(() => errors(outcomes), view), this.coverage.show(() => coverage(outcomes), view)]);
  }

  /** @param {Outcomes} outcomes */
  showCards({ coverage, all, actuals, total }) {
    const promised = coverage?.nominal ?? null;
    const broken = coverage && promised !== null && coverage.high < promised;
    const card = (/** @type {string} */ id, /** @type {string} */ title, /** @type {string} */ figure, /** @type {string} */ below, /** @type {string} */ tone = 'muted') =>
      h('div', { class: 'card', 'data-card': id }, h('h2', null, title), h('p', { class: 'figure' }, figure), h('p', { class: `change ${tone}` }, below));
    const within = coverage ? `${percent(coverage.low)} to ${percent(coverage.high)}` : '';
    const promise = promised === null ? '' : broken ? `, promised ${percent(promised)}: not kept` : `, promised ${percent(promised)}`;
    fill(
      this.cards,
      card('coverage', 'True values within the limits', percent(coverage?.value), `${within}${promise}`, broken ? 'bad' : 'muted'),
      card('rmse', 'RMSE', number(all.rmse), 'root mean squared error'),
      card('mae', 'MAE', number(all.mae), 'mean absolute error'),
      card('actuals', 'True values', count(actuals), `of ${count(total)} predictions`),
    );
  }

  /** @param {Outcomes} outcomes */
  showGroups({ all, certain, uncertain }) {
    const line = (/** @type {string} */ name, /** @type {import('../types').Errors} */ it) =>
      h('tr', null, h('th', { scope: 'row' }, name), [count(it.count), number(it.rmse), number(it.mae)].map((figure) => h('td', { class: 'number' }, figure)));
    fill(
      this.groups,
      h('h2', null, 'Certain against uncertain'),
      certain.mae && uncertain.mae ? h('p', null, `Uncertain predictions are wrong by ${number(uncertain.mae / certain.mae)} times as much as certain ones.`) : null,
      h('div', { class: 'scroll' }, h('table', null,
        h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Predictions'), ['True values', 'RMSE', 'MAE'].map((name) => h('th', { scope: 'col', class: 'number' }, name)))),
        h('tbody', null, line('certain', certain), line('uncertain', uncertain), line('all', all)))),
    );
  }
}

/** @param {Outcomes} outcomes */
function errors({ rolling }) {
  const { series } = colours();
  const x = rolling.map(at);
  const line = (/** @type {string} */ name, /** @type {(number | null)[]} */ y, /** @type {number} */ index) => ({
    type: 'scatter', mode: rolling.length > 60 ? 'lines' : 'lines+markers', name, x, y, line: { color: series[index], width: 2 }, hovertemplate: `${name} %{y:.6~g}<extra></extra>`,
  });
  return {
    traces: [line('RMSE', rolling.map((it) => it.rmse), 0), line('MAE', rolling.map((it) => it.mae), 1)],
    layout: { hovermode: 'x unified', showlegend: true, yaxis: { rangemode: 'tozero' }, xaxis: axisOf(x) },
    csv: () => figures(rolling),
  };
}

/** @param {Outcomes} outcomes */
function coverage({ rolling, coverage }) {
  const { series, bands, threshold } = colours();
  const least = Math.min(...rolling.map((it) => it.low ?? 1), 1);
  const x = rolling.map(at);
  const common = { type: 'scatter', x, line: { width: 0, color: series[0] } };
  const promised = coverage?.nominal ?? null;
  const shapes = promised === null ? [] : [{ type: 'line', xref: 'paper', x0: 0, x1: 1, y0: promised, y1: promised, line: { color: threshold, width: 2, dash: 'dash' } }];
  const annotations = promised === null ? [] : [{ xref: 'paper', x: 1, xanchor: 'right', yref: 'paper', y: 1.01, yanchor: 'bottom', showarrow: false, text: `╌ promised ${percent(promised)}`, font: { color: threshold } }];
  return {
    traces: [
      { ...common, mode: 'lines', y: rolling.map((it) => it.low), showlegend: false, hovertemplate: 'at least %{y:.1%}<extra></extra>' },
      { ...common, mode: 'lines', name: '95 % limits', y: rolling.map((it) => it.high), fill: 'tonexty', fillcolor: bands[0], hovertemplate: 'at most %{y:.1%}<extra></extra>' },
      { ...common, mode: rolling.length > 60 ? 'lines' : 'lines+markers', name: 'coverage', y: rolling.map((it) => it.coverage), line: { width: 2, color: series[0] }, hovertemplate: 'coverage %{y:.1%}<extra></extra>' },
    ],
    layout: { hovermode: 'x unified', showlegend: true, shapes, annotations, yaxis: { tickformat: '.0%', range: [Math.max(0, least - 0.1), 1.04] }, xaxis: axisOf(x) },
    csv: () => figures(rolling),
  };
}

/** A figure of outcomes in a row stands where the last of them was predicted. @param {import('../types').Rolled} it */
function at(it) {
  return it.end ?? it.start;
}

/** @param {import('../types').Rolled[]} rolling */
function figures(rolling) {
  const header = ['start', 'end', 'count', 'rmse', 'mae', 'coverage', 'coverage_low', 'coverage_high'];
  return csv(header, rolling.map((it) => [it.start, it.end, it.count, it.rmse, it.mae, it.coverage, it.low, it.high]));
}
