//! `hp package`: one archive with everything that a version needs elsewhere.

use super::evaluate;
use super::model_card;
use crate::failure::Failure;
use crate::output;
use crate::settings::{DataConfigArgs, VersionArgs, check_output};
use hp_artifact::{Extra, MANIFEST_FILE, Manifest, Packaged, checksum_path, read_archive, verify};
use hp_evaluate::evaluation::Evaluation;
use std::path::{Path, PathBuf};

/// Verify a version and write it as one archive with model card and input example
///
/// Writes `<version>.tar.zst` and its checksum beside the version. `hp predict --artifact` loads it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) version: VersionArgs,
    #[command(flatten)]
    pub(super) config: DataConfigArgs,
    /// The archive [default: VERSION.tar.zst beside the version]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if let Some(output) = &args.output {
        check_output(output)?;
    }
    let contents = Contents::gather(args)?;
    if contents.evaluation.is_none() {
        output::say(
            "note: there is no evaluation of this version; `hp evaluate` adds its metrics to the model card",
        );
    }
    let packaged = contents.write()?;
    output::print_text(&format!("{}\n", packaged.archive.display()))?;
    output::say(format!(
        "{} bytes, sha256 {}",
        packaged.bytes, packaged.sha256
    ));
    Ok(())
}

impl Args {
    /// Packages `version` beside its folder.
    pub(super) fn beside(version: VersionArgs, config: DataConfigArgs) -> Self {
        Self {
            version,
            config,
            output: None,
        }
    }
}

/// What goes into the archive.
pub(super) struct Contents {
    folder: PathBuf,
    archive: PathBuf,
    manifest: Manifest,
    evaluation: Option<Evaluation>,
    extras: Vec<(&'static str, Vec<u8>)>,
}

impl Contents {
    pub(super) fn gather(args: &Args) -> Result<Self, Failure> {
        let folder = args.version.path()?;
        let manifest = verify(&folder)?;
        let beside = args.version.folder();
        let version = manifest.model_version.to_string();
        let evaluation = evaluate::Paths::new(&beside, &version).current(&manifest);
        let card = args.config.read()?.card;
        let example = serde_json::to_string_pretty(&manifest.example)? + "\n";
        let card = model_card::write(&manifest, evaluation.as_ref(), &card);
        let mut extras = vec![
            ("README.md", card.into_bytes()),
            ("input_example.json", example.into_bytes()),
        ];
        if let Some(evaluation) = &evaluation {
            extras.push(("evaluation.json", evaluation.to_json()?.into_bytes()));
        }
        let archive = args.output.clone();
        Ok(Self {
            archive: archive.unwrap_or_else(|| beside.join(format!("{version}.tar.zst"))),
            folder,
            manifest,
            evaluation,
            extras,
        })
    }

    pub(super) fn archive(&self) -> &Path {
        &self.archive
    }

    /// Whether the archive on disk is sound, has a checksum and already holds exactly this.
    pub(super) fn is_current(&self) -> Result<bool, Failure> {
        let Ok(entries) = read_archive(&self.archive) else {
            return Ok(false);
        };
        let manifest = self.manifest.to_json()?.into_bytes();
        let wanted = self.extras.iter().map(|(name, bytes)| (*name, bytes));
        let mut wanted = wanted.chain([(MANIFEST_FILE, &manifest)]);
        Ok(checksum_path(&self.archive).exists()
            && wanted.all(|(name, bytes)| entries.get(name) == Some(bytes)))
    }

    pub(super) fn write(&self) -> Result<Packaged, Failure> {
        let extras: Vec<_> = self
            .extras
            .iter()
            .map(|(name, bytes)| Extra { name, bytes })
            .collect();
        Ok(hp_artifact::package(&self.folder, &extras, &self.archive)?)
    }
}
