//! `hp train`: from the data set to an immutable model version.

mod bars;
mod record;
mod timings;
mod trial;

use super::data::DataStoreArgs;
use super::models::conditions;
use crate::failure::{Code, Failure};
use crate::git::Repository;
use crate::output::{self, Format, Sheet};
use crate::settings::{DataArgs, ModelArgs, StoreArgs};
use crate::timing::Stopwatch;
use anyhow::anyhow;
use bars::Bars;
use hp_artifact::{
    ArtifactError, Change, DataSummary, Manifest, NewVersion, Overwrite, TrainedMethod,
    TrainingInputs, read_manifest, verify, version_path, write_version,
};
use hp_core::config::{DataConfig, ModelConfig};
use hp_core::table::Table;
use hp_core::version::ModelVersion;
use hp_data::versions::ObjectStore;
use hp_features::train_test_split;
use hp_registry::aliases::Aliases;
use hp_train::{Trained, TrainingSet};
use record::Recording;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use timings::Timings;

pub(super) use record::sync;
pub(super) use timings::TimingArgs;

/// Fit and cross-validate every method, choose the trio to serve, write a model version
///
/// A version is immutable: training again with the same data and configuration changes nothing, and
/// with anything changed it is refused until `model_versions` is raised. Every training is a run that
/// `hp runs` lists, and its data is kept for `hp data checkout --of-model`. When
/// `MLFLOW_TRACKING_URI` is set, that server is told.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) model: ModelArgs,
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) store: StoreArgs,
    #[command(flatten)]
    pub(super) data_store: DataStoreArgs,
    /// Replace the version if it was trained differently or is damaged
    #[arg(long)]
    pub(super) overwrite: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value = "table")]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) timing: TimingArgs,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if let Some(rounds) = args.timing.trial {
        return trial::run(args, rounds);
    }
    let mut watch = Stopwatch::start();
    let plan = Plan::new(args)?;
    let state = plan.state(args);
    let read = watch.lap();
    if let State::Unchanged = state {
        let version = plan.model_config.version;
        output::say(format!(
            "{version} is unchanged: it was trained from the same data and configuration"
        ));
        if args.timing.timings.is_some() {
            output::print_json(&Timings {
                read,
                ..Timings::default()
            })?;
        }
        return Ok(());
    }
    let mut training = train(args, &plan, state)?;
    training.timings.read = read;
    if args.timing.timings.is_some() {
        output::print_json(&training.timings)?;
    } else {
        let (json, sheets) = (training.to_json(), training.sheets());
        output::print(args.format, &json, &sheets)?;
    }
    let path = version_path(&args.store.artifacts, training.manifest.model_version);
    output::say(format!("wrote {}", path.display()));
    Ok(())
}

/// What is about to be trained.
pub(super) struct Plan {
    data_config: DataConfig,
    data_text: String,
    pub(super) model_config: ModelConfig,
    model_text: String,
    table: Table,
    /// Where the data set was fetched from.
    data_source: String,
    inputs: TrainingInputs,
}

/// How the version that is about to be trained stands on disk.
pub(super) enum State {
    /// It does not exist.
    New,
    /// It was trained from the same inputs.
    Unchanged,
    /// It was trained from other inputs.
    Changed(Vec<Change>),
    /// Its files are damaged.
    Damaged(ArtifactError),
}

impl Plan {
    /// Reads both configurations and the data set.
    pub(super) fn new(args: &Args) -> Result<Self, Failure> {
        let (data_config, data_text) = args.data.config.read_with_text()?;
        let (model_config, model_text) = args.model.read_with_text()?;
        conditions(&args.model.config, &model_config)?;
        let (table, data) = args.data.data_set(&data_config).load(&data_config.schema)?;
        let rows = train_test_split(table.n_rows(), data_config.split)?;
        let summary = DataSummary {
            name: data_config.name.clone(),
            fingerprint: data.fingerprint,
            rows: table.n_rows(),
            train_rows: rows.train.len(),
            test_rows: rows.test.len(),
            split: data_config.split,
        };
        let inputs = TrainingInputs::new(summary, &data_config.schema, &model_config);
        Ok(Self {
            data_config,
            data_text,
            model_config,
            model_text,
            table,
            data_source: data.origin.source,
            inputs,
        })
    }

