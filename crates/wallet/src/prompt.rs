//! What the engine asks a person, what the person says, and how a session ends.

use leerpas_core::{Card, CardId, Failure, Outcome, Party, Purpose, Secret, Timestamp, Url};
use leerpas_credential::report::Report;
use leerpas_share::{Choice, Plan};

use crate::FramesPrompt;

/// Whose hand brought something in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// The person pasted, dropped, typed or chose it: that is their word to look at it.
    Person,
    /// Another program opened a link: nothing is fetched until the person says so.
    Program,
}

/// Where the running session stands.
#[derive(Debug, Clone)]
pub enum Progress {
    /// Nothing is going on.
    Idle,
    /// Something is being fetched or sent.
    Working(Work),
    /// It is the person's turn.
    Ask(Box<Prompt>),
    /// It ended, and the person has not gone on yet.
    Ended(Box<End>),
}

/// What is being fetched or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Something is being opened or checked on this computer.
    Here,
    /// An exchange with the other side.
    There(Purpose),
}

impl Work {
    /// The word for it, as in `Failure::step`: `offer`, `metadata`, `authorization`, `token`, `credential`, `request`, `response` or
    /// `verify`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "verify",
            Self::There(Purpose::RequestObject | Purpose::Refusal) => "request",
            Self::There(Purpose::Nonce) => Purpose::Credential.as_str(),
            Self::There(Purpose::Keys | Purpose::StatusList | Purpose::Badge | Purpose::TypeMetadata) => {
                Self::Here.as_str()
            }
            Self::There(purpose) => purpose.as_str(),
        }
    }
}

/// A question to the person.
#[derive(Debug, Clone)]
pub enum Prompt {
    /// Somebody at this host offers or asks something: look at it?
    Contact {
        /// The host.
        host: String,
    },
    /// What to collect at this institution?
    Choose(leerpas_receive::Choosing),
    /// Take what is offered?
    Offer(OfferPrompt),
    /// Sign in at the institution with your own browser? Whoever asks opens the address there, and answers
    /// [`Answer::SignIn`] to wait until the browser comes back.
    SignIn {
        /// Where to send the browser; for this one sign-in.
        url: Url,
        /// The host that the person should see there.
        host: String,
    },
    /// Keep these cards? All of them are checked; nothing is kept yet.
    Review(Review),
    /// Share these claims?
    Share(SharePrompt),
    /// Show these pictures to the party that asked, without any network.
    Frames(FramesPrompt),
}

/// An offer, as far as it is known before anything is collected.
#[derive(Debug, Clone)]
pub struct OfferPrompt {
    /// Who offers.
    pub issuer: Party,
    /// The names of what is offered.
    pub titles: Vec<String>,
    /// The code to ask for.
    pub code: Option<leerpas_receive::CodePrompt>,
    /// The last code was wrong.
    pub wrong_code: bool,
    /// The host at which the person will sign in with their browser, where that is the way.
    pub sign_in: Option<String>,
}

/// Cards to look at before they are kept.
#[derive(Debug, Clone)]
pub struct Review {
    /// Each card with its checks.
    pub cards: Vec<(Card, Report)>,
    /// Whether they came as files.
    pub from_file: bool,
    /// Whether one of them is in the vault already.
    pub duplicate: bool,
    /// Whether one of them is another issue of a card that is in the vault, and which of the two will stay.
    pub version: Option<crate::Version>,
    /// Titles of what was offered and could not be had, with the reason.
    pub failed: Vec<(String, Failure)>,
}

/// A request with everything that would be shared.
#[derive(Debug, Clone)]
pub struct SharePrompt {
    /// What would be shared, with whom.
    pub plan: Box<Plan>,
    /// The cards that the plan names.
    pub cards: Vec<Card>,
    /// What the same party got earlier.
    pub before: Vec<Before>,
    /// Cards of which no fresh copy is left for this party: with whoever saw the copy before, it could tell that both
    /// met the same person.
    pub linkable: Vec<CardId>,
}

/// Something that a party got earlier, once or more often.
#[derive(Debug, Clone)]
pub struct Before {
    /// The last time.
    pub last: Timestamp,
    /// How often.
    pub times: u32,
    /// Titles of the cards.
    pub titles: Vec<String>,
    /// Paths of the claims.
    pub paths: Vec<String>,
}

/// What the person says.
#[derive(Debug)]
pub enum Answer {
    /// To [`Prompt::Contact`]: look at it. To [`Prompt::Offer`]: take it, with the code.
    Take {
        /// The code, if one is asked for.
        code: Option<Secret<String>>,
    },
    /// To [`Prompt::Choose`]: these, by their identifiers.
    Choose(Vec<String>),
    /// To [`Prompt::SignIn`]: the browser is on its way.
    SignIn,
    /// To [`Prompt::Review`].
    Keep,
    /// To [`Prompt::Share`].
    Share {
        /// The fingerprint of the plan that was shown.
        fingerprint: String,
        /// The cards and what is left out.
        choice: Choice,
    },
    /// To [`Prompt::Frames`]: the pictures are no longer needed.
    Shown {
        /// Whether the other side read them, as far as the person can tell.
        read: bool,
    },
    /// No, to any of them.
    Decline,
}

/// How a session ended.
#[derive(Debug, Clone)]
pub enum End {
    /// These cards are in the vault now.
    Kept(Vec<Card>),
    /// The request was answered.
    Shared {
        /// Who has it.
        party: Party,
        /// [`Outcome::Done`] or [`Outcome::Uncertain`].
        outcome: Outcome,
        /// How many claims.
        count: usize,
        /// Where the requester wants the person to go on.
        go_on: Option<Url>,
    },
    /// The institution hands something out later.
    Later {
        /// Cards that are in the vault now.
        kept: Vec<Card>,
        /// What is waited for.
        waiting: Vec<crate::WaitingCard>,
    },
    /// The person said no.
    Declined,
    /// It failed; nothing was kept or shared.
    Failed(Failure),
}
