//! Documents to compare with, and changes to make to them.

use proptest::prelude::*;
use serde_json::{Value, json};

pub(super) const V2: &str = "https://www.w3.org/ns/credentials/v2";
const V1: &str = "https://www.w3.org/2018/credentials/v1";
pub(super) const OB: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
const CLR: &str = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json";
const DUTCH: &str =
    "https://raw.githubusercontent.com/educredentials/obv3-examples/refs/heads/main/contexts/educredential.json";

pub(super) fn skipped() {
    println!("skipped: no vectors");
}

fn badge() -> Value {
    json!({
        "@context": [V2, OB, DUTCH], "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:example:school", "type": ["Profile"], "name": "Hogeschool Voorbeeld",
            "address": {"type": ["Address"], "addressCountry": "NL", "geo": {"type": "GeoCoordinates", "latitude": 52.1}}},
        "validFrom": "2026-02-01T00:00:00Z", "name": "Voorbeeld",
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": "94567", "statusListCredential": "https://school.example/status/3"},
        "credentialSubject": {"type": ["AchievementSubject"], "creditsEarned": 5.5, "activityEndDate": "2026-01-31",
            "identifier": [{"type": "IdentityObject", "hashed": true, "identityHash": "x"}],
            "result": [{"type": ["Result"], "value": "8.5", "resultDescription": "urn:uuid:1"}, {"type": ["Result"], "value": "8.5"}],
            "achievement": {"id": "urn:uuid:2", "type": ["Achievement", "EducredentialAchievement"],
                "name": "Datastructuren", "criteria": {"narrative": "a\tb\u{1}\"\\"}, "ECTS": 5,
                "participationType": "online", "tag": ["lijsten", "bomen"],
                "resultDescription": [{"id": "urn:uuid:1", "type": ["ResultDescription"], "name": "Cijfer",
                    "allowedValue": ["1", "2", "2"], "rubricCriterionLevel": [{"type": "RubricCriterionLevel", "level": "A"}]}],
                "alignment": [{"type": ["Alignment"], "targetName": "x", "targetUrl": "https://esco.example/1"}]}}
    })
}

fn presentation() -> Value {
    json!({
        "@context": [V2, OB], "type": "VerifiablePresentation", "holder": "did:example:me",
        "verifiableCredential": [
            {"@context": [V2, OB], "type": ["VerifiableCredential"], "issuer": "did:example:a", "validFrom": "2026-01-01T00:00:00Z",
                "credentialSubject": {"id": "did:example:me"},
                "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod",
                    "verificationMethod": "did:example:a#1", "proofValue": "z1", "created": "2026-01-01T00:00:00Z"}},
            {"@context": [V1], "id": "urn:x:2", "type": "VerifiableCredential", "issuer": "did:example:b", "credentialSubject": {"id": "urn:x:3"}}
        ]
    })
}

fn with(mut document: Value, pointer: &str, name: &str, value: Value) -> Value {
    if let Some(members) = document.pointer_mut(pointer).and_then(Value::as_object_mut) {
        members.insert(name.to_owned(), value);
    }
    document
}

/// Each names one thing that goes wrong easily.
pub(super) fn shapes() -> Vec<(&'static str, Value)> {
    let subject = "/credentialSubject";
    let badge = badge();
    vec![
        ("a badge", badge.clone()),
        ("a presentation of credentials of both models", presentation()),
        ("a whole number with a type", with(badge.clone(), subject, "creditsEarned", json!(5))),
        ("a text with a language", with(badge.clone(), "", "name", json!({"@value": "x", "@language": "nl"}))),
        ("a text with a type", with(badge.clone(), "", "name", json!({"@value": "x", "@type": "https://x.example/t"}))),
        ("texts in a set", with(badge.clone(), "", "name", json!({"@set": ["x", null, "y", {"@value": true}]}))),
        ("texts in a list", with(badge.clone(), "", "name", json!({"@list": ["x", null, ["y"], {"id": "urn:x"}]}))),
        (
            "a list where a list is expected",
            with(
                badge.clone(),
                "/credentialSubject/achievement/resultDescription/0",
                "allowedValue",
                json!({"@list": ["x", "x"]}),
            ),
        ),
        (
            "one text where a list is expected",
            with(badge.clone(), "/credentialSubject/achievement/resultDescription/0", "allowedValue", json!("x")),
        ),
        (
            "no text where a list is expected",
            with(badge.clone(), "/credentialSubject/achievement/resultDescription/0", "allowedValue", json!([])),
        ),
        (
            "lists in a list",
            with(
                badge.clone(),
                "/credentialSubject/achievement/resultDescription/0",
                "allowedValue",
                json!([["x"], [], {"@list": []}]),
            ),
        ),
        ("nothing", with(badge.clone(), "", "name", json!(null))),
        ("a node without members", with(badge.clone(), "", "name", json!({}))),
        (
            "a key of the holder, as JSON",
            with(
                badge.clone(),
                "",
                "cnf",
                json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "é\n", "n": [1, 2.5, null]}}),
            ),
        ),
        (
            "labels",
            with(
                badge.clone(),
                "",
                "endorsement",
                json!([{"id": "_:b0", "name": "x"}, {"id": "_:b1", "endorsement": {"id": "_:b0"}}]),
            ),
        ),
        (
            "a prefix",
            json!({"@context": V1, "id": "cred:x", "type": ["VerifiableCredential"], "issuer": "did:example:a"}),
        ),
        (
            "two types with a context each",
            with(badge.clone(), "/issuer", "type", json!(["Profile", "Achievement", "Image"])),
        ),
        (
            "a learner record",
            json!({"@context": [V2, OB, CLR], "type": ["VerifiableCredential", "ClrCredential"], "partial": true,
            "credentialSubject": {"type": ["ClrSubject"], "association": [{"type": "Association", "associationType": "isChildOf",
                "sourceId": "urn:1", "targetId": "urn:2"}], "verifiableCredential": [badge]}}),
        ),
    ]
}

