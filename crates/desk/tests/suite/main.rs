//! The desk as its visitors and its clients meet it. One program, because each one that is linked costs a hundred megabytes and its time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and may say how long it took"
)]

mod about;
mod answering;
mod identity;
mod offline;
mod page;
mod public;
mod security_j;
mod security_j_time;
mod trial;
