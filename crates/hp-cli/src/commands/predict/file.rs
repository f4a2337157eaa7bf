//! Predicting a file of any size, batch by batch.

use super::Args;
use crate::failure::{Code, Failure};
use crate::interrupt::Deferred;
use crate::output::{self, Sheet};
use crate::progress;
use crate::settings::check_output;
use crate::timing::{Stopwatch, TimingsFormat};
use anyhow::anyhow;
use hp_artifact::Artifact;
use hp_core::csv;
use hp_core::schema::Schema;
use hp_data::{
    Batches, Checker, DataError, Layout, PredictionWriter, Purpose, ReadOptions, Rejection,
};
use hp_durable::{IoError, StagedFile};
use ndarray::Array2;
use serde::Serialize;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Refused or tolerated cells that are shown.
const SHOWN: usize = 50;

/// Which file, and where it goes.
#[derive(Debug, clap::Args)]
pub(super) struct FileArgs {
    /// A .csv, .csv.gz or .parquet file of any size
    #[arg(
        long,
        value_name = "FILE",
        group = "rows",
        requires = "output",
        conflicts_with = "format"
    )]
    input: Option<PathBuf>,
    /// Where the rows of --input go with their predictions, .csv or .parquet
    #[arg(long, value_name = "FILE", requires = "input", conflicts_with = "json")]
    output: Option<PathBuf>,
    /// Print the seconds that each part of the work on --input took
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        requires = "input",
        conflicts_with = "json"
    )]
    timings: Option<TimingsFormat>,
}

/// The seconds that the parts of the work on all batches took.
#[derive(Debug, Default, Serialize)]
struct Timings {
    rows: u64,
    /// Read and parsed.
    read: f64,
    /// Checked against the schema.
    check: f64,
    /// Scaled and predicted with the trio.
    predict: f64,
    write: f64,
}

impl FileArgs {
    /// Input and output, of which neither is given without the other.
    pub(super) fn paths(&self) -> Option<(&Path, &Path)> {
        self.input.as_deref().zip(self.output.as_deref())
    }
}

pub(super) fn predict(
    args: &Args,
    artifact: &Artifact,
    input: &Path,
    output: &Path,
) -> Result<(), Failure> {
    check_output(output)?;
    let layout = Layout::plain(&artifact.manifest().schema);
    let refused_file = |error| refuse(error, &artifact.manifest().schema);
    let mut batches =
        Batches::open(input, &layout, &ReadOptions::scoring()).map_err(refused_file)?;
    let purpose = Purpose::Scoring {
        allow_out_of_range: args.allow_out_of_range,
    };
    let checker =
        Checker::new(layout, purpose, batches.file(), batches.columns()).map_err(refused_file)?;
    let mut writer = PredictionWriter::create(output, &batches, &checker)?;
    let bar = progress::bytes("predicting");
    let mut refused = Refusals::beside(output);
    let mut tolerated = Tally::default();
    // Leaving by the usual way removes the unfinished output, which may be large.
    let interruption = Deferred::new();
    let (mut timings, mut watch) = (Timings::default(), Stopwatch::start());
    while let Some(batch) = batches.next() {
        if interruption.requested() {
            return Err(Failure::interrupted());
        }
        let batch = batch.map_err(refused_file)?;
        timings.read += watch.lap();
        let checked = checker.check(&batch);
        refused.add(&checked.rejections)?;
        tolerated.add(&checked.warnings);
        timings.check += watch.lap();
        // Once a row is refused nothing will be kept, but the rest is still checked.
        if refused.tally.cells == 0 {
            let shape = (checked.rows.len(), checked.features.len());
            let x = Array2::from_shape_fn(shape, |(row, feature)| checked.features[feature][row]);
            let predictions = artifact.trio().predict(x.view());
            if let Some(index) = predictions.iter().position(|row| !row.is_finite()) {
                let line = batch.lines()[checked.rows[index]];
                return Err(super::overflow(format!("{}:{line}", input.display())));
            }
            timings.predict += watch.lap();
            writer.write(&batch, &checked, &predictions)?;
            timings.write += watch.lap();
        }
        let position = batches.position();
        progress::advance(&bar, position.bytes, Some(position.total_bytes));
    }
    bar.finish_and_clear();
    if tolerated.cells > 0 {
        output::show(&[tolerated.sheet("Values outside their range")]);
    }
    if refused.tally.cells > 0 {
        return Err(refused.report(input, output));
    }
    writer.finish()?;
    timings.write += watch.lap();
    timings.rows = batches.position().rows;
    if args.file.timings.is_some() {
        output::print_json(&timings)?;
    }
    output::say(format!(
        "wrote {} rows to {}",
        timings.rows,
        output.display()
    ));
    Ok(())
}

