//! Error responses of an issuer (RFC 6749, 5.2; OpenID4VCI 1.0, 6.3 and 8.3.1).

use serde::Serialize;

use crate::json::{self, Members};

/// The body of an error response. The description is not kept: it is a stranger's text, and some servers
/// repeat the code in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorResponse {
    /// What went wrong.
    pub error: ErrorCode,
}

/// The word of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The pre-authorized code or the transaction code is wrong, used or has run out (6.3).
    InvalidGrant,
    /// The transaction code is wrong (OpenID4VCI 1.1).
    InvalidTxCode,
    /// The request is malformed, or a transaction code is missing or was not expected (6.3).
    InvalidRequest,
    /// The client is unknown, or has to make itself known (6.3).
    InvalidClient,
    /// The client may not do this.
    UnauthorizedClient,
    /// The way of collecting is not taken.
    UnsupportedGrantType,
    /// The access token does not hold (RFC 6750, 3.1).
    InvalidToken,
    /// The credential request is malformed (8.3.1.2).
    InvalidCredentialRequest,
    /// The configuration is not known (8.3.1.2).
    UnknownCredentialConfiguration,
    /// The credential identifier is not known (8.3.1.2).
    UnknownCredentialIdentifier,
    /// A key proof is missing or does not hold (8.3.1.2).
    InvalidProof,
    /// The nonce of a key proof is missing, old or not the issuer's (8.3.1.2).
    InvalidNonce,
    /// The encryption parameters do not hold (8.3.1.2).
    InvalidEncryptionParameters,
    /// The issuer will not give this credential (8.3.1.2).
    CredentialRequestDenied,
    /// The transaction is not known, or its credential was given already (9.3).
    InvalidTransactionId,
    /// The credential is not ready yet: how drafts said it, before a response with status 202 did.
    IssuancePending,
    /// The proof of possession needs the server's nonce (RFC 9449, 8).
    UseDpopNonce,
    /// The proof of possession does not hold (RFC 9449, 5).
    InvalidDpopProof,
    /// The proof of an attested program needs the server's challenge (Attestation-Based Client Authentication, draft 07,
    /// 6.2).
    UseAttestationChallenge,
    /// The attestation is not fresh enough for the server (6.2).
    UseFreshAttestation,
    /// The attestation or its proof does not hold (6.2).
    InvalidClientAttestation,
    /// Too many attempts, for now.
    SlowDown,
    /// The server has a fault, or no time.
    ServerError,
    /// A word that is not known here.
    #[serde(rename = "unknown_error")]
    Other,
}

impl ErrorCode {
    const KNOWN: &'static [(&'static str, Self)] = &[
        ("invalid_grant", Self::InvalidGrant),
        ("invalid_tx_code", Self::InvalidTxCode),
        ("invalid_request", Self::InvalidRequest),
        ("invalid_client", Self::InvalidClient),
        ("unauthorized_client", Self::UnauthorizedClient),
        ("unsupported_grant_type", Self::UnsupportedGrantType),
        ("invalid_token", Self::InvalidToken),
        ("invalid_credential_request", Self::InvalidCredentialRequest),
        ("unknown_credential_configuration", Self::UnknownCredentialConfiguration),
        ("unknown_credential_identifier", Self::UnknownCredentialIdentifier),
        ("invalid_proof", Self::InvalidProof),
        ("invalid_nonce", Self::InvalidNonce),
        ("invalid_encryption_parameters", Self::InvalidEncryptionParameters),
        ("credential_request_denied", Self::CredentialRequestDenied),
        ("invalid_transaction_id", Self::InvalidTransactionId),
        ("issuance_pending", Self::IssuancePending),
        ("use_dpop_nonce", Self::UseDpopNonce),
        ("invalid_dpop_proof", Self::InvalidDpopProof),
        ("use_attestation_challenge", Self::UseAttestationChallenge),
        ("use_fresh_attestation", Self::UseFreshAttestation),
        ("invalid_client_attestation", Self::InvalidClientAttestation),
        ("slow_down", Self::SlowDown),
        ("server_error", Self::ServerError),
    ];

    /// The word, for a log. Only words that are known here are ever printed.
    pub fn as_str(self) -> &'static str {
        Self::KNOWN.iter().find(|(_, code)| *code == self).map_or("unknown_error", |(word, _)| word)
    }
}

impl ErrorResponse {
    /// An error to send.
    pub fn new(error: ErrorCode) -> Self {
        Self { error }
    }

    /// Reads the body of a reply that is not a success; `None` if it says nothing in this form.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let value = json::read(bytes).ok()?;
        let word = Members::of(&value).ok()?.text("error").ok()??;
        let error =
            ErrorCode::KNOWN.iter().find(|(known, _)| *known == word).map_or(ErrorCode::Other, |(_, code)| *code);
        Some(Self { error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_are_read_and_written() {
        for (word, code) in ErrorCode::KNOWN {
            let body = serde_json::to_string(&ErrorResponse::new(*code)).unwrap();
            assert_eq!(body, format!("{{\"error\":\"{word}\"}}"));
            assert_eq!(ErrorResponse::parse(body.as_bytes()), Some(ErrorResponse::new(*code)));
            assert_eq!(code.as_str(), *word);
        }
    }

    #[test]
    fn a_strangers_word_is_not_repeated() {
        let body = br#"{"error":"your code 493536 is wrong","error_description":"493536"}"#;
        let read = ErrorResponse::parse(body).unwrap();
        assert_eq!(read.error, ErrorCode::Other);
        assert!(!format!("{read:?} {}", read.error.as_str()).contains("493536"));
    }

    #[test]
    fn a_page_says_nothing() {
        for body in [&b"<html>"[..], b"", b"[]", br#"{"error":5}"#, br#"{"message":"x"}"#] {
            assert_eq!(ErrorResponse::parse(body), None);
        }
    }
}