/// One change at a place that `path` walks to, each number taken modulo what is there.
#[derive(Debug, Clone)]
pub(super) struct Change {
    path: Vec<usize>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Put(Value),
    Remove(usize),
    Rename(usize, &'static str),
    Add(&'static str, Value),
    Nest(&'static str),
}

impl Change {
    pub(super) fn apply(&self, document: &mut Value) {
        let mut place = document;
        for step in &self.path {
            let count = match &*place {
                Value::Object(members) => members.len(),
                Value::Array(items) => items.len(),
                _ => 0,
            };
            if count == 0 {
                break;
            }
            let next = match &mut *place {
                Value::Object(members) => members.values_mut().nth(step % count),
                Value::Array(items) => items.get_mut(step % count),
                _ => None,
            };
            let Some(next) = next else { return };
            place = next;
        }
        match &self.kind {
            Kind::Put(value) => *place = value.clone(),
            Kind::Nest(name) => *place = json!({ *name: place.take() }),
            Kind::Remove(index) => {
                if let Some(name) = name(place, *index) {
                    place.as_object_mut().unwrap().shift_remove(&name);
                }
            }
            Kind::Rename(index, to) => {
                if let Some(name) = name(place, *index) {
                    let members = place.as_object_mut().unwrap();
                    let value = members.shift_remove(&name).unwrap();
                    members.insert((*to).to_owned(), value);
                }
            }
            Kind::Add(name, value) => {
                if let Some(members) = place.as_object_mut() {
                    members.insert((*name).to_owned(), value.clone());
                }
            }
        }
    }
}

fn name(place: &Value, index: usize) -> Option<String> {
    let members = place.as_object()?;
    members.keys().nth(index.checked_rem(members.len())?).cloned()
}

const NAMES: &[&str] = &[
    "name",
    "description",
    "id",
    "@id",
    "type",
    "@type",
    "image",
    "url",
    "criteria",
    "achievement",
    "creditsEarned",
    "result",
    "value",
    "proof",
    "proofPurpose",
    "verifiableCredential",
    "endorsement",
    "allowedValue",
    "identifier",
    "hashed",
    "jwk",
    "cnf",
    "participationType",
    "@value",
    "@language",
    "@set",
    "@list",
    "unknown",
    "urn:x:y",
    "validFrom",
    "exp",
    "termsOfUse",
    "evidence",
    "credentialSchema",
    "jsonSchema",
    "issuer",
    "ECTS",
];

const TYPES: &[&str] = &[
    "Profile",
    "Achievement",
    "Result",
    "AchievementSubject",
    "ResultDescription",
    "DataIntegrityProof",
    "Image",
    "VerifiableCredential",
    "VerifiablePresentation",
    "JsonSchema",
    "EducredentialAchievement",
    "IdentityObject",
    "Unknown",
    "https://x.example/T",
    "_:t",
    "id",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!("x")),
        Just(json!("urn:x:1")),
        Just(json!("_:l")),
        Just(json!("https://x.example/é?q#f")),
        Just(json!("online")),
        Just(json!("assertionMethod")),
        Just(json!([])),
        Just(json!({})),
        Just(json!(4.25)),
        Just(json!(-7)),
        Just(json!(1e21)),
        Just(json!({"@value": "x", "@language": "nl"})),
        Just(json!({"@value": 5, "@type": "https://x.example/T"})),
        Just(json!({"@list": [1, "x", {"id": "urn:x:2"}]})),
        Just(json!(["x", {"id": "urn:x:3"}, [true]])),
        Just(json!({"@context": V2, "type": "VerifiableCredential", "name": "x"})),
        prop::sample::subsequence(TYPES, 1..3).prop_map(|types| json!({"type": types, "name": "x"})),
        prop::sample::subsequence(TYPES, 1..4).prop_map(|types| json!(types)),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let names = || prop::sample::select(NAMES);
    let kind = prop_oneof![
        value().prop_map(Kind::Put),
        (0_usize..20).prop_map(Kind::Remove),
        (0_usize..20, names()).prop_map(|(index, name)| Kind::Rename(index, name)),
        (names(), value()).prop_map(|(name, value)| Kind::Add(name, value)),
        (names(), value()).prop_map(|(name, value)| Kind::Add(name, value)),
        names().prop_map(Kind::Nest),
    ];
    (prop::collection::vec(0_usize..20, 0..7), kind).prop_map(|(path, kind)| Change { path, kind })
}

pub(super) fn changed() -> impl Strategy<Value = (Value, Vec<Change>)> {
    let documents: Vec<Value> = shapes().into_iter().map(|(_, document)| document).collect();
    (prop::sample::select(documents), prop::collection::vec(change(), 1..4))
}
