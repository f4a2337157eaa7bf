//! What every part of `hp` shares: the schema, records, predictions, versions, fingerprints and the
//! checked configuration. Pure: no files, no network, no clock of its own.

pub mod method;
