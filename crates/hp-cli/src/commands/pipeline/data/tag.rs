//! `hp data tag`: a name for the data as it is.

use super::{VersionsArgs, git_tag};
use crate::failure::{Code, Failure};
use crate::git::Repository;
use crate::output;
use anyhow::anyhow;
use hp_data::versions::{NewTag, Tag, Tagged, Versions};
use jiff::Timestamp;
use std::path::Path;

/// Keep the data set as it is and give it a name
///
/// Writes `versions/<TAG>.json` into the data folder, a small text for Git to track. A tag never
/// changes its meaning.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The name, such as v1.0.0
    tag: Tag,
    /// What there is to say about this version
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Commit the text file, and nothing else, and set the annotated git tag `data-<TAG>`
    #[arg(long)]
    git: bool,
    #[command(flatten)]
    place: VersionsArgs,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let data_set = args.place.data_set()?;
    let repository = if args.git {
        Some(ready(&git_tag(&args.tag))?)
    } else {
        None
    };
    let versions = args.place.versions();
    let new = NewTag {
        tag: args.tag.clone(),
        created_at: Timestamp::now(),
        message: args.message.clone(),
    };
    let tagged = versions.tag(new, &data_set)?;
    if let Some(repository) = repository {
        share(&repository, &versions, &tagged)?;
    }
    let version = &tagged.pointer.version;
    let path = versions.pointers().path(&args.tag);
    let drops_message = args.message.is_some() && args.message != tagged.pointer.message;
    output::say(format!(
        "{} {} ({} rows, fingerprint {}){}",
        if tagged.is_new { "wrote" } else { "unchanged:" },
        path.display(),
        version.rows,
        version.fingerprint.short(),
        if drops_message {
            " (the message stays as it was)"
        } else {
            ""
        }
    ));
    if args.git {
        let tag = git_tag(&args.tag);
        output::say(format!("git: committed it and set the tag {tag}"));
    } else if tagged.is_new {
        output::say("note: Git should track that file; --git commits and tags it");
    }
    Ok(())
}

/// The checkout of the current folder, in which a file can be committed and tagged.
fn ready(tag: &str) -> Result<Repository, Failure> {
    let repository = Repository::open(Path::new(".")).map_err(|failure| {
        Failure::new(Code::Failed, anyhow!(failure.message()))
            .context("--git needs a git checkout")
            .hint("leave --git out, or begin one with `git init`")
    })?;
    repository.check_ready(tag)?;
    Ok(repository)
}

/// Commits the pointer and tags the commit. A pointer that cannot be committed is removed again,
/// unless it was there before.
fn share(repository: &Repository, versions: &Versions, tagged: &Tagged) -> Result<(), Failure> {
    let pointer = &tagged.pointer;
    let (tag, version) = (&pointer.tag, &pointer.version);
    let title = format!("Data version {tag}");
    let facts = format!(
        "{}: {} rows, fingerprint {}",
        version.name, version.rows, version.fingerprint
    );
    let text = match &pointer.message {
        Some(message) => format!("{title}\n\n{message}\n\n{facts}"),
        None => format!("{title}\n\n{facts}"),
    };
    if let Err(failure) = repository.commit_file(&versions.pointers().path(tag), &text) {
        if tagged.is_new {
            versions.pointers().remove(tag)?;
        }
        let other = "do what git says and try again, or leave --git out";
        let hint = failure.cure().unwrap_or(other).to_owned();
        return Err(failure
            .context(format!("{tag} could not be committed, and is not set"))
            .hint(hint));
    }
    let name = git_tag(tag);
    repository.tag(&name, &text).map_err(|failure| {
        failure
            .context(format!("{tag} is committed, but git has no tag {name}"))
            .hint("do what git says and try again")
    })
}
