//! `hp evaluate`: how good every method is on rows it has not seen.

mod observe;
mod record;

use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::settings::{DataArgs, VersionArgs};
use hp_artifact::{Manifest, What};
use hp_durable::{IoError, write_file};
use hp_evaluate::evaluation::Evaluation;
use hp_evaluate::report::{self, ReportData};
use hp_evaluate::table::ResultTable;
use jiff::Timestamp;
use observe::Labelled;
use std::path::{Path, PathBuf};

/// Score every method on the held-out rows, and draw the report
///
/// Writes `<version>.evaluation.json` and `<version>.report.html` beside the version.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) version: VersionArgs,
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// Evaluate this labelled .csv, .csv.gz or .parquet file instead of the held-out rows
    #[arg(long = "data", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Folder for the evaluation and the report [default: beside the version; none with --data]
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// How to print the results
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let evaluated = evaluate(args)?;
    let sheets = sheets(&evaluated.evaluation, args.format);
    output::print(args.format, &evaluated.evaluation, &sheets)?;
    for file in &evaluated.files {
        output::say(format!("wrote {}", file.display()));
    }
    Ok(())
}

impl Args {
    /// Evaluates the held-out rows of `version`.
    pub(super) fn held_out(version: VersionArgs, data: DataArgs) -> Self {
        Self {
            version,
            data,
            file: None,
            output_dir: None,
            format: Format::Table,
        }
    }
}

/// A finished evaluation and the files it was written to.
pub(super) struct Evaluated {
    pub(super) evaluation: Evaluation,
    files: Vec<PathBuf>,
}

/// Evaluates a version and writes the files.
pub(super) fn evaluate(args: &Args) -> Result<Evaluated, Failure> {
    let artifact = args.version.load(What::All)?;
    let labelled = match &args.file {
        Some(file) => Labelled::from_file(&artifact, file, &args.data)?,
        None => Labelled::held_out(&artifact, &args.data)?,
    };
    let observations = observe::observe(&artifact, &labelled);
    let evaluation = Evaluation::new(observe::provenance(&artifact, labelled)?, &observations)?;
    let folder = match (&args.output_dir, &args.file) {
        (Some(folder), _) => Some(folder.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(args.version.folder()),
    };
    let mut files = Vec::new();
    if let Some(folder) = folder {
        let paths = Paths::new(&folder, &evaluation.provenance.model_version.to_string());
        let data = ReportData {
            observations: &observations,
            created_at: Timestamp::now(),
            hp_version: env!("CARGO_PKG_VERSION"),
        };
        std::fs::create_dir_all(&folder).map_err(IoError::of("create", &folder))?;
        write_file(
            &paths.report,
            report::render(&evaluation, &data)?.as_bytes(),
        )?;
        write_file(&paths.evaluation, evaluation.to_json()?.as_bytes())?;
        files = vec![paths.evaluation, paths.report];
    }
    if args.file.is_none() && args.version.artifact.is_none() {
        let artifacts = &args.version.store.artifacts;
        record::record(artifacts, artifact.manifest(), &evaluation);
    }
    Ok(Evaluated { evaluation, files })
}

/// The files of an evaluation.
pub(super) struct Paths {
    pub(super) evaluation: PathBuf,
    pub(super) report: PathBuf,
}

impl Paths {
    pub(super) fn new(folder: &Path, version: &str) -> Self {
        Self {
            evaluation: folder.join(format!("{version}.evaluation.json")),
            report: folder.join(format!("{version}.report.html")),
        }
    }

    /// The evaluation on disk, if it is of the held-out rows of exactly this version, and not of an
    /// older training or another file.
    pub(super) fn current(&self, manifest: &Manifest) -> Option<Evaluation> {
        let text = std::fs::read_to_string(&self.evaluation).ok()?;
        let evaluation = Evaluation::from_json(&text).ok()?;
        let inputs = observe::held_out_inputs(manifest).ok()?;
        (evaluation.provenance.inputs == inputs).then_some(evaluation)
    }
}

/// The tables of an evaluation; the best of a column is marked for people.
pub(super) fn sheets(evaluation: &Evaluation, format: Format) -> Vec<Sheet> {
    let tables = evaluation.tables();
    let marked = format == Format::Table;
    tables.iter().map(|table| sheet(table, marked)).collect()
}

fn sheet(table: &ResultTable, marked: bool) -> Sheet {
    let columns: Vec<_> = table.columns.iter().map(String::as_str).collect();
    let mut sheet = Sheet::new(&table.title, &columns);
    for row in &table.rows {
        sheet.push(row.iter().map(|cell| {
            let mark = if marked && cell.best { " *" } else { "" };
            format!("{}{mark}", cell.text)
        }));
    }
    sheet
}
