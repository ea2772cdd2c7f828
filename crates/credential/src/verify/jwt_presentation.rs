//! The holder's proof in a presentation that is a JWT (VC-JOSE-COSE, section 3.1.2; VCDM 1.1, section 6.3.1; OpenID4VP 1.0,
//! appendix B.1.3.1): made now, by the key that the credential is bound to.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    dates,
    holder::{Possession, local_key},
};
use crate::{
    did::Purpose,
    keys::PublicKey,
    read::{DataModel, JwtPresentation, claims::id_of},
    report::{Check, CheckName, CheckResult, Reason},
};

const HOLDER: CheckName = CheckName::Holder;

/// Verifies the presentation under the key of the credential, never under one that the presentation brings along.
///
/// # Errors
/// The check that fails.
pub(super) fn open(presentation: &JwtPresentation, key: &PublicKey, now: Timestamp) -> Result<Possession, Check> {
    let invalid = |detail: &str| Check::fail(HOLDER, Reason::KeyBindingInvalid, detail);
    let jws = &presentation.jws;
    let typ = jws.typ().unwrap_or("JWT");
    let known: &[&str] = match presentation.model {
        DataModel::V2 => &["vp+jwt", "vp-ld+jwt", "JWT"],
        DataModel::V1 => &["JWT"],
    };
    if !known.iter().any(|known| known.eq_ignore_ascii_case(typ)) {
        return Err(invalid("the presentation's typ is that of another kind of token"));
    }
    if jws.cty().is_some_and(|cty| !cty.eq_ignore_ascii_case("vp")) {
        return Err(invalid("the presentation's cty is that of another kind of content"));
    }
    if !names_only(presentation, key) {
        return Err(Check::fail(HOLDER, Reason::OtherHolder, "the presenter's key is not that of the credential"));
    }
    jws.verify(key).map_err(|_| {
        let detail = "the presentation's signature does not hold under the key that the credential is bound to";
        invalid(detail)
    })?;
    in_time(presentation, now)?;
    let text = |name: &str| presentation.claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let audiences = match presentation.claims.get("aud") {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(list)) => list
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| invalid("aud is no text and no list of texts"))?,
        Some(_) => return Err(invalid("aud is no text and no list of texts")),
    };
    Ok(Possession { nonce: text("nonce"), audiences })
}

/// Whether everything that names a holder or a key (`kid`, `jwk`, `iss`, `holder`) names this key.
fn names_only(presentation: &JwtPresentation, key: &PublicKey) -> bool {
    let is_key = |id: &str| local_key(id, Purpose::Authentication).is_some_and(|named| named == *key);
    let jws = &presentation.jws;
    let by_kid = jws.kid().is_none_or(|kid| !kid.starts_with("did:") || is_key(kid));
    let by_jwk =
        jws.header.get("jwk").is_none_or(|jwk| PublicKey::from_verifying_jwk(jwk).is_ok_and(|named| named == *key));
    let by_name = [presentation.claims.get("iss"), presentation.member("holder")];
    by_kid && by_jwk && by_name.into_iter().flatten().all(|name| id_of(name).is_some_and(is_key))
}

/// `iat`, or `nbf` where only that is given, must be from now; `nbf` and `exp` must allow it.
fn in_time(presentation: &JwtPresentation, now: Timestamp) -> Result<(), Check> {
    let late = |detail: String| Check::fail(HOLDER, Reason::KeyBindingTime, detail);
    let period = dates::numeric_of(&presentation.claims)
        .map_err(|name| Check::fail(HOLDER, Reason::KeyBindingInvalid, format!("{name} cannot be read as a time")))?;
    let made = period.signed.or(period.from);
    if !made.is_some_and(|made| crate::sd_jwt::is_recent(made.as_second(), now)) {
        return Err(late("the presentation was not made just now".to_owned()));
    }
    let judged = dates::judge(period, now);
    if judged.result == CheckResult::Pass { Ok(()) } else { Err(late(judged.detail)) }
}
