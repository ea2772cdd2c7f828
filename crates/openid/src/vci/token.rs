//! The token request and response (OpenID4VCI 1.0, 6; RFC 6749, 5.1).

use leerpas_core::{ErrorKind, Secret};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::{AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE, REFRESH_TOKEN, TOKEN_BYTES, is_token};
use crate::json::{self, JsonError, Members};

/// Tokens that claim to live longer than this are refused, in seconds: ten years.
const LONGEST_LIFE: u64 = 10 * 366 * 86_400;

/// What a holder sends to the token endpoint.
#[derive(Debug)]
pub enum TokenRequest {
    /// For an offer that the issuer authorised beforehand. Anonymous: no client identifier goes along.
    PreAuthorized {
        /// The code of the offer.
        code: Secret<String>,
        /// The transaction code, if one was asked for.
        tx_code: Option<Secret<String>>,
    },
    /// After a sign-in in the browser (RFC 6749, 4.1.3; RFC 7636, 4.5).
    AuthorizationCode {
        /// What the browser brought back.
        code: Secret<String>,
        /// Where it brought it to.
        redirect_uri: String,
        /// The verifier of the challenge.
        verifier: Secret<String>,
        /// By which name the server knows this program.
        client_id: String,
    },
    /// With a refresh token (RFC 6749, 6).
    Refresh {
        /// The refresh token.
        token: Secret<String>,
        /// By which name the server knows this program; none for an anonymous one.
        client_id: Option<String>,
    },
}

/// How a token is to be sent along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// As it is (RFC 6750).
    Bearer,
    /// With a proof of possession (RFC 9449).
    Dpop,
}

/// Why a token request is not taken, seen from the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenRequestError {
    /// Another grant type.
    #[error("another grant type")]
    GrantType,
    /// No code, or a parameter that stands there twice (RFC 6749, 3.2).
    #[error("a parameter is missing or repeated")]
    Malformed,
}

/// An access token, and what it is for.
#[derive(Debug)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: Secret<String>,
    /// How it is to be sent along.
    pub token_type: TokenType,
    /// What gets a new access token later, if the server gives one.
    pub refresh_token: Option<Secret<String>>,
    /// How long it lives, in seconds.
    pub expires_in: Option<u64>,
    /// What may be asked for by `credential_identifier`; empty if configurations are asked for.
    pub authorized: Vec<AuthorizedCredential>,
}

/// An entry of `authorization_details` of type `openid_credential` (6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizedCredential {
    /// The configuration.
    pub configuration_id: String,
    /// The credentials of that configuration; at least one.
    pub identifiers: Vec<String>,
}

/// Why a token response is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// A member is missing or wrong.
    #[error("the token response breaks a rule: {0}")]
    Json(#[from] JsonError),
    /// The token is too long or could not stand in a header.
    #[error("the access token cannot be sent")]
    TokenUnusable,
    /// A lifetime that no token has.
    #[error("the access token claims an impossible lifetime")]
    Lifetime,
    /// Another token type than bearer and DPoP, or DPoP where no proof was sent (RFC 9449, 5).
    #[error("the issuer gives tokens of a type that Leerpas does not use yet")]
    TokenType,
}

impl TokenError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Json(_) | Self::TokenUnusable | Self::Lifetime => ErrorKind::ReplyUnreadable,
            Self::TokenType => ErrorKind::OfferUnsupported,
        }
    }
}

impl TokenRequest {
    /// The form to send (OpenID4VCI 1.0, 6.1).
    pub fn form(&self) -> Vec<(String, String)> {
        let fields = match self {
            Self::PreAuthorized { code, tx_code } => vec![
                ("grant_type", Some(PRE_AUTHORIZED_CODE.to_owned())),
                ("pre-authorized_code", Some(code.expose().clone())),
                ("tx_code", tx_code.as_ref().map(|code| code.expose().clone())),
            ],
            Self::AuthorizationCode { code, redirect_uri, verifier, client_id } => vec![
                ("grant_type", Some(AUTHORIZATION_CODE.to_owned())),
                ("code", Some(code.expose().clone())),
                ("redirect_uri", Some(redirect_uri.clone())),
                ("code_verifier", Some(verifier.expose().clone())),
                ("client_id", Some(client_id.clone())),
            ],
            Self::Refresh { token, client_id } => vec![
                ("grant_type", Some(REFRESH_TOKEN.to_owned())),
                ("refresh_token", Some(token.expose().clone())),
                ("client_id", client_id.clone()),
            ],
        };
        fields.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect()
    }

