//! Text: a link, an offer, or a credential, with what copying and mailing does to it taken off.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::limits;
use serde_json::Value;

use crate::{Arrival, IntakeError, OfferSource, error::within, european, link, packed, svg};

/// Reads text of at most `limit` bytes.
pub(crate) fn read(text: &str, limit: usize) -> Result<Arrival, IntakeError> {
    within(text.len(), limit)?;
    let text = peel(text);
    if text.is_empty() {
        return Err(IntakeError::Empty);
    }
    if text.starts_with('{') {
        return json(text);
    }
    // Base64url of a brace and a quotation mark or a blank.
    if text.starts_with("ey") || text.starts_with("ew") {
        return compact(text);
    }
    if text.starts_with('<') {
        // A badge picture pasted as text; a page of HTML is told apart in there.
        if !european::is_credential(text) {
            svg::badge(text)?;
        }
        return Ok(Arrival::Credential(text.as_bytes().to_vec()));
    }
    if packed::is_request(text) {
        return packed::read_request(text);
    }
    link::read(text)
}

/// Takes off blanks, invisible marks and quotation marks around the text. They come from copying, and no
/// link, JSON object or token begins or ends with one.
fn peel(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’' | '«' | '»')
            // Byte order mark, zero-width and directional marks.
            || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    })
}

/// A JSON object: an offer by its two required members (OpenID4VCI 1.0, 4.1.1), or a credential by any
/// member that the formats we know begin with.
fn json(text: &str) -> Result<Arrival, IntakeError> {
    let value = parse(text)?.ok_or(IntakeError::NotRecognised { what: "text that begins like JSON and is not" })?;
    let has = |name: &str| value.get(name).is_some();
    if has("credential_issuer") && has("credential_configuration_ids") {
        return Ok(Arrival::Offer(OfferSource::Value(value)));
    }
    const SIGNS: [&str; 7] =
        ["@context", "type", "@type", "credentialSubject", "verifiableCredential", "payload", "deliveredCredential"];
    if SIGNS.into_iter().any(has) {
        return Ok(Arrival::Credential(text.as_bytes().to_vec()));
    }
    Err(IntakeError::NotRecognised { what: "JSON of another kind" })
}

/// Parses JSON within the cap on nesting. `None` is text that is not JSON.
pub(crate) fn parse(text: &str) -> Result<Option<Value>, IntakeError> {
    if depth(text) > limits::JSON_DEPTH {
        return Err(IntakeError::TooDeep { limit: limits::JSON_DEPTH });
    }
    Ok(serde_json::from_str(text).ok())
}

/// How deep the brackets go, without parsing.
fn depth(text: &str) -> usize {
    let (mut now, mut most, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !in_string => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// A JWS in compact form (RFC 7515, 7.1), alone or with disclosures and a key binding after it
/// (RFC 9901, 4). Line breaks inside come from mail programs and are taken out.
fn compact(text: &str) -> Result<Arrival, IntakeError> {
    let broken = IntakeError::NotRecognised { what: "text that begins like a token and is not" };
    let token: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    if !token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~')) {
        return Err(broken);
    }
    let jws = token.split('~').next().unwrap_or_default();
    let parts: Vec<&str> = jws.split('.').collect();
    let header = parts.first().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header = match header.as_deref().map(std::str::from_utf8) {
        Some(Ok(header)) => parse(header)?,
        _ => None,
    };
    let Some(header) = header.filter(|header| header.get("alg").is_some()) else { return Err(broken) };
    // An encrypted token has five parts, and a request object is part of a request (RFC 9101, 10.8).
    if parts.len() == 5 {
        return Err(IntakeError::NotRecognised { what: "an encrypted token" });
    }
    if header.get("typ").and_then(Value::as_str) == Some("oauth-authz-req+jwt") {
        return Err(IntakeError::NotRecognised { what: "a request without the link that it belongs to" });
    }
    if parts.len() != 3 || parts.iter().any(|part| part.is_empty()) {
        return Err(broken);
    }
    Ok(Arrival::Credential(token.into_bytes()))
}
