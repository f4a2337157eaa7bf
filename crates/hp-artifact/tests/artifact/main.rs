//! Tests of the on-disk format, each file by what it is about.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be made fails the test"
)]

mod sample;

mod archive;
mod codec;
mod manifest;
mod process;
mod reference;
mod trio;
mod version;
