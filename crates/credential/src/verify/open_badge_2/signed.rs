//! A signed badge: a JWS under a key that the issuer's profile lists.

use jiff::SignedDuration;
use leerpas_core::{Purpose, Url};
use serde_json::Value;

use super::{
    documents::{self, Missing, strings},
    no_issuer, recipient, sound_form, tie,
};
use crate::{
    jose::Jws,
    json,
    keys::PublicKey,
    read::claims::id_of,
    report::{Check, CheckName, CheckResult, Reason},
    status::BadgeRevocations,
    verify::{
        dates,
        evaluate::{Findings, Found, Look},
        issuer_keys::{Candidates, check_signature},
    },
};

const KEY: CheckName = CheckName::IssuerKey;
const STATUS: CheckName = CheckName::Status;
/// A list of withdrawn badges is fetched anew after this time.
const LIST_FRESH: SignedDuration = SignedDuration::from_hours(12);

pub(super) fn check(look: &mut Look<'_>, assertion: &Value, jws: &Jws) -> Findings {
    let (mut candidates, issuer) = match issuer(look, assertion) {
        Ok((issuer, url)) => {
            let mut found = key(look, assertion, &issuer, &url);
            found.tie = tie(&issuer, &url);
            (found, Some(issuer))
        }
        Err(check) => (Candidates::none("", check), None),
    };
    let signature = check_signature(jws, &mut candidates);
    let dates = dates::check_assertion(assertion, look.now);
    let holds = [&signature, &candidates.check, &dates].into_iter().all(|check| check.result == CheckResult::Pass);
    let status = match issuer.filter(|_| holds) {
        Some(issuer) => status(look, assertion, &issuer),
        None => Check::unknown(STATUS, Reason::NotAsked, "not asked, because the badge itself does not hold"),
    };
    let mut checks = vec![sound_form(), signature, candidates.check, dates, status];
    checks.extend(recipient(look, assertion));
    Findings { checks, tie: candidates.tie }
}

/// The issuer's profile from its own address. The badge class may have come inside: then the signature covers it.
fn issuer(look: &mut Look<'_>, assertion: &Value) -> Result<(Value, Url), Check> {
    let badge = assertion.get("badge").unwrap_or(&Value::Null);
    let badge = match badge.as_str() {
        Some(id) => documents::badge_class(look, id).map_err(missing)?.value,
        None => badge.clone(),
    };
    let id = badge.get("issuer").and_then(id_of).ok_or_else(|| no_issuer("its issuer has no address"))?;
    let found = documents::profile(look, id).map_err(missing)?;
    Ok((found.value, found.url))
}

fn missing(missing: Missing) -> Check {
    let result = if missing.wrong { CheckResult::Fail } else { CheckResult::Unknown };
    // That a profile or key is gone withdraws no badge.
    let reason = if missing.gone { Reason::KeyUnavailable } else { missing.reason };
    Check { result, ..Check::unknown(KEY, reason, missing.detail).known_at(missing.known_at) }
}

/// The `CryptographicKey` that `verification.creator` names, else the one key of the profile. The profile must list it,
/// and it must name the issuer as its owner.
fn key(look: &mut Look<'_>, assertion: &Value, issuer: &Value, url: &Url) -> Candidates {
    let none = |check| Candidates::none(url.as_str(), check);
    let listed: Vec<&Value> = match issuer.get("publicKey") {
        Some(Value::Array(several)) => several.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let creator = assertion.get("verification").and_then(|verification| verification.get("creator")).and_then(id_of);
    let chosen = match (creator, listed.as_slice()) {
        (Some(creator), _) => listed.iter().find(|key| id_of(key) == Some(creator)).copied(),
        (None, [only]) => Some(*only),
        (None, _) => None,
    };
    let Some(chosen) = chosen else {
        let detail = "the issuer's profile does not list the key";
        return none(Check::fail(KEY, Reason::KeyNotOfIssuer, detail));
    };
    let document = match chosen {
        Value::Object(members) if members.contains_key("publicKeyPem") => chosen.clone(),
        _ => match documents::key(look, id_of(chosen).unwrap_or_default()) {
            Ok(found) => found.value,
            Err(why) => return none(missing(why)),
        },
    };
    let owner = document.get("owner").and_then(id_of);
    if owner.is_none() || owner != issuer.get("id").and_then(Value::as_str) {
        return none(Check::fail(KEY, Reason::KeyNotOfIssuer, "the key names another owner than the issuer"));
    }
    match document.get("publicKeyPem").and_then(Value::as_str).map(PublicKey::from_pem) {
        Some(Ok(key)) => {
            let check = Check::pass(KEY, format!("{url} lists the key as its own"));
            Candidates::found(url.as_str(), vec![key], check)
        }
        _ => none(Check::unknown(KEY, Reason::KeyUnavailable, "the key cannot be read or is not accepted")),
    }
}

/// The `revocationList` of the profile (Open Badges 2.0, RevocationList), which names badges by `id` or `uid`.
fn status(look: &mut Look<'_>, assertion: &Value, issuer: &Value) -> Check {
    let Some(list) = issuer.get("revocationList").map(strings).and_then(|lists| lists.first().copied()) else {
        let check = Check::pass(STATUS, "its issuer keeps no list of withdrawn badges");
        return Check { reason: Some(Reason::NoStatus), ..check };
    };
    let Ok(url) = Url::parse(list) else {
        return Check::unknown(STATUS, Reason::ListInvalid, "the list of withdrawn badges has no address");
    };
    let fresh = |fetched: jiff::Timestamp, now: jiff::Timestamp| now.duration_since(fetched) <= LIST_FRESH;
    let accept = "application/ld+json, application/json";
    let (bytes, at) = match look.document(&url, Purpose::StatusList, accept, fresh) {
        Found::Document(found, _) if !fresh(found.fetched, look.now) => {
            let detail = format!("{url}: what is known of it is too old");
            return Check::unknown(STATUS, Reason::ListExpired, detail).known_at(Some(found.fetched));
        }
        Found::Document(found, at) => (&found.bytes, at),
        Found::Nothing(why, at) => {
            return Check::unknown(STATUS, Reason::ListUnavailable, format!("{url}: {why}")).known_at(at);
        }
    };
    let read = json::parse(bytes).ok().and_then(|list| BadgeRevocations::from_json(&list).ok());
    let Some(list) = read.filter(|list| list.is_of(issuer.get("id").and_then(Value::as_str))) else {
        return Check::unknown(STATUS, Reason::ListInvalid, format!("{url}: no list of this issuer")).known_at(at);
    };
    let named = |name: &str| assertion.get(name).and_then(Value::as_str);
    if list.holds(named("id"), named("uid")) {
        Check::fail(STATUS, Reason::Revoked, format!("{url} says withdrawn")).known_at(at)
    } else {
        Check::pass(STATUS, format!("{url} says valid")).known_at(at)
    }
}
