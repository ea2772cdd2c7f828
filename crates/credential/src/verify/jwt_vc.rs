//! Credentials as a compact JWS: Open Badges 3.0 (section 8.2), VC-JOSE-COSE, and VCDM 1.1 with `vc`.

use leerpas_core::Url;
use serde_json::{Map, Value};

use super::{
    evaluate::{Findings, Found, Look},
    issuer_keys::{Candidates, check_signature, for_jws},
    linked_data,
};
use crate::{
    jose::Jws,
    json,
    keys::PublicKey,
    read::{Body, DataModel, claims::id_of, jwt::contradiction},
    report::{Check, CheckName, CheckResult, Reason},
};

const KEY: CheckName = CheckName::IssuerKey;
const CONTEXT_2: &str = "https://www.w3.org/ns/credentials/v2";

pub(super) fn check(
    look: &mut Look<'_>,
    jws: &Jws,
    claims: &Map<String, Value>,
    credential: &Value,
    model: DataModel,
) -> Findings {
    let issuer = credential.get("issuer").and_then(id_of).unwrap_or_default();
    let mut candidates = candidates(look, jws, issuer);
    let signature = check_signature(jws, &mut candidates);
    let format = format(jws, claims, credential, model);
    Findings { checks: vec![format, signature, candidates.check], tie: candidates.tie }
}

/// Verifies another document of the same issuer as a JWS, such as its status list.
pub(super) fn is_signed(look: &mut Look<'_>, document: &Body) -> bool {
    let Body::Jwt { jws, claims, credential, model } = document else { return false };
    check(look, jws, claims, credential, *model).checks.iter().all(|check| check.result == CheckResult::Pass)
}

fn format(jws: &Jws, claims: &Map<String, Value>, credential: &Value, model: DataModel) -> Check {
    const NAME: CheckName = CheckName::Format;
    let general = linked_data::format(credential);
    if general.result == CheckResult::Fail {
        return general;
    }
    if let Some(name) = contradiction(claims, credential, model) {
        return Check::fail(NAME, Reason::Malformed, format!("{name} says something else than the credential"));
    }
    let loose = match labels(jws, model) {
        Ok(loose) => loose,
        Err(detail) => return Check::fail(NAME, Reason::UnexpectedType, detail),
    };
    if let Some(detail) = loose {
        return Check::warn(NAME, Reason::LooseForm, detail);
    }
    if model == DataModel::V1 && base_context(credential) == Some(CONTEXT_2) {
        return Check::warn(NAME, Reason::LooseForm, "a credential of the data model 2.0 within the claim vc of 1.1");
    }
    match model {
        DataModel::V1 => Check::pass(NAME, "W3C credential 1.1 as a JWT; the claims beside vc say the same"),
        DataModel::V2 => Check::pass(NAME, "W3C credential as a JWS; the claims around it say the same"),
    }
}

/// `typ` and `cty`. Where a label is there, it must be one of this kind of token; what older drafts and libraries write is
/// let through with a remark.
fn labels(jws: &Jws, model: DataModel) -> Result<Option<&'static str>, &'static str> {
    let same = |label: &str, known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(label));
    let cty = jws.cty();
    if jws.header.get("typ").is_some_and(|typ| !typ.is_string()) || (cty.is_none() && jws.header.contains_key("cty")) {
        return Err("typ or cty is no text");
    }
    // VC-JOSE-COSE, section 3.1.1: `vc+jwt` and `vc`. Open Badges 3.0, section 8.2.3, and VCDM 1.1, section 6.3.1: `JWT`.
    let loose = match (jws.typ(), model) {
        (None, _) => None,
        (Some(typ), _) if same(typ, &["JWT"]) => None,
        (Some(typ), DataModel::V2) if same(typ, &["vc+jwt"]) => None,
        (Some(typ), DataModel::V2) if same(typ, &["vc-ld+jwt", "vc+ld+jwt", "vc+ld+json+jwt"]) => {
            Some("typ is the name that a draft gave to vc+jwt")
        }
        _ => return Err("typ is that of another kind of token"),
    };
    match cty {
        None => Ok(loose),
        Some(cty) if same(cty, &["vc"]) => Ok(loose),
        Some(cty) if same(cty, &["vc+ld+json", "credential+ld+json"]) => {
            Ok(loose.or(Some("cty is the name that a draft gave to vc")))
        }
        Some(_) => Err("cty is that of another kind of content"),
    }
}

/// The first context, which names the data model (VCDM 1.1 and 2.0, section 4.1 and 4.3).
fn base_context(credential: &Value) -> Option<&str> {
    match credential.get("@context")? {
        Value::Array(contexts) => contexts.first()?.as_str(),
        context => context.as_str(),
    }
}

fn candidates(look: &mut Look<'_>, jws: &Jws, issuer: &str) -> Candidates {
    // Open Badges 3.0 (8.2.2) lets the key come along. It can be tried, and it ties to nobody unless the issuer is that
    // very key as a DID.
    if let Some(jwk) = jws.header.get("jwk") {
        return match PublicKey::from_verifying_jwk(jwk) {
            Ok(key) if key.did_jwk() == issuer || key.did_key().as_deref() == Some(issuer) => {
                Candidates::found(issuer, vec![key], Check::pass(KEY, "the issuer is the key itself"))
            }
            Ok(key) => {
                let detail = "the key came inside the credential; nothing ties it to the issuer";
                Candidates::found(issuer, vec![key], Check::unknown(KEY, Reason::KeyUntied, detail))
            }
            Err(error) => Candidates::none(issuer, Check::fail(KEY, Reason::Malformed, error.to_string())),
        };
    }
    let issued_at = Url::parse(issuer).ok().filter(|url| url.scheme() == "https");
    match (jws.kid().and_then(|kid| Url::parse(kid).ok()), issued_at) {
        (Some(kid), Some(issuer_url)) if kid.scheme() == "https" && !jws.header.contains_key("x5c") => {
            by_key_address(look, issuer, &issuer_url, &kid)
        }
        _ => for_jws(look, jws, Some(issuer).filter(|issuer| !issuer.is_empty())),
    }
}

/// A `kid` that is the address of a JWK (Open Badges 3.0, 8.2.2), which ties to an issuer on the same host.
fn by_key_address(look: &mut Look<'_>, issuer: &str, issuer_url: &Url, kid: &Url) -> Candidates {
    if kid.origin() != issuer_url.origin() {
        let check = Check::unknown(KEY, Reason::KeyUntied, "the key is published at another host than the issuer's");
        return Candidates::none(issuer, check);
    }
    let unavailable = |why: &str| Check::unknown(KEY, Reason::KeyUnavailable, format!("{kid}: {why}"));
    match look.keys_at(kid, "application/jwk+json, application/json") {
        Found::Nothing(why, at) => Candidates::none(issuer, unavailable(why).known_at(at)),
        Found::Document(resource, at) => {
            let key = json::parse(&resource.bytes).ok().and_then(|jwk| PublicKey::from_verifying_jwk(&jwk).ok());
            match key {
                Some(key) => {
                    let check = Check::pass(KEY, format!("published by the issuer at {kid}")).known_at(at);
                    Candidates::found(issuer, vec![key], check)
                }
                None => Candidates::none(issuer, unavailable("it is no public key that can be used")),
            }
        }
    }
}
