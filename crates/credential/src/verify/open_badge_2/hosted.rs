//! A hosted badge: what its address gives is the badge.

use leerpas_core::Url;
use serde_json::Value;

use super::{
    documents::{self, Document, Missing, strings},
    is_withdrawn, no_issuer, nothing, recipient, sound_form, tie,
};
use crate::{
    read::claims::id_of,
    report::{Check, CheckName, CheckResult, Reason},
    verify::{
        dates,
        evaluate::{Findings, Look},
        issuer_keys::Tie,
    },
};

const SIGNATURE: CheckName = CheckName::Signature;
const KEY: CheckName = CheckName::IssuerKey;
const STATUS: CheckName = CheckName::Status;

pub(super) fn check(look: &mut Look<'_>, imported: &Value) -> Findings {
    let Some(id) = imported.get("id").and_then(Value::as_str).filter(|id| Url::parse(id).is_ok()) else {
        let words = "a hosted badge whose id is no address";
        let form = Check::fail(CheckName::Format, Reason::Malformed, words);
        return nothing(vec![form, Check::fail(SIGNATURE, Reason::NotSigned, words)]);
    };
    let hosted = match documents::assertion(look, id) {
        Ok(hosted) => hosted,
        Err(missing) => return without_answer(look, imported, missing),
    };
    let mut checks = vec![sound_form(), same(imported, &hosted), status(&hosted)];
    // A stub of a withdrawn badge says nothing more than that: the rest is what came in.
    let said = if hosted.value.get("badge").is_some() { &hosted.value } else { imported };
    let (key, tie) = issuer(look, said, &hosted.url);
    checks.push(key);
    checks.push(dates::check_assertion(said, look.now).known_at(hosted.known_at));
    checks.extend(recipient(look, said));
    Findings { checks, tie }
}

fn without_answer(look: &Look<'_>, imported: &Value, missing: Missing) -> Findings {
    let Missing { reason, detail, wrong, gone, known_at } = missing;
    let mut checks = vec![sound_form(), dates::check_assertion(imported, look.now)];
    checks.extend(recipient(look, imported));
    let status = if gone || is_withdrawn(imported) {
        Check::fail(STATUS, Reason::Revoked, "the issuer withdrew it")
    } else {
        Check::unknown(STATUS, Reason::NotAsked, "the issuer's own copy was not had")
    };
    let signature = match (wrong, gone) {
        (true, _) => Check::fail(SIGNATURE, reason, detail),
        (_, true) => Check::unknown(SIGNATURE, Reason::NotHosted, detail),
        _ => Check::unknown(SIGNATURE, reason, detail),
    };
    checks.extend([signature.known_at(known_at), status]);
    nothing(checks)
}

/// Whether the issuer's copy says what came in. What makes it another badge (for whom, and what for) must be the same; in
/// what else differs, the issuer's copy is what counts and what is shown.
fn same(imported: &Value, hosted: &Document) -> Check {
    let differs = |name: &str| match (imported.get(name), hosted.value.get(name)) {
        (None, _) | (_, None) => false,
        (Some(ours), Some(theirs)) if name == "badge" => id_of(ours) != id_of(theirs),
        (Some(ours), Some(theirs)) => ours != theirs,
    };
    let is_stub = hosted.value.get("badge").is_none();
    let check = if ["recipient", "badge"].into_iter().any(differs) {
        Check::fail(SIGNATURE, Reason::Changed, "the issuer's own copy is for somebody else or for something else")
    } else if !is_stub && ["issuedOn", "expires", "narrative", "evidence", "image"].into_iter().any(differs) {
        Check::warn(SIGNATURE, Reason::Changed, "the issuer's own copy differs in details; that copy is what counts")
    } else {
        let check = Check::pass(SIGNATURE, format!("{} gives it and says the same", hosted.url));
        Check { reason: Some(Reason::Hosted), ..check }
    };
    check.known_at(hosted.known_at)
}

