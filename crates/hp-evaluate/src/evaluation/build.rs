//! From observations to their evaluation.

use super::observations::ServedMethods;
use super::{
    EstimatorScore, Evaluation, EvaluationError, FORMAT_VERSION, GroupScore, IntervalScore,
    MainScore, MethodPredictions, Metric, Observations, Provenance, ServedScore,
};
use crate::metrics::{self, MetricError};
use hp_core::config::Role;
use hp_core::prediction::Prediction;

impl Evaluation {
    /// Evaluates every method on the observed values.
    ///
    /// # Errors
    /// Inconsistent observations, or values of which a metric cannot be computed; both name the
    /// method.
    pub fn new(
        provenance: Provenance,
        observations: &Observations,
    ) -> Result<Self, EvaluationError> {
        observations.check()?;
        Ok(Self {
            format_version: FORMAT_VERSION,
            provenance,
            rows: observations.y_true.len(),
            target: observations.target.clone(),
            main: main_scores(observations)?,
            estimators: [
                estimator_scores(observations, Role::Lower)?,
                estimator_scores(observations, Role::Upper)?,
            ]
            .concat(),
            intervals: interval_scores(observations)?,
            served: served_score(observations)?,
        })
    }
}

fn main_scores(observations: &Observations) -> Result<Vec<MainScore>, EvaluationError> {
    let y_true = &observations.y_true;
    let score = |method: &MethodPredictions| -> Result<MainScore, MetricError> {
        let y_pred = &method.predictions;
        Ok(MainScore {
            name: method.name.clone(),
            rmse: metrics::root_mean_squared_error(y_true, y_pred)?,
            mae: metrics::mean_absolute_error(y_true, y_pred)?,
            mse: metrics::mean_squared_error(y_true, y_pred)?,
            r2: match metrics::r2_score(y_true, y_pred) {
                Err(MetricError::TooFew { .. }) => None,
                score => Some(score?),
            },
            best: Vec::new(),
        })
    };
    let mut scores = observations
        .methods_of(Role::Main)
        .map(|method| score(method).map_err(|source| of(method, source)))
        .collect::<Result<Vec<_>, _>>()?;
    mark(&mut scores, Metric::Rmse, |score| Some(score.rmse));
    mark(&mut scores, Metric::Mae, |score| Some(score.mae));
    mark(&mut scores, Metric::Mse, |score| Some(score.mse));
    mark(&mut scores, Metric::R2, |score| score.r2.map(|r2| -r2));
    Ok(scores)
}

fn estimator_scores(
    observations: &Observations,
    role: Role,
) -> Result<Vec<EstimatorScore>, EvaluationError> {
    let y_true = &observations.y_true;
    let score = |method: &MethodPredictions, quantile| -> Result<EstimatorScore, MetricError> {
        let y_pred = &method.predictions;
        Ok(EstimatorScore {
            name: method.name.clone(),
            role,
            quantile,
            pinball: metrics::pinball_loss(y_true, y_pred, quantile)?,
            mae: metrics::mean_absolute_error(y_true, y_pred)?,
            mse: metrics::mean_squared_error(y_true, y_pred)?,
            best: Vec::new(),
        })
    };
    let mut scores = observations
        .methods_of(role)
        .map(|method| score(method, quantile_of(method)?).map_err(|source| of(method, source)))
        .collect::<Result<Vec<_>, _>>()?;
    mark(&mut scores, Metric::Pinball, |score| Some(score.pinball));
    Ok(scores)
}

/// A score of which it is known in which metrics it is the best.
trait Contender {
    fn best(&mut self) -> &mut Vec<Metric>;
}

impl Contender for MainScore {
    fn best(&mut self) -> &mut Vec<Metric> {
        &mut self.best
    }
}

impl Contender for EstimatorScore {
    fn best(&mut self) -> &mut Vec<Metric> {
        &mut self.best
    }
}

/// Marks every score of the smallest `loss` as the best in `metric`.
fn mark<T: Contender>(scores: &mut [T], metric: Metric, loss: impl Fn(&T) -> Option<f64>) {
    let smallest = scores.iter().filter_map(&loss).min_by(f64::total_cmp);
    let Some(smallest) = smallest else {
        return;
    };
    for score in scores {
        if loss(score).is_some_and(|loss| loss <= smallest) {
            score.best().push(metric);
        }
    }
}

