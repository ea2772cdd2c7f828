//! Holds docs/conformance.md to the program: a rule is done only when a test by that name exists and runs, and the page
//! is what these tables say. `cargo xtask conformance` writes it anew. Here, and not beside the window, because it needs
//! nothing but the sources.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod badges;
mod check;
mod checklist;
mod editions;
mod haip;
mod hostile;
mod modules;
mod oauth;
mod page;
mod receipts;
mod row;
mod scan;
mod sd_jwt;
mod status;
mod vci;
mod vp;
mod w3c;

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use row::{Part, State};

const PARTS: &[Part] = &[
    vci::PART,
    vp::PART,
    check::PART,
    haip::PART,
    sd_jwt::PART,
    status::PART,
    w3c::PART,
    badges::PART,
    oauth::PART,
    receipts::PART,
    modules::PART,
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn each_test_that_a_rule_names_exists_and_runs() {
    let found = scan::tests(&root());
    let mut faults = Vec::new();
    for part in PARTS {
        for (place, row) in part.rows.iter().enumerate() {
            let number = page::number(part, place);
            if matches!(row.state, State::Done(&[])) {
                faults.push(format!("{number} is said to be done, and no test shows it"));
            }
            for test in row.tests() {
                match found.get(*test) {
                    None => faults.push(format!("{number}: there is no test {test:?}")),
                    Some(false) => faults.push(format!("{number}: {test:?} is switched off")),
                    Some(true) => {}
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_rules_have_numbers_and_words_of_their_own() {
    let ids: BTreeSet<_> = PARTS.iter().map(|part| part.id).collect();
    assert_eq!(ids.len(), PARTS.len());
    for part in PARTS {
        let rules: BTreeSet<_> = part.rows.iter().map(|row| (row.section, row.rule)).collect();
        assert_eq!(rules.len(), part.rows.len(), "{} says a rule twice", part.id);
        for row in part.rows {
            let reason = match row.state {
                State::Refused(why, _) => why,
                State::Open(missing) => missing,
                State::Done(_) => "done",
            };
            assert!(!row.rule.contains('|') && !reason.contains('|'), "{} would break the table", row.rule);
            assert!(reason.len() >= 4, "{} has no reason", row.rule);
        }
    }
}

#[test]
fn every_item_of_the_checklists_is_answered_by_a_rule() {
    let known: BTreeSet<String> = checklist::SECTIONS
        .iter()
        .flat_map(|section| (0..section.items.len()).map(|place| checklist::number(section, place)))
        .collect();
    let named: BTreeSet<String> = PARTS
        .iter()
        .flat_map(|part| part.rows.iter().flat_map(|row| row.items.iter().map(|item| (*item).to_owned())))
        .collect();
    let missing: Vec<_> = known.difference(&named).collect();
    let strange: Vec<_> = named.difference(&known).collect();
    assert!(missing.is_empty() && strange.is_empty(), "missing: {missing:?}, unknown: {strange:?}");
}

#[test]
fn every_module_of_the_suite_has_a_test_of_its_very_name() {
    for row in modules::PART.rows {
        let name = row.rule.replace(['-', '.'], "_");
        assert!(row.tests().contains(&name.as_str()), "{} has no test {name}", row.rule);
    }
}

#[test]
fn rules_and_tests_name_sections_that_are_there() {
    let mut faults: Vec<String> = Vec::new();
    for part in PARTS {
        for (place, row) in part.rows.iter().enumerate() {
            faults.extend(
                editions::unknown(part.id, row.section).map(|one| format!("{}: {one}", page::number(part, place))),
            );
        }
    }
    faults.extend(scan::tests(&root()).keys().filter_map(|test| editions::unknown_in_name(test)));
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_page_is_what_the_tables_say() {
    let path = root().join("docs/conformance.md");
    let page = page::page(PARTS);
    if env::var_os("LEERPAS_WRITE_CONFORMANCE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/conformance.md is stale: cargo xtask conformance");
}
