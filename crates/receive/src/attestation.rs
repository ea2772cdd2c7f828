//! An attestation of this program that an institution gave to its learner, for its own authorization server.
//!
//! A program on somebody's own computer cannot attest itself, and nobody does so for all of its copies. An institution may:
//! this wallet makes a key for that server and no other, the institution signs an attestation of it, and from then on the
//! two go to that server and nowhere else (Attestation-Based Client Authentication, draft 07).

use std::{fmt, sync::Arc};

use leerpas_core::{Env, ErrorKind, Exchange, Header, Purpose, Reply, Secret, Timestamp};
use leerpas_credential::{
    jose::{self, Jws},
    keys::{HolderKey, PublicKey},
};
use leerpas_openid::{
    oauth::{
        ATTESTATION_PROOF_TYPE, ATTESTATION_TYPE, ATTESTED_CLIENT, AttestationProof, CLIENT_ID, attestation_challenge,
    },
    vci::{AuthorizationServerMetadata, ErrorCode, Grant},
};
use serde_json::{Value, json};
use thiserror::Error;

use crate::{ReceiveError, possession::random_id};

/// Longest attestation, in bytes: it goes along in a header.
const ATTESTATION_BYTES: usize = 4_096;
/// Longest name of a client, in bytes.
const CLIENT_BYTES: usize = 512;
/// How often a request is tried again because the server wants another challenge.
const CHALLENGE_TRIES: u8 = 2;

/// Why an attestation is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AttestationError {
    /// No token of this type, or without what it must say (5.1).
    #[error("this is no attestation of a client")]
    Form,
    /// It is about the key of somebody else.
    #[error("the attestation is about another key than the one that was made for this server")]
    OtherKey,
    /// It has run out.
    #[error("the attestation has run out")]
    Expired,
}

impl AttestationError {
    /// The kind to report.
    pub fn kind(self) -> ErrorKind {
        ErrorKind::NotRecognised
    }
}

/// An attestation with the key that it is about, for one authorization server.
pub struct ClientAttestation {
    server: String,
    client_id: String,
    expires: Timestamp,
    token: Secret<String>,
    key: HolderKey,
}

impl ClientAttestation {
    /// Reads what an institution signed for this server and key. Its signature is for the server to judge: nobody else
    /// knows whose it should be.
    ///
    /// # Errors
    /// [`AttestationError`].
    pub fn read(server: &str, token: &str, key: HolderKey, now: Timestamp) -> Result<Self, AttestationError> {
        let token = token.trim();
        if token.len() > ATTESTATION_BYTES {
            return Err(AttestationError::Form);
        }
        let jws = Jws::parse(token).map_err(|_| AttestationError::Form)?;
        let claims = jws.claims().map_err(|_| AttestationError::Form)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let client_id = text("sub").filter(|id| id.len() <= CLIENT_BYTES && id.bytes().all(|b| b.is_ascii_graphic()));
        let expires = claims.get("exp").and_then(Value::as_i64).and_then(|at| Timestamp::from_second(at).ok());
        let confirmed = claims.get("cnf").and_then(|cnf| cnf.get("jwk"));
        let (Some(ATTESTATION_TYPE), Some(_), Some(client_id), Some(expires), Some(jwk)) =
            (jws.typ(), text("iss"), client_id, expires, confirmed)
        else {
            return Err(AttestationError::Form);
        };
        // A private key in it would be everybody's (9, rule 6).
        if jwk.get("d").is_some() || PublicKey::from_jwk(jwk).is_ok_and(|attested| attested != key.public()) {
            return Err(AttestationError::OtherKey);
        }
        PublicKey::from_jwk(jwk).map_err(|_| AttestationError::Form)?;
        if expires <= now {
            return Err(AttestationError::Expired);
        }
        let (server, client_id) = (server.to_owned(), client_id.to_owned());
        Ok(Self { server, client_id, expires, token: Secret::new(token.to_owned()), key })
    }

    /// The authorization server that it is for.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// By which name the server knows this program then.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Until when it holds.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }
}

/// Says for whom it is and nothing more.
impl fmt::Debug for ClientAttestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAttestation").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Whether a server takes a program that says nothing of itself but its name, in this way of collecting.
pub(crate) fn takes_anybody(grant: &Grant, server: &AuthorizationServerMetadata) -> bool {
    let methods = &server.client_authentication;
    match grant {
        Grant::PreAuthorized(_) => server.anonymous_access != Some(false),
        Grant::AuthorizationCode(_) => methods.is_empty() || methods.iter().any(|method| method == "none"),
    }
}

/// Whether a server takes attested programs.
pub(crate) fn takes_attested(server: &AuthorizationServerMetadata) -> bool {
    server.client_authentication.iter().any(|method| method == ATTESTED_CLIENT)
}

