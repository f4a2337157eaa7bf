//! What every part of `hp` shares: the schema, records, predictions, versions, fingerprints and the
//! checked configuration. Pure: no files, no network, no clock of its own.

pub mod prediction;
pub mod record;
pub mod rule;
pub mod schema;
pub mod table;

pub mod cause;
pub mod csv;
pub mod fingerprint;
pub mod number;
pub mod version;

pub mod config;
pub mod method;
pub mod reference;
pub mod training;
pub mod yaml;
