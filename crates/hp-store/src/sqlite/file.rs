//! The file: its tables, its settings, and whether it is still the one that was opened.

use super::failure::Failure;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How long another process may keep the file locked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Attempts to make a file within that time, or to open it before it is replaced.
const ATTEMPTS: u32 = 100;

const WRITE: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_CREATE);

/// Marks the file as hp's; the letters `hpPL`.
const APPLICATION_ID: i64 = 0x6870_504c;

/// The version of [`TABLES`] with all [`CHANGES`].
const FORMAT: i64 = 3;

/// The tables of the first format. An id is the text of a ULID, so that the order of the table is that of time. A number that is
/// NULL is none, such as the sum of opposite infinities.
const TABLES: &str = "
    CREATE TABLE predictions (
        id TEXT PRIMARY KEY,
        model_version TEXT NOT NULL,
        data_fingerprint TEXT NOT NULL,
        inputs TEXT NOT NULL, -- a JSON object
        lower REAL,
        prediction REAL,
        upper REAL,
        source TEXT NOT NULL,
        latency_us INTEGER NOT NULL,
        actual REAL,
        actual_ms INTEGER -- since 1970
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX predictions_of_version ON predictions (model_version, id);
    CREATE TABLE hours (
        start INTEGER NOT NULL, -- seconds since 1970
        model_version TEXT NOT NULL,
        source TEXT NOT NULL,
        count INTEGER NOT NULL,
        uncertain INTEGER NOT NULL,
        sum_width REAL,
        sum_prediction REAL,
        actuals INTEGER NOT NULL,
        covered INTEGER NOT NULL,
        sum_absolute_error REAL,
        sum_squared_error REAL,
        PRIMARY KEY (start, model_version, source)
    ) STRICT, WITHOUT ROWID;
";

/// What each format since the first changed of the one before it.
const CHANGES: [&str; 2] = [GIT_COMMIT, POINTS];

const GIT_COMMIT: &str = "ALTER TABLE predictions ADD COLUMN git_commit TEXT";

/// The index holds what monitoring asks of every prediction, so that it need not read the inputs.
/// Its 16 digits tell data sets apart in a quarter of the room of 64. The epoch changes whenever
/// records are removed.
const POINTS: &str = "
    DROP INDEX predictions_of_version;
    CREATE INDEX points_of_version ON predictions (
        model_version, id, lower, prediction, upper, actual, source,
        substr(data_fingerprint, 1, 16)
    );
    CREATE TABLE epoch (epoch BLOB NOT NULL) STRICT;
    INSERT INTO epoch VALUES (randomblob(16));
";

/// Where a database is, and how it is written.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    full_sync: bool,
    /// Its address, for errors.
    pub(super) name: String,
}

/// A connection, and which file it leads to.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    identity: Option<Identity>,
}

