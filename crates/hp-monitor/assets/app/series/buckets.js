// The predictions of each hour, day or week as a line for each version.

import { count } from '../format.js';
import { colours } from '../theme.js';
import { key } from './legend.js';
import { around } from './paths.js';

/** @typedef {import('../../types').Series} Series */
/** @typedef {import('../../types').BucketPoint} BucketPoint */

/** The length of a bucket, in milliseconds. */
export const LENGTHS = { hour: 3600e3, day: 24 * 3600e3, week: 7 * 24 * 3600e3 };
/** A line is not drawn over so many buckets without a prediction. */
const GAP = 3;
/** Of more buckets only those are marked that have this many times the usual share of uncertain predictions. */
const UNUSUAL = 2;
const MANY_BUCKETS = 500;

/** Mean widths; those over the threshold in its colour. @param {Series} series @param {number} threshold */
export function meanWidths(series, threshold) {
  const { threshold: red } = colours();
  const all = lines(series);
  const traces = all.map(({ version, points, colour }) => ({
    type: 'scatter', showlegend: all.length > 1, mode: mode(points), name: version, x: points.map((it) => it.start), y: points.map((it) => it.mean_width), customdata: points.map(bucketData),
    line: { color: colour }, marker: { size: 5, color: points.map((it) => ((it.mean_width ?? 0) > threshold ? red : colour)) },
    hovertemplate: 'mean width %{y:.6~g}<br>%{customdata.over} of %{customdata.count} over the threshold<extra></extra>',
  }));
  return { traces, shapes: [] };
}

/** Mean predictions in the band of their mean limits. @param {Series} series */
export function bands(series) {
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
      hovertemplate: `${name}${of} %{y:.6~g}<extra></extra>`, ...more,
    });
    return [
      ...(several ? [] : [key('limits', { mode: 'lines', line: { color: band, width: 10 } })]),
      line('lower limit', points.map((it) => it.mean_lower), { showlegend: false }),
      line('upper limit', points.map((it) => it.mean_upper), { showlegend: false }),
      line('mean prediction', points.map((it) => it.mean_prediction), { mode: mode(points), line: { color: colour, width: 2 }, marker: { size: 5 }, showlegend: true }),
      {
        ...common, mode: 'markers', name: marked.name, legendgroup: 'uncertain', showlegend: index === 0 && points.some(marked.holds),
        y: points.map((it) => (marked.holds(it) ? it.mean_prediction : null)),
        marker: { symbol: 'diamond', color: uncertain, size: points.map((it) => 4 + 9 * Math.sqrt(it.uncertain / Math.max(it.count, 1))) },
        hovertemplate: '%{customdata.uncertain} of %{customdata.count} uncertain<extra></extra>',
      },
    ];
  });
  const shapes = all.map(({ points, band }) => ({ type: 'path', path: around(points), layer: 'below', fillcolor: band, line: { width: 0 } }));
  return { traces, shapes, yaxis: {} };
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

/** The versions that predicted, in the order of their first bucket. @param {BucketPoint[]} buckets */
function versions(buckets) {
  return [...new Set(buckets.map((it) => it.version))];
}

/** Many lines hide behind their own dots. @param {BucketPoint[]} points */
function mode(points) {
  return points.length > MANY_BUCKETS ? 'lines' : 'lines+markers';
}

/** @param {BucketPoint} it */
function bucketData(it) {
  return { start: it.start, count: count(it.count), over: count(it.over_threshold), uncertain: count(it.uncertain) };
}
