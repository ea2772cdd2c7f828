//! Memory of the open window at rest, with the processes of WebKit that it starts.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use super::figure::Figure;
use crate::programs::target;

const RUNS: usize = 3;
/// How long the window is left alone before it is looked at.
const REST: Duration = Duration::from_secs(5);
/// How long the window may take to come up before something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);
const APP: &str = "leerpas-app";
const PAGE: &str = "WebKitWebProcess";

/// One process.
#[derive(Debug)]
struct Process {
    id: u32,
    parent: u32,
    name: String,
    /// Pages in memory, in MB; pages that several processes share count for each.
    resident: f64,
}

/// Opens the window with an empty profile on a screen of its own, and adds up what it takes.
pub fn measure(folder: &Path) -> Result<Vec<Figure>, String> {
    let mut runs: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for run in 0..RUNS {
        for (name, megabytes) in once(&folder.join(format!("window-{run}")))? {
            runs.entry(name).or_default().push(megabytes);
        }
    }
    Ok(runs.into_iter().map(|(name, values)| Figure::of(format!("memory.{name}"), "MB", values)).collect())
}

fn once(home: &Path) -> Result<BTreeMap<String, f64>, String> {
    let screen = Screen::start()?;
    let folder = |name: &str| {
        let folder = home.join(name);
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display())).map(|()| folder)
    };
    // A bus of its own and folders of its own: nothing of the person who measures is read or changed.
    let mut child = Ended(
        Command::new("dbus-run-session")
            .arg("--")
            .arg(target().join("release").join(APP))
            .arg("--profile")
            .arg(folder("profile")?)
            .env("DISPLAY", &screen.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("HOME", folder("home")?)
            .env("XDG_DATA_HOME", folder("data")?)
            .env("XDG_CONFIG_HOME", folder("config")?)
            .env("XDG_CACHE_HOME", folder("cache")?)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("the window could not be started: {e}"))?,
    );
    let begun = Instant::now();
    let app = loop {
        let family = family_of(child.0.id());
        if let (Some(app), true) = (named(&family, APP), named(&family, PAGE).is_some()) {
            break app;
        }
        if let Ok(Some(status)) = child.0.try_wait() {
            return Err(format!("the window ended with {status}"));
        }
        if begun.elapsed() > PATIENCE {
            return Err("the window did not come up".into());
        }
        sleep(Duration::from_millis(100));
    };
    sleep(REST);
    let mut found = BTreeMap::new();
    for process in family_of(app) {
        *found.entry(format!("resident.{}", process.name)).or_default() += process.resident;
        *found.entry("resident.together".to_owned()).or_default() += process.resident;
        // Not every system tells this one.
        if let Some(share) = fair_share(process.id) {
            *found.entry("share.together".to_owned()).or_default() += share;
        }
    }
    // Ending the window ends the bus too.
    let _ = Command::new("kill").arg(app.to_string()).status();
    Ok(found)
}

/// A screen that nobody sees.
struct Screen {
    display: String,
    _server: Ended,
}

/// A program that ends with this value.
struct Ended(Child);

impl Screen {
    fn start() -> Result<Self, String> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("Xvfb could not be started: {e}"))?;
        // It tells the number that it took once it is ready.
        let mut number = String::new();
        if let Some(out) = server.stdout.take() {
            BufReader::new(out).read_line(&mut number).map_err(|e| e.to_string())?;
        }
        let server = Ended(server);
        match number.trim() {
            "" => Err("Xvfb ended before it was ready".into()),
            number => Ok(Self { display: format!(":{number}"), _server: server }),
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself within this time; if not, it is ended.
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(500) {
            if let Ok(Some(_)) = self.0.try_wait() {
                return;
            }
            sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process and everything that it started, and they started.
fn family_of(ancestor: u32) -> Vec<Process> {
    let mut others: Vec<Process> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(read)
        .collect();
    let mut family: Vec<Process> = Vec::new();
    loop {
        let (found, rest): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|process| process.id == ancestor || family.iter().any(|known| known.id == process.parent));
        others = rest;
        if found.is_empty() {
            return family;
        }
        family.extend(found);
    }
}

fn named(family: &[Process], name: &str) -> Option<u32> {
    // The kernel keeps 15 characters of a name.
    family.iter().find(|process| name.starts_with(&process.name)).map(|process| process.id)
}

/// Reads `/proc/ID/status` (proc_pid_status(5)); nothing for a process that is gone.
fn read(id: u32) -> Option<Process> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    Some(Process {
        id,
        parent: field(&status, "PPid:")?.parse().ok()?,
        name: field(&status, "Name:")?.to_owned(),
        resident: megabytes(field(&status, "VmRSS:")?)?,
    })
}

/// Memory in which a page that several processes share counts for each with its part, in MB
/// (proc_pid_smaps(5), `Pss`).
fn fair_share(id: u32) -> Option<f64> {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    megabytes(field(&rollup, "Pss:")?)
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// From the kernel's `123 kB`, which means KiB.
fn megabytes(text: &str) -> Option<f64> {
    let kibibytes: f64 = text.strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_kernel_are_read() {
        let status = "Name:\tleerpas-app\nPPid:\t12\nVmHWM:\t    2000 kB\nVmRSS:\t    1000 kB\n";
        assert_eq!(field(status, "Name:"), Some("leerpas-app"));
        assert_eq!(field(status, "VmRSS:").and_then(megabytes), Some(1.024));
        assert_eq!(field(status, "Threads:"), None);
    }

    #[test]
    fn this_process_belongs_to_its_own_family() {
        let own = std::process::id();
        assert!(family_of(own).iter().any(|process| process.id == own));
    }

    #[test]
    fn names_are_compared_as_the_kernel_cuts_them() {
        let page = Process { id: 7, parent: 1, name: "WebKitWebProces".to_owned(), resident: 1.0 };
        assert_eq!(named(&[page], PAGE), Some(7));
    }
}
