//! Which format it is.

use leerpas_core::limits;
use serde_json::{Map, Value};

use super::{Body, ReadError};
use crate::{
    jose::{Jws, decode_base64url},
    json,
    sd_jwt::SdJwt,
    unbake::{unbake_png, unbake_svg},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The type of a European Digital Credential (application profile EDC of the European Learning Model 3).
const ELM_TYPE: &str = "EuropeanDigitalCredential";
/// Namespaces of the European Learning Model and of ELMO, the transcripts that it is often made from.
const ELM_NAMESPACES: [&str; 3] =
    ["http://data.europa.eu/snb", "http://data.europa.eu/europass", "emrex-eu/elmo-schemas"];

/// `typ` of tokens that are signed by the same keys and are no credentials (RFC 8725, section 3.11).
const OTHER_TOKENS: [&str; 9] = [
    "kb+jwt",
    "statuslist+jwt",
    "openid4vci-proof+jwt",
    "oauth-authz-req+jwt",
    "dpop+jwt",
    "at+jwt",
    "key-attestation+jwt",
    "verifier-attestation+jwt",
    "vp+jwt",
];

pub(super) fn body(bytes: &[u8]) -> Result<Body, ReadError> {
    if bytes.starts_with(PNG) {
        return picture(bytes, unbake_png);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NotACredential)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') {
        return match text {
            _ if text.contains("<svg") => picture(bytes, unbake_svg),
            _ if is_elm_xml(text) => Err(ReadError::ElmXml),
            _ => Err(ReadError::NotACredential),
        };
    }
    self::text(text)
}

fn picture(
    bytes: &[u8],
    unbake: impl Fn(&[u8]) -> Result<Vec<u8>, crate::unbake::UnbakeError>,
) -> Result<Body, ReadError> {
    if bytes.len() > limits::BADGE_IMAGE {
        return Err(ReadError::TooLarge);
    }
    let inside = unbake(bytes)?;
    self::text(std::str::from_utf8(&inside).map_err(|_| ReadError::NotACredential)?.trim())
}

fn text(text: &str) -> Result<Body, ReadError> {
    if text.len() > limits::CREDENTIAL {
        return Err(ReadError::TooLarge);
    }
    if text.starts_with('{') {
        return json_document(json::parse(text.as_bytes())?);
    }
    let token_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | '=');
    if text.is_empty() || !text.contains('.') || !text.chars().all(token_sign) {
        return Err(ReadError::NotACredential);
    }
    if text.contains('~') { sd_jwt(text) } else { jwt(text) }
}

fn sd_jwt(text: &str) -> Result<Body, ReadError> {
    let sd_jwt = SdJwt::parse(text)?;
    if is_other_token(sd_jwt.jws()) {
        return Err(ReadError::OtherToken);
    }
    Ok(Body::SdJwt(Box::new(sd_jwt)))
}

/// A JWS is a W3C credential (VC-JOSE-COSE; Open Badges 3.0, section 8.2; VCDM 1.1 with `vc`) or an Open Badges 2.0
/// assertion.
fn jwt(text: &str) -> Result<Body, ReadError> {
    let jws = Jws::parse(text)?;
    if is_other_token(&jws) {
        return Err(ReadError::OtherToken);
    }
    let claims = Value::Object(jws.claims()?);
    if is_open_badge_2(&claims) {
        return Ok(Body::OpenBadge2 { assertion: claims, jws: Some(jws) });
    }
    // VCDM 1.1 puts the credential into `vc`; VCDM 2.0 forbids that member. So route by shape.
    let credential = match claims.get("vc") {
        Some(inner @ Value::Object(_)) => inner.clone(),
        Some(_) => return Err(ReadError::NotACredential),
        None => claims,
    };
    if !has_type(&credential, "VerifiableCredential") {
        return Err(ReadError::OtherToken);
    }
    Ok(Body::Jwt { jws, credential })
}

fn json_document(document: Value) -> Result<Body, ReadError> {
    if let Some(credential) = sealed(&document)? {
        return Ok(Body::Elm { credential, sealed: true });
    }
    if has_type(&document, "VerifiablePresentation") {
        let credential = only_credential(&document)?;
        return Ok(Body::DataIntegrity { credential, presentation: Some(document) });
    }
    if has_type(&document, ELM_TYPE) {
        return Ok(Body::Elm { credential: document, sealed: false });
    }
    if has_type(&document, "VerifiableCredential") {
        return Ok(Body::DataIntegrity { credential: document, presentation: None });
    }
    if is_open_badge_2(&document) {
        return Ok(Body::OpenBadge2 { assertion: document, jws: None });
    }
    Err(ReadError::NotACredential)
}

/// The European Digital Credential within the JSON form of a JWS (RFC 7515, 7.2), which is that of a JAdES seal (ETSI
/// TS 119 182-1); its payload stands there as text or as base64url. The seal itself is for the verification.
fn sealed(document: &Value) -> Result<Option<Value>, ReadError> {
    let is_jws = document.get("signatures").is_some_and(Value::is_array) || document.get("signature").is_some();
    let Some(payload) = document.get("payload").and_then(Value::as_str).filter(|_| is_jws) else { return Ok(None) };
    let decoded;
    let text = if payload.trim_start().starts_with('{') {
        payload.as_bytes()
    } else {
        decoded = decode_base64url(payload)?;
        &decoded
    };
    let credential = json::parse(text)?;
    Ok(has_type(&credential, ELM_TYPE).then_some(credential))
}

fn is_elm_xml(text: &str) -> bool {
    // The namespace stands in the first tag; the search is bounded for a text that is long and something else.
    let end = text.char_indices().nth(8_192).map_or(text.len(), |(end, _)| end);
    ELM_NAMESPACES.iter().any(|namespace| text[..end].contains(namespace))
}

/// The one credential of a presentation; a presentation within a presentation is refused with it.
fn only_credential(presentation: &Value) -> Result<Value, ReadError> {
    let credential = match presentation.get("verifiableCredential") {
        Some(Value::Array(credentials)) if credentials.len() == 1 => &credentials[0],
        Some(credential @ Value::Object(_)) => credential,
        _ => return Err(ReadError::PresentationContent),
    };
    if !has_type(credential, "VerifiableCredential") {
        return Err(ReadError::PresentationContent);
    }
    Ok(credential.clone())
}

fn is_open_badge_2(document: &Value) -> bool {
    has_type(document, "Assertion")
        && document.get("recipient").is_some_and(Value::is_object)
        && document.get("badge").is_some()
}

fn is_other_token(jws: &Jws) -> bool {
    jws.typ().is_some_and(|typ| OTHER_TOKENS.iter().any(|other| typ.eq_ignore_ascii_case(other)))
}

fn has_type(document: &Value, wanted: &str) -> bool {
    let types = |members: &Map<String, Value>| match members.get("type").or_else(|| members.get("@type")) {
        Some(Value::String(one)) => one == wanted,
        Some(Value::Array(many)) => many.iter().any(|one| one == wanted),
        _ => false,
    };
    document.as_object().is_some_and(types)
}
