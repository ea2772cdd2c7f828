//! Whether the issuer withdrew it: finds the lists, verifies them, and looks the credential up.

use jiff::{SignedDuration, Timestamp};
use leerpas_core::{CardStatus, Purpose, Url};
use serde_json::{Map, Value};

use super::{
    dates,
    evaluate::{Found, Look},
    issuer_keys::{Tie, check_signature, for_jws},
    linked_data,
};
use crate::{
    jose::Jws,
    json,
    read::claims::id_of,
    report::{Check, CheckName, CheckResult, Reason},
    status::{BitstringList, RevocationList, StatusReference, TokenList, status_references},
};

const NAME: CheckName = CheckName::Status;
/// A list is fetched anew after this time at the earliest and the latest, whatever its `ttl` says.
const SHORTEST: i64 = 5 * 60;
const LONGEST: i64 = 7 * 24 * 60 * 60;
/// Where a list says nothing.
const DEFAULT: i64 = 12 * 60 * 60;

/// What one list says, and since when we know.
type Answer = Result<(CardStatus, Option<Timestamp>), Check>;

pub(super) fn check(look: &mut Look<'_>, tie: &Tie, worth_asking: bool) -> Check {
    let references = match status_references(look.credential.claims()) {
        Ok(references) => references,
        Err(error) => return Check::unknown(NAME, Reason::ListInvalid, error.to_string()),
    };
    if references.is_empty() {
        let check = Check::pass(NAME, "it names no status list, so it cannot be withdrawn in that way");
        return Check { reason: Some(Reason::NoStatus), ..check };
    }
    if !worth_asking {
        let detail = "not asked, because the credential itself does not hold or is not known to";
        return Check::unknown(NAME, Reason::NotAsked, detail);
    }
    // Of several, the strictest counts (security.md E12): every one is looked at before anything is concluded.
    let answers: Vec<Check> = references.iter().map(|reference| one(look, tie, reference)).collect();
    let worst = |check: &Check| match check.result {
        CheckResult::Fail if check.reason == Some(Reason::Revoked) => 3,
        CheckResult::Fail => 2,
        CheckResult::Unknown => 1,
        _ => 0,
    };
    answers.into_iter().max_by_key(worst).unwrap_or_else(|| Check::pass(NAME, "no status list"))
}

fn one(look: &mut Look<'_>, tie: &Tie, reference: &StatusReference) -> Check {
    // An address of its own would tell the issuer which credential is being looked at (security.md E11).
    if reference.uri().query().is_some() {
        let detail = "the list's address has a query, which could tell the issuer whose credential is being checked";
        return Check::unknown(NAME, Reason::NotAsked, detail);
    }
    let answer = match reference {
        StatusReference::TokenList { uri, index } => token_list(look, tie, uri, *index),
        StatusReference::Bitstring { uri, index, purpose } => {
            signed_list(look, tie, uri).and_then(|(credential, at)| {
                let list = BitstringList::from_credential(&credential).map_err(|error| invalid(uri, error))?;
                Ok((list.status(*index, *purpose).map_err(|error| invalid(uri, error))?, at))
            })
        }
        StatusReference::RevocationList { uri, credential_id } => revocation_list(look, tie, uri, credential_id),
    };
    match answer {
        Err(check) => check,
        Ok((CardStatus::Valid, at)) => Check::pass(NAME, format!("{} says valid", reference.uri())).known_at(at),
        Ok((CardStatus::Revoked, at)) => {
            Check::fail(NAME, Reason::Revoked, format!("{} says withdrawn", reference.uri())).known_at(at)
        }
        Ok((CardStatus::Suspended, at)) => {
            Check::fail(NAME, Reason::Suspended, format!("{} says on hold", reference.uri())).known_at(at)
        }
        Ok((_, at)) => {
            let detail = format!("{} says something that has no general meaning", reference.uri());
            Check::unknown(NAME, Reason::NotSupported, detail).known_at(at)
        }
    }
}

