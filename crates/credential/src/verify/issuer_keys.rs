//! Which key is the issuer's, and how we know.

use jiff::Timestamp;
use leerpas_core::Url;
use serde_json::{Map, Value};

use super::{
    evaluate::{Found, Look},
    prepared::Source,
};
use crate::{
    did::{DidDocument, DidError, Purpose, document_url, split_url, webvh},
    jose::Jws,
    json,
    keys::PublicKey,
    report::{Check, CheckName, Reason},
    x509::{Chain, ChainError},
};

const KEY: CheckName = CheckName::IssuerKey;
const ACCEPT_DID: &str = "application/did+json, application/did+ld+json, application/json";
const ACCEPT_JSON: &str = "application/json";
/// Keys of one set that are tried when none is named.
const KEYS_TRIED: usize = 16;

/// Who signed.
#[derive(Debug, Default)]
pub(super) struct Tie {
    /// The issuer's identifier.
    pub(super) identifier: Option<String>,
    /// The organisation that a certificate names.
    pub(super) organisation: Option<String>,
    /// The certificates.
    pub(super) chain: Option<Chain>,
    /// The key under which the signature held.
    pub(super) key: Option<PublicKey>,
}

/// Keys with which a signature may be tried, and the answer to whose they are.
pub(super) struct Candidates {
    pub(super) keys: Vec<PublicKey>,
    pub(super) check: Check,
    pub(super) tie: Tie,
}

impl Candidates {
    pub(super) fn none(identifier: &str, check: Check) -> Self {
        let identifier = Some(identifier.to_owned()).filter(|identifier| !identifier.is_empty());
        Self { keys: Vec::new(), check, tie: Tie { identifier, ..Tie::default() } }
    }

    pub(super) fn found(identifier: &str, keys: Vec<PublicKey>, check: Check) -> Self {
        Self { keys, ..Self::none(identifier, check) }
    }
}

/// The keys for a JWS of this issuer: by `x5c`, else by its DID, else by its published metadata (SD-JWT VC draft-13,
/// section 3.5; DIDs by our own policy). `jwk`, `jku` and `x5u` in the header are not looked at.
pub(super) fn for_jws(look: &mut Look<'_>, jws: &Jws, issuer: Option<&str>) -> Candidates {
    if let Some(x5c) = jws.header.get("x5c") {
        return by_chain(look, x5c, issuer);
    }
    match issuer {
        None => Candidates::none("", Check::fail(KEY, Reason::KeyUntied, "names no issuer and no certificate")),
        Some(did) if did.starts_with("did:") => by_did_header(look, did, jws.kid()),
        Some(url) => by_metadata(look, url, jws.kid()),
    }
}

fn by_chain(look: &Look<'_>, x5c: &Value, issuer: Option<&str>) -> Candidates {
    let chain = match Chain::from_x5c(x5c) {
        Ok(chain) => chain,
        Err(error) => {
            let check = Check::fail(KEY, Reason::ChainInvalid, error.to_string());
            return Candidates::none(issuer.unwrap_or_default(), check);
        }
    };
    let names = chain.names();
    let check = match chain.verify(look.policy.trust.roots(), look.now) {
        _ if issuer.is_some_and(|issuer| !is_for(look, &chain, issuer)) => {
            Check::fail(KEY, Reason::KeyNotOfIssuer, "the certificate was issued for other names than the issuer's")
        }
        Ok(()) if is_impostor(look, &chain, issuer) => Check::fail(
            KEY,
            Reason::KeyNotOfIssuer,
            "the certificate names a listed issuer and is not of its authority",
        ),
        Ok(()) => Check::pass(KEY, format!("certificate {} for {}", chain.leaf_sha256_base64url(), names.join(", "))),
        // A key that the list pins needs no authority above it.
        Err(ChainError::NotTrusted) if is_pinned(look, &chain, issuer) => {
            Check::pass(KEY, format!("the trust list names key {} itself", chain.leaf_key().thumbprint()))
        }
        Err(error @ ChainError::NotTrusted) => Check::unknown(KEY, Reason::ChainNotTrusted, error.to_string()),
        Err(error) => Check::fail(KEY, Reason::ChainInvalid, error.to_string()),
    };
    let url_like = names.iter().find(|name| name.contains(':')).cloned();
    let identifier = issuer
        .map(str::to_owned)
        .or(url_like)
        .or_else(|| names.first().map(|name| format!("https://{name}")))
        .or_else(|| chain.common_name());
    let tie = Tie { identifier, organisation: chain.organisation(), chain: Some(chain.clone()), key: None };
    Candidates { keys: vec![chain.leaf_key()], check, tie }
}

