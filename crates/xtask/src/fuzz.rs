//! `cargo xtask fuzz`: changed and broken input for everything that reads strangers' bytes.

use crate::programs::{cargo, step};

/// Builds the fuzzer and runs it with these words; see `crates/fuzz`.
pub fn fuzz(words: &[&str]) -> Result<(), String> {
    let mut command = cargo(&["run", "--locked", "--quiet", "--package", "leerpas-fuzz", "--"]);
    step("Fuzzing", command.args(words))
}
