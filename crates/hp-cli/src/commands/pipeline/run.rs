//! `hp run`: the stages in order, skipping what is unchanged.

use super::data::DataStoreArgs;
use super::{evaluate, fetch, package, train};
use crate::failure::{Code, Failure};
use crate::output::{self, Format};
use crate::settings::{DataArgs, ModelArgs, StoreArgs, VersionArgs};
use anyhow::anyhow;
use clap::ValueEnum;
use hp_artifact::What;
use hp_data::{DataError, Stale};
use hp_registry::reference::Reference;
use std::ffi::OsString;

/// Fetch, train, evaluate and package, skipping stages whose inputs are unchanged
///
/// Inputs are compared by content, never by time. Each line says why a stage ran or not.
#[derive(Debug, Clone, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    data_store: DataStoreArgs,
    /// The first stage to look at
    #[arg(long, value_name = "STAGE", value_enum, default_value = "fetch")]
    from: Stage,
    /// The last stage to look at
    #[arg(long, value_name = "STAGE", value_enum, default_value = "package")]
    to: Stage,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
    /// Run stages even if nothing changed
    #[arg(long)]
    force: bool,
    /// Replace the model version if it was trained differently
    #[arg(long)]
    overwrite: bool,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// A stage of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Stage {
    /// Get and validate the data.
    Fetch,
    /// Make the model version.
    Train,
    /// Score it on the held-out rows.
    Evaluate,
    /// Pack it into one archive.
    Package,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Fetch, Self::Train, Self::Evaluate, Self::Package];

    fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Train => "train",
            Self::Evaluate => "evaluate",
            Self::Package => "package",
        }
    }
}

/// Whether a stage must run, and why.
enum Decision {
    Run(String),
    Skip(String),
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.from > args.to {
        let (from, to) = (args.from.name(), args.to.name());
        let error = anyhow!("--from {from} comes after --to {to}");
        return Err(Failure::new(Code::Usage, error));
    }
    let mut earlier_would_run = false;
    for stage in Stage::ALL {
        if stage < args.from || stage > args.to {
            continue;
        }
        if args.dry_run && earlier_would_run {
            line(stage, "would be looked at then: an earlier stage would run");
            continue;
        }
        earlier_would_run = step(args, stage).inspect_err(|_| {
            output::say(format!(
                "stopped at {}; resume with: {}",
                stage.name(),
                resume(stage)
            ));
        })?;
    }
    if args.dry_run || args.to < Stage::Evaluate {
        return Ok(());
    }
    finish(args)
}

/// Looks at a stage, runs it if needed, and tells whether it was.
fn step(args: &Args, stage: Stage) -> Result<bool, Failure> {
    let reason = match args.decide(stage)? {
        Decision::Skip(reason) if !args.force => {
            line(stage, &format!("skipped: {reason}"));
            return Ok(false);
        }
        Decision::Skip(_) => "--force".to_owned(),
        Decision::Run(reason) => reason,
    };
    if args.dry_run {
        line(stage, &format!("would run: {reason}"));
        return Ok(true);
    }
    line(stage, &format!("running: {reason}"));
    match stage {
        Stage::Fetch => {
            fetch::fetch(&args.fetch())?;
        }
        Stage::Train => {
            let train_args = args.train();
            let plan = train::Plan::new(&train_args)?;
            train::train(&train_args, &plan, plan.state(&train_args))?;
        }
        Stage::Evaluate => {
            evaluate::evaluate(&args.evaluate()?)?;
        }
        Stage::Package => {
            package::Contents::gather(&args.package()?)?.write()?;
        }
    }
    Ok(true)
}

impl Args {
    fn decide(&self, stage: Stage) -> Result<Decision, Failure> {
        match stage {
            Stage::Fetch => self.decide_fetch(),
            Stage::Train => self.decide_train(),
            Stage::Evaluate => self.decide_evaluate(),
            Stage::Package => self.decide_package(),
        }
    }

    fn decide_fetch(&self) -> Result<Decision, Failure> {
        let config = self.data.config()?;
        let data_set = self.data.data_set(&config);
        let path = data_set.csv_path();
        Ok(match data_set.status(&config) {
            Ok(_) => Decision::Skip(format!(
                "{} is what its configuration asks for",
                path.display()
            )),
            Err(Stale::Unusable(DataError::NotFetched { .. })) => {
                Decision::Run(format!("there is no {} yet", path.display()))
            }
            Err(stale) => Decision::Run(stale.to_string()),
        })
    }

