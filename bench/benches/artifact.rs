//! Loading what is served from a version's folder, and the bytes of its largest model.

use criterion::{Criterion, Throughput};
use hp_artifact::codec::{decode_model, encode_model};
use hp_artifact::{What, load};
use hp_bench::{Boston, Result, TrainedVersion};
use std::path::Path;

fn main() -> Result<()> {
    let version = TrainedVersion::new(&Boston::load()?)?;
    let mut criterion = hp_bench::criterion();
    loading(&mut criterion, &version)?;
    codec(&mut criterion, &version)?;
    criterion.final_summary();
    Ok(())
}

fn loading(criterion: &mut Criterion, version: &TrainedVersion) -> Result<()> {
    let mut group = criterion.benchmark_group("artifact");
    for (name, what) in [
        ("load the served trio", What::Served),
        ("load all", What::All),
    ] {
        load(&version.path, what)?;
        group.bench_function(name, |bencher| bencher.iter(|| load(&version.path, what)));
    }
    group.finish();
    Ok(())
}

fn codec(criterion: &mut Criterion, version: &TrainedVersion) -> Result<()> {
    let path = Path::new("model.bin");
    let mut largest = Vec::new();
    let mut model = None;
    for trained in &version.trained.methods {
        let bytes = encode_model(path, &trained.fit.model)?;
        if bytes.len() > largest.len() {
            (largest, model) = (bytes, Some(trained));
        }
    }
    let trained = model.ok_or("no method")?;
    decode_model(path, &largest)?;

    let name = &trained.method.name;
    let mut group = criterion.benchmark_group("artifact");
    group.throughput(Throughput::Bytes(largest.len() as u64));
    group.bench_function(format!("encode {name}"), |bencher| {
        bencher.iter(|| encode_model(path, &trained.fit.model));
    });
    group.bench_function(format!("decode {name}"), |bencher| {
        bencher.iter(|| decode_model(path, &largest));
    });
    group.finish();
    Ok(())
}
