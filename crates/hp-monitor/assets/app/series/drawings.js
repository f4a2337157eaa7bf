// The two drawings of a series, and its figures as CSV.

import { csv, axisOf } from '../chart.js';
import { selectedThreshold } from '../controls.js';
import { number } from '../format.js';
import { colours } from '../theme.js';
import { bands, meanWidths } from './buckets.js';
import { key, markers } from './legend.js';
import { dots, widthDots } from './points.js';

/** @typedef {import('../../types').Series} Series */

/** Interval widths against the threshold that is selected, as soon as it is known. @param {Series} series */
export function widths(series) {
  const threshold = selectedThreshold();
  const { threshold: red } = colours();
  const [least, most] = reach(series, threshold);
  const stroke = { color: red, width: 2 };
  const line = { type: 'line', xref: 'paper', x0: 0, x1: 1, y0: threshold, y1: threshold, line: stroke };
  const name = key(`threshold ${number(threshold)}`, { mode: 'lines', line: stroke });
  const known = threshold !== null;
  const marks = markers(series);
  const { traces, shapes } = series.buckets ? meanWidths(series, threshold ?? Infinity) : widthDots(series.points ?? [], threshold ?? Infinity, most - least);
  const layout = {
    shapes: [...shapes, ...(known ? [line] : []), ...marks.shapes],
    annotations: marks.annotations,
    showlegend: true,
    hovermode: series.buckets ? 'x unified' : 'closest',
    yaxis: { range: [least, most] },
    xaxis: axisOf(times(series)),
  };
  return { traces: [...traces, ...(known ? [name] : [])], layout, csv: () => figures(series) };
}

/** Predictions within their limits. @param {Series} series */
export function predictions(series) {
  const marks = markers(series);
  const { traces, shapes, yaxis } = series.buckets ? bands(series) : dots(series.points ?? []);
  const layout = {
    shapes: [...shapes, ...marks.shapes],
    annotations: marks.annotations,
    showlegend: true,
    hovermode: series.buckets ? 'x unified' : 'closest',
    xaxis: axisOf(times(series)),
    yaxis,
  };
  return { traces, layout, csv: () => figures(series) };
}

/** @param {Series} series */
function times(series) {
  return (series.points ?? []).map((it) => it.time).concat((series.buckets ?? []).map((it) => it.start));
}

/**
 * From the least to the largest width that is drawn. The threshold is always seen; a width is below 0 only where the lower
 * limit came out above the upper one.
 * @param {Series} series
 * @param {number | null} threshold
 * @returns {[number, number]}
 */
function reach(series, threshold) {
  let [least, most] = [0, threshold ?? 0];
  const drawn = [...(series.points ?? []).map((it) => it.width), ...(series.buckets ?? []).map((it) => it.mean_width)];
  for (const width of drawn) {
    least = Math.min(least, width ?? 0);
    most = Math.max(most, width ?? 0);
  }
  const room = (most - least || 1) * 0.12;
  return [least < 0 ? least - room / 2 : 0, most + room];
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