/// Whether the certificate carries the issuer's name, or the list says that both belong to one institution.
fn is_for(look: &Look<'_>, chain: &Chain, issuer: &str) -> bool {
    chain.covers(issuer) || look.policy.trust.find(issuer).is_some_and(|institution| institution.owns(chain))
}

/// Whether it names a listed institution and does not hold under that institution's own roots: an authority that is
/// trusted for one institution is not trusted for the others.
fn is_impostor(look: &Look<'_>, chain: &Chain, issuer: Option<&str>) -> bool {
    look.policy.trust.institutions().iter().any(|institution| {
        let named = institution.owns(chain) || issuer.is_some_and(|issuer| institution.has_identifier(issuer));
        named && !institution.vouches(chain, look.now)
    })
}

/// Whether the list names the key of the leaf as that of the institution whose names the leaf carries.
fn is_pinned(look: &Look<'_>, chain: &Chain, issuer: Option<&str>) -> bool {
    look.policy.trust.institutions().iter().any(|institution| {
        let named = institution.owns(chain) || issuer.is_some_and(|issuer| institution.has_identifier(issuer));
        named && institution.pins(&chain.leaf_key())
    })
}

fn by_did_header(look: &mut Look<'_>, did: &str, kid: Option<&str>) -> Candidates {
    let method = match kid {
        Some(kid) if kid.starts_with('#') => format!("{did}{kid}"),
        Some(kid) if kid.starts_with("did:") => kid.to_owned(),
        // Some issuers name the key by its fragment alone.
        Some(kid) => format!("{did}#{kid}"),
        None => did.to_owned(),
    };
    by_verification_method(look, did, &method, Purpose::Assertion)
}

/// The key of a verification method, which must be the issuer's own.
pub(super) fn by_verification_method(look: &mut Look<'_>, issuer: &str, method: &str, purpose: Purpose) -> Candidates {
    match split_url(method) {
        Ok((did, _)) if did == issuer => {}
        Ok(_) => {
            let check = Check::fail(KEY, Reason::KeyNotOfIssuer, "the key belongs to another DID than the issuer's");
            return Candidates::none(issuer, check);
        }
        Err(error) => return Candidates::none(issuer, Check::fail(KEY, Reason::Malformed, error.to_string())),
    }
    let listed = || Check::pass(KEY, format!("{method} is listed under {}", purpose.as_str()));
    // A DID that is its own key gives the same key each time.
    let prepared = Source { owner: issuer, key: Some(method), bytes: &[] }.prepared();
    if let Some(keys) = prepared.get() {
        return Candidates::found(issuer, keys, listed());
    }
    let (document, known_at) = match document(look, issuer) {
        Ok(found) => found,
        Err(check) => return Candidates::none(issuer, check),
    };
    match document.key(method, purpose) {
        Ok(key) => {
            let keys = vec![key];
            if document.is_its_key() {
                prepared.put(&keys);
            }
            Candidates::found(issuer, keys, listed().known_at(known_at))
        }
        // Gone is not the same as never there, and we cannot tell the two apart (security.md B21).
        Err(error @ DidError::NoSuchKey) => {
            let check = Check::unknown(KEY, Reason::KeyUnavailable, error.to_string()).known_at(known_at);
            Candidates::none(issuer, check)
        }
        Err(error) => Candidates::none(issuer, Check::fail(KEY, Reason::KeyNotOfIssuer, error.to_string())),
    }
}

