// Small drawings of distributions.

import { s } from './dom.js';
import { count, number, percent } from './format.js';

/** @typedef {import('../types').Bins} Bins */

const WIDTH = 300;
const HEIGHT = 110;
const FOOT = 16;
const HEAD = 14;

/**
 * Two distributions side by side.
 * @param {string} name
 * @param {Bins & { reference: number[], window: number[] }} histogram
 */
export function sideBySide(name, histogram) {
  const { reference, window } = histogram;
  const most = Math.max(...reference, ...window, 1e-9);
  const scale = (HEIGHT - FOOT - 4) / most;
  const step = WIDTH / reference.length;
  const bar = (/** @type {number} */ share, /** @type {number} */ index, /** @type {string} */ kind) => {
    const half = step * 0.44;
    const x = index * step + step * 0.06 + (kind === 'window' ? half : 0);
    return s('rect', { class: kind, x, y: HEIGHT - FOOT - share * scale, width: half, height: share * scale });
  };
  const bins = reference.map((share, index) =>
    s(
      'g',
      null,
      s('title', null, `${binName(histogram, index)}: training ${percent(share)}, window ${percent(window[index])}`),
      s('rect', { class: 'touch', x: index * step, y: 0, width: step, height: HEIGHT - FOOT }),
      bar(share, index, 'reference'),
      bar(window[index] ?? 0, index, 'window'),
    ),
  );
  return picture(`Distribution of ${name}: training beside this period`, bins, ends(histogram, step));
}

/**
 * Where a value lies among the training rows.
 * @param {string} name
 * @param {Bins & { reference: number[], bin: number | null }} histogram
 */
export function place(name, histogram) {
  const { reference, bin } = histogram;
  const [width, height] = [120, 28];
  const most = Math.max(...reference, 1e-9);
  const step = width / reference.length;
  const bars = reference.map((share, index) => {
    const tall = index === bin ? Math.max(share / most, 0.12) : share / most;
    return s(
      'rect',
      { class: index === bin ? 'here' : 'reference', x: index * step + 0.5, y: height - tall * height, width: Math.max(step - 1, 0.5), height: tall * height },
      s('title', null, `${binName(histogram, index)}: training ${percent(share)}`),
    );
  });
  return s('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Where ${name} lies among the training rows` }, bars);
}

/**
 * The share of uncertain predictions in each bin, between the limits of the true share.
 * @param {string} name
 * @param {import('../types').UncertainBin[]} bins
 * @param {number} overall
 */
export function shares(name, bins, overall) {
  const most = Math.max(...bins.map((bin) => bin.high ?? 0), overall, 0.05);
  const y = (/** @type {number} */ share) => HEAD + (HEIGHT - FOOT - HEAD) * (1 - share / most);
  const step = WIDTH / bins.length;
  const drawn = bins.map((bin, index) => {
    const middle = index * step + step / 2;
    const { share, low, high } = bin;
    const known = share !== null && low !== null && high !== null;
    return s(
      'g',
      null,
      s('title', null, `${rangeName(bin)}: ${known ? `${percent(share)} uncertain (${percent(low)} to ${percent(high)}), ${count(bin.uncertain)} of ${count(bin.count)}` : 'no predictions'}`),
      s('rect', { class: 'touch', x: index * step, y: 0, width: step, height: HEIGHT - FOOT }),
      known && s('rect', { class: low > overall ? 'share high' : 'share', x: index * step + step * 0.12, y: y(share), width: step * 0.76, height: HEIGHT - FOOT - y(share) }),
      known && s('path', { class: 'whisker', d: `M${middle} ${y(low)}V${y(high)}M${middle - 4} ${y(high)}h8M${middle - 4} ${y(low)}h8` }),
    );
  });
  const mean = s('line', { class: 'mean', x1: 0, x2: WIDTH, y1: y(overall), y2: y(overall) });
  const top = s('text', { x: 0, y: 10 }, percent(most));
  const first = bins[0]?.to;
  const last = bins.at(-1)?.from;
  const labels = [
    first !== null && first !== undefined && s('text', { x: 0, y: HEIGHT - 3 }, `≤ ${short(first)}`),
    last !== null && last !== undefined && s('text', { x: WIDTH, y: HEIGHT - 3, 'text-anchor': 'end' }, `> ${short(last)}`),
  ];
  return picture(`Share of uncertain predictions by ${name}`, drawn, [mean, top, ...labels]);
}

/**
 * @param {string} label
 * @param {SVGElement[]} bins
 * @param {(SVGElement | false | null | undefined)[]} rest
 */
function picture(label, bins, rest) {
  const ground = s('line', { class: 'ground', x1: 0, x2: WIDTH, y1: HEIGHT - FOOT, y2: HEIGHT - FOOT });
  return s('svg', { class: 'histogram', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label }, bins, ground, rest);
}

/**
 * The first and last numbers below a histogram.
 * @param {Bins} bins
 * @param {number} step
 */
function ends(bins, step) {
  const y = HEIGHT - 3;
  const { values, edges } = bins;
  if (values && values.length <= 10) {
    return values.map((value, index) => s('text', { x: (index + 0.5) * step, y, 'text-anchor': 'middle' }, short(value)));
  }
  const [first, last] = [(values ?? edges)?.[0], (values ?? edges)?.at(-1)];
  return [
    first !== undefined && s('text', { x: 0, y }, short(first)),
    last !== undefined && s('text', { x: WIDTH, y, 'text-anchor': 'end' }, short(last)),
  ];
}

/**
 * @param {Bins} bins
 * @param {number} index
 */
function binName({ values, edges }, index) {
  if (values) return short(values[index]);
  return `${short(edges?.[index])} to ${short(edges?.[index + 1])}`;
}

/** @param {import('../types').UncertainBin} bin */
function rangeName({ from, to }) {
  if (from === null && to === null) return 'all values';
  if (from === null) return `up to ${number(to)}`;
  return to === null ? `above ${number(from)}` : `above ${number(from)} up to ${number(to)}`;
}

/** @param {number | undefined} value */
function short(value) {
  return value !== undefined && Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : number(value);
}
