//! Presentations as a JWT: of the data model 2.0 the payload itself (VC-JOSE-COSE, section 3.1.2), of the data model 1.1 the
//! claim `vp` (VCDM 1.1, section 6.3.1). Each holds exactly one credential here, and that is never a presentation again.

use serde_json::{Map, Value};

use super::{
    Body, ReadError,
    detect::{Reading, has_type, is_other_token, within_presentation},
};
use crate::jose::Jws;

/// The type of an object that carries a secured credential in its `id` (VCDM 2.0, section 4.13).
pub(super) const ENVELOPED: &str = "EnvelopedVerifiableCredential";

/// Which data model a token follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataModel {
    /// 1.1: the credential or presentation lies in the claim `vc` or `vp`.
    V1,
    /// 2.0: the payload is the credential or presentation.
    V2,
}

/// A presentation that is a JWT. Its signature was not looked at yet.
#[derive(Debug, Clone)]
pub(crate) struct JwtPresentation {
    /// The token.
    pub(crate) jws: Jws,
    /// Its whole payload.
    pub(crate) claims: Map<String, Value>,
    /// Which data model it follows.
    pub(crate) model: DataModel,
}

impl JwtPresentation {
    /// The presentation itself: the payload, or what `vp` holds.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        match self.model {
            DataModel::V2 => self.claims.get(name),
            DataModel::V1 => self.claims.get("vp")?.get(name),
        }
    }
}

/// Whether a payload is a presentation, by its shape alone.
pub(super) fn is_one(claims: &Map<String, Value>) -> bool {
    claims.contains_key("vp") || types(claims).any(|kind| kind == "VerifiablePresentation")
}

/// Takes a presentation and the one credential in it apart.
///
/// # Errors
/// When it is a token of another kind, mixes the models, or holds anything but one credential.
pub(super) fn read(jws: Jws, claims: Map<String, Value>) -> Result<Reading, ReadError> {
    let typ = jws.typ().unwrap_or("JWT");
    let is_credential = ["vc+jwt", "vc-ld+jwt", "vc+ld+jwt"].iter().any(|vc| typ.eq_ignore_ascii_case(vc));
    if is_other_token(&jws) || is_credential {
        return Err(ReadError::OtherToken);
    }
    let is_2 = types(&claims).any(|kind| kind == "VerifiablePresentation");
    let model = match claims.get("vp") {
        None => DataModel::V2,
        Some(vp) if !is_2 && has_type(vp, "VerifiablePresentation") => DataModel::V1,
        Some(_) if is_2 => return Err(ReadError::MixedModels),
        Some(_) => return Err(ReadError::NotACredential),
    };
    if claims.contains_key("vc") || (model == DataModel::V1 && typ.eq_ignore_ascii_case("vp+jwt")) {
        return Err(ReadError::MixedModels);
    }
    let presentation = JwtPresentation { jws, claims, model };
    let body = match (only(presentation.member("verifiableCredential"))?, model) {
        // VCDM 1.1 puts the token there as a text, VCDM 2.0 as an object around it (section 4.13).
        (Value::String(token), DataModel::V1) => within_presentation(token)?,
        (document @ Value::Object(_), DataModel::V2) if has_type(document, ENVELOPED) => open_envelope(document)?,
        (document @ Value::Object(_), _) if has_type(document, "VerifiableCredential") => {
            Body::DataIntegrity { credential: document.clone(), presentation: None }
        }
        _ => return Err(ReadError::PresentationContent),
    };
    Ok(Reading { body, presentation: Some(presentation) })
}

/// The credential in the `data:` URL of an envelope. The media type says which kind it must be; nothing else that stands in
/// the envelope counts, because nobody signed it (security.md B13).
///
/// # Errors
/// When the `id` is no `data:` URL of a signed credential, or the credential is refused.
pub(super) fn open_envelope(envelope: &Value) -> Result<Body, ReadError> {
    let id = envelope.get("id").and_then(Value::as_str).unwrap_or_default();
    let (media_type, token) =
        id.strip_prefix("data:").and_then(|rest| rest.split_once(',')).ok_or(ReadError::PresentationContent)?;
    match (within_presentation(token)?, media_type.to_ascii_lowercase().as_str()) {
        (body @ Body::Jwt { model: DataModel::V2, .. }, "application/vc+jwt")
        | (body @ Body::W3cSdJwt(_), "application/vc+sd-jwt") => Ok(body),
        _ => Err(ReadError::PresentationContent),
    }
}

/// The one element, written alone or as a list of one.
fn only(credentials: Option<&Value>) -> Result<&Value, ReadError> {
    match credentials {
        Some(Value::Array(list)) if list.len() == 1 => Ok(&list[0]),
        Some(one @ (Value::Object(_) | Value::String(_))) => Ok(one),
        _ => Err(ReadError::PresentationContent),
    }
}

fn types(claims: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let kinds = claims.get("type").or_else(|| claims.get("@type"));
    let list = kinds.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    kinds.and_then(Value::as_str).into_iter().chain(list.iter().filter_map(Value::as_str))
}
