//! `cargo xtask bench`: measures the release as people get it, and writes the figures into `docs/benchmarks.md`.

mod commands;
mod figure;
mod memory;
mod report;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use figure::Figure;

use crate::{
    programs::{cargo, root, say, target},
    setup,
};

/// Builds the release and its package, measures, and writes the figures down.
pub fn bench() -> Result<(), String> {
    // Those of the tests, because memory is measured on a screen.
    setup::for_testing()?;
    setup::package()?;
    setup::peer_packages()?;
    // Vaults of an earlier run would not be made again.
    let folder = target().join("bench");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;

    let mut figures = engine(&folder)?;
    figures.extend(desk()?);
    say("Measuring whole commands");
    figures.extend(commands::measure(&folder)?);
    say("Measuring sizes");
    figures.extend(sizes()?);
    say("Measuring memory at rest");
    figures.extend(memory::measure(&folder)?);

    let document = root().join("docs/benchmarks.md");
    let text = fs::read_to_string(&document).map_err(|e| format!("{}: {e}", document.display()))?;
    let text = report::put_into(&text, &report::write(&figures))?;
    fs::write(&document, text).map_err(|e| format!("{}: {e}", document.display()))?;
    say("The figures");
    print!("{}", report::plain(&figures));
    println!("\nWritten to {}", document.display());
    Ok(())
}

/// Runs the benchmark of the engine, which leaves its vaults in `folder`.
fn engine(folder: &Path) -> Result<Vec<Figure>, String> {
    say("Measuring the engine (a few minutes)");
    figures(cargo(&["bench", "--locked", "--workspace", "--bench", "figures"]).env("LEERPAS_BENCH_FOLDER", folder))
}

/// Runs the benchmark of the desk.
fn desk() -> Result<Vec<Figure>, String> {
    say("Measuring the desk (a minute)");
    figures(&mut cargo(&["bench", "--locked", "--workspace", "--bench", "sessions"]))
}

/// Runs a benchmark and reads its figures.
fn figures(benchmark: &mut Command) -> Result<Vec<Figure>, String> {
    let mut child = benchmark
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cargo bench could not be started: {e}"))?;
    let mut figures = Vec::new();
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            let line = line.map_err(|e| e.to_string())?;
            figures.extend(Figure::read(&line)?);
        }
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    if !status.success() {
        return Err(format!("cargo bench: {status}"));
    }
    Ok(figures)
}

/// What people download and what it unpacks to, in megabytes of a million bytes.
fn sizes() -> Result<Vec<Figure>, String> {
    let release = target().join("release");
    [("size.leerpas", release.join("leerpas")), ("size.leerpas-app", release.join("leerpas-app")), ("size.deb", deb()?)]
        .into_iter()
        .map(|(name, path)| {
            let bytes = fs::metadata(&path).map_err(|e| format!("{}: {e}", path.display()))?.len();
            Ok(Figure::of(name, "MB", vec![bytes as f64 / 1e6]))
        })
        .collect()
}

/// The newest package that was made.
fn deb() -> Result<PathBuf, String> {
    let folder = target().join("release/bundle/deb");
    fs::read_dir(&folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .max_by_key(|path| path.metadata().and_then(|data| data.modified()).ok())
        .ok_or_else(|| format!("there is no .deb in {}", folder.display()))
}