/// Token Status List, section 8.3.
fn token_list(look: &mut Look<'_>, tie: &Tie, uri: &Url, index: u64) -> Answer {
    let (bytes, at) = fetch(look, uri, "application/statuslist+jwt", token_lifetime)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| invalid(uri, "no token"))?.trim();
    let jws = Jws::parse(text).map_err(|error| invalid(uri, error))?;
    if jws.typ() != Some("statuslist+jwt") {
        return Err(invalid(uri, "a token of another type"));
    }
    let claims = jws.claims().map_err(|error| invalid(uri, error))?;
    if claims.get("sub").and_then(Value::as_str) != Some(uri.as_str()) && !same_address(&claims, uri) {
        return Err(invalid(uri, "sub names another list"));
    }
    // Before anything is fetched on its word: a list of somebody else is of no use.
    let named = claims.get("iss").and_then(Value::as_str).map(str::to_owned);
    if let Some(named) = &named
        && !is_same_issuer(look, tie, &Tie { identifier: Some(named.clone()), ..Tie::default() })
    {
        return Err(invalid(uri, "another issuer's list"));
    }
    let issuer = named.or_else(|| look.credential.issuer().map(str::to_owned));
    let mut candidates = for_jws(look, &jws, issuer.as_deref());
    let signature = check_signature(&jws, &mut candidates);
    let (held, key) = (signature.result == CheckResult::Pass, candidates.check);
    if held && key.result == CheckResult::Pass && is_same_issuer(look, tie, &candidates.tie) {
        within_dates(uri, dates::numeric(&Value::Object(claims.clone())), look.now)?;
        let list = TokenList::from_claims(&claims).map_err(|error| invalid(uri, error))?;
        return Ok((list.status(index).map_err(|error| invalid(uri, error))?, at));
    }
    match key {
        Check { result: CheckResult::Unknown, detail, known_at, .. } => {
            Err(Check::unknown(NAME, Reason::ListUnavailable, detail).known_at(known_at))
        }
        _ => Err(invalid(uri, "not signed by the credential's issuer")),
    }
}

/// `https://a.example` and `https://a.example/` are one address, and the parser writes the latter.
fn same_address(claims: &Map<String, Value>, uri: &Url) -> bool {
    let sub = claims.get("sub").and_then(Value::as_str);
    sub.is_some_and(|sub| Url::parse(sub).is_ok_and(|sub| sub == *uri))
}

/// Same identifier, same key, same institution, or a certificate with a name in common.
fn is_same_issuer(look: &Look<'_>, credential: &Tie, list: &Tie) -> bool {
    if credential.identifier.is_some() && credential.identifier == list.identifier {
        return true;
    }
    if credential.key.is_some() && credential.key == list.key {
        return true;
    }
    let (Some(ours), Some(theirs)) = (&credential.identifier, &list.identifier) else { return false };
    if look.policy.trust.find(ours).is_some_and(|institution| institution.has_identifier(theirs)) {
        return true;
    }
    match (&credential.chain, &list.chain) {
        (Some(ours), Some(theirs)) => ours.names().iter().any(|name| theirs.names().contains(name)),
        _ => false,
    }
}

/// A status list credential (Bitstring Status List 1.0, section 3.2) as JSON with a Data Integrity proof, by the issuer of
/// the credential.
fn signed_list(look: &mut Look<'_>, tie: &Tie, uri: &Url) -> Result<(Value, Option<Timestamp>), Check> {
    let (bytes, at) = fetch(look, uri, "application/vc, application/ld+json, application/json", credential_lifetime)?;
    let list = json::parse(&bytes).map_err(|error| invalid(uri, error))?;
    if list.get("id").is_some_and(|id| id.as_str() != Some(uri.as_str())) {
        return Err(invalid(uri, "its id names another list"));
    }
    let issuer = list.get("issuer").and_then(id_of).unwrap_or_default().to_owned();
    let theirs = Tie { identifier: Some(issuer.clone()), ..Tie::default() };
    if !is_same_issuer(look, tie, &theirs) {
        return Err(invalid(uri, "another issuer's list"));
    }
    if !linked_data::is_signed_by(look, &list, &issuer) {
        return Err(invalid(uri, "not signed by the credential's issuer"));
    }
    within_dates(uri, dates::document(&list), look.now)?;
    Ok((list, at))
}

