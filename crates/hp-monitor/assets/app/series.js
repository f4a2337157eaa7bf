// The charts of the overview: interval widths against the threshold, and predictions within their
// limits.

import { Chart, csv, roomForOne } from './chart.js';
import { selectedThreshold } from './controls.js';
import { fill, h } from './dom.js';
import { count, number } from './format.js';
import { change } from './state.js';
import { colours } from './theme.js';

/** @typedef {import('../types').Series} Series */
/** @typedef {import('../types').Point} Point */
/** @typedef {import('../types').BucketPoint} BucketPoint */

const LENGTHS = { hour: 3600e3, day: 24 * 3600e3, week: 7 * 24 * 3600e3 };
const FINER = { hour: '', day: 'hour', week: 'day' };
/** A line is not drawn over so many buckets without a prediction. */
const GAP = 3;
/** Of more points the true values are drawn only when they are asked for. */
const MANY = 300;

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

/** @param {Series} series */
function widths(series) {
  const threshold = selectedThreshold();
  const { threshold: red, series: [blue], surface } = colours();
  const line = {
    type: 'line', xref: 'paper', x0: 0, x1: 1, y0: threshold, y1: threshold, line: { color: red, width: 2 },
  };
  const label = {
    xref: 'paper', x: 1, xanchor: 'right', y: threshold, yanchor: 'bottom', text: `threshold ${number(threshold)}`,
    showarrow: false, font: { color: red, size: 12 }, bgcolor: surface, opacity: 0.9,
  };
  const marks = markers(series);
  const layout = {
    shapes: [line, ...marks.shapes],
    annotations: [label, ...marks.annotations],
    showlegend: (series.buckets && versions(series.buckets).length > 1) ?? false,
    hovermode: series.buckets ? 'x unified' : 'closest',
    yaxis: { range: [0, top(series, threshold)] },
    xaxis: roomForOne(times(series)),
  };
  const traces = series.buckets
    ? lines(series).map(({ version, points, colour }) => ({
        type: 'scatter', mode: 'lines+markers', name: version, x: points.map((it) => it.start),
        y: points.map((it) => it.mean_width), customdata: points.map(bucketData),
        line: { color: colour }, marker: { size: 5, color: points.map((it) => ((it.mean_width ?? 0) > threshold ? red : colour)) },
        hovertemplate: 'mean width <b>%{y:.6~g}</b><br>%{customdata.over} of %{customdata.count} over the threshold<extra></extra>',
      }))
    : [{
        type: 'scatter', mode: 'markers', name: 'width', x: times(series), y: (series.points ?? []).map((it) => it.width),
        customdata: (series.points ?? []).map(pointData),
        marker: { size: 5, opacity: 0.85, color: (series.points ?? []).map((it) => ((it.width ?? 0) > threshold ? red : blue)) },
        hovertemplate: `%{x}<br>width <b>%{y}</b><br>%{customdata.limits}<br>%{customdata.version} · %{customdata.source}<extra></extra>`,
      }];
  return { traces, layout, csv: () => figures(series) };
}

/** @param {Series} series */
function predictions(series) {
  const marks = markers(series);
  const layout = {
    ...marks,
    showlegend: true,
    hovermode: series.buckets ? 'x unified' : 'closest',
    xaxis: roomForOne(times(series)),
  };
  const traces = series.buckets ? bands(series) : dots(series.points ?? []);
  return { traces, layout, csv: () => figures(series) };
}

/** Each prediction as a dot on the line between its limits. @param {Point[]} points */
function dots(points) {
  const { series: [blue], limits, uncertain, actual } = colours();
  const certain = points.filter((it) => !it.uncertain);
  const doubtful = points.filter((it) => it.uncertain);
  const known = points.filter((it) => it.actual !== null);
  const template = '%{x}<br>prediction <b>%{y}</b><br>%{customdata.limits}<br>width %{customdata.width}<br>%{customdata.version} · %{customdata.source}';
  const dot = (/** @type {Point[]} */ some, /** @type {string} */ name, /** @type {object} */ marker, /** @type {string} */ extra) => ({
    type: 'scatter', mode: 'markers', name, x: some.map((it) => it.time), y: some.map((it) => it.prediction),
    customdata: some.map(pointData), marker, hovertemplate: `${template}${extra}<extra></extra>`,
  });
  const traces = [
    {
      type: 'scatter', mode: 'lines', name: 'limits', hoverinfo: 'skip', connectgaps: false,
      x: points.flatMap((it) => [it.time, it.time, null]), y: points.flatMap((it) => [it.lower, it.upper, null]),
      line: { color: limits, width: points.length > 1000 ? 1 : points.length > 200 ? 2 : 4 },
    },
    dot(certain, 'prediction', { size: 5, color: blue }, ''),
    dot(doubtful, 'uncertain', { size: 9, symbol: 'diamond', color: uncertain }, '<br><b>uncertain</b>: outside its limits'),
  ];
  if (known.length === 0) return traces;
  const truth = {
    ...dot(known, 'true value', { size: 6, symbol: 'circle-open', color: actual, line: { width: 1.5 } }, ''),
    // Many would hide the predictions; a click on their name shows them.
    visible: points.length > MANY ? 'legendonly' : true,
    y: known.map((it) => it.actual),
    hovertemplate: '%{x}<br>true value <b>%{y}</b><br>prediction %{customdata.prediction}<br>%{customdata.limits}<extra></extra>',
  };
  return [...traces, truth];
}

