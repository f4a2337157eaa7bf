//! How good the methods are: metrics, the evaluation of every method on labelled rows, and a report
//! with pictures. Pure: the caller reads predictions and writes the files.

pub mod metrics;

pub mod evaluation;
pub mod table;

pub mod report;
