//! SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-13, with the tightenings of later drafts where they harm nobody).

use serde_json::Value;

use super::{
    Binding,
    evaluate::{Findings, Look},
    issuer_keys::{check_signature, for_jws},
};
use crate::{
    report::{Check, CheckName, Reason},
    sd_jwt::{PathElement, SdJwt, display_path},
};

/// Claims that may not be disclosed selectively, nor anything within them (section 3.2.2.2; draft-19 for the latter).
const NEVER_SELECTIVE: [&str; 8] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "aka_vcts"];

pub(super) fn check(look: &mut Look<'_>, sd_jwt: &SdJwt) -> Findings {
    let format = format(look, sd_jwt);
    let issuer = sd_jwt.claims().get("iss").and_then(Value::as_str);
    let mut candidates = for_jws(look, sd_jwt.jws(), issuer);
    let signature = check_signature(sd_jwt.jws(), &mut candidates);
    Findings { checks: vec![format, signature, candidates.check], tie: candidates.tie }
}

fn format(look: &Look<'_>, sd_jwt: &SdJwt) -> Check {
    const NAME: CheckName = CheckName::Format;
    let claims = sd_jwt.claims();
    let typ = sd_jwt.jws().typ().unwrap_or_default();
    if !matches!(typ, "dc+sd-jwt" | "vc+sd-jwt") {
        return Check::fail(NAME, Reason::UnexpectedType, "typ is neither dc+sd-jwt nor vc+sd-jwt");
    }
    if claims.get("vct").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Check::fail(NAME, Reason::UnexpectedType, "vct is missing or no text");
    }
    if claims.get("iss").is_some_and(|iss| !iss.is_string()) {
        return Check::fail(NAME, Reason::Malformed, "iss is no text");
    }
    if let Some(check) = forbidden(look, sd_jwt, &NEVER_SELECTIVE) {
        return check;
    }
    if typ == "vc+sd-jwt" {
        return Check::warn(NAME, Reason::LooseForm, "SD-JWT VC under its former typ vc+sd-jwt");
    }
    Check::pass(NAME, "SD-JWT VC; all digests and disclosures fit (RFC 9901, 7.1)")
}

/// What every SD-JWT is refused for: one of these claims, or something within, came by a disclosure, so that a holder could
/// have kept it back; or the issuer sent a key binding (RFC 9901, section 7.2), which the holder would pass on.
pub(super) fn forbidden(look: &Look<'_>, sd_jwt: &SdJwt, never_selective: &[&str]) -> Option<Check> {
    let selective = sd_jwt
        .disclosed_paths()
        .find(|path| matches!(path.first(), Some(PathElement::Name(name)) if never_selective.contains(&name.as_str())));
    if let Some(path) = selective {
        let detail = format!("{} is selectively disclosed", display_path(path));
        return Some(Check::fail(CheckName::Format, Reason::Malformed, detail));
    }
    let from_issuer = matches!(look.policy.binding, Binding::HolderKey(_)) && sd_jwt.key_binding().is_some();
    from_issuer.then(|| Check::fail(CheckName::Format, Reason::Malformed, "it came with a key binding from its issuer"))
}