fn status(hosted: &Document) -> Check {
    let check = if is_withdrawn(&hosted.value) {
        Check::fail(STATUS, Reason::Revoked, format!("{} says withdrawn", hosted.url))
    } else {
        Check::pass(STATUS, format!("{} still gives it", hosted.url))
    };
    check.known_at(hosted.known_at)
}

/// Whether the issuer speaks for the address at which the badge stands.
fn issuer(look: &mut Look<'_>, assertion: &Value, url: &Url) -> (Check, Tie) {
    let (issuer, issuer_url) = match profile(look, assertion, url) {
        Ok(found) => found,
        Err(check) => return (check, Tie::default()),
    };
    let tie = tie(&issuer, &issuer_url);
    let id = assertion.get("id").and_then(Value::as_str).unwrap_or(url.as_str());
    let check = if speaks_for(&issuer, &issuer_url, id, url) {
        let check = Check::pass(KEY, format!("{issuer_url} speaks for the address of the badge"));
        Check { reason: Some(Reason::Hosted), ..check }
    } else {
        Check::fail(KEY, Reason::KeyNotOfIssuer, format!("{issuer_url} does not speak for the address of the badge"))
    };
    (check, tie)
}

/// The issuer's profile, through the badge class. One that came inside counts only where the same host gave it that gives
/// the assertion.
fn profile(look: &mut Look<'_>, assertion: &Value, url: &Url) -> Result<(Value, Url), Check> {
    let is_near = |value: &Value| {
        let id = id_of(value).and_then(|id| Url::parse(id).ok());
        value.is_object() && id.is_some_and(|id| id.origin() == url.origin())
    };
    let missing = |missing: Missing| {
        let result = if missing.wrong { CheckResult::Fail } else { CheckResult::Unknown };
        Check { result, ..Check::unknown(KEY, missing.reason, missing.detail).known_at(missing.known_at) }
    };
    let badge = assertion.get("badge").unwrap_or(&Value::Null);
    let badge = match id_of(badge) {
        _ if is_near(badge) => badge.clone(),
        Some(id) => documents::badge_class(look, id).map_err(missing)?.value,
        None => return Err(no_issuer("its badge class has no address")),
    };
    let issuer = badge.get("issuer").unwrap_or(&Value::Null);
    match id_of(issuer) {
        Some(id) if is_near(issuer) => {
            let issuer_url = Url::parse(id).map_err(|_| no_issuer("the issuer has no address"))?;
            Ok((issuer.clone(), issuer_url))
        }
        Some(id) => documents::profile(look, id).map(|found| (found.value, found.url)).map_err(missing),
        None => Err(no_issuer("its issuer has no address")),
    }
}

/// `VerificationObject` of a profile: `allowedOrigins` (hosts; by default the profile's own) and `startsWith`. A prefix
/// counts for its own origin only, so that `https://school.example` does not let `https://school.example.evil` in.
fn speaks_for(issuer: &Value, issuer_url: &Url, id: &str, url: &Url) -> bool {
    let policy = issuer.get("verification").unwrap_or(&Value::Null);
    let origins = policy.get("allowedOrigins").map(strings).unwrap_or_default();
    let prefixes = policy.get("startsWith").map(strings).unwrap_or_default();
    let by_origin = |named: &str| {
        let host = Url::parse(named).ok().and_then(|url| url.host_str().map(str::to_owned));
        url.host_str() == Some(host.as_deref().unwrap_or(named))
    };
    let by_prefix =
        |prefix: &str| id.starts_with(prefix) && Url::parse(prefix).is_ok_and(|prefix| prefix.origin() == url.origin());
    match (origins.is_empty(), prefixes.is_empty()) {
        (true, true) => issuer_url.origin() == url.origin(),
        (true, false) => prefixes.into_iter().any(by_prefix),
        (false, true) => origins.into_iter().any(by_origin),
        (false, false) => origins.into_iter().any(by_origin) && prefixes.into_iter().any(by_prefix),
    }
}
