//! What is recorded about a data set beside its rows.

use crate::error::DataError;
use crate::validate::Validated;
use hp_core::config::DataConfig;
use hp_core::fingerprint::Fingerprint;
use hp_core::schema::Schema;
use hp_core::table::Table;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;

/// Where the bytes of a data set came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The address or path, without a password.
    pub source: String,
    /// The digest of the bytes as they were received.
    pub sha256: Fingerprint,
    /// How many there were.
    pub bytes: u64,
    /// When.
    pub fetched_at: Timestamp,
}

/// What is recorded about a data set, `<name>.manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataManifest {
    /// The version of this format.
    pub format_version: u32,
    /// The name of the data set.
    pub name: String,
    /// The digest of the canonical `<name>.csv`.
    pub fingerprint: Fingerprint,
    /// The digest of the configuration, see [`config_fingerprint`].
    pub config_fingerprint: Fingerprint,
    /// Where the bytes came from.
    pub origin: Origin,
    /// Rows of the source.
    pub rows_read: u64,
    /// Rows of the data set.
    pub rows_valid: u64,
    /// Rows left out because of a fault.
    pub rows_rejected: u64,
    /// Rows equal to an earlier one, kept.
    pub duplicates: u64,
    /// Columns of the source that the schema does not know.
    pub extra_columns: Vec<String>,
    /// Columns of the source left out on purpose.
    pub dropped_columns: Vec<String>,
    /// The features in order, then the target.
    pub columns: Vec<ColumnSummary>,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    /// The column.
    pub name: String,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
}

/// The format written by this version.
const FORMAT_VERSION: u32 = 1;

impl DataManifest {
    /// Reads the manifest in `bytes`, which came from `path`.
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, DataError> {
        let bad = |problem| DataError::BadManifest {
            path: path.to_owned(),
            problem,
        };
        let json: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
        if json["format_version"] != FORMAT_VERSION {
            let found = &json["format_version"];
            let problem = format!("its format is {found}, this program knows {FORMAT_VERSION}");
            return Err(bad(problem));
        }
        serde_json::from_value(json).map_err(|error| bad(error.to_string()))
    }

    pub(crate) fn new(
        validated: &Validated,
        config: &DataConfig,
        origin: &Origin,
        fingerprint: Fingerprint,
    ) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            name: config.name.clone(),
            fingerprint,
            config_fingerprint: config_fingerprint(config),
            origin: origin.clone(),
            rows_read: validated.rows_read,
            rows_valid: validated.rows_valid(),
            rows_rejected: validated.rows_rejected,
            duplicates: validated.duplicates,
            extra_columns: validated.extra_columns.clone(),
            dropped_columns: validated.dropped_columns.clone(),
            columns: summaries(&config.schema, &validated.table),
        }
    }
}

/// The digest of everything in a configuration that decides which rows a data set has: sources,
/// names and checks of the columns, and the share of rows that may be rejected. Descriptions,
/// units, the split and the limits of a download do not matter.
#[must_use]
pub fn config_fingerprint(config: &DataConfig) -> Fingerprint {
    let columns = config.schema.columns().map(|column| {
        json!({
            "name": column.name,
            "dtype": column.dtype,
            "min": column.min,
            "max": column.max,
            "allowed": column.allowed,
        })
    });
    let decisive = json!({
        "name": config.name,
        "sources": config.sources,
        "rename": config.rename,
        "drop": config.drop,
        "columns": columns.collect::<Vec<_>>(),
        "max_rejected": config.max_rejected,
    });
    Fingerprint::of(decisive.to_string().as_bytes())
}

fn summaries(schema: &Schema, table: &Table) -> Vec<ColumnSummary> {
    let columns = table.features.iter().chain([&table.target]);
    let summary = |(column, values): (&hp_core::schema::Column, &Vec<f64>)| {
        let count = values.len() as f64;
        let sum: f64 = values.iter().sum();
        let mean = if sum.is_finite() {
            sum / count
        } else {
            values.iter().map(|value| value / count).sum()
        };
        ColumnSummary {
            name: column.name.clone(),
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            mean,
        }
    };
    schema.columns().zip(columns).map(summary).collect()
}
