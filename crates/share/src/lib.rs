//! OpenID4VP 1.0 for the holder: who asks, what fits, what the person approves, what is sent.
//!
//! [`Sharing`] is a machine without input or output. Nothing is fetched before the person let the first
//! address be contacted, and nothing is sent to the requester before the person answered the [`Plan`]: with
//! an [`Approval`], which only [`Plan::approve`] makes, or with a no. The step that sends an answer carries
//! [`leerpas_core::Purpose::Response`]; [`Sharing::intent`] says what is to be written down before it is
//! carried out. A proved requester whose request cannot be answered whatever the person holds is told so in one word
//! ([`Sharing::refusing`]).

mod approval;
mod card;
mod error;
mod fetch;
mod lookalike;
mod machine;
mod plan;
mod planning;
mod receipt;
mod registration;
mod requester;
mod response;
mod sensitive;
mod told;

pub use approval::{Approval, ApproveError, Choice};
pub use card::HeldCard;
pub use error::ShareError;
pub use lookalike::HostCaution;
pub use machine::{Answer, HeldKey, Intent, Question, ShareContext, Shared, Sharing};
pub use plan::{CandidateCard, Plan, PlannedClaim, PlannedQuery};
pub use planning::{MAX_CANDIDATES, rank};
pub use receipt::{NoReceipt, receipt};
pub use registration::Registration;
pub use sensitive::Sensitivity;
