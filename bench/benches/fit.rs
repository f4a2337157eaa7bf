//! Fitting the shipped methods on the training rows of Boston Housing, and the whole training.

use criterion::{Criterion, SamplingMode};
use hp_bench::{Boston, Result};
use hp_models::{FitError, Silent};

fn main() -> Result<()> {
    let boston = Boston::load()?;
    let mut criterion = hp_bench::criterion();
    fit(&mut criterion, &boston)?;
    train(&mut criterion, &boston);
    criterion.final_summary();
    Ok(())
}

fn fit(criterion: &mut Criterion, boston: &Boston) -> Result<()> {
    let rows = boston.training_rows()?;
    let methods = &boston.models.methods;
    let mut group = criterion.benchmark_group("fit");
    for method in methods {
        let fit = || hp_models::fit(&method.config, rows.x.view(), rows.y.view(), &Silent);
        fit()?;
        group.bench_function(&method.name, |bencher| bencher.iter(fit));
    }
    let fit_all = || -> std::result::Result<Vec<_>, FitError> {
        let fits = methods
            .iter()
            .map(|method| hp_models::fit(&method.config, rows.x.view(), rows.y.view(), &Silent));
        fits.collect()
    };
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("all eight", |bencher| bencher.iter(fit_all));
    group.finish();
    Ok(())
}

fn train(criterion: &mut Criterion, boston: &Boston) {
    let mut group = criterion.benchmark_group("train");
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("fit and cross-validate all eight", |bencher| {
        bencher.iter(|| hp_bench::train(boston));
    });
    group.finish();
}
