//! The published rates of alarms, measured anew with fewer trials of the same seeds.

use crate::population::{Change, Population};
use crate::rates::rates;
use hp_bench::Boston;
use hp_monitor::statistics::clopper_pearson;

/// Where the rates are published.
const TABLE: &str = include_str!("../../docs/monitoring.md");

/// Trials without drift and with it; the first of those that were published.
const TRIALS: [usize; 2] = [300, 60];

/// The confidence of the band around a measured rate. The seeds are those of the published trials, so that chance has no say.
const CONFIDENCE: f64 = 0.99;

/// What the verdict promises without drift.
const PROMISED: f64 = 0.05;

/// The columns of the table after rows and alarm.
const CHANGES: [Change; 5] = [
    Change::None,
    Change::Shift(0.25),
    Change::Shift(0.5),
    Change::Shift(1.0),
    Change::DoubledVariance,
];

/// The shares of a line of the table, from 0 to 1.
fn published(rows: usize, alarm: &str) -> Vec<f64> {
    let beginning = format!("| {rows} | {alarm} | ");
    let line = TABLE.lines().find_map(|line| line.strip_prefix(&beginning));
    let cells = line.unwrap_or_else(|| panic!("no line {beginning}"));
    let share = |cell: &str| cell.trim().strip_suffix(" %")?.parse::<f64>().ok();
    cells
        .split('|')
        .filter_map(share)
        .map(|percent| percent / 100.0)
        .collect()
}

/// The limits of the true share when so much of `trials` was seen.
fn band(measured: f64, trials: usize) -> (f64, f64) {
    let is = |seen: &usize| (*seen as f64 / trials as f64 - measured).abs() < 1e-9;
    let seen = (0..=trials).find(is).unwrap();
    let proportion = clopper_pearson(seen, trials, CONFIDENCE).unwrap();
    (proportion.low, proportion.high)
}

#[test]
fn measured_again_the_rates_are_those_that_are_published() {
    let population = Population::of(&Boston::load().unwrap().table);
    for rows in [20, 300] {
        for (column, change) in CHANGES.into_iter().enumerate() {
            let trials = TRIALS[usize::from(change != Change::None)];
            let rates = rates(&population, trials as u64, rows, change).unwrap();
            for (alarm, measured) in [
                ("verdict", rates.verdict),
                ("PSI ≥ 0.1", rates.psi),
                ("KS p < 0.05", rates.ks),
            ] {
                let published = published(rows, alarm);
                assert_eq!(published.len(), CHANGES.len(), "{alarm}, {rows} rows");
                let (low, high) = band(measured, trials);
                assert!(
                    (low..=high).contains(&published[column]),
                    "{alarm}, {rows} rows, {change:?}: {:.1} % is published, {:.1} % measured",
                    100.0 * published[column],
                    100.0 * measured,
                );
            }
            if change == Change::None {
                let (low, _) = band(rates.verdict, trials);
                assert!(low <= PROMISED, "{rows} rows: {:.3}", rates.verdict);
            }
        }
    }
}
