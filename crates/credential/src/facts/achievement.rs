//! Open Badges 3.0 with its Dutch extension, and SD-JWT VC whether it nests its claims likewise or has them flat.
//!
//! Names of the Dutch profile are those of educredentials; flat names follow the elements of the European
//! recommendation on micro-credentials (2022/C 243/02, annex I).

use leerpas_core::{CardFacts, Credit, Format, Grade, Level};
use serde_json::Value;

use super::{
    find::{Scope, all, first},
    learning, picture, subject, text,
};

/// Reads everything but issuer, holder and dates.
pub(super) fn read(claims: &Value, facts: &mut CardFacts) {
    let nothing = Value::Null;
    let subject = subject(claims).unwrap_or(&nothing);
    let achievement =
        subject.get("achievement").or_else(|| claims.get("achievement")).and_then(first).unwrap_or(&nothing);
    let scope = Scope::new([achievement, subject, claims]);
    let alignments: Vec<&Value> = all(achievement.get("alignment").or_else(|| claims.get("alignment"))).collect();

    facts.title = title(achievement, claims, facts).map(|title| text::label(&title)).unwrap_or_default();
    let description = Scope::new([achievement, claims, subject]).text(&["description", "endorsementComment"]);
    facts.description = description.map(|description| text::narrative(&description)).filter(|text| !text.is_empty());
    facts.credits = credits(&scope);
    facts.credit = facts.credits.first().cloned();
    facts.levels = levels(&scope, &alignments);
    facts.level = facts.levels.first().cloned();
    facts.languages = languages(&scope);
    facts.language = facts.languages.first().cloned();
    facts.learning_outcomes = scope.list(&["learning_outcomes", "learning_outcome"]);
    if facts.learning_outcomes.is_empty() {
        facts.learning_outcomes = targets(&alignments, |kind| kind.contains("learningoutcome"));
    }
    facts.criteria = criteria(&scope);
    facts.assessment = scope.label(&["assessmentType", "type_of_assessment", "assessment"]);
    facts.supervision = scope.label(&[
        "supervisionType",
        "supervision",
        "supervision_and_identity_verification",
        "identity_verification",
    ]);
    facts.participation = scope.label(&[
        "participationType",
        "form_of_participation",
        "participation",
        "mode_of_learning",
        "mode_of_study",
    ]);
    facts.quality = quality(&scope, &alignments);
    facts.programme = programme(&scope);
    facts.results = learning::grades(subject, achievement);
    facts.result = result(&facts.results, &scope);
    facts.alignments = alignments.iter().filter_map(|alignment| learning::alignment(alignment)).collect();
    facts.evidence = learning::evidence([claims.get("evidence"), subject.get("evidence"), achievement.get("evidence")]);
    facts.evidence.extend(learning::told(subject));
    facts.particulars = learning::particulars(achievement, subject, &scope);
    // Whoever made or awarded it is named only where that is somebody else.
    let issuer = facts.issuer.name.clone();
    facts.particulars.retain(|each| !matches!(each.name.as_str(), "awarded_by" | "creator") || each.value != issuer);
    facts.skills = targets(&alignments, |kind| {
        !["eqf", "nlqf", "qualityassurance", "learningoutcome"].iter().any(|other| kind.contains(other))
    });
    facts.skills.extend(scope.list(&["skills", "competences"]));
    facts.skills.dedup();
    let images = [claims.get("image"), achievement.get("image"), subject.get("image"), claims.get("picture")];
    facts.picture = picture(images);
}

fn title(achievement: &Value, claims: &Value, facts: &CardFacts) -> Option<String> {
    let named = text::of(achievement.get("name")).or_else(|| {
        // The `title` of a person at an institution is their post (eduPerson).
        let flat = Scope::new([claims].into_iter().filter(|claims| !is_edu_person(claims)));
        let titles = [
            "title",
            "achievement_name",
            "credential_title",
            "microcredential_title",
            "title_of_the_microcredential",
            "micro_credential_title",
            "program_name",
            "course_name",
            "credential_name",
        ];
        flat.text(&titles)
    });
    // `name` alone names the credential, unless it comes with the parts of a person's name.
    named.or_else(|| text::of(claims.get("name")).filter(|_| facts.format != Format::SdJwtVc || !is_person(claims)))
}

