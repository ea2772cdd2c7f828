//! The command line as a person or a script meets it. One program, because each one that is linked costs a hundred megabytes and its time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and may say how long it took"
)]

mod attestations;
mod attested;
mod common;
mod drafts;
mod export;
mod journey;
mod killed;
mod later;
mod limits;
mod model;
mod offline;
mod refusals;
mod several;
mod trust;
