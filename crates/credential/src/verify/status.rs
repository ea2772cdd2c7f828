//! Whether the issuer withdrew it: finds the lists, verifies them, and looks the credential up.

use jiff::Timestamp;
use leerpas_core::{CardStatus, Purpose, Url};
use serde_json::{Map, Value};

use super::{
    dates,
    evaluate::{Found, Look},
    issuer_keys::{Tie, check_signature, for_jws},
    jwt_vc, linked_data,
};
use crate::{
    jose::Jws,
    json,
    read::{Body, claims::id_of, read},
    report::{Check, CheckName, CheckResult, Part, Reason},
    status::{
        BitstringKind, BitstringList, RevocationList, StatusMessage, StatusPurpose, StatusReference, TokenList,
        lifetime, status_references,
    },
};

const NAME: CheckName = CheckName::Status;
const ACCEPT_TOKEN: &str = "application/statuslist+jwt";
const ACCEPT_CREDENTIAL: &str =
    "application/vc, application/vc+jwt;q=0.9, application/ld+json;q=0.8, application/json;q=0.7";

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
    let severity = |check: &Check| match check.result {
        CheckResult::Fail if check.reason == Some(Reason::Revoked) => 4,
        CheckResult::Fail => 3,
        CheckResult::Unknown => 2,
        CheckResult::Warn => 1,
        CheckResult::Pass => 0,
    };
    let parts = references.iter().zip(&answers).map(|(reference, check)| Part::of(reference.uri().as_str(), check));
    let parts = parts.collect();
    // What passes by several lists is known since the oldest of them.
    let oldest = answers.iter().filter_map(|check| check.known_at).min();
    let worst = answers.into_iter().max_by_key(severity).unwrap_or_else(|| Check::pass(NAME, "no status list"));
    let known_at = if severity(&worst) < 2 { oldest } else { worst.known_at };
    worst.known_at(known_at).with_parts(parts)
}

