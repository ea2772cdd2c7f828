//! One learning achievement: a diploma, a qualification, a course, a module.

use leerpas_core::{Alignment, CardFacts, Content, Credit, Grade, Level, Particular};
use serde_json::Value;

use super::{CONTENTS, label, long, organisation, term};
use crate::facts::{
    achievement::{amount, language, level_number},
    dates,
    find::{all, at_most, first},
    text,
};

/// Registers in which a programme has a number, in the Netherlands.
const REGISTERS: [&str; 5] = ["ISAT", "CROHO", "CREBO", "RIO", "educationProgramIdentifier"];
/// European Credit Transfer System in the list of credit frameworks of the European Learning Model.
const ECTS: &str = "6fcec5c5af";

/// A node `LearningAchievement`.
pub(super) struct Achievement<'a>(pub(super) &'a Value);

impl<'a> Achievement<'a> {
    pub(super) fn title(&self) -> Option<String> {
        label(self.0.get("title")).or_else(|| label(self.specification()?.get("title")))
    }

    pub(super) fn parts(&self) -> Vec<Achievement<'a>> {
        at_most(self.0.get("hasPart"), CONTENTS).map(Achievement).collect()
    }

    pub(super) fn awarding_body(&self) -> Option<String> {
        organisation(self.award()?.get("awardingBody").and_then(first)?)
    }

    /// Reads it as what the whole credential is about.
    pub(super) fn read(&self, facts: &mut CardFacts) {
        let nothing = Value::Null;
        let specification = self.specification().unwrap_or(&nothing);
        facts.description = long(self.0.get("description")).or_else(|| long(specification.get("description")));
        facts.credits = self.credits();
        facts.credit = facts.credits.iter().find(|credit| is_study_load(credit)).cloned();
        facts.levels = self.levels();
        facts.level = facts.levels.first().cloned();
        facts.languages = all(specification.get("language")).filter_map(tag).collect();
        facts.language = facts.languages.first().cloned();
        facts.learning_outcomes = outcomes(specification);
        facts.alignments = all(specification.get("learningOutcome")).flat_map(skills).collect();
        facts.skills = facts.alignments.iter().map(|skill| skill.name.clone()).collect();
        facts.participation = term(specification.get("mode"));
        facts.quality = quality(specification).or_else(|| quality(self.award()?.get("awardingBody").and_then(first)?));
        facts.programme = self.programme();
        facts.results = self.grades(facts.title.as_str());
        facts.result = facts.results.first().map(|grade| grade.value.clone());
        let assessments = self.assessments();
        let of_assessment = |name: &str| assessments.iter().find_map(|assessment| term(assessment.get(name)));
        facts.assessment = of_assessment("dcType").or_else(|| {
            assessments.iter().find_map(|each| term(each.get("specifiedBy").and_then(first)?.get("dcType")))
        });
        facts.supervision = of_assessment("idVerification");
        facts.particulars = self.particulars(specification);
    }

    /// Reads it as one entry among others.
    pub(super) fn content(&self, depth: u32, issuer: &str) -> Option<Content> {
        let title = self.title()?;
        let grade = self.grades(&title).into_iter().next();
        Some(Content {
            depth,
            kind: self.kind(),
            credit: self.credits().into_iter().next(),
            level: self.levels().into_iter().next(),
            result: grade.map(|grade| grade.value),
            date: self.award().and_then(|award| dates::date(award.get("awardingDate")?)),
            issuer: self.awarding_body().filter(|name| name != issuer),
            title,
        })
    }

    fn specification(&self) -> Option<&'a Value> {
        self.0.get("specifiedBy").and_then(first)
    }

    fn award(&self) -> Option<&'a Value> {
        self.0.get("awardedBy").and_then(first)
    }

    /// The assessments that prove it, and those that its award rests on.
    fn assessments(&self) -> Vec<&'a Value> {
        let used = self.award().and_then(|award| award.get("used"));
        all(self.0.get("provenBy")).chain(all(used)).collect()
    }

    fn grades(&self, title: &str) -> Vec<Grade> {
        let mut grades: Vec<Grade> = Vec::new();
        for assessment in self.assessments() {
            let specification = assessment.get("specifiedBy").and_then(first);
            let value = term(assessment.get("grade")).or_else(|| term(assessment.get("gradeStatus")));
            let Some(value) = value else { continue };
            let scheme = specification.and_then(|each| each.get("gradingScheme")).and_then(first);
            let grade = Grade {
                // An assessment often bears the name of what it assesses, which says nothing more.
                name: label(assessment.get("title")).filter(|name| name != title),
                value,
                scale: scheme
                    .and_then(|scheme| label(scheme.get("description")).or_else(|| label(scheme.get("title")))),
                required: None,
            };
            if !grades.contains(&grade) {
                grades.push(grade);
            }
        }
        grades
    }

    /// What was received, or else what it is worth; study load before the points of a grading scheme.
    fn credits(&self) -> Vec<Credit> {
        let worth = self.specification().and_then(|specification| specification.get("creditPoint"));
        let mut credits: Vec<Credit> = Vec::new();
        for point in all(self.0.get("creditReceived")).chain(all(worth)) {
            if let Some(credit) = credit(point).filter(|credit| !credits.contains(credit)) {
                credits.push(credit);
            }
        }
        credits.sort_by_key(|credit| !is_study_load(credit));
        credits
    }

    fn levels(&self) -> Vec<Level> {
        let Some(specification) = self.specification() else { return Vec::new() };
        let eqf = all(specification.get("eqfLevel")).filter_map(|level| {
            Some(Level { framework: "EQF".to_owned(), level: level_number(level.get("id")?.as_str()?)? })
        });
        let national = all(specification.get("nqfLevel")).filter_map(|level| {
            let id = level.get("id").and_then(Value::as_str).unwrap_or_default();
            let is_dutch = id.to_lowercase().contains("nlqf");
            let written = if is_dutch { id.to_owned() } else { term(Some(level)).filter(|t| t.contains("NLQF"))? };
            Some(Level { framework: "NLQF".to_owned(), level: level_number(&written)? })
        });
        eqf.chain(national).collect()
    }

    /// What it is: from the list of types, or the type that a transcript of the ELMO format had.
    fn kind(&self) -> Option<String> {
        let specification = self.specification().and_then(|specification| term(specification.get("dcType")));
        term(self.0.get("dcType")).or(specification).or_else(|| self.notation(|scheme| scheme == "elmo:type:los"))
    }

    fn programme(&self) -> Option<String> {
        self.notation(|scheme| REGISTERS.iter().any(|register| register.eq_ignore_ascii_case(scheme)))
    }

    fn notation(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let specification = self.specification().and_then(|specification| specification.get("identifier"));
        let identifiers = all(self.0.get("identifier")).chain(all(specification));
        let scheme = |identifier: &&Value| wanted(&label(identifier.get("schemeName")).unwrap_or_default());
        identifiers.filter(scheme).find_map(|identifier| label(identifier.get("notation")))
    }

    fn particulars(&self, specification: &Value) -> Vec<Particular> {
        let mut found = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            found.extend(value.map(|value| Particular { name: name.to_owned(), value: text::label(&value) }));
        };
        add("achievement_type", self.kind());
        let awarded = self.award().and_then(|award| dates::date(award.get("awardingDate")?));
        add("awarded_on", awarded.map(|at| at.to_string()));
        let duration = ["volumeOfLearning", "maximumDuration", "duration"];
        add("duration", duration.into_iter().find_map(|name| term(specification.get(name))));
        add("field_of_study", term(specification.get("thematicArea")));
        let other = |scheme: &str| {
            scheme != "elmo:type:los" && !REGISTERS.iter().any(|register| register.eq_ignore_ascii_case(scheme))
        };
        add("course_code", self.notation(other));
        add("entry_requirements", term(specification.get("entryRequirement")));
        found
    }
}

