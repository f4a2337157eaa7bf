//! Files and folders that appear whole or not at all, whenever the process or the machine stops,
//! and locks between processes.
//!
//! A [`StagedFile`] or [`StagedFolder`] is written beside its target under a hidden name and takes
//! the target's place when it is committed. What killed writers leave behind is cleared away by the
//! next one.

mod error;
mod folder;
mod lock;
mod staged_file;
mod staged_folder;

pub use error::IoError;
pub use folder::{fill_folder, sync_folder};
pub use lock::Lock;
pub use staged_file::{StagedFile, write_file};
pub use staged_folder::StagedFolder;
