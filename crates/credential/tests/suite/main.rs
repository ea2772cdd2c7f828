//! The formats of credentials against the published vectors. One program, because each one that is linked costs a hundred megabytes and its time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and may say how long it took"
)]

mod contexts;
mod data_integrity_vectors;
mod one_model;
mod open_badges_3;
mod token_status_list;
mod wycheproof;
mod wycheproof_jose;