/// What tells a file from another that later has its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl DatabaseFile {
    pub(super) fn new(path: &Path, full_sync: bool) -> Self {
        Self {
            // SQLite takes some relative names, such as `:memory:`, for something else than a file.
            path: Path::new(".").join(path),
            full_sync,
            name: format!("sqlite://{}", path.display()),
        }
    }

    /// Opens the file for writing, making it if it does not exist.
    pub(super) fn open(&self) -> Result<Opened, Failure> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let opened = self.connect(WRITE)?;
        if State::of(&opened.connection)? != State::Current {
            drop(opened);
            self.make()?;
            return self.open();
        }
        let synchronous = if self.full_sync { "FULL" } else { "NORMAL" };
        let connection = &opened.connection;
        connection.pragma_update(None, "synchronous", synchronous)?;
        if connection.is_readonly("main")? {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
        }
        Ok(opened)
    }

    /// Opens the file for reading.
    pub(super) fn open_to_read(&self) -> Result<Opened, Failure> {
        let opened = self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        match State::of(&opened.connection)? {
            State::Current => Ok(opened),
            State::Empty => Err(Failure::Foreign("it is empty".to_owned())),
            // One that took the place of the file that was opened to be written.
            State::Old { .. } => {
                drop(opened);
                self.make()?;
                self.open_to_read()
            }
        }
    }

    /// Whether `opened` still leads to the file that has the name.
    pub(super) fn is_current(&self, opened: &Opened) -> bool {
        opened.identity == Identity::of(&self.path)
    }

    /// Makes the tables, or adds to them what they lack. Others may be about to do the same, and SQLite does not wait for all of
    /// the locks that this takes.
    fn make(&self) -> Result<(), Failure> {
        for _ in 1..ATTEMPTS {
            match self.try_to_make() {
                Err(failure) if failure.is_busy() => thread::sleep(PATIENCE / ATTEMPTS),
                outcome => return outcome,
            }
        }
        self.try_to_make()
    }

    fn try_to_make(&self) -> Result<(), Failure> {
        let mut connection = self.connect(WRITE)?.connection;
        connection.busy_timeout(Duration::ZERO)?;
        // It can only be chosen for an empty file.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let state = State::of(&transaction)?;
        if state == State::Empty {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        for change in state.lacking() {
            transaction.execute_batch(change)?;
        }
        transaction.pragma_update(None, "user_version", FORMAT)?;
        Ok(transaction.commit()?)
    }

    fn connect(&self, flags: OpenFlags) -> Result<Opened, Failure> {
        // The connection stays with one thread at a time.
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut identity = Identity::of(&self.path);
        for _ in 0..ATTEMPTS {
            let connection = Connection::open_with_flags(&self.path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            let before = identity;
            identity = Identity::of(&self.path);
            // Otherwise it may be one that was replaced or removed meanwhile, or was only now made.
            if before == identity && (identity.is_some() || cfg!(not(unix))) {
                let opened = Opened {
                    connection,
                    identity,
                };
                return Ok(opened);
            }
        }
        let problem = "another program replaces it again and again";
        Err(io::Error::other(problem).into())
    }
}

impl Identity {
    /// The identity of the file at `path`, if it exists and the system tells.
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = fs::metadata(path).ok()?;
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
        })
    }

    #[cfg(not(unix))]
    fn of(_path: &Path) -> Option<Self> {
        None
    }
}

/// Which tables are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// None; the file is no one's yet.
    Empty,
    /// Those of an older format, with so many of the [`CHANGES`].
    Old { changes: usize },
    /// Those that this program writes.
    Current,
}

impl State {
    /// The changes that make them those that this program writes.
    fn lacking(self) -> &'static [&'static str] {
        match self {
            Self::Empty => &CHANGES,
            Self::Old { changes } => CHANGES.get(changes..).unwrap_or_default(),
            Self::Current => &[],
        }
    }

    /// Which tables `connection` finds.
    fn of(connection: &Connection) -> Result<Self, Failure> {
        // One statement, as another process may be making the tables.
        let (application, format, tables): (i64, i64, i64) = connection.query_row(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
            FROM pragma_application_id, pragma_user_version",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        match (application, format) {
            (APPLICATION_ID, FORMAT) => Ok(Self::Current),
            (APPLICATION_ID, 1) => Ok(Self::Old { changes: 0 }),
            (APPLICATION_ID, 2) => Ok(Self::Old { changes: 1 }),
            (APPLICATION_ID, _) => Err(Failure::Foreign(format!(
                "its format is {format}, and this version of hp knows {FORMAT}"
            ))),
            (0, 0) if tables == 0 => Ok(Self::Empty),
            _ => Err(Failure::Foreign("it belongs to another program".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseFile;

    #[test]
    fn every_connection_has_its_settings() {
        let folder = tempfile::tempdir().unwrap();
        for (name, full_sync, synchronous) in [("a", true, 2), ("b", false, 1)] {
            let file = DatabaseFile::new(&folder.path().join(name), full_sync);
            for _ in ["new", "again"] {
                let opened = file.open().unwrap();
                let number = |pragma: &str| -> i64 {
                    let read = |row: &rusqlite::Row<'_>| row.get(0);
                    opened
                        .connection
                        .pragma_query_value(None, pragma, read)
                        .unwrap()
                };
                assert_eq!(number("synchronous"), synchronous);
                assert_eq!(number("auto_vacuum"), 2);
                assert_eq!(number("busy_timeout"), 5_000);
                let read = |row: &rusqlite::Row<'_>| row.get(0);
                let mode: String = opened
                    .connection
                    .pragma_query_value(None, "journal_mode", read)
                    .unwrap();
                assert_eq!(mode, "wal");
            }
        }
    }

    #[test]
    fn names_that_sqlite_takes_for_memory_are_files() {
        let file = DatabaseFile::new(":memory:".as_ref(), true);
        assert_eq!(file.path.to_str(), Some("./:memory:"));
        assert_eq!(file.name, "sqlite://:memory:");
    }
}
