//! How an issuer is asked for a credential: in the edition of the protocol that it speaks, and encrypted where it can.

use leerpas_core::{Env, Exchange, Fault, Purpose, Reply, Url};
use leerpas_credential::jose::{self, DecryptionKey};
use leerpas_openid::vci::{
    ChosenEncryption, CredentialReply, CredentialRequest, Edition, ErrorCode, IssuerMetadata, draft_credential_request,
    draft_nonce, response_encryption,
};
use serde_json::Value;

use crate::{ReceiveError, error::At, plan::Want, reply};

/// What was learned of an issuer on the way.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    /// How messages are encrypted; `None` for not at all.
    pub(crate) encryption: Option<ChosenEncryption>,
    /// The nonce that came with a token, a credential or an error (drafts 13 and 14).
    nonce: Option<String>,
    /// The edition in which the issuer took a request, or in which it is tried after it refused another.
    settled: Option<Edition>,
    /// The key for the response to the request that is under way.
    key: Option<DecryptionKey>,
}

impl Asking {
    pub(crate) fn new(encryption: Option<ChosenEncryption>) -> Self {
        Self { encryption, ..Self::default() }
    }

    /// Takes the nonce of a draft from a body, if it has one.
    pub(crate) fn learn(&mut self, body: &[u8]) {
        if let Some(nonce) = draft_nonce(body) {
            self.nonce = Some(nonce);
        }
    }

    /// The nonce for an issuer without a nonce endpoint.
    pub(crate) fn nonce(&self) -> Option<String> {
        self.nonce.clone()
    }

    /// The edition in which a credential is asked for. Draft 15 reads the request of 1.0 in most cases, so that is tried
    /// first; what has no nonce endpoint and gives its nonce along with the token is draft 13 or 14.
    pub(crate) fn edition(&self, metadata: &IssuerMetadata, want: &Want) -> Edition {
        match self.settled {
            Some(settled) => settled,
            None if metadata.nonce_endpoint.is_none() && self.nonce.is_some() => Edition::Draft13,
            None => match metadata.edition(&want.configuration) {
                Edition::Draft15 => Edition::Final,
                other => other,
            },
        }
    }

    /// Whether a refused request is worth one more try in another edition, which is then settled. Only where the issuer
    /// showed that it is an older one: its metadata say so, or its nonce came along with something.
    pub(crate) fn tries_another(&mut self, refused: &ReceiveError, metadata: &IssuerMetadata, want: &Want) -> bool {
        let ReceiveError::Refused { status: 400, code: Some(code), .. } = refused else { return false };
        let about_the_form = matches!(
            code,
            ErrorCode::InvalidProof
                | ErrorCode::InvalidRequest
                | ErrorCode::InvalidCredentialRequest
                | ErrorCode::UnknownCredentialConfiguration
                | ErrorCode::Other
        );
        let gave_nonce = metadata.nonce_endpoint.is_none() && self.nonce.is_some();
        let other = match (self.edition(metadata, want), metadata.edition(&want.configuration)) {
            // An old nonce has the word `invalid_proof` there, and a new one comes along.
            (Edition::Draft13, _) if gave_nonce => Some(Edition::Draft13),
            (Edition::Draft13, _) => Some(Edition::Final),
            (Edition::Final, Edition::Draft15) => Some(Edition::Draft15),
            _ => None,
        };
        match other.filter(|_| about_the_form) {
            Some(other) => {
                self.settled = Some(other);
                true
            }
            None => false,
        }
    }

    /// The exchange that asks for a credential. Where the response is to be encrypted, for a key that is made for it
    /// (OpenID4VCI 1.0, 8.2 and 10).
    ///
    /// # Errors
    /// [`ReceiveError::Encryption`] if the issuer's key cannot be used.
    pub(crate) fn request(
        &mut self,
        request: &CredentialRequest,
        metadata: &IssuerMetadata,
        want: &Want,
        env: Env<'_>,
    ) -> Result<Exchange, ReceiveError> {
        let body = draft_credential_request(request, &want.configuration, self.edition(metadata, want));
        self.post(metadata.credential_endpoint.clone(), body, env)
    }

    /// The exchange that hands this over and brings a credential back, encrypted as [`Asking::request`] says. What was
    /// deferred is asked for in the same way (9.1).
    ///
    /// # Errors
    /// As [`Asking::request`].
    pub(crate) fn post(&mut self, endpoint: Url, mut body: Value, env: Env<'_>) -> Result<Exchange, ReceiveError> {
        self.key = None;
        let Some(chosen) = &self.encryption else {
            return Ok(Exchange::post_json(Purpose::Credential, endpoint, body));
        };
        if let Some(enc) = chosen.response_enc {
            let key = DecryptionKey::draw(env.entropy);
            body["credential_response_encryption"] = response_encryption(&key.public_jwk("1"), enc);
            self.key = Some(key);
        }
        let token = jose::encrypt(body.to_string().as_bytes(), &chosen.recipient, chosen.request_enc)
            .map_err(ReceiveError::Encryption)?;
        Ok(Exchange::post_jwt(Purpose::Credential, endpoint, token))
    }

    /// The body of the response to the last request: decrypted where that was asked for, and then nothing that came as it
    /// is (10; security C21). Errors are never encrypted (8.3.1).
    ///
    /// # Errors
    /// As [`reply::body`]; [`ReceiveError::NotEncrypted`] and [`ReceiveError::Encryption`].
    pub(crate) fn body(&mut self, answer: Result<Reply, Fault>) -> Result<CredentialReply, ReceiveError> {
        let key = self.key.take();
        let body = match answer {
            Ok(reply) if reply.is_success() => match key {
                Some(key) => decrypted(&key, &reply)?,
                None => reply::body(Ok(reply), At::Credential)?,
            },
            other => {
                if let Ok(reply) = &other {
                    self.learn(&reply.body);
                }
                reply::body(other, At::Credential)?
            }
        };
        let reply = CredentialReply::read(&body)?;
        if let Some(nonce) = reply.nonce() {
            self.nonce = Some(nonce.to_owned());
        }
        Ok(reply)
    }
}

fn decrypted(key: &DecryptionKey, reply: &Reply) -> Result<Vec<u8>, ReceiveError> {
    if reply.media_type.as_deref() != Some("application/jwt") {
        return Err(ReceiveError::NotEncrypted);
    }
    let token = std::str::from_utf8(&reply.body).map_err(|_| ReceiveError::NotEncrypted)?;
    key.decrypt(token.trim()).map_err(ReceiveError::Encryption)
}
