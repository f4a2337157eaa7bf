// What stands beside the points: the legend, and where the model or its data changed.

import { colours } from '../theme.js';

/**
 * What the legend shows of something that is drawn as a path.
 * @param {string} name
 * @param {object} look
 */
export function key(name, look) {
  return { type: 'scatter', name, x: [null], y: [null], hoverinfo: 'skip', ...look };
}

/** Where the model or its data changed. @param {import('../../types').Series} series */
export function markers(series) {
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
