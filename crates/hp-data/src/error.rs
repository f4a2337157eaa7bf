//! Why a data set could not be read, validated or written.

use hp_core::fingerprint::Fingerprint;
use hp_durable::IoError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a data set could not be read, validated or written.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The operating system refused something.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The file has no bytes.
    #[error("`{file}` is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// The file has a header and nothing else.
    #[error("`{file}` has a header but no rows")]
    NoRows {
        /// The file.
        file: String,
    },
    /// The file is not of a kind that can be read.
    #[error("`{file}` is {found}, not a CSV or Parquet file")]
    Foreign {
        /// The file.
        file: String,
        /// What it is.
        found: &'static str,
    },
    /// The file's name promises another kind than its bytes are.
    #[error("`{file}` is named like a {promised} file but is none")]
    Misnamed {
        /// The file.
        file: String,
        /// What the name promises.
        promised: &'static str,
    },
    /// The text is in UTF-16.
    #[error("`{file}` is encoded in UTF-16")]
    Utf16 {
        /// The file.
        file: String,
    },
    /// The text is not UTF-8.
    #[error("line {line} of `{file}` is not valid UTF-8")]
    NotUtf8 {
        /// The file.
        file: String,
        /// 1-based.
        line: u64,
    },
    /// A line goes on without end.
    #[error("line {line} of `{file}` is longer than {limit} bytes")]
    LineTooLong {
        /// The file.
        file: String,
        /// 1-based.
        line: u64,
        /// The longest line that is read, in bytes.
        limit: usize,
    },
    /// A quotation mark joins what should be several rows.
    #[error("a quotation mark opens on line {line} of `{file}` and is not closed there")]
    UnclosedQuote {
        /// The file.
        file: String,
        /// 1-based.
        line: u64,
    },
    /// The file holds more than may be read, perhaps only after decompression.
    #[error("`{file}` holds more than {limit} bytes")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Compressed or Parquet data is damaged.
    #[error("`{file}` is damaged: {problem}")]
    Damaged {
        /// The file.
        file: String,
        /// What the decoder said.
        problem: String,
    },
    /// A Parquet column is of a type without one value for each row.
    #[error("column `{column}` of `{file}` is of type {dtype}, which is not supported")]
    UnsupportedType {
        /// The file.
        file: String,
        /// The column, as the file spells it.
        column: String,
        /// Its type.
        dtype: String,
    },
    /// Two columns have the same name.
    #[error("column `{column}` appears twice in `{file}`, as columns {first} and {second}")]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The name, after renaming.
        column: String,
        /// 1-based.
        first: usize,
        /// 1-based.
        second: usize,
    },
    /// With every separator, not one column is known.
    #[error("the header of `{file}` names no known column: `{header}`")]
    UnknownHeader {
        /// The file.
        file: String,
        /// The beginning of the header.
        header: String,
    },
    /// Columns of the schema are not in the file.
    #[error("`{file}` lacks {}", listed(.columns))]
    MissingColumns {
        /// The file.
        file: String,
        /// Their names.
        columns: Vec<String>,
    },
    /// The data set's files do not exist.
    #[error("there is no data set in `{path}`")]
    NotFetched {
        /// The missing file.
        path: PathBuf,
    },
    /// The data set's manifest cannot be understood.
    #[error("the manifest `{path}` is not readable: {problem}")]
    BadManifest {
        /// The manifest.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// The data set was changed after it was fetched.
    #[error("`{path}` has sha256 {actual} but its manifest says {expected}")]
    Changed {
        /// The data file.
        path: PathBuf,
        /// The digest in the manifest.
        expected: Fingerprint,
        /// The digest of the file.
        actual: Fingerprint,
    },
    /// Another process replaced the data set meanwhile.
    #[error("`{path}` was replaced by another process meanwhile")]
    Overtaken {
        /// The data file.
        path: PathBuf,
    },
    /// The data set was made with another schema.
    #[error("`{path}` does not fit the configured columns")]
    OtherSchema {
        /// The data file.
        path: PathBuf,
    },
    /// An output column has the name of an input column.
    #[error("`{file}` already has a column `{column}`")]
    ReservedColumn {
        /// The input file.
        file: String,
        /// The name.
        column: String,
    },
    /// The number of predictions is not the number of rows.
    #[error("{predictions} predictions for {rows} rows")]
    LengthMismatch {
        /// Rows of the batch.
        rows: usize,
        /// Predictions given.
        predictions: usize,
    },
}

impl DataError {
    pub(crate) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl Fn(io::Error) -> Self + use<'a> {
        move |error| IoError::of(action, path)(error).into()
    }

    /// Whether the file could be read but does not meet the policy for data sets.
    #[must_use]
    pub fn is_policy(&self) -> bool {
        matches!(
            self,
            Self::Empty { .. }
                | Self::NoRows { .. }
                | Self::UnknownHeader { .. }
                | Self::MissingColumns { .. }
        )
    }

    /// What to do about it, when there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Io(error) => return error.hint().map(str::to_owned),
            Self::Utf16 { file } => {
                return Some(format!(
                    "save it as UTF-8: iconv -f UTF-16 -t UTF-8 {file} > utf8.csv"
                ));
            }
            Self::NotUtf8 { file, .. } => {
                return Some(format!(
                    "save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 {file} > utf8.csv"
                ));
            }
            Self::Foreign { .. } => "export the table as CSV or Parquet",
            Self::LineTooLong { .. } | Self::UnclosedQuote { .. } => {
                "look for a quotation mark that is never closed"
            }
            Self::TooLarge { .. } => "raise `download.max_mebibytes` in the data configuration",
            Self::UnknownHeader { .. } => {
                "the first line must name the columns, separated by `,`, `;`, tab or `|`; \
                 `rename` in the data configuration adapts names"
            }
            Self::MissingColumns { .. } => {
                "compare `columns`, `target` and `rename` in the data configuration with the file's header"
            }
            Self::NotFetched { .. }
            | Self::BadManifest { .. }
            | Self::Changed { .. }
            | Self::OtherSchema { .. } => "run `hp fetch`",
            Self::Overtaken { .. } => "try again",
            Self::UnsupportedType { .. } => "convert or remove that column",
            Self::ReservedColumn { .. } => "rename or remove that column of the input",
            Self::Empty { .. }
            | Self::NoRows { .. }
            | Self::Misnamed { .. }
            | Self::Damaged { .. }
            | Self::DuplicateColumn { .. }
            | Self::LengthMismatch { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

fn listed(columns: &[String]) -> String {
    let names: Vec<_> = columns.iter().map(|name| format!("`{name}`")).collect();
    let noun = if names.len() == 1 {
        "the column"
    } else {
        "the columns"
    };
    format!("{noun} {}", names.join(", "))
}
