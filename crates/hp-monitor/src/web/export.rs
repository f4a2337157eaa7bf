//! The selection as a file, streamed page by page.

use crate::view::{Monitor, MonitorError, RecordPages, Selection};
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use hp_core::cause::chain;
use hp_core::csv;
use hp_store::{Cell, Columns, PredictionRecord};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

/// Bytes of a piece of a file.
const PIECE: usize = 64 << 10;

type AnyError = Box<dyn Error + Send + Sync>;

/// A file of records that is being written.
pub trait TableFile: Send {
    /// Adds records.
    ///
    /// # Errors
    /// They cannot be written.
    fn write(&mut self, columns: &Columns, records: &[PredictionRecord]) -> Result<(), AnyError>;

    /// Completes the file.
    ///
    /// # Errors
    /// It cannot be written.
    fn finish(self: Box<Self>) -> Result<(), AnyError>;
}

/// Begins a Parquet file of records.
pub type ParquetFiles = Arc<dyn Fn(&Path) -> Result<Box<dyn TableFile>, AnyError> + Send + Sync>;

/// The selection as CSV, newest first.
pub(super) async fn csv(
    monitor: Arc<Monitor>,
    selection: &Selection,
) -> Result<Response, MonitorError> {
    let pages = monitor.pages(selection).await?;
    let lines = try_unfold(
        (monitor, pages, true),
        async |(monitor, mut pages, first)| {
            let Some(records) = logged(pages.next(&monitor).await)? else {
                return Ok::<_, AnyError>(None);
            };
            let mut text = if first {
                csv::line(&pages.columns().names())
            } else {
                String::new()
            };
            for record in &records {
                let cells = logged(cells(pages.columns(), record))?;
                text.push_str(&csv::line(&cells));
            }
            Ok(Some((Bytes::from(text), (monitor, pages, false))))
        },
    );
    let body = Body::from_stream(lines);
    Ok(download("text/csv; charset=utf-8", "predictions.csv", body))
}

/// The selection as Parquet, newest first. The file is written aside while the client waits for its
/// first byte, and then sent.
pub(super) async fn parquet(
    monitor: Arc<Monitor>,
    selection: &Selection,
    files: ParquetFiles,
) -> Result<Response, MonitorError> {
    let pages = monitor.pages(selection).await?;
    let begin = Parquet::Asked {
        monitor,
        pages,
        files,
    };
    let pieces = try_unfold(begin, async |state| {
        let (folder, mut file) = match state {
            Parquet::Asked {
                monitor,
                pages,
                files,
            } => logged(write(&monitor, pages, &files).await)?,
            Parquet::Written { folder, file } => (folder, file),
        };
        let mut piece = vec![0; PIECE];
        let read = logged(file.read(&mut piece).await.map_err(AnyError::from))?;
        piece.truncate(read);
        let next = Parquet::Written { folder, file };
        Ok::<_, AnyError>((read > 0).then_some((Bytes::from(piece), next)))
    });
    let media_type = "application/vnd.apache.parquet";
    let body = Body::from_stream(pieces);
    Ok(download(media_type, "predictions.parquet", body))
}

/// How far a Parquet file is.
enum Parquet {
    /// Nothing is written.
    Asked {
        monitor: Arc<Monitor>,
        pages: RecordPages,
        files: ParquetFiles,
    },
    /// It is there to be sent.
    Written { folder: TempDir, file: File },
}

/// Writes the pages to a file in a folder that vanishes with its handle.
async fn write(
    monitor: &Monitor,
    mut pages: RecordPages,
    files: &ParquetFiles,
) -> Result<(TempDir, File), AnyError> {
    let folder = TempDir::new()?;
    let path = folder.path().join("predictions.parquet");
    let mut table = files(&path)?;
    while let Some(records) = pages.next(monitor).await? {
        let columns = pages.columns().clone();
        let written =
            tokio::task::spawn_blocking(move || table.write(&columns, &records).map(|()| table));
        table = written.await??;
    }
    tokio::task::spawn_blocking(move || table.finish()).await??;
    let file = File::open(path).await?;
    Ok((folder, file))
}

fn cells(columns: &Columns, record: &PredictionRecord) -> Result<Vec<String>, AnyError> {
    match columns.cells(record) {
        Ok(cells) => Ok(cells.iter().map(Cell::text).collect()),
        Err(input) => Err(format!("the input `{input}` of {} has no column", record.id).into()),
    }
}

/// The result for the client, who sees no more of an error than that the answer breaks off.
fn logged<T, E: Into<AnyError>>(result: Result<T, E>) -> Result<T, AnyError> {
    result.map_err(|error| {
        let error = error.into();
        tracing::error!(error = chain(&*error), "an export broke off");
        error
    })
}

fn download(media_type: &'static str, name: &'static str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
}
