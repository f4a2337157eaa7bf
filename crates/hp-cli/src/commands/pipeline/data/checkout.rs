//! `hp data checkout`: a version in the place of the data.

use super::VersionsArgs;
use crate::failure::{Code, Failure};
use crate::output;
use crate::settings::VersionArgs;
use anyhow::anyhow;
use hp_artifact::{Manifest, read_manifest};
use hp_data::versions::{DataVersion, DataVersionError, Loose, Outcome, Versions};
use hp_registry::reference::Reference;

/// Put a version in the place of the data set, byte for byte
///
/// What lies there now is kept first, so nothing is lost.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["version", "of_model"]))]
pub(super) struct Args {
    /// A tag, or the first digits of a fingerprint
    #[arg(value_name = "TAG")]
    version: Option<String>,
    /// What this model version was trained on: a version, an alias or `latest`
    #[arg(long, value_name = "VERSION")]
    of_model: Option<Reference>,
    /// Replace data that cannot be kept because it is damaged or was changed by hand
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    place: VersionsArgs,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let data_set = args.place.data_set()?;
    let versions = args.place.versions();
    let version = match (&args.version, &args.of_model) {
        (Some(text), _) => versions.find(text)?,
        (None, Some(model)) => trained_on(&versions, &manifest(args, model)?)?,
        (None, None) => return Err(Failure::new(Code::Usage, anyhow!("no version is named"))),
    };
    let loose = if args.force {
        Loose::Replace
    } else {
        Loose::Refuse
    };
    let (path, short) = (data_set.csv_path(), version.fingerprint.short());
    let (path, rows) = (path.display(), version.rows);
    let checked_out = versions.checkout(&version, &data_set, loose)?;
    match checked_out.outcome {
        Outcome::Unchanged => {
            output::say(format!(
                "unchanged: {path} ({rows} rows, fingerprint {short})"
            ));
        }
        Outcome::Replaced { kept } => {
            output::say(format!("wrote {path} ({rows} rows, fingerprint {short})"));
            if let Some(kept) = kept.filter(|kept| *kept != version.fingerprint) {
                let kept = kept.short();
                output::say(format!(
                    "note: what was there is kept: hp data checkout {kept}"
                ));
            }
        }
    }
    for file in checked_out.missing {
        let (name, digest) = (file.name, file.sha256.short());
        output::say(format!(
            "note: `{name}` with the sha256 {digest} is not kept here; the one that the same rows \
             were kept with last is taken in its place"
        ));
    }
    Ok(())
}

/// What is known of the model version alone; its other files need not be there.
fn manifest(args: &Args, model: &Reference) -> Result<Manifest, Failure> {
    let which = VersionArgs {
        model_version: model.clone(),
        artifact: None,
        store: args.place.artifacts.clone(),
    };
    Ok(read_manifest(&which.path()?)?)
}

fn trained_on(versions: &Versions, manifest: &Manifest) -> Result<DataVersion, Failure> {
    let data = &manifest.data;
    let found = versions.with_fingerprint(data.fingerprint);
    found.map_err(|error| {
        let is_unknown = matches!(error, DataVersionError::Unknown { .. });
        let failure = Failure::from(error).context(format!(
            "the data of {} cannot be brought back",
            manifest.model_version
        ));
        if is_unknown {
            failure.hint(format!(
                "copy it from where it is kept; the {} rows have the fingerprint {}",
                data.rows, data.fingerprint
            ))
        } else {
            failure
        }
    })
}
