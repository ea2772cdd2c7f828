//! The Dutch extension of Open Badges 3.0 by educredentials: study load, programme number and the manner of
//! teaching and testing, as terms of the type `EducredentialAchievement`.
//!
//! The IRIs are as published, misspelt hosts included, for they are what a signature covers; so are the datatypes,
//! which name a prefix `xsd` that the context never defines and thus stay `xsd:integer` and the like. One thing is
//! read as it was meant: the published file says `context` for `@context` under `supervisionType`, and a processor
//! that follows JSON-LD 1.1 can load no such definition at all (`invalid term definition`).

use serde_json::{Map, Value, json};

/// Where issuers say it is.
const URL: &str =
    "https://raw.githubusercontent.com/educredentials/obv3-examples/refs/heads/main/contexts/educredential.json";

/// A property whose value is a literal: term, last part of the IRI, datatype.
const LITERALS: [(&str, &str, &str); 5] = [
    ("ECTS", "ects", "integer"),
    ("SBU", "sbu", "integer"),
    ("timeInvestment", "timeInvestment", "integer"),
    ("identityChecked", "identityChecked", "boolean"),
    ("educationProgramIdentifier", "educationProgramIdentifier", "number"),
];

/// The values of one property, each with the host that the published file gives it.
type Values = &'static [(&'static str, &'static str)];

/// A property whose value is one of a list: term, start of the IRI of each value, values.
const CHOICES: [(&str, &str, Values); 3] = [
    (
        "assessmentType",
        "assessment-type",
        &[
            ("testing", HOST),
            ("application of a skill", "eduabages.nl"),
            ("portfolio", "eduabages.nl"),
            ("recognition of prior learning", HOST),
        ],
    ),
    (
        "participationType",
        "participation-type",
        &[
            ("online", HOST),
            ("onsite or blended", HOST),
            ("volunteering", HOST),
            ("work experience", HOST),
            ("personalized learning activities", HOST),
        ],
    ),
    (
        "supervisionType",
        "supervision-type",
        &[
            ("unsupervised with no identity verification", HOST),
            ("supervised with no identity verification", HOST),
            ("supervised online", "edubaadges.nl"),
            ("onsite with identity verification", HOST),
        ],
    ),
];

const HOST: &str = "edubadges.nl";

/// The address and the context.
pub(super) fn context() -> (&'static str, Value) {
    let mut terms = keywords();
    for (term, name, datatype) in LITERALS {
        terms.insert(term.to_owned(), json!({"@id": iri(HOST, name), "@type": format!("xsd:{datatype}")}));
    }
    for (term, start, values) in CHOICES {
        let values: Map<String, Value> = values
            .iter()
            .map(|(value, host)| {
                ((*value).to_owned(), json!(iri(host, &format!("{start}-{}", value.replace(' ', "-")))))
            })
            .collect();
        terms.insert(term.to_owned(), json!({"@id": iri(HOST, term), "@type": "@vocab", "@context": values}));
    }
    let mut context = keywords();
    let name = "EducredentialAchievement";
    context.insert(name.to_owned(), json!({"@id": iri(HOST, name), "@context": terms}));
    (URL, Value::Object(context))
}

fn keywords() -> Map<String, Value> {
    let pairs = [("@protected", json!(true)), ("id", json!("@id")), ("type", json!("@type"))];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn iri(host: &str, name: &str) -> String {
    format!("https://{host}/static/obv3-glossary.html#{name}")
}
