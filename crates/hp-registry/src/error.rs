//! Why runs, aliases or versions could not be read, recorded or moved.

use crate::aliases::{self, Move};
use crate::gate::GateError;
use crate::reference::{Alias, RemoteReference};
use crate::run::RunId;
use hp_artifact::ArtifactError;
use hp_core::version::ModelVersion;
use hp_durable::IoError;
use jiff::Timestamp;
use std::fmt::Display;
use std::path::PathBuf;

/// Most versions, aliases, runs or candidates that a hint names.
const NAMED: usize = 10;

/// Why runs, aliases or versions could not be read, recorded or moved.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A version cannot be read or trusted.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The gate cannot be read or decided.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The file is a symlink, a folder or something else where a file should be.
    #[error("`{}` is not a regular file", path.display())]
    NotRegular {
        /// The file.
        path: PathBuf,
    },
    /// The file is larger than anything this program writes.
    #[error("`{}` has more than the {limit} bytes allowed", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest length allowed in bytes.
        limit: u64,
    },
    /// The file is not JSON of the expected form.
    #[error("`{}` is not as hp writes it", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file is of a format that this hp does not know yet.
    #[error(
        "`{}` has format {found}, and this hp reads formats up to {supported}",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that is known.
        supported: u32,
    },
    /// Something among the run folders is none: its name is no id, or it is a symlink.
    #[error("`{}` is not the folder of a run: {problem}", path.display())]
    NotRun {
        /// What lies there.
        path: PathBuf,
        /// Why it is none.
        problem: &'static str,
    },
    /// The folder holds another run than its name says.
    #[error("`{}` holds the run {found}", path.display())]
    OtherRun {
        /// The `run.json`.
        path: PathBuf,
        /// The id in it.
        found: RunId,
    },
    /// A file beside `run.json` cannot have this name.
    #[error("`{name}` cannot be the name of a file of a run")]
    FileName {
        /// The name.
        name: String,
    },
    /// The index of the runs is damaged or not hp's.
    #[error("the index `{}` is unusable: {problem}", path.display())]
    IndexDamaged {
        /// The index.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Another program keeps the index locked.
    #[error("the index `{}` is locked by another program", path.display())]
    IndexLocked {
        /// The index.
        path: PathBuf,
    },
    /// The index may not be opened or written.
    #[error("the index `{}` cannot be opened or written", path.display())]
    IndexReadOnly {
        /// The index.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
    /// SQLite refused something else, perhaps as the disk is full.
    #[error("cannot use the index `{}`", path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
    /// No run is meant by the text.
    #[error("there is no run `{text}`")]
    UnknownRun {
        /// What was asked for.
        text: String,
        /// The newest runs, newest first.
        newest: Vec<RunId>,
        /// How many there are in all.
        total: usize,
    },
    /// Several runs begin like this.
    #[error("`{text}` is the beginning of {total} runs")]
    AmbiguousRun {
        /// What was asked for.
        text: String,
        /// The first of them, newest first.
        candidates: Vec<RunId>,
        /// How many there are.
        total: usize,
    },
    /// No rule says which runs to remove.
    #[error("nothing says which runs to remove")]
    NoPolicy,
    /// There is no such version.
    #[error("there is no version {version} in `{}`", artifacts.display())]
    UnknownVersion {
        /// What was asked for.
        version: ModelVersion,
        /// The folder of the versions.
        artifacts: PathBuf,
        /// Those there are, oldest first.
        versions: Vec<ModelVersion>,
        /// The aliases that mean one.
        aliases: Vec<Alias>,
    },
    /// There is no version at all.
    #[error("there is no version in `{}`", artifacts.display())]
    NoVersion {
        /// The folder of the versions.
        artifacts: PathBuf,
    },
    /// The alias means no version.
    #[error("there is no alias `{alias}` in `{}`", artifacts.display())]
    UnknownAlias {
        /// What was asked for.
        alias: Alias,
        /// The folder of the versions.
        artifacts: PathBuf,
        /// Those there are, oldest first.
        versions: Vec<ModelVersion>,
        /// The aliases that mean one.
        aliases: Vec<Alias>,
    },
    /// The version that an alias means, or meant before, is no longer there.
    #[error("`{alias}` leads to {version}, which is not in `{}`", artifacts.display())]
    TargetGone {
        /// The alias.
        alias: Alias,
        /// What it means.
        version: ModelVersion,
        /// The folder of the versions.
        artifacts: PathBuf,
    },
    /// The version is on a server, not in the folder.
    #[error("`{reference}` is on a tracking server")]
    Remote {
        /// What was asked for.
        reference: RemoteReference,
    },
    /// The moves in the file do not follow from one another.
    #[error("`{}` is inconsistent: move {number} {problem}", path.display())]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// Which of the moves, counted from 1.
        number: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The alias means this version already.
    #[error("`{alias}` means {version} already")]
    Already {
        /// The alias.
        alias: Alias,
        /// What it means.
        version: ModelVersion,
    },
    /// Somebody else moved the alias meanwhile.
    #[error(
        "`{alias}` meant {} when this was decided, and means {} now{}",
        named(*expected), named(*found), moved(last.as_deref())
    )]
    Conflict {
        /// The alias.
        alias: Alias,
        /// What it meant when the decision was made.
        expected: Option<ModelVersion>,
        /// What it means now.
        found: Option<ModelVersion>,
        /// The move that led there.
        last: Option<Box<Move>>,
    },
    /// The alias has had no target before this one.
    #[error("`{alias}` has had no target before {version}")]
    NoPrevious {
        /// The alias.
        alias: Alias,
        /// What it means.
        version: ModelVersion,
    },
}

