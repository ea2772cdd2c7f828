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
