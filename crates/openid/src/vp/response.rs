//! The answer (OpenID4VP 1.0, 8): the form that a wallet posts and a verifier reads.

use std::fmt;

use leerpas_core::limits;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::{dcql::DcqlQuery, json};

/// Longest error word or description that is kept.
const MAX_ERROR: usize = 200;

/// Presentations by query id (OpenID4VP 1.0, 8.1): an SD-JWT presentation is a JSON string, a Data
/// Integrity presentation an object.
#[derive(Clone, PartialEq, Eq)]
pub struct VpToken(Vec<(String, Vec<Value>)>);

/// What a verifier finds in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizationResponse {
    /// Presentations.
    Presentations {
        /// By query id.
        vp_token: VpToken,
        /// The `state` of the request.
        state: Option<String>,
    },
    /// The wallet gives none, or could not.
    Error {
        /// The word, such as `access_denied` (8.5).
        error: String,
        /// The `state` of the request.
        state: Option<String>,
    },
    /// An encrypted answer; its plaintext is for [`AuthorizationResponse::from_payload`].
    Encrypted {
        /// The compact JWE.
        jwe: String,
    },
}

/// Why the body of a POST is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FormError {
    /// Another media type than `application/x-www-form-urlencoded`.
    #[error("this is not a form")]
    MediaType,
    /// More bytes than an answer may have.
    #[error("the form is too large")]
    TooLarge,
    /// Not UTF-8, or a parameter twice (RFC 6749, 3.1).
    #[error("the form is malformed")]
    Malformed,
}

/// Why an answer is refused before any presentation is looked at. Names no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ResponseShapeError {
    /// Neither presentations, nor an error, nor an encrypted answer; or more than one of these.
    #[error("the answer is neither presentations nor an error")]
    Shape,
    /// `vp_token` is no object of lists (8.1).
    #[error("vp_token is not an object of lists of presentations")]
    VpToken,
    /// A query id that was not asked for.
    #[error("vp_token has an entry that was not asked for")]
    NotAskedFor,
    /// More than one presentation where `multiple` is false, or none.
    #[error("vp_token has the wrong number of presentations for a query")]
    Count,
    /// A query or a set that is required has no presentation.
    #[error("vp_token lacks a presentation that is required")]
    Missing,
}

impl VpToken {
    /// Puts a token together.
    pub fn new(entries: Vec<(String, Vec<Value>)>) -> Self {
        Self(entries)
    }

