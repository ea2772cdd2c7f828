//! Tokens in compact form as few bytes (RFC 7515, 7.1; RFC 7516, 7.1), and a request so short that it fits a QR code.
//!
//! Base64url costs a third, and JSON in base64url cannot be compressed. So: each part of the token decoded, with its
//! length before it, all of it deflated (RFC 1950). What comes back is the same token to the letter, because base64url
//! without padding has one spelling. `docs/offline.md` describes the form.

use std::io::{Read, Write as _};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::BASE32_NOPAD;
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use leerpas_core::{ErrorKind, limits};
use serde_json::Value;
use thiserror::Error;

use crate::{Arrival, IntakeError, RequestSource};

/// How a packed request begins. Capitals, digits and `:` `/` are what a QR code holds at eleven bits for two.
const REQUEST: &str = "LEERPAS:1Q/";
/// Most parts that a token has: a JWE has five.
const PARTS: usize = 5;

/// Why a token is not packed or unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PackError {
    /// No compact token, or not the bytes of one.
    #[error("this is no packed token")]
    Malformed,
    /// More than the caller's limit.
    #[error("the token is too large")]
    TooLarge,
}

impl PackError {
    /// The kind to report.
    pub fn kind(self) -> ErrorKind {
        match self {
            Self::Malformed => ErrorKind::ReplyUnreadable,
            Self::TooLarge => ErrorKind::InputTooLarge,
        }
    }
}

/// Packs a compact token.
///
/// # Errors
/// [`PackError::Malformed`] when it is none.
pub(crate) fn pack(token: &str) -> Result<Vec<u8>, PackError> {
    let parts: Vec<&str> = token.split('.').collect();
    if parts.len() > PARTS {
        return Err(PackError::Malformed);
    }
    let mut out = ZlibEncoder::new(Vec::new(), Compression::best());
    for part in parts {
        let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| PackError::Malformed)?;
        let length = u32::try_from(bytes.len()).map_err(|_| PackError::TooLarge)?;
        // Writing to a Vec does not fail.
        let _ = out.write_all(&length.to_be_bytes());
        let _ = out.write_all(&bytes);
    }
    out.finish().map_err(|_| PackError::Malformed)
}

/// Unpacks a token whose parts have `limit` bytes together at most.
///
/// # Errors
/// [`PackError`].
pub(crate) fn unpack(packed: &[u8], limit: usize) -> Result<String, PackError> {
    let mut bytes = Vec::new();
    let cap = limit as u64 + 1;
    ZlibDecoder::new(packed).take(cap).read_to_end(&mut bytes).map_err(|_| PackError::Malformed)?;
    if bytes.len() > limit {
        return Err(PackError::TooLarge);
    }
    let mut rest = bytes.as_slice();
    let mut parts = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (part, after) = after.split_at_checked(length).ok_or(PackError::Malformed)?;
        parts.push(URL_SAFE_NO_PAD.encode(part));
        rest = after;
    }
    if parts.is_empty() || parts.len() > PARTS || !rest.is_empty() {
        return Err(PackError::Malformed);
    }
    Ok(parts.join("."))
}

/// Writes a signed request object for a QR code: the whole request, so that nothing is fetched.
///
/// # Errors
/// [`PackError::Malformed`] when it is no compact token.
pub fn pack_request(object: &str) -> Result<String, PackError> {
    Ok(format!("{REQUEST}{}", BASE32_NOPAD.encode(&pack(object)?)))
}

/// Whether a text is a packed request.
pub(crate) fn is_request(text: &str) -> bool {
    text.get(..REQUEST.len()).is_some_and(|start| start.eq_ignore_ascii_case(REQUEST))
}

/// The request in a packed text: what a link with `client_id` and `request` would say (RFC 9101, 5.1). Who signed it,
/// and whether the identifier is theirs, is for others to judge.
pub(crate) fn read_request(text: &str) -> Result<Arrival, IntakeError> {
    let invalid = |rule| IntakeError::RequestInvalid { rule };
    crate::error::within(text.len(), limits::LINK)?;
    let body = text.get(REQUEST.len()..).unwrap_or_default().to_ascii_uppercase();
    let packed = BASE32_NOPAD.decode(body.as_bytes()).map_err(|_| invalid("the code is incomplete"))?;
    let object = unpack(&packed, limits::LINK).map_err(|_| invalid("the code is incomplete"))?;
    let claims = object.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims = claims.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    let claims = crate::text::parse(claims.unwrap_or_default())?.ok_or(invalid("it is not a JSON object"))?;
    let client_id = claims.get("client_id").and_then(Value::as_str).ok_or(invalid("it does not say who asks"))?;
    Ok(Arrival::Request(RequestSource {
        client_id: Some(client_id.to_owned()),
        parameters: vec![("client_id".to_owned(), client_id.to_owned()), ("request".to_owned(), object.clone())],
        request: Some(object),
        ..RequestSource::default()
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let header = json!({"alg": "ES256", "typ": "oauth-authz-req+jwt"});
        format!("{}.{}.{}", part(&header.to_string()), part(&claims.to_string()), part("signature"))
    }

    #[test]
    fn rfc9101_5_1_a_packed_request_is_the_request_by_value() {
        let object = token(&json!({"client_id": "x509_hash:abc", "nonce": "n"}));
        let text = pack_request(&object).unwrap();
        assert!(text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b":/".contains(&b)), "{text}");
        for text in [text.clone(), text.to_ascii_lowercase(), format!(" {text}\n")] {
            let Arrival::Request(source) = crate::read(crate::Input::Text(&text)).unwrap() else { panic!("{text}") };
            assert_eq!(source.client_id.as_deref(), Some("x509_hash:abc"));
            assert_eq!(source.request.as_deref(), Some(object.as_str()));
            assert_eq!(source.parameter("request"), Some(object.as_str()));
            assert_eq!(source.request_uri, None);
        }
    }

    #[test]
    fn security_h10_what_is_no_packed_request_is_refused() {
        let whole = pack_request(&token(&json!({"client_id": "a"}))).unwrap();
        let nobody = pack_request(&token(&json!({"nonce": "a"}))).unwrap();
        let no_json = pack_request(&format!("{0}.{0}.{0}", URL_SAFE_NO_PAD.encode("x"))).unwrap();
        for bad in [REQUEST, "LEERPAS:1Q/1", "LEERPAS:1Q/AAAA", &whole[..whole.len() - 8], &nobody, &no_json] {
            let read = crate::read(crate::Input::Text(bad));
            assert!(matches!(read, Err(IntakeError::RequestInvalid { .. })), "{bad}: {read:?}");
        }
    }

    #[test]
    fn security_b_a_bomb_is_not_inflated() {
        let mut out = ZlibEncoder::new(Vec::new(), Compression::best());
        out.write_all(&vec![0; 50_000_000]).unwrap();
        let bomb = out.finish().unwrap();
        assert_eq!(unpack(&bomb, 1000), Err(PackError::TooLarge));
        assert_eq!(pack("no+token"), Err(PackError::Malformed));
        assert_eq!(pack("a.b.c.d.e.f"), Err(PackError::Malformed));
    }

    proptest! {
        #[test]
        fn every_token_comes_back_to_the_letter(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..6)) {
            let token = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect::<Vec<_>>().join(".");
            prop_assert_eq!(unpack(&pack(&token).unwrap(), 2000).unwrap(), token);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = unpack(&bytes, 1000);
            let _ = read_request(&format!("{REQUEST}{}", BASE32_NOPAD.encode(&bytes)));
        }
    }
}
