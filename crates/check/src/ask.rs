//! Asking: a request with everything that makes its answer unique.

use std::sync::Arc;

use leerpas_core::{Entropy, Env, ErrorKind, Language, Timestamp, Url};
use leerpas_credential::jose::{DecryptionKey, JoseError};
use leerpas_openid::{
    dcql::DcqlQuery,
    vp::{RequestError, RequestObject, ResponseMode, TransactionData, purpose_member},
};
use serde_json::{Value, json};
use thiserror::Error;

use crate::{About, VerifierIdentity};

/// How long a request can be fetched and answered.
pub const REQUEST_LIFETIME_SECONDS: i64 = 300;
/// How long a request can be answered as pictures: it is carried over by hand, there and back.
pub const FRAMES_LIFETIME_SECONDS: i64 = 900;
/// Longest `wallet_nonce` that is echoed.
const MAX_WALLET_NONCE: usize = 512;

/// What a verifier wants to know, and why.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked for.
    pub query: DcqlQuery,
    /// Why, for the holder to read.
    pub purpose: Option<String>,
    /// How long the answer is kept, for the holder to read.
    pub retention: Option<String>,
    /// How the answer travels; `direct_post.jwt` unless something speaks against it.
    pub response_mode: ResponseMode,
}

/// Why no request could be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AskError {
    /// No key could be made for the answer.
    #[error(transparent)]
    Key(#[from] JoseError),
    /// The address of the verifier cannot be extended by a path.
    #[error("the address of the verifier has no room for a path")]
    Address,
    /// What is to be confirmed would be refused by every wallet.
    #[error(transparent)]
    Statement(#[from] RequestError),
}

impl AskError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Statement(_) => ErrorKind::Usage,
            Self::Key(_) | Self::Address => ErrorKind::Internal,
        }
    }
}

/// Why a request object is not handed out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FetchError {
    /// It was handed over by value: there is one such link, and nobody else gets the request.
    #[error("the request was handed over by value")]
    HandedOver,
    /// It has run out, or was answered.
    #[error("the request has run out")]
    Expired,
    /// The wallet sent a nonce that cannot be echoed.
    #[error("the wallet's nonce is too long or not URL-safe")]
    WalletNonce,
    /// It could not be signed.
    #[error(transparent)]
    Signing(#[from] JoseError),
}

impl FetchError {
    /// The HTTP status that says so without detail.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::HandedOver | Self::Expired => 410,
            Self::WalletNonce => 400,
            Self::Signing(_) => 500,
        }
    }
}

/// A request that waits for its answer. Holds the private key of this one answer, in memory only.
pub struct Pending {
    pub(crate) identity: Arc<VerifierIdentity>,
    pub(crate) ask: Ask,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) key: DecryptionKey,
    pub(crate) transactions: Vec<TransactionData>,
    purposes: Vec<(Language, String)>,
    about: About,
    pub(crate) answered: bool,
    id: String,
    request_uri: Url,
    response_uri: Url,
    expires: Timestamp,
    handed_over: bool,
}

impl Ask {
    fn lifetime(&self) -> i64 {
        match self.response_mode {
            ResponseMode::Frames => FRAMES_LIFETIME_SECONDS,
            ResponseMode::DirectPost | ResponseMode::DirectPostJwt => REQUEST_LIFETIME_SECONDS,
        }
    }

    /// Opens a request. The wallet will fetch it at `base` + `request/ID` and answer at `base` +
    /// `response/ID`; `base` is https, and its host must be a DNS name of the verifier's certificate.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn open(self, identity: Arc<VerifierIdentity>, base: &Url, env: Env<'_>) -> Result<Pending, AskError> {
        let id = random(env.entropy);
        let at = |kind: &str| {
            let mut url = base.clone();
            url.path_segments_mut().map_err(|()| AskError::Address)?.pop_if_empty().extend([kind, &id]);
            Ok::<_, AskError>(url)
        };
        Ok(Pending {
            request_uri: at("request")?,
            response_uri: at("response")?,
            state: random(env.entropy),
            nonce: random(env.entropy),
            key: DecryptionKey::draw(env.entropy),
            transactions: Vec::new(),
            purposes: Vec::new(),
            about: About::default(),
            expires: Timestamp::from_second(env.now.as_second().saturating_add(self.lifetime())).unwrap_or(env.now),
            identity,
            ask: self,
            answered: false,
            handed_over: false,
            id,
        })
    }
}

impl Pending {
    /// Asks the holder to confirm a sentence along with the answer, by a presentation for one of these queries (OpenID4VP
    /// 1.0, 5.1 `transaction_data`). Before the request object is handed out.
    ///
    /// # Errors
    /// [`AskError::Statement`]: a sentence that cannot be shown as it is, or a query that cannot confirm anything.
    pub fn confirming(mut self, queries: &[&str], statement: &str) -> Result<Self, AskError> {
        self.transactions.push(TransactionData::statement(queries, statement, &self.ask.query)?);
        Ok(self)
    }

    /// Says why in this language too. Before the request object is handed out.
    #[must_use]
    pub fn saying(mut self, language: Language, purpose: &str) -> Self {
        self.purposes.push((language, purpose.to_owned()));
        self
    }

    /// Tells this about the verifier too. Before the request object is handed out. A request by value leaves it out, because
    /// it has to fit a QR code.
    #[must_use]
    pub fn telling(mut self, about: &About) -> Self {
        self.about.clone_from(about);
        self
    }

