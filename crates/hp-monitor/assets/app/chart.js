// Charts over time, drawn by plotly.js, with controls that a keyboard reaches.

import { byId, h } from './dom.js';
import { colours, onTheme } from './theme.js';

/** @typedef {import('../types').ChartElement} ChartElement */
/** @typedef {{ traces: object[], layout?: Record<string, any>, csv: () => string }} Drawing */

const touch = matchMedia('(pointer: coarse)');

/** @type {Promise<void> | null} */
let loading = null;

/** Loads plotly.js, which is large, once the page has been painted. */
export function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const link = /** @type {HTMLLinkElement} */ (/** @type {unknown} */ (byId('plotly')));
    const script = h('script', { src: link.href, load: () => resolve(), error: () => reject(new Error('plotly.min.js cannot be loaded')) });
    document.head.append(script);
  });
  return loading;
}

/** Lets the browser show what is there before it is kept busy with a drawing. */
function painted() {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

export class Chart {
  /**
   * @param {string} name of the files that it is saved as
   * @param {string} title
   */
  constructor(name, title) {
    this.name = name;
    /** @type {(() => Drawing) | null} */
    this.draw = null;
    /** @type {Chart[]} Those with the same time axis. */
    this.linked = [];
    /** @type {((id: any) => void) | null} What a click on a point does. */
    this.onPoint = null;
    this.following = false;
    /** The period that is zoomed to. @type {any[] | null} */
    this.range = null;
    this.view = '';
    this.subtitle = h('p', { class: 'muted small' });
    this.canvas = h('div', { class: 'canvas', role: 'img', 'aria-label': title });
    this.pan = h('button', { type: 'button', 'aria-pressed': 'false', click: () => this.togglePan(), title: 'Drag to move instead of to zoom' }, 'Pan');
    const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {() => void} */ click) =>
      h('button', { type: 'button', title, click }, text);
    this.root = h(
      'figure',
      { class: 'panel chart', id: `chart-${name}` },
      h(
        'figcaption',
        { class: 'heading' },
        h('div', null, h('h2', null, title), this.subtitle),
        h(
          'div',
          { class: 'tools', role: 'group', 'aria-label': `Tools of ${title}` },
          button('+', 'Zoom in', () => this.zoom(0.5)),
          button('−', 'Zoom out', () => this.zoom(2)),
          this.pan,
          button('Reset', 'Show the whole period', () => this.reset()),
          button('PNG', 'Save the picture', () => this.savePicture()),
          button('CSV', 'Save the figures that are drawn', () => this.saveFigures()),
        ),
      ),
      this.canvas,
    );
    onTheme(() => void this.paint());
  }

  /**
   * Shows a drawing. What was zoomed stays so as long as `view` is the same.
   * @param {() => Drawing} draw
   * @param {string} view
   */
  async show(draw, view) {
    this.draw = draw;
    if (view !== this.view) this.range = null;
    this.view = view;
    await painted();
    await this.paint();
  }

  async paint() {
    if (!this.draw || this.root.closest('[hidden]')) return;
    await loadPlotly();
    const drawing = this.draw();
    const chart = await Plotly.react(this.canvas, drawing.traces, this.layout(drawing.layout ?? {}), {
      displayModeBar: false,
      responsive: true,
      doubleClick: 'autosize',
      scrollZoom: false,
    });
    if (this.listening) return;
    this.listening = true;
    chart.on('plotly_relayout', (event) => this.follow(event));
    chart.on('plotly_click', (event) => {
      const point = event.points.find((/** @type {any} */ it) => it.customdata);
      if (point && this.onPoint) this.onPoint(point.customdata);
    });
  }

  /** @param {Record<string, any>} own */
  layout(own) {
    const { text, muted, line, surface } = colours();
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, tickcolor: line, tickfont: { color: muted }, automargin: true };
    const { xaxis, yaxis, ...rest } = own;
    return {
      height: 300,
      margin: { l: 44, r: 12, t: 28, b: 32 },
      paper_bgcolor: surface,
      plot_bgcolor: surface,
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: text },
      hoverlabel: { bgcolor: surface, bordercolor: muted, font: { color: text, size: 12 }, align: 'left', namelength: -1 },
      legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', font: { color: text }, itemclick: 'toggle' },
      dragmode: this.mode ?? (touch.matches ? false : 'zoom'),
      uirevision: this.view,
      ...rest,
      xaxis: { type: 'date', hoverformat: '%Y-%m-%d %H:%M:%S', ...axis, ...xaxis, ...(this.range && { range: this.range, autorange: false }) },
      yaxis: { fixedrange: true, rangemode: 'normal', ...axis, ...yaxis },
    };
  }

  togglePan() {
    const panning = this.pan.getAttribute('aria-pressed') !== 'true';
    this.pan.setAttribute('aria-pressed', String(panning));
    this.mode = panning ? 'pan' : 'zoom';
    void Plotly.relayout(this.canvas, { dragmode: this.mode });
  }

  /** @param {number} factor of the length of the period that is shown */
  zoom(factor) {
    const axis = /** @type {ChartElement} */ (/** @type {HTMLElement} */ (this.canvas)).layout?.xaxis;
    if (!axis?.range) return;
    const [from, to] = axis.range.map((/** @type {string} */ it) => Date.parse(`${it.replace(' ', 'T').slice(0, 23)}Z`));
    const middle = (from + to) / 2;
    const half = ((to - from) / 2) * factor;
    const range = [middle - half, middle + half].map((it) => new Date(it).toISOString());
    void Plotly.relayout(this.canvas, { 'xaxis.range': range, 'xaxis.autorange': false });
  }

  reset() {
    void Plotly.relayout(this.canvas, { 'xaxis.autorange': true });
  }

  savePicture() {
    const { width, height } = this.canvas.getBoundingClientRect();
    void Plotly.downloadImage(this.canvas, { format: 'png', filename: this.name, width: Math.max(width, 900), height, scale: 2 });
  }

  saveFigures() {
    if (this.draw) save(`${this.name}.csv`, new Blob([this.draw().csv()], { type: 'text/csv' }));
  }

  /**
   * Brings the linked charts to the period that this one shows.
   * @param {Record<string, any>} event
   */
  follow(event) {
    const range = event['xaxis.range'] ?? (event['xaxis.range[0]'] && [event['xaxis.range[0]'], event['xaxis.range[1]']]);
    const change = range ? { 'xaxis.range': range, 'xaxis.autorange': false } : event['xaxis.autorange'] && { 'xaxis.autorange': true };
    if (!change) return;
    this.range = range ?? null;
    if (this.following) return;
    for (const other of this.linked) {
      if (!other.listening) continue;
      other.following = true;
      void Plotly.relayout(other.canvas, change).then(() => {
        other.following = false;
      });
    }
  }
}

/**
 * A time axis from the first to the last of `times` with some room, so that charts of the same times have the same axis.
 * @param {string[]} times
 */
export function axisOf(times) {
  if (times.length === 0) return {};
  let [first, last] = [Infinity, -Infinity];
  for (const time of times) {
    first = Math.min(first, Date.parse(time));
    last = Math.max(last, Date.parse(time));
  }
  const room = 0.03 * (last - first) || 3600e3;
  return { autorangeoptions: { include: [new Date(first - room).toISOString(), new Date(last + room).toISOString()] } };
}

/**
 * Lines of a CSV file.
 * @param {string[]} header
 * @param {(string | number | boolean | null)[][]} rows
 */
export function csv(header, rows) {
  const cell = (/** @type {string | number | boolean | null} */ value) => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/**
 * Gives the viewer a file.
 * @param {string} name
 * @param {Blob} blob
 */
export function save(name, blob) {
  const href = URL.createObjectURL(blob);
  h('a', { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