fn is_person(claims: &Value) -> bool {
    let telling = ["given_name", "family_name", "email", "birthdate", "schac_home_organization"];
    Scope::new([claims]).get(&telling).is_some()
}

fn is_edu_person(claims: &Value) -> bool {
    claims.as_object().is_some_and(|members| {
        members.keys().any(|name| name.starts_with("eduperson") || name.starts_with("edu_person"))
    })
}

/// Study load: European credits before hours, and both before credits without a system.
pub(super) fn credits(scope: &Scope<'_>) -> Vec<Credit> {
    let kinds: [(&[&str], &str); 5] = [
        (&["ECTS", "ects_credits", "ects_points"], "ECTS"),
        (&["SBU"], "SBU"),
        (&["study_load", "notional_workload", "workload"], "hours"),
        (&["timeInvestment"], "hours"),
        (&["creditsEarned", "creditsAvailable", "credits"], "credits"),
    ];
    let mut credits: Vec<Credit> = Vec::new();
    for (names, unit) in kinds {
        let found = scope.text(names).and_then(|written| amount(&written));
        if let Some((amount, named_unit)) = found {
            let credit = Credit { amount, unit: named_unit.unwrap_or(unit).to_owned() };
            if !credits.contains(&credit) {
                credits.push(credit);
            }
        }
    }
    credits
}

/// A decimal number with dot or comma, and the unit if it is written behind it, as in `4,5 ECTS`.
pub(super) fn amount(written: &str) -> Option<(String, Option<&'static str>)> {
    let (number, rest) = written.trim().split_once(' ').unwrap_or((written.trim(), ""));
    let number = number.replace(',', ".");
    let digits = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let shaped = number.len() <= 12 && number.matches('.').count() <= 1;
    let edges = number.starts_with(|c: char| c.is_ascii_digit()) && number.ends_with(|c: char| c.is_ascii_digit());
    let unit = match rest.trim().to_ascii_uppercase().as_str() {
        "EC" | "ECTS" => Some("ECTS"),
        "SBU" => Some("SBU"),
        "UUR" | "HOURS" => Some("hours"),
        _ => None,
    };
    (digits && shaped && edges).then_some((number, unit))
}

/// Levels that the achievement is aligned with, then those that it states itself; of each framework each once.
pub(super) fn levels(scope: &Scope<'_>, alignments: &[&Value]) -> Vec<Level> {
    let aligned = alignments.iter().filter_map(|alignment| {
        let named = text::of(alignment.get("targetFramework")).unwrap_or_default().to_lowercase();
        let framework = framework(&kind(alignment)).or_else(|| framework(&named))?;
        let code = text::of(alignment.get("targetCode")).and_then(|code| level_number(&code));
        let level = code.or_else(|| text::of(alignment.get("targetName")).and_then(|name| level_number(&name)))?;
        Some(Level { framework: framework.to_owned(), level })
    });
    let names: [(&[&str], &str); 3] = [
        (&["eqfLevel", "eqf"], "EQF"),
        (&["nlqfLevel", "nlqf"], "NLQF"),
        (&["qualification_level", "level_of_learning", "level"], ""),
    ];
    let stated = names.into_iter().filter_map(|(names, framework_name)| {
        let written = scope.text(names)?;
        let named = if framework_name.is_empty() { framework(&written.to_lowercase())? } else { framework_name };
        Some(Level { framework: named.to_owned(), level: level_number(&written)? })
    });
    let mut levels: Vec<Level> = Vec::new();
    for level in aligned.chain(stated) {
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    levels
}

fn framework(written: &str) -> Option<&'static str> {
    if written.contains("nlqf") {
        Some("NLQF")
    } else if written.contains("eqf") {
        Some("EQF")
    } else {
        None
    }
}

