//! Every claim, for the eyes of people.

use leerpas_core::Format;
use serde_json::{Map, Value};

/// What only machines need in an SD-JWT VC: it is shown by its meaning (issuer, dates, holder, status) elsewhere.
const SD_JWT: [&str; 14] = [
    "vct",
    "vct#integrity",
    "iss",
    "iat",
    "nbf",
    "exp",
    "jti",
    "cnf",
    "status",
    "_sd",
    "_sd_alg",
    "issuer#integrity",
    "@context",
    "credentialSchema",
];
/// The same in a credential of W3C or an Open Badge.
const W3C: [&str; 12] = [
    "@context",
    "type",
    "@type",
    "proof",
    "credentialSchema",
    "credentialStatus",
    "refreshService",
    "termsOfUse",
    "verification",
    "jti",
    "iss",
    "nbf",
];

/// The claims in the order of the original, without those members and without the bytes of pictures.
pub(super) fn for_people(format: Format, claims: &Value) -> Value {
    let machine: &[&str] = if format == Format::SdJwtVc { &SD_JWT } else { &W3C };
    match claims {
        Value::Object(members) => Value::Object(kept(members, |name, _| {
            !machine.contains(&name) && (format == Format::SdJwtVc || name != "id")
        })),
        _ => Value::Object(Map::new()),
    }
}

fn kept(members: &Map<String, Value>, keep: impl Fn(&str, &Value) -> bool) -> Map<String, Value> {
    let shown = members.iter().filter(|(name, value)| keep(name, value) && !is_picture(value));
    shown.map(|(name, value)| (name.clone(), inner(value))).collect()
}

/// Below the top the types of nodes and embedded proofs are for machines too.
fn inner(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let is_node = members.contains_key("id") || members.get("type").is_some_and(Value::is_array);
            Value::Object(kept(members, |name, value| {
                !(name == "@context" || name == "proof" || name == "type" && (is_node || is_class_name(value)))
            }))
        }
        Value::Array(items) => Value::Array(items.iter().filter(|item| !is_picture(item)).map(inner).collect()),
        other => other.clone(),
    }
}

/// `IdentifierEntry` is the name of a class; `onsite` is a value.
fn is_class_name(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// The bytes of a picture, or a node that holds nothing else.
fn is_picture(value: &Value) -> bool {
    let address = value.as_str().or_else(|| value.get("id").and_then(Value::as_str));
    address.is_some_and(|address| address.starts_with("data:"))
}
