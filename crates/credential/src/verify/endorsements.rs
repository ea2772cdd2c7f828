//! Who else stands behind a badge: `EndorsementCredential`s on the credential, its achievement and the profiles in it
//! (Open Badges 3.0, sections 5.6 and B.1.4), as objects with a proof or as JWTs (`endorsementJwt`).
//!
//! Each is verified by the same means as the badge, one level deep, and must name what it stands on as its subject. One
//! that does not hold is named and makes a warning: it takes away what somebody else said, never the badge itself.

use serde_json::Value;

use super::{
    evaluate::Look,
    nested::{self, each},
};
use crate::{
    read::{
        Body,
        claims::{id_of, subjects},
    },
    report::{Check, CheckName, CheckResult, Part, Reason},
};

const NAME: CheckName = CheckName::Endorsements;
/// Endorsements of one badge that are looked at.
const ENDORSEMENTS: usize = 16;

/// An endorsement with the identifier of what carries it.
struct Carried<'a> {
    endorsed: Option<&'a str>,
    endorsement: &'a Value,
}

pub(super) fn check(look: &mut Look<'_>, worth_asking: bool) -> Option<Check> {
    // Cloned, because the look is lent to each of them.
    let claims = match look.credential.body() {
        Body::SdJwt(_) | Body::OpenBadge2 { .. } => return None,
        _ => look.credential.claims().clone(),
    };
    let carried = carried(&claims);
    if carried.is_empty() {
        return None;
    }
    let mut parts: Vec<Part> = Vec::new();
    for one in carried.iter().take(ENDORSEMENTS) {
        parts.push(if worth_asking {
            judge(look, one)
        } else {
            nested::part(
                "",
                CheckResult::Unknown,
                Reason::NotAsked,
                "not asked, because the badge itself does not hold",
            )
        });
    }
    for _ in carried.iter().skip(ENDORSEMENTS) {
        parts.push(nested::part("", CheckResult::Unknown, Reason::TooComplex, "there are too many of them"));
    }
    let good = parts.iter().filter(|part| part.result == CheckResult::Pass).count();
    let check = if good == parts.len() {
        Check::pass(NAME, format!("{good} of {good} endorsements hold"))
    } else {
        let detail = format!("{good} of {} endorsements hold", parts.len());
        Check::warn(NAME, Reason::EndorsementDoubtful, detail)
    };
    Some(Check { parts, ..check })
}

/// Everything in a badge that may be endorsed.
fn carried(claims: &Value) -> Vec<Carried<'_>> {
    let mut places: Vec<&Value> = vec![claims];
    places.extend(claims.get("issuer"));
    for subject in subjects(claims) {
        places.extend(subject.get("source"));
        for achievement in each(subject.get("achievement")) {
            places.push(achievement);
            places.extend(achievement.get("creator"));
        }
    }
    let mut carried = Vec::new();
    for place in places {
        let both = each(place.get("endorsement")).iter().chain(each(place.get("endorsementJwt")));
        carried.extend(both.map(|endorsement| Carried { endorsed: id_of(place), endorsement }));
    }
    carried
}

fn judge(look: &mut Look<'_>, carried: &Carried<'_>) -> Part {
    let found = match nested::judge(look, carried.endorsement) {
        Ok(found) => found,
        Err(part) => return *part,
    };
    let part = found.part();
    if part.result == CheckResult::Fail {
        return part;
    }
    let claims = found.credential.claims();
    let is_endorsement = each(claims.get("type")).iter().any(|kind| kind == "EndorsementCredential");
    let endorsed: Vec<_> = subjects(claims).iter().map(id_of).collect();
    let refused = |reason, detail: &str| nested::part(part.name.clone(), CheckResult::Fail, reason, detail);
    if !is_endorsement {
        return refused(Reason::UnexpectedType, "it is no EndorsementCredential");
    }
    // A good word for something else says nothing about this badge.
    if carried.endorsed.is_none() || endorsed != [carried.endorsed] {
        return refused(Reason::OtherDocument, "it endorses something else than what it stands on");
    }
    part
}
