//! OpenID4VP 1.0: what a verifier asks and what a wallet answers, for both ends of the wire.
//!
//! A link leads to a [`RequestSource`]; what is fetched or carried becomes an [`AuthorizationRequest`],
//! with every rule of section 5 and 8 applied. Who signed it is not judged here.

mod client_id;
mod client_metadata;
mod error;
mod presentation_exchange;
mod request;
mod response;
mod return_address;
mod source;
mod transaction;
mod verifier_info;

pub use client_id::{ClientId, Prefix};
pub use client_metadata::{ClientMetadata, ContentEncryption};
pub use error::RequestError;
pub use presentation_exchange::PresentationDefinition;
pub use request::{
    AuthorizationRequest, LONGEST_LIFETIME_SECONDS, MAX_NONCE, MIN_NONCE, REQUEST_OBJECT_MEDIA_TYPE,
    REQUEST_OBJECT_TYPE, RequestObject, ResponseMode, SELF_ISSUED_AUDIENCE, purpose_member,
};
pub use response::{AuthorizationResponse, FormError, ResponseShapeError, VpToken, read_form};
pub use return_address::ReturnAddress;
pub use source::RequestSource;
pub use transaction::{STATEMENT_TYPE, TRANSACTION_HASH, TransactionData};
pub use verifier_info::VerifierInfo;