    /// Names the request: 128 random bits in hexadecimal. It is in the link, so that knowing it proves nothing.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is asked.
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// When it runs out.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// Whether it has run out.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now > self.expires
    }

    /// Whether it was answered.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// Where the wallet fetches the request object.
    pub fn request_uri(&self) -> &Url {
        &self.request_uri
    }

    /// Where the wallet answers.
    pub fn response_uri(&self) -> &Url {
        &self.response_uri
    }

    /// The link, for a button and for a QR code (OpenID4VP 1.0, 5.10).
    pub fn link(&self) -> String {
        let client_id = percent_encoded(self.identity.client_id().as_str());
        format!("openid4vp://?client_id={client_id}&request_uri={}", percent_encoded(self.request_uri.as_str()))
    }

    /// Hands the signed request object out. `wallet_nonce` is the one of a POST. A wallet may fetch it more than once, for
    /// instance when a reply was lost, until the request is answered or has run out; whoever fetches it gets the same
    /// request, and the first answer is the only one.
    ///
    /// # Errors
    /// [`FetchError`].
    pub fn request_object(&self, wallet_nonce: Option<&str>, now: Timestamp) -> Result<String, FetchError> {
        if self.handed_over {
            return Err(FetchError::HandedOver);
        }
        if self.answered || self.is_expired(now) {
            return Err(FetchError::Expired);
        }
        if wallet_nonce.is_some_and(|nonce| nonce.is_empty() || nonce.len() > MAX_WALLET_NONCE || !is_url_safe(nonce)) {
            return Err(FetchError::WalletNonce);
        }
        let object = RequestObject {
            client_id: self.identity.client_id(),
            response_uri: (self.ask.response_mode != ResponseMode::Frames).then_some(&self.response_uri),
            response_mode: self.ask.response_mode,
            nonce: &self.nonce,
            state: &self.state,
            query: &self.ask.query,
            client_metadata: &self.client_metadata(),
            purpose: self.ask.purpose.as_deref(),
            retention: self.ask.retention.as_deref(),
            wallet_nonce,
            issued: now,
            expires: self.expires,
        };
        let mut claims = object.to_claims();
        if let Some(claims) = claims.as_object_mut().filter(|_| !self.transactions.is_empty()) {
            let entries: Vec<&str> = self.transactions.iter().map(TransactionData::as_str).collect();
            claims.insert("transaction_data".to_owned(), json!(entries));
        }
        if let Some(claims) = claims.as_object_mut() {
            claims.extend(self.purposes.iter().map(|(language, text)| (purpose_member(*language), json!(text))));
        }
        Ok(self.identity.sign(&claims)?)
    }

    /// The link with the whole signed request in it (OpenID4VP 1.0, 5; RFC 9101, 5.1), for a room without a network.
    /// There is one such link, so that nobody else can fetch the request any more.
    ///
    /// # Errors
    /// As [`Self::request_object`].
    pub fn link_by_value(&mut self, now: Timestamp) -> Result<String, FetchError> {
        let jwt = self.request_object(None, now)?;
        self.handed_over = true;
        let client_id = percent_encoded(self.identity.client_id().as_str());
        Ok(format!("openid4vp://?client_id={client_id}&request={jwt}"))
    }

    fn client_metadata(&self) -> Value {
        let mut metadata = json!({
            "client_name": self.identity.name(),
            "vp_formats_supported": {
                "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"], "kb-jwt_alg_values": ["ES256"]},
                "vc+sd-jwt": {"sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"], "kb-jwt_alg_values": ["ES256"]},
                "vc+jwt": {"alg_values": ["ES256", "ES384", "EdDSA", "RS256"]},
                "jwt_vc_json": {"alg_values": ["ES256", "ES384", "EdDSA", "RS256"]},
                "ldp_vc": {
                    "proof_type_values": ["DataIntegrityProof"],
                    "cryptosuite_values":
                        ["eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-sd-2023", "eddsa-jcs-2022", "ecdsa-jcs-2019"],
                },
            },
        });
        // What is not asked for needs no format, and a request by value has to fit a QR code.
        if self.ask.response_mode == ResponseMode::Frames
            && let Some(formats) = metadata.get_mut("vp_formats_supported").and_then(Value::as_object_mut)
        {
            let asked: Vec<&str> = self.ask.query.as_json()["credentials"]
                .as_array()
                .map(|credentials| credentials.iter().filter_map(|one| one["format"].as_str()).collect())
                .unwrap_or_default();
            formats.retain(|format, _| asked.contains(&format.as_str()));
        }
        if self.ask.response_mode != ResponseMode::Frames
            && let Some(members) = metadata.as_object_mut()
        {
            members.extend(self.about.members());
        }
        if self.ask.response_mode.is_encrypted()
            && let Some(members) = metadata.as_object_mut()
        {
            members.insert("jwks".to_owned(), json!({"keys": [self.key.public_jwk(&self.id)]}));
            members.insert("encrypted_response_enc_values_supported".to_owned(), json!(["A128GCM", "A256GCM"]));
        }
        metadata
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending")
            .field("id", &self.id)
            .field("expires", &self.expires)
            .field("handed_over", &self.handed_over)
            .field("answered", &self.answered)
            .finish_non_exhaustive()
    }
}

/// 128 random bits in hexadecimal.
fn random(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_url_safe(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

/// Everything but unreserved characters (RFC 3986, 2.3) as `%XX`.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if is_url_safe(char::from(b).encode_utf8(&mut [0; 4])) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}