fn is_study_load(credit: &Credit) -> bool {
    matches!(credit.unit.as_str(), "ECTS" | "SBU" | "hours")
}

fn credit(point: &Value) -> Option<Credit> {
    let (amount, _) = amount(&label(point.get("point"))?)?;
    let framework = point.get("framework").and_then(first);
    let id = framework.and_then(|framework| framework.get("id")).and_then(Value::as_str).unwrap_or_default();
    let name = term(framework).unwrap_or_default();
    let unit = match name.to_ascii_uppercase().as_str() {
        _ if id.ends_with(ECTS) => "ECTS",
        "ECTS" | "EC" => "ECTS",
        "SBU" => "SBU",
        "" => "credits",
        _ => &name,
    };
    Some(Credit { amount, unit: unit.to_owned() })
}

/// A language by its notation, or by its code in the list of languages of the European Union (ISO 639-3).
fn tag(concept: &Value) -> Option<String> {
    let notation = label(concept.get("notation")).filter(|notation| matches!(notation.len(), 2 | 3));
    let code = || concept.get("id")?.as_str()?.rsplit('/').next().map(str::to_ascii_lowercase);
    language(&notation.or_else(code)?)
}

fn outcomes(specification: &Value) -> Vec<String> {
    let titles = all(specification.get("learningOutcome"))
        .filter_map(|outcome| label(outcome.get("title")).or_else(|| long(outcome.get("description"))));
    let mut outcomes: Vec<String> = titles.collect();
    outcomes.extend(term(specification.get("learningOutcomeSummary")));
    outcomes
}

/// The skills of the European classification and of others that an outcome is related to.
fn skills(outcome: &Value) -> Vec<Alignment> {
    let of = |member: &str, framework: Option<&str>| -> Vec<Alignment> {
        let terms = all(outcome.get(member)).filter_map(|skill| {
            Some(Alignment {
                name: term(Some(skill))?,
                framework: framework.map(str::to_owned).or_else(|| term(skill.get("inScheme"))),
                address: skill.get("id").and_then(Value::as_str).map(|address| text::line(address, 2_000)),
                ..Alignment::default()
            })
        });
        terms.collect()
    };
    [of("relatedESCOSkill", Some("ESCO")), of("relatedSkill", None)].concat()
}

fn quality(holder: &Value) -> Option<String> {
    let accreditation = holder.get("accreditation").and_then(first)?;
    label(accreditation.get("title")).or_else(|| term(accreditation.get("dcType")))
}
