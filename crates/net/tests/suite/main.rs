//! The one client, against servers that do as they please. One program, because each one that is linked costs a hundred megabytes and its time.

mod client;
mod common;
mod flow;
mod listen;
