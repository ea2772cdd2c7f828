//! Which format it is.

use leerpas_core::{Url, limits};
use serde_json::{Map, Value, json};

use super::{Body, ElmForm, JwtPresentation, ReadError, elm_xml, jwt, presentation};
use crate::{
    jose::{Jws, decode_base64url},
    json,
    sd_jwt::SdJwt,
    unbake::{unbake_png, unbake_svg},
};

pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The type of a European Digital Credential (application profile EDC of the European Learning Model 3).
const ELM_TYPE: &str = "EuropeanDigitalCredential";
/// Namespaces of the European Learning Model and of ELMO, the transcripts that it is often made from.
const ELM_NAMESPACES: [&str; 3] =
    ["http://data.europa.eu/snb", "http://data.europa.eu/europass", "emrex-eu/elmo-schemas"];

/// `typ` of tokens that are signed by the same keys and are no credentials (RFC 8725, section 3.11).
const OTHER_TOKENS: [&str; 8] = [
    "kb+jwt",
    "statuslist+jwt",
    "openid4vci-proof+jwt",
    "oauth-authz-req+jwt",
    "dpop+jwt",
    "at+jwt",
    "key-attestation+jwt",
    "verifier-attestation+jwt",
];

/// What was found: a credential, and the JWT presentation around it if there was one.
pub(super) struct Reading {
    pub(super) body: Body,
    pub(super) presentation: Option<JwtPresentation>,
}

impl From<Body> for Reading {
    fn from(body: Body) -> Self {
        Self { body, presentation: None }
    }
}

pub(super) fn reading(bytes: &[u8]) -> Result<Reading, ReadError> {
    if bytes.starts_with(PNG) {
        return picture(bytes, unbake_png);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NotACredential)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') {
        return match text {
            _ if text.contains("<svg") => picture(bytes, unbake_svg),
            _ if is_elm_xml(text) => elm_document(text),
            _ => Err(ReadError::NotACredential),
        };
    }
    self::text(text)
}

fn picture(
    bytes: &[u8],
    unbake: impl Fn(&[u8]) -> Result<Vec<u8>, crate::unbake::UnbakeError>,
) -> Result<Reading, ReadError> {
    if bytes.len() > limits::BADGE_IMAGE {
        return Err(ReadError::TooLarge);
    }
    let inside = unbake(bytes)?;
    let inside = std::str::from_utf8(&inside).map_err(|_| ReadError::NotACredential)?.trim();
    match hosted_at(inside) {
        Some(assertion) => Ok(Body::OpenBadge2 { assertion, jws: None }.into()),
        None => self::text(inside),
    }
}

fn elm_document(text: &str) -> Result<Reading, ReadError> {
    if text.len() > limits::CREDENTIAL {
        return Err(ReadError::TooLarge);
    }
    let (credential, sealed) = elm_xml::read(text)?;
    let form = if sealed { ElmForm::Xades } else { ElmForm::Xml };
    Ok(Body::Elm { credential, form }.into())
}

fn text(text: &str) -> Result<Reading, ReadError> {
    if text.len() > limits::CREDENTIAL {
        return Err(ReadError::TooLarge);
    }
    if text.starts_with('{') {
        return json_document(json::parse(text.as_bytes())?);
    }
    if !is_token(text) {
        return Err(ReadError::NotACredential);
    }
    if text.contains('~') { sd_jwt(text).map(Reading::from) } else { jws(text) }
}

fn is_token(text: &str) -> bool {
    // A look-up, because this goes over every byte of every credential.
    const SIGNS: [bool; 256] = {
        let mut signs = [false; 256];
        let mut byte = 0_usize;
        while byte < 256 {
            let b = byte as u8;
            signs[byte] = b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~' | b'=');
            byte += 1;
        }
        signs
    };
    text.contains('.') && text.bytes().fold(true, |all, byte| all & SIGNS[usize::from(byte)])
}

/// An SD-JWT is an SD-JWT VC if it has a `vct`, and without one a W3C credential (VC-JOSE-COSE, section 3.2.1) if its type
/// says so. Both were called `vc+sd-jwt` at some time.
fn sd_jwt(text: &str) -> Result<Body, ReadError> {
    let sd_jwt = SdJwt::parse(text)?;
    if is_other_token(sd_jwt.jws()) || is_presentation_token(sd_jwt.jws()) {
        return Err(ReadError::OtherToken);
    }
    let claims = sd_jwt.claims();
    let is_w3c =
        claims.get("vct").is_none() && claims.get("@context").is_some() && has_type(claims, "VerifiableCredential");
    if !is_w3c {
        return Ok(Body::SdJwt(Box::new(sd_jwt)));
    }
    if claims.get("vc").is_some() || claims.get("vp").is_some() {
        return Err(ReadError::MixedModels);
    }
    Ok(Body::W3cSdJwt(Box::new(sd_jwt)))
}

