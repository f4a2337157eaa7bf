//! Writing Parquet, frame by frame.

use polars::io::parquet::write::{BatchedWriter, ParquetWriter};
use polars::prelude::{DataFrame, PolarsError};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Rows of a row group, unless they are very long: fewer make a file slow to read, more need more
/// memory.
const GROUP_ROWS: usize = 1 << 17;
const GROUP_BYTES: usize = 64 << 20;

/// Gathers frames of the same columns into row groups.
pub(crate) struct FrameWriter {
    target: Target,
    writer: Option<BatchedWriter<Target>>,
    group: DataFrame,
}

impl FrameWriter {
    pub(crate) fn new(file: File) -> Self {
        Self {
            target: Target(Arc::new(Mutex::new(Written {
                file: BufWriter::with_capacity(1 << 16, file),
                failure: None,
            }))),
            writer: None,
            group: DataFrame::empty(),
        }
    }

    /// Whether no frame has been added, so that nothing is known of the columns.
    pub(crate) fn is_empty(&self) -> bool {
        self.group.width() == 0
    }

    pub(crate) fn add(&mut self, frame: DataFrame) -> io::Result<()> {
        if self.is_empty() {
            self.group = frame;
        } else {
            let stacked = self.group.vstack_mut_owned(frame);
            stacked.map_err(io::Error::other)?;
        }
        if self.group.height() >= GROUP_ROWS || self.group.estimated_size() >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes what is still in memory and what a file ends with.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.write_group()?;
        if let Some(writer) = self.writer.take() {
            let finished = writer.finish();
            finished.map_err(|error| self.target.failure(error))?;
        }
        self.target.lock().file.flush()
    }

    fn write_group(&mut self) -> io::Result<()> {
        self.group.rechunk_mut();
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let writer = ParquetWriter::new(self.target.clone()).batched(self.group.schema());
                none.insert(writer.map_err(io::Error::other)?)
            }
        };
        let written = writer.write_batch(&self.group);
        written.map_err(|error| self.target.failure(error))?;
        self.group = self.group.clear();
        Ok(())
    }
}

/// The file behind the encoder, which hands on the text of an error and not its kind.
#[derive(Clone)]
struct Target(Arc<Mutex<Written>>);

struct Written {
    file: BufWriter<File>,
    failure: Option<io::Error>,
}

impl Target {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What went wrong when the encoder failed.
    fn failure(&self, error: PolarsError) -> io::Error {
        let failure = self.lock().failure.take();
        failure.unwrap_or_else(|| io::Error::other(error))
    }

    fn remember<T>(
        &self,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut written = self.lock();
        write(&mut written.file).map_err(|error| {
            let text = io::Error::new(error.kind(), error.to_string());
            written.failure = Some(error);
            text
        })
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.remember(|file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.remember(BufWriter::flush)
    }
}
