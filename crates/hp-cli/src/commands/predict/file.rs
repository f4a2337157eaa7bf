//! Predicting a file of any size, batch by batch.

use super::Args;
use crate::failure::{Code, Failure};
use crate::interrupt::Deferred;
use crate::output::{self, Sheet};
use crate::progress;
use crate::settings::check_output;
use anyhow::anyhow;
use hp_artifact::Artifact;
use hp_core::schema::Schema;
use hp_data::{
    Batches, Checker, DataError, Layout, PredictionWriter, Purpose, ReadOptions, Rejection,
};
use ndarray::Array2;
use std::path::Path;

/// Refused or tolerated cells that are shown.
const SHOWN: usize = 50;

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
    let bar = progress::bytes("predicting", None);
    let (mut refused, mut tolerated) = (Tally::default(), Tally::default());
    // Leaving by the usual way removes the unfinished output, which may be large.
    let interruption = Deferred::new();
    while let Some(batch) = batches.next() {
        if interruption.requested() {
            return Err(Failure::interrupted());
        }
        let batch = batch.map_err(refused_file)?;
        let checked = checker.check(&batch);
        refused.add(&checked.rejections);
        tolerated.add(&checked.warnings);
        // Once a row is refused nothing will be kept, but the rest is still checked.
        if refused.cells == 0 {
            let shape = (checked.rows.len(), checked.features.len());
            let x = Array2::from_shape_fn(shape, |(row, feature)| checked.features[feature][row]);
            writer.write(&batch, &checked, &artifact.trio().predict(x.view()))?;
        }
        let position = batches.position();
        bar.set_length(position.total_bytes);
        bar.set_position(position.bytes);
    }
    bar.finish_and_clear();
    if tolerated.cells > 0 {
        output::show(&[tolerated.sheet("Values outside their range")]);
    }
    if refused.cells > 0 {
        output::show(&[refused.sheet("Refused cells")]);
        let error = anyhow!(
            "`{}` has {} refused cells; `{}` was not written",
            input.display(),
            refused.cells,
            output.display()
        );
        return Err(Failure::new(Code::Failed, error)
            .hint("correct them; --allow-out-of-range lets values outside their range through"));
    }
    writer.finish()?;
    let rows = batches.position().rows;
    output::say(format!("wrote {rows} rows to {}", output.display()));
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
