//! What the wallet did, for the person who owns it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ActivityId, CardId, ErrorKind, Language, Party, Url};

/// One line of the log. Names claims, never their values (EUDI ARF, topic 19, DASH_03).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Its name in this vault.
    pub id: ActivityId,
    /// When it began.
    pub at: Timestamp,
    /// What was done.
    pub kind: ActivityKind,
    /// With whom; a file has nobody.
    pub party: Option<Party>,
    /// The reason that the party gave.
    pub purpose: Option<String>,
    /// What the party told besides: of every answer that a person decided about; lines that are older have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// The cards it was about.
    pub cards: Vec<CardId>,
    /// Titles of those cards at the time, so that the line reads on after a card is deleted.
    pub titles: Vec<String>,
    /// What was shared; empty for everything but sharing.
    pub claims: Vec<SharedClaim>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed, if it did.
    pub error: Option<ErrorKind>,
    /// Whether the request came as a picture of a code, so that somebody made it on another screen.
    #[serde(default)]
    pub elsewhere: bool,
}

/// What whoever asked told about itself and about what it does with the answer, and when and in which language the person
/// was shown it. What it did not tell is absent; nobody fills it in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// When the request was put to the person.
    pub asked: Option<Timestamp>,
    /// The language that Leerpas spoke then.
    pub language: Option<Language>,
    /// The language of the reason, where the party says which it is.
    pub purpose_language: Option<Language>,
    /// How long the answer is kept, in the party's words.
    pub retention: Option<String>,
    /// Where it says what it does with personal data: https.
    pub policy: Option<Url>,
    /// Where its terms are: https.
    pub terms: Option<Url>,
    /// How it can be reached: addresses of mail, mostly.
    pub contacts: Vec<String>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// Took a credential from an issuer.
    Received,
    /// Took a credential from a file.
    Imported,
    /// Answered a request, or declined it.
    Shared,
    /// Threw a card away.
    Deleted,
}

/// One claim that was shared: which, not what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedClaim {
    /// The card.
    pub card: CardId,
    /// The path within it, joined with `.`; `*` for a whole document.
    pub path: String,
    /// How it weighs, by its name; a whole document weighs what its heaviest claim does.
    #[serde(default, skip_serializing_if = "Weight::is_plain")]
    pub weight: Weight,
    /// Whether the request would have been answered without it too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// How a claim weighs (ISO/IEC TS 27560:2023, `sensitive_pii_category` and `special_pii_category`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// As any other.
    #[default]
    Plain,
    /// It deserves a second look.
    Sensitive,
    /// Of a kind that the law protects in particular, such as health (GDPR, article 9).
    Special,
}

impl Weight {
    /// Whether it is as any other.
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Written before anything is sent; found at a start, it means that the program stopped midway,
    /// and becomes [`Outcome::Uncertain`].
    Started,
    /// Done: received, imported, or shared and confirmed.
    Done,
    /// The person said no. Nothing was sent but that word.
    Declined,
    /// It failed and nothing was shared or kept.
    Failed,
    /// It was sent and nobody confirmed it: it may have been shared.
    Uncertain,
}
