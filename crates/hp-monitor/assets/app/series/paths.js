// Many points as one path: an element for each would take a browser seconds.

/** A path of nothing. */
const NOWHERE = 'M0,0';

/** @typedef {[string, number | null, number | null]} Stroke a time, and from where to where */

/**
 * Upright strokes as one path.
 * @param {Stroke[]} ends
 * @param {{ color: string, width: number }} line
 */
export function strokes(ends, line) {
  const drawn = ends.filter(([, from, to]) => from !== null && to !== null);
  const path = drawn.map(([time, from, to]) => {
    const x = inPath(time);
    return `M${x},${from}L${x},${to}`;
  });
  return { type: 'path', path: path.join('') || NOWHERE, xref: 'x', yref: 'y', layer: 'below', line };
}

/**
 * The outline of the limits, one for each run of buckets without a gap.
 * @param {import('../../types').BucketPoint[]} points
 */
export function around(points) {
  let outline = '';
  /** @type {import('../../types').BucketPoint[]} */
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
