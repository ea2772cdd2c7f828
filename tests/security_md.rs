//! Holds SECURITY.md to the program: its figures, the tests that it names and the packages that it lists.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use leerpas_core::{Purpose, limits};

const PAGE: &str = include_str!("../SECURITY.md");
const TABLE: &str = include_str!("../crates/core/src/limits.rs");
const LOCK: &str = include_str!("../Cargo.lock");

/// Replies without a cap of their own.
const OTHER_REPLIES: [Purpose; 9] = [
    Purpose::Offer,
    Purpose::Metadata,
    Purpose::Authorization,
    Purpose::Token,
    Purpose::Nonce,
    Purpose::RequestObject,
    Purpose::Response,
    Purpose::Keys,
    Purpose::Badge,
];

/// Each name in the last column of the page's table, with the figure of the program.
fn figures() -> BTreeMap<&'static str, i128> {
    let size = |value: usize| i128::try_from(value).unwrap_or(-1);
    BTreeMap::from([
        ("LINK", size(limits::LINK)),
        ("PASTE", size(limits::PASTE)),
        ("FILE", size(limits::FILE)),
        ("BADGE_IMAGE", size(limits::BADGE_IMAGE)),
        ("QR_IMAGE", size(limits::QR_IMAGE)),
        ("PIXELS", limits::PIXELS.into()),
        ("PNG_TEXT", size(limits::PNG_TEXT)),
        ("CREDENTIAL", size(limits::CREDENTIAL)),
        ("STATUS_LIST_INFLATED", size(limits::STATUS_LIST_INFLATED)),
        ("JSON_DEPTH", size(limits::JSON_DEPTH)),
        ("DISCLOSURES", size(limits::DISCLOSURES)),
        ("DISCLOSURE_DEPTH", size(limits::DISCLOSURE_DEPTH)),
        ("TYPE_METADATA", size(limits::TYPE_METADATA)),
        ("TYPE_CHAIN", size(limits::TYPE_CHAIN)),
        ("TYPE_CLAIMS", size(limits::TYPE_CLAIMS)),
        ("TEMPLATE_ELEMENTS", size(limits::TEMPLATE_ELEMENTS)),
        ("DID_LOG_ENTRIES", size(limits::DID_LOG_ENTRIES)),
        ("TRUST_LIST", size(limits::TRUST_LIST)),
        ("QUADS", size(limits::QUADS)),
        ("CLOCK_SKEW_SECONDS", limits::CLOCK_SKEW_SECONDS.into()),
        ("KEY_BINDING_AGE_SECONDS", limits::KEY_BINDING_AGE_SECONDS.into()),
        ("TX_CODE_DESCRIPTION", size(limits::TX_CODE_DESCRIPTION)),
        ("CONNECT_SECONDS", limits::CONNECT_SECONDS.into()),
        ("TOTAL_SECONDS", limits::TOTAL_SECONDS.into()),
        ("FIRST_BYTE_SECONDS", limits::FIRST_BYTE_SECONDS.into()),
        ("EXCHANGES", size(limits::EXCHANGES)),
        ("reply_bytes(Credential)", size(limits::reply_bytes(Purpose::Credential))),
        ("reply_bytes(StatusList)", size(limits::reply_bytes(Purpose::StatusList))),
        ("reply_bytes(TypeMetadata)", size(limits::reply_bytes(Purpose::TypeMetadata))),
        ("reply_bytes(_)", size(limits::reply_bytes(Purpose::Metadata))),
    ])
}

#[test]
fn each_figure_of_the_page_is_that_of_the_program() {
    let figures = figures();
    let mut printed = BTreeSet::new();
    for row in section("## 9. Limits").lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, figure, name] = cells[..] else { panic!("not three columns: {row}") };
        let name = name.trim_matches('`');
        assert_eq!(read(figure), figures.get(name).copied(), "{row}");
        assert!(figures.contains_key(name), "{name} is no limit of the program");
        assert!(printed.insert(name), "{name} is there twice");
    }
    assert_eq!(printed, figures.keys().copied().collect());
}

