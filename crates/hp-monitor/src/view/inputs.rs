//! Whether the rows of a period still look like the training data.

use super::histogram::Histogram;
use super::{Answer, Asked, LONGER, Monitor, MonitorError, Now, Period, Selection, columns, key};
use crate::statistics::{ColumnDrift, Drift, DriftSettings, DriftState, WindowColumn, drift};
use hp_core::reference::{Distribution, TrainingReference};
use hp_core::version::ModelVersion;
use hp_store::{PredictionRecord, SampleQuery};
use serde::{Serialize, Serializer};
use std::num::NonZeroUsize;

/// The same rows give the same verdict.
const SEED: u64 = 42;

/// The rows of a period beside those of the training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inputs {
    /// The period.
    pub window: Period,
    /// The version whose predictions are judged: the selected one, or that of the newest record.
    pub version: Option<ModelVersion>,
    /// Whether that version remembers its training rows.
    pub reference: bool,
    /// What is missing for a verdict, and what to do about it.
    pub needs: Option<String>,
    /// Predictions of the version in the period.
    pub window_rows: u64,
    /// How many of them were compared, evenly spread over the period.
    pub sampled: usize,
    /// When a difference is an alarm.
    pub settings: VerdictSettings,
    /// The names of what has drifted: features, `prediction`, `width`.
    pub alarms: Vec<String>,
    /// The features in the order of the model.
    pub features: Vec<ColumnInputs>,
    /// The predictions, beside those on rows that the model was not fitted on.
    pub prediction: Option<ColumnInputs>,
    /// The interval widths, likewise.
    pub width: Option<ColumnInputs>,
}

/// When a difference is an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VerdictSettings {
    /// The largest q-value of an alarm.
    pub alpha: f64,
    /// The smallest effect of an alarm.
    pub min_effect: f64,
    /// The least rows for a verdict.
    pub min_rows: usize,
}

/// A column of the period beside that of the training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnInputs {
    /// Its name.
    pub name: String,
    /// Its unit; empty if there is none.
    pub unit: String,
    /// The verdict. As JSON its fields stand beside the others: `state` is `needs_more` or
    /// `measured`, and `needs_rows` says how many more.
    #[serde(flatten, serialize_with = "flat")]
    pub drift: ColumnDrift,
    /// The shares of both in each bin.
    pub histogram: Histogram,
}

fn flat<S: Serializer>(column: &ColumnDrift, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Flat<'a> {
        rows: usize,
        missing: usize,
        out_of_range: usize,
        state: &'static str,
        needs_rows: usize,
        #[serde(flatten)]
        drift: Option<&'a Drift>,
    }
    let (state, needs_rows, drift) = match &column.state {
        DriftState::NeedsMore { rows } => ("needs_more", *rows, None),
        DriftState::Measured(drift) => ("measured", 0, Some(drift)),
    };
    let flat = Flat {
        rows: column.rows,
        missing: column.missing,
        out_of_range: column.out_of_range,
        state,
        needs_rows,
        drift,
    };
    flat.serialize(serializer)
}

impl Monitor {
    /// The rows of `selection` beside those of the training.
    ///
    /// # Errors
    /// The store or the models cannot be read.
    pub async fn inputs(&self, selection: &Selection) -> Result<Answer<Inputs>, MonitorError> {
        let asked = Asked {
            cache: &self.answers.inputs,
            key: key((
                selection.time,
                selection.model_version,
                selection.source,
                selection.uncertain,
            )),
            holds: LONGER,
        };
        self.ask(asked, |now| self.make_inputs(selection, now))
            .await
    }

