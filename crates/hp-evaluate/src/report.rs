//! The report: one HTML page with every table and picture of an evaluation, that needs nothing else.

mod chart;
mod html;
mod page;
mod sections;

pub use chart::DrawError;

use crate::evaluation::{Evaluation, EvaluationError, Observations};
use jiff::Timestamp;

/// What the report shows beyond the evaluation itself.
#[derive(Debug, Clone, Copy)]
pub struct ReportData<'a> {
    /// The rows and predictions that the evaluation was made from.
    pub observations: &'a Observations,
    /// When the report is made.
    pub created_at: Timestamp,
    /// The version of the program that makes it.
    pub hp_version: &'a str,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The observations are inconsistent.
    #[error("the observations cannot be shown")]
    Observations(#[source] EvaluationError),
    /// The evaluation was made from other observations.
    #[error("the evaluation was made from other observations: {0}")]
    Mismatch(String),
    /// A chart could not be drawn.
    #[error("cannot draw the chart `{chart}`")]
    Chart {
        /// Its title.
        chart: String,
        /// Why.
        #[source]
        source: DrawError,
    },
}

/// Renders the report as the text of an HTML page. The same arguments give the same bytes.
///
/// # Errors
/// The observations are inconsistent or not those of the evaluation, or a chart cannot be drawn.
pub fn render(evaluation: &Evaluation, data: &ReportData<'_>) -> Result<String, ReportError> {
    check(evaluation, data.observations)?;
    let sections = sections::all(evaluation, data.observations)?;
    Ok(page::page(evaluation, data, &sections))
}

fn check(evaluation: &Evaluation, observations: &Observations) -> Result<(), ReportError> {
    observations.check().map_err(ReportError::Observations)?;
    let mismatch = |what: &str| Err(ReportError::Mismatch(what.to_owned()));
    if evaluation.rows != observations.y_true.len() {
        return mismatch("the number of rows differs");
    }
    if evaluation.served.trio != observations.served {
        return mismatch("another trio is served");
    }
    let evaluated = evaluation.main.len() + evaluation.estimators.len();
    if evaluated != observations.methods.len() {
        return mismatch("the number of methods differs");
    }
    let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    let methods = &observations.methods;
    if !finite(&observations.y_true) || !methods.iter().all(|m| finite(&m.predictions)) {
        return mismatch("some values are not finite");
    }
    Ok(())
}
