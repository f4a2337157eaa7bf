//! `hp train --trial`: how long the methods take and how good they are, before anything is kept.

use super::bars::Bars;
use super::{Args, Plan};
use crate::failure::{Code, Failure};
use crate::output;
use crate::timing::Stopwatch;
use anyhow::anyhow;
use hp_core::config::{Method, ModelConfig};
use hp_train::{Metric, TrainingSet, Trial};
use serde::Serialize;
use std::num::NonZeroUsize;

/// What a trial prints; times are in seconds.
#[derive(Debug, Serialize)]
struct Report {
    train_rows: usize,
    test_rows: usize,
    n_features: usize,
    read: f64,
    prepare: f64,
    methods: Vec<Tried>,
}

/// A method that was tried.
#[derive(Debug, Serialize)]
struct Tried {
    name: String,
    /// From the scaled training rows to the fitted model, by round.
    fit: Vec<f64>,
    /// From the scaled held-out rows to their predictions, by round.
    predict: Vec<f64>,
    metric: &'static str,
    /// On the held-out rows.
    score: f64,
}

/// Fits and scores the methods in `rounds`, and prints how that went.
pub(super) fn run(args: &Args, rounds: NonZeroUsize) -> Result<(), Failure> {
    let mut watch = Stopwatch::start();
    let plan = Plan::new(args)?;
    let methods = chosen(&plan.model_config, &args.timing.methods)?;
    let read = watch.lap();
    let trial = Trial::new(TrainingSet {
        schema: &plan.data_config.schema,
        table: &plan.table,
        split: plan.data_config.split,
    })?;
    let prepare = watch.lap();
    // The matrices hold all that is needed; large data need not be in memory twice.
    drop(plan.table);
    let methods = methods.into_iter();
    let report = Report {
        train_rows: trial.train_rows(),
        test_rows: trial.test_rows(),
        n_features: trial.n_features(),
        read,
        prepare,
        methods: methods
            .map(|method| tried(&trial, method, rounds))
            .collect::<Result<_, _>>()?,
    };
    output::print_json(&report)
}

/// The methods of the configuration with these names, or all.
fn chosen<'a>(config: &'a ModelConfig, names: &[String]) -> Result<Vec<&'a Method>, Failure> {
    let known = |name: &&String| config.methods.iter().all(|method| method.name != **name);
    if let Some(name) = names.iter().find(known) {
        let error = anyhow!("the model configuration has no method `{name}`");
        return Err(Failure::new(Code::Usage, error));
    }
    let wanted = |method: &&Method| names.is_empty() || names.contains(&method.name);
    Ok(config.methods.iter().filter(wanted).collect())
}

fn tried(trial: &Trial, method: &Method, rounds: NonZeroUsize) -> Result<Tried, Failure> {
    let bars = Bars::interruptible();
    let mut predict = Vec::new();
    let mut score = f64::NAN;
    let mut warnings = Vec::new();
    for _ in 0..rounds.get() {
        let fit = trial.fit(method, &bars)?;
        // The methods that fit at once never look.
        if bars.interrupted() {
            return Err(Failure::interrupted());
        }
        let mut watch = Stopwatch::start();
        let y_pred = trial.predict(&fit);
        predict.push(watch.lap());
        score = trial.score(method, y_pred.view())?;
        warnings = fit.warnings;
    }
    for warning in warnings {
        output::say(format!("warning: `{}`: {warning}", method.name));
    }
    let fits = bars.finish()?.methods;
    Ok(Tried {
        name: method.name.clone(),
        fit: fits.iter().map(|timed| timed.fit).collect(),
        predict,
        metric: Metric::of(method).name(),
        score,
    })
}
