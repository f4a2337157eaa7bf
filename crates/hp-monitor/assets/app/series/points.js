// Each prediction as a point.

import { number } from '../format.js';
import { colours } from '../theme.js';
import { key } from './legend.js';
import { strokes } from './paths.js';

/** @typedef {import('../../types').Point} Point */
/** @typedef {import('./paths.js').Stroke} Stroke */

/** Of more points the true values are drawn only when they are asked for. */
const MANY = 300;
/** More points are drawn as one path. */
const ELEMENTS = 1500;

/**
 * Each width as a dot; those over the threshold in its colour.
 * @param {Point[]} points
 * @param {number} threshold
 * @param {number} height of the chart in units of the widths
 */
export function widthDots(points, threshold, height) {
  const { threshold: red, series: [blue = ''] } = colours();
  const clouds = [false, true].map((over) =>
    cloud(points.filter((it) => (it.width ?? 0) > threshold === over), {
      name: over ? 'over the threshold' : 'width', y: (it) => it.width, colour: over ? red : blue, height,
      template: '%{x}<br>width %{customdata.width}<br>%{customdata.limits}<br>%{customdata.version} · %{customdata.source}',
    }),
  );
  return { traces: clouds.map(({ trace }) => ({ ...trace, showlegend: false })), shapes: clouds.flatMap(({ strokes }) => strokes) };
}

/** Each prediction as a dot on the line between its limits. @param {Point[]} points */
export function dots(points) {
  const { series: [blue = ''], limits, uncertain, actual } = colours();
  const [least, most] = reach(points);
  const template = '%{x}<br>prediction %{customdata.prediction}<br>%{customdata.limits}<br>width %{customdata.width}<br>%{customdata.version} · %{customdata.source}';
  const common = { y: (/** @type {Point} */ it) => it.prediction, height: most - least };
  const certain = cloud(points.filter((it) => !it.uncertain), { ...common, name: 'prediction', colour: blue, template });
  const doubtful = cloud(points.filter((it) => it.uncertain), {
    ...common, name: 'uncertain', colour: uncertain, marker: { size: 9, symbol: 'diamond' }, template: `${template}<br>uncertain: outside its limits`,
  });
  const between = strokes(points.map((it) => [it.time, it.lower, it.upper]), { color: limits, width: points.length > 1000 ? 1 : points.length > 200 ? 2 : 4 });
  const known = points.filter((it) => it.actual !== null);
  const truth = {
    type: 'scatter', mode: 'markers', name: 'true value', x: known.map((it) => it.time), y: known.map((it) => it.actual), customdata: known.map(pointData),
    marker: { size: 6, symbol: 'circle-open', color: actual, line: { width: 1.5 } },
    // Many would hide the predictions; a click on their name shows them.
    visible: points.length > MANY ? 'legendonly' : true,
    hovertemplate: '%{x}<br>true value %{y}<br>prediction %{customdata.prediction}<br>%{customdata.limits}<extra></extra>',
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

/** From the least to the largest of what is drawn. @param {Point[]} points @returns {[number, number]} */
function reach(points) {
  let [least, most] = [Infinity, -Infinity];
  for (const { lower, prediction, upper } of points) {
    least = Math.min(least, lower ?? Infinity, prediction ?? Infinity, upper ?? Infinity);
    most = Math.max(most, lower ?? -Infinity, prediction ?? -Infinity, upper ?? -Infinity);
  }
  return least <= most ? [least, most] : [0, 1];
}

/** @param {Point} it */
function pointData(it) {
  const { id, version, source, width, prediction } = it;
  return { id, version, source, width: number(width), prediction: number(prediction), limits: `limits ${number(it.lower)} – ${number(it.upper)}` };
}
