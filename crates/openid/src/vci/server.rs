//! Metadata of an authorization server (RFC 8414), as far as collecting a credential needs it.

use leerpas_core::Url;
use serde::Serialize;

use super::MetadataError;
use crate::json::{self, Members};

/// What an authorization server says about itself. Made only if it speaks for the identifier asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthorizationServerMetadata {
    /// The identifier, equal byte for byte to the one that was asked for (RFC 8414, 3.3).
    pub issuer: String,
    /// Where tokens are asked for. The only place that codes are sent to.
    pub token_endpoint: Url,
    /// Where the browser is sent for a sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<Url>,
    /// Where the request for a sign-in can be left beforehand (RFC 9126, 5).
    #[serde(rename = "pushed_authorization_request_endpoint", skip_serializing_if = "Option::is_none")]
    pub pushed_requests: Option<Url>,
    /// `code_challenge_methods_supported` (RFC 7636, 6.2; RFC 8414, 2); empty if it does not say.
    #[serde(rename = "code_challenge_methods_supported", skip_serializing_if = "Vec::is_empty")]
    pub challenge_methods: Vec<String>,
    /// Whether it names itself in the answer of the browser (RFC 9207, 3).
    #[serde(rename = "authorization_response_iss_parameter_supported")]
    pub names_itself: bool,
    /// Signature algorithms of proofs of possession that it takes (RFC 9449, 5.1); empty if it takes none.
    #[serde(rename = "dpop_signing_alg_values_supported", skip_serializing_if = "Vec::is_empty")]
    pub dpop_algorithms: Vec<String>,
    /// How clients make themselves known at the token endpoint; empty if it does not say.
    #[serde(rename = "token_endpoint_auth_methods_supported", skip_serializing_if = "Vec::is_empty")]
    pub client_authentication: Vec<String>,
    /// `pre-authorized_grant_anonymous_access_supported` (OpenID4VCI 1.0, 12.3). Many servers that take
    /// anonymous clients leave it out, so only an outspoken `false` says no.
    #[serde(rename = "pre-authorized_grant_anonymous_access_supported", skip_serializing_if = "Option::is_none")]
    pub anonymous_access: Option<bool>,
    /// Where it gives out challenges for the proofs of attested programs (Attestation-Based Client Authentication, draft 07,
    /// 8).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_endpoint: Option<Url>,
    /// Signature algorithms of those proofs that it takes (draft 07, 10.1); empty if it does not say.
    #[serde(rename = "client_attestation_pop_signing_alg_values_supported", skip_serializing_if = "Vec::is_empty")]
    pub attestation_proof_algorithms: Vec<String>,
    /// Grant types that it takes; empty if it does not say.
    #[serde(rename = "grant_types_supported", skip_serializing_if = "Vec::is_empty")]
    pub grant_types: Vec<String>,
}

impl AuthorizationServerMetadata {
    /// Reads metadata that was fetched for an identifier.
    ///
    /// # Errors
    /// [`MetadataError::OtherParty`] unless `issuer` equals `asked` byte for byte.
    pub fn parse(bytes: &[u8], asked: &str) -> Result<Self, MetadataError> {
        let value = json::read(bytes)?;
        let members = Members::of(&value)?;
        if members.required_text("issuer")? != asked {
            return Err(MetadataError::OtherParty);
        }
        Ok(Self {
            issuer: asked.to_owned(),
            token_endpoint: members.required_address("token_endpoint")?,
            authorization_endpoint: members.address("authorization_endpoint")?,
            pushed_requests: members.address("pushed_authorization_request_endpoint")?,
            challenge_methods: members.texts("code_challenge_methods_supported")?,
            names_itself: members.flag("authorization_response_iss_parameter_supported")?.unwrap_or(false),
            dpop_algorithms: members.texts("dpop_signing_alg_values_supported")?,
            client_authentication: members.texts("token_endpoint_auth_methods_supported")?,
            anonymous_access: members.flag("pre-authorized_grant_anonymous_access_supported")?,
            challenge_endpoint: members.address("challenge_endpoint")?,
            attestation_proof_algorithms: members.texts("client_attestation_pop_signing_alg_values_supported")?,
            grant_types: members.texts("grant_types_supported")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use leerpas_core::ErrorKind;
    use serde_json::{Value, json};

    use super::*;

    fn parse(value: &Value) -> Result<AuthorizationServerMetadata, MetadataError> {
        AuthorizationServerMetadata::parse(value.to_string().as_bytes(), "https://as.example")
    }

    #[test]
    fn rfc8414_3_3_the_issuer_is_identical_byte_for_byte() {
        let of = |issuer: &str| json!({"issuer": issuer, "token_endpoint": "https://as.example/token"});
        assert!(parse(&of("https://as.example")).is_ok());
        for near in ["https://as.example/", "https://AS.example", "https://as.example:443", "https://evil.example"] {
            assert_eq!(parse(&of(near)), Err(MetadataError::OtherParty), "{near}");
        }
    }

    #[test]
    fn the_token_endpoint_is_there_and_https() {
        assert!(parse(&json!({"issuer": "https://as.example"})).is_err());
        let plain = json!({"issuer": "https://as.example", "token_endpoint": "http://as.example/token"});
        assert_eq!(parse(&plain).unwrap_err().kind(), ErrorKind::InsecureAddress);
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let one = parse(&json!({
            "issuer": "https://as.example", "token_endpoint": "https://as.example/token",
            "pre-authorized_grant_anonymous_access_supported": true, "grant_types_supported": ["authorization_code"],
            "client_attestation_pop_signing_alg_values_supported": ["ES256"]
        }))
        .unwrap();
        assert_eq!(one.anonymous_access, Some(true));
        assert_eq!(parse(&serde_json::to_value(&one).unwrap()).unwrap(), one);
    }
}
