//! Client authentication by an attestation (Attestation-Based Client Authentication, draft 07, to which OpenID4VCI 1.0
//! holds): somebody whom the server believes signed that a key belongs to a good client, and the client proves the key
//! with each request.

use leerpas_core::Timestamp;
use serde_json::{Value, json};

use crate::json::{self, JsonError, Members};

/// The method in `token_endpoint_auth_methods_supported` (draft 07, 13.4).
pub const ATTESTED_CLIENT: &str = "attest_jwt_client_auth";
/// The `typ` of an attestation (5.1).
pub const ATTESTATION_TYPE: &str = "oauth-client-attestation+jwt";
/// The `typ` of a proof of its key (5.2).
pub const ATTESTATION_PROOF_TYPE: &str = "oauth-client-attestation-pop+jwt";
/// Longest challenge, in bytes.
const CHALLENGE_BYTES: usize = 2_048;

/// What one proof says. Whoever has the key signs it with `typ` [`ATTESTATION_PROOF_TYPE`].
#[derive(Debug, Clone, Copy)]
pub struct AttestationProof<'a> {
    /// The name of the client: `sub` of the attestation.
    pub client_id: &'a str,
    /// The identifier of the authorization server.
    pub server: &'a str,
    /// Makes the proof one of a kind.
    pub id: &'a str,
    /// Now.
    pub issued: Timestamp,
    /// The challenge that the server gave last, if it gives any.
    pub challenge: Option<&'a str>,
}

impl AttestationProof<'_> {
    /// The claims (5.2).
    pub fn claims(&self) -> Value {
        let mut claims = json!({
            "iss": self.client_id,
            "aud": self.server,
            "jti": self.id,
            "iat": self.issued.as_second(),
        });
        if let Some(challenge) = self.challenge {
            claims["challenge"] = json!(challenge);
        }
        claims
    }
}

/// Reads the body of a challenge endpoint (8).
///
/// # Errors
/// [`JsonError`] when there is no challenge, or one that no server needs.
pub fn attestation_challenge(body: &[u8]) -> Result<String, JsonError> {
    let value = json::read(body)?;
    let members = Members::of(&value)?;
    let challenge = members.required_text("attestation_challenge")?;
    if challenge.is_empty() || challenge.len() > CHALLENGE_BYTES {
        return Err(members.wrong("attestation_challenge", "a short text"));
    }
    Ok(challenge.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attestation_07_5_2_a_proof_names_the_client_the_server_and_the_challenge() {
        let proof = AttestationProof {
            client_id: "https://wallet.example",
            server: "https://as.example",
            id: "one",
            issued: Timestamp::from_second(1_790_000_000).unwrap(),
            challenge: Some("c1"),
        };
        let expected = json!({"iss": "https://wallet.example", "aud": "https://as.example", "jti": "one",
            "iat": 1_790_000_000, "challenge": "c1"});
        assert_eq!(proof.claims(), expected);
        assert!(AttestationProof { challenge: None, ..proof }.claims().get("challenge").is_none());
    }

    #[test]
    fn attestation_07_8_a_challenge_is_a_short_text() {
        assert_eq!(attestation_challenge(br#"{"attestation_challenge":"a b","x":1}"#).unwrap(), "a b");
        let long = json!({"attestation_challenge": "x".repeat(CHALLENGE_BYTES + 1)}).to_string();
        for bad in ["{}", "", "<html>", r#"{"attestation_challenge":7}"#, r#"{"attestation_challenge":""}"#, &long] {
            assert!(attestation_challenge(bad.as_bytes()).is_err(), "{bad:.30}");
        }
    }
}