/// Whether a server takes proofs that are signed as the keys of this program sign. Without a word it takes what all do.
pub(crate) fn takes_our_proofs(server: &AuthorizationServerMetadata) -> bool {
    let algorithms = &server.attestation_proof_algorithms;
    algorithms.is_empty() || algorithms.iter().any(|one| one == "ES256")
}

/// How this program makes itself known to one server: by its name alone, or with an attestation.
#[derive(Debug)]
pub(crate) struct Client {
    attestation: Option<Arc<ClientAttestation>>,
    /// What the next proof has to hold (8.1: a newer one takes the place of an older one).
    challenge: Option<String>,
    tries: u8,
    /// The server of an attestation that was put down, and the name of the client in it.
    put_down: Option<(String, String)>,
}

impl Client {
    /// An attestation goes along only where the server that it is for takes nobody without: what need not be said is not.
    pub(crate) fn choose(grant: &Grant, server: &AuthorizationServerMetadata, held: &[Arc<ClientAttestation>]) -> Self {
        let needed = !takes_anybody(grant, server) && takes_attested(server) && takes_our_proofs(server);
        let attestation = held.iter().find(|one| needed && one.server == server.issuer).map(Arc::clone);
        Self { attestation, challenge: None, tries: CHALLENGE_TRIES, put_down: None }
    }

    /// Puts down its attestation with the key, and remembers which one it was.
    pub(crate) fn put_down(&mut self) {
        if let Some(one) = self.attestation.take() {
            self.put_down = Some((one.server.clone(), one.client_id.clone()));
        }
    }

    /// Takes up the attestation that was put down, where it is still there: the server knows this sign-in by its name.
    pub(crate) fn take_up(&mut self, held: &[Arc<ClientAttestation>]) {
        let Some((server, client)) = &self.put_down else { return };
        self.attestation = held.iter().find(|one| one.server == *server && one.client_id == *client).map(Arc::clone);
        if self.attestation.is_some() {
            self.put_down = None;
        }
    }

    /// Whether it has an attestation to show.
    pub(crate) fn is_attested(&self) -> bool {
        self.attestation.is_some()
    }

    /// The name by which the server knows it.
    pub(crate) fn id(&self) -> &str {
        self.attestation.as_ref().map_or(CLIENT_ID, |one| one.client_id.as_str())
    }

    /// The exchange that gets a challenge, where the server gives some and none is at hand (8).
    pub(crate) fn ask_challenge(&self, purpose: Purpose, server: &AuthorizationServerMetadata) -> Option<Exchange> {
        let needed = self.is_attested() && self.challenge.is_none();
        server.challenge_endpoint.clone().filter(|_| needed).map(|url| Exchange::post_nothing(purpose, url))
    }

    /// Takes the body of the challenge endpoint.
    ///
    /// # Errors
    /// [`ReceiveError::Challenge`].
    pub(crate) fn take_challenge(&mut self, body: &[u8]) -> Result<(), ReceiveError> {
        self.challenge = Some(attestation_challenge(body).map_err(|_| ReceiveError::Challenge)?);
        Ok(())
    }

    /// The exchange with the attestation and a fresh proof of its key, if there is one. The challenge is used up.
    ///
    /// # Errors
    /// [`ReceiveError::Proof`] if it cannot be signed; [`ReceiveError::NotAttested`] where the attestation was put down and
    /// is gone since.
    pub(crate) fn prove(&mut self, exchange: Exchange, env: Env<'_>) -> Result<Exchange, ReceiveError> {
        if let Some((server, _)) = &self.put_down {
            return Err(ReceiveError::NotAttested { server: server.clone() });
        }
        let Some(attestation) = &self.attestation else { return Ok(exchange) };
        let (challenge, id) = (self.challenge.take(), random_id(env.entropy));
        let claims = AttestationProof {
            client_id: &attestation.client_id,
            server: &attestation.server,
            id: &id,
            issued: env.now,
            challenge: challenge.as_deref(),
        }
        .claims();
        let header = json!({"typ": ATTESTATION_PROOF_TYPE, "alg": "ES256"});
        let proof = jose::sign_compact(&header, claims.to_string().as_bytes(), &attestation.key)
            .map_err(ReceiveError::Proof)?;
        Ok(exchange
            .with_header(Header::ClientAttestation, attestation.token.expose().clone())
            .with_header(Header::ClientAttestationPop, proof))
    }

    /// Takes the challenge of a reply (8.1). Whether a request that was refused for its challenge is worth another try.
    pub(crate) fn learn(&mut self, reply: &Reply) -> bool {
        if let Some(challenge) = reply.attestation_challenge.as_ref().filter(|_| self.is_attested()) {
            self.challenge = Some(challenge.clone());
        }
        let refused = !reply.is_success()
            && leerpas_openid::vci::ErrorResponse::parse(&reply.body)
                .is_some_and(|response| response.error == ErrorCode::UseAttestationChallenge);
        let again = refused && self.is_attested() && self.tries > 0;
        if again {
            self.tries -= 1;
        }
        again
    }
}