/** Mean predictions in the band of their mean limits. @param {Series} series */
function bands(series) {
  const { uncertain } = colours();
  const all = lines(series);
  const several = all.length > 1;
  return all.flatMap(({ version, points, colour, band }, index) => {
    const edge = { color: colour, width: 1, dash: 'dot' };
    const common = { type: 'scatter', x: points.map((it) => it.start), customdata: points.map(bucketData) };
    const of = several ? ` ${version}` : '';
    const line = (/** @type {string} */ name, /** @type {(number | null)[]} */ y, /** @type {object} */ more) => ({
      ...common, mode: 'lines', name: several ? version : name, y, line: edge, showlegend: !several,
      hovertemplate: `${name}${of} <b>%{y:.6~g}</b><extra></extra>`, ...more,
    });
    return [
      line('lower limit', points.map((it) => it.mean_lower), { showlegend: false }),
      line('upper limit', points.map((it) => it.mean_upper), { name: 'limits', fill: 'tonexty', fillcolor: band }),
      line('mean prediction', points.map((it) => it.mean_prediction), { mode: 'lines+markers', line: { color: colour, width: 2 }, marker: { size: 5 }, showlegend: true }),
      {
        ...common, mode: 'markers', name: 'uncertain among them', legendgroup: 'uncertain', showlegend: index === 0,
        y: points.map((it) => (it.uncertain > 0 ? it.mean_prediction : null)),
        marker: { symbol: 'diamond', color: uncertain, size: points.map((it) => 4 + 14 * Math.sqrt(it.uncertain / Math.max(it.count, 1))) },
        hovertemplate: '%{customdata.uncertain} of %{customdata.count} uncertain<extra></extra>',
      },
    ];
  });
}

/** The buckets of each version as a line. @param {Series} series */
function lines(series) {
  const { series: strokes, bands: fills } = colours();
  const buckets = series.buckets ?? [];
  const length = series.bucket === 'none' ? 0 : LENGTHS[series.bucket];
  return versions(buckets).map((version, index) => ({
    version,
    points: withGaps(buckets.filter((it) => it.version === version), length),
    colour: strokes[index % strokes.length] ?? '',
    band: fills[index % fills.length] ?? '',
  }));
}

/**
 * A bucket without figures wherever nothing was predicted for long.
 * @param {BucketPoint[]} points
 * @param {number} length
 */
function withGaps(points, length) {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const apart = before ? Date.parse(point.start) - Date.parse(before.start) : 0;
    if (!before || apart <= GAP * length) return [point];
    const start = new Date(Date.parse(before.start) + length).toISOString();
    const nothing = { mean_width: null, mean_lower: null, mean_prediction: null, mean_upper: null };
    return [{ ...point, ...nothing, start, count: 0, uncertain: 0, over_threshold: 0 }, point];
  });
}

/** @param {BucketPoint[]} buckets */
function versions(buckets) {
  return [...new Set(buckets.map((it) => it.version))];
}

/** Where the model or its data changed. @param {Series} series */
function markers(series) {
  const { muted, series: strokes } = colours();
  const colour = (/** @type {string} */ kind) => (kind === 'model' ? strokes[1] ?? muted : muted);
  const shapes = series.markers.map(({ time, kind }) => ({
    type: 'line', yref: 'paper', y0: 0, y1: 1, x0: time, x1: time, line: { color: colour(kind), width: 1.5, dash: 'dash' },
  }));
  const annotations = series.markers.map(({ time, kind, label }) => ({
    x: time, yref: 'paper', y: kind === 'model' ? 1 : 0.9, yanchor: 'top', xanchor: 'left', showarrow: false,
    text: kind === 'model' ? label : `data ${label}`, font: { color: colour(kind), size: 11 },
  }));
  return { shapes, annotations };
}

/** @param {Series} series */
function times(series) {
  return (series.points ?? []).map((it) => it.time).concat((series.buckets ?? []).map((it) => it.start));
}

/**
 * The top of the widths, so that the threshold is always seen.
 * @param {Series} series
 * @param {number} threshold
 */
function top(series, threshold) {
  let most = threshold;
  for (const { width } of series.points ?? []) most = Math.max(most, width ?? 0);
  for (const { mean_width } of series.buckets ?? []) most = Math.max(most, mean_width ?? 0);
  return most > 0 ? most * 1.12 : 1;
}

/** @param {Point} it */
function pointData(it) {
  const { id, version, source, width, prediction } = it;
  return { id, version, source, width: number(width), prediction: number(prediction), limits: `limits ${number(it.lower)} – ${number(it.upper)}` };
}

/** @param {BucketPoint} it */
function bucketData(it) {
  return { start: it.start, count: count(it.count), over: count(it.over_threshold), uncertain: count(it.uncertain) };
}

/** What is drawn, as CSV. @param {Series} series */
function figures(series) {
  if (series.buckets) {
    const header = ['start', 'model_version', 'count', 'uncertain', 'over_threshold', 'mean_width', 'mean_lower', 'mean_prediction', 'mean_upper'];
    return csv(header, series.buckets.map((it) => [it.start, it.version, it.count, it.uncertain, it.over_threshold, it.mean_width, it.mean_lower, it.mean_prediction, it.mean_upper]));
  }
  const header = ['id', 'time', 'lower', 'prediction', 'upper', 'interval_width', 'is_uncertain', 'model_version', 'source', 'actual'];
  return csv(header, (series.points ?? []).map((it) => [it.id, it.time, it.lower, it.prediction, it.upper, it.width, it.uncertain, it.version, it.source, it.actual]));
}
