//! Open Badges 2.0 as edubadges writes it: an assertion, its badge class, and extensions.

use leerpas_core::{CardFacts, Credit, Level};
use serde_json::Value;

use super::{
    achievement::{amount, language},
    find::{Scope, all},
    picture, text,
};

/// Reads everything but issuer, holder and dates. A badge class or issuer that is only an address stays one: what is
/// there is shown, nothing is fetched.
pub(super) fn read(assertion: &Value, facts: &mut CardFacts) {
    let nothing = Value::Null;
    let badge = assertion.get("badge").filter(|badge| badge.is_object()).unwrap_or(&nothing);
    let scope = Scope::new([badge, assertion]);
    let extension = |name: &str| extension(badge, name).or_else(|| extension(assertion, name));

    facts.title = text::of(badge.get("name")).map(|name| text::label(&name)).unwrap_or_default();
    if facts.title.is_empty() {
        let address = assertion.get("badge").or_else(|| assertion.get("id")).and_then(Value::as_str);
        facts.title = text::label(address.unwrap_or("Open Badge"));
    }
    facts.description =
        text::of(badge.get("description")).map(|text| text::narrative(&text)).filter(|text| !text.is_empty());
    facts.criteria = badge
        .pointer("/criteria/narrative")
        .and_then(|narrative| text::of(Some(narrative)))
        .map(|narrative| text::narrative(&narrative));
    facts.credit =
        [("ECTS", "ECTS"), ("StudyLoad", "SBU"), ("TimeInvestment", "hours")].into_iter().find_map(|(name, unit)| {
            let (amount, _) = amount(&extension(name)?)?;
            Some(Credit { amount, unit: unit.to_owned() })
        });
    let level = extension("EQF").filter(|level| level.len() == 1 && level.bytes().all(|b| (b'1'..=b'8').contains(&b)));
    facts.level = level.map(|level| Level { framework: "EQF".to_owned(), level });
    facts.language = extension("Language").and_then(|tag| language(&tag));
    facts.learning_outcomes = extension("LearningOutcome")
        .map(|outcome| text::narrative(&outcome))
        .filter(|text| !text.is_empty())
        .into_iter()
        .collect();
    facts.programme = extension("EducationProgramIdentifier").map(|number| text::label(&number));
    facts.assessment = scope.label(&["assessmentType", "assessment_type"]);
    facts.supervision = scope.get(&["assessmentSupervised"]).and_then(Value::as_bool).map(|supervised| {
        let word = if supervised { "supervised" } else { "unsupervised" };
        match scope.get(&["assessmentIdVerified"]).and_then(Value::as_bool) {
            Some(true) => format!("{word} with identity verification"),
            Some(false) => format!("{word} with no identity verification"),
            None => word.to_owned(),
        }
    });
    facts.participation = scope.label(&["participation"]);
    facts.quality = scope.label(&["qualityAssuranceName"]);
    facts.result = scope.label(&["grade_achieved"]);
    facts.skills = all(badge.get("alignment"))
        .filter_map(|alignment| text::of(alignment.get("targetName")))
        .map(|name| text::label(&name))
        .collect();
    facts.picture = picture([assertion.get("image"), badge.get("image")]);
}

/// The value of an extension: its one telling member, named as the extension is (`extensions:ECTSExtension` holds
/// `ECTS`); several values of a list are joined.
fn extension(holder: &Value, name: &str) -> Option<String> {
    let extension = holder.get(format!("extensions:{name}Extension"))?;
    let value = extension.get(name)?;
    let values: Vec<String> = all(Some(value)).filter_map(|value| text::of(Some(value))).collect();
    Some(values.join(", ")).filter(|joined| !joined.is_empty())
}
