//! `cargo xtask test`: everything that has to hold, and all that CI runs.

use std::{process::Command, time::Instant};

use crate::{
    fuzz,
    programs::{cargo, npm, root, say, step, target},
    setup,
};

/// Sets up, then checks format, lints, tests, pages and the real window.
pub fn test() -> Result<(), String> {
    let begun = Instant::now();
    setup::for_testing()?;
    setup::node_packages()?;
    setup::peer_packages()?;

    step("Format of the Rust sources", &mut cargo(&["fmt", "--all", "--check"]))?;
    step("Words, format and lints of the window", &mut npm(&["run", "--silent", "lint"]))?;
    step("Types of the window", &mut npm(&["run", "--silent", "check"]))?;
    step("Unit tests of the window", &mut npm(&["run", "--silent", "test"]))?;
    // Before Cargo: the window's pages are built into its program.
    setup::build_window_pages()?;

    step(
        "Rust tests: units, journeys, command line, servers (the first build takes 10 to 15 minutes)",
        &mut cargo(&["test", "--locked", "--workspace"]),
    )?;
    // With a seed, so that who repeats a run sees the same; longer runs by hand take another each time.
    fuzz::fuzz(&["--seconds", "24", "--seed", "2026"])?;
    step(
        "Lints of the Rust sources",
        cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
            .env("CARGO_TERM_COLOR", "never"),
    )?;
    step(
        "Documentation of the Rust sources",
        cargo(&["doc", "--locked", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
    )?;

    step("Screens of the window in Chromium, each through axe", &mut npm(&["run", "--silent", "test:e2e"]))?;
    step("Building the programs for the last tests", &mut cargo(&["build", "--locked", "--workspace", "--bins"]))?;
    step(
        "Building our side of the tests with other implementations",
        &mut cargo(&["build", "--locked", "--workspace", "--example", "counterpart", "--example", "dcql"]),
    )?;
    step("Other implementations: what they sign we verify, what we sign they verify", &mut node_test("interop")?)?;
    step("The desk's page in Chromium", &mut node_test("desk")?)?;
    step("The real window, from offer to verdict", &mut node_test("window")?)?;
    say(&format!(
        "All of it holds ({} s). Pictures of what was seen lie in target/screens.",
        begun.elapsed().as_secs()
    ));
    Ok(())
}

fn node_test(name: &str) -> Result<Command, String> {
    let folder = root().join("tests").join(name);
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    if files.is_empty() {
        return Err(format!("{}: no tests", folder.display()));
    }
    files.sort();
    let mut node = Command::new("node");
    node.current_dir(root())
        .env("LEERPAS_BIN", target().join("debug"))
        .args(["--test", "--test-reporter=spec", "--test-timeout=300000"])
        .args(files);
    Ok(node)
}
