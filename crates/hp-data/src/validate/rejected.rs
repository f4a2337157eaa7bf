//! All faults of a file as CSV, compressed: of a hopeless file there are too many to keep as they are.

use crate::check::Rejection;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{self, Read};

/// A compressed table of faults.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RejectedCsv(Vec<u8>);

/// Collects a [`RejectedCsv`].
pub(super) struct RejectedWriter(csv::Writer<DeflateEncoder<Vec<u8>>>);

impl RejectedCsv {
    /// The text: line, column, value, rule.
    pub(crate) fn reader(&self) -> impl Read {
        DeflateDecoder::new(self.0.as_slice())
    }
}

impl RejectedWriter {
    pub(super) fn new() -> io::Result<Self> {
        let encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        let mut writer = csv::Writer::from_writer(encoder);
        writer.write_record(["line", "column", "value", "rule"])?;
        Ok(Self(writer))
    }

    pub(super) fn push(&mut self, rejection: &Rejection) -> io::Result<()> {
        let line = rejection.line.to_string();
        let rule = rejection.fault.name();
        let fields = [&line, &rejection.column, &rejection.value, rule];
        Ok(self.0.write_record(fields)?)
    }

    pub(super) fn finish(self) -> io::Result<RejectedCsv> {
        let encoder = self.0.into_inner();
        let bytes = encoder.map_err(csv::IntoInnerError::into_error)?.finish()?;
        Ok(RejectedCsv(bytes))
    }
}