    /// Reads a token: an object of non-empty lists of strings and objects.
    ///
    /// # Errors
    /// [`ResponseShapeError::VpToken`].
    pub fn parse(value: &Value) -> Result<Self, ResponseShapeError> {
        let map = value.as_object().filter(|map| !map.is_empty()).ok_or(ResponseShapeError::VpToken)?;
        map.iter()
            .map(|(id, list)| {
                let list = list.as_array().filter(|list| !list.is_empty()).ok_or(ResponseShapeError::VpToken)?;
                if list.iter().all(|p| p.is_string() || p.is_object()) {
                    Ok((id.clone(), list.clone()))
                } else {
                    Err(ResponseShapeError::VpToken)
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Query ids with their presentations.
    pub fn entries(&self) -> &[(String, Vec<Value>)] {
        &self.0
    }

    /// The token as JSON.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.iter().map(|(id, list)| (id.clone(), Value::Array(list.clone()))).collect())
    }

    /// Holds the token against what was asked: no foreign entries, one presentation unless more were
    /// allowed, and every required query or set answered (6.4.2, 8.6).
    ///
    /// # Errors
    /// [`ResponseShapeError`]; the whole answer is refused.
    pub fn check_against(&self, query: &DcqlQuery) -> Result<(), ResponseShapeError> {
        for (id, list) in &self.0 {
            let asked = query.credential(id).ok_or(ResponseShapeError::NotAskedFor)?;
            if list.len() != 1 && !(asked.multiple && list.len() <= limits::EXCHANGES) {
                return Err(ResponseShapeError::Count);
            }
        }
        let present = |id: &str| self.0.iter().any(|(given, _)| given == id);
        if query.is_answered_by(&present) { Ok(()) } else { Err(ResponseShapeError::Missing) }
    }
}

impl fmt::Debug for VpToken {
    /// Names the queries and nothing of what was presented.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(id, list)| (id, list.len()))).finish()
    }
}

impl AuthorizationResponse {
    /// Reads the parameters of a `direct_post` or `direct_post.jwt` form.
    ///
    /// # Errors
    /// [`ResponseShapeError::Shape`] or [`ResponseShapeError::VpToken`].
    pub fn from_form(form: &[(String, String)]) -> Result<Self, ResponseShapeError> {
        let get = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        match (get("response"), get("vp_token"), get("error")) {
            (Some(jwe), None, None) => Ok(Self::Encrypted { jwe: jwe.to_owned() }),
            (None, Some(token), None) => {
                let token = json::read(token.as_bytes()).map_err(|_| ResponseShapeError::VpToken)?;
                Ok(Self::Presentations { vp_token: VpToken::parse(&token)?, state: get("state").map(str::to_owned) })
            }
            (None, None, Some(error)) => Ok(Self::error(error, get("state"))),
            _ => Err(ResponseShapeError::Shape),
        }
    }

    /// Reads the decrypted payload of `direct_post.jwt` (8.3): the same members, as JSON.
    ///
    /// # Errors
    /// As [`Self::from_form`].
    pub fn from_payload(payload: &[u8]) -> Result<Self, ResponseShapeError> {
        let map = json::read_object(payload).map_err(|_| ResponseShapeError::Shape)?;
        let state = match map.get("state") {
            None => None,
            Some(Value::String(state)) => Some(state.as_str()),
            Some(_) => return Err(ResponseShapeError::Shape),
        };
        match (map.get("vp_token"), map.get("error").and_then(Value::as_str)) {
            (Some(token), None) => {
                Ok(Self::Presentations { vp_token: VpToken::parse(token)?, state: state.map(str::to_owned) })
            }
            (None, Some(error)) => Ok(Self::error(error, state)),
            _ => Err(ResponseShapeError::Shape),
        }
    }

    /// The form of an answer in clear.
    pub fn to_form(&self) -> Vec<(String, String)> {
        let (mut form, state) = match self {
            Self::Presentations { vp_token, state } => {
                (vec![("vp_token".to_owned(), vp_token.to_json().to_string())], state)
            }
            Self::Error { error, state } => (vec![("error".to_owned(), error.clone())], state),
            Self::Encrypted { jwe } => return vec![("response".to_owned(), jwe.clone())],
        };
        form.extend(state.iter().map(|state| ("state".to_owned(), state.clone())));
        form
    }

    /// The payload to encrypt for `direct_post.jwt`.
    pub fn to_payload(&self) -> Value {
        let mut map = Map::new();
        let state = match self {
            Self::Presentations { vp_token, state } => {
                map.insert("vp_token".to_owned(), vp_token.to_json());
                state
            }
            Self::Error { error, state } => {
                map.insert("error".to_owned(), json!(error));
                state
            }
            Self::Encrypted { .. } => &None,
        };
        if let Some(state) = state {
            map.insert("state".to_owned(), json!(state));
        }
        Value::Object(map)
    }

    fn error(error: &str, state: Option<&str>) -> Self {
        Self::Error { error: crate::text::plain(error, MAX_ERROR), state: state.map(str::to_owned) }
    }
}

/// Reads the body of a POST: one form, no parameter twice.
///
/// # Errors
/// [`FormError`]. The caller caps the body before it is read whole; the cap here is the same one.
pub fn read_form(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(FormError::MediaType);
    }
    if body.len() > limits::reply_bytes(leerpas_core::Purpose::Credential) {
        return Err(FormError::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| FormError::Malformed)?;
    let form: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes()).into_owned().take(64).collect();
    let twice = form.iter().enumerate().any(|(i, (name, _))| form[..i].iter().any(|(earlier, _)| earlier == name));
    if twice { Err(FormError::Malformed) } else { Ok(form) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    fn query(multiple: bool) -> DcqlQuery {
        DcqlQuery::parse(&json!({"credentials": [{"id": "a", "format": "dc+sd-jwt", "multiple": multiple,
            "meta": {"vct_values": ["x"]}}]}))
        .unwrap()
    }

    #[test]
    fn vp_8_what_a_wallet_writes_is_what_a_verifier_reads() {
        let answer = AuthorizationResponse::Presentations {
            vp_token: VpToken::new(vec![("a".to_owned(), vec![json!("ey~")])]),
            state: Some("s".to_owned()),
        };
        assert_eq!(AuthorizationResponse::from_form(&answer.to_form()).unwrap(), answer);
        assert_eq!(AuthorizationResponse::from_payload(answer.to_payload().to_string().as_bytes()).unwrap(), answer);
        let no = AuthorizationResponse::Error { error: "access_denied".to_owned(), state: None };
        assert_eq!(AuthorizationResponse::from_form(&no.to_form()).unwrap(), no);
        assert_eq!(AuthorizationResponse::from_payload(no.to_payload().to_string().as_bytes()).unwrap(), no);
    }

    #[test]
    fn vp_8_1_a_token_of_wrong_shape_is_refused() {
        for bad in
            ["", "ey.a.b", "[]", "{}", r#"{"a":"x"}"#, r#"{"a":[]}"#, r#"{"a":[7]}"#, r#"{"a":{"b":1}}"#, "\"x\""]
        {
            assert_eq!(
                AuthorizationResponse::from_form(&form(&[("vp_token", bad)])),
                Err(ResponseShapeError::VpToken),
                "{bad}"
            );
        }
        for bad in
            [form(&[]), form(&[("vp_token", "{}"), ("error", "x")]), form(&[("response", "x"), ("vp_token", "{}")])]
        {
            assert_eq!(AuthorizationResponse::from_form(&bad), Err(ResponseShapeError::Shape));
        }
    }

    #[test]
    fn vp_8_6_missing_foreign_and_surplus_entries_are_refused() {
        let check = |token: Value, multiple| VpToken::parse(&token).unwrap().check_against(&query(multiple));
        assert_eq!(check(json!({"a": ["x"]}), false), Ok(()));
        assert_eq!(check(json!({"b": ["x"]}), false), Err(ResponseShapeError::NotAskedFor));
        assert_eq!(check(json!({"a": ["x"], "b": ["x"]}), false), Err(ResponseShapeError::NotAskedFor));
        assert_eq!(check(json!({"a": ["x", "y"]}), false), Err(ResponseShapeError::Count));
        assert_eq!(check(json!({"a": ["x", "y"]}), true), Ok(()));
    }

    #[test]
    fn only_one_plain_form_is_read() {
        const FORM: &str = "application/x-www-form-urlencoded";
        assert_eq!(read_form(FORM, b"a=1&b=%7B%7D").unwrap(), form(&[("a", "1"), ("b", "{}")]));
        assert!(read_form("application/x-www-form-urlencoded; charset=UTF-8", b"a=1").is_ok());
        assert_eq!(read_form("multipart/form-data; boundary=x", b""), Err(FormError::MediaType));
        assert_eq!(read_form("application/json", b"{}"), Err(FormError::MediaType));
        assert_eq!(read_form(FORM, b"vp_token=1&vp_token=2"), Err(FormError::Malformed));
        assert_eq!(read_form(FORM, b"a=\xff"), Err(FormError::Malformed));
        assert_eq!(read_form(FORM, &vec![b'a'; 9 * 1024 * 1024]), Err(FormError::TooLarge));
    }
}