fn one(look: &mut Look<'_>, tie: &Tie, reference: &StatusReference) -> Check {
    if reference.is_telling() {
        let detail = "the list's address has a query, which could tell the issuer whose credential is being checked";
        return without_weight(reference, Check::unknown(NAME, Reason::NotAsked, detail));
    }
    let answer = match reference {
        StatusReference::TokenList { uri, index } => token_list(look, tie, uri, *index),
        StatusReference::Bitstring { uri, index, purpose, size, messages } => {
            match bit_list(look, tie, uri, |kind| kind != BitstringKind::RevocationList2020) {
                Err(check) => Err(check),
                Ok((list, at)) => match list.value(*index, *purpose, *size) {
                    Err(error) => Err(invalid(uri, error).known_at(at)),
                    Ok(value) if !reference.decides() => return remark(uri, *purpose, value, messages).known_at(at),
                    // With wider entries too, only 0 stands for nothing being the matter (section 3.2).
                    Ok(0) => Ok((CardStatus::Valid, at)),
                    Ok(_) if *purpose == StatusPurpose::Suspension => Ok((CardStatus::Suspended, at)),
                    Ok(_) => Ok((CardStatus::Revoked, at)),
                },
            }
        }
        StatusReference::RevocationList2020 { uri, index } => {
            bit_list(look, tie, uri, |kind| kind == BitstringKind::RevocationList2020).and_then(|(list, at)| {
                let status = list.status(*index, StatusPurpose::Revocation);
                Ok((status.map_err(|error| invalid(uri, error).known_at(at))?, at))
            })
        }
        StatusReference::RevocationList { uri, credential_id } => revocation_list(look, tie, uri, credential_id),
    };
    match answer {
        Err(check) => without_weight(reference, check),
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

/// A list of messages or of newer versions says nothing about validity, so that not having it takes nothing away.
fn without_weight(reference: &StatusReference, check: Check) -> Check {
    if reference.decides() { check } else { Check { result: CheckResult::Warn, ..check } }
}

/// What a list says that is about something else than validity (Bitstring Status List 1.0, section 2.2).
fn remark(uri: &Url, purpose: StatusPurpose, value: u64, messages: &[StatusMessage]) -> Check {
    match (purpose, value) {
        (StatusPurpose::Message, _) => match messages.iter().find(|message| message.value == value) {
            Some(StatusMessage { message, .. }) if value != 0 => {
                Check::warn(NAME, Reason::StatusMessage, format!("{uri} says 0x{value:x}: {message}"))
            }
            _ => Check::pass(NAME, format!("{uri} has no message about it")),
        },
        (_, 0) => Check::pass(NAME, format!("{uri} knows no newer version")),
        _ => Check::warn(NAME, Reason::NewerVersion, format!("{uri} says that there is a newer version")),
    }
}

/// Token Status List, section 8.3.
fn token_list(look: &mut Look<'_>, tie: &Tie, uri: &Url, index: u64) -> Answer {
    let Fetched { bytes, media_type, at } = fetch(look, uri, ACCEPT_TOKEN)?;
    if is_cwt(media_type.as_deref(), &bytes) {
        let detail = format!("{uri}: the list is a CWT, and only one that is a JWT can be read");
        return Err(Check::unknown(NAME, Reason::NotSupported, detail).known_at(at));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| invalid(uri, "no token"))?.trim();
    let jws = Jws::parse(text).map_err(|error| invalid(uri, error))?;
    if jws.typ() != Some("statuslist+jwt") {
        return Err(invalid(uri, "a token of another type"));
    }
    let claims = jws.claims().map_err(|error| invalid(uri, error))?;
    if claims.get("sub").and_then(Value::as_str) != Some(uri.as_str()) && !same_address(&claims, uri) {
        return Err(invalid(uri, "sub names another list"));
    }
    // Section 5.1 demands it, and without it an old list could not be told from a new one.
    if !claims.contains_key("iat") {
        return Err(invalid(uri, "iat is missing"));
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
        let period = dates::numeric(&Value::Object(claims.clone())).map_err(|name| invalid(uri, name))?;
        within_dates(uri, &dates::judge(period, look.now), at)?;
        let list = TokenList::from_claims(&claims).map_err(|error| invalid(uri, error).known_at(at))?;
        return Ok((list.status(index).map_err(|error| invalid(uri, error).known_at(at))?, at));
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

/// What is fetched as `application/statuslist+cwt`, or begins as a tagged or plain COSE_Sign1 does (RFC 9052, 4.2).
fn is_cwt(media_type: Option<&str>, bytes: &[u8]) -> bool {
    media_type == Some("application/statuslist+cwt") || matches!(bytes, [0xd2, 0x84, ..] | [0x84, ..])
}

/// The bits of a status list credential of a kind that fits the entry.
fn bit_list(
    look: &mut Look<'_>,
    tie: &Tie,
    uri: &Url,
    fits: fn(BitstringKind) -> bool,
) -> Result<(BitstringList, Option<Timestamp>), Check> {
    let (credential, at) = signed_list(look, tie, uri)?;
    let list = BitstringList::from_credential(&credential).map_err(|error| invalid(uri, error).known_at(at))?;
    if fits(list.kind()) { Ok((list, at)) } else { Err(invalid(uri, "a list of another kind than the entry")) }
}

/// A status list credential (Bitstring Status List 1.0, section 3.2), with a Data Integrity proof or as a JWT, by the issuer
/// of the credential.
fn signed_list(look: &mut Look<'_>, tie: &Tie, uri: &Url) -> Result<(Value, Option<Timestamp>), Check> {
    let Fetched { bytes, at, .. } = fetch(look, uri, ACCEPT_CREDENTIAL)?;
    let document = json::parse(&bytes);
    let token = document.is_err().then(|| read(&bytes).ok()).flatten();
    let (list, token) = match document {
        Ok(list) => (list, None),
        Err(_) => match token.as_ref().map(|read| read.body()) {
            Some(token @ Body::Jwt { credential, .. }) => (credential.clone(), Some(token)),
            _ => return Err(invalid(uri, "neither a credential in JSON nor one as a JWT")),
        },
    };
    if list.get("id").is_some_and(|id| id.as_str() != Some(uri.as_str())) {
        return Err(invalid(uri, "its id names another list"));
    }
    let issuer = list.get("issuer").and_then(id_of).unwrap_or_default().to_owned();
    let theirs = Tie { identifier: Some(issuer.clone()), ..Tie::default() };
    if !is_same_issuer(look, tie, &theirs) {
        return Err(invalid(uri, "another issuer's list"));
    }
    let signed = match token {
        None => linked_data::is_signed_by(look, &list, &issuer),
        Some(token) => jwt_vc::is_signed(look, token),
    };
    if !signed {
        return Err(invalid(uri, "not signed by the credential's issuer"));
    }
    let validity = match token {
        None => dates::judge(dates::document(&list).map_err(|name| invalid(uri, name))?, look.now),
        Some(token) => dates::check(token, look.now),
    };
    within_dates(uri, &validity, at)?;
    Ok((list, at))
}

/// The list of 1EdTech, which is not signed: who has the issuer's host answers for it.
fn revocation_list(look: &mut Look<'_>, tie: &Tie, uri: &Url, credential_id: &str) -> Answer {
    let Fetched { bytes, at, .. } = fetch(look, uri, "application/json")?;
    let list = json::parse(&bytes).map_err(|error| invalid(uri, error))?;
    let list = RevocationList::from_json(&list).map_err(|error| invalid(uri, error))?;
    let issuer = tie.identifier.as_deref().unwrap_or_default();
    let same_host = crate::did::host_of(issuer).as_deref() == uri.host_str();
    if !same_host || list.issuer().is_some_and(|named| named != issuer) {
        return Err(invalid(uri, "another issuer's list"));
    }
    Ok((list.status(credential_id), at))
}

/// A list as it came.
struct Fetched {
    bytes: Vec<u8>,
    media_type: Option<String>,
    /// When, if it was not just now.
    at: Option<Timestamp>,
}

/// The bytes of a list. An older one than its lifetime allows is fetched anew; where that cannot be done, it is no answer,
/// and the report says from when it is.
fn fetch(look: &mut Look<'_>, uri: &Url, accept: &'static str) -> Result<Fetched, Check> {
    let known = look.policy.resources.get(uri).map(|list| lifetime(&list.bytes));
    let fresh = |fetched, now| known.is_some_and(|lifetime| lifetime.serves(fetched, now));
    match look.document(uri, Purpose::StatusList, accept, fresh) {
        Found::Document(list, at) if !fresh(list.fetched, look.now) => {
            let detail = format!("{uri}: what is known of it is too old");
            Err(Check::unknown(NAME, Reason::ListExpired, detail).known_at(at))
        }
        Found::Document(list, at) => Ok(Fetched { bytes: list.bytes.clone(), media_type: list.media_type.clone(), at }),
        Found::Nothing(why, at) => {
            Err(Check::unknown(NAME, Reason::ListUnavailable, format!("{uri}: {why}")).known_at(at))
        }
    }
}

/// A list outside its own dates is no answer. It tells from when it is, for that is the last that is known.
fn within_dates(uri: &Url, validity: &Check, at: Option<Timestamp>) -> Result<(), Check> {
    match validity {
        Check { result: CheckResult::Pass, .. } => Ok(()),
        Check { reason: Some(Reason::Malformed), .. } => Err(invalid(uri, &validity.detail).known_at(at)),
        _ => Err(Check::unknown(NAME, Reason::ListExpired, format!("{uri}: {}", validity.detail)).known_at(at)),
    }
}

fn invalid(uri: &Url, why: impl std::fmt::Display) -> Check {
    Check::unknown(NAME, Reason::ListInvalid, format!("{uri}: {why}"))
}
