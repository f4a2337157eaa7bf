//! The tables, in Markdown.

use crate::population::{Change, Population, Trial};
use crate::rates::{Alarms, judge, rates};
use hp_bench::Result;
use hp_monitor::statistics::ColumnDrift;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rayon::prelude::*;
use std::fmt::Write;
use std::time::Instant;

/// Which share of alarms a row shows.
type Way = fn(&Alarms) -> f64;

/// Windows of one reference.
const WINDOWS: u64 = 100;

/// Timings of which the median is taken.
const TIMINGS: usize = 15;

/// False alarms and detections of the verdict and of the rules of thumb.
pub(crate) fn alarms(population: &Population, trials: u64) -> Result<String> {
    let changes = [
        Change::None,
        Change::Shift(0.25),
        Change::Shift(0.5),
        Change::Shift(1.0),
        Change::DoubledVariance,
    ];
    let mut table = String::from(
        "| rows | alarm | false, any column | shift 0.25 | shift 0.5 | shift 1 | variance × 2 |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for rows in [10, 20, 30, 50, 100, 300, 1000] {
        let rates = changes.map(|change| rates(population, trials, rows, change));
        let rates: Vec<_> = rates.into_iter().collect::<Result<_>>()?;
        let ways: [(&str, Way); 3] = [
            ("verdict", |alarms| alarms.verdict),
            ("PSI ≥ 0.1", |alarms| alarms.psi),
            ("KS p < 0.05", |alarms| alarms.ks),
        ];
        for (name, way) in ways {
            let cells: Vec<_> = rates.iter().map(|rate| percent(way(rate))).collect();
            writeln!(table, "| {rows} | {name} | {} |", cells.join(" | "))?;
        }
    }
    Ok(table)
}

/// How the rate of false alarms differs between references, each of which is kept.
pub(crate) fn one_reference(population: &Population, trials: u64) -> Result<String> {
    let mut table = String::from(
        "| rows | mean | 10 % of references below | median | 10 % above | highest |\n\
         |---|---|---|---|---|---|\n",
    );
    let references = (trials / 10).max(1);
    for rows in [50, 300, 1000] {
        let rate = |number: u64| reference_rate(population, number, rows);
        let rates: std::result::Result<Vec<_>, _> =
            (0..references).into_par_iter().map(rate).collect();
        let mut rates = rates?;
        rates.sort_by(f64::total_cmp);
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        let at = |tenths: usize| percent(rates[(rates.len() - 1) * tenths / 10]);
        let cells = [percent(mean), at(1), at(5), at(9), at(10)];
        writeln!(table, "| {rows} | {} |", cells.join(" | "))?;
    }
    Ok(table)
}

/// What the least effect withholds.
pub(crate) fn least_effect(population: &Population, trials: u64) -> Result<String> {
    let mut table =
        String::from("| rows | shift | q ≤ 0.05 | and effect ≥ 0.1 |\n|---|---|---|---|\n");
    for rows in [300, 1000, 2000] {
        for shift in [0.05, 0.1, 0.25] {
            let rate = rates(population, trials, rows, Change::Shift(shift))?;
            let (significant, verdict) = (percent(rate.significant), percent(rate.verdict));
            writeln!(table, "| {rows} | {shift} | {significant} | {verdict} |")?;
        }
    }
    Ok(table)
}

/// How long a verdict on all columns takes, on one core.
pub(crate) fn times(population: &Population) -> Result<String> {
    let columns = population.width();
    let mut table = format!("| rows | verdict on {columns} columns |\n|---|---|\n");
    for rows in [20, 100, 1000, 2000, 100_000] {
        let trial = population.trial(0, rows, Change::None)?;
        let mut times = Vec::new();
        for _ in 0..TIMINGS {
            let start = Instant::now();
            judge(&trial, 0)?;
            times.push(start.elapsed());
        }
        times.sort();
        let median = times[TIMINGS / 2].as_secs_f64() * 1e3;
        writeln!(table, "| {rows} | {median:.1} ms |")?;
    }
    Ok(table)
}

/// The share of windows without drift that alarm against reference `number`.
fn reference_rate(
    population: &Population,
    number: u64,
    rows: usize,
) -> std::result::Result<f64, String> {
    let text = |error: Box<dyn std::error::Error>| error.to_string();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(number);
    let reference = population.reference(&mut rng).map_err(text)?;
    let mut alarms = 0;
    for window in 0..WINDOWS {
        let trial = Trial {
            reference: reference.clone(),
            ..population.window(0, rows, Change::None, &mut rng)
        };
        let verdicts = judge(&trial, window).map_err(text)?;
        alarms += u32::from(verdicts.iter().any(ColumnDrift::alarm));
    }
    Ok(f64::from(alarms) / WINDOWS as f64)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
