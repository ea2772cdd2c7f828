//! Tokens that only their owner can use: a key to which an authorization server binds them, and a proof with each use
//! (RFC 9449). A token without is sent as it is.

use leerpas_core::{Entropy, Env, Exchange, Reply, Secret, SignedDuration, Timestamp};
use leerpas_credential::{
    jose::{self, encode_base64url},
    keys::HolderKey,
};
use leerpas_openid::{
    oauth::{DPOP_TYPE, DpopProof},
    vci::TokenResponse,
};
use serde_json::json;

use crate::{
    ReceiveError,
    grant::{self, HeldGrant},
};

/// How often a request is tried again because the server wants a newer nonce (security C23).
const NONCE_TRIES: u8 = 2;

/// A key for the tokens of one authorization server, and the nonces that the servers gave. A key of its own for each
/// collecting, so that no server can recognise the wallet by it.
pub(crate) struct Possession {
    key: HolderKey,
    nonce: Option<String>,
    tries: u8,
}

impl Possession {
    /// Makes a key.
    pub(crate) fn make(env: Env<'_>) -> Self {
        Self { key: HolderKey::make(env.entropy), nonce: None, tries: NONCE_TRIES }
    }

    /// Goes on with a key that tokens are bound to already.
    pub(crate) fn with(key: HolderKey) -> Self {
        Self { key, nonce: None, tries: NONCE_TRIES }
    }

    /// Takes the nonce of a reply, which the next proof has to hold. Whether a request that was refused for its nonce is
    /// worth another try: there is a new one, and not too many were tried.
    pub(crate) fn learn(&mut self, reply: &Reply) -> bool {
        let Some(nonce) = &reply.dpop_nonce else { return false };
        let new = self.nonce.as_ref() != Some(nonce);
        self.nonce = Some(nonce.clone());
        if reply.is_success() {
            self.tries = NONCE_TRIES;
            return false;
        }
        let again = new && self.tries > 0;
        self.tries = self.tries.saturating_sub(1);
        again
    }

    /// The exchange with a proof for it; `token` if one goes along.
    ///
    /// # Errors
    /// [`ReceiveError::Proof`] if it cannot be signed.
    pub(crate) fn prove(
        &self,
        exchange: Exchange,
        token: Option<&str>,
        env: Env<'_>,
    ) -> Result<Exchange, ReceiveError> {
        let id = random_id(env.entropy);
        let claims = DpopProof {
            method: exchange.method,
            url: &exchange.url,
            id: &id,
            issued: env.now,
            nonce: self.nonce.as_deref(),
            token,
        }
        .claims();
        let header = json!({"typ": DPOP_TYPE, "alg": "ES256", "jwk": self.key.public().to_jwk()});
        let proof =
            jose::sign_compact(&header, claims.to_string().as_bytes(), &self.key).map_err(ReceiveError::Proof)?;
        Ok(exchange.with_dpop(proof))
    }
}

/// An access token with what it takes to use it.
pub(crate) struct Access {
    token: Secret<String>,
    pub(crate) possession: Option<Possession>,
    /// What gets a new token later.
    pub(crate) refresh: Option<Secret<String>>,
    /// Until when the token holds.
    pub(crate) expires: Option<Timestamp>,
}

impl Access {
    pub(crate) fn new(token: Secret<String>, possession: Option<Possession>) -> Self {
        Self { token, possession, refresh: None, expires: None }
    }

    /// The access of a token response.
    pub(crate) fn of(token: TokenResponse, possession: Option<Possession>, now: Timestamp) -> Self {
        let TokenResponse { access_token, refresh_token, expires_in, .. } = token;
        let life = expires_in.and_then(|life| i64::try_from(life).ok()).map(SignedDuration::from_secs);
        let expires = life.map(|life| now.saturating_add(life).unwrap_or(Timestamp::MAX));
        Self { refresh: refresh_token, expires, ..Self::new(access_token, possession) }
    }

    /// The access of a grant that was kept.
    pub(crate) fn of_held(grant: &HeldGrant) -> Self {
        let possession = grant.key.as_ref().and_then(grant::copy_of).map(Possession::with);
        let refresh = grant.refresh.as_ref().map(grant::again);
        Self { refresh, expires: grant.expires, ..Self::new(grant::again(&grant.token), possession) }
    }

