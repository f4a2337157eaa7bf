//! What the page has to know before it can ask.

use super::{Answer, Asked, BRIEFLY, Monitor, MonitorError, Now, key};
use hp_core::schema::{Column, DType};
use hp_core::version::ModelVersion;
use hp_store::PredictionRecord;
use jiff::Timestamp;
use serde::Serialize;

/// What the page has to know before it can ask.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// The name of the data set.
    pub title: String,
    /// What is predicted.
    pub target: TargetSettings,
    /// The features of the newest version, or those of the newest record.
    pub features: Vec<FeatureSettings>,
    /// The interval width above which a prediction is doubtful.
    pub default_threshold: f64,
    /// The versions that are there, ascending.
    pub versions: Vec<ModelVersion>,
    /// What kind of store the log is in.
    pub store: &'static str,
    /// The time of day.
    pub now: Timestamp,
    /// The least rows of a verdict on drift.
    pub min_rows: usize,
}

/// What is predicted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetSettings {
    /// Its name.
    pub name: String,
    /// Its unit; empty if there is none.
    pub unit: String,
}

/// A feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeatureSettings {
    /// Its name.
    pub name: String,
    /// Its type, if that is known.
    pub dtype: Option<DType>,
    /// Its unit; empty if there is none.
    pub unit: String,
    /// What it means; empty if nobody says.
    pub description: String,
}

impl Monitor {
    /// What the page has to know before it can ask.
    ///
    /// # Errors
    /// The store or the models cannot be read.
    pub async fn settings(&self) -> Result<Answer<Settings>, MonitorError> {
        let asked = Asked {
            cache: &self.answers.settings,
            key: key("settings"),
            holds: BRIEFLY,
        };
        self.ask(asked, |now| self.make_settings(now)).await
    }

    async fn make_settings(&self, now: Now) -> Result<Settings, MonitorError> {
        let versions = self.shelf.versions(now.time).await?;
        let model = match versions.last() {
            Some(version) => self.shelf.find(*version, now.time).await?,
            None => None,
        };
        let newest = match (&model, now.newest) {
            (None, Some(id)) => self.store.get(id).await?,
            _ => None,
        };
        let schema = model.as_ref().map(|model| &model.schema);
        Ok(Settings {
            title: model
                .as_ref()
                .map_or_else(|| "predictions".to_owned(), |model| model.data_name.clone()),
            target: schema.map_or_else(TargetSettings::unknown, |schema| {
                TargetSettings::of(&schema.target)
            }),
            features: match (schema, &newest) {
                (Some(schema), _) => schema.features.iter().map(FeatureSettings::of).collect(),
                (None, Some(record)) => FeatureSettings::of_record(record),
                (None, None) => Vec::new(),
            },
            default_threshold: self.options.width_threshold,
            versions,
            store: self.options.store_kind,
            now: now.time,
            min_rows: self.options.drift.min_rows,
        })
    }
}

impl TargetSettings {
    fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            unit: column.unit.clone(),
        }
    }

    fn unknown() -> Self {
        Self {
            name: "prediction".to_owned(),
            unit: String::new(),
        }
    }
}

impl FeatureSettings {
    fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            dtype: Some(column.dtype),
            unit: column.unit.clone(),
            description: column.description.clone(),
        }
    }

    fn of_record(record: &PredictionRecord) -> Vec<Self> {
        let named = |name: &String| Self {
            name: name.clone(),
            dtype: None,
            unit: String::new(),
            description: String::new(),
        };
        record.inputs.names.iter().map(named).collect()
    }
}