fn interval_scores(observations: &Observations) -> Result<Vec<IntervalScore>, EvaluationError> {
    let served = &observations.served;
    let mut scores = Vec::new();
    for lower in observations.methods_of(Role::Lower) {
        for upper in observations.methods_of(Role::Upper) {
            let is_served = lower.name == served.lower && upper.name == served.upper;
            let same_kind = lower.kind().is_some() && lower.kind() == upper.kind();
            if is_served || same_kind {
                let mut score = interval_score(&observations.y_true, lower, upper)?;
                score.served = is_served;
                scores.push(score);
            }
        }
    }
    Ok(scores)
}

fn interval_score(
    y_true: &[f64],
    lower: &MethodPredictions,
    upper: &MethodPredictions,
) -> Result<IntervalScore, EvaluationError> {
    let low = &lower.predictions;
    let high = &upper.predictions;
    let failed = |source| of(lower, source);
    Ok(IntervalScore {
        name: pair_name(lower, upper),
        lower: lower.name.clone(),
        upper: upper.name.clone(),
        served: false,
        nominal: share_between(quantile_of(lower)?, quantile_of(upper)?),
        coverage: metrics::coverage(y_true, low, high).map_err(failed)?,
        mean_width: metrics::mean_interval_width(low, high).map_err(failed)?,
        crossings: metrics::crossings(low, high).map_err(failed)?,
    })
}

/// `high − low` without the noise of subtracting decimals: 0.95 − 0.05 is 0.9.
fn share_between(low: f64, high: f64) -> f64 {
    ((high - low) * 1e12).round() / 1e12
}

fn pair_name(lower: &MethodPredictions, upper: &MethodPredictions) -> String {
    let low = lower.kind().unwrap_or(&lower.name);
    let high = upper.kind().unwrap_or(&upper.name);
    if low == high {
        low.to_owned()
    } else {
        format!("{low} + {high}")
    }
}

fn served_score(observations: &Observations) -> Result<ServedScore, EvaluationError> {
    let served = observations.served_methods()?;
    let rows = || served.predictions().enumerate();
    let (uncertain, certain): (Vec<_>, Vec<_>) = rows().partition(|(_, row)| row.is_uncertain());
    let score = |rows: &[usize]| {
        group_score(&observations.y_true, served, rows).map_err(|source| of(served.main, source))
    };
    let group = |rows: Vec<(usize, Prediction)>| -> Result<Option<GroupScore>, EvaluationError> {
        let rows: Vec<usize> = rows.into_iter().map(|(row, _)| row).collect();
        (!rows.is_empty()).then(|| score(&rows)).transpose()
    };
    let all: Vec<usize> = (0..observations.y_true.len()).collect();
    Ok(ServedScore {
        trio: observations.served.clone(),
        share_uncertain: uncertain.len() as f64 / all.len() as f64,
        all: score(&all)?,
        certain: group(certain)?,
        uncertain: group(uncertain)?,
    })
}

fn group_score(
    y_true: &[f64],
    served: ServedMethods<'_>,
    rows: &[usize],
) -> Result<GroupScore, MetricError> {
    let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
    let observed = pick(y_true);
    let predicted = pick(&served.main.predictions);
    let lower = pick(&served.lower.predictions);
    let upper = pick(&served.upper.predictions);
    Ok(GroupScore {
        rows: rows.len(),
        rmse: metrics::root_mean_squared_error(&observed, &predicted)?,
        mae: metrics::mean_absolute_error(&observed, &predicted)?,
        coverage: metrics::coverage(&observed, &lower, &upper)?,
        mean_width: metrics::mean_interval_width(&lower, &upper)?,
    })
}

fn quantile_of(method: &MethodPredictions) -> Result<f64, EvaluationError> {
    method
        .quantile
        .ok_or_else(|| EvaluationError::NoQuantile(method.name.clone()))
}

fn of(method: &MethodPredictions, source: MetricError) -> EvaluationError {
    EvaluationError::Metric {
        method: method.name.clone(),
        source,
    }
}
