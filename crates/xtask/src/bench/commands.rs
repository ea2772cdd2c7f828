//! Whole commands, from starting the program to its end.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use super::figure::Figure;
use crate::{journey::PASSPHRASE, programs::target};

const RUNS: usize = 15;
const FEW: usize = 10;
const MANY: usize = 1_000;

/// Lists the cards of both vaults that the engine's benchmark left. They take turns, so that whatever else this
/// computer does hits both.
pub fn measure(folder: &Path) -> Result<Vec<Figure>, String> {
    let (mut few, mut many, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let (short, long) = (list(folder, FEW)?, list(folder, MANY)?);
        // The first run warms the caches of the system.
        if run > 0 {
            few.push(short);
            many.push(long);
            ratio.push(long / short);
        }
    }
    Ok(vec![
        Figure::of(format!("command.{FEW}"), "ms", few),
        Figure::of(format!("command.{MANY}"), "ms", many),
        Figure::of("command.ratio", "×", ratio),
    ])
}

/// How long the list takes, in milliseconds.
fn list(folder: &Path, count: usize) -> Result<f64, String> {
    let mut command = Command::new(target().join("release/leerpas"));
    command
        .env("LEERPAS_PASSPHRASE", PASSPHRASE)
        .args(["--json", "--profile"])
        .arg(folder.join(count.to_string()))
        .arg("cards")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let begun = Instant::now();
    let out = command.output().map_err(|e| format!("leerpas could not be started: {e}"))?;
    let took = begun.elapsed();
    if !out.status.success() {
        return Err(format!("leerpas cards: {}", out.status));
    }
    let found = String::from_utf8_lossy(&out.stdout).matches("\"title\":").count();
    if found != count {
        return Err(format!("leerpas cards listed {found} of {count} cards"));
    }
    Ok(took.as_secs_f64() * 1_000.0)
}
