//! Credentials as a JWT: the data model 2.0 is the payload itself (VC-JOSE-COSE, section 3.1.1), the data model 1.1 lies in
//! the claim `vc` with some of its members beside it (VCDM 1.1, section 6.3.1).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Body, DataModel, ReadError, claims::id_of, detect::has_type};
use crate::jose::Jws;

/// Claims beside `vc` that say something of the credential, or of the token alone.
const BESIDE: [&str; 9] = ["vc", "iss", "sub", "jti", "nbf", "exp", "iat", "aud", "nonce"];

/// Routes by shape, because the label (`typ`) is `JWT` for both models.
pub(super) fn credential(jws: Jws, claims: Map<String, Value>) -> Result<Body, ReadError> {
    let whole = |claims: &Map<String, Value>| Value::Object(claims.clone());
    match claims.get("vc") {
        Some(Value::Object(inner)) => {
            let is_2 = jws.typ().is_some_and(|typ| typ.eq_ignore_ascii_case("vc+jwt"));
            if is_2 || has_type(&whole(&claims), "VerifiableCredential") {
                return Err(ReadError::MixedModels);
            }
            let credential = Value::Object(put_together(inner, &claims));
            if !has_type(&credential, "VerifiableCredential") {
                return Err(ReadError::OtherToken);
            }
            Ok(Body::Jwt { jws, credential, claims, model: DataModel::V1 })
        }
        Some(_) => Err(ReadError::NotACredential),
        None => {
            let credential = whole(&claims);
            if !has_type(&credential, "VerifiableCredential") {
                return Err(ReadError::OtherToken);
            }
            Ok(Body::Jwt { jws, credential, claims, model: DataModel::V2 })
        }
    }
}

/// The credential of the data model 1.1 as its holder and verifier see it: what only stands beside `vc` is put in (section
/// 6.3.1, JWT decoding). What stands in both places stays as it is inside, and has to agree; that is a check of its own. Other
/// claims beside `vc` are put in too, so that nothing is signed, sent along and never shown.
fn put_together(inner: &Map<String, Value>, claims: &Map<String, Value>) -> Map<String, Value> {
    let mut credential = inner.clone();
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if let Some(iss) = text("iss") {
        match credential.get_mut("issuer") {
            None => drop(credential.insert("issuer".to_owned(), json!(iss))),
            Some(Value::Object(issuer)) if !issuer.contains_key("id") => {
                issuer.insert("id".to_owned(), json!(iss));
            }
            Some(_) => {}
        }
    }
    if let Some(jti) = text("jti") {
        credential.entry("id").or_insert_with(|| json!(jti));
    }
    // `sub` stands for one subject only.
    let subject = match credential.get_mut("credentialSubject") {
        Some(Value::Array(subjects)) if subjects.len() == 1 => subjects.first_mut(),
        Some(subject @ Value::Object(_)) => Some(subject),
        _ => None,
    };
    if let (Some(sub), Some(Value::Object(subject))) = (text("sub"), subject) {
        subject.entry("id").or_insert_with(|| json!(sub));
    }
    for (name, member, newer) in [("nbf", "issuanceDate", "validFrom"), ("exp", "expirationDate", "validUntil")] {
        let seconds = claims.get(name).and_then(Value::as_i64);
        if let Some(time) = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok())
            && !credential.contains_key(newer)
        {
            credential.entry(member).or_insert_with(|| json!(time.to_string()));
        }
    }
    for (name, value) in claims {
        if !BESIDE.contains(&name.as_str()) {
            credential.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
    credential
}

/// The claim beside the credential that says something else than the credential (VCDM 1.1, section 6.3.1; Open Badges 3.0,
/// section 8.2.4.1), if there is one.
pub(crate) fn contradiction(claims: &Map<String, Value>, credential: &Value, model: DataModel) -> Option<String> {
    let subject = match super::claims::subjects(credential) {
        [one] => id_of(one),
        _ => None,
    };
    let same_text = |name: &str, other: Option<&str>| {
        claims.get(name).is_none_or(|value| value.as_str().is_some() && value.as_str() == other)
    };
    for (name, other) in [
        ("iss", credential.get("issuer").and_then(id_of)),
        ("jti", credential.get("id").and_then(Value::as_str)),
        ("sub", subject),
    ] {
        if !same_text(name, other) {
            return Some(name.to_owned());
        }
    }
    for (name, members) in [("nbf", ["validFrom", "issuanceDate"]), ("exp", ["validUntil", "expirationDate"])] {
        if !same_time(claims.get(name), members.iter().find_map(|member| credential.get(*member))) {
            return Some(name.to_owned());
        }
    }
    if model == DataModel::V2 {
        return None;
    }
    let differs = |(name, value): &(&String, &Value)| {
        !BESIDE.contains(&name.as_str()) && credential.get(name.as_str()) != Some(value)
    };
    claims.iter().find(differs).map(|(name, _)| name.clone())
}

/// Whether both times are the same second, where both are there. What cannot be read is found when the dates are judged.
fn same_time(outer: Option<&Value>, inner: Option<&Value>) -> bool {
    let inner = inner.and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    match (outer.and_then(Value::as_i64), inner) {
        (Some(outer), Some(inner)) => outer == inner.as_second(),
        _ => true,
    }
}