    /// Reads a form that arrived.
    ///
    /// # Errors
    /// [`TokenRequestError`]; unknown parameters are ignored.
    pub fn parse(form: &[(String, String)]) -> Result<Self, TokenRequestError> {
        let one = |name: &str| {
            let mut found = form.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
            match (found.next(), found.next()) {
                (first, None) => Ok(first.filter(|value| !value.is_empty()).cloned()),
                _ => Err(TokenRequestError::Malformed),
            }
        };
        let required = |name: &str| one(name)?.ok_or(TokenRequestError::Malformed);
        match one("grant_type")?.as_deref() {
            Some(PRE_AUTHORIZED_CODE) => Ok(Self::PreAuthorized {
                code: Secret::new(required("pre-authorized_code")?),
                tx_code: one("tx_code")?.map(Secret::new),
            }),
            Some(AUTHORIZATION_CODE) => Ok(Self::AuthorizationCode {
                code: Secret::new(required("code")?),
                redirect_uri: required("redirect_uri")?,
                verifier: Secret::new(required("code_verifier")?),
                client_id: required("client_id")?,
            }),
            Some(REFRESH_TOKEN) => {
                Ok(Self::Refresh { token: Secret::new(required("refresh_token")?), client_id: one("client_id")? })
            }
            _ => Err(TokenRequestError::GrantType),
        }
    }
}

impl TokenResponse {
    /// Reads the body of a 200 response.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenError> {
        let value = json::read(bytes)?;
        let members = Members::of(&value)?;
        let token = members.required_text("access_token")?;
        if !is_token(token, TOKEN_BYTES) {
            return Err(TokenError::TokenUnusable);
        }
        let token_type = match members.required_text("token_type")? {
            word if word.eq_ignore_ascii_case("bearer") => TokenType::Bearer,
            word if word.eq_ignore_ascii_case("dpop") => TokenType::Dpop,
            _ => return Err(TokenError::TokenType),
        };
        let refresh_token = members.text("refresh_token")?.filter(|token| is_token(token, TOKEN_BYTES));
        let expires_in = match members.get("expires_in") {
            None => None,
            Some(value) => Some(value.as_u64().filter(|life| *life <= LONGEST_LIFE).ok_or(TokenError::Lifetime)?),
        };
        Ok(Self {
            access_token: Secret::new(token.to_owned()),
            token_type,
            refresh_token: refresh_token.map(|token| Secret::new(token.to_owned())),
            expires_in,
            authorized: authorized(&members)?,
        })
    }

    /// The body of a 200 response.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("access_token".into(), json!(self.access_token.expose()));
        let word = match self.token_type {
            TokenType::Bearer => "Bearer",
            TokenType::Dpop => "DPoP",
        };
        members.insert("token_type".into(), json!(word));
        if let Some(refresh) = &self.refresh_token {
            members.insert("refresh_token".into(), json!(refresh.expose()));
        }
        if let Some(life) = self.expires_in {
            members.insert("expires_in".into(), json!(life));
        }
        if !self.authorized.is_empty() {
            let details: Vec<Value> = self
                .authorized
                .iter()
                .map(|one| {
                    json!({"type": "openid_credential", "credential_configuration_id": one.configuration_id,
                        "credential_identifiers": one.identifiers})
                })
                .collect();
            members.insert("authorization_details".into(), details.into());
        }
        Value::Object(members)
    }
}

