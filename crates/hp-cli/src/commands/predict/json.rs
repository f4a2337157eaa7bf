//! Predicting rows given as JSON.

use super::{AnswerFormat, Args};
use crate::failure::{Code, Failure};
use crate::output;
use anyhow::anyhow;
use hp_artifact::Artifact;
use hp_core::prediction::{Answer, Prediction, csv_header, csv_row};
use hp_core::record::{Problem, RawRows};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most bytes of JSON that are read into memory.
const MOST: u64 = 256 << 20;

pub(super) fn predict(args: &Args, artifact: &Artifact, path: &Path) -> Result<(), Failure> {
    let (rows, single) = match read(path)? {
        RawRows::One(row) => (vec![row], true),
        RawRows::Many(rows) => (rows, false),
    };
    let manifest = artifact.manifest();
    let schema = &manifest.schema;
    let checked = rows
        .iter()
        .enumerate()
        .map(|(index, row)| row.check(schema, index));
    let checked: Vec<_> = checked.collect();
    judge(args, checked.iter().flat_map(|row| &row.problems))?;

    let mut scratch = Vec::new();
    let predictions: Vec<Prediction> = checked
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let prediction = artifact.trio().predict_row(&row.values, &mut scratch);
            if !prediction.is_finite() {
                return Err(super::overflow(format!("row {}", index + 1)));
            }
            Ok(prediction)
        })
        .collect::<Result<_, Failure>>()?;
    let version = manifest.model_version;
    let rows = checked.iter().map(|row| row.values.as_slice());
    let rows = rows.zip(predictions);
    let answers = rows
        .clone()
        .map(|(row, prediction)| Answer::new(schema, row, prediction, version));
    match args.format {
        AnswerFormat::Json => match answers.collect::<Vec<_>>().as_slice() {
            [answer] if single => output::print_json(answer),
            answers => output::print_json(&answers),
        },
        AnswerFormat::Ndjson => {
            let lines = answers.map(|answer| Ok(serde_json::to_string(&answer)? + "\n"));
            output::print_text(&lines.collect::<Result<String, Failure>>()?)
        }
        AnswerFormat::Csv => {
            let lines = rows.map(|(row, prediction)| csv_row(row, prediction, version, &[]));
            let header = csv_header(schema.feature_names(), &[]);
            output::print_text(&(header + &lines.collect::<String>()))
        }
    }
}

fn read(path: &Path) -> Result<RawRows, Failure> {
    let (name, reader): (_, Box<dyn Read>) = if path == Path::new("-") {
        ("standard input".to_owned(), Box::new(io::stdin()))
    } else {
        let file = File::open(path).map_err(|error| {
            let error = anyhow!(error).context(format!("cannot open `{}`", path.display()));
            Failure::new(Code::Failed, error).hint("check the path")
        })?;
        (path.display().to_string(), Box::new(file))
    };
    let mut bytes = Vec::new();
    reader
        .take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            let error = anyhow!(error).context(format!("cannot read `{name}`"));
            Failure::new(Code::Failed, error).hint("name a file of JSON, or - for standard input")
        })?;
    if bytes.len() as u64 > MOST {
        let error = anyhow!("`{name}` holds more than {MOST} bytes of JSON");
        return Err(Failure::new(Code::Failed, error)
            .hint("score large files as CSV or Parquet with --input and --output"));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("{name}:{}:{}", error.line(), error.column());
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        Failure::new(Code::Failed, anyhow!("{place}: {text}"))
            .hint("expected one JSON object with a number for each feature, or a list of them")
    })
}

/// Refuses rows with problems, naming every one; or warns where that is enough.
fn judge<'a>(args: &Args, problems: impl Iterator<Item = &'a Problem>) -> Result<(), Failure> {
    let tolerable = |problem: &&Problem| args.allow_out_of_range && problem.rule.is_range();
    let (warnings, errors): (Vec<_>, Vec<_>) = problems.partition(tolerable);
    for warning in warnings {
        output::say(format!("warning: {warning}"));
    }
    if errors.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = errors
        .iter()
        .map(|problem| format!("\n  {problem}"))
        .collect();
    let error = match errors.len() {
        1 => anyhow!("the input has a problem:{}", lines.concat()),
        n => anyhow!("the input has {n} problems:{}", lines.concat()),
    };
    let failure = Failure::new(Code::Failed, error);
    Err(if errors.iter().all(|problem| problem.rule.is_range()) {
        failure.hint("--allow-out-of-range predicts such rows all the same")
    } else {
        failure
    })
}
