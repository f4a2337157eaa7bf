//! The command line as its users meet it: output, exit codes, files; each file by subcommand or by
//! what goes wrong.

// They use a shell and its signals.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a project that cannot be made fails the test"
)]

mod support;

mod help;

mod data;
mod evaluate;
mod features;
mod fetch;
mod package;
mod predict;
mod predict_file;
mod run;
mod timings;
mod train;
mod validate;

mod doctor;

mod models;
mod origin;
mod runs;
mod tracking;

mod kills;
mod log;
mod monitor;
mod serve;
mod simulate;

mod bad_artifact;
mod bad_config;
mod bad_data;
mod disk;
mod interruption;
mod races;