    /// Compares the plan with the version on disk.
    pub(super) fn state(&self, args: &Args) -> State {
        let path = version_path(&args.store.artifacts, self.model_config.version);
        match verify(&path) {
            Ok(manifest) => match manifest.training_changes(&self.inputs) {
                changes if changes.is_empty() => State::Unchanged,
                changes => State::Changed(changes),
            },
            Err(_) if !path.exists() => State::New,
            Err(error) => State::Damaged(error),
        }
    }

    /// Refuses to replace another version unless told to.
    pub(super) fn permission(&self, args: &Args, state: State) -> Result<Overwrite, Failure> {
        match state {
            State::New => Ok(Overwrite::Refuse),
            state if args.overwrite => {
                if self.would_differ(args, &state) {
                    refuse_named(args, self.model_config.version)?;
                }
                Ok(Overwrite::Replace)
            }
            // Trained again by force, it stays what it is: its manifest names the commit of then.
            State::Unchanged => Ok(Overwrite::Refuse),
            State::Changed(changes) => Err(refuse_changes(self, &changes)),
            State::Damaged(error) => Err(refuse_damaged(self, error)),
        }
    }

    /// Whether the version would become another one. A damaged one that was trained from the same
    /// inputs is only mended.
    fn would_differ(&self, args: &Args, state: &State) -> bool {
        let path = version_path(&args.store.artifacts, self.model_config.version);
        match state {
            State::New | State::Unchanged => false,
            State::Changed(_) => true,
            State::Damaged(_) => read_manifest(&path).map_or(true, |manifest| {
                !manifest.training_changes(&self.inputs).is_empty()
            }),
        }
    }
}

/// A finished training.
pub(super) struct Training {
    pub(super) manifest: Manifest,
    timings: Timings,
}

/// Trains and writes the version, as a run.
pub(super) fn train(args: &Args, plan: &Plan, state: State) -> Result<Training, Failure> {
    let overwrite = plan.permission(args, state)?;
    let mut watch = Stopwatch::start();
    keep_data(args, plan)?;
    let git = Repository::of(Path::new(".")).and_then(|repository| repository.state());
    let commit = git.as_ref().map(|git| git.commit.clone());
    let recording = Recording::begin(args, plan, git)?;
    let writing = Writing {
        overwrite,
        git_commit: commit.as_deref(),
    };
    let keep = watch.lap();
    let mut training = fit_and_write(args, plan, writing);
    if let Ok(training) = &mut training {
        training.timings.keep = keep;
    }
    recording.end(&training);
    training
}

/// Keeps the data of the training, so that it can be brought back from the version's manifest.
fn keep_data(args: &Args, plan: &Plan) -> Result<(), Failure> {
    let store = ObjectStore::new(args.data_store.folder(&args.store.artifacts));
    store.keep(&args.data.data_set(&plan.data_config))?;
    Ok(())
}

/// How a version is to be written.
#[derive(Clone, Copy)]
struct Writing<'a> {
    overwrite: Overwrite,
    git_commit: Option<&'a str>,
}

fn fit_and_write(args: &Args, plan: &Plan, writing: Writing<'_>) -> Result<Training, Failure> {
    for method in &plan.model_config.methods {
        if !method.ignored.is_empty() {
            let keys = method.ignored.join(", ");
            output::say(format!(
                "note: `{}`: without effect here: {keys}",
                method.name
            ));
        }
    }
    let set = TrainingSet {
        schema: &plan.data_config.schema,
        table: &plan.table,
        split: plan.data_config.split,
    };
    let bars = Bars::interruptible();
    let trained = hp_train::train(&plan.model_config, set, &bars)?;
    let mut timings = bars.finish()?;
    let mut watch = Stopwatch::start();
    let manifest = match write(args, plan, &trained, writing) {
        // It was there before, or another process was faster. From the same inputs it is the same.
        Err(ArtifactError::Exists { path }) => {
            plan.permission(args, plan.state(args))?;
            verify(&path)?
        }
        written => written?,
    };
    timings.write = watch.lap();
    for method in &manifest.methods {
        for warning in &method.warnings {
            output::say(format!("warning: `{}`: {warning}", method.name));
        }
    }
    Ok(Training { manifest, timings })
}

