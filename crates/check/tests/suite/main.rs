//! What the check says of a presentation, a badge and a card. One program, because each one that is linked costs a hundred megabytes and its time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and may say how long it took"
)]

mod about;
mod badges;
mod checklist;
mod common;
mod confirming;
mod journey;
mod modules;
mod offline;
mod refusals;
mod rules;
mod selective;
mod w3c_tokens;
