//! Sharing, against verifiers in memory. One program, because each one that is linked costs a hundred megabytes and its time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and may say how long it took"
)]

mod answer;
mod checklist;
mod common;
mod exchange;
mod federation;
mod hostile;
mod modules;
mod prefixes;
mod receipt;
mod refusals;
mod registration;
mod request;
mod security_d;
mod security_d_rows;
mod selective;
mod several;
mod transaction;
