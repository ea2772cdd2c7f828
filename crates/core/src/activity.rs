//! What the wallet did, for the person who owns it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ActivityId, CardId, ErrorKind, Party};

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
