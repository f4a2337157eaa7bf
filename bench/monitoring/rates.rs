//! How often something alarms in many trials.

use crate::population::{Change, Population, Trial};
use hp_bench::Result;
use hp_monitor::statistics::{
    ColumnDrift, DriftSettings, DriftState, WindowColumn, drift, kolmogorov_smirnov,
    population_stability_index,
};
use rayon::prelude::*;

/// The rule of thumb for the population stability index.
const PSI: f64 = 0.1;

/// The usual level of a single test.
const LEVEL: f64 = 0.05;

/// Numbers of alarms; added up over trials, then divided by their number.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Alarms {
    /// The verdict.
    pub(crate) verdict: f64,
    /// The verdict without a least effect.
    pub(crate) significant: f64,
    /// The population stability index against its fixed threshold.
    pub(crate) psi: f64,
    /// A Kolmogorov–Smirnov test at the usual level.
    pub(crate) ks: f64,
}

/// Every window is judged, however small.
pub(crate) fn settings() -> DriftSettings {
    DriftSettings {
        min_rows: 1,
        ..DriftSettings::default()
    }
}

/// The verdict on a trial.
pub(crate) fn judge(trial: &Trial, seed: u64) -> Result<Vec<ColumnDrift>> {
    let columns = trial.reference.iter().zip(&trial.window);
    let columns: Vec<_> = columns
        .map(|(reference, values)| WindowColumn { reference, values })
        .collect();
    Ok(drift(&columns, &settings(), seed)?)
}

/// Which alarms a trial raises: in any column if nothing was changed, else in the changed one.
fn alarms(trial: &Trial, change: Change, seed: u64) -> Result<Alarms> {
    let verdicts = judge(trial, seed)?;
    let looked_at = if change == Change::None {
        0..verdicts.len()
    } else {
        trial.changed..trial.changed + 1
    };
    let mut alarms = Alarms::default();
    for column in looked_at {
        let verdict = &verdicts[column];
        let (reference, window) = (&trial.reference[column], &trial.window[column]);
        let significant = matches!(&verdict.state,
            DriftState::Measured(drift) if drift.q_value <= settings().alpha);
        let psi = population_stability_index(reference, window)?;
        let ks = kolmogorov_smirnov(reference.values(), window)?;
        let raise = |alarm: &mut f64, raised: bool| *alarm = alarm.max(f64::from(u8::from(raised)));
        raise(&mut alarms.verdict, verdict.alarm());
        raise(&mut alarms.significant, significant);
        raise(&mut alarms.psi, psi >= PSI);
        raise(&mut alarms.ks, ks.p_value < LEVEL);
    }
    Ok(alarms)
}

/// The shares of `trials` windows of `rows` rows that alarm, each against a reference of its own.
pub(crate) fn rates(
    population: &Population,
    trials: u64,
    rows: usize,
    change: Change,
) -> Result<Alarms> {
    let trial = |number: u64| -> std::result::Result<Alarms, String> {
        let trial = population.trial(number, rows, change);
        let alarms = trial.and_then(|trial| alarms(&trial, change, number));
        alarms.map_err(|error| error.to_string())
    };
    let all: Vec<_> = (0..trials)
        .into_par_iter()
        .map(trial)
        .collect::<std::result::Result<_, _>>()?;
    let share = |alarm: fn(&Alarms) -> f64| all.iter().map(alarm).sum::<f64>() / trials as f64;
    Ok(Alarms {
        verdict: share(|alarms| alarms.verdict),
        significant: share(|alarms| alarms.significant),
        psi: share(|alarms| alarms.psi),
        ks: share(|alarms| alarms.ks),
    })
}