fn document(look: &mut Look<'_>, did: &str) -> Result<(DidDocument, Option<Timestamp>), Check> {
    let refused = |error: DidError| match error {
        DidError::Unsupported => Check::unknown(KEY, Reason::NotSupported, error.to_string()),
        _ => Check::fail(KEY, Reason::Malformed, error.to_string()),
    };
    let Some(url) = document_url(did).map_err(refused)? else {
        let document = DidDocument::resolve_local(did).map_err(refused)?;
        let document =
            document.ok_or_else(|| Check::unknown(KEY, Reason::NotSupported, "this DID is not supported"))?;
        return Ok((document, None));
    };
    match look.keys_at(&url, ACCEPT_DID) {
        Found::Nothing(why, at) => Err(unavailable(&url, why).known_at(at)),
        Found::Document(resource, at) if did.starts_with("did:webvh:") => Ok((logged(look, did, &resource.bytes)?, at)),
        Found::Document(resource, at) => match DidDocument::parse(&resource.bytes, did) {
            Ok(document) => Ok((document, at)),
            Err(error) => Err(Check::unknown(KEY, Reason::KeyUnavailable, format!("{url}: {error}"))),
        },
    }
}

/// The document of a did:webvh, from its log and, where it has witnesses, from their proofs.
fn logged(look: &mut Look<'_>, did: &str, log: &[u8]) -> Result<DidDocument, Check> {
    // A log that breaks a rule may be somebody's forgery of it, or half a file: whose key it is cannot be said.
    let unusable = |error: DidError| Check::unknown(KEY, Reason::KeyUnavailable, format!("{did}: {error}"));
    let log = webvh::Log::parse(log, did, look.now).map_err(|error| unusable(error.into()))?;
    if log.is_witnessed() {
        let url = webvh::witness_url(did).map_err(unusable)?;
        match look.keys_at(&url, ACCEPT_JSON) {
            Found::Nothing(why, at) => return Err(unavailable(&url, why).known_at(at)),
            Found::Document(proofs, _) => {
                log.check_witnesses(&proofs.bytes).map_err(|error| unusable(error.into()))?;
            }
        }
    }
    match log.into_document() {
        Err(error @ DidError::Deactivated) => Err(Check::fail(KEY, Reason::KeyNotOfIssuer, error.to_string())),
        other => other.map_err(unusable),
    }
}

/// JWT VC Issuer Metadata (SD-JWT VC draft-13, section 5).
fn by_metadata(look: &mut Look<'_>, issuer: &str, kid: Option<&str>) -> Candidates {
    let Some(url) = metadata_url(issuer) else {
        return Candidates::none(issuer, Check::unknown(KEY, Reason::NotSupported, "the issuer is no https address"));
    };
    match metadata_keys(look, issuer, &url, kid) {
        Ok((keys, at)) => {
            let check = Check::pass(KEY, format!("published by the issuer at {url}")).known_at(at);
            Candidates::found(issuer, keys, check)
        }
        Err(check) => Candidates::none(issuer, check),
    }
}

/// The well-known word goes between host and path; query and fragment are not allowed.
fn metadata_url(issuer: &str) -> Option<Url> {
    let issuer = Url::parse(issuer).ok()?;
    if issuer.scheme() != "https"
        || issuer.query().is_some()
        || issuer.fragment().is_some()
        || !issuer.username().is_empty()
    {
        return None;
    }
    let mut url = issuer.clone();
    url.set_path(&format!("/.well-known/jwt-vc-issuer{}", issuer.path().trim_end_matches('/')));
    Some(url)
}

type Keys = (Vec<PublicKey>, Option<Timestamp>);

