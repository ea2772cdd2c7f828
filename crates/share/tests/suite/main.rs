//! Sharing, against verifiers in memory. One program, because each one that is linked costs a hundred megabytes and its time.

mod answer;
mod checklist;
mod common;
mod exchange;
mod federation;
mod hostile;
mod modules;
mod prefixes;
mod refusals;
mod registration;
mod request;
mod security_d;
mod security_d_rows;
mod selective;
mod several;
mod transaction;