impl RegistryError {
    /// What to do about it, when there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Io(error) => return error.hint().map(str::to_owned),
            Self::Gate(error) => return error.hint(),
            Self::IndexDamaged { .. } => {
                "run `hp runs reindex`; the index is made from the run folders"
            }
            Self::IndexLocked { .. } => "end the other program, or try again",
            Self::IndexReadOnly { .. } => {
                "check the permissions of the file and of its folder; the run folders are complete \
                 without it"
            }
            Self::Index { .. } => "make room on the disk, then run `hp runs reindex`",
            Self::NewerFormat { .. } => "use a newer hp",
            Self::NotRun { .. } | Self::OtherRun { .. } => "move it out of the folder of the runs",
            Self::UnknownRun { newest, total, .. } if newest.is_empty() => {
                debug_assert_eq!(*total, 0);
                "no run is recorded; `hp train` records one"
            }
            Self::UnknownRun { newest, total, .. } => {
                return Some(format!("the newest are {}", listed(newest, *total)));
            }
            Self::AmbiguousRun {
                candidates, total, ..
            } => return Some(format!("it may be {}", listed(candidates, *total))),
            Self::NoPolicy => "say how many to keep, or how old they must be",
            Self::UnknownVersion {
                versions, aliases, ..
            }
            | Self::UnknownAlias {
                versions, aliases, ..
            } => return Some(existing(versions, aliases)),
            Self::NoVersion { .. } => "run `hp train`",
            Self::TargetGone { .. } => "train or pull that version again, or promote another one",
            Self::Remote { .. } => "run `hp models pull` first",
            Self::Inconsistent { path, .. }
            | Self::Malformed { path, .. }
            | Self::NotRegular { path }
                if path.ends_with(aliases::FILE) =>
            {
                "restore it from a copy; moved away, every alias is lost"
            }
            Self::Inconsistent { .. } | Self::Malformed { .. } | Self::NotRegular { .. } => {
                "bring the file back from a copy, or move it away"
            }
            Self::Conflict { .. } => "look at what is there now, and decide again",
            Self::NoPrevious { .. } => "promote another version instead",
            Self::Artifact(_)
            | Self::TooLarge { .. }
            | Self::FileName { .. }
            | Self::Already { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

/// The versions and aliases there are, in words.
fn existing(versions: &[ModelVersion], aliases: &[Alias]) -> String {
    if versions.is_empty() {
        return "there is no version yet; run `hp train`".to_owned();
    }
    let newest: Vec<_> = versions.iter().rev().take(NAMED).collect();
    let mut text = format!("choose from {}", listed(&newest, versions.len()));
    if !aliases.is_empty() {
        let first: Vec<_> = aliases.iter().take(NAMED).collect();
        let noun = if aliases.len() == 1 {
            "alias"
        } else {
            "aliases"
        };
        text = format!(
            "{text}, or from the {noun} {}",
            listed(&first, aliases.len())
        );
    }
    text
}

/// `items`, the first of `total`.
fn listed(items: &[impl Display], total: usize) -> String {
    let names: Vec<_> = items.iter().map(|item| format!("`{item}`")).collect();
    match total.saturating_sub(items.len()) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn named(version: Option<ModelVersion>) -> String {
    version.map_or_else(|| "no version".to_owned(), |version| version.to_string())
}

/// Who made the last move, and when.
fn moved(last: Option<&Move>) -> String {
    let Some(last) = last else {
        return String::new();
    };
    let by = last.by.as_deref().unwrap_or("somebody");
    let at: Timestamp = last.at;
    format!(": {by} moved it at {at:.0}")
}
