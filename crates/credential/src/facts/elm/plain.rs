//! A credential of the learning model without what only machines need, so that a person can read all of it.

use serde_json::{Map, Value};

use super::{is_language, organisation, term, words};
use crate::facts::find::first;

/// Members that repeat or describe the form; [`super::read`] has taken from them what a card shows.
const FORM: [&str; 10] = [
    "@context",
    "type",
    "proof",
    "inScheme",
    "displayParameter",
    "credentialProfiles",
    "credentialSchema",
    "credentialStatus",
    "noteFormat",
    "termsOfUse",
];

/// The members in their order: maps of language as one text, terms of lists by their name, and an organisation that was
/// named one level up not named again.
pub(in crate::facts) fn for_people(credential: &Value) -> Value {
    match plain(credential, None) {
        Some(Value::Object(members)) => Value::Object(members),
        _ => Value::Object(Map::new()),
    }
}

fn plain(value: &Value, above: Option<&str>) -> Option<Value> {
    match value {
        Value::Object(members) if is_term(members) => term(Some(value)).map(Value::String),
        Value::Object(members) if is_text(members) => words(Some(value)).map(Value::String),
        Value::Object(members) => node(members, above),
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().filter_map(|item| plain(item, above)).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Null => None,
        other => Some(other.clone()),
    }
}

fn node(members: &Map<String, Value>, above: Option<&str>) -> Option<Value> {
    let award = members.get("awardedBy").and_then(first);
    let own = members.get("awardingBody").or_else(|| award?.get("awardingBody")).and_then(first).and_then(organisation);
    let own = own.as_deref();
    let known = above.or(own);
    let mut kept = Map::new();
    for (name, value) in members {
        let repeats = above.is_some() && matches!(name.as_str(), "assessedBy" | "awardingBody") && {
            first(value).and_then(organisation).as_deref() == above
        };
        if FORM.contains(&name.as_str()) || is_address(name, value) || repeats {
            continue;
        }
        // Parts have an award of their own; all else below speaks of this one.
        let below = if name == "hasPart" {
            None
        } else if name == "awardedBy" {
            above
        } else {
            known
        };
        if let Some(value) = plain(value, below) {
            kept.insert(name.clone(), value);
        }
    }
    (!kept.is_empty()).then_some(Value::Object(kept))
}

fn is_term(members: &Map<String, Value>) -> bool {
    members.get("type").and_then(Value::as_str).is_some_and(|kind| kind == "Concept" || kind == "Note")
}

fn is_text(members: &Map<String, Value>) -> bool {
    let text = |value: &Value| first(value).is_some_and(Value::is_string);
    !members.is_empty() && members.iter().all(|(name, value)| is_language(name) && text(value))
}

/// Names of nodes that a converter made up say nothing to anybody.
fn is_address(name: &str, value: &Value) -> bool {
    name == "id" && value.as_str().is_some_and(|id| id.starts_with("urn:") || id.starts_with("converter:"))
}
