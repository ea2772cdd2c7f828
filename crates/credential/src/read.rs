//! Reading a credential: what it is, is decided by what it contains.
//!
//! An [`Unverified`] credential can be looked at and nothing more; only [`crate::verify`] makes a
//! [`Verified`](crate::verify::Verified) of it.

pub(crate) mod claims;
mod detect;
mod elm_xml;
pub(crate) mod jwt;
mod presentation;

use std::sync::{Arc, OnceLock};

use leerpas_core::{CardFacts, ErrorKind, Format};
use serde_json::{Map, Value};
use thiserror::Error;

pub(crate) use presentation::{DataModel, JwtPresentation};

use crate::{
    badge,
    data_integrity::{
        ProofError,
        sd::{Choice, Pointer},
    },
    facts,
    jose::{JoseError, Jws},
    json::JsonError,
    jsonld,
    sd_jwt::{ClaimPath, ConfirmedHashes, PathElement, SdJwt, SdJwtError},
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
    /// XML of the European Learning Model or of ELMO that is no European Digital Credential, such as a transcript before
    /// it was made one.
    #[error("of the XML of Europass and ELMO only European Digital Credentials are read")]
    ElmXml,
    /// A European Digital Credential in XML that is damaged, or holds what is refused everywhere, such as definitions.
    #[error("the XML: {0}")]
    Xml(&'static str),
    /// A token of another kind, such as a status list or a key binding.
    #[error("this is a token of another kind than a credential")]
    OtherToken,
    /// A JWS or SD-JWT in its JSON form (RFC 7515, section 7.2; RFC 9901, section 8). Only the compact form is read: the
    /// other has unprotected headers and several signatures, and no wallet or issuer protocol of ours sends it.
    #[error("the JSON form of a JWS or SD-JWT is not read")]
    JsonSerialization,
    /// A token with the claims of two data models at once, of which readers would see different ones (VC-JOSE-COSE,
    /// section 3.1.1: no `vc` and no `vp` beside a credential of the data model 2.0).
    #[error("the token mixes the data models 1.1 and 2.0")]
    MixedModels,
}

impl ReadError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotACredential | Self::OtherToken => ErrorKind::NotRecognised,
            Self::TooLarge => ErrorKind::InputTooLarge,
            Self::ElmXml => ErrorKind::CredentialUnsupported,
            Self::Jose(error) => error.kind(),
            Self::SdJwt(error) => error.kind(),
            Self::Picture(error) => error.kind(),
            Self::Json(_) | Self::Xml(_) | Self::PresentationContent | Self::JsonSerialization | Self::MixedModels => {
                ErrorKind::CredentialUnreadable
            }
        }
    }
}

/// What was read, in the form that its verification needs.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// SD-JWT VC, with or without key binding.
    SdJwt(Box<SdJwt>),
    /// W3C credential of the data model 2.0 as an SD-JWT, with or without key binding.
    W3cSdJwt(Box<SdJwt>),
    /// W3C credential with Data Integrity proof; `presentation` is the document around it, if one came along.
    DataIntegrity { credential: Value, presentation: Option<Value> },
    /// Credential as a compact JWS. `claims` is the whole payload; `credential` is the same, or for the data model 1.1
    /// what `vc` holds with what stands only beside it.
    Jwt { jws: Jws, claims: Map<String, Value>, credential: Value, model: DataModel },
    /// Open Badges 2.0, hosted (no signature) or signed.
    OpenBadge2 { assertion: Value, jws: Option<Jws> },
    /// European Digital Credential.
    Elm { credential: Value, form: ElmForm },
}

/// How a European Digital Credential came; its seal is for the verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ElmForm {
    /// JSON-LD, perhaps with a W3C proof.
    JsonLd,
    /// JSON-LD inside the JSON form of a JAdES seal (ETSI TS 119 182-1).
    Jades,
    /// XML without a seal.
    Xml,
    /// XML with a XAdES seal in it (ETSI EN 319 132-1).
    Xades,
}

