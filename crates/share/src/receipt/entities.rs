//! Who is in a record (the guide, section 8.4), and what a person can ask of them.

use leerpas_core::{Evidence, Party, Told};
use serde_json::{Value, json};

use super::{
    MISSING, Names, missing, node,
    words::{self, said},
};

/// The authority for data protection of the Netherlands, as DPV names it.
pub(super) const AUTHORITY: &str = "legal-nl:DPA-NL";
const AUTHORITY_PAGE: &str = "https://autoriteitpersoonsgegevens.nl/";

/// The person, by a name that is good in this record alone.
pub(super) fn holder(names: &Names) -> Value {
    json!({"@id": names.holder, "@type": "dpv:DataSubject", "dpv:hasIdentifier": names.holder, "dpv:hasName": missing()})
}

/// Whoever asked, and how the wallet knows.
pub(super) fn requester(names: &Names, party: &Party, told: &Told) -> Value {
    let known = match party.evidence {
        Evidence::Listed => &words::LISTED,
        Evidence::Own => &words::OWN,
        Evidence::Proved => &words::PROVED,
        Evidence::Claimed => &words::CLAIMED,
    };
    json!({
        "@id": names.requester,
        "@type": "dpv:DataController",
        "dpv:hasName": party.name,
        "dpv:hasIdentifier": party.identifier,
        "dct:provenance": {"@type": "dct:ProvenanceStatement", "dct:description": said(known)},
        "schema:contactPoint": contact(told),
    })
}

pub(super) fn authority() -> Value {
    json!({
        "@id": AUTHORITY,
        "@type": "dpv:DataProtectionAuthority",
        "dpv:hasName": "Autoriteit Persoonsgegevens",
        "dpv:hasIdentifier": AUTHORITY_PAGE,
        "schema:url": AUTHORITY_PAGE,
        "schema:contactPoint": [
            {"@type": "schema:ContactPoint", "schema:url": AUTHORITY_PAGE},
            {"@type": "schema:PostalAddress", "schema:postOfficeBoxNumber": "93374", "schema:postalCode": "2509 AJ",
                "schema:addressLocality": "Den Haag", "schema:addressCountry": "NL"},
        ],
    })
}

/// Rights that there are on every basis that follows from a yes, and where to use them (8.3.10).
pub(super) fn rights(told: &Told) -> Value {
    let of_requester =
        [("eu-gdpr:A7-3", words::WITHDRAW), ("eu-gdpr:A15", words::ACCESS), ("eu-gdpr:A17", words::ERASE)];
    let right = |(article, title, at): (&str, words::Both, Value)| json!({"@type": ["dpv:DataSubjectRight", article], "dct:title": said(&title), "dpv:isExercisedAt": at});
    let of_requester = of_requester.map(|(article, title)| (article, title, reached_at(told)));
    let of_authority = ("eu-gdpr:A77", words::COMPLAIN, json!(AUTHORITY_PAGE));
    of_requester.into_iter().chain([of_authority]).map(right).collect()
}

/// Where the requester hears of it, as far as it told: how to reach it, else where it says what it does.
pub(super) fn reached_at(told: &Told) -> Value {
    match (told.contacts.as_slice(), &told.policy) {
        ([], Some(policy)) => json!(policy),
        ([], None) => missing(),
        (contacts, _) => json!(contacts),
    }
}

fn contact(told: &Told) -> Value {
    let mut points: Vec<Value> = told
        .contacts
        .iter()
        .map(|contact| {
            let member = match contact {
                mail if mail.contains('@') && !mail.contains(' ') => "schema:email",
                page if page.starts_with("https://") => "schema:url",
                number if number.starts_with('+') => "schema:telephone",
                _ => "dct:description",
            };
            json!({"@type": "schema:ContactPoint", member: contact})
        })
        .collect();
    if points.is_empty() {
        points.push(json!({"@type": "schema:ContactPoint", "dpv:hasApplicability": node(MISSING)}));
    }
    points.push(json!({"@type": "schema:PostalAddress", "dpv:hasApplicability": node(MISSING)}));
    Value::Array(points)
}
