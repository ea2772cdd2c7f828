//! Starting other programs, and telling what is being done.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    // `crates/xtask` lies two levels below the workspace.
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map(PathBuf::from).unwrap_or(here)
}

/// The folder that Cargo builds into.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Says what comes next.
pub fn say(what: &str) {
    println!("\n▸ {what}");
}

/// Runs one step and says how long it took.
pub fn step(what: &str, command: &mut Command) -> Result<(), String> {
    say(what);
    let begun = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|e| format!("{} could not be started: {e}", command.get_program().to_string_lossy()))?;
    if !status.success() {
        return Err(format!("{what}: {status}"));
    }
    println!("  done in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// Cargo, in the workspace.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}

/// npm, in `ui`.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(root().join("ui")).args(arguments);
    command
}

/// Whether a program is on the path.
pub fn has(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