fn write(
    args: &Args,
    plan: &Plan,
    trained: &Trained,
    writing: Writing<'_>,
) -> Result<Manifest, ArtifactError> {
    let first = trained.rows.train[0];
    let example: Vec<f64> = plan
        .table
        .features
        .iter()
        .map(|column| column[first])
        .collect();
    let methods = trained.methods.iter().map(|method| TrainedMethod {
        method: &method.method,
        fit: &method.fit,
        cross_validation: method.cross_validation.clone(),
    });
    let version = NewVersion {
        version: plan.model_config.version,
        hp_version: env!("CARGO_PKG_VERSION"),
        git_commit: writing.git_commit,
        data: plan.inputs.data.clone(),
        schema: &plan.data_config.schema,
        example: &example,
        folds: plan.model_config.folds,
        preprocessor: &trained.preprocessor,
        methods: methods.collect(),
        serving: trained.serving.clone(),
        reference: Some(&trained.reference),
    };
    write_version(&args.store.artifacts, &version, writing.overwrite)
}

/// Refuses while an alias means `version`: what it leads to would change without any condition.
fn refuse_named(args: &Args, version: ModelVersion) -> Result<(), Failure> {
    let aliases = Aliases::load(&args.store.artifacts)?;
    let names: Vec<_> = aliases
        .of(version)
        .iter()
        .map(ToString::to_string)
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let error = anyhow!(
        "{version} is {} and cannot be replaced",
        names.join(" and ")
    );
    Err(Failure::new(Code::Policy, error).hint(format!(
        "raise `model_versions`, for example to \"{}\", or move the alias to another version first",
        version.next()
    )))
}

fn refuse_changes(plan: &Plan, changes: &[Change]) -> Failure {
    let version = plan.model_config.version;
    let list: Vec<_> = changes
        .iter()
        .map(|change| format!("\n  {change}"))
        .collect();
    let error = anyhow!(
        "{version} exists and was trained differently:{}",
        list.concat()
    );
    Failure::new(Code::Policy, error).hint(format!(
        "raise `model_versions`, for example to \"{}\", or replace the version with --overwrite",
        version.next()
    ))
}

fn refuse_damaged(plan: &Plan, error: ArtifactError) -> Failure {
    let version = plan.model_config.version;
    Failure::from(error)
        .context(format!("{version} exists but is damaged"))
        .hint("replace it with --overwrite")
}

impl Training {
    /// The results table.
    pub(super) fn sheets(&self) -> Vec<Sheet> {
        let manifest = &self.manifest;
        let title = format!(
            "{} on {} training rows",
            manifest.model_version, manifest.data.train_rows
        );
        let columns = [
            "method",
            "role",
            "metric",
            "cross-validated",
            "served",
            "fit ms",
        ];
        let mut sheet = Sheet::new(title, &columns);
        for method in &manifest.methods {
            let served = manifest.serving.role_of(&method.name).is_some();
            let time = self.timings.fit(&method.name);
            sheet.push([
                method.name.clone(),
                method.role.name().to_owned(),
                method.cross_validation.metric.clone(),
                format!("{:.4}", method.cross_validation.mean),
                if served { "*" } else { "" }.to_owned(),
                time.map_or_else(String::new, |seconds| format!("{:.1}", 1e3 * seconds)),
            ]);
        }
        vec![sheet]
    }

    fn to_json(&self) -> serde_json::Value {
        let methods = self.timings.methods.iter();
        let fit_ms: BTreeMap<_, _> = methods
            .map(|timed| (&timed.name, 1e3 * timed.fit))
            .collect();
        json!({ "manifest": self.manifest, "fit_ms": fit_ms })
    }
}
