//! OAuth 2.0 as collecting a credential needs it: the sign-in in the browser (RFC 6749, 4.1; RFC 8252), what protects it
//! (RFC 7636, RFC 9126, RFC 9207), and tokens that only their owner can use (RFC 9449).

mod attestation;
mod authorization;
mod dpop;
mod pkce;

pub use attestation::{
    ATTESTATION_PROOF_TYPE, ATTESTATION_TYPE, ATTESTED_CLIENT, AttestationProof, attestation_challenge,
};
pub use authorization::{
    AuthorizationError, AuthorizationRequest, PushedRequest, authorization_response, is_answer_to,
};
pub use dpop::{DPOP_TYPE, DpopProof, USE_DPOP_NONCE};
pub use pkce::{Pkce, challenge_of};

/// The name by which authorization servers know this program. It is public, as a program on somebody's own computer has
/// no secret (RFC 8252, 8.5); an institution that wants another one says so in the trust list.
pub const CLIENT_ID: &str = "leerpas";
