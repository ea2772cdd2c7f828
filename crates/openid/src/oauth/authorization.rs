//! The sign-in: what is asked of the authorization server, and what the browser brings back.

use leerpas_core::{Secret, Url};
use serde_json::json;
use thiserror::Error;

use crate::{
    json::{self, JsonError, Members},
    vci::TOKEN_BYTES,
};

/// Longest `request_uri` of a pushed request, in bytes.
const REQUEST_URI_BYTES: usize = 2_048;

/// A request for authorization (RFC 6749, 4.1.1; OpenID4VCI 1.0, 5.1).
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// By which name the server knows this program.
    pub client_id: String,
    /// Where the browser brings the answer: an address of this computer (RFC 8252, 7.3).
    pub redirect_uri: Url,
    /// Ties the answer to this request.
    pub state: String,
    /// The challenge of [`super::Pkce`].
    pub challenge: String,
    /// From the offer, to be echoed (OpenID4VCI 1.0, 5.1.3).
    pub issuer_state: Option<String>,
    /// Scopes of the configurations that have one (5.1.2).
    pub scopes: Vec<String>,
    /// Configurations that have none, by identifier (5.1.1).
    pub configurations: Vec<String>,
    /// The credential issuer.
    pub issuer: String,
    /// Whether the issuer names authorization servers, so that the server must hear for whom it is (5.1.1: `locations`).
    pub names_servers: bool,
}

impl AuthorizationRequest {
    /// The parameters, in a fixed order.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut all = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.client_id.clone()),
            ("redirect_uri", self.redirect_uri.as_str().to_owned()),
            ("state", self.state.clone()),
            ("code_challenge", self.challenge.clone()),
            ("code_challenge_method", "S256".to_owned()),
        ];
        if let Some(issuer_state) = &self.issuer_state {
            all.push(("issuer_state", issuer_state.clone()));
        }
        if !self.scopes.is_empty() {
            all.push(("scope", self.scopes.join(" ")));
            // Several issuers may share a server, and a scope alone does not say whose it is (5.1.2).
            all.push(("resource", self.issuer.clone()));
        }
        if !self.configurations.is_empty() {
            let details: Vec<_> = self.configurations.iter().map(|id| self.detail(id)).collect();
            all.push(("authorization_details", json!(details).to_string()));
        }
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn detail(&self, configuration: &str) -> serde_json::Value {
        let mut detail = json!({"type": "openid_credential", "credential_configuration_id": configuration});
        if self.names_servers {
            detail["locations"] = json!([self.issuer]);
        }
        detail
    }

    /// Where the browser is sent when nothing was pushed beforehand.
    pub fn url(&self, endpoint: &Url) -> Url {
        let mut url = endpoint.clone();
        url.query_pairs_mut().extend_pairs(self.parameters());
        url
    }
}

/// What a server says to a pushed request (RFC 9126, 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedRequest {
    /// Stands for the request; good once.
    pub request_uri: String,
}

impl PushedRequest {
    /// Reads the body of a success.
    ///
    /// # Errors
    /// [`JsonError`] when `request_uri` is missing or could not stand in an address.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let value = json::read(bytes)?;
        let members = Members::of(&value)?;
        let request_uri = members.required_text("request_uri")?;
        if request_uri.len() > REQUEST_URI_BYTES || !request_uri.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(members.wrong("request_uri", "a short address"));
        }
        Ok(Self { request_uri: request_uri.to_owned() })
    }

    /// Where the browser is sent (RFC 9126, 4): nothing of the request itself goes through it.
    pub fn url(&self, endpoint: &Url, client_id: &str) -> Url {
        let mut url = endpoint.clone();
        url.query_pairs_mut().append_pair("client_id", client_id).append_pair("request_uri", &self.request_uri);
        url
    }
}

/// Why a sign-in gave no code. Never holds the code or a word of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AuthorizationError {
    /// The person, or the server on their behalf, said no (RFC 6749, 4.1.2.1: `access_denied`).
    #[error("the sign-in was refused")]
    Denied,
    /// The server gave another error.
    #[error("the sign-in failed at the other side")]
    Failed,
    /// `state` is missing or another one: the answer belongs to something else (RFC 6749, 10.12).
    #[error("the answer of the browser belongs to another sign-in")]
    OtherSignIn,
    /// `iss` is missing though promised, or names another server (RFC 9207, 2.4).
    #[error("the answer of the browser comes from another server")]
    OtherServer,
    /// A parameter is missing, repeated or too long.
    #[error("the answer of the browser cannot be read")]
    Malformed,
}

/// Whether what a browser brought is an answer to the sign-in with this state (RFC 6749, 10.12), good or bad. What is not is
/// somebody else's, and ends nothing.
pub fn is_answer_to(query: &str, state: &str) -> bool {
    query.len() <= 2 * TOKEN_BYTES
        && url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "state" && value == state)
}

