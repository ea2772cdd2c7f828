//! `cargo xtask run`: from nothing to the open wallet.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::{
    journey::{self, Trial, program},
    programs::{say, target},
    setup,
};

/// Sets up, builds, starts the trial, and opens the wallet or, without a display, plays the journey.
pub fn run() -> Result<(), String> {
    setup::for_building()?;
    setup::build_programs()?;
    if has_display() {
        let trial = Trial::start(&folder("trial"))?;
        invite(&trial)?;
        let status = Command::new(program("leerpas-app"))
            .arg("--trial")
            .arg(&trial.folder)
            .stdin(Stdio::null())
            .status()
            .map_err(|e| format!("the window could not be started: {e}"))?;
        if status.success() { Ok(()) } else { Err(format!("the window ended with {status}")) }
    } else {
        say("There is no display here: the same journey with the command line");
        // A fresh folder for each play, since its wallet has to start empty.
        let folder = folder(&format!("journey-{}", std::process::id()));
        let played = Trial::start(&folder).and_then(|trial| journey::play(&trial));
        let removed = std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()));
        played.and(removed)?;
        say("That was the whole journey. With a display, this command opens the window.");
        Ok(())
    }
}

fn folder(name: &str) -> PathBuf {
    target().join(name)
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn invite(trial: &Trial) -> Result<(), String> {
    say("Ready. In the window, choose Add and paste one of these:");
    println!("  a microcredential   {}", trial.sandbox.value("microcredential")?);
    println!("    its code          {}", trial.sandbox.value("tx_code")?);
    println!("  an Open Badge       {}", trial.sandbox.value("badge")?);
    println!("Then open the employer's page in a browser: {}", trial.desk.value("page")?);
    println!("Everything here is invented and stays on this machine. Closing the window ends it all.");
    Ok(())
}