/// `6`, `4+` or `Entry`, from those, from `EQF level 6`, or from the end of an address such as `…/eqf/6`.
pub(super) fn level_number(written: &str) -> Option<String> {
    let words = written.trim().rsplit([' ', '/', ':', '#']);
    let number = |word: &str| {
        let digits = word.trim_end_matches('+');
        matches!(digits.len(), 1) && digits.bytes().all(|b| (b'1'..=b'8').contains(&b)) && word.len() <= 2
    };
    words.map(str::trim).find(|word| number(word)).map(str::to_owned)
}

/// The languages of instruction: one tag or several.
fn languages(scope: &Scope<'_>) -> Vec<String> {
    let Some(value) = scope.get(&["inLanguage", "language_of_instruction", "language"]) else { return Vec::new() };
    let mut tags: Vec<String> =
        all(Some(value)).filter_map(|tag| text::of(Some(tag))).filter_map(|tag| language(&tag)).collect();
    let mut seen: Vec<String> = Vec::new();
    tags.retain(|tag| {
        !seen.contains(tag) && {
            seen.push(tag.clone());
            true
        }
    });
    tags
}

/// A BCP 47 tag, with the underscore of older systems mended.
pub(super) fn language(written: &str) -> Option<String> {
    let tag = written.trim().replace('_', "-");
    let sound = (2..=35).contains(&tag.len())
        && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        && tag
            .split('-')
            .next()
            .is_some_and(|first| matches!(first.len(), 2 | 3) && first.bytes().all(|b| b.is_ascii_alphabetic()));
    sound.then_some(tag)
}

fn criteria(scope: &Scope<'_>) -> Option<String> {
    let criteria = first(scope.get(&["criteria"])?)?;
    let written = text::of(criteria.get("narrative")).or_else(|| text::of(Some(criteria)))?;
    let is_address = written.starts_with("https://") || written.starts_with("http://");
    Some(text::narrative(&written)).filter(|text| !is_address && !text.is_empty())
}

/// What an alignment points at, in lower case without separators: `ext:QualityAssurance` is `extqualityassurance`.
fn kind(alignment: &Value) -> String {
    let kind = alignment.get("targetType").and_then(Value::as_str).unwrap_or_default();
    kind.chars().take(80).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn targets(alignments: &[&Value], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let chosen = alignments.iter().filter(|alignment| wanted(&kind(alignment)));
    chosen.filter_map(|alignment| text::of(alignment.get("targetName"))).map(|name| text::line(&name, 1_000)).collect()
}

/// The name of the label, with its code.
fn quality(scope: &Scope<'_>, alignments: &[&Value]) -> Option<String> {
    let aligned = alignments.iter().find(|alignment| kind(alignment).contains("qualityassurance"));
    let aligned = aligned.and_then(|alignment| {
        let name = text::of(alignment.get("targetName"))?;
        Some(match text::of(alignment.get("targetCode")) {
            Some(code) => format!("{name} ({code})"),
            None => name,
        })
    });
    let names = [
        "quality_label",
        "qualityAssuranceName",
        "quality_assurance",
        "type_of_quality_assurance",
        "quality",
        "accreditation",
    ];
    aligned.or_else(|| scope.text(&names)).map(|label| text::label(&label))
}

/// One number or several, as they are written: leading zeros belong to them.
pub(super) fn programme(scope: &Scope<'_>) -> Option<String> {
    let value =
        scope.get(&["educationProgramIdentifier", "program_identifier", "program_number", "croho_crebo_code"])?;
    let numbers: Vec<String> = all(Some(value)).filter_map(|number| text::of(Some(number))).collect();
    Some(text::label(&numbers.join(", "))).filter(|numbers| !numbers.is_empty())
}

/// The results in one line: their values, with their names if there are several.
fn result(grades: &[Grade], scope: &Scope<'_>) -> Option<String> {
    match grades {
        [] => scope.label(&["grade", "grade_achieved", "final_grade", "result", "score"]),
        [only] => Some(only.value.clone()),
        several => {
            let lines = several.iter().map(|grade| match &grade.name {
                Some(name) => format!("{name}: {}", grade.value),
                None => grade.value.clone(),
            });
            Some(text::line(&lines.collect::<Vec<_>>().join("; "), 1_000))
        }
    }
}
