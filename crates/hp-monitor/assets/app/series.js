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
/** More points are drawn as one path: an element for each would take seconds. */
const ELEMENTS = 1500;
/** Of more buckets only those are marked that have this many times the usual share of uncertain predictions. */
const UNUSUAL = 2;
const MANY_BUCKETS = 500;
/** A path of nothing. */
const NOWHERE = 'M0,0';

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
  const { threshold: red, series: [blue = ''] } = colours();
  const line = {
    type: 'line', xref: 'paper', x0: 0, x1: 1, y0: threshold, y1: threshold, line: { color: red, width: 2 },
  };
  const label = {
    xref: 'paper', x: 1, xanchor: 'right', yref: 'paper', y: 1.01, yanchor: 'bottom', text: `━ threshold ${number(threshold)}`,
    showarrow: false, font: { color: red, size: 12 },
  };
  const marks = markers(series);
  const all = series.points ?? [];
  const clouds = [false, true].map((over) =>
    cloud(all.filter((it) => (it.width ?? 0) > threshold === over), {
      name: over ? 'over the threshold' : 'width', y: (it) => it.width, colour: over ? red : blue, height: top(series, threshold),
      template: '%{x}<br>width <b>%{customdata.width}</b><br>%{customdata.limits}<br>%{customdata.version} · %{customdata.source}',
    }),
  );
  const layout = {
    shapes: [...clouds.flatMap(({ strokes }) => strokes), line, ...marks.shapes],
    annotations: [label, ...marks.annotations],
    showlegend: (series.buckets && versions(series.buckets).length > 1) ?? false,
    hovermode: series.buckets ? 'x unified' : 'closest',
    yaxis: { range: [0, top(series, threshold)] },
    xaxis: roomForOne(times(series)),
  };
  const traces = series.buckets
    ? lines(series).map(({ version, points, colour }) => ({
        type: 'scatter', mode: points.length > MANY_BUCKETS ? 'lines' : 'lines+markers', name: version, x: points.map((it) => it.start),
        y: points.map((it) => it.mean_width), customdata: points.map(bucketData),
        line: { color: colour }, marker: { size: 5, color: points.map((it) => ((it.mean_width ?? 0) > threshold ? red : colour)) },
        hovertemplate: 'mean width <b>%{y:.6~g}</b><br>%{customdata.over} of %{customdata.count} over the threshold<extra></extra>',
      }))
    : clouds.map(({ trace }) => trace);
  return { traces, layout, csv: () => figures(series) };
}

/** @param {Series} series */
function predictions(series) {
  const marks = markers(series);
  const { traces, shapes, yaxis } = series.buckets ? bands(series) : dots(series.points ?? []);
  const layout = {
    shapes: [...shapes, ...marks.shapes],
    annotations: marks.annotations,
    showlegend: true,
    hovermode: series.buckets ? 'x unified' : 'closest',
    xaxis: roomForOne(times(series)),
    yaxis,
  };
  return { traces, layout, csv: () => figures(series) };
}

/** Each prediction as a dot on the line between its limits. @param {Point[]} points */
function dots(points) {
  const { series: [blue = ''], limits, uncertain, actual } = colours();
  const [least, most] = reach(points);
  const template = '%{x}<br>prediction <b>%{customdata.prediction}</b><br>%{customdata.limits}<br>width %{customdata.width}<br>%{customdata.version} · %{customdata.source}';
  const common = { y: (/** @type {Point} */ it) => it.prediction, height: most - least };
  const certain = cloud(points.filter((it) => !it.uncertain), { ...common, name: 'prediction', colour: blue, template });
  const doubtful = cloud(points.filter((it) => it.uncertain), {
    ...common, name: 'uncertain', colour: uncertain, marker: { size: 9, symbol: 'diamond' }, template: `${template}<br><b>uncertain</b>: outside its limits`,
  });
  const between = strokes(points.map((it) => [it.time, it.lower, it.upper]), { color: limits, width: points.length > 1000 ? 1 : points.length > 200 ? 2 : 4 });
  const known = points.filter((it) => it.actual !== null);
  const truth = {
    type: 'scatter', mode: 'markers', name: 'true value', x: known.map((it) => it.time), y: known.map((it) => it.actual), customdata: known.map(pointData),
    marker: { size: 6, symbol: 'circle-open', color: actual, line: { width: 1.5 } },
    // Many would hide the predictions; a click on their name shows them.
    visible: points.length > MANY ? 'legendonly' : true,
    hovertemplate: '%{x}<br>true value <b>%{y}</b><br>prediction %{customdata.prediction}<br>%{customdata.limits}<extra></extra>',
  };
  const room = (most - least || 1) * 0.05;
  return {
    traces: [
      key('limits', { mode: 'lines', line: { color: limits, width: 4 } }),
      ...[certain, doubtful].flatMap((it) => [it.trace, ...(it.key ? [it.key] : [])]),
      ...(known.length > 0 ? [truth] : []),
    ],
    shapes: [between, ...certain.strokes, ...doubtful.strokes],
    yaxis: { range: [least - room, most + room] },
  };
}

/**
 * Points of one colour: few as elements, many as one path above a line that is not seen but answers the pointer.
 * @param {Point[]} points
 * @param {{ name: string, y: (point: Point) => number | null, colour: string, height: number, template: string,
 *   marker?: object }} how `height` is that of the chart in units of the data
 */
