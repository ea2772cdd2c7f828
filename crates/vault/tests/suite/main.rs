//! The vault on a real disk. One program, because each one that is linked costs a hundred megabytes and its time.

mod attestations;
mod common;
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