#[test]
fn no_limit_of_the_program_is_left_out() {
    let declared: BTreeSet<&str> =
        TABLE.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(':').next()).collect();
    assert!(declared.len() > 10, "{declared:?}");
    let figures = figures();
    let known: BTreeSet<&str> = figures.keys().copied().filter(|name| !name.starts_with("reply_bytes")).collect();
    assert_eq!(declared, known);
    for purpose in OTHER_REPLIES {
        assert_eq!(limits::reply_bytes(purpose), limits::reply_bytes(Purpose::Metadata), "{}", purpose.as_str());
    }
}

#[test]
fn each_test_that_the_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for folder in ["crates", "src-tauri", "tests", "ui/tests"] {
        collect(&root.join(folder), &mut sources);
    }
    let (mut functions, mut titles) = (BTreeSet::new(), String::new());
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        if path.extension().is_some_and(|extension| extension == "rs") {
            functions.extend(test_functions(&text));
        } else {
            titles.push_str(&text);
        }
    }
    let named = named_tests();
    assert!(named.len() > 80, "only {} tests are named", named.len());
    for name in named {
        let found = if name.contains('_') { functions.contains(&name) } else { titles.contains(&name) };
        assert!(found, "SECURITY.md names a test that is not there: {name}");
    }
}

#[test]
fn each_package_of_the_table_has_the_version_that_is_locked() {
    let mut checked = 0;
    for row in section("## 6. Cryptography").lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let packages = row.trim_matches('|').split('|').nth(2).unwrap();
        for (name, version) in packages.split(',').filter_map(package) {
            let entry = format!("name = \"{name}\"\nversion = \"{version}.");
            assert!(LOCK.contains(&entry), "{name} {version} is not what Cargo.lock holds");
            checked += 1;
        }
    }
    assert!(checked > 15, "only {checked} packages were found");
}

/// The text from a heading to the next of the same level.
fn section(heading: &str) -> &'static str {
    let from = PAGE.find(heading).map_or("", |at| &PAGE[at + heading.len()..]);
    assert!(!from.is_empty(), "there is no {heading}");
    from.split("\n## ").next().unwrap_or_default()
}

/// `8 KiB`, `5 MiB`, `25,000,000` or `64` as a number; nothing for another way of writing.
fn read(figure: &str) -> Option<i128> {
    let (digits, unit) = figure.split_once(' ').unwrap_or((figure, ""));
    let factor = match unit {
        "" => 1,
        "KiB" => 1024,
        "MiB" => 1024 * 1024,
        _ => return None,
    };
    Some(digits.replace(',', "").parse::<i128>().ok()? * factor)
}

/// What stands in backticks after "Shown by:", until the full stop behind the last of them. A name may run on
/// over the end of a line.
fn named_tests() -> Vec<String> {
    let mut named = Vec::new();
    for after in PAGE.split("Shown by:").skip(1) {
        let mut rest = after;
        while let Some((name, behind)) = rest.trim_start().strip_prefix('`').and_then(|text| text.split_once('`')) {
            named.push(name.split_whitespace().collect::<Vec<_>>().join(" "));
            rest = behind;
            let Some(next) = behind.strip_prefix(',') else { break };
            rest = next;
        }
        assert!(
            rest.starts_with('.'),
            "a list of tests ends without a full stop: {}",
            rest.chars().take(60).collect::<String>()
        );
    }
    named
}

/// The functions that carry a test attribute, and those inside `proptest!`, which carry one too.
fn test_functions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ") {
            if is_test {
                found.extend(rest.split('(').next().map(str::to_owned));
            }
            is_test = false;
        }
    }
    found
}

/// A package and the beginning of its version, such as "`hkdf` 0.12".
fn package(text: &str) -> Option<(&str, &str)> {
    let (_, text) = text.split_once('`')?;
    let (name, version) = text.split_once('`')?;
    Some((name, version.trim()))
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "ts" || extension == "mjs")
        {
            into.push(path);
        }
    }
}
