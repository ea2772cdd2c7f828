//! What Open Badges 3.0 and CLR 2.0 ask besides a proof (Open Badges 3.0, section 8; CLR 2.0, section 7).
//!
//! The first step of verification is the schema. A `credentialSchema` of the kind `1EdTechJsonSchemaValidator2019` names an
//! address; it is never fetched. The rules of those three schemas that carry meaning stand here as data instead: which
//! members must be there, and of which kind. A credential that names a schema and breaks them fails; one that names none
//! and is only loose in its form gets a remark. A part that its holder chose to show is measured by its proof alone.

use serde_json::Value;

use super::nested::each;
use crate::{
    data_integrity::{self, sd},
    read::{Body, Unverified, claims::subjects},
    report::{Check, CheckName, CheckResult, Reason},
};

/// A member that must be there.
struct Rule {
    path: &'static str,
    kind: Kind,
}

/// What a member must be.
enum Kind {
    /// A text that is not empty.
    Text,
    /// An address, or an object with one as its id.
    Node,
    /// An object.
    Object,
    /// A list with at least one thing in it, or one thing alone.
    Some,
    /// This class among the types.
    Class(&'static str),
}

const fn rule(path: &'static str, kind: Kind) -> Rule {
    Rule { path, kind }
}

const ACHIEVEMENT: &[Rule] = &[
    rule("id", Kind::Text),
    rule("issuer", Kind::Node),
    rule("credentialSubject.type", Kind::Class("AchievementSubject")),
    rule("credentialSubject.achievement.id", Kind::Text),
    rule("credentialSubject.achievement.type", Kind::Class("Achievement")),
    rule("credentialSubject.achievement.name", Kind::Text),
    rule("credentialSubject.achievement.description", Kind::Text),
    rule("credentialSubject.achievement.criteria", Kind::Object),
];
const ENDORSEMENT: &[Rule] = &[
    rule("issuer", Kind::Node),
    rule("credentialSubject.id", Kind::Text),
    rule("credentialSubject.type", Kind::Class("EndorsementSubject")),
];
const RECORD: &[Rule] = &[
    rule("id", Kind::Text),
    rule("issuer", Kind::Node),
    rule("name", Kind::Text),
    rule("credentialSubject.type", Kind::Class("ClrSubject")),
    rule("credentialSubject.verifiableCredential", Kind::Some),
];
/// Each class with its rules; `OpenBadgeCredential` and `AchievementCredential` are two names of one.
const SCHEMAS: [(&str, &[Rule]); 4] = [
    ("OpenBadgeCredential", ACHIEVEMENT),
    ("AchievementCredential", ACHIEVEMENT),
    ("EndorsementCredential", ENDORSEMENT),
    ("ClrCredential", RECORD),
];
const VALIDATOR: &str = "1EdTechJsonSchemaValidator2019";
const REFRESH: &str = "1EdTechCredentialRefresh";

/// Adds to the checks what these specifications ask; leaves every other credential alone.
pub(super) fn amend(credential: &Unverified, checks: &mut [Check]) {
    if matches!(credential.body(), Body::SdJwt(_) | Body::OpenBadge2 { .. }) {
        return;
    }
    let claims = credential.claims();
    let Some((_, rules)) = SCHEMAS.iter().find(|(class, _)| has_class(claims, "type", class)) else { return };
    if let Some(format) = checks.iter_mut().find(|check| check.name == CheckName::Format)
        && format.result == CheckResult::Pass
        && !is_part(credential)
        && let Some(broken) = broken(claims, rules)
    {
        let names_schema =
            each(claims.get("credentialSchema")).iter().any(|schema| has_class(schema, "type", VALIDATOR));
        *format = if names_schema {
            Check::fail(CheckName::Format, Reason::Malformed, format!("breaks its schema: {broken}"))
        } else {
            Check::warn(CheckName::Format, Reason::LooseForm, format!("{broken}, which the specification asks for"))
        };
    }
    // A newer version is offered, not taken: fetching it would tell the issuer that and when somebody looks.
    if let Some(validity) = checks.iter_mut().find(|check| check.name == CheckName::Validity)
        && each(claims.get("refreshService")).iter().any(|service| has_class(service, "type", REFRESH))
        && validity.result == CheckResult::Pass
    {
        validity.reason = Some(Reason::RefreshOffered);
        validity.detail.push_str("; its issuer offers newer versions");
    }
}

/// Whether its holder may have chosen what of it is shown: a part lacks members because that was the point, and what the
/// issuer made mandatory is held by the proof. Of an SD-JWT nobody can tell, because digests may be decoys (RFC 9901,
/// section 4.2.7).
fn is_part(credential: &Unverified) -> bool {
    if matches!(credential.body(), Body::W3cSdJwt(_)) {
        return true;
    }
    let proofs = data_integrity::proofs(credential.claims()).unwrap_or_default();
    !proofs.is_empty() && proofs.iter().all(|proof| sd::disclosure(proof) == Some(sd::Disclosure::Derived))
}

/// The first rule that does not hold, in words.
fn broken(claims: &Value, rules: &[Rule]) -> Option<String> {
    if let Some(rule) = rules.iter().find(|rule| !holds(claims, rule)) {
        return Some(format!("{} is missing or of another kind", rule.path));
    }
    let dated = ["validFrom", "issuanceDate"].iter().any(|name| claims.get(*name).is_some_and(Value::is_string));
    if !dated {
        return Some("validFrom is missing".to_owned());
    }
    let is_named =
        |subject: &Value| subject.get("id").is_some_and(Value::is_string) || subject.get("identifier").is_some();
    (!subjects(claims).iter().all(is_named)).then(|| "a subject has neither id nor identifier".to_owned())
}

fn holds(claims: &Value, rule: &Rule) -> bool {
    let mut found = vec![claims];
    for name in rule.path.split('.') {
        // A list on the way stands for each of its members, and each must have what is asked.
        let members: Vec<_> = found.iter().flat_map(|value| each(Some(value))).map(|value| value.get(name)).collect();
        let Some(members) = members.into_iter().collect::<Option<Vec<_>>>() else { return false };
        found = members;
    }
    !found.is_empty() && found.into_iter().all(|value| is_of_kind(value, &rule.kind))
}

fn is_of_kind(value: &Value, kind: &Kind) -> bool {
    match kind {
        Kind::Text => value.as_str().is_some_and(|text| !text.trim().is_empty()),
        Kind::Node => crate::read::claims::id_of(value).is_some_and(|id| !id.is_empty()),
        Kind::Object => value.is_object(),
        Kind::Some => !each(Some(value)).is_empty() && !value.is_null(),
        Kind::Class(class) => each(Some(value)).iter().any(|kind| kind == *class),
    }
}

fn has_class(object: &Value, member: &str, class: &str) -> bool {
    each(object.get(member)).iter().any(|kind| kind == class)
}

#[cfg(test)]
mod tests;
