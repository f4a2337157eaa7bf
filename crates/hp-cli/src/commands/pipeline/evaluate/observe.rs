//! Labelled rows, and what every method of a version predicts for them.

use super::super::validate;
use crate::failure::{Code, Failure};
use crate::output;
use crate::settings::DataArgs;
use anyhow::anyhow;
use hp_artifact::{Artifact, Manifest};
use hp_core::config::Role;
use hp_core::fingerprint::Fingerprint;
use hp_core::table::Table;
use hp_data::{Layout, ReadOptions, canonical_fingerprint};
use hp_evaluate::evaluation::{Dataset, MethodPredictions, Observations, Provenance, Target, Trio};
use hp_features::{feature_matrix, train_test_split};
use hp_models::Regressor;
use std::collections::BTreeMap;
use std::path::Path;

const HELD_OUT: &str = "held-out";

/// Labelled rows and where they are from.
pub(super) struct Labelled {
    table: Table,
    /// The rows of the table to evaluate on.
    rows: Vec<usize>,
    dataset: Dataset,
    /// Which rows these are: `held-out`, or `all` of a file.
    part: &'static str,
}

impl Labelled {
    /// The rows that were held out when the version was trained.
    pub(super) fn held_out(artifact: &Artifact, args: &DataArgs) -> Result<Self, Failure> {
        let manifest = artifact.manifest();
        let config = args.config()?;
        let (table, data) = args.data_set(&config).load(&manifest.schema)?;
        if data.fingerprint != manifest.data.fingerprint {
            let error = anyhow!(
                "{} was trained on data {}, but `{}` holds data {}",
                manifest.model_version,
                manifest.data.fingerprint.short(),
                args.data_set(&config).csv_path().display(),
                data.fingerprint.short(),
            );
            return Err(Failure::new(Code::Failed, error).hint(
                "fetch that data again, train a new version, or evaluate a labelled file with --data",
            ));
        }
        let rows = train_test_split(table.n_rows(), manifest.data.split)?.test;
        Ok(Self {
            table,
            rows,
            dataset: Dataset {
                name: format!("{}, held-out rows", manifest.data.name),
                fingerprint: data.fingerprint,
                training_rows: Some(manifest.data.train_rows),
            },
            part: HELD_OUT,
        })
    }

    /// All valid rows of a labelled file. Its columns are renamed as on fetching, where the data
    /// configuration is at hand.
    pub(super) fn from_file(
        artifact: &Artifact,
        file: &Path,
        args: &DataArgs,
    ) -> Result<Self, Failure> {
        let manifest = artifact.manifest();
        let schema = &manifest.schema;
        let config = args
            .config
            .data_config
            .exists()
            .then(|| args.config())
            .transpose()?;
        let layout = match &config {
            Some(config) => Layout {
                schema,
                ..Layout::of(config)
            },
            None => Layout::plain(schema),
        };
        let validated = validate::check(file, &layout, &ReadOptions::scoring())?;
        if validated.rows_rejected > 0 {
            let sheet = validate::faults(&validated);
            output::show(sheet.as_slice());
            let error = anyhow!(
                "{} of {} rows of `{}` are not valid",
                validated.rows_rejected,
                validated.rows_read,
                file.display()
            );
            return Err(Failure::new(Code::Failed, error).hint("correct or remove them"));
        }
        let table = validated.table;
        Ok(Self {
            rows: (0..table.n_rows()).collect(),
            dataset: Dataset {
                name: file.display().to_string(),
                fingerprint: canonical_fingerprint(schema, &table),
                training_rows: Some(manifest.data.train_rows),
            },
            table,
            part: "all",
        })
    }
}

/// Lets every method predict the labelled rows.
pub(super) fn observe(artifact: &Artifact, labelled: &Labelled) -> Observations {
    let manifest = artifact.manifest();
    let raw = feature_matrix(&labelled.table, &labelled.rows);
    let x = artifact.preprocessor().transform(raw.view());
    let methods = artifact.models().map(|(entry, model)| MethodPredictions {
        name: entry.name.clone(),
        role: entry.role,
        quantile: entry.quantile,
        predictions: model.predict(x.view()).to_vec(),
        feature_importances: model.feature_importances().map(<[f64]>::to_vec),
    });
    let served = |role| manifest.serving.of(role).method.clone();
    let target = &manifest.schema.target;
    Observations {
        target: Target {
            name: target.name.clone(),
            unit: (!target.unit.is_empty()).then(|| target.unit.clone()),
        },
        feature_names: manifest.schema.feature_names().map(str::to_owned).collect(),
        y_true: labelled
            .rows
            .iter()
            .map(|&row| labelled.table.target[row])
            .collect(),
        methods: methods.collect(),
        served: Trio {
            main: served(Role::Main),
            lower: served(Role::Lower),
            upper: served(Role::Upper),
        },
    }
}

/// What the evaluation is made from.
pub(super) fn provenance(artifact: &Artifact, labelled: Labelled) -> Result<Provenance, Failure> {
    let manifest = artifact.manifest();
    Ok(Provenance {
        model_version: manifest.model_version,
        inputs: inputs(manifest, labelled.dataset.fingerprint, labelled.part)?,
        data: labelled.dataset,
    })
}

/// What an evaluation of the held-out rows of `manifest`'s training is made from, by name.
pub(super) fn held_out_inputs(manifest: &Manifest) -> Result<BTreeMap<String, String>, Failure> {
    inputs(manifest, manifest.data.fingerprint, HELD_OUT)
}

fn inputs(
    manifest: &Manifest,
    data: Fingerprint,
    part: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let digest = Fingerprint::of(manifest.to_json()?.as_bytes());
    Ok(BTreeMap::from([
        ("manifest".to_owned(), digest.to_string()),
        ("data".to_owned(), data.to_string()),
        ("rows".to_owned(), part.to_owned()),
    ]))
}
