//! The few claims that every format has in its own way.

use serde_json::Value;

use super::Body;
use crate::keys::PublicKey;

/// A string or an array of strings as a list.
pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn issuer(body: &Body) -> Option<&str> {
    match body {
        Body::SdJwt(sd_jwt) => sd_jwt.claims().get("iss")?.as_str(),
        Body::W3cSdJwt(sd_jwt) => id_of(sd_jwt.claims().get("issuer")?),
        Body::DataIntegrity { credential, .. } | Body::Jwt { credential, .. } | Body::Elm { credential, .. } => {
            id_of(credential.get("issuer")?)
        }
        Body::OpenBadge2 { assertion, .. } => {
            let badge = assertion.get("badge")?;
            badge.get("issuer").and_then(id_of)
        }
    }
}

/// The id of something that is an id or an object with one.
pub(crate) fn id_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("id")?.as_str())
}

pub(crate) fn confirmation_key(claims: &Value) -> Option<PublicKey> {
    PublicKey::from_jwk(claims.get("cnf")?.get("jwk")?).ok()
}

/// The subjects of a W3C credential: one object, or an array of them.
pub(crate) fn subjects(credential: &Value) -> &[Value] {
    match credential.get("credentialSubject") {
        Some(Value::Array(subjects)) => subjects,
        Some(subject) => std::slice::from_ref(subject),
        None => &[],
    }
}

pub(super) fn subject_ids(body: &Body) -> Vec<String> {
    match body {
        Body::SdJwt(sd_jwt) => strings(sd_jwt.claims().get("sub")),
        Body::DataIntegrity { credential, .. } | Body::Jwt { credential, .. } | Body::Elm { credential, .. } => {
            subjects(credential).iter().filter_map(id_of).map(str::to_owned).collect()
        }
        Body::W3cSdJwt(sd_jwt) => subjects(sd_jwt.claims()).iter().filter_map(id_of).map(str::to_owned).collect(),
        Body::OpenBadge2 { .. } => Vec::new(),
    }
}
