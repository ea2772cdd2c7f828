//! The command line as a person or a script meets it. One program, because each one that is linked costs a hundred megabytes and its time.

mod attestations;
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
mod trust;