/// Reads what the browser brought back: the query of the redirect (RFC 6749, 4.1.2; RFC 9207). Gives the code.
///
/// `server` is the identifier of the authorization server; `promises_iss` whether it said that it names itself.
///
/// # Errors
/// [`AuthorizationError`]. Whether it is the right sign-in and server is settled before anything else is believed.
pub fn authorization_response(
    query: &str,
    state: &str,
    server: &str,
    promises_iss: bool,
) -> Result<Secret<String>, AuthorizationError> {
    if query.len() > 2 * TOKEN_BYTES {
        return Err(AuthorizationError::Malformed);
    }
    let parameters: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
    let one = |wanted: &str| {
        let mut found = parameters.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        match (found.next(), found.next()) {
            (first, None) => Ok(first),
            _ => Err(AuthorizationError::Malformed),
        }
    };
    if one("state")? != Some(state) {
        return Err(AuthorizationError::OtherSignIn);
    }
    match one("iss")? {
        Some(iss) if iss == server => {}
        None if !promises_iss => {}
        _ => return Err(AuthorizationError::OtherServer),
    }
    match (one("code")?, one("error")?) {
        (None, Some("access_denied")) => Err(AuthorizationError::Denied),
        (None, Some(_)) => Err(AuthorizationError::Failed),
        (Some(code), None) if (1..=TOKEN_BYTES).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(Secret::new(code.to_owned()))
        }
        _ => Err(AuthorizationError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::CLIENT_ID;

    #[test]
    fn rfc6749_10_12_what_has_another_state_answers_another_sign_in() {
        for own in ["code=c&state=s%2Fa", "error=access_denied&state=s/a", "state=s/a", "state=x&state=s/a"] {
            assert!(is_answer_to(own, "s/a"), "{own}");
        }
        for other in ["", "code=c", "code=c&state=s", "state=", "code=s/a", "State=s/a"] {
            assert!(!is_answer_to(other, "s/a"), "{other}");
        }
    }

    const SERVER: &str = "https://as.example";

    fn read(query: &str) -> Result<String, AuthorizationError> {
        authorization_response(query, "s1", SERVER, true).map(|code| code.expose().clone())
    }

    fn request() -> AuthorizationRequest {
        AuthorizationRequest {
            redirect_uri: Url::parse("http://127.0.0.1:4711/back").unwrap(),
            state: "s1".to_owned(),
            challenge: "c1".to_owned(),
            issuer_state: Some("eyJ".to_owned()),
            scopes: vec!["microcredential".to_owned(), "badge".to_owned()],
            configurations: vec!["diploma".to_owned()],
            issuer: "https://issuer.example".to_owned(),
            names_servers: true,
            client_id: CLIENT_ID.to_owned(),
        }
    }

    #[test]
    fn openid4vci_5_1_scopes_details_and_issuer_state_go_along() {
        let parameters = request().parameters();
        let get = |wanted: &str| parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        assert_eq!(get("scope"), Some("microcredential badge"));
        assert_eq!(get("resource"), Some("https://issuer.example"));
        assert_eq!(get("issuer_state"), Some("eyJ"));
        assert_eq!(get("code_challenge_method"), Some("S256"));
        let details: serde_json::Value = serde_json::from_str(get("authorization_details").unwrap()).unwrap();
        assert_eq!(
            details,
            json!([{"type": "openid_credential", "credential_configuration_id": "diploma",
                "locations": ["https://issuer.example"]}])
        );
    }

    #[test]
    fn rfc9126_4_the_browser_carries_nothing_but_the_reference() {
        let pushed =
            PushedRequest::parse(br#"{"request_uri":"urn:ietf:params:oauth:request_uri:6es","expires_in":60}"#)
                .unwrap();
        let url = pushed.url(&Url::parse("https://as.example/authorize?tenant=a").unwrap(), "leerpas");
        let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["tenant", "client_id", "request_uri"]);
        for bad in [&b"{}"[..], b"<html>", br#"{"request_uri":"a b"}"#, br#"{"request_uri":7}"#] {
            assert!(PushedRequest::parse(bad).is_err());
        }
    }

    #[test]
    fn rfc6749_4_1_2_a_code_is_taken_for_this_sign_in_only() {
        assert_eq!(read("code=abc&state=s1&iss=https%3A%2F%2Fas.example"), Ok("abc".to_owned()));
        for other in ["code=abc&iss=https%3A%2F%2Fas.example", "code=abc&state=s2&iss=https%3A%2F%2Fas.example"] {
            assert_eq!(read(other), Err(AuthorizationError::OtherSignIn));
        }
    }

    #[test]
    fn rfc9207_2_4_security_c07_another_server_is_refused_also_with_an_error() {
        for other in
            ["code=abc&state=s1", "code=abc&state=s1&iss=https%3A%2F%2Fas.example%2F", "error=x&state=s1&iss=y"]
        {
            assert_eq!(read(other), Err(AuthorizationError::OtherServer), "{other}");
        }
        assert!(authorization_response("code=abc&state=s1", "s1", SERVER, false).is_ok(), "it promised nothing");
        let wrong = authorization_response("code=abc&state=s1&iss=https://evil.example", "s1", SERVER, false);
        assert_eq!(wrong.unwrap_err(), AuthorizationError::OtherServer);
    }

    #[test]
    fn security_c08_what_is_repeated_mixed_or_too_long_is_refused() {
        let iss = "&state=s1&iss=https%3A%2F%2Fas.example";
        assert_eq!(read(&format!("error=access_denied{iss}")), Err(AuthorizationError::Denied));
        assert_eq!(read(&format!("error=server_error{iss}")), Err(AuthorizationError::Failed));
        let long = "x".repeat(1_000_000);
        for bad in ["code=a&code=b", "code=a&error=b", "x=y", "code=", "code=a%0d%0ab", &format!("code={long}")] {
            assert_eq!(
                read(&format!("{bad}{iss}")),
                Err(AuthorizationError::Malformed),
                "{}",
                &bad[..bad.len().min(20)]
            );
        }
        assert_eq!(read("code=a&state=s1&state=s1&iss=https%3A%2F%2Fas.example"), Err(AuthorizationError::Malformed));
    }
}
