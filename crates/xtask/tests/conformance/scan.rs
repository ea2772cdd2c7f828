//! Finds every test in the sources: functions under `#[test]` or `#[tokio::test]`, and the titles of tests for Node.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Folders with sources, seen from the root.
const PLACES: &[&str] = &["crates", "src-tauri", "tests", "ui/tests", "ui/src"];

/// Each test with whether it runs.
pub fn tests(root: &Path) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for file in PLACES.iter().flat_map(|place| files(&root.join(place))) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let here = match file.extension().and_then(|end| end.to_str()) {
            Some("rs") => of_rust(&text),
            Some("mjs" | "ts") => of_node(&text),
            _ => continue,
        };
        for (name, runs) in here {
            // A name that is switched off anywhere is not one to rely on.
            found.entry(name).and_modify(|known: &mut bool| *known &= runs).or_insert(runs);
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut all = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_symlink() || name == "node_modules" || name == "target" {
            continue;
        }
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}

fn of_rust(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut attributes = String::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if inside || line.starts_with("#[") {
            attributes.push_str(line);
            inside = attributes.matches('[').count() > attributes.matches(']').count();
            continue;
        }
        let signature = line.trim_start_matches("pub ").trim_start_matches("async ");
        if let Some((name, _)) = signature.strip_prefix("fn ").and_then(|rest| rest.split_once('('))
            && (attributes.contains("#[test]") || attributes.contains("#[tokio::test"))
        {
            found.push((name.to_owned(), !attributes.contains("#[ignore")));
        }
        if !line.starts_with("//") {
            attributes.clear();
        }
    }
    found
}

fn of_node(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim_start) {
        let Some((call, rest)) = line.split_once("('") else { continue };
        let call = call.trim_start_matches("await ");
        let mut words = call.split('.');
        let name = words.next().unwrap_or_default();
        if !matches!(name, "test" | "it" | "t") || !rest.contains("',") {
            continue;
        }
        if let Some((title, _)) = rest.split_once("',") {
            found.push((title.to_owned(), !words.any(|word| matches!(word, "skip" | "todo" | "fixme"))));
        }
    }
    found
}

#[test]
fn a_test_is_found_by_its_attribute_and_one_that_is_switched_off_is_known_as_such() {
    let rust = "#[test]\nfn a() {}\n#[tokio::test]\n#[ignore = \"slow\"]\n    async fn b() {}\nfn c() {}\n\
                #[test]\n#[expect(\n    clippy::panic,\n    reason = \"x\"\n)]\nfn d() {}\n#[cfg(test)]\nfn e() {}\n";
    let expected = [("a", true), ("b", false), ("d", true)].map(|(name, runs)| (name.to_owned(), runs));
    assert_eq!(of_rust(rust), expected);
    let node = "test('one', () => {\n  await test.skip('two', async () => {\ntext.split('.', 1);\nit('three', f);\n";
    let expected = [("one", true), ("two", false), ("three", true)].map(|(name, runs)| (name.to_owned(), runs));
    assert_eq!(of_node(node), expected);
}