    fn decide_train(&self) -> Result<Decision, Failure> {
        let train_args = self.train();
        let plan = train::Plan::new(&train_args)?;
        let version = plan.model_config.version;
        let state = plan.state(&train_args);
        let decision = match &state {
            train::State::New => Decision::Run(format!("there is no {version} yet")),
            train::State::Unchanged => Decision::Skip(format!(
                "{version} was trained from the same data and configuration"
            )),
            train::State::Changed(_) => Decision::Run(format!("{version} was trained differently")),
            train::State::Damaged(_) => Decision::Run(format!("{version} is damaged")),
        };
        plan.permission(&train_args, state)?;
        Ok(decision)
    }

    fn decide_evaluate(&self) -> Result<Decision, Failure> {
        let wanted = self.evaluate()?;
        let artifact = wanted.version.load(What::Served)?;
        let manifest = artifact.manifest();
        let version = manifest.model_version.to_string();
        let paths = evaluate::Paths::new(&wanted.version.folder(), &version);
        Ok(if !paths.evaluation.exists() {
            Decision::Run(format!("{version} has no evaluation yet"))
        } else if paths.current(manifest).is_none() {
            Decision::Run("the evaluation is of another model or data".to_owned())
        } else if !paths.report.exists() {
            Decision::Run("the report is missing".to_owned())
        } else {
            Decision::Skip(format!("the evaluation is of this {version} and this data"))
        })
    }

    fn decide_package(&self) -> Result<Decision, Failure> {
        let contents = package::Contents::gather(&self.package()?)?;
        let archive = contents.archive().display();
        Ok(if !contents.archive().exists() {
            Decision::Run(format!("there is no {archive} yet"))
        } else if contents.is_current()? {
            Decision::Skip(format!("{archive} holds exactly this version"))
        } else {
            Decision::Run(format!("{archive} holds something else"))
        })
    }

    fn fetch(&self) -> fetch::Args {
        fetch::Args {
            data: self.data.clone(),
            offline: self.offline,
            source: None,
            format: self.format,
        }
    }

    fn train(&self) -> train::Args {
        train::Args {
            model: self.model.clone(),
            data: self.data.clone(),
            store: self.store.clone(),
            data_store: self.data_store.clone(),
            overwrite: self.overwrite,
            format: self.format,
            timing: train::TimingArgs::default(),
        }
    }

    fn evaluate(&self) -> Result<evaluate::Args, Failure> {
        Ok(evaluate::Args::held_out(self.version()?, self.data.clone()))
    }

    fn package(&self) -> Result<package::Args, Failure> {
        Ok(package::Args::beside(
            self.version()?,
            self.data.config.clone(),
        ))
    }

    /// The version that the configuration names, whatever others there are.
    fn version(&self) -> Result<VersionArgs, Failure> {
        Ok(VersionArgs {
            model_version: Reference::Version(self.model.config()?.version),
            artifact: None,
            store: self.store.clone(),
        })
    }
}

/// Prints the results and what to do with them.
fn finish(args: &Args) -> Result<(), Failure> {
    let artifact = args.version()?.load(What::Served)?;
    let version = artifact.manifest().model_version.to_string();
    let paths = evaluate::Paths::new(&args.store.artifacts, &version);
    let Some(evaluation) = paths.current(artifact.manifest()) else {
        output::say(format!(
            "note: {version} has no evaluation; `hp evaluate` makes it"
        ));
        return Ok(());
    };
    output::print(
        args.format,
        &evaluation,
        &evaluate::sheets(&evaluation, args.format),
    )?;
    output::say(format!(
        "\nNext: hp predict --json input.json\n      and look at {}",
        paths.report.display(),
    ));
    Ok(())
}

fn line(stage: Stage, text: &str) {
    output::say(format!("{:9} {text}", stage.name()));
}

/// The command that goes on from `stage`: the one given, with another beginning.
fn resume(stage: Stage) -> String {
    let mut words = vec!["hp".to_owned()];
    let mut given = std::env::args_os().skip(1);
    while let Some(word) = given.next() {
        match word.to_str() {
            Some("--from") => {
                given.next();
            }
            Some(text) if text.starts_with("--from=") || text == "--force" => {}
            _ => words.push(quoted(&word)),
        }
    }
    words.extend(["--from".to_owned(), stage.name().to_owned()]);
    words.join(" ")
}

fn quoted(word: &OsString) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
