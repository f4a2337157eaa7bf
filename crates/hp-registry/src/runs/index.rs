//! The index of the runs: one SQLite table with what a list says of each. It is replaced rather
//! than migrated.

mod row;

use super::summary::{RunQuery, RunSummary};
use crate::error::RegistryError;
use crate::run::{Run, RunId, RunStatus};
use hp_durable::IoError;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, TransactionBehavior};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another program may keep the file locked.
const PATIENCE: Duration = Duration::from_secs(2);

/// Marks the file as hp's; the letters `hpRN`.
const APPLICATION_ID: i64 = 0x6870_524e;

/// The version of [`TABLE`].
const FORMAT: i64 = 1;

/// An id is the text of a ULID, so that the order of the table is that of time.
const TABLE: &str = "
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        status TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        model_version TEXT NOT NULL,
        data_name TEXT NOT NULL,
        data_fingerprint TEXT NOT NULL,
        git_commit TEXT,
        git_dirty INTEGER NOT NULL,
        user TEXT,
        failure TEXT,
        metrics TEXT NOT NULL -- a JSON object
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX runs_of_version ON runs (model_version, id);
    CREATE INDEX running ON runs (id) WHERE status = 'RUNNING';
";

/// An open index.
#[derive(Debug)]
pub(super) struct Index {
    connection: Connection,
    path: PathBuf,
}

impl Index {
    /// Opens the index at `path`; `None` when there is none, or one of another version of hp.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, RegistryError> {
        if !path.exists() {
            return Ok(None);
        }
        let index = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let marks = "SELECT application_id, user_version
            FROM pragma_application_id, pragma_user_version";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let marks: (i64, i64) = index.told(index.connection.query_row(marks, [], read))?;
        match marks {
            (APPLICATION_ID, FORMAT) => Ok(Some(index)),
            (APPLICATION_ID, _) => Ok(None),
            _ => Err(index.damaged("it belongs to another program")),
        }
    }

    /// Makes an index with these rows in the empty file at `path`.
    pub(super) fn create(path: &Path, rows: &[RunSummary]) -> Result<(), RegistryError> {
        let mut index = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let made = || -> rusqlite::Result<()> {
            let connection = &index.connection;
            // Nobody sees the file before it is whole.
            connection.pragma_update(None, "journal_mode", "OFF")?;
            connection.execute_batch(TABLE)?;
            connection.pragma_update(None, "application_id", APPLICATION_ID)?;
            connection.pragma_update(None, "user_version", FORMAT)
        };
        index.told(made())?;
        index.change(rows, &[])
    }

    /// The ids of all rows.
    pub(super) fn ids(&self) -> Result<BTreeSet<RunId>, RegistryError> {
        self.ids_of("SELECT id FROM runs ORDER BY id")
    }

    /// The ids of the rows that say RUNNING.
    pub(super) fn running(&self) -> Result<BTreeSet<RunId>, RegistryError> {
        self.ids_of("SELECT id FROM runs WHERE status = 'RUNNING'")
    }

    /// Puts rows in the place of those with the same ids, and removes others.
    pub(super) fn change(
        &mut self,
        put: &[RunSummary],
        remove: &[RunId],
    ) -> Result<(), RegistryError> {
        let connection = &mut self.connection;
        let changed = (|| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut delete = transaction.prepare("DELETE FROM runs WHERE id = ?1")?;
            for id in remove {
                delete.execute([id.to_string()])?;
            }
            drop(delete);
            let mut statement = transaction.prepare(row::PUT)?;
            for summary in put {
                row::write(&mut statement, summary)?;
            }
            drop(statement);
            transaction.commit()
        })();
        self.told(changed)
    }

    /// The rows that `query` asks for, newest first. A run that is said to be at work is asked
    /// again, with `read`.
    pub(super) fn query(
        &self,
        query: &RunQuery,
        read: &dyn Fn(RunId) -> Option<Run>,
    ) -> Result<Vec<RunSummary>, RegistryError> {
        let limit = query.limit.unwrap_or(usize::MAX);
        let listed = (|| {
            let (condition, version) = match query.version {
                Some(version) => ("model_version = ?1", version.to_string()),
                None => ("?1 = ''", String::new()),
            };
            let select = format!("SELECT * FROM runs WHERE {condition} ORDER BY id DESC");
            let mut select = self.connection.prepare(&select)?;
            let mut rows = select.query([version])?;
            let mut listed = Vec::new();
            while listed.len() < limit
                && let Some(row) = rows.next()?
            {
                let mut status = row::status(row)?;
                let mut now = None;
                if status == RunStatus::Running {
                    now = row::id(row).ok().and_then(read);
                    status = now.as_ref().map_or(status, |run| run.status);
                }
                if query.takes(status) {
                    listed.push(match now {
                        Some(run) => RunSummary::of(&run),
                        None => row::summary(row)?,
                    });
                }
            }
            Ok(listed)
        })();
        self.told(listed)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, RegistryError> {
        // SQLite takes some relative names, such as `:memory:`, for something else than a file.
        let file = Path::new(".").join(path);
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(file, flags).and_then(|connection| {
            connection.busy_timeout(PATIENCE)?;
            // What a power failure takes is in the folders.
            connection.pragma_update(None, "synchronous", "OFF")?;
            Ok(connection)
        });
        Ok(Self {
            connection: opened.map_err(|error| told(path, error))?,
            path: path.to_owned(),
        })
    }

    fn ids_of(&self, select: &str) -> Result<BTreeSet<RunId>, RegistryError> {
        let ids = (|| {
            let mut select = self.connection.prepare(select)?;
            let ids = select.query_map([], row::id)?;
            ids.collect()
        })();
        self.told(ids)
    }

    fn told<T>(&self, result: rusqlite::Result<T>) -> Result<T, RegistryError> {
        result.map_err(|error| told(&self.path, error))
    }

    fn damaged(&self, problem: &str) -> RegistryError {
        RegistryError::IndexDamaged {
            path: self.path.clone(),
            problem: problem.to_owned(),
        }
    }
}

