//! Holds the edges of ARCHITECTURE.md: what is not listed here fails.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Each room with the rooms that it may stand on.
const MAY_STAND_ON: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("openid", &["core"]),
    ("credential", &["core"]),
    ("intake", &["core"]),
    ("receive", &["core", "openid", "credential"]),
    ("share", &["core", "openid", "credential"]),
    ("check", &["core", "openid", "credential"]),
    ("vault", &["core"]),
    ("net", &["core"]),
    ("wallet", &["core", "openid", "credential", "intake", "receive", "share", "vault", "net"]),
    ("desk", &["core", "openid", "credential", "intake", "check", "net"]),
    ("sandbox", &["core", "openid", "credential", "intake", "check", "net"]),
    ("ipc", &["core", "credential", "wallet"]),
    ("cli", &["core", "credential", "wallet", "net", "check", "desk", "sandbox"]),
    ("fuzz", &["core", "openid", "credential", "intake"]),
    ("xtask", &[]),
    (".", &["core", "wallet", "ipc", "net"]),
];

/// Each fenced package with the only rooms that may name it.
const ALONE_MAY_SEE: &[(&str, &[&str])] = &[
    ("ssi", &["credential"]),
    ("json-ld", &["credential"]),
    ("oxjsonld", &["credential"]),
    ("oxrdf", &["credential"]),
    ("josekit", &["credential"]),
    ("openssl", &["credential"]),
    ("p256", &["credential"]),
    ("p384", &["credential"]),
    ("ed25519-dalek", &["credential"]),
    ("aws-lc-rs", &["credential"]),
    ("rcgen", &["credential"]),
    ("rusqlite", &["vault"]),
    ("keyring", &["vault"]),
    ("reqwest", &["net"]),
    ("rustls-platform-verifier", &["net"]),
    ("qrcode", &["intake"]),
    ("rxing", &["intake"]),
    ("raptorq", &["intake"]),
    ("ts-rs", &["ipc"]),
    ("clap", &["cli"]),
    ("tauri", &["."]),
    ("webkit2gtk", &["."]),
    ("directories", &[".", "cli"]),
    ("zeroizing-alloc", &[".", "cli", "wallet"]),
];

/// Rooms that do their work without a socket, a file or a clock: their sources name none.
const WITHOUT_IO: &[&str] = &["openid", "receive", "share", "check"];
const IO_WORDS: &[&str] =
    &["std::fs", "std::net", "std::process", "tokio::", "SystemTime::now", "Timestamp::now", "SystemClock"];

#[test]
fn rooms_stand_only_on_the_rooms_that_the_plan_names() {
    for (room, manifest) in manifests() {
        let allowed: BTreeSet<_> = MAY_STAND_ON
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("crates/{room} is not in ARCHITECTURE.md's list"))
            .1
            .iter()
            .map(|name| format!("leerpas-{name}"))
            .collect();
        let stands_on: BTreeSet<_> =
            dependencies(&manifest, "dependencies").into_iter().filter(|name| name.starts_with("leerpas-")).collect();
        let extra: Vec<_> = stands_on.difference(&allowed).collect();
        assert!(extra.is_empty(), "{room} stands on {extra:?}, which the plan does not allow");
    }
}

#[test]
fn fenced_packages_are_seen_only_by_their_room() {
    for (room, manifest) in manifests() {
        for name in dependencies(&manifest, "dependencies") {
            if let Some((_, rooms)) = ALONE_MAY_SEE.iter().find(|(package, _)| *package == name) {
                assert!(rooms.contains(&room.as_str()), "{room} names {name}, which belongs to {rooms:?}");
            }
        }
    }
}

#[test]
fn the_packages_of_the_design_card_are_used() {
    let used: BTreeSet<_> = manifests().values().flat_map(|m| dependencies(m, "dependencies")).collect();
    for package in
        ["tauri", "serde", "ssi", "josekit", "rusqlite", "keyring", "reqwest", "qrcode", "tokio", "directories"]
    {
        assert!(used.contains(package), "{package} is used nowhere");
    }
}

#[test]
fn protocol_rooms_open_no_socket_no_file_and_no_clock() {
    for room in WITHOUT_IO {
        for file in sources(&root().join("crates").join(room).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in IO_WORDS {
                assert!(!code.contains(word), "{} names {word}", file.display());
            }
        }
    }
}

#[test]
fn a_room_has_one_program_of_tests_and_every_file_of_it_is_a_part() {
    for room in manifests().into_keys().filter(|room| room != ".") {
        let tests = root().join("crates").join(&room).join("tests");
        let loose: Vec<_> = files(&tests).into_iter().filter(|path| path.is_file()).collect();
        assert!(loose.len() < 2, "{room} links a program of its own for each of {loose:?}");
        let suite = tests.join("suite");
        let Ok(main) = fs::read_to_string(suite.join("main.rs")) else { continue };
        assert!(loose.is_empty(), "{loose:?} stands beside the suite of {room}");
        for path in files(&suite) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                name == "main" || main.lines().any(|line| line == format!("mod {name};")),
                "{} is not in main.rs, so it never runs",
                path.display()
            );
        }
    }
}

#[test]
fn only_the_bridge_of_the_window_knows_tauri() {
    let ui = root().join("ui/src");
    for file in sources(&ui) {
        if !file.starts_with(ui.join("bridge")) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("@tauri-apps"), "{} imports Tauri", file.display());
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every room with its manifest; `.` is the window's shell.
fn manifests() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    found.insert(".".to_owned(), fs::read_to_string(root().join("Cargo.toml")).unwrap());
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        found.insert(name, fs::read_to_string(folder.join("Cargo.toml")).unwrap());
    }
    found
}

/// The names in one table of a manifest, also where a line gives a feature or a path.
fn dependencies(manifest: &str, table: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if let Some(heading) = line.strip_prefix('[') {
            inside = heading.trim_end() == format!("{table}]");
        } else if inside && let Some((name, _)) = line.split_once(['=', '.']) {
            names.insert(name.trim().to_owned());
        }
    }
    names
}

/// What lies in a folder; nothing if there is none.
fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| ["rs", "ts", "svelte"].iter().any(|x| e == *x)) {
                found.push(path);
            }
        }
    }
    found
}
