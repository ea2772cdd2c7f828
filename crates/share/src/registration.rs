//! What a registrar says about the requester (OpenID4VP 1.0, 5.1 `verifier_info`; ETSI TS 119 475): who registered it,
//! for what, and whether it asks for more than that. What does not verify, or is not known, is as if it were not there.

use leerpas_core::{Language, Timestamp, Url, limits::CLOCK_SKEW_SECONDS};
use leerpas_credential::{jose::Jws, trust::TrustList, x509::Chain};
use leerpas_openid::{
    address,
    dcql::{ClaimsPathPointer, CredentialQuery, Meta},
    text,
    vp::{AuthorizationRequest, VerifierInfo},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::requester::Proof;

/// The `typ` of a registration certificate, in the final and in an earlier text.
const TYPES: [&str; 2] = ["rc-wrp+jwt", "rc-rp+jwt"];
/// No registration holds for longer than a year (ETSI TS 119 475, 5.2.4).
const LONGEST_SECONDS: i64 = 366 * 24 * 60 * 60;
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
    /// Where the requester says what it does with personal data, as it is registered: https.
    pub policy: Option<Url>,
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
    let (from, until) = (date("iat")?, date("exp")?);
    if at > until.saturating_add(skew) || at < from.saturating_sub(skew) || until > from.saturating_add(LONGEST_SECONDS)
    {
        return None;
    }
    subjects(&claims).into_iter().find(|subject| is_own(subject, request, proof))?;
    let judged = request.query.credentials.iter().filter(|query| info.is_about(&query.id));
    Some(Registration {
        registrar: registrar.name_in(language).to_owned(),
        purpose: purpose(&claims, language),
        beyond: judged.filter(|query| !is_registered(query, &claims)).map(|query| query.id.clone()).collect(),
        policy: policy(&claims),
    })
}

/// Whom it is for: the intermediary where there is one, because it is the one that asks; else whom it names. An earlier
/// text had a list of identifiers there.
fn subjects(claims: &Map<String, Value>) -> Vec<&str> {
    let intermediary = claims.get("intermediary").and_then(|one| one.get("sub"));
    match intermediary.or_else(|| claims.get("sub")) {
        Some(Value::String(subject)) => vec![subject],
        Some(Value::Object(subject)) => {
            let list = subject.get("id").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            list.iter().filter_map(|id| id.get("identifier").and_then(Value::as_str)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether this is who asks: a registered identifier is that of the certificate (ETSI TS 119 475, 5.1.1); names that the
/// wallet proved do as well.
fn is_own(subject: &str, request: &AuthorizationRequest, proof: &Proof) -> bool {
    match proof {
        Proof::Nothing => false,
        Proof::Certificate(chain) => {
            chain.organisation_identifier().is_some_and(|identifier| identifier == subject)
                || chain.has_dns_name(subject)
                || request.client_id.as_str() == subject
        }
        Proof::Did | Proof::Federated => request.client_id.value() == subject || request.client_id.as_str() == subject,
        Proof::Attested { .. } => request.client_id.as_str() == subject,
    }
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

/// An address (ETSI TS 119 475, 5.2.4 `privacy_policy`); an earlier text had a list of policies there, each with its address.
fn policy(claims: &Map<String, Value>) -> Option<Url> {
    let text = match claims.get("privacy_policy")? {
        Value::String(text) => text,
        Value::Array(list) => list.first()?.get("policyURI")?.as_str()?,
        _ => return None,
    };
    address::https(text).ok()
}

/// Whether one registered credential is of the kind and has every claim that is asked for. A registration that lists no
/// credentials says nothing about them.
fn is_registered(query: &CredentialQuery, claims: &Map<String, Value>) -> bool {
    let Some(list) = claims.get("credentials").and_then(Value::as_array) else { return true };
    list.iter().any(|credential| {
        let kind = match (&query.meta, credential.get("meta")) {
            (Meta::Vct(types), Some(meta)) => types.iter().all(|asked| names(meta, asked)),
            (Meta::Any, Some(_)) => false,
            _ => true,
        };
        let paths: Vec<ClaimsPathPointer> = ["claim", "claims"]
            .iter()
            .filter_map(|name| credential.get(name)?.as_array())
            .flatten()
            .filter_map(|claim| match claim.get("path")? {
                Value::String(name) => ClaimsPathPointer::parse(&json!([name])).ok(),
                path => ClaimsPathPointer::parse(path).ok(),
            })
            .collect();
        // 5.2.4 calls the list `claim`; what corrects that will call it `claims`.
        kind && query.claims.iter().all(|claim| paths.contains(&claim.path))
    })
}

/// Whether `meta` names this type: in `vct_values` as a query does, or in one of the looser ways that are about.
fn names(meta: &Value, kind: &str) -> bool {
    match meta {
        Value::String(only) => only == kind,
        Value::Object(members) => {
            let listed = members.get("vct_values").and_then(Value::as_array);
            members.get("vct").is_some_and(|only| only == kind)
                || listed.is_some_and(|list| list.iter().any(|t| t == kind))
        }
        _ => false,
    }
}
