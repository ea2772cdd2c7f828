//! One request to the outside, as a value. Rooms above make it, `net` carries it out.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::ErrorKind;

/// Why a request is made: the word in the request log, and the key to its size cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Fetch an offer that came by reference.
    Offer,
    /// Read the metadata of an issuer or an authorization server.
    Metadata,
    /// Ask for a sign-in, before the browser is sent there (RFC 9126).
    Authorization,
    /// Get an access token.
    Token,
    /// Get a fresh nonce for a key proof.
    Nonce,
    /// Get credentials.
    Credential,
    /// Fetch a request object.
    RequestObject,
    /// Deliver a presentation, or the word that there will be none.
    Response,
    /// Tell a requester in one word that its request cannot be answered, whatever anybody holds.
    Refusal,
    /// Read a DID document or the keys of an issuer.
    Keys,
    /// Read a status list.
    StatusList,
    /// Read a hosted badge, its badge class or its issuer (Open Badges 2.0).
    Badge,
    /// Read the type metadata of a credential, or a picture that it names with its hash.
    TypeMetadata,
}

impl Purpose {
    /// The word for the request log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Metadata => "metadata",
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::Nonce => "nonce",
            Self::Credential => "credential",
            Self::RequestObject => "request_object",
            Self::Response => "response",
            Self::Refusal => "refusal",
            Self::Keys => "keys",
            Self::StatusList => "status_list",
            Self::Badge => "badge",
            Self::TypeMetadata => "type_metadata",
        }
    }
}

/// GET or POST; nothing else is ever sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Deliver.
    Post,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// `application/x-www-form-urlencoded`, in this order.
    Form(Vec<(String, String)>),
    /// `application/json`.
    Json(serde_json::Value),
    /// `application/jwt`: a compact token, as it is.
    Jwt(String),
}

/// A header that only some requests have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// The languages that are welcome (RFC 9110, 12.5.4).
    AcceptLanguage,
    /// Who vouches for this program (Attestation-Based Client Authentication, draft 07, 6.1). Never logged.
    ClientAttestation,
    /// The proof that it is this program (6.1).
    ClientAttestationPop,
}

impl Header {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AcceptLanguage => "Accept-Language",
            Self::ClientAttestation => "OAuth-Client-Attestation",
            Self::ClientAttestationPop => "OAuth-Client-Attestation-PoP",
        }
    }
}

/// One request. Carried out at most once, without redirects. Its `Debug` shows where it goes and not what it
/// carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What it is for.
    pub purpose: Purpose,
    /// GET or POST.
    pub method: Method,
    /// Where to; `net` refuses all but https.
    pub url: Url,
    /// The media types that are welcome, as in an `Accept` header.
    pub accept: &'static str,
    /// The access token, if one is due. Never logged.
    pub bearer: Option<String>,
    /// Proof that the sender holds the key to which the token is bound (RFC 9449, 4); with it the token goes under the
    /// scheme `DPoP` instead of `Bearer`.
    pub dpop: Option<String>,
    /// Headers that only some requests have.
    pub headers: Vec<(Header, String)>,
    /// The body.
    pub body: Body,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("purpose", &self.purpose)
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}

impl Exchange {
    /// A GET.
    pub fn get(purpose: Purpose, url: Url, accept: &'static str) -> Self {
        let (headers, body) = (Vec::new(), Body::Empty);
        Self { purpose, method: Method::Get, url, accept, bearer: None, dpop: None, headers, body }
    }

    fn post(purpose: Purpose, url: Url, body: Body) -> Self {
        let (accept, headers) = ("application/json", Vec::new());
        Self { purpose, method: Method::Post, url, accept, bearer: None, dpop: None, headers, body }
    }

    /// A POST of a form.
    pub fn post_form(purpose: Purpose, url: Url, form: Vec<(String, String)>) -> Self {
        Self::post(purpose, url, Body::Form(form))
    }

    /// A POST of JSON.
    pub fn post_json(purpose: Purpose, url: Url, json: serde_json::Value) -> Self {
        Self::post(purpose, url, Body::Json(json))
    }

