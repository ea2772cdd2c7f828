//! Credentials as a compact JWS: Open Badges 3.0 (section 8.2), VC-JOSE-COSE, and VCDM 1.1 with `vc`.

use jiff::Timestamp;
use leerpas_core::Url;
use serde_json::{Map, Value};

use super::{
    evaluate::{Findings, Found, Look},
    issuer_keys::{Candidates, check_signature, for_jws},
    linked_data,
};
use crate::{
    jose::Jws,
    json,
    keys::PublicKey,
    read::claims::{id_of, subjects},
    report::{Check, CheckName, CheckResult, Reason},
};

const KEY: CheckName = CheckName::IssuerKey;

pub(super) fn check(look: &mut Look<'_>, jws: &Jws, credential: &Value) -> Findings {
    let issuer = credential.get("issuer").and_then(id_of).unwrap_or_default();
    let mut candidates = candidates(look, jws, issuer);
    let signature = check_signature(jws, &mut candidates);
    Findings { checks: vec![format(jws, credential), signature, candidates.check], tie: candidates.tie }
}

/// Verifies another document of the same issuer as a JWS, such as its status list.
pub(super) fn is_signed(look: &mut Look<'_>, jws: &Jws, document: &Value) -> bool {
    check(look, jws, document).checks.iter().all(|check| check.result == CheckResult::Pass)
}

/// The registered claims say the same as the credential (Open Badges 3.0, 8.2.4.1; VCDM 1.1, 6.3.1).
fn format(jws: &Jws, credential: &Value) -> Check {
    const NAME: CheckName = CheckName::Format;
    let general = linked_data::format(credential);
    let Ok(claims) = jws.claims() else { return Check::fail(NAME, Reason::Malformed, "the claims cannot be read") };
    if general.result == CheckResult::Fail {
        return general;
    }
    let says = |name: &str, other: Option<&str>| {
        claims.get(name).is_none_or(|value| value.as_str().is_some() && value.as_str() == other)
    };
    let subject = match subjects(credential) {
        [one] => id_of(one),
        _ => None,
    };
    for (name, other) in [
        ("iss", credential.get("issuer").and_then(id_of)),
        ("jti", credential.get("id").and_then(Value::as_str)),
        ("sub", subject),
    ] {
        if !says(name, other) {
            return Check::fail(NAME, Reason::Malformed, format!("{name} says something else than the credential"));
        }
    }
    for (name, members) in [("nbf", ["validFrom", "issuanceDate"]), ("exp", ["validUntil", "expirationDate"])] {
        if !same_time(&claims, name, credential, members) {
            return Check::fail(NAME, Reason::Malformed, format!("{name} says something else than the credential"));
        }
    }
    Check::pass(NAME, "W3C credential as a JWS; the claims around it say the same")
}

fn same_time(claims: &Map<String, Value>, name: &str, credential: &Value, members: [&str; 2]) -> bool {
    let inner = members.iter().find_map(|member| credential.get(*member)).and_then(Value::as_str);
    match (claims.get(name).and_then(Value::as_i64), inner.and_then(|text| text.parse::<Timestamp>().ok())) {
        (Some(outer), Some(inner)) => outer == inner.as_second(),
        _ => true,
    }
}

fn candidates(look: &mut Look<'_>, jws: &Jws, issuer: &str) -> Candidates {
    // Open Badges 3.0 (8.2.2) lets the key come along. It can be tried, and it ties to nobody unless the issuer is that
    // very key as a DID.
    if let Some(jwk) = jws.header.get("jwk") {
        return match PublicKey::from_jwk(jwk) {
            Ok(key) if key.did_jwk() == issuer || key.did_key().as_deref() == Some(issuer) => {
                Candidates::found(issuer, vec![key], Check::pass(KEY, "the issuer is the key itself"))
            }
            Ok(key) => {
                let detail = "the key came inside the credential; nothing ties it to the issuer";
                Candidates::found(issuer, vec![key], Check::unknown(KEY, Reason::KeyUntied, detail))
            }
            Err(error) => Candidates::none(issuer, Check::fail(KEY, Reason::Malformed, error.to_string())),
        };
    }
    let issued_at = Url::parse(issuer).ok().filter(|url| url.scheme() == "https");
    match (jws.kid().and_then(|kid| Url::parse(kid).ok()), issued_at) {
        (Some(kid), Some(issuer_url)) if kid.scheme() == "https" && !jws.header.contains_key("x5c") => {
            by_key_address(look, issuer, &issuer_url, &kid)
        }
        _ => for_jws(look, jws, Some(issuer).filter(|issuer| !issuer.is_empty())),
    }
}

/// A `kid` that is the address of a JWK (Open Badges 3.0, 8.2.2), which ties to an issuer on the same host.
fn by_key_address(look: &mut Look<'_>, issuer: &str, issuer_url: &Url, kid: &Url) -> Candidates {
    if kid.origin() != issuer_url.origin() {
        let check = Check::unknown(KEY, Reason::KeyUntied, "the key is published at another host than the issuer's");
        return Candidates::none(issuer, check);
    }
    let unavailable = |why: &str| Check::unknown(KEY, Reason::KeyUnavailable, format!("{kid}: {why}"));
    match look.keys_at(kid, "application/jwk+json, application/json") {
        Found::Nothing(why, at) => Candidates::none(issuer, unavailable(why).known_at(at)),
        Found::Document(resource, at) => {
            let key = json::parse(&resource.bytes).ok().and_then(|jwk| PublicKey::from_jwk(&jwk).ok());
            match key {
                Some(key) => {
                    let check = Check::pass(KEY, format!("published by the issuer at {kid}")).known_at(at);
                    Candidates::found(issuer, vec![key], check)
                }
                None => Candidates::none(issuer, unavailable("it is no public key that can be used")),
            }
        }
    }
}
