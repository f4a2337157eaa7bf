// The monitor in the browser: puts the parts of the page together.

import { ask, onKeyNeeded } from './app/api.js';
import { awaitCards, meanInWords, showCards } from './app/cards.js';
import { loadPlotly } from './app/chart.js';
import { offer, showPeriod, startControls, thresholdText } from './app/controls.js';
import { openRecord, startDetail } from './app/detail.js';
import { byId, fill, h } from './app/dom.js';
import { showInputs } from './app/inputs.js';
import { enterKey } from './app/key.js';
import { startLive } from './app/live.js';
import { OutcomeCharts } from './app/outcomes.js';
import { Panel } from './app/panel.js';
import { RecordTable } from './app/records.js';
import { SeriesCharts } from './app/series.js';
import { onChange, pageOfRecords, resetSelection, selection, selectsSame } from './app/state.js';
import { answered, failed, forgetProblems, unanswered } from './app/status.js';
import { onTheme, startTheme } from './app/theme.js';
import { hideViews, openTab, startTabs } from './app/tabs.js';
import { showUncertain } from './app/uncertain.js';

/** Views that cost the log much are renewed at most this often, in milliseconds. */
const SLOW = 30_000;

const cards = byId('cards');
const series = new SeriesCharts(byId('overview'), openRecord);
const table = new RecordTable(byId('records'), openRecord);
const outcomes = new OutcomeCharts(byId('outcomes'));

/** @type {import('./types').Overview | null} */
let figures = null;

/** @type {Panel<import('./types').Overview>} */
const overview = new Panel(cards, {
  path: 'api/overview',
  query: selection,
  show: (answer) => {
    figures = answer;
    showFigures(answer);
    showPeriod(answer.window);
    showEmptiness(answer);
  },
});

/** @type {Record<string, Panel<any>>} */
const views = {
  overview: new Panel(byId('overview'), { path: 'api/series', query: selection, show: (answer, now) => series.show(answer, viewOf(now)) }),
  records: new Panel(byId('records'), { path: 'api/records', query: pageOfRecords, show: (answer) => table.show(answer) }),
  uncertain: new Panel(byId('uncertain'), { path: 'api/uncertain', query: selection, show: (answer) => showUncertain(byId('uncertain'), answer, openRecord) }),
  inputs: new Panel(byId('inputs'), { path: 'api/inputs', query: selection, show: (answer) => showInputs(byId('inputs'), answer) }),
  outcomes: new Panel(byId('outcomes'), { path: 'api/outcomes', query: selection, show: (answer, now) => outcomes.show(answer, viewOf(now)) }),
};

/** @type {import('./types').Settings | null} */
let settings = null;

/** Loads what is shown besides the selection itself. */
async function loadSettings() {
  try {
    const answer = /** @type {import('./types').Settings} */ (await ask('api/settings'));
    const first = settings === null;
    settings = answer;
    answered('api/settings', answer.freshness);
    offer(answer);
    const { title, target, versions, store } = answer;
    byId('subject').textContent = [title, target.name + (target.unit && ` in ${target.unit}`), versions.at(-1), store].filter(Boolean).join(' · ');
    document.title = `${title} – uncertainty monitoring`;
    if (first) startDetail(target.unit);
    series.repaint();
    if (figures) showFigures(figures);
  } catch (error) {
    failed('api/settings', error);
  }
}

/** Shows the scorecards, and the means beside the charts. @param {import('./types').Overview} overview */
function showFigures(overview) {
  showCards(cards, overview, thresholdText());
  series.widths.subtitle.textContent = inUnits(meanInWords(overview.cards.mean_width));
  series.predictions.subtitle.textContent = inUnits(meanInWords(overview.cards.mean_prediction));
}

/** @param {string} words */
function inUnits(words) {
  return [settings?.target.unit, words].filter(Boolean).join(' · ');
}

/** What a zoom belongs to: other thresholds do not undo it. @param {import('./app/state.js').State} of */
function viewOf(of) {
  const query = selection(of);
  query.delete('threshold');
  return query.toString();
}

/** Says what to do where there is nothing to see. @param {import('./types').Overview} answer */
function showEmptiness(answer) {
  const nothing = answer.cards.total.value === 0;
  const empty = byId('empty');
  empty.hidden = !nothing;
  hideViews(nothing);
  if (!nothing) return;
  if (answer.freshness.newest === null) {
    fill(empty, h('h2', null, 'No predictions yet'), h('p', null, 'Let the model predict; what it predicts appears here on its own.'), h('pre', null, 'hp serve\nhp simulate --count 200'));
    return;
  }
  const all = () => resetSelection({ range: 'all' });
  fill(empty, h('h2', null, 'No predictions in this selection'), h('p', null, 'There are some outside of it.'), h('button', { type: 'button', class: 'primary', click: all }, 'Show all of them'));
}

/** Shows what is new without disturbing what is being looked at. */
function renew() {
  const name = openTab();
  if (settings === null || settings.freshness.newest === null) void loadSettings();
  void overview.renew();
  void views[name]?.renew(name === 'uncertain' || name === 'inputs' ? SLOW : 0);
}

function start() {
  onKeyNeeded(enterKey);
  awaitCards(cards);
  startTheme();
  startControls();
  startTabs();
  onTheme(() => series.repaint());
  onChange((now, before) => {
    if (!selectsSame(now, before)) {
      forgetProblems();
      series.repaint();
      void overview.refresh();
    }
    if (now.record === before.record) void views[openTab()]?.open();
  });
  void loadSettings();
  void overview.refresh();
  void views[openTab()]?.refresh();
  startLive(renew, () => {
    if (unanswered()) renew();
    // True values come without a new prediction.
    else if (openTab() === 'outcomes') void views['outcomes']?.renew(SLOW);
  });
  requestAnimationFrame(() => void loadPlotly().catch((error) => failed('plotly', error)));
}

start();