/// The list of 1EdTech, which is not signed: who has the issuer's host answers for it.
fn revocation_list(look: &mut Look<'_>, tie: &Tie, uri: &Url, credential_id: &str) -> Answer {
    let (bytes, at) = fetch(look, uri, "application/json", |_| None)?;
    let list = json::parse(&bytes).map_err(|error| invalid(uri, error))?;
    let list = RevocationList::from_json(&list).map_err(|error| invalid(uri, error))?;
    let issuer = tie.identifier.as_deref().unwrap_or_default();
    let same_host = crate::did::host_of(issuer).as_deref() == uri.host_str();
    if !same_host || list.issuer().is_some_and(|named| named != issuer) {
        return Err(invalid(uri, "another issuer's list"));
    }
    Ok((list.status(credential_id), at))
}

/// The bytes of a list. An older one than its lifetime allows is fetched anew; where that cannot be done, it is no answer,
/// and the report says from when it is.
fn fetch(
    look: &mut Look<'_>,
    uri: &Url,
    accept: &'static str,
    lifetime: fn(&[u8]) -> Option<i64>,
) -> Result<(Vec<u8>, Option<Timestamp>), Check> {
    let known = look.policy.resources.get(uri);
    let seconds = known.and_then(|list| lifetime(&list.bytes)).unwrap_or(DEFAULT).clamp(SHORTEST, LONGEST);
    let lifetime = SignedDuration::from_secs(seconds);
    let fresh = |fetched: Timestamp, now: Timestamp| now.duration_since(fetched) <= lifetime;
    match look.document(uri, Purpose::StatusList, accept, fresh) {
        Found::Document(list, _) if !fresh(list.fetched, look.now) => {
            let detail = format!("{uri}: what is known of it is too old");
            Err(Check::unknown(NAME, Reason::ListExpired, detail).known_at(Some(list.fetched)))
        }
        Found::Document(list, at) => Ok((list.bytes.clone(), at)),
        Found::Nothing(why, at) => {
            Err(Check::unknown(NAME, Reason::ListUnavailable, format!("{uri}: {why}")).known_at(at))
        }
    }
}

/// `ttl` in seconds (Token Status List, section 5.1). Read before the signature is checked, which at worst makes us fetch
/// within the bounds.
fn token_lifetime(bytes: &[u8]) -> Option<i64> {
    Jws::parse(std::str::from_utf8(bytes).ok()?.trim()).ok()?.claims().ok()?.get("ttl")?.as_i64()
}

/// `ttl` in milliseconds (Bitstring Status List 1.0, section 2.2).
fn credential_lifetime(bytes: &[u8]) -> Option<i64> {
    json::parse(bytes).ok()?.get("credentialSubject")?.get("ttl")?.as_i64().map(|milliseconds| milliseconds / 1000)
}

fn within_dates(uri: &Url, period: Result<dates::Period, &'static str>, now: Timestamp) -> Result<(), Check> {
    let check = dates::judge(period.map_err(|name| invalid(uri, name))?, now);
    if check.result == CheckResult::Pass {
        return Ok(());
    }
    Err(Check::unknown(NAME, Reason::ListExpired, format!("{uri}: {}", check.detail)))
}

fn invalid(uri: &Url, why: impl std::fmt::Display) -> Check {
    Check::unknown(NAME, Reason::ListInvalid, format!("{uri}: {why}"))
}
