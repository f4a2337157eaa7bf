//! `hp models pull`: a version from the tracking server.

use crate::failure::Failure;
use crate::output;
use crate::settings::{StoreArgs, Tracked};
use hp_artifact::version_path;
use hp_registry::reference::RemoteReference;

/// Download a version from the tracking server and verify it
///
/// Nothing is downloaded when the version is here already; a version that is here with other
/// contents is never replaced.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// `models:/hp@champion` or `models:/hp/3`
    version: RemoteReference,
    #[command(flatten)]
    store: StoreArgs,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let artifacts = &args.store.artifacts;
    let pulled = Tracked::required()?.pull(&args.version, artifacts)?;
    let path = version_path(artifacts, pulled.version);
    output::print_text(&format!("{}\n", path.display()))?;
    output::say(if pulled.was_there {
        format!(
            "{} is {}, which is here already",
            args.version, pulled.version
        )
    } else {
        format!(
            "{} is {}: {} bytes downloaded, all checksums right",
            args.version, pulled.version, pulled.downloaded_bytes
        )
    });
    Ok(())
}
