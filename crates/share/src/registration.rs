//! What a registrar says about the requester (OpenID4VP 1.0, 5.1 `verifier_info`; ETSI TS 119 475): who registered it,
//! for what, and whether it asks for more than that. What does not verify, or is not known, is as if it were not there.

use leerpas_core::{Language, Timestamp, limits::CLOCK_SKEW_SECONDS};
use leerpas_credential::{jose::Jws, trust::TrustList, x509::Chain};
use leerpas_openid::{
    dcql::{ClaimsPathPointer, CredentialQuery, Meta},
    text,
    vp::{AuthorizationRequest, VerifierInfo},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::requester::Proof;

/// The `typ` of a registration certificate, in the final and in an earlier text.
const TYPES: [&str; 2] = ["rc-wrp+jwt", "rc-rp+jwt"];
/// Longest purpose that is shown.
const MAX_PURPOSE: usize = 500;

/// A registration that holds and is the requester's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registration {
    /// Who registered it: a name of the trust list.
    pub registrar: String,
    /// What it is registered for, in the registrar's words, safe to show.
    pub purpose: Option<String>,
    /// Queries of the request that ask for more than is registered.
    pub beyond: Vec<String>,
}

/// The first registration that holds.
pub(crate) fn find(
    request: &AuthorizationRequest,
    proof: &Proof,
    trust: &TrustList,
    language: Language,
    now: Timestamp,
) -> Option<Registration> {
    request.verifier_info.iter().find_map(|info| open(info, request, proof, trust, language, now))
}

fn open(
    info: &VerifierInfo,
    request: &AuthorizationRequest,
    proof: &Proof,
    trust: &TrustList,
    language: Language,
    now: Timestamp,
) -> Option<Registration> {
    let jws = Jws::parse(&info.data).ok().filter(|jws| jws.typ().is_some_and(|typ| TYPES.contains(&typ)))?;
    let chain = Chain::from_x5c(jws.header.get("x5c")?).ok()?;
    // A registrar has roots of its own on the list; otherwise any authority could register anybody.
    let mut own = trust.institutions().iter().filter(|one| !one.roots_pem.is_empty() && one.owns(&chain));
    let registrar = own.find(|one| one.vouches(&chain, now))?;
    jws.verify(&chain.leaf_key()).ok()?;
    let claims = jws.claims().ok()?;
    let date = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (at, skew) = (now.as_second(), CLOCK_SKEW_SECONDS);
    if at > date("exp")?.saturating_add(skew) || at < date("iat")?.saturating_sub(skew) {
        return None;
    }
    let subject = claims.get("sub").and_then(Value::as_str)?;
    let is_own = match proof {
        Proof::Nothing => false,
        Proof::Certificate(chain) => chain.has_dns_name(subject) || request.client_id.as_str() == subject,
        Proof::Did | Proof::Federated => request.client_id.value() == subject || request.client_id.as_str() == subject,
        Proof::Attested => request.client_id.as_str() == subject,
    };
    if !is_own {
        return None;
    }
    let judged = request.query.credentials.iter().filter(|query| info.is_about(&query.id));
    Some(Registration {
        registrar: registrar.name_in(language).to_owned(),
        purpose: purpose(&claims, language),
        beyond: judged.filter(|query| !is_registered(query, &claims)).map(|query| query.id.clone()).collect(),
    })
}

/// A text, or a list of texts by language.
fn purpose(claims: &Map<String, Value>, language: Language) -> Option<String> {
    let found = match claims.get("purpose")? {
        Value::String(text) => text.as_str(),
        Value::Array(list) => {
            let speaks = |entry: &&Value| {
                entry.get("lang").and_then(Value::as_str).is_some_and(|l| l.starts_with(language.tag()))
            };
            list.iter().find(speaks).or(list.first())?.get("value")?.as_str()?
        }
        _ => return None,
    };
    Some(text::plain(found, MAX_PURPOSE)).filter(|purpose| !purpose.is_empty())
}

/// Whether one registered credential is of the kind and has every claim that is asked for. A registration that lists no
/// credentials says nothing about them.
fn is_registered(query: &CredentialQuery, claims: &Map<String, Value>) -> bool {
    let Some(list) = claims.get("credentials").and_then(Value::as_array) else { return true };
    list.iter().any(|credential| {
        let words = |name: &str| credential.get("meta").and_then(|meta| meta.get(name)).and_then(Value::as_array);
        let kind = match &query.meta {
            Meta::Vct(types) => {
                words("vct_values").is_none_or(|known| types.iter().all(|t| known.iter().any(|k| k == t)))
            }
            _ => true,
        };
        let paths: Vec<ClaimsPathPointer> = ["claim", "claims"]
            .iter()
            .filter_map(|name| credential.get(name)?.as_array())
            .flatten()
            .filter_map(|claim| ClaimsPathPointer::parse(claim.get("path")?).ok())
            .collect();
        kind && query.claims.iter().all(|claim| paths.contains(&claim.path))
    })
}
