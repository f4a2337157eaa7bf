//! Predicting: single rows with every method and with the served trio, JSON to JSON, and in bulk.
//!
//! Single rows are the held-out ones in turn, so that no branch is learnt by heart.

use criterion::{Criterion, SamplingMode, Throughput};
use hp_artifact::{Artifact, What, load};
use hp_bench::{Boston, Result, TrainedVersion};
use hp_core::prediction::Answer;
use hp_core::record::{RawRow, RawRows};
use hp_models::Regressor;
use ndarray::Array2;

const BULK: usize = 100_000;

fn main() -> Result<()> {
    let boston = Boston::load()?;
    let version = TrainedVersion::new(&boston)?;
    let artifact = load(&version.path, What::Served)?;
    let mut criterion = hp_bench::criterion();
    each_method(&mut criterion, &boston, &version);
    served_trio(&mut criterion, &boston, &artifact)?;
    bulk(&mut criterion, &boston, &artifact);
    criterion.final_summary();
    Ok(())
}

fn each_method(criterion: &mut Criterion, boston: &Boston, version: &TrainedVersion) {
    let rows = held_out(boston).into_iter().map(|mut row| {
        version.trained.preprocessor.transform_row(&mut row);
        row
    });
    let rows: Vec<_> = rows.collect();
    let mut group = criterion.benchmark_group("predict one row");
    for trained in &version.trained.methods {
        let model = &trained.fit.model;
        let mut rows = rows.iter().cycle();
        group.bench_function(&trained.method.name, |bencher| {
            bencher.iter(|| rows.next().map(|row| model.predict_row(row)));
        });
    }
    group.finish();
}

fn served_trio(criterion: &mut Criterion, boston: &Boston, artifact: &Artifact) -> Result<()> {
    let raw = held_out(boston);
    let texts = raw.iter().map(|row| json(boston, row));
    let texts = texts.collect::<Result<Vec<_>>>()?;
    for text in &texts {
        answer(artifact, text, &mut Vec::new())?;
    }

    let mut scratch = Vec::new();
    let mut group = criterion.benchmark_group("predict one row");
    let mut rows = raw.iter().cycle();
    group.bench_function("served trio", |bencher| {
        let trio = artifact.trio();
        bencher.iter(|| rows.next().map(|row| trio.predict_row(row, &mut scratch)));
    });
    let schema = &artifact.manifest().schema;
    let sent = texts.iter().map(|text| Ok(serde_json::from_str(text)?));
    let sent: Vec<RawRow> = sent.collect::<Result<_>>()?;
    let mut sent = sent.iter().cycle();
    group.bench_function("served trio with validation", |bencher| {
        bencher.iter(|| {
            let checked = sent.next().map(|row| row.check(schema, 0));
            checked.map(|row| artifact.trio().predict_row(&row.values, &mut scratch))
        });
    });
    let mut texts = texts.iter().cycle();
    group.bench_function("served trio, JSON to JSON", |bencher| {
        bencher.iter(|| {
            texts
                .next()
                .map(|text| answer(artifact, text, &mut scratch))
        });
    });
    group.finish();
    Ok(())
}

fn bulk(criterion: &mut Criterion, boston: &Boston, artifact: &Artifact) {
    let columns = &boston.table.features;
    let rows: Vec<_> = (0..BULK as u64)
        .map(|index| splitmix(index) % boston.table.n_rows() as u64)
        .collect();
    let x = Array2::from_shape_fn((BULK, columns.len()), |(row, column)| {
        columns[column][usize::try_from(rows[row]).unwrap_or_default()]
    });
    let mut group = criterion.benchmark_group("predict in bulk");
    group
        .throughput(Throughput::Elements(BULK as u64))
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10);
    group.bench_function("served trio, 100,000 rows", |bencher| {
        bencher.iter(|| artifact.trio().predict(x.view()));
    });
    group.finish();
}

/// The finaliser of `SplitMix64`: rows in an order that no branch predictor can learn.
fn splitmix(index: u64) -> u64 {
    let z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn held_out(boston: &Boston) -> Vec<Vec<f64>> {
    let rows = boston.rows.test.iter();
    rows.map(|&row| boston.features(row)).collect()
}

fn json(boston: &Boston, row: &[f64]) -> Result<String> {
    let cells = boston.data.schema.feature_names().zip(row);
    let object: serde_json::Map<_, _> = cells
        .map(|(name, &value)| (name.to_owned(), value.into()))
        .collect();
    Ok(serde_json::to_string(&object)?)
}

/// What `hp predict --json` does with the text of one row.
fn answer(artifact: &Artifact, text: &str, scratch: &mut Vec<f64>) -> Result<String> {
    let RawRows::One(row) = serde_json::from_str(text)? else {
        return Err("expected one row".into());
    };
    let schema = &artifact.manifest().schema;
    let checked = row.check(schema, 0);
    if let Some(problem) = checked.problems.first() {
        return Err(problem.to_string().into());
    }
    let prediction = artifact.trio().predict_row(&checked.values, scratch);
    let version = artifact.manifest().model_version;
    let answer = Answer::new(schema, &checked.values, prediction, version);
    Ok(serde_json::to_string(&answer)?)
}