fn metadata_keys(look: &mut Look<'_>, issuer: &str, url: &Url, kid: Option<&str>) -> Result<Keys, Check> {
    let (resource, at) = match look.keys_at(url, ACCEPT_JSON) {
        Found::Nothing(why, at) => return Err(unavailable(url, why).known_at(at)),
        Found::Document(resource, at) => (resource, at),
    };
    let prepared = Source { owner: issuer, key: kid, bytes: &resource.bytes }.prepared();
    if let Some(keys) = prepared.get() {
        return Ok((keys, at));
    }
    let Ok(Value::Object(metadata)) = json::parse(&resource.bytes) else {
        return Err(Check::unknown(KEY, Reason::KeyUnavailable, format!("{url} is no JSON object")));
    };
    if metadata.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err(Check::fail(KEY, Reason::KeyNotOfIssuer, format!("{url} is the metadata of another issuer")));
    }
    let broken = || Check::unknown(KEY, Reason::KeyUnavailable, format!("{url} must have either jwks or jwks_uri"));
    match (metadata.get("jwks"), metadata.get("jwks_uri")) {
        (Some(Value::Object(jwks)), None) => {
            let keys = select(jwks, kid).ok_or_else(|| no_key(url))?;
            prepared.put(&keys);
            Ok((keys, at))
        }
        (None, Some(Value::String(uri))) => {
            let uri = Url::parse(uri).map_err(|_| broken())?;
            let (jwks, at) = object(look, &uri)?;
            Ok((select(&jwks, kid).ok_or_else(|| no_key(&uri))?, at))
        }
        _ => Err(broken()),
    }
}

fn object(look: &mut Look<'_>, url: &Url) -> Result<(Map<String, Value>, Option<Timestamp>), Check> {
    match look.keys_at(url, ACCEPT_JSON) {
        Found::Nothing(why, at) => Err(unavailable(url, why).known_at(at)),
        Found::Document(resource, at) => match json::parse(&resource.bytes) {
            Ok(Value::Object(members)) => Ok((members, at)),
            _ => Err(Check::unknown(KEY, Reason::KeyUnavailable, format!("{url} is no JSON object"))),
        },
    }
}

/// The keys of a JWK set that may be meant: the one of the `kid`, or all that can be used.
fn select(jwks: &Map<String, Value>, kid: Option<&str>) -> Option<Vec<PublicKey>> {
    let keys = jwks.get("keys")?.as_array()?;
    let named = |key: &&Value| kid.is_none_or(|kid| key.get("kid").and_then(Value::as_str) == Some(kid));
    let usable: Vec<_> =
        keys.iter().filter(named).filter_map(|key| PublicKey::from_verifying_jwk(key).ok()).take(KEYS_TRIED).collect();
    (!usable.is_empty()).then_some(usable)
}

fn no_key(url: &Url) -> Check {
    Check::unknown(KEY, Reason::KeyUnavailable, format!("{url} holds no key of that name that can be used"))
}

fn unavailable(url: &Url, why: &str) -> Check {
    Check::unknown(KEY, Reason::KeyUnavailable, format!("{url}: {why}"))
}

/// Tries the signature with each candidate; the first that fits is noted in the tie.
pub(super) fn check_signature(jws: &Jws, candidates: &mut Candidates) -> Check {
    const NAME: CheckName = CheckName::Signature;
    if candidates.keys.is_empty() {
        return Check::unknown(NAME, Reason::KeyUnavailable, "there is no key to try it with");
    }
    match candidates.keys.iter().find(|key| jws.verify(key).is_ok()) {
        Some(key) => {
            let detail = format!("{} holds under key {}", jws.algorithm().name(), key.thumbprint());
            candidates.tie.key = Some(key.clone());
            Check::pass(NAME, detail)
        }
        None => Check::fail(NAME, Reason::BadSignature, "the signature does not hold under the issuer's key"),
    }
}
