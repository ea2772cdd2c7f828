//! The credentials within a record (CLR 2.0, `ClrCredential`), as far as a list of them goes.

use leerpas_core::ContentFacts;
use serde_json::Value;

use super::{find::all, find::first, find::strings, issuer, subject, text, title_of_type};
use crate::jose::Jws;

/// Credentials of one record that are listed.
const LISTED: usize = 64;

/// One line for each credential, in the order of the record; what cannot be read keeps its place.
pub(super) fn read(claims: &Value) -> Vec<ContentFacts> {
    if !strings(claims.get("type")).iter().any(|kind| kind == "ClrCredential") {
        return Vec::new();
    }
    let within = subject(claims).and_then(|subject| subject.get("verifiableCredential"));
    all(within).take(LISTED).map(one).collect()
}

fn one(credential: &Value) -> ContentFacts {
    let token = credential.as_str().or_else(|| credential.get("id")?.as_str()?.split_once("jwt,").map(|(_, jwt)| jwt));
    let claims = token.and_then(|token| Jws::parse(token).ok()?.claims().ok()).map(Value::Object);
    let credential = claims.as_ref().map_or(credential, |claims| claims.get("vc").unwrap_or(claims));
    let achievement = subject(credential).and_then(|subject| first(subject.get("achievement")?));
    let name = achievement.and_then(|achievement| text::of(achievement.get("name")));
    let title = name.or_else(|| text::of(credential.get("name"))).map(|name| text::label(&name));
    let title = title.unwrap_or_else(|| title_of_type(&strings(credential.get("type"))));
    ContentFacts { title, issuer: issuer(credential).name }
}
