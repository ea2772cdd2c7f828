//! The whole wallet, against the sandbox and hosts on loopback. One program, because each one that is linked costs a hundred megabytes and its time.

mod bad_verifiers;
mod badges;
mod common;
mod every_no;
mod interrupted;
mod later;
mod learner;
mod links;
mod log;
mod newer;
mod receive;
mod share;
mod showpieces;
mod slow;
mod status;
mod status_host;
mod trust;
mod verifier;
