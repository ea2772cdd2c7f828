//! W3C credentials of the data model 2.0 as an SD-JWT (VC-JOSE-COSE, section 3.2.1): `vc+sd-jwt` without `vct`.

use serde_json::Value;

use super::{
    evaluate::{Findings, Look},
    issuer_keys::{check_signature, for_jws},
    linked_data, sd_jwt_vc,
};
use crate::{
    read::{DataModel, claims::id_of, jwt::contradiction},
    report::{Check, CheckName, CheckResult, Reason},
    sd_jwt::SdJwt,
};

/// Members that may not be disclosed selectively: the first five by VC-JOSE-COSE, section 3.2.1; the others because a
/// verifier decides by them, as with an SD-JWT VC. `id` and `credentialSubject` may.
const NEVER_SELECTIVE: [&str; 13] = [
    "@context",
    "type",
    "credentialStatus",
    "credentialSchema",
    "relatedResource",
    "issuer",
    "validFrom",
    "validUntil",
    "iss",
    "nbf",
    "exp",
    "cnf",
    "status",
];

pub(super) fn check(look: &mut Look<'_>, sd_jwt: &SdJwt) -> Findings {
    let format = format(look, sd_jwt);
    let issuer = sd_jwt.claims().get("issuer").and_then(id_of);
    let mut candidates = for_jws(look, sd_jwt.jws(), issuer);
    let signature = check_signature(sd_jwt.jws(), &mut candidates);
    Findings { checks: vec![format, signature, candidates.check], tie: candidates.tie }
}

fn format(look: &Look<'_>, sd_jwt: &SdJwt) -> Check {
    const NAME: CheckName = CheckName::Format;
    let general = linked_data::format(sd_jwt.claims());
    if general.result == CheckResult::Fail {
        return general;
    }
    if let Some(check) = sd_jwt_vc::forbidden(look, sd_jwt, &NEVER_SELECTIVE) {
        return check;
    }
    let empty = serde_json::Map::new();
    let claims = sd_jwt.claims().as_object().unwrap_or(&empty);
    // `jti` and `sub` beside an `id` that is kept back say nothing else; what is there has to agree.
    let shown: serde_json::Map<String, Value> = claims
        .iter()
        .filter(|(name, _)| match name.as_str() {
            "jti" => claims.contains_key("id"),
            "sub" => claims.get("credentialSubject").is_some_and(|subject| subject.get("id").is_some()),
            "iss" | "nbf" | "exp" => true,
            _ => false,
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(name) = contradiction(&shown, sd_jwt.claims(), DataModel::V2) {
        return Check::fail(NAME, Reason::Malformed, format!("{name} says something else than the credential"));
    }
    match sd_jwt.jws().typ().unwrap_or_default().to_ascii_lowercase().as_str() {
        "vc+sd-jwt" => Check::pass(NAME, "W3C credential 2.0 as an SD-JWT; all digests and disclosures fit"),
        "vc-ld+sd-jwt" | "vc+ld+sd-jwt" | "vc+ld+json+sd-jwt" => {
            Check::warn(NAME, Reason::LooseForm, "typ is the name that a draft gave to vc+sd-jwt")
        }
        _ => Check::fail(NAME, Reason::UnexpectedType, "typ is not vc+sd-jwt"),
    }
}
