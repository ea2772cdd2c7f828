//! Collecting a credential: the holder's side of OpenID for Verifiable Credential Issuance 1.0, with a code that the
//! issuer authorised beforehand or with a sign-in in the browser, as a machine without input or output.
//!
//! The order is the protection. Nothing is fetched before the person agreed to contact the other side; no
//! code leaves before they saw who asks for it; no credential is kept before it was verified and they saw
//! it. What is verified: the signature, the key that made it, that it is bound to a key that was made for it
//! here, that it is of the kind that was offered, and its dates. A redirect is never followed: an issuer's
//! metadata names its addresses, and those are the only ones.
//!
//! [`Receiving`] is that machine; [`Question`] is what it asks, [`Received`] what is left at the end.

mod asking;
mod attestation;
mod choosing;
mod collecting;
mod copies;
mod error;
mod finding;
mod grant;
mod labels;
mod machine;
mod outcome;
mod plan;
mod possession;
mod proof;
mod question;
mod reply;
mod returning;
mod sign_in;

pub use attestation::{AttestationError, ClientAttestation};
pub use error::{At, ReceiveError, SignedMetadata, Unsupported};
pub use grant::{Entitlement, HeldGrant, Later};
pub use machine::Receiving;
pub use outcome::{Failed, Received, ReceivedCard};
pub use question::{
    Answer, Candidate, Choosable, Choosing, CodePrompt, OfferPreview, OfferSource, Question, ReceiveContext,
};
pub use returning::{Errand, ReturnAnswer, ReturnQuestion, Returned, Returning};

/// Wrong transaction codes after which the offer is given up.
pub const CODE_TRIES: u8 = 3;
