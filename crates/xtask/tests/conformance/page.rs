//! The page as the tables make it.

use std::fmt::Write;

use crate::{
    checklist, editions,
    row::{Asks, Part, State},
};

const HEAD: &str = "\
# Conformance

What the standards ask, and where Leerpas stands. The rules are in our own words; the number of the section leads to the
text of the standard. **Done** means that the tests named there exist and run: `cargo xtask test` fails otherwise.
**On purpose** means left out, with the reason; a test named there shows what happens instead. **Open** means not there
yet. The checklists at the end name each item that the project works from, with the rules that answer it. This page is
written from the tables in `crates/xtask/tests/conformance` by `cargo xtask conformance`.
";

/// The number of a rule, as `VP-07`.
pub fn number(part: &Part, place: usize) -> String {
    format!("{}-{:02}", part.id, place + 1)
}

/// The whole page.
pub fn page(parts: &[Part]) -> String {
    let mut page = HEAD.to_owned();
    // Writing to a String never fails.
    let _ = summary(&mut page, parts)
        .and_then(|()| texts(&mut page))
        .and_then(|()| parts.iter().try_for_each(|part| table(&mut page, part)))
        .and_then(|()| items(&mut page, parts));
    page
}

/// Which texts the numbers of sections belong to.
fn texts(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\nThe numbers of sections are those of these texts:\n")?;
    editions::texts().try_for_each(|(mark, text)| writeln!(page, "- {mark}: {text}"))
}

/// The checklists: each item with the rules that answer it.
fn items(page: &mut String, parts: &[Part]) -> std::fmt::Result {
    writeln!(page, "\n## The checklists, item by item\n\nM must, S should; the number stays.")?;
    for section in checklist::SECTIONS {
        writeln!(page, "\n### {} {}\n\n| | item | rules |\n|---|---|---|", section.id, section.title)?;
        for (place, (_, words)) in section.items.iter().enumerate() {
            let item = checklist::number(section, place);
            let rules: Vec<String> = parts
                .iter()
                .flat_map(|part| part.rows.iter().enumerate().map(move |(place, row)| (part, place, row)))
                .filter(|(.., row)| row.items.contains(&item.as_str()))
                .map(|(part, place, row)| format!("{} {}", number(part, place), state(&row.state)))
                .collect();
            writeln!(page, "| {item} | {words} | {} |", rules.join(", "))?;
        }
    }
    Ok(())
}

fn state(state: &State) -> &'static str {
    match state {
        State::Done(_) => "done",
        State::Refused(..) => "on purpose",
        State::Open(_) => "**open**",
    }
}

/// Done, on purpose, open.
fn count(part: &Part) -> [usize; 3] {
    let mut counts = [0; 3];
    for row in part.rows {
        counts[match row.state {
            State::Done(_) => 0,
            State::Refused(..) => 1,
            State::Open(_) => 2,
        }] += 1;
    }
    counts
}

fn summary(page: &mut String, parts: &[Part]) -> std::fmt::Result {
    writeln!(page, "\n| | rules | done | on purpose | open |\n|---|---:|---:|---:|---:|")?;
    let mut total = [0; 3];
    for part in parts {
        let counts @ [done, refused, open] = count(part);
        writeln!(page, "| {} | {} | {done} | {refused} | {open} |", part.title, part.rows.len())?;
        total.iter_mut().zip(counts).for_each(|(sum, more)| *sum += more);
    }
    let [done, refused, open] = total;
    writeln!(page, "| together | {} | {done} | {refused} | {open} |", done + refused + open)
}

fn table(page: &mut String, part: &Part) -> std::fmt::Result {
    writeln!(page, "\n## {}\n\n| | | section | rule | state | tests |\n|---|---|---|---|---|---|", part.title)?;
    for (place, row) in part.rows.iter().enumerate() {
        let asks = match row.asks {
            Asks::Must => "must",
            Asks::Should => "should",
        };
        let state = match row.state {
            State::Done(_) => "done".to_owned(),
            State::Refused(why, _) => format!("**on purpose**: {why}"),
            State::Open(missing) => format!("**open**: {missing}"),
        };
        let tests: Vec<_> = row.tests().iter().map(|test| format!("`{test}`")).collect();
        let (number, tests) = (number(part, place), tests.join("<br>"));
        writeln!(page, "| {number} | {asks} | {} | {} | {state} | {tests} |", row.section, row.rule)?;
    }
    Ok(())
}
