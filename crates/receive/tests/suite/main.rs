//! Receiving, against an issuer in memory. One program, because each one that is linked costs a hundred megabytes and its time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and may say how long it took"
)]

mod attested;
mod bad_input;
mod certified;
mod choosing;
mod encrypted;
mod issuer;
mod journey;
mod metadata;
mod modules;
mod older;
mod returning;
mod security_c;
mod sign_in;
