//! Reading a credential: what it is, is decided by what it contains.
//!
//! An [`Unverified`] credential can be looked at and nothing more; only [`crate::verify`] makes a
//! [`Verified`](crate::verify::Verified) of it.

pub(crate) mod claims;
mod detect;

use leerpas_core::{CardFacts, ErrorKind, Format};
use serde_json::Value;
use thiserror::Error;

use crate::{
    badge, facts,
    jose::{JoseError, Jws},
    json::JsonError,
    jsonld,
    sd_jwt::{PathElement, SdJwt, SdJwtError},
    trust::TrustList,
    unbake::UnbakeError,
    x509::Chain,
};

/// Why something could not be read as a credential. Never holds a claim.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// None of the formats.
    #[error("this is no credential")]
    NotACredential,
    /// Over [`leerpas_core::limits::CREDENTIAL`], or over [`leerpas_core::limits::BADGE_IMAGE`] for a picture.
    #[error("the credential is too large")]
    TooLarge,
    /// No unambiguous JSON.
    #[error("the credential: {0}")]
    Json(#[from] JsonError),
    /// A token that is refused.
    #[error("the credential: {0}")]
    Jose(#[from] JoseError),
    /// An SD-JWT that breaks a rule of RFC 9901.
    #[error("the credential: {0}")]
    SdJwt(#[from] SdJwtError),
    /// A picture without a badge, or with a damaged one.
    #[error("the picture: {0}")]
    Picture(#[from] UnbakeError),
    /// A presentation with no credential or with several; each is presented on its own here.
    #[error("the presentation does not hold exactly one credential")]
    PresentationContent,
    /// A token of another kind, such as a status list or a key binding.
    #[error("this is a token of another kind than a credential")]
    OtherToken,
}

impl ReadError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotACredential | Self::OtherToken => ErrorKind::NotRecognised,
            Self::TooLarge => ErrorKind::InputTooLarge,
            Self::Jose(error) => error.kind(),
            Self::SdJwt(error) => error.kind(),
            Self::Picture(error) => error.kind(),
            Self::Json(_) | Self::PresentationContent => ErrorKind::CredentialUnreadable,
        }
    }
}

/// What was read, in the form that its verification needs.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// SD-JWT VC, with or without key binding.
    SdJwt(Box<SdJwt>),
    /// W3C credential with Data Integrity proof; `presentation` is the document around it, if one came along.
    DataIntegrity { credential: Value, presentation: Option<Value> },
    /// Credential as a compact JWS.
    Jwt { jws: Jws, credential: Value },
    /// Open Badges 2.0, hosted (no signature) or signed.
    OpenBadge2 { assertion: Value, jws: Option<Jws> },
}

/// A credential of which nothing is proved.
#[derive(Debug, Clone)]
pub struct Unverified {
    original: Vec<u8>,
    body: Body,
}

/// Reads a credential or a presentation of one. Surrounding white space of a text is ignored.
///
/// # Errors
/// When the bytes are none of the formats, or break a rule of the one that they are.
pub fn read(bytes: &[u8]) -> Result<Unverified, ReadError> {
    Ok(Unverified { original: bytes.to_vec(), body: detect::body(bytes)? })
}

impl Unverified {
    /// The format that the content has.
    pub fn format(&self) -> Format {
        match &self.body {
            Body::SdJwt(_) => Format::SdJwtVc,
            Body::DataIntegrity { .. } => Format::DataIntegrity,
            Body::Jwt { .. } => Format::JwtVc,
            Body::OpenBadge2 { .. } => Format::OpenBadge2,
        }
    }

    /// The bytes that were read, as they came: a picture stays a picture.
    pub fn original(&self) -> &[u8] {
        &self.original
    }

    /// The claims: processed for SD-JWT, the whole credential for the others.
    pub fn claims(&self) -> &Value {
        match &self.body {
            Body::SdJwt(sd_jwt) => sd_jwt.claims(),
            Body::DataIntegrity { credential, .. } | Body::Jwt { credential, .. } => credential,
            Body::OpenBadge2 { assertion, .. } => assertion,
        }
    }

    /// Whether it came as a presentation: with a key binding, or within a W3C presentation.
    pub fn is_presentation(&self) -> bool {
        match &self.body {
            Body::SdJwt(sd_jwt) => sd_jwt.key_binding().is_some(),
            Body::DataIntegrity { presentation, .. } => presentation.is_some(),
            Body::Jwt { .. } | Body::OpenBadge2 { .. } => false,
        }
    }

    /// What a card shows of it. Everything in it is only claimed so far.
    pub fn facts(&self, trust: &TrustList) -> CardFacts {
        let mut facts = facts::facts_of(self.format(), self.claims(), trust);
        if facts.picture.is_none() {
            // The picture that a badge is baked into is its picture (Open Badges 3.0, 5.3).
            facts.picture = badge::picture_of_bytes(&self.original, None);
        }
        facts
    }

    /// Whether this claim can be shown or kept back alone.
    pub fn selectable(&self, path: &[PathElement]) -> bool {
        matches!(&self.body, Body::SdJwt(sd_jwt) if sd_jwt.selectable(path))
    }

    /// The `vct`; or the type IRIs of a W3C credential, which are its plain type names where a context is unknown.
    pub fn types(&self) -> Vec<String> {
        let claims = self.claims();
        if let Body::SdJwt(_) = self.body {
            return claims::strings(claims.get("vct"));
        }
        jsonld::type_iris(claims)
            .ok()
            .filter(|types| !types.is_empty())
            .unwrap_or_else(|| claims::strings(claims.get("type").or_else(|| claims.get("@type"))))
    }

    /// The issuer identifier that it names: `iss`, or the id of `issuer`.
    pub fn issuer(&self) -> Option<&str> {
        claims::issuer(&self.body)
    }

    /// The thumbprint of the key in `cnf.jwk`, if there is one that can be read.
    pub fn holder_key_thumbprint(&self) -> Option<String> {
        claims::confirmation_key(self.claims()).map(|key| key.thumbprint())
    }

    /// The identifiers of the subjects, without those that name none; empty for an SD-JWT without `sub`.
    pub fn holder_ids(&self) -> Vec<String> {
        claims::subject_ids(&self.body)
    }

    /// The KeyIdentifiers of the authorities behind its certificates, by which a verifier may ask for it (OpenID4VP 1.0,
    /// 6.1.1.1). Empty where it carries no certificates.
    pub fn authority_key_identifiers(&self) -> Vec<Vec<u8>> {
        let jws = match &self.body {
            Body::SdJwt(sd_jwt) => sd_jwt.jws(),
            Body::Jwt { jws, .. } => jws,
            _ => return Vec::new(),
        };
        let chain = jws.header.get("x5c").and_then(|x5c| Chain::from_x5c(x5c).ok());
        chain.map(|chain| chain.authority_key_identifiers()).unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &Body {
        &self.body
    }
}

#[cfg(test)]
mod tests;
