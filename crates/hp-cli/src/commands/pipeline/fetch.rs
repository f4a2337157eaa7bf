//! `hp fetch`: from a source to a validated data set.

use super::validate;
use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::progress;
use crate::settings::DataArgs;
use hp_core::config::{DataConfig, Location, Source};
use hp_core::number::shortest;
use hp_data::{
    Batches, DataManifest, FetchEvent, FetchRequest, Fetched, Layout, Purpose, ReadOptions,
    Validated, overridden,
};
use indicatif::ProgressBar;
use jiff::Timestamp;

/// Download or copy the data set, check every cell, keep the valid rows
///
/// Writes `<name>.csv`, `<name>.manifest.json` and `<name>.rejected.csv` into the data folder, all
/// or nothing. Sources are tried in the order of the data configuration.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// Do not use the network
    #[arg(long)]
    pub(super) offline: bool,
    /// Use this source instead of the configured ones
    #[arg(long, value_name = "URL|PATH")]
    pub(super) source: Option<String>,
    /// How to print the summary
    #[arg(long, value_enum, default_value = "table")]
    pub(super) format: Format,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let (manifest, validated) = fetch(args)?;
    let sheets = [validate::summary(&validated), columns(&manifest)];
    output::print(args.format, &manifest, &sheets)?;
    let data_set = args.data.data_set(&args.data.config()?);
    output::say(format!(
        "wrote {} (fingerprint {})",
        data_set.csv_path().display(),
        manifest.fingerprint.short()
    ));
    Ok(())
}

/// Fetches, validates and publishes the data set.
pub(super) fn fetch(args: &Args) -> Result<(DataManifest, Validated), Failure> {
    let config = args.data.config()?;
    let fetched = receive(args, &config)?;
    let layout = Layout::of(&config);
    let source = &fetched.origin.source;
    let options = ReadOptions::validating(&config);
    let batches = Batches::from_file(fetched.file, source, &layout, &options)?;
    let validated = hp_data::validate(batches, &layout, Purpose::Labelled, &mut |_| ())?;
    if !validated.extra_columns.is_empty() {
        let names = validated.extra_columns.join(", ");
        output::say(format!(
            "note: columns unknown to the schema are left out: {names}"
        ));
    }
    output::show(validate::faults(&validated).as_slice());
    if let Err(policy) = validated.verdict(config.max_rejected) {
        return Err(Failure::from(policy).context(format!("the data of `{source}` is not used")));
    }
    let data_set = args.data.data_set(&config);
    let manifest = data_set.publish(&validated, &config, &fetched.origin)?;
    if manifest.rows_rejected > 0 {
        output::say(format!(
            "note: {} of {} rows are rejected; see {}",
            manifest.rows_rejected,
            manifest.rows_read,
            data_set.rejected_path().display()
        ));
    }
    Ok((manifest, validated))
}

/// Gets the bytes of the first source that can be used.
fn receive(args: &Args, config: &DataConfig) -> Result<Fetched, Failure> {
    let chosen: Vec<Source>;
    let sources = match &args.source {
        Some(source) => {
            chosen = vec![overridden(config, Location::parse(source))];
            &chosen
        }
        None => &config.sources,
    };
    let bar = progress::bytes("fetching");
    let request = FetchRequest {
        sources,
        limits: &config.download,
        offline: args.offline,
        folder: &args.data.data_dir,
        now: &Timestamp::now,
        jitter: &rand::random::<f64>,
    };
    // Of a single source the error itself says why it is unusable.
    let single = sources.len() == 1;
    let observer = |event: FetchEvent<'_>| match event {
        FetchEvent::Unusable { .. } if single => (),
        event => show(&bar, event),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let fetched = runtime.block_on(hp_data::fetch(&request, &observer));
    bar.finish_and_clear();
    Ok(fetched?)
}

fn show(bar: &ProgressBar, event: FetchEvent<'_>) {
    let say = |text: String| bar.suspend(|| output::say(text));
    match event {
        FetchEvent::Trying { location } => bar.set_prefix(location.to_owned()),
        FetchEvent::Received { bytes, total } => progress::advance(bar, bytes, total),
        FetchEvent::Retrying {
            location,
            error,
            wait,
        } => say(format!(
            "note: {location}: {error}; trying again in {:.1} s",
            wait.as_secs_f64()
        )),
        FetchEvent::Unusable { location, error } => say(format!("note: {location}: {error}")),
    }
}

fn columns(manifest: &DataManifest) -> Sheet {
    let mut sheet = Sheet::new("Columns", &["column", "min", "max", "mean"]);
    for column in &manifest.columns {
        sheet.push([
            column.name.clone(),
            shortest(column.min),
            shortest(column.max),
            format!("{:.4}", column.mean),
        ]);
    }
    sheet
}