/// A file without the model's features has failed, as a row without them has.
fn refuse(error: DataError, schema: &Schema) -> Failure {
    let hint = match error {
        DataError::UnknownHeader { .. } | DataError::MissingColumns { .. } => {
            let names: Vec<_> = schema.feature_names().collect();
            Some(format!("the header must name {}", names.join(", ")))
        }
        _ => error.hint(),
    };
    Failure::new(Code::Failed, error.into()).perhaps_hint(hint)
}

/// The refused cells: every one in a listing beside the output, the first on the screen.
struct Refusals {
    tally: Tally,
    path: PathBuf,
    listing: Option<BufWriter<StagedFile>>,
}

impl Refusals {
    fn beside(output: &Path) -> Self {
        let mut path = output.as_os_str().to_owned();
        path.push(".rejected.csv");
        Self {
            tally: Tally::default(),
            path: path.into(),
            listing: None,
        }
    }

    fn add(&mut self, cells: &[Rejection]) -> Result<(), Failure> {
        self.tally.add(cells);
        if cells.is_empty() {
            return Ok(());
        }
        let failed = IoError::of("write", &self.path);
        let listing = match &mut self.listing {
            Some(listing) => listing,
            none => {
                let mut listing = BufWriter::new(StagedFile::new(&self.path)?);
                let header = ["line", "column", "value", "rule"].map(str::to_owned);
                let written = listing.write_all(csv::line(&header).as_bytes());
                written.map_err(failed)?;
                none.insert(listing)
            }
        };
        for cell in cells {
            let line = csv::line(&[
                cell.line.to_string(),
                cell.column.clone(),
                cell.value.clone(),
                cell.fault.name().to_owned(),
            ]);
            listing.write_all(line.as_bytes()).map_err(failed)?;
        }
        Ok(())
    }

    /// Shows what was refused and gives the failure that it is.
    fn report(self, input: &Path, output: &Path) -> Failure {
        output::show(&[self.tally.sheet("Refused cells")]);
        let listed = self.listing.is_some_and(|listing| {
            listing
                .into_inner()
                .is_ok_and(|listing| listing.commit().is_ok())
        });
        let place = if listed {
            format!("; all are in `{}`", self.path.display())
        } else {
            String::new()
        };
        let error = anyhow!(
            "`{}` has {} refused cells{place}; `{}` was not written",
            input.display(),
            self.tally.cells,
            output.display()
        );
        Failure::new(Code::Failed, error)
            .hint("correct them; --allow-out-of-range lets values outside their range through")
    }
}

/// Cells of one kind: how many there are, and the first of them.
#[derive(Default)]
struct Tally {
    cells: usize,
    first: Vec<Rejection>,
}

impl Tally {
    fn add(&mut self, cells: &[Rejection]) {
        self.cells += cells.len();
        let room = SHOWN - self.first.len();
        self.first.extend(cells.iter().take(room).cloned());
    }

    fn sheet(&self, title: &str) -> Sheet {
        let title = if self.cells > self.first.len() {
            format!("{title}, the first {} of {}", self.first.len(), self.cells)
        } else {
            title.to_owned()
        };
        let mut sheet = Sheet::new(title, &["line", "column", "value", "why"]);
        for cell in &self.first {
            sheet.push([
                cell.line.to_string(),
                cell.column.clone(),
                cell.value.clone(),
                cell.fault.to_string(),
            ]);
        }
        sheet
    }
}
