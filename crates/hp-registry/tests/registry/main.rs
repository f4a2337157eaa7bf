//! Tests of runs, aliases, gates and comparisons, each file by what it is about.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be made fails the test"
)]

mod sample;

mod aliases;
mod collect;
mod compare;
mod gate;
mod index;
mod processes;
mod resolve;
mod runs;
