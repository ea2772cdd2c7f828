//! The whole wallet, against the sandbox and hosts on loopback. One program, because each one that is linked costs a hundred megabytes and its time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and may say how long it took"
)]

mod attestations;
mod bad_verifiers;
mod badges;
mod browser;
mod by_hand;
mod card_first;
mod common;
mod connections;
mod drafts;
mod every_no;
mod hostile;
mod interrupted;
mod later;
mod learner;
mod links;
mod locked_sign_in;
mod log;
mod memory;
mod newer;
mod panics;
mod pictures_left;
mod receipts;
mod receive;
mod share;
mod showpieces;
mod slow;
mod status;
mod status_host;
mod trust;
mod verifier;

/// As in the programs: what is freed is wiped.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);