/// A credential of which nothing is proved.
#[derive(Debug, Clone)]
pub struct Unverified {
    original: Arc<[u8]>,
    body: Arc<Body>,
    presentation: Option<Arc<JwtPresentation>>,
    /// Worked out when it is first asked for.
    choice: Arc<OnceLock<Option<Choice>>>,
}

/// Reads a credential or a presentation of one. Surrounding white space of a text is ignored.
///
/// # Errors
/// When the bytes are none of the formats, or break a rule of the one that they are.
pub fn read(bytes: &[u8]) -> Result<Unverified, ReadError> {
    let detect::Reading { body, presentation } = detect::reading(bytes)?;
    Ok(Unverified {
        original: bytes.into(),
        body: Arc::new(body),
        presentation: presentation.map(Arc::new),
        choice: Arc::default(),
    })
}

impl Unverified {
    /// The format that the content has.
    pub fn format(&self) -> Format {
        match &*self.body {
            Body::SdJwt(_) => Format::SdJwtVc,
            Body::W3cSdJwt(_) => Format::W3cSdJwt,
            Body::DataIntegrity { .. } => Format::DataIntegrity,
            Body::Jwt { model: DataModel::V2, .. } => Format::JwtVc,
            Body::Jwt { model: DataModel::V1, .. } => Format::JwtVc11,
            Body::OpenBadge2 { .. } => Format::OpenBadge2,
            Body::Elm { .. } => Format::Elm,
        }
    }

    /// The bytes that were read, as they came: a picture stays a picture.
    pub fn original(&self) -> &[u8] {
        &self.original
    }

    /// The claims: processed for SD-JWT, the whole credential for the others.
    pub fn claims(&self) -> &Value {
        match &*self.body {
            Body::SdJwt(sd_jwt) | Body::W3cSdJwt(sd_jwt) => sd_jwt.claims(),
            Body::DataIntegrity { credential, .. } | Body::Jwt { credential, .. } | Body::Elm { credential, .. } => {
                credential
            }
            Body::OpenBadge2 { assertion, .. } => assertion,
        }
    }

    /// Whether it came as a presentation: with a key binding, or within a W3C presentation.
    pub fn is_presentation(&self) -> bool {
        let on_its_own = match &*self.body {
            Body::SdJwt(sd_jwt) | Body::W3cSdJwt(sd_jwt) => sd_jwt.key_binding().is_some(),
            Body::DataIntegrity { presentation, .. } => presentation.is_some(),
            Body::Jwt { .. } | Body::OpenBadge2 { .. } | Body::Elm { .. } => false,
        };
        on_its_own || self.presentation.is_some()
    }

    /// What a card shows of it. Everything in it is only claimed so far.
    pub fn facts(&self, trust: &TrustList) -> CardFacts {
        self.facts_from(self.claims(), trust)
    }

    /// The same of claims that were put together from this credential and what it refers to.
    pub(crate) fn facts_from(&self, claims: &Value, trust: &TrustList) -> CardFacts {
        let mut facts = facts::facts_of(self.format(), claims, trust);
        if facts.picture.is_none() {
            // The picture that a badge is baked into is its picture (Open Badges 3.0, 5.3).
            facts.picture = badge::picture_of_bytes(&self.original, None);
        }
        facts
    }

    /// The address at which a hosted badge stands, where that address is all that came (Open Badges 2.0): nothing else is
    /// known of it until somebody agrees to fetch it.
    pub fn only_an_address(&self) -> Option<&str> {
        match &*self.body {
            Body::OpenBadge2 { assertion, jws: None } if assertion.get("badge").is_none() => {
                let is_withdrawn = assertion.get("revoked").is_some();
                assertion.get("id").and_then(Value::as_str).filter(|_| !is_withdrawn)
            }
            _ => None,
        }
    }

    /// Whether it came inside a PNG and brings no picture of its own, so that this PNG is what a card shows.
    pub(crate) fn is_baked_png(&self) -> bool {
        self.original.starts_with(detect::PNG)
            && facts::facts_of(self.format(), self.claims(), &TrustList::empty()).picture.is_none()
    }

