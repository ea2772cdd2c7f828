//! Everything that has to be there before a build: system packages, Node packages, the built window.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    process::{Command, Stdio},
};

use crate::programs::{cargo, has, npm, root, say, step, target};

/// What a build needs, with the reason.
const TO_BUILD: &[(&str, &str)] = &[
    ("build-essential", "compiles the C parts of SQLCipher and the TLS library"),
    ("pkg-config", "finds the libraries below"),
    ("libssl-dev", "encrypts the vault and the answers"),
    ("libwebkit2gtk-4.1-dev", "draws the window"),
];

/// What the tests need on top.
const TO_TEST: &[(&str, &str)] = &[
    ("xvfb", "a screen for tests of the window"),
    ("webkit2gtk-driver", "drives the window"),
    ("chromium", "drives the desk's page and the window's screens"),
    ("imagemagick", "pictures of the window"),
    ("gnome-keyring", "a real keychain"),
    ("dbus", "the bus that the keychain lives on"),
    ("openssl", "makes the certificates of the servers that tests talk to"),
];

/// Installs what a build needs.
pub fn for_building() -> Result<(), String> {
    system_packages(TO_BUILD)?;
    toolchains()
}

/// Installs what the tests need too.
pub fn for_testing() -> Result<(), String> {
    system_packages(&[TO_BUILD, TO_TEST].concat())?;
    toolchains()
}

fn system_packages(wanted: &[(&str, &str)]) -> Result<(), String> {
    let list = || wanted.iter().map(|(name, why)| format!("  {name:<24} {why}\n")).collect::<String>();
    if !has("apt-get") || !has("dpkg-query") {
        return Err(format!(
            "this system has no apt. Install these by its own means (the names are Debian's), then run the same command again:\n{}",
            list()
        ));
    }
    let missing: Vec<_> = wanted.iter().filter(|(name, _)| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say("Installing what is missing with apt:");
    for (name, why) in &missing {
        println!("  {name:<24} {why}");
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    step("apt-get update", &mut apt(&["update", "-q"])?)?;
    let mut install = apt(&["install", "-y", "-q", "--no-install-recommends"])?;
    step(&format!("apt-get install {}", names.join(" ")), install.args(&names))
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${Status}", package])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|out| out.stdout.ends_with(b"ok installed"))
}

fn apt(arguments: &[&str]) -> Result<Command, String> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    let mut command = if is_root {
        Command::new("apt-get")
    } else if has("sudo") {
        println!("  (asks for your password through sudo)");
        let mut sudo = Command::new("sudo");
        sudo.args(["-E", "apt-get"]);
        sudo
    } else {
        return Err("installing packages needs root or sudo".into());
    };
    command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
    Ok(command)
}

fn toolchains() -> Result<(), String> {
    for (program, why) in [("node", "Node 20.19 or newer"), ("npm", "npm, which comes with Node")] {
        if !has(program) {
            return Err(format!("{why} is missing; see the README for what has to be there first"));
        }
    }
    Ok(())
}

/// Installs the Node packages of the window exactly as the lock file says, if that has not been done.
pub fn node_packages() -> Result<(), String> {
    packages_in("ui", "Installing the window's packages (npm ci)")
}

/// The same for the independent implementations that the tests and the benchmark compare with.
pub fn peer_packages() -> Result<(), String> {
    packages_in("tests/interop", "Installing the peers of the tests (npm ci)")
}

fn packages_in(folder: &str, what: &str) -> Result<(), String> {
    let folder = root().join(folder);
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    let stamp = folder.join("node_modules/.leerpas-stamp");
    let wanted = digest(&lock);
    if fs::read_to_string(&stamp).is_ok_and(|kept| kept == wanted) {
        return Ok(());
    }
    step(what, npm(&["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    fs::write(stamp, wanted).map_err(|e| e.to_string())
}

/// Builds the window's pages, if a source is newer than the last build.
pub fn build_window_pages() -> Result<(), String> {
    node_packages()?;
    let ui = root().join("ui");
    let mut seen = DefaultHasher::new();
    for part in ["src", "index.html", "package-lock.json", "vite.config.ts", "project.inlang"] {
        hash_tree(&ui.join(part), &mut seen);
    }
    let wanted = format!("{:016x}", seen.finish());
    let stamp = target().join("window-pages.stamp");
    if ui.join("dist/index.html").is_file() && fs::read_to_string(&stamp).is_ok_and(|kept| kept == wanted) {
        return Ok(());
    }
    step("Building the window's pages (vite)", &mut npm(&["run", "--silent", "build"]))?;
    fs::create_dir_all(target()).map_err(|e| e.to_string())?;
    fs::write(stamp, wanted).map_err(|e| e.to_string())
}

fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn hash_tree(path: &Path, into: &mut DefaultHasher) {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        entries.sort();
        for entry in entries {
            hash_tree(&entry, into);
        }
    } else if let Ok(bytes) = fs::read(path) {
        path.hash(into);
        bytes.hash(into);
    }
}

/// Builds every program of the workspace; the same selection for every command, so that nothing is built twice.
pub fn build_programs() -> Result<(), String> {
    build_window_pages()?;
    step(
        "Building the programs (the first time takes 5 to 15 minutes, later seconds)",
        &mut cargo(&["build", "--locked", "--workspace", "--bins"]),
    )
}

/// Writes the TypeScript contract of the window.
pub fn write_contract() -> Result<(), String> {
    let out = cargo(&["run", "--quiet", "--locked", "--package", "leerpas-ipc", "--example", "contract"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| e.to_string())?;
    if !out.status.success() {
        return Err("the contract could not be made".into());
    }
    fs::write(root().join("ui/src/bridge/contract.ts"), out.stdout).map_err(|e| e.to_string())
}

/// Writes the page that says what the standards ask and which tests show it.
pub fn write_conformance() -> Result<(), String> {
    step(
        "Writing docs/conformance.md",
        cargo(&["test", "--quiet", "--locked", "--package", "leerpas-xtask", "--test", "conformance"])
            .env("LEERPAS_WRITE_CONFORMANCE", "1"),
    )
}

/// Builds the release and the Debian package.
pub fn package() -> Result<(), String> {
    for_building()?;
    build_window_pages()?;
    step(
        "Building the release (about 15 minutes the first time)",
        &mut cargo(&["build", "--release", "--locked", "--workspace", "--bins"]),
    )?;
    let mut bundle = Command::new(root().join("ui/node_modules/.bin/tauri"));
    step("Making the Debian package", bundle.current_dir(root()).args(["bundle", "--bundles", "deb"]))
}
