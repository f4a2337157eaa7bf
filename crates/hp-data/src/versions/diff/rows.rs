//! The rows of a version, to be compared.

use crate::dataset::DataSet;
use crate::error::DataError;
use crate::versions::description::DataVersion;
use crate::versions::error::DataVersionError;
use crate::versions::store::ObjectStore;
use hp_core::fingerprint::Fingerprint;
use std::borrow::Cow;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Read;

/// A table of numbers `[rows][columns]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    columns: Vec<String>,
    count: usize,
    /// Row after row.
    values: Vec<f64>,
}

/// A row that equals those with the same numbers.
#[derive(Clone, Copy)]
pub(super) struct Key<'a>(&'a [f64]);

impl Rows {
    /// Reads canonical CSV, which is called `file`.
    ///
    /// # Errors
    /// It is not a table of numbers, or cannot be read.
    pub fn parse(file: &str, csv: impl Read) -> Result<Self, DataError> {
        let damaged = |problem: String| DataError::Damaged {
            file: file.to_owned(),
            problem,
        };
        let mut reader = csv::Reader::from_reader(csv);
        let header = reader
            .headers()
            .map_err(|error| damaged(error.to_string()))?;
        let columns: Vec<String> = header.iter().map(str::to_owned).collect();
        let mut values = Vec::new();
        let mut count = 0;
        let mut record = csv::StringRecord::new();
        while reader
            .read_record(&mut record)
            .map_err(|error| damaged(error.to_string()))?
        {
            for cell in &record {
                let value: f64 = cell
                    .parse()
                    .map_err(|_| damaged(format!("`{cell}` is not a number")))?;
                values.push(value);
            }
            count += 1;
        }
        Ok(Self {
            columns,
            count,
            values,
        })
    }

    /// The rows of a version in the store.
    ///
    /// # Errors
    /// They are missing or damaged.
    pub fn kept(store: &ObjectStore, version: &DataVersion) -> Result<Self, DataVersionError> {
        let file = &version.files.csv;
        Ok(Self::parse(&file.name, store.open(file)?)?)
    }

    /// The rows of the data set that lies in its folder, with its fingerprint.
    ///
    /// # Errors
    /// There is none, or it was changed after publication.
    pub fn current(data_set: &DataSet) -> Result<(Self, Fingerprint), DataError> {
        let snapshot = data_set.snapshot()?;
        let (name, path) = &snapshot.files[0];
        let csv = fs::read(path).map_err(DataError::io("read", path))?;
        let fingerprint = Fingerprint::of(&csv);
        snapshot.check_rows(fingerprint)?;
        Ok((Self::parse(name, csv.as_slice())?, fingerprint))
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.count
    }

    /// The numbers of a row, which must exist; the first is row 0.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        let width = self.columns.len();
        &self.values[index * width..(index + 1) * width]
    }

    /// The line of a row in its file.
    #[must_use]
    pub fn line(index: usize) -> usize {
        index + 2
    }

    pub(super) fn key(&self, index: usize) -> Key<'_> {
        Key(self.row(index))
    }

    /// The same rows with some of the columns.
    pub(super) fn with_columns(&self, columns: &[String]) -> Cow<'_, Self> {
        if self.columns == columns {
            return Cow::Borrowed(self);
        }
        let place = |name| self.columns.iter().position(|column| column == name);
        let places: Vec<_> = columns.iter().filter_map(place).collect();
        let mut values = Vec::with_capacity(self.count * places.len());
        for index in 0..self.count {
            let row = self.row(index);
            values.extend(places.iter().map(|&place| row[place]));
        }
        Cow::Owned(Self {
            columns: columns.to_vec(),
            count: self.count,
            values,
        })
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        let bits = |row: &Self| row.0.iter().map(|value| value.to_bits());
        bits(self).eq(bits(other))
    }
}

impl Eq for Key<'_> {}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for value in self.0 {
            state.write_u64(value.to_bits());
        }
    }
}
