//! Holds what the one window may do: its policy, its capability, its commands. A wider one has to be written here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

fn json_of(path: &str) -> Value {
    serde_json::from_str(&text_of(path)).unwrap()
}

fn text_of(path: &str) -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_content_policy_allows_our_own_files_and_our_own_commands_only() {
    let security = json_of("tauri.conf.json")["app"]["security"].clone();
    let expected = json!({
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "ipc: http://ipc.localhost",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    });
    assert_eq!(security["csp"], expected);
    assert_eq!(security["dangerousDisableAssetCspModification"], false);
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(security["assetProtocol"]["enable"], false);
    assert_eq!(json_of("tauri.conf.json")["app"]["withGlobalTauri"], false);
}

#[test]
fn the_capability_of_the_window_is_to_hear_our_events() {
    let capability = json_of("src-tauri/capabilities/main.json");
    assert_eq!(capability["windows"], json!(["main"]));
    assert_eq!(capability["permissions"], json!(["core:event:allow-listen", "core:event:allow-unlisten"]));
    assert!(capability.get("remote").is_none(), "no page from elsewhere may call anything");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src-tauri/capabilities");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "one capability");
}

#[test]
fn the_shell_answers_every_command_of_the_contract_and_no_other() {
    let source = text_of("src-tauri/lib.rs");
    let handler = source.split("generate_handler![").nth(1).unwrap().split(']').next().unwrap();
    let mut answered: Vec<&str> =
        handler.split(',').filter_map(|path| path.trim().rsplit("::").next()).filter(|name| !name.is_empty()).collect();
    let mut promised: Vec<&str> = leerpas_ipc::contract::command_names().collect();
    answered.sort_unstable();
    promised.sort_unstable();
    assert_eq!(answered, promised);
}

#[test]
fn security_h07_the_packaged_entry_hands_each_of_our_links_over() {
    let config = json_of("tauri.conf.json");
    let path = config["bundle"]["linux"]["deb"]["desktopTemplate"].as_str().unwrap();
    let entry = text_of(path);
    // Without `%u` a desktop starts the program and leaves the link out.
    assert!(entry.lines().any(|line| line == "Exec={{exec}} %u"), "{entry}");
    let types = entry.lines().find_map(|line| line.strip_prefix("MimeType=")).unwrap();
    let schemes = config["plugins"]["deep-link"]["desktop"]["schemes"].as_array().unwrap();
    let expected: String =
        schemes.iter().map(|scheme| format!("x-scheme-handler/{};", scheme.as_str().unwrap())).collect();
    assert_eq!(types, expected);
}

/// The packaged entry, installed for one invented user: the desktop's own tools find it for each kind of link, and start
/// what it names with the link as its one word, the first time and again while it runs.
#[cfg(target_os = "linux")]
#[test]
#[allow(clippy::print_stdout, reason = "a test says what it did not do")]
fn security_h07_the_desktop_finds_the_packaged_entry_and_a_link_arrives_cold_and_warm() {
    use std::{os::unix::fs::PermissionsExt as _, process::Command, time::Duration};

    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    for folder in ["data/applications", "config", "bin"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    // In the place of the program: writes down each word that it is started with.
    let heard = at("heard");
    let program = at("bin/leerpas-app");
    fs::write(&program, format!("#!/bin/sh\nprintf '%s|' \"$@\" >> {0}\necho >> {0}\n", heard.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let filled = [
        ("{{exec}}", "leerpas-app"),
        ("{{name}}", "Leerpas"),
        ("{{icon}}", "leerpas-app"),
        ("{{categories}}", "Education;"),
    ];
    let mut entry: String = text_of("src-tauri/linux/leerpas.desktop")
        .lines()
        .filter(|line| !line.starts_with("{{") && !line.starts_with("Comment="))
        .map(|line| format!("{line}\n"))
        .collect();
    for (place, word) in filled {
        entry = entry.replace(place, word);
    }
    fs::write(at("data/applications/Leerpas.desktop"), &entry).unwrap();
    let tool = |name: &str| {
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", at("bin").display()))
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", at("data"))
            .env("XDG_DATA_DIRS", at("none"))
            .env("XDG_CONFIG_HOME", at("config"))
            .env("XDG_CONFIG_DIRS", at("none"))
            // Where there is no desktop, an older `xdg-open` takes a scheme with a digit in it for a file.
            .env("XDG_CURRENT_DESKTOP", "GNOME")
            .env("DISPLAY", ":99");
        command
    };
    if ["xdg-mime", "gio"].iter().any(|name| tool(name).arg("--version").output().is_err()) {
        println!("skipped: there are no tools of a desktop here");
        return;
    }
    let schemes = json_of("tauri.conf.json")["plugins"]["deep-link"]["desktop"]["schemes"].clone();
    for scheme in schemes.as_array().unwrap() {
        let kind = format!("x-scheme-handler/{}", scheme.as_str().unwrap());
        let found = tool("xdg-mime").args(["query", "default", &kind]).output().unwrap();
        assert_eq!(
            String::from_utf8(found.stdout).unwrap().trim(),
            "Leerpas.desktop",
            "{kind}, of which nobody said anything"
        );
        let set = tool("xdg-mime").args(["default", "Leerpas.desktop", &kind]).status().unwrap();
        assert!(set.success(), "{kind}");
        let found = tool("xdg-mime").args(["query", "default", &kind]).output().unwrap();
        assert_eq!(String::from_utf8(found.stdout).unwrap().trim(), "Leerpas.desktop", "{kind}");
    }
    let mut expected = String::new();
    for link in [
        "openid4vp://?client_id=a%20b&request_uri=https%3A%2F%2Fdesk.example%2F1",
        "openid-credential-offer://?credential_offer=%7B%7D&x='$(id)'",
    ] {
        let opened = tool("xdg-open").arg(link).output().unwrap();
        assert!(opened.status.success(), "{link}: {opened:?}");
        expected.push_str(&format!("{link}|\n"));
        for _ in 0..100 {
            if fs::read_to_string(&heard).unwrap_or_default() == expected {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(fs::read_to_string(&heard).unwrap_or_default(), expected, "{link}");
    }
}
