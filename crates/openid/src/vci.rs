//! OpenID for Verifiable Credential Issuance 1.0 (OpenID4VCI), and the OAuth 2.0 messages that it uses.
//!
//! The holder parses offers, metadata and responses and writes requests; an issuer does the reverse. Both
//! use the types here. Older drafts are known in one place, [`Edition`] and what stands with it.

mod configuration;
mod credential;
mod deferred;
mod draft;
mod encryption;
mod error;
mod metadata;
mod offer;
mod server;
mod token;
mod well_known;

pub use configuration::{ClaimDescription, CredentialConfiguration, Display, PathPart};
pub use credential::{
    CredentialReply, CredentialRequest, CredentialRequestError, CredentialResponse, CredentialResponseError,
    IssuedCredential, NonceError, NonceResponse, NotificationEvent, Target, notification,
};
pub use deferred::{Deferred, LONGEST_WAIT, SHORTEST_WAIT};
pub use draft::{
    Edition, credential_request as draft_credential_request, nonce as draft_nonce, token_form as draft_token_form,
};
pub use encryption::{
    ChosenEncryption, Encryption, NoCommonEncryption, RequestEncryption, ResponseEncryption, response_encryption,
};
pub use error::{ErrorCode, ErrorResponse};
pub use metadata::{IssuerMetadata, MetadataError};
pub use offer::{AuthorizationCode, CredentialOffer, Grant, Grants, InputMode, OfferError, PreAuthorizedCode, TxCode};
pub use server::AuthorizationServerMetadata;
pub use token::{AuthorizedCredential, TokenError, TokenRequest, TokenRequestError, TokenResponse, TokenType};
pub use well_known::{
    authorization_server_metadata, credential_issuer_metadata, other_authorization_server_metadata,
    other_credential_issuer_metadata,
};

/// The grant type of an offer that the issuer authorised beforehand (OpenID4VCI 1.0, 4.1.1).
pub const PRE_AUTHORIZED_CODE: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
/// The grant type that sends the person to a browser first (RFC 6749, 4.1).
pub const AUTHORIZATION_CODE: &str = "authorization_code";
/// The grant type of a refresh token (RFC 6749, 6).
pub const REFRESH_TOKEN: &str = "refresh_token";
/// The `typ` of a key proof (OpenID4VCI 1.0, appendix F.1).
pub const PROOF_TYPE: &str = "openid4vci-proof+jwt";

/// Access tokens, codes, notification and transaction identifiers longer than this are refused, in bytes.
pub const TOKEN_BYTES: usize = 16 * 1024;
/// Nonces longer than this are refused, in bytes.
pub const NONCE_BYTES: usize = 4 * 1024;
/// Credentials that one offer may name.
pub const OFFERED: usize = 8;
/// Credential configurations that one issuer may describe.
pub const CONFIGURATIONS: usize = 1_000;
/// Names of organisations, credentials and claims are cut to this, in characters.
pub const NAME: usize = 200;

/// Whether a stranger's token may be put in a header or a form: visible ASCII and not too long
/// (RFC 6750, 2.1; RFC 6749, appendix A). Keeps line breaks out of headers.
fn is_token(text: &str, cap: usize) -> bool {
    !text.is_empty() && text.len() <= cap && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way of reading what a stranger sends.
    fn read_all(bytes: &[u8]) {
        let issuer = "https://issuer.example";
        let _ = CredentialOffer::from_json(bytes);
        let _ = IssuerMetadata::parse(bytes, issuer);
        let _ = AuthorizationServerMetadata::parse(bytes, issuer);
        let _ = TokenResponse::parse(bytes);
        let _ = NonceResponse::parse(bytes);
        let _ = CredentialRequest::parse(bytes);
        let _ = CredentialResponse::parse(bytes);
        let _ = Deferred::parse(bytes);
        let _ = Deferred::read_request(bytes);
        let _ = ErrorResponse::parse(bytes);
    }

    #[test]
    fn messages_cut_short_or_changed_anywhere_never_panic() {
        let message = br#"{"credential_issuer":"https://issuer.example","issuer":"https://issuer.example",
            "token_endpoint":"https://issuer.example/t","credential_endpoint":"https://issuer.example/c",
            "credential_configuration_ids":["a"],"grants":{"urn:ietf:params:oauth:grant-type:pre-authorized_code":
            {"pre-authorized_code":"x","tx_code":{"length":4,"description":"\ud83d\ude00"}}},
            "credential_configurations_supported":{"a":{"format":"f","claims":[{"path":["p",null,0]}],
            "proof_types_supported":{"jwt":{"proof_signing_alg_values_supported":["ES256"]}}}},
            "access_token":"t","token_type":"bearer","expires_in":5,"c_nonce":"n","credentials":[{"credential":"c~"}],
            "credential_identifier":"i","transaction_id":"t","interval":5,"proofs":{"jwt":["a.b.c"]},"error":"invalid_grant"}"#;
        read_all(message);
        for place in 0..message.len() {
            read_all(&message[..place]);
            for other in *b"\"{[]}0-n\\\xff" {
                let mut changed = message.to_vec();
                changed[place] = other;
                read_all(&changed);
            }
        }
    }

    #[test]
    fn descriptions_of_credentials_by_an_issuer_in_the_field_are_read() {
        let Some(folder) = crate::vectors("dutch/openid4vci-issuer/credentials") else { return };
        for entry in std::fs::read_dir(folder).unwrap() {
            let value = crate::json::read(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
            let configuration = CredentialConfiguration::parse(value).unwrap();
            assert_eq!(configuration.types[0], "VerifiableCredential");
            assert!(configuration.name(leerpas_core::Language::Nl).is_some());
        }
    }
}