/// A JWS is a W3C credential or presentation (VC-JOSE-COSE; Open Badges 3.0, section 8.2; VCDM 1.1 with `vc` or `vp`) or an
/// Open Badges 2.0 assertion.
fn jws(text: &str) -> Result<Reading, ReadError> {
    let jws = Jws::parse(text)?;
    let claims = jws.claims()?;
    if presentation::is_one(&claims) {
        return presentation::read(jws, claims);
    }
    jwt_credential(jws, claims).map(Reading::from)
}

fn jwt_credential(jws: Jws, claims: Map<String, Value>) -> Result<Body, ReadError> {
    if is_other_token(&jws) || is_presentation_token(&jws) {
        return Err(ReadError::OtherToken);
    }
    let claims = Value::Object(claims);
    if is_open_badge_2(&claims) {
        return Ok(Body::OpenBadge2 { assertion: claims, jws: Some(jws) });
    }
    let Value::Object(claims) = claims else { return Err(ReadError::NotACredential) };
    jwt::credential(jws, claims)
}

/// A credential that may stand inside a presentation: no presentation again, and no bare SD-JWT VC, which has a proof of
/// possession of its own.
pub(super) fn within_presentation(text: &str) -> Result<Body, ReadError> {
    if text.len() > limits::CREDENTIAL || !is_token(text) {
        return Err(ReadError::PresentationContent);
    }
    let body = if text.contains('~') {
        sd_jwt(text)?
    } else {
        let jws = Jws::parse(text)?;
        let claims = jws.claims()?;
        jwt_credential(jws, claims)?
    };
    match body {
        Body::Jwt { .. } => Ok(body),
        Body::W3cSdJwt(sd_jwt) if sd_jwt.key_binding().is_none() => Ok(Body::W3cSdJwt(sd_jwt)),
        _ => Err(ReadError::PresentationContent),
    }
}

fn json_document(document: Value) -> Result<Reading, ReadError> {
    if let Some(credential) = sealed(&document)? {
        return Ok(Body::Elm { credential, form: ElmForm::Jades }.into());
    }
    if has_type(&document, "VerifiablePresentation") {
        let credential = only_credential(&document)?;
        return Ok(Body::DataIntegrity { credential, presentation: Some(document) }.into());
    }
    if has_type(&document, ELM_TYPE) {
        return Ok(Body::Elm { credential: document, form: ElmForm::JsonLd }.into());
    }
    if has_type(&document, "VerifiableCredential") {
        return Ok(Body::DataIntegrity { credential: document, presentation: None }.into());
    }
    if has_type(&document, presentation::ENVELOPED) {
        return presentation::open_envelope(&document).map(Reading::from);
    }
    if is_open_badge_2(&document) {
        return Ok(Body::OpenBadge2 { assertion: document, jws: None }.into());
    }
    if document.get("payload").is_some_and(Value::is_string)
        && (document.get("signatures").is_some() || document.get("signature").is_some())
    {
        return Err(ReadError::JsonSerialization);
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

/// An Open Badge 2.0 of which only the address is here, as older programs bake it (Baking Specification 2.0). All that it
/// says is where the issuer's own copy stands.
fn hosted_at(text: &str) -> Option<Value> {
    let is_address = text.len() <= limits::LINK && text.starts_with("https://") && !text.contains(char::is_whitespace);
    let url = Url::parse(text).ok().filter(|url| is_address && url.host_str().is_some())?;
    (url.username().is_empty() && url.password().is_none())
        .then(|| json!({"type": "Assertion", "id": text, "verification": {"type": "hosted"}}))
}

/// A badge, or the stub that is left of one that was withdrawn.
fn is_open_badge_2(document: &Value) -> bool {
    let whole = document.get("recipient").is_some_and(Value::is_object) && document.get("badge").is_some();
    let withdrawn = document.get("revoked") == Some(&Value::Bool(true)) && document.get("id").is_some();
    has_type(document, "Assertion") && (whole || withdrawn)
}

pub(super) fn is_other_token(jws: &Jws) -> bool {
    jws.typ().is_some_and(|typ| OTHER_TOKENS.iter().any(|other| typ.eq_ignore_ascii_case(other)))
}

/// `typ` of a presentation, which is no credential whatever it holds.
fn is_presentation_token(jws: &Jws) -> bool {
    jws.typ().is_some_and(|typ| ["vp+jwt", "vp-ld+jwt", "vp+sd-jwt"].iter().any(|vp| typ.eq_ignore_ascii_case(vp)))
}

pub(super) fn has_type(document: &Value, wanted: &str) -> bool {
    let types = |members: &Map<String, Value>| match members.get("type").or_else(|| members.get("@type")) {
        Some(Value::String(one)) => one == wanted,
        Some(Value::Array(many)) => many.iter().any(|one| one == wanted),
        _ => false,
    };
    document.as_object().is_some_and(types)
}
