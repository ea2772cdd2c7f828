//! Results, alignments, evidence and the further facts of an achievement.

use leerpas_core::{Alignment, CardFacts, Grade, Particular, Timestamp, Work};
use serde_json::Value;

use super::{
    dates,
    find::{Scope, all, first},
    text,
};

/// Every result, with the scale that its description gives (Open Badges 3.0, B.1.19 and B.1.20).
pub(super) fn grades(subject: &Value, achievement: &Value) -> Vec<Grade> {
    let descriptions: Vec<&Value> = all(achievement.get("resultDescription")).collect();
    all(subject.get("result")).filter_map(|result| grade(result, &descriptions)).collect()
}

fn grade(result: &Value, descriptions: &[&Value]) -> Option<Grade> {
    let refers = result.get("resultDescription").filter(|id| !id.is_null());
    let description = descriptions.iter().copied().find(|each| refers.is_some() && each.get("id") == refers);
    let level = result.get("achievedLevel").filter(|id| !id.is_null());
    // The level may belong to another description than the one that the result names, as in a sample of 1EdTech.
    let achieved = || level.and_then(|level| descriptions.iter().find_map(|each| level_name(each, level)));
    let value = text::of(result.get("value"))
        .or_else(achieved)
        .or_else(|| text::of(result.get("status")))
        .or_else(|| text::of(Some(result)))?;
    let required = description.and_then(|description| {
        let level = description.get("requiredLevel").and_then(|level| level_name(description, level));
        text::of(description.get("requiredValue")).or(level)
    });
    let label = |text: String| text::label(&text);
    Some(Grade {
        name: description.and_then(|description| text::of(description.get("name"))).map(label),
        value: text::label(&value),
        scale: description.and_then(scale).map(label),
        required: required.map(label),
    })
}

/// The ends of the scale, `1–10`, or its steps, the lowest first (`allowedValue` is ordered so).
fn scale(description: &Value) -> Option<String> {
    let end = |name: &str| text::of(description.get(name));
    if let (Some(least), Some(most)) = (end("valueMin"), end("valueMax")) {
        return Some(format!("{least}–{most}"));
    }
    let steps: Vec<String> = all(description.get("allowedValue")).filter_map(|step| text::of(Some(step))).collect();
    (!steps.is_empty()).then(|| steps.join(", "))
}

/// The name of the rubric level that an identifier points at.
fn level_name(description: &Value, wanted: &Value) -> Option<String> {
    let level = all(description.get("rubricCriterionLevel")).find(|level| level.get("id") == Some(wanted))?;
    text::of(level.get("name")).or_else(|| text::of(level.get("level")))
}

/// An alignment that has a name, in the words of Open Badges 3.0 or of edubadges (`target_name`).
pub(super) fn alignment(alignment: &Value) -> Option<Alignment> {
    let scope = Scope::new([alignment]);
    let label = |name: &str| scope.label(&[name]).filter(|text| !text.is_empty());
    Some(Alignment {
        name: label("targetName")?,
        kind: label("targetType"),
        framework: label("targetFramework"),
        code: label("targetCode"),
        address: scope.text(&["targetUrl"]).map(|address| text::line(&address, 2_000)),
        description: scope
            .text(&["targetDescription"])
            .map(|text| text::narrative(&text))
            .filter(|text| !text.is_empty()),
    })
}

/// The work that an achievement rests on; an entry that is only an address is one too (Open Badges 2.0).
pub(super) fn evidence<'a>(places: impl IntoIterator<Item = Option<&'a Value>>) -> Vec<Work> {
    let mut found: Vec<Work> = Vec::new();
    for entry in places.into_iter().flat_map(all) {
        if let Some(work) = work(entry).filter(|work| !found.contains(work)) {
            found.push(work);
        }
    }
    found
}

/// The narrative that connects the pieces of evidence (Open Badges 3.0, `AchievementSubject.narrative`).
pub(super) fn told(subject: &Value) -> Option<Work> {
    let narrative = text::narrative(&text::of(subject.get("narrative"))?);
    (!narrative.is_empty()).then(|| Work { narrative: Some(narrative), ..Work::default() })
}

fn work(entry: &Value) -> Option<Work> {
    let long = |name: &str| text::of(entry.get(name)).map(|text| text::narrative(&text)).filter(|t| !t.is_empty());
    let narrative = match (long("description"), long("narrative")) {
        (Some(about), Some(told)) => Some(format!("{about}\n\n{told}")),
        (one, other) => one.or(other),
    };
    let address = entry
        .as_str()
        .or_else(|| ["id", "evidence_url"].into_iter().find_map(|name| entry.get(name)?.as_str()))
        .filter(|address| address.starts_with("https://") || address.starts_with("http://"));
    let label = |name: &str| text::of(entry.get(name)).map(|text| text::label(&text));
    let work = Work {
        name: label("name"),
        narrative,
        genre: label("genre"),
        address: address.map(|address| text::line(address, 2_000)),
    };
    (work != Work::default()).then_some(work)
}

/// Further facts that are there, by the names of [`leerpas_core::PARTICULARS`].
pub(super) fn particulars(achievement: &Value, subject: &Value, scope: &Scope<'_>) -> Vec<Particular> {
    let mut found = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.map(|value| text::label(&value)).filter(|value| !value.is_empty()) {
            found.push(Particular { name: name.to_owned(), value });
        }
    };
    let instant = |name: &str| subject.get(name).and_then(dates::date).map(|at: Timestamp| at.to_string());
    add("achievement_type", text::of(achievement.get("achievementType")));
    let checked = achievement.get("identityChecked").or_else(|| scope.get(&["identity_checked"]));
    add("identity_checked", checked.and_then(Value::as_bool).map(|checked| checked.to_string()));
    add("field_of_study", text::of(achievement.get("fieldOfStudy")));
    add("specialization", text::of(achievement.get("specialization")));
    add("activity_start", instant("activityStartDate"));
    add("activity_end", instant("activityEndDate"));
    add("term", text::of(subject.get("term")));
    add("role", text::of(subject.get("role")));
    add("licence", text::of(subject.get("licenseNumber")));
    add("course_code", text::of(achievement.get("humanCode")));
    add("awarded_by", name_of(subject.get("source")));
    add("creator", name_of(achievement.get("creator")));
    add("entry_requirements", scope.text(&["prerequisites_needed_to_enrol", "prerequisites", "entry_requirements"]));
    add("stackability", scope.text(&["integration_stackability_options", "stackability_options"]));
    found
}

fn name_of(party: Option<&Value>) -> Option<String> {
    text::of(first(party?)?.get("name"))
}

/// What Open Badges 2.0 has of these: alignments of the badge class, evidence and narrative of the assertion.
pub(super) fn read_badge2(assertion: &Value, facts: &mut CardFacts) {
    let badge = assertion.get("badge").unwrap_or(&Value::Null);
    if facts.alignments.is_empty() {
        facts.alignments = all(badge.get("alignment")).filter_map(alignment).collect();
    }
    if facts.evidence.is_empty() {
        facts.evidence = evidence([assertion.get("evidence")]);
        facts.evidence.extend(told(assertion));
    }
}