    /// Whether this claim can be shown or kept back alone.
    pub fn selectable(&self, path: &[PathElement]) -> bool {
        match &*self.body {
            Body::SdJwt(sd_jwt) | Body::W3cSdJwt(sd_jwt) => sd_jwt.selectable(path),
            _ => self.choice().is_some_and(|choice| choice.selectable(&pointer(path))),
        }
    }

    /// Whether a part of it can be shown at all: an SD-JWT, or a W3C credential with a base proof of `ecdsa-sd-2023`.
    pub fn is_selective(&self) -> bool {
        self.format().is_sd_jwt() || self.choice().is_some()
    }

    /// The part of a W3C credential that has these claims, and what cannot be left out, under a proof derived from its
    /// base proof.
    ///
    /// # Errors
    /// When it has no base proof, or a path leads nowhere.
    pub fn part(&self, paths: &[ClaimPath]) -> Result<Value, ProofError> {
        let choice = self.choice().ok_or(ProofError::Derivation)?;
        let places: Vec<Pointer> = paths.iter().map(|path| pointer(path)).collect();
        choice.part(self.claims(), &places)
    }

    fn choice(&self) -> Option<&Choice> {
        let Body::DataIntegrity { credential, .. } = &*self.body else { return None };
        self.choice.get_or_init(|| Choice::of(credential)).as_ref()
    }

    /// The credential itself as one word, where it is a JWS: taken out of the picture or envelope that it came in.
    pub fn token(&self) -> Option<String> {
        match &*self.body {
            Body::Jwt { jws, .. } | Body::OpenBadge2 { jws: Some(jws), .. } => Some(jws.compact()),
            _ => None,
        }
    }

    /// Hashes of what the holder confirmed along with a presentation, as its key binding has them; `None` where it has
    /// none. As little proved as the key binding itself.
    pub fn confirmed_hashes(&self) -> Option<ConfirmedHashes> {
        match &*self.body {
            Body::SdJwt(sd_jwt) | Body::W3cSdJwt(sd_jwt) => ConfirmedHashes::of(sd_jwt.key_binding()?),
            _ => None,
        }
    }

    /// The `vct`; or the type IRIs of a W3C credential, which are its plain type names where a context is unknown.
    pub fn types(&self) -> Vec<String> {
        let claims = self.claims();
        if let Body::SdJwt(_) = *self.body {
            return claims::strings(claims.get("vct"));
        }
        let plain = claims::strings(claims.get("type").or_else(|| claims.get("@type")));
        match jsonld::type_iris(claims) {
            // `jwt_vc_json` is used without JSON-LD too, and then asked for by the plain names (OpenID4VP 1.0, B.1.1).
            Ok(mut types) if !types.is_empty() && self.format() == Format::JwtVc11 => {
                types.extend(plain.into_iter().filter(|name| !name.contains(':')));
                types
            }
            Ok(types) if !types.is_empty() => types,
            _ => plain,
        }
    }

    /// The issuer identifier that it names: `iss`, or the id of `issuer`.
    pub fn issuer(&self) -> Option<&str> {
        claims::issuer(&self.body)
    }

    /// The identifier that its issuer gave to a W3C credential.
    pub fn identifier(&self) -> Option<&str> {
        facts::identifier(self.format(), self.claims())
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
        let jws = match &*self.body {
            Body::SdJwt(sd_jwt) | Body::W3cSdJwt(sd_jwt) => sd_jwt.jws(),
            Body::Jwt { jws, .. } => jws,
            _ => return Vec::new(),
        };
        let chain = jws.header.get("x5c").and_then(|x5c| Chain::from_x5c(x5c).ok());
        chain.map(|chain| chain.authority_key_identifiers()).unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &Body {
        &self.body
    }

    /// The presentation around it, if it came in one that is a JWT.
    pub(crate) fn jwt_presentation(&self) -> Option<&JwtPresentation> {
        self.presentation.as_deref()
    }
}

fn pointer(path: &[PathElement]) -> Pointer {
    Pointer::of(path.iter().map(ToString::to_string))
}

#[cfg(test)]
mod tests;
