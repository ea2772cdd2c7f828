//! What a credential says about learning, apart from the few facts that every list shows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::card::{Credit, Level};

/// Something that an achievement is set against: a skill, a competence, a level, a quality label (Open Badges 3.0,
/// B.1.3 `Alignment`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Alignment {
    /// The name of the target.
    pub name: String,
    /// What kind of target it is, as it is written: `CFItem`, `ext:EQF`.
    #[serde(default)]
    pub kind: Option<String>,
    /// The framework that the target belongs to.
    #[serde(default)]
    pub framework: Option<String>,
    /// Its code there.
    #[serde(default)]
    pub code: Option<String>,
    /// Its address, as text: nobody opens it from here.
    #[serde(default)]
    pub address: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub description: Option<String>,
}

/// Work that the achievement rests on (Open Badges 3.0, B.1.11 `Evidence`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Work {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// What was made, and how.
    #[serde(default)]
    pub narrative: Option<String>,
    /// What kind of work it is, such as a film or a report.
    #[serde(default)]
    pub genre: Option<String>,
    /// Its address, as text: nobody opens it from here.
    #[serde(default)]
    pub address: Option<String>,
}

/// One result with what it is measured by (Open Badges 3.0, B.1.19 `Result` and B.1.20 `ResultDescription`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Grade {
    /// What was measured.
    #[serde(default)]
    pub name: Option<String>,
    /// The value as it is written, `8,5` or `Completed`.
    pub value: String,
    /// The scale: its ends, or its steps.
    #[serde(default)]
    pub scale: Option<String>,
    /// What was needed to pass.
    #[serde(default)]
    pub required: Option<String>,
}

/// One entry of a diploma, a transcript or a comprehensive learner record: a course, a module, an achievement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Content {
    /// Its name.
    pub title: String,
    /// How deep it lies: 0 is a direct part, 1 a part of the nearest 0 above it.
    #[serde(default)]
    pub depth: u32,
    /// What it is, as it is written: `Course`, `Module`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Study load.
    #[serde(default)]
    pub credit: Option<Credit>,
    /// Level.
    #[serde(default)]
    pub level: Option<Level>,
    /// The result or grade.
    #[serde(default)]
    pub result: Option<String>,
    /// When it was awarded.
    #[serde(default)]
    pub date: Option<Timestamp>,
    /// Who awarded it, where that is somebody else than the issuer of the whole.
    #[serde(default)]
    pub issuer: Option<String>,
}

/// A further fact, by one of the names in [`PARTICULARS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particular {
    /// The name.
    pub name: String,
    /// The value as text; an instant in RFC 3339.
    pub value: String,
}

/// The names that a [`Particular`] may have, in the order in which they are shown. The window has words for each.
pub const PARTICULARS: &[&str] = &[
    "achievement_type",
    "awarded_on",
    "identity_checked",
    "duration",
    "field_of_study",
    "specialization",
    "activity_start",
    "activity_end",
    "term",
    "role",
    "licence",
    "course_code",
    "awarded_by",
    "creator",
    "entry_requirements",
    "stackability",
];

/// Units that can be added up; the points of a grading scheme cannot.
const STUDY_LOAD: [&str; 4] = ["ECTS", "SBU", "hours", "credits"];

/// The study load of all contents together, one sum for each unit; never across units, since hours are no credits.
///
/// An entry counts by its own study load, or else by that of its parts; an amount that is no plain decimal number makes
/// its unit have no sum, because a wrong total is worse than none.
pub fn totals(contents: &[Content]) -> Vec<Credit> {
    let mut sums: Vec<(String, Option<u128>)> = Vec::new();
    let mut covered: Option<u32> = None;
    for content in contents {
        if covered.is_some_and(|depth| content.depth > depth) {
            continue;
        }
        let credit = content.credit.as_ref().filter(|credit| STUDY_LOAD.contains(&credit.unit.as_str()));
        covered = credit.map(|_| content.depth);
        let Some(credit) = credit else { continue };
        let amount = millionths(&credit.amount);
        match sums.iter_mut().find(|(unit, _)| *unit == credit.unit) {
            Some((_, sum)) => *sum = sum.zip(amount).and_then(|(sum, amount)| sum.checked_add(amount)),
            None => sums.push((credit.unit.clone(), amount)),
        }
    }
    let written = |(unit, sum): (String, Option<u128>)| Some(Credit { amount: decimal(sum?), unit });
    sums.into_iter().filter_map(written).collect()
}

const DIGITS: usize = 6;

/// `4.5` as 4 500 000; `None` for what is no plain decimal number or too fine.
fn millionths(amount: &str) -> Option<u128> {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > DIGITS || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<DIGITS$}").parse().ok()
}

fn decimal(millionths: u128) -> String {
    let scale = 10_u128.pow(6);
    let (whole, part) = (millionths / scale, millionths % scale);
    let part = format!("{part:06}");
    match part.trim_end_matches('0') {
        "" => whole.to_string(),
        part => format!("{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(depth: u32, credit: Option<(&str, &str)>) -> Content {
        let credit = credit.map(|(amount, unit)| Credit { amount: amount.to_owned(), unit: unit.to_owned() });
        Content { title: "x".to_owned(), depth, credit, ..Content::default() }
    }

    fn sums(contents: &[Content]) -> Vec<String> {
        totals(contents).into_iter().map(|sum| format!("{} {}", sum.amount, sum.unit)).collect()
    }

    #[test]
    fn totals_are_exact_and_never_cross_units() {
        let contents = [
            entry(0, Some(("4.5", "ECTS"))),
            entry(0, Some(("0.1", "ECTS"))),
            entry(0, Some(("0.2", "ECTS"))),
            entry(0, Some(("240", "SBU"))),
            entry(0, Some(("14", "points of a scheme"))),
            entry(0, None),
        ];
        assert_eq!(sums(&contents), ["4.8 ECTS", "240 SBU"]);
        assert_eq!(sums(&[]), Vec::<String>::new());
    }

    #[test]
    fn parts_count_only_where_the_whole_has_no_study_load_of_its_own() {
        let whole = [entry(0, Some(("30", "ECTS"))), entry(1, Some(("15", "ECTS"))), entry(2, Some(("5", "ECTS")))];
        assert_eq!(sums(&whole), ["30 ECTS"]);
        let parts = [entry(0, None), entry(1, Some(("15", "ECTS"))), entry(1, Some(("7.5", "ECTS")))];
        assert_eq!(sums(&parts), ["22.5 ECTS"]);
    }

    #[test]
    fn an_amount_that_is_no_number_leaves_its_unit_without_a_sum() {
        for amount in ["", "x", "-1", "1e3", "1.2.3", ".5", "9999999999999", "0.1234567"] {
            let contents = [entry(0, Some(("5", "ECTS"))), entry(0, Some((amount, "ECTS")))];
            assert_eq!(sums(&contents), Vec::<String>::new(), "{amount}");
        }
    }
}
