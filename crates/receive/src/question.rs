//! What goes in, and what only the person can say.

use std::sync::Arc;

use leerpas_core::{CardFacts, Language, Party, Secret, Url};
use leerpas_credential::{report::Report, trust::TrustList, verify::Resources};
use serde_json::Value;

use crate::ClientAttestation;

/// How an offer came in (OpenID4VCI 1.0, 4.1). That a link never holds both is for `intake` to see.
#[derive(Debug, Clone)]
pub enum OfferSource {
    /// `credential_offer`: the offer itself.
    Value(Value),
    /// `credential_offer_uri`: where it can be fetched.
    Reference(Url),
}

/// What the machine may know of the wallet.
#[derive(Clone)]
pub struct ReceiveContext {
    /// The institutions whose names we vouch for.
    pub trust: Arc<TrustList>,
    /// The language in which names are picked.
    pub language: Language,
    /// Keys, lists and metadata that are known already.
    pub resources: Resources,
    /// How many copies of each credential to ask for, each with a key of its own; at most what the issuer
    /// gives at once. 0 counts as 1.
    pub copies: u32,
    /// Attestations that institutions gave for their own authorization servers, and that hold.
    pub attestations: Vec<Arc<ClientAttestation>>,
}

/// What the machine asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// May the other side be contacted at all? Asked first, before anything is fetched: the first request
    /// already tells the other side that this wallet is here (OpenID4VCI 1.0, 15.6; security C03). The
    /// engine may answer by itself where the person brought the offer in with their own hands.
    Contact {
        /// The host that would be contacted, with its port if that is unusual.
        host: String,
        /// Whether the offer itself still has to be fetched.
        by_reference: bool,
    },
    /// What to collect, where the person came to the issuer by themself?
    Choose(Choosing),
    /// Take this offer?
    Take(OfferPreview),
    /// Where can the browser bring an answer? For the engine, which opens a door on this computer (RFC 8252, 7.3).
    Redirect,
    /// Sign in here, with the person's own browser; the engine waits at the door (RFC 8252, 4).
    SignIn {
        /// Where to send the browser. Holds no secret, and is for this sign-in only.
        url: Url,
        /// The host that the person should see in the browser.
        host: String,
    },
    /// Keep these, which were verified?
    Keep(Vec<Candidate>),
}

/// What the person said. Each answer fits one question; [`Answer::Decline`] fits all.
#[derive(Debug)]
pub enum Answer {
    /// Yes, contact them.
    Contact,
    /// These, by [`Choosable::id`]; one at least.
    Choose(Vec<String>),
    /// Yes, take it, with the code if one was asked for.
    Take {
        /// The transaction code as the person typed it.
        code: Option<Secret<String>>,
    },
    /// To [`Question::Redirect`]: a plain http address of this computer, at which the engine listens.
    Redirect(Url),
    /// To [`Question::SignIn`]: the query that the browser brought back, as it came.
    SignedIn(Secret<String>),
    /// Yes, keep them.
    Keep,
    /// No.
    Decline,
}

/// What an issuer gives to those who sign in.
#[derive(Debug, Clone, PartialEq)]
pub struct Choosing {
    /// Who.
    pub issuer: Party,
    /// What can be collected here, by name.
    pub options: Vec<Choosable>,
}

/// One thing that can be collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosable {
    /// The identifier of its configuration.
    pub id: String,
    /// Its name, in the person's language where the issuer has it.
    pub title: String,
}

/// An offer, before anything is collected.
#[derive(Debug, Clone, PartialEq)]
pub struct OfferPreview {
    /// Who offers.
    pub issuer: Party,
    /// The names of what is offered, in the person's language where the issuer has it.
    pub titles: Vec<String>,
    /// Every host that takes part, the issuer's first. More than one is worth showing (RFC 9700, 4.4).
    pub hosts: Vec<String>,
    /// Whether a code is needed, and how to ask for it.
    pub code: Option<CodePrompt>,
    /// Whether the code that was just sent was wrong.
    pub wrong_code: bool,
    /// The host at which the person will sign in with their browser, where that is the way.
    pub sign_in: Option<String>,
}

/// How to ask for the transaction code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePrompt {
    /// Digits only.
    pub numeric: bool,
    /// The number of characters, if the issuer says.
    pub length: Option<u64>,
    /// Where the person finds the code, in the issuer's words: plain text, at most 300 characters.
    pub description: Option<String>,
    /// The host that the code will be sent to, to be shown beside the field.
    pub host: String,
}

/// A credential that came and was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What it says.
    pub facts: CardFacts,
    /// What was checked.
    pub report: Report,
    /// How many copies came.
    pub copies: u32,
    /// Whether copies carry the same status entry, so that two verifiers could tell that they saw the same
    /// credential.
    pub linkable: bool,
}
