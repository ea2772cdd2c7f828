//! `verifier_attestation` (OpenID4VP 1.0, 5.9.3 and 12): a party that we know names the key of the requester.

use leerpas_core::{Timestamp, Url, limits::CLOCK_SKEW_SECONDS};
use leerpas_credential::{
    did::{DidDocument, Purpose},
    jose::Jws,
    keys::PublicKey,
    trust::{Institution, TrustList},
    x509::Chain,
};
use serde_json::{Map, Value};

use crate::ShareError;

/// The `typ` of an attestation (OpenID4VP 1.0, 12).
const TYPE: &str = "verifier-attestation+jwt";

/// An attestation that holds.
#[derive(Debug)]
pub(crate) struct Attestation {
    /// The key that signs the request.
    pub(crate) key: PublicKey,
    /// Who attests it, as the trust list has it.
    pub(crate) issuer: String,
    /// Where answers may go.
    redirect_uris: Vec<String>,
}

impl Attestation {
    /// Opens the attestation in the `jwt` header of a request object.
    ///
    /// # Errors
    /// None there, of another type, for somebody else, run out, from nobody of the trust list, with a signature that does
    /// not hold, or without addresses.
    pub(crate) fn open(
        header: &Map<String, Value>,
        subject: &str,
        trust: &TrustList,
        now: Timestamp,
    ) -> Result<Self, ShareError> {
        const FORM: ShareError = ShareError::NotGenuine("its attestation cannot be read");
        let jwt = header.get("jwt").and_then(Value::as_str).ok_or(ShareError::NotGenuine("it has no attestation"))?;
        let jws = Jws::parse(jwt).map_err(|_| FORM)?;
        if jws.typ() != Some(TYPE) {
            return Err(FORM);
        }
        let claims = jws.claims().map_err(|_| FORM)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("sub") != Some(subject) {
            return Err(ShareError::NotGenuine("its attestation is for somebody else"));
        }
        let issuer = text("iss").ok_or(FORM)?;
        let known = trust.find(issuer).ok_or(ShareError::NotGenuine("nobody we know attests it"))?;
        let key = issuer_key(&jws, issuer, known, now)?;
        jws.verify(&key).map_err(|_| ShareError::NotGenuine("the signature of its attestation does not hold"))?;
        let until = claims.get("exp").and_then(Value::as_i64).ok_or(FORM)?;
        let from = claims.get("nbf").or_else(|| claims.get("iat")).map_or(Some(0), Value::as_i64).ok_or(FORM)?;
        let (at, skew) = (now.as_second(), CLOCK_SKEW_SECONDS);
        if at > until.saturating_add(skew) || at < from.saturating_sub(skew) {
            return Err(ShareError::NotGenuine("its attestation does not hold now"));
        }
        let jwk = claims.get("cnf").and_then(|cnf| cnf.get("jwk")).ok_or(FORM)?;
        let key = PublicKey::from_jwk(jwk).map_err(|_| FORM)?;
        // The text leaves the claim to the issuer (5.9.3). Without it a name and a key are attested and no address, so
        // that whoever has the key could have the answer sent anywhere: that is refused here.
        let redirect_uris = match claims.get("redirect_uris") {
            None => return Err(ShareError::NotGenuine("its attestation names no address for the answer")),
            Some(Value::Array(uris)) => uris.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(_) => return Err(FORM),
        };
        Ok(Self { key, issuer: issuer.to_owned(), redirect_uris })
    }

    /// Whether the answer may go there: exactly there (5.9.3).
    pub(crate) fn allows(&self, response_uri: &Url) -> bool {
        self.redirect_uris.iter().any(|uri| uri == response_uri.as_str())
    }
}

/// The key of whoever attests: that of a listed did:jwk or did:key, or of a certificate that the listed institution
/// vouches for.
fn issuer_key(jws: &Jws, issuer: &str, known: &Institution, now: Timestamp) -> Result<PublicKey, ShareError> {
    const KEY: ShareError = ShareError::NotGenuine("the key of its attestation is not known");
    if issuer.starts_with("did:") {
        let document = DidDocument::resolve_local(issuer).ok().flatten().ok_or(KEY)?;
        return document.key(jws.kid().unwrap_or(issuer), Purpose::Assertion).map_err(|_| KEY);
    }
    let chain = Chain::from_x5c(jws.header.get("x5c").ok_or(KEY)?).map_err(|_| KEY)?;
    // One without roots of its own would be impersonated by any authority of the list.
    if known.roots_pem.is_empty() || !chain.covers(issuer) || !known.vouches(&chain, now) {
        return Err(KEY);
    }
    Ok(chain.leaf_key())
}
