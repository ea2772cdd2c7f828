//! The project's own commands. `cargo xtask` lists them.
//!
//! `run` and `test` are all that a newcomer needs: each installs what is missing, says so, and goes on.

#![expect(clippy::print_stdout, reason = "telling people what is going on is what this program is for")]

mod bench;
mod fuzz;
mod http;
mod journey;
mod programs;
mod run;
mod setup;
mod test;

use std::process::ExitCode;

const COMMANDS: &str = "\
cargo xtask run         set up, build, start the trial institution and the employer's desk, open the wallet
cargo xtask test        set up, then everything that has to hold: format, lints, tests, pages, the window
cargo xtask bench       measure, and write docs/benchmarks.md
cargo xtask fuzz        throw changed and broken input at every parser: --seconds N [--seed S] [--target NAME]
cargo xtask contract    write ui/src/bridge/contract.ts from crates/ipc
cargo xtask conformance write docs/conformance.md from crates/xtask/tests/conformance
cargo xtask package     build the release and the Debian package
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["run"] => run::run(),
        ["test"] => test::test(),
        ["bench"] => bench::bench(),
        ["fuzz", words @ ..] => fuzz::fuzz(words),
        ["contract"] => setup::write_contract(),
        ["conformance"] => setup::write_conformance(),
        ["package"] => setup::package(),
        _ => {
            println!("{COMMANDS}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("\nStopped: {reason}");
            ExitCode::FAILURE
        }
    }
}