fn authorized(members: &Members<'_>) -> Result<Vec<AuthorizedCredential>, TokenError> {
    let Some(value) = members.get("authorization_details") else { return Ok(Vec::new()) };
    let details = value.as_array().ok_or_else(|| members.wrong("authorization_details", "a list"))?;
    let mut all = Vec::new();
    for detail in details {
        let detail = Members::of(detail).map_err(|_| members.wrong("authorization_details", "a list of objects"))?;
        if detail.text("type")? != Some("openid_credential") {
            continue;
        }
        let identifiers = detail.texts("credential_identifiers")?;
        // Until draft 14, which has its nonce here, they may be left out.
        if identifiers.is_empty() && members.get("c_nonce").is_some() {
            continue;
        }
        if identifiers.is_empty() {
            return Err(JsonError::Missing("credential_identifiers".to_owned()).into());
        }
        let configuration_id = detail.required_text("credential_configuration_id")?.to_owned();
        all.push(AuthorizedCredential { configuration_id, identifiers });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &Value) -> Result<TokenResponse, TokenError> {
        TokenResponse::parse(value.to_string().as_bytes())
    }

    #[test]
    fn rfc6749_5_1_token_type_is_required_and_its_case_does_not_matter() {
        for word in ["bearer", "Bearer", "BEARER"] {
            assert!(parse(&json!({"access_token": "a", "token_type": word})).is_ok(), "{word}");
        }
        assert!(matches!(parse(&json!({"access_token": "a"})), Err(TokenError::Json(JsonError::Missing(_)))));
        assert_eq!(parse(&json!({"access_token": "a", "token_type": "dpop"})).unwrap().token_type, TokenType::Dpop);
        let error = parse(&json!({"access_token": "a", "token_type": "mac"})).unwrap_err();
        assert_eq!(error, TokenError::TokenType);
        assert_eq!(error.kind(), ErrorKind::OfferUnsupported);
    }

    #[test]
    fn a_token_that_would_break_a_header_is_refused() {
        for token in ["a\r\nX-Evil: 1".to_owned(), "a b".to_owned(), "é".to_owned(), "x".repeat(1_000_000)] {
            let error = parse(&json!({"access_token": token, "token_type": "bearer"})).unwrap_err();
            assert_eq!(error, TokenError::TokenUnusable);
        }
    }

    #[test]
    fn an_impossible_lifetime_is_refused() {
        for life in [json!(-1), json!(1_000_000_000_000_u64), json!("3600"), json!(0.5)] {
            let error = parse(&json!({"access_token": "a", "token_type": "bearer", "expires_in": life})).unwrap_err();
            assert_eq!(error, TokenError::Lifetime);
            assert_eq!(error.kind(), ErrorKind::ReplyUnreadable);
        }
    }

    #[test]
    fn a_page_with_status_200_is_refused() {
        assert_eq!(TokenResponse::parse(b"<html>").unwrap_err().kind(), ErrorKind::ReplyUnreadable);
    }

    #[test]
    fn openid4vci_6_2_identifiers_are_read_and_other_details_ignored() {
        let response = parse(&json!({"access_token": "a", "token_type": "bearer", "authorization_details": [
            {"type": "other"},
            {"type": "openid_credential", "credential_configuration_id": "mc", "credential_identifiers": ["one", "two"]}
        ]}))
        .unwrap();
        assert_eq!(response.authorized[0].identifiers, ["one", "two"]);
        let again = parse(&response.to_json()).unwrap();
        assert_eq!(again.authorized, response.authorized);
    }

    #[test]
    fn openid4vci_6_1_the_request_is_a_form_that_reads_back() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let request = TokenRequest::PreAuthorized { code: secret("abc"), tx_code: Some(secret("493536")) };
        let form = request.form();
        assert_eq!(form[0], ("grant_type".to_owned(), PRE_AUTHORIZED_CODE.to_owned()));
        let Ok(TokenRequest::PreAuthorized { tx_code: Some(read), .. }) = TokenRequest::parse(&form) else {
            panic!("a code with a transaction code")
        };
        assert_eq!(read.expose(), "493536");
        let twice: Vec<_> = form.iter().chain(&form[1..2]).cloned().collect();
        assert_eq!(TokenRequest::parse(&twice).unwrap_err(), TokenRequestError::Malformed);
        assert_eq!(TokenRequest::parse(&form[1..]).unwrap_err(), TokenRequestError::GrantType);
        assert!(!format!("{request:?}").contains("493536"));
    }

    #[test]
    fn rfc7636_4_5_a_code_of_a_sign_in_needs_its_verifier() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let request = TokenRequest::AuthorizationCode {
            code: secret("abc"),
            redirect_uri: "http://127.0.0.1:1/".to_owned(),
            verifier: secret("geheim"),
            client_id: "leerpas".to_owned(),
        };
        let form = request.form();
        assert!(matches!(TokenRequest::parse(&form), Ok(TokenRequest::AuthorizationCode { .. })));
        let without: Vec<_> = form.iter().filter(|(name, _)| name != "code_verifier").cloned().collect();
        assert_eq!(TokenRequest::parse(&without).unwrap_err(), TokenRequestError::Malformed);
        assert!(!format!("{request:?}").contains("geheim"));
        let refresh = TokenRequest::Refresh { token: secret("r"), client_id: None };
        assert!(matches!(TokenRequest::parse(&refresh.form()), Ok(TokenRequest::Refresh { client_id: None, .. })));
    }
}
