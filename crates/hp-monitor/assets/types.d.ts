// What the API answers, as the page reads it. A number that is not finite arrives as null.

export interface Freshness {
  newest: string | null;
  newest_time: string | null;
  age_seconds: number | null;
  ahead_seconds: number | null;
  answered: string;
  stale: boolean;
  error: string | null;
}

export interface Fresh {
  freshness: Freshness;
}

export interface Period {
  from: string;
  to: string;
}

export interface Feature {
  name: string;
  dtype: string | null;
  unit: string;
  description: string;
}

export interface Settings extends Fresh {
  title: string;
  target: { name: string; unit: string };
  features: Feature[];
  default_threshold: number;
  versions: string[];
  store: string;
  now: string;
  min_rows: number;
}

export interface Card {
  value: number | null;
  previous: number | null;
  change: number | null;
  relative: number | null;
}

export interface Overview extends Fresh {
  window: Period;
  previous: Period;
  cards: Record<
    'total' | 'share_uncertain' | 'over_threshold' | 'outside_limits' | 'mean_width' | 'mean_prediction',
    Card
  >;
}

export interface Point {
  id: string;
  time: string;
  lower: number | null;
  prediction: number | null;
  upper: number | null;
  width: number | null;
  uncertain: boolean;
  over: boolean;
  version: string;
  source: string;
  actual: number | null;
}

export interface BucketPoint {
  start: string;
  version: string;
  count: number;
  uncertain: number;
  over_threshold: number;
  mean_width: number | null;
  mean_lower: number | null;
  mean_prediction: number | null;
  mean_upper: number | null;
}

export interface Marker {
  time: string;
  kind: string;
  label: string;
}

export interface Series extends Fresh {
  window: Period;
  bucket: 'none' | 'hour' | 'day' | 'week';
  points?: Point[];
  buckets?: BucketPoint[];
  total: number;
  shown: number;
  markers: Marker[];
}

export interface Row extends Point {
  inputs: Record<string, number | null>;
  excess: number | null;
  error: number | null;
}

export interface Records extends Fresh {
  window: Period;
  total: number;
  page: number;
  size: number;
  columns: string[];
  rows: Row[];
}

export interface Bins {
  edges?: number[];
  values?: number[];
}

export interface Input {
  name: string;
  value: number | null;
  unit: string;
  description: string;
  percentile: number | null;
  min: number | null;
  max: number | null;
  out_of_range: boolean;
  histogram: (Bins & { reference: number[]; bin: number | null }) | null;
}

export interface Detail extends Fresh {
  record: Row;
  data_fingerprint: string;
  git_commit: string | null;
  latency_us: number;
  actual_time: string | null;
  inputs: Input[];
}

export interface UncertainBin {
  from: number | null;
  to: number | null;
  count: number;
  uncertain: number;
  share: number | null;
  low: number | null;
  high: number | null;
}

export interface Uncertain extends Fresh {
  window: Period;
  features: { name: string; bins: UncertainBin[]; strength: number | null; p_value: number | null }[];
  worst: Row[];
  sampled: number;
  total: number;
  uncertain: number;
}

/** The verdict on a column with enough rows. */
export interface Measured {
  state: 'measured';
  test: string;
  statistic: number;
  p_value: number;
  q_value: number;
  effect: { measure: string; size: number };
  effect_by_chance: number;
  kolmogorov_smirnov: number;
  population_stability_index: number;
  rows_compared: number;
  alarm: boolean;
}

export type Column = ColumnFigures & (Measured | { state: 'needs_more' });

export interface ColumnFigures {
  name: string;
  unit: string;
  rows: number;
  missing: number;
  out_of_range: number;
  needs_rows: number;
  histogram: Bins & { reference: number[]; window: number[] };
}

export interface Inputs extends Fresh {
  window: Period;
  version: string | null;
  reference: boolean;
  needs: string | null;
  window_rows: number;
  sampled: number;
  settings: { alpha: number; min_effect: number; min_rows: number };
  alarms: string[];
  features: Column[];
  prediction: Column | null;
  width: Column | null;
}

export interface Rolled {
  start: string;
  end: string | null;
  count: number;
  rmse: number | null;
  mae: number | null;
  coverage: number | null;
  low: number | null;
  high: number | null;
}

export interface Errors {
  count: number;
  mae: number | null;
  rmse: number | null;
}

export interface Outcomes extends Fresh {
  window: Period;
  total: number;
  actuals: number;
  hint: string | null;
  rolling_rows: number | null;
  rolling: Rolled[];
  coverage: { value: number; low: number; high: number; nominal: number | null } | null;
  all: Errors;
  certain: Errors;
  uncertain: Errors;
}

/** The chart that plotly.js draws in an element. */
export interface ChartElement extends HTMLElement {
  on(event: string, handler: (event: any) => void): void;
  layout: any;
}

declare global {
  const Plotly: {
    react(element: HTMLElement, traces: object[], layout: object, config: object): Promise<ChartElement>;
    relayout(element: HTMLElement, changes: object): Promise<unknown>;
    downloadImage(element: HTMLElement, options: object): Promise<string>;
  };
}
