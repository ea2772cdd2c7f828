//! Open Badges 2.0 and 2.1, verified in the two ways of the specification (Open Badges 2.0, Verification).
//!
//! - **Hosted**: the assertion stands at its `id`, an https address, and what stands there counts. It must carry that very
//!   `id`, and the address must be one that the issuer speaks for: `verification.startsWith` and `allowedOrigins` of the
//!   issuer's profile, else the host of the profile itself. The web's certificates are the proof; there is no signature.
//! - **Signed**: a JWS under a key that the issuer's profile lists and that names the issuer as its owner. The profile is
//!   always read from its own address: one that came inside would prove nothing.
//!
//! The badge class and the issuer are read from their addresses too, where they are not part of what is proved already.
//! 404 says that a badge is not public, and no more; `revoked: true` and 410 say that it was withdrawn.

mod documents;
mod hosted;
mod signed;

use leerpas_core::Url;
use serde_json::Value;

pub(super) use self::documents::assemble;

use super::{
    evaluate::{Findings, Look},
    issuer_keys::Tie,
    recipient,
};
use crate::{
    jose::Jws,
    report::{Check, CheckName, Reason},
};

/// How the assertion says that it is to be verified.
enum Way {
    Hosted,
    Signed,
}

pub(super) fn check(look: &mut Look<'_>, assertion: &Value, jws: Option<&Jws>) -> Findings {
    match (way(assertion), jws) {
        (Some(Way::Hosted), _) => hosted::check(look, assertion),
        (Some(Way::Signed), Some(jws)) => signed::check(look, assertion, jws),
        (Some(Way::Signed), None) => {
            let unsigned = Check::fail(CheckName::Signature, Reason::NotSigned, "it says that it is signed and is not");
            nothing(vec![sound_form(), unsigned])
        }
        (None, _) => {
            let words = "verification names neither a hosted nor a signed badge";
            nothing(vec![Check::fail(CheckName::Format, Reason::Malformed, words), unproved(words)])
        }
    }
}

/// `verification.type`, or `verify.type` of 1.1; the short names are those of 2.0, the long ones are its classes. A stub of
/// a withdrawn badge names none, and stands where a hosted one stood.
fn way(assertion: &Value) -> Option<Way> {
    let verification = assertion.get("verification").or_else(|| assertion.get("verify"));
    let Some(verification) = verification else { return is_withdrawn(assertion).then_some(Way::Hosted) };
    let kinds = verification.get("type").map(documents::strings).unwrap_or_default();
    kinds.into_iter().find_map(|kind| match kind {
        "hosted" | "HostedBadge" => Some(Way::Hosted),
        "signed" | "SignedBadge" => Some(Way::Signed),
        _ => None,
    })
}

fn is_withdrawn(assertion: &Value) -> bool {
    assertion.get("revoked") == Some(&Value::Bool(true))
}

fn sound_form() -> Check {
    Check::pass(CheckName::Format, "Open Badges 2.0 assertion")
}

fn unproved(why: &str) -> Check {
    Check::unknown(CheckName::Signature, Reason::NotHosted, why)
}

fn no_issuer(why: &str) -> Check {
    Check::unknown(CheckName::IssuerKey, Reason::KeyUnavailable, why)
}

/// Where it ends before the issuer is known.
fn nothing(mut checks: Vec<Check>) -> Findings {
    checks.push(no_issuer("who issued it was not found out"));
    Findings { checks, tie: Tie::default() }
}

/// Who issued it, once their profile was read from where they publish it.
fn tie(issuer: &Value, id: &Url) -> Tie {
    let identifier = issuer.get("id").and_then(Value::as_str).map_or_else(|| id.to_string(), str::to_owned);
    let organisation = issuer.get("name").and_then(Value::as_str).map(str::to_owned);
    Tie { identifier: Some(identifier), organisation, ..Tie::default() }
}

/// The check of the recipient, if it names one.
fn recipient(look: &Look<'_>, assertion: &Value) -> Option<Check> {
    recipient::check_assertion(look, assertion)
}

#[cfg(test)]
mod tests;