    /// A POST that carries nothing.
    pub fn post_nothing(purpose: Purpose, url: Url) -> Self {
        Self::post(purpose, url, Body::Empty)
    }

    /// A POST of a compact token, to which another one is welcome too.
    pub fn post_jwt(purpose: Purpose, url: Url, token: String) -> Self {
        Self { accept: "application/jwt, application/json", ..Self::post(purpose, url, Body::Jwt(token)) }
    }

    /// The same, with a header.
    #[must_use]
    pub fn with_header(mut self, header: Header, value: String) -> Self {
        self.headers.push((header, value));
        self
    }

    /// The same, with an access token.
    #[must_use]
    pub fn with_bearer(mut self, token: &str) -> Self {
        self.bearer = Some(token.to_owned());
        self
    }

    /// The same, with a proof of possession.
    #[must_use]
    pub fn with_dpop(mut self, proof: String) -> Self {
        self.dpop = Some(proof);
        self
    }
}

/// What came back. Any HTTP status is a reply: what it means is for the protocol to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status, 100 to 599. A redirect arrives as it is and is not followed.
    pub status: u16,
    /// The media type without parameters, in lower case.
    pub media_type: Option<String>,
    /// The body, already within the cap of its purpose.
    pub body: Vec<u8>,
    /// The nonce that the server wants in the next proof of possession: the header `DPoP-Nonce` (RFC 9449, 8).
    pub dpop_nonce: Option<String>,
    /// What the server wants in the next proof of an attested program: the header `OAuth-Client-Attestation-Challenge`
    /// (Attestation-Based Client Authentication, draft 07, 8.1).
    pub attestation_challenge: Option<String>,
}

impl Reply {
    /// A reply without any header but its media type.
    pub fn new(status: u16, media_type: Option<&str>, body: Vec<u8>) -> Self {
        let media_type = media_type.map(str::to_owned);
        Self { status, media_type, body, dpop_nonce: None, attestation_challenge: None }
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why no reply came.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The address is not https.
    #[error("{host}: only https addresses are used")]
    Insecure {
        /// The host that was asked for.
        host: String,
    },
    /// The address is one of this machine or of a private network, or carries a name and password.
    #[error("{host}: addresses of this kind are refused")]
    AddressRefused {
        /// The host that was asked for.
        host: String,
    },
    /// No connection, no such name, or a certificate that does not hold.
    #[error("{host} could not be reached: {reason}")]
    Unreachable {
        /// The host that was asked for.
        host: String,
        /// What the network said, without personal data.
        reason: String,
    },
    /// The request went out, then the connection broke: the other side may have it.
    #[error("{host} was sent the message and did not confirm it")]
    Interrupted {
        /// The host that was asked for.
        host: String,
    },
    /// Too slow.
    #[error("{host} took longer than {seconds} seconds")]
    TimedOut {
        /// The host that was asked for.
        host: String,
        /// The limit.
        seconds: u64,
        /// Whether the request may have arrived.
        sent: bool,
    },
    /// More bytes than the purpose allows.
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge {
        /// The host that was asked for.
        host: String,
        /// The cap in bytes.
        limit: usize,
    },
}

impl Fault {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Insecure { .. } => ErrorKind::InsecureAddress,
            Self::AddressRefused { .. } => ErrorKind::AddressRefused,
            Self::Unreachable { .. } | Self::Interrupted { .. } => ErrorKind::Unreachable,
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::TooLarge { .. } => ErrorKind::ReplyTooLarge,
        }
    }

    /// Whether the other side may have received what was sent.
    pub fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Interrupted { .. } | Self::TooLarge { .. } | Self::TimedOut { sent: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_in_a_log_shows_neither_token_nor_code_nor_body() {
        let url = Url::parse("https://issuer.example/token?code=geheim1").unwrap();
        let form = vec![("pre-authorized_code".to_owned(), "geheim2".to_owned())];
        let shown = format!("{:?}", Exchange::post_form(Purpose::Token, url, form).with_bearer("geheim3"));
        assert!(shown.contains("issuer.example") && !shown.contains("geheim"), "{shown}");
    }
}
