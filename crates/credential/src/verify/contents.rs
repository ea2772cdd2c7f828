//! Credentials within a credential: the comprehensive learner record (CLR 2.0, `ClrCredential`).
//!
//! First the record as a whole is verified, then each credential in it, by the same means and with an issuer of its own.
//! Nothing that does not hold may look valid because it lies within something that does: one content that is not genuine
//! or was withdrawn fails the whole, one that has run out since is a warning, and one that could not be checked leaves the
//! whole unknown. Each is named.

use serde_json::Value;

use super::{
    evaluate::Look,
    nested::{self, each},
};
use crate::{
    read::{Body, claims::subjects},
    report::{Check, CheckName, CheckResult, Part, Reason},
};

const NAME: CheckName = CheckName::Contents;
/// Credentials within one record that are looked at.
const CONTENTS: usize = 64;
/// Records within records.
const DEPTH: usize = 2;

pub(super) fn check(look: &mut Look<'_>, worth_asking: bool) -> Option<Check> {
    if matches!(look.credential.body(), Body::SdJwt(_) | Body::OpenBadge2 { .. }) {
        return None;
    }
    let claims = look.credential.claims();
    if !each(claims.get("type")).iter().any(|kind| kind == "ClrCredential") {
        return None;
    }
    let contents: Vec<Value> =
        subjects(claims).iter().flat_map(|subject| each(subject.get("verifiableCredential"))).cloned().collect();
    if contents.is_empty() {
        return None;
    }
    if look.depth >= DEPTH || contents.len() > CONTENTS {
        return Some(Check::unknown(NAME, Reason::TooComplex, "it holds more, or deeper, than is checked here"));
    }
    if !worth_asking {
        let detail = "not asked, because the record itself does not hold";
        return Some(Check::unknown(NAME, Reason::NotAsked, detail));
    }
    let parts: Vec<Part> = contents
        .iter()
        .map(|content| match nested::judge(look, content) {
            Ok(found) => found.part(),
            Err(part) => *part,
        })
        .collect();
    Some(Check { parts: parts.clone(), ..conclude(&parts) })
}

fn conclude(parts: &[Part]) -> Check {
    let count = |wanted: fn(&Part) -> bool| parts.iter().filter(|part| wanted(part)).count();
    let failed = count(|part| part.result == CheckResult::Fail && part.reason != Some(Reason::Expired));
    let expired = count(|part| part.result == CheckResult::Fail && part.reason == Some(Reason::Expired));
    let unknown = count(|part| part.result == CheckResult::Unknown);
    let all = parts.len();
    if failed > 0 {
        Check::fail(NAME, Reason::ContentInvalid, format!("{failed} of {all} credentials within it do not hold"))
    } else if unknown > 0 {
        let reason = parts.iter().find(|part| part.result == CheckResult::Unknown).and_then(|part| part.reason);
        let detail = format!("{unknown} of {all} credentials within it could not be checked");
        Check::unknown(NAME, reason.unwrap_or(Reason::KeyUnavailable), detail)
    } else if expired > 0 {
        Check::warn(NAME, Reason::Expired, format!("{expired} of {all} credentials within it have run out"))
    } else {
        Check::pass(NAME, format!("all {all} credentials within it hold"))
    }
}
