// How numbers, times and ages are written. What is not there is a dash.

const NONE = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/**
 * A count: 1,234.
 * @param {number | null | undefined} value
 */
export function count(value) {
  return value === null || value === undefined ? NONE : whole.format(value);
}

/**
 * A measured number, to about four digits.
 * @param {number | null | undefined} value
 */
export function number(value) {
  if (value === null || value === undefined) return NONE;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) return signed(value.toExponential(2));
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 || size === 0 ? 2 : 3;
  return signed(value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }));
}

/**
 * A number as it is, without a digit lost.
 * @param {number | null | undefined} value
 */
export function exact(value) {
  return value === null || value === undefined ? NONE : signed(String(value));
}

/**
 * A number to six digits at most.
 * @param {number | null | undefined} value
 */
export function compact(value) {
  return value === null || value === undefined ? NONE : signed(String(Number(value.toPrecision(6))));
}

/**
 * A share of 1 as 12.3 %.
 * @param {number | null | undefined} share
 */
export function percent(share) {
  if (share === null || share === undefined) return NONE;
  return `${signed((share * 100).toFixed(1))}\u00a0%`;
}

/**
 * A probability; a small one as less than 0.001.
 * @param {number | null | undefined} value
 */
export function probability(value) {
  if (value === null || value === undefined) return NONE;
  return value < 0.001 ? '< 0.001' : `= ${value.toFixed(3)}`;
}

/**
 * A difference with its sign.
 * @param {number} value
 * @param {(value: number) => string} write
 */
export function difference(value, write) {
  const text = write(Math.abs(value));
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : `±${text}`;
}

/**
 * A time in UTC to the second: 2026-11-23 08:13:31.
 * @param {string | null | undefined} time
 */
export function time(time) {
  return time ? time.slice(0, 19).replace('T', ' ') : NONE;
}

/**
 * A time in UTC to the minute.
 * @param {string} time
 */
export function minute(time) {
  return time.slice(0, 16).replace('T', ' ');
}

/**
 * How long ago: `12 s`, `3 min`, `5 h`, `2 days`.
 * @param {number} seconds
 */
export function age(seconds) {
  if (seconds < 90) return `${Math.floor(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${whole.format(Math.round(seconds / 86400))} days`;
}

/**
 * `1 row`, `2 rows`.
 * @param {number} many
 * @param {string} noun
 */
export function of(many, noun) {
  return `${whole.format(many)} ${noun}${many === 1 ? '' : 's'}`;
}

/** @param {string} text */
function signed(text) {
  return text.replace(/^-/, '−');
}