    async fn make_inputs(&self, selection: &Selection, now: Now) -> Result<Inputs, MonitorError> {
        let window = self.period(selection, now).await?;
        let version = self.judged_version(selection, window).await?;
        let settings = self.options.drift;
        let mut inputs = Inputs {
            window,
            version,
            reference: false,
            needs: None,
            window_rows: 0,
            sampled: 0,
            settings: VerdictSettings {
                alpha: settings.alpha,
                min_effect: settings.min_effect,
                min_rows: settings.min_rows,
            },
            alarms: Vec::new(),
            features: Vec::new(),
            prediction: None,
            width: None,
        };
        let Some(version) = version else {
            inputs.needs = Some("there are no predictions: choose a longer period".to_owned());
            return Ok(inputs);
        };
        let model = self.shelf.find(version, now.time).await?;
        let sample = {
            let mut of_version = selection.clone();
            of_version.model_version = Some(version);
            let query = SampleQuery {
                window: of_version.window(window),
                size: NonZeroUsize::new(settings.max_rows).unwrap_or(NonZeroUsize::MIN),
            };
            self.store.sample(&query).await?
        };
        inputs.window_rows = sample.total;
        inputs.sampled = sample.records.len();
        let Some(model) = model else {
            inputs.needs = Some(format!(
                "the version {version} is not among the artifacts: name their folder with --artifacts"
            ));
            return Ok(inputs);
        };
        let Some(reference) = model.reference.clone() else {
            inputs.needs = Some(format!(
                "the version {version} does not remember its training rows: train it again"
            ));
            return Ok(inputs);
        };
        inputs.reference = true;
        let missing = settings.min_rows.saturating_sub(inputs.sampled);
        if missing > 0 {
            inputs.needs = Some(format!(
                "{missing} more predictions are needed for a verdict"
            ));
        }
        let records = sample.records;
        let compared =
            tokio::task::spawn_blocking(move || compare(&reference, &records, &settings));
        let mut compared = compared.await??;
        let unit = |name: &str| {
            let column = model
                .schema
                .features
                .iter()
                .find(|column| column.name == name);
            column.map_or_else(String::new, |column| column.unit.clone())
        };
        let target_unit = model.schema.target.unit.clone();
        for column in &mut compared.features {
            column.unit = unit(&column.name);
        }
        for column in &mut compared.answers {
            column.unit.clone_from(&target_unit);
        }
        let all = compared.features.iter().chain(&compared.answers);
        let alarming = all.filter(|column| column.drift.alarm());
        inputs.alarms = alarming.map(|column| column.name.clone()).collect();
        inputs.features = compared.features;
        let [prediction, width] = compared.answers;
        inputs.prediction = Some(prediction);
        inputs.width = Some(width);
        Ok(inputs)
    }
}

/// The columns side by side.
struct Compared {
    features: Vec<ColumnInputs>,
    /// The predictions and the widths.
    answers: [ColumnInputs; 2],
}

/// Judges all columns together.
fn compare(
    reference: &TrainingReference,
    records: &[PredictionRecord],
    settings: &DriftSettings,
) -> Result<Compared, MonitorError> {
    let answers = &reference.answers;
    let features = reference.features.iter();
    let mut series: Vec<(&str, &Distribution, Vec<f64>)> = features
        .map(|feature| {
            let values = columns::input(records, &feature.name);
            (feature.name.as_str(), &feature.distribution, values)
        })
        .collect();
    series.push((
        "prediction",
        &answers.predictions,
        columns::predictions(records),
    ));
    series.push(("width", &answers.widths, columns::widths(records)));
    let window: Vec<_> = series
        .iter()
        .map(|(_, reference, values)| WindowColumn { reference, values })
        .collect();
    let verdicts = drift(&window, settings, SEED)?;
    let column =
        |((name, reference, values), drift): ((&str, &Distribution, Vec<f64>), _)| ColumnInputs {
            name: name.to_owned(),
            unit: String::new(),
            drift,
            histogram: Histogram::new(reference, &values),
        };
    let mut columns: Vec<_> = series.into_iter().zip(verdicts).map(column).collect();
    let answers = columns.split_off(reference.features.len());
    let answers = <[ColumnInputs; 2]>::try_from(answers);
    Ok(Compared {
        features: columns,
        answers: answers.map_err(|_| crate::statistics::StatisticsError::Empty)?,
    })
}