/// Removes what would spoil the next index at `path`: the journal that a killed writer left, which
/// SQLite would play back into it. As the index would be wrong without its journal, it goes first.
pub(super) fn clear_for_successor(path: &Path) -> Result<(), RegistryError> {
    let beside = ["-journal", "-wal", "-shm"].map(|ending| {
        let mut name = OsString::from(path);
        name.push(ending);
        PathBuf::from(name)
    });
    if beside.iter().any(|path| path.symlink_metadata().is_ok()) {
        for path in [path.to_owned()].iter().chain(&beside) {
            match fs::remove_file(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(IoError::of("remove", path))?,
            }
        }
    }
    Ok(())
}

/// What an error of SQLite means for the index at `path`.
fn told(path: &Path, source: rusqlite::Error) -> RegistryError {
    let path = path.to_owned();
    let damaged = |problem: String| RegistryError::IndexDamaged {
        path: path.clone(),
        problem,
    };
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => damaged("it is no file of SQLite".to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => damaged("it is damaged".to_owned()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            RegistryError::IndexLocked { path }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            RegistryError::IndexReadOnly { path, source }
        }
        // A table that is missing or other than expected is such an unspecific one.
        Some(ErrorCode::Unknown) | None => damaged(source.to_string()),
        Some(_) => RegistryError::Index { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::error::RegistryError;
    use rusqlite::ffi;

    #[test]
    fn every_refusal_of_sqlite_has_its_error() {
        let of = |code| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            told("runs.db".as_ref(), error)
        };
        for code in [ffi::SQLITE_READONLY, ffi::SQLITE_CANTOPEN, ffi::SQLITE_PERM] {
            assert!(matches!(of(code), RegistryError::IndexReadOnly { .. }));
        }
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB, ffi::SQLITE_ERROR] {
            assert!(matches!(of(code), RegistryError::IndexDamaged { .. }));
        }
        assert!(matches!(
            of(ffi::SQLITE_BUSY),
            RegistryError::IndexLocked { .. }
        ));
        assert!(matches!(of(ffi::SQLITE_FULL), RegistryError::Index { .. }));
    }
}
