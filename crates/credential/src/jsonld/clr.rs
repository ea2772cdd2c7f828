//! The vocabulary of the Comprehensive Learner Record 2.0: a wrapper of credentials with three types of its own.
//!
//! Facts of the specification (CLR 2.0, appendix on JSON-LD serialisation), in our own form; the test `contexts`
//! compares the outcome with the published files. Both editions use the prefix `xsd` and define it nowhere, so that
//! those datatypes stay `xsd:anyURI` and the like, unless an Open Badges context before them defined it.

use serde_json::{Map, Value, json};

/// The two editions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edition {
    V200,
    V201,
}

/// Each address with its context.
pub(super) fn contexts() -> Vec<(&'static str, Value)> {
    vec![
        ("https://purl.imsglobal.org/spec/clr/v2p0/context.json", context(Edition::V200)),
        ("https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", context(Edition::V201)),
    ]
}

fn context(edition: Edition) -> Value {
    let mut credential = aliases();
    let mut subject = aliases();
    // The first edition points to the folder of the specification, where the vocabulary is not.
    let open_badges = match edition {
        Edition::V200 => "https://purl.imsglobal.org/spec/ob/v3p0/vocab.html#",
        Edition::V201 => "https://purl.imsglobal.org/spec/vc/ob/vocab.html#",
    };
    subject.insert("cred".to_owned(), json!("https://www.w3.org/2018/credentials#"));
    subject.insert("obi".to_owned(), json!(open_badges));
    for (term, coercion) in [
        ("achievement", "obi:Achievement".to_owned()),
        ("association", clr("Association")),
        ("verifiableCredential", "cred:verifiableCredential".to_owned()),
    ] {
        subject.insert(term.to_owned(), set(term, &coercion));
    }
    if edition == Edition::V201 {
        credential.insert("partial".to_owned(), json!({"@id": clr("partial"), "@type": "xsd:boolean"}));
        subject.insert("identifier".to_owned(), set("identifier-1", "obi:Identifier"));
    }
    let link = |name: &str| json!({"@id": clr(name), "@type": "xsd:anyURI"});
    let association = json!({
        "associationType": {"@id": clr("AssociationType")}, "sourceId": link("sourceId"), "targetId": link("targetId")
    });
    let mut terms = aliases();
    for (name, scope) in [
        ("ClrCredential", Value::Object(credential)),
        ("ClrSubject", Value::Object(subject)),
        ("Association", association),
    ] {
        terms.insert(name.to_owned(), json!({"@id": clr(name), "@context": scope}));
    }
    Value::Object(terms)
}

fn set(name: &str, coercion: &str) -> Value {
    json!({"@id": clr(name), "@type": coercion, "@container": "@set"})
}

fn aliases() -> Map<String, Value> {
    [("id", "@id"), ("type", "@type")].into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

fn clr(name: &str) -> String {
    format!("https://purl.imsglobal.org/spec/vc/clr/vocab.html#{name}")
}
