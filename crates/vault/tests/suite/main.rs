//! The vault on a real disk. One program, because each one that is linked costs a hundred megabytes and its time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and may say how long it took"
)]

mod attestations;
mod common;
mod dying;
mod grants;
mod keeping;
mod keychain;
mod kill;
mod kill_flow;
mod kill_grants;
mod opening;
mod power;
mod rekey;
mod trust;
