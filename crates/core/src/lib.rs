//! The words of the domain: identifiers, parties, cards, activities, exchanges, time, chance and secrets.
//!
//! Every other room stands on this one; this one stands on none. It opens no socket, no file and no
//! clock of its own accord: what touches the world is a trait here ([`Clock`], [`Entropy`]) or a value
//! that somebody else carries out ([`Exchange`]).

mod activity;
mod card;
mod clock;
mod entropy;
mod error;
mod exchange;
mod id;
mod learning;
pub mod limits;
mod machine;
mod nesting;
mod party;
mod secret;

pub use activity::{Activity, ActivityKind, Outcome, SharedClaim, Told, Weight};
pub use card::{Card, CardFacts, CardStatus, ClaimLabel, Credit, Format, Level, Picture, Rendering};
pub use clock::{Clock, FixedClock, SystemClock};
pub use entropy::{CountingEntropy, Entropy, OsEntropy};
pub use error::{ErrorKind, Failure};
pub use exchange::{Body, Exchange, Fault, Header, Method, Purpose, Reply};
pub use id::{ActivityId, CardId, EntitlementId, GrantId, KeyId};
pub use jiff::{SignedDuration, Timestamp};
pub use learning::{Alignment, Content, Grade, PARTICULARS, Particular, Work, totals};
pub use machine::{Env, Machine, Step};
pub use nesting::Nesting;
pub use party::{Evidence, Party};
pub use secret::Secret;
pub use url::Url;

/// A language that Leerpas speaks to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Dutch.
    #[default]
    Nl,
    /// English.
    En,
}

impl Language {
    /// The BCP 47 tag, `nl` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::En => "en",
        }
    }
}
