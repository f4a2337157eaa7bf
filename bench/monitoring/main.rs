//! Measures how often the verdict on drift alarms: without any drift, and with changes of a known
//! size, beside the usual rules of thumb. Prints the tables of `docs/monitoring.md`.
//!
//! `cargo run --release -p hp-bench --bin monitoring [-- TRIALS]`

mod population;
#[cfg(test)]
mod published;
mod rates;
mod tables;

use hp_bench::{Boston, Result};
use population::Population;
use std::io::{self, Write};

/// Trials of each figure, unless the command line says otherwise.
const TRIALS: u64 = 600;

fn main() -> Result<()> {
    let trials = std::env::args()
        .nth(1)
        .map_or(Ok(TRIALS), |text| text.parse())?;
    let population = Population::of(&Boston::load()?.table);
    let mut out = io::stdout().lock();
    writeln!(out, "{}", tables::alarms(&population, trials)?)?;
    writeln!(out, "{}", tables::one_reference(&population, trials)?)?;
    writeln!(out, "{}", tables::least_effect(&population, trials)?)?;
    writeln!(out, "{}", tables::times(&population)?)?;
    Ok(())
}
