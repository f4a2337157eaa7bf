// How fresh the figures are, and what is wrong.

import { ApiError } from './api.js';
import { byId, fill, h } from './dom.js';
import { age, time } from './format.js';
import { resetSelection } from './state.js';

/** @typedef {import('../types').Freshness} Freshness */

/** What is wrong, by the question that has no good answer. @type {Map<string, unknown>} */
const problems = new Map();

/** @type {Freshness | null} */
let freshness = null;
/** When it came, by this machine's clock. */
let came = 0;

/**
 * Notes that a question has an answer.
 * @param {string} question
 * @param {Freshness} [fresh]
 */
export function answered(question, fresh) {
  problems.delete(question);
  if (fresh) {
    freshness = fresh;
    came = Date.now();
  }
  show();
}

/**
 * Notes that a question has none.
 * @param {string} question
 * @param {unknown} error
 */
export function failed(question, error) {
  if (!(error instanceof ApiError)) console.error(error);
  problems.set(question, error);
  show();
}

/** Whether there is a question that has no answer now, but may have one later. */
export function unanswered() {
  return [...problems.values()].some((it) => it instanceof ApiError && (it.status === 0 || it.status >= 500));
}

/** Forgets what was wrong with questions that are not asked any more. */
export function forgetProblems() {
  problems.clear();
  show();
}

/** Shows ages as they are by now. */
export function show() {
  const chip = byId('age');
  const [text, tone] = newest();
  fill(chip, text);
  chip.className = `chip ${tone}`;
  chip.title = freshness?.newest_time ? `${time(freshness.newest_time)} UTC` : '';
  const lines = warnings();
  const banner = byId('banner');
  const said = lines.join('\n');
  if (banner.dataset.said !== said) {
    banner.dataset.said = said;
    fill(banner, lines.map((line) => h('p', null, line)), remedy());
  }
  banner.hidden = lines.length === 0;
}

/** @returns {[import('./dom.js').Child[], string]} */
function newest() {
  if (!freshness) return [['connecting …'], ''];
  if (freshness.ahead_seconds !== null && freshness.ahead_seconds > 60) {
    return [['Newest ', wide(), `${age(freshness.ahead_seconds)} in the future`], 'warn'];
  }
  if (freshness.age_seconds === null) return [['No predictions yet'], ''];
  const since = (Date.now() - came) / 1000;
  return [['Newest ', wide(), `${age(freshness.age_seconds + since)} ago`], freshness.stale ? 'warn' : ''];
}

/** A word for which a phone has no room. */
function wide() {
  return h('span', { class: 'wide' }, 'prediction ');
}

/** What is wrong, each thing once. */
function warnings() {
  const lines = new Set([...problems.values()].map(words));
  if (freshness?.stale) {
    const old = (Date.now() - came) / 1000;
    lines.clear();
    lines.add(`The prediction log does not answer: ${freshness.error ?? 'unknown reason'}`);
    lines.add(`The figures are those of ${time(freshness.answered)} UTC${old > 90 ? `, shown for ${age(old)}` : ''}. They are renewed as soon as the log answers.`);
  }
  if (document.querySelector('.outdated')) lines.add('Figures that are faded belong to the selection before.');
  return [...lines];
}

/** @param {unknown} error */
function words(error) {
  return error instanceof ApiError ? error.message : `The page cannot show this: ${error}`;
}

/** What can be done about it. */
function remedy() {
  const refused = [...problems.values()].some((it) => it instanceof ApiError && it.status === 422);
  return refused && h('button', { type: 'button', click: () => resetSelection() }, 'Reset the selection');
}