    /// What to keep of it, as a grant of this server for this issuer.
    pub(crate) fn held(&self, issuer: &str, server: &str, named: bool) -> HeldGrant {
        HeldGrant {
            issuer: issuer.to_owned(),
            server: server.to_owned(),
            named,
            token: grant::again(&self.token),
            expires: self.expires,
            refresh: self.refresh.as_ref().map(grant::again),
            key: self.possession.as_ref().and_then(|possession| grant::copy_of(&possession.key)),
        }
    }

    /// The exchange with the token, and with a proof where the token is bound to a key.
    ///
    /// # Errors
    /// As [`Possession::prove`].
    pub(crate) fn authorise(&self, exchange: Exchange, env: Env<'_>) -> Result<Exchange, ReceiveError> {
        let exchange = exchange.with_bearer(self.token.expose());
        match &self.possession {
            Some(possession) => possession.prove(exchange, Some(self.token.expose()), env),
            None => Ok(exchange),
        }
    }

    /// As [`Possession::learn`].
    pub(crate) fn learn(&mut self, reply: &Reply) -> bool {
        self.possession.as_mut().is_some_and(|possession| possession.learn(reply))
    }
}

/// 128 random bits as base64url.
pub(crate) fn random_id(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    encode_base64url(&bytes)
}

#[cfg(test)]
mod tests {
    use leerpas_core::{CountingEntropy, Purpose, Url};
    use leerpas_credential::{jose::Jws, keys::PublicKey};

    use super::*;

    fn reply(status: u16, nonce: Option<&str>) -> Reply {
        Reply { dpop_nonce: nonce.map(str::to_owned), ..Reply::new(status, None, Vec::new()) }
    }

    #[test]
    fn rfc9449_4_2_a_proof_is_signed_by_the_key_that_it_names() {
        let entropy = CountingEntropy::default();
        let env = Env { now: "2026-11-26T12:00:00Z".parse().unwrap(), entropy: &entropy };
        let mut possession = Possession::make(env);
        possession.learn(&reply(200, Some("n1")));
        let access = Access::new(Secret::new("t".to_owned()), Some(possession));
        let url = Url::parse("https://issuer.example/credential").unwrap();
        let sent = access.authorise(Exchange::get(Purpose::Credential, url, ""), env).unwrap();
        assert_eq!(sent.bearer.as_deref(), Some("t"));
        let proof = Jws::parse(&sent.dpop.unwrap()).unwrap();
        assert_eq!(proof.typ(), Some("dpop+jwt"));
        assert!(proof.header["jwk"].get("d").is_none());
        proof.verify(&PublicKey::from_jwk(&proof.header["jwk"]).unwrap()).unwrap();
        let claims = proof.claims().unwrap();
        assert_eq!((claims["nonce"].as_str(), claims["htm"].as_str()), (Some("n1"), Some("GET")));
        assert!(claims["ath"].is_string());
    }

    #[test]
    fn rfc9449_4_2_each_flow_has_a_key_of_its_own() {
        let entropy = CountingEntropy::default();
        let env = Env { now: leerpas_core::Timestamp::UNIX_EPOCH, entropy: &entropy };
        let url = Url::parse("https://issuer.example/token").unwrap();
        let key = || {
            let exchange = Exchange::get(Purpose::Token, url.clone(), "");
            let sent = Possession::make(env).prove(exchange, None, env).unwrap();
            Jws::parse(&sent.dpop.unwrap()).unwrap().header["jwk"].clone()
        };
        assert_ne!(key(), key());
    }

    #[test]
    fn security_c23_a_server_that_always_wants_another_nonce_is_given_up() {
        let entropy = CountingEntropy::default();
        let mut possession = Possession::make(Env { now: leerpas_core::Timestamp::UNIX_EPOCH, entropy: &entropy });
        let tries = ["a", "b", "c", "d"].map(|nonce| possession.learn(&reply(401, Some(nonce))));
        assert_eq!(tries, [true, true, false, false]);
        assert!(!possession.learn(&reply(401, None)));
        possession.learn(&reply(200, Some("e")));
        assert!(!possession.learn(&reply(401, Some("e"))), "the same nonce again helps nobody");
        assert!(possession.learn(&reply(401, Some("f"))));
    }
}