function cloud(points, { name, y, colour, height, template, marker }) {
  const common = {
    type: 'scatter', name, x: points.map((it) => it.time), y: points.map(y), customdata: points.map(pointData), hovertemplate: `${template}<extra></extra>`,
  };
  const look = { size: 5, opacity: 0.85, color: colour, ...marker };
  if (points.length <= ELEMENTS) {
    return { trace: { ...common, mode: 'markers', marker: look }, strokes: [] };
  }
  const half = height * 0.007;
  const ends = points.map((it) => {
    const value = y(it);
    return /** @type {Stroke} */ ([it.time, value === null ? null : value - half, value === null ? null : value + half]);
  });
  const hidden = { ...common, mode: 'lines', line: { width: 0, color: colour }, showlegend: false };
  return { trace: hidden, strokes: [strokes(ends, { color: colour, width: 4 })], key: key(name, { mode: 'markers', marker: look }) };
}

/** @typedef {[string, number | null, number | null]} Stroke a time, and from where to where */

/**
 * Upright strokes as one path.
 * @param {Stroke[]} ends
 * @param {{ color: string, width: number }} line
 */
function strokes(ends, line) {
  const drawn = ends.filter(([, from, to]) => from !== null && to !== null);
  const path = drawn.map(([time, from, to]) => {
    const x = inPath(time);
    return `M${x},${from}L${x},${to}`;
  });
  return { type: 'path', path: path.join('') || NOWHERE, xref: 'x', yref: 'y', layer: 'below', line };
}

/**
 * What the legend shows of something that is drawn as a path.
 * @param {string} name
 * @param {object} look
 */
function key(name, look) {
  return { type: 'scatter', name, x: [null], y: [null], hoverinfo: 'skip', ...look };
}

/** From the least to the largest of what is drawn. @param {Point[]} points @returns {[number, number]} */
function reach(points) {
  let [least, most] = [Infinity, -Infinity];
  for (const { lower, prediction, upper } of points) {
    least = Math.min(least, lower ?? Infinity, prediction ?? Infinity, upper ?? Infinity);
    most = Math.max(most, lower ?? -Infinity, prediction ?? -Infinity, upper ?? -Infinity);
  }
  return least <= most ? [least, most] : [0, 1];
}

/** Which buckets have a mark, and what it means. @param {BucketPoint[]} buckets */
function worthMarking(buckets) {
  if (buckets.length <= MANY_BUCKETS) {
    return { name: 'uncertain among them', holds: (/** @type {BucketPoint} */ it) => it.uncertain > 0 };
  }
  const sum = (/** @type {'count' | 'uncertain'} */ what) => buckets.reduce((total, it) => total + it[what], 0);
  const least = (UNUSUAL * sum('uncertain')) / Math.max(sum('count'), 1);
  return { name: 'twice as uncertain as usual', holds: (/** @type {BucketPoint} */ it) => it.uncertain > 0 && it.uncertain / it.count >= least };
}

/** Mean predictions in the band of their mean limits. @param {Series} series */
function bands(series) {
  const { uncertain } = colours();
  const all = lines(series);
  const several = all.length > 1;
  const marked = worthMarking(series.buckets ?? []);
  const traces = all.flatMap(({ version, points, colour, band }, index) => {
    const edge = { color: colour, width: 1, dash: 'dot' };
    const common = { type: 'scatter', x: points.map((it) => it.start), customdata: points.map(bucketData) };
    const of = several ? ` ${version}` : '';
    const line = (/** @type {string} */ name, /** @type {(number | null)[]} */ y, /** @type {object} */ more) => ({
      ...common, mode: 'lines', name: several ? version : name, y, line: edge, showlegend: !several,
      hovertemplate: `${name}${of} <b>%{y:.6~g}</b><extra></extra>`, ...more,
    });
    return [
      ...(several ? [] : [key('limits', { mode: 'lines', line: { color: band, width: 10 } })]),
      line('lower limit', points.map((it) => it.mean_lower), { showlegend: false }),
      line('upper limit', points.map((it) => it.mean_upper), { showlegend: false }),
      line('mean prediction', points.map((it) => it.mean_prediction), { mode: points.length > MANY_BUCKETS ? 'lines' : 'lines+markers', line: { color: colour, width: 2 }, marker: { size: 5 }, showlegend: true }),
      {
        ...common, mode: 'markers', name: marked.name, legendgroup: 'uncertain', showlegend: index === 0,
        y: points.map((it) => (marked.holds(it) ? it.mean_prediction : null)),
        marker: { symbol: 'diamond', color: uncertain, size: points.map((it) => 4 + 14 * Math.sqrt(it.uncertain / Math.max(it.count, 1))) },
        hovertemplate: '%{customdata.uncertain} of %{customdata.count} uncertain<extra></extra>',
      },
    ];
  });
  const shapes = all.map(({ points, band }) => ({ type: 'path', path: around(points), layer: 'below', fillcolor: band, line: { width: 0 } }));
  return { traces, shapes, yaxis: {} };
}

/**
 * The outline of the limits, one for each run of buckets without a gap.
 * @param {BucketPoint[]} points
 */
function around(points) {
  let outline = '';
  /** @type {BucketPoint[]} */
  let run = [];
  const close = () => {
    const there = run.map((it) => `${inPath(it.start)},${it.mean_upper}`);
    const back = run.map((it) => `${inPath(it.start)},${it.mean_lower}`).reverse();
    if (run.length > 1) outline += `M${[...there, ...back].join('L')}Z`;
    run = [];
  };
  for (const point of points) {
    if (point.mean_upper === null || point.mean_lower === null) close();
    else run.push(point);
  }
  close();
  return outline || NOWHERE;
}

/** A time as it is written in the path of a shape. @param {string} time */
function inPath(time) {
  return time.slice(0, 23).replace('T', '_').replace('Z', '');
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
