//! What is left at the end.

use std::fmt;

use leerpas_core::{CardFacts, ErrorKind, Exchange, Party};
use leerpas_credential::{keys::HolderKey, report::Report, verify::Resources};
use leerpas_openid::vci::Edition;

use crate::{Entitlement, HeldGrant, Later, ReceiveError};

/// The end of receiving: kept or declined.
pub struct Received {
    /// Who it was. After a decline at the first question only the host is known, and only as a claim.
    pub issuer: Party,
    /// The person said no. Then there are no cards.
    pub declined: bool,
    /// What went wrong last before the person said no: a wrong code, mostly. A caller that cannot ask again
    /// reports this instead of the decline.
    pub last_error: Option<ErrorKind>,
    /// What to keep.
    pub cards: Vec<ReceivedCard>,
    /// What was offered too and could not be had.
    pub failed: Vec<Failed>,
    /// Keys, lists and metadata that were fetched on the way, to be kept for the next check.
    pub resources: Resources,
    /// What the issuer would like to hear (OpenID4VCI 1.0, 11): each is sent once, after the cards are in the
    /// vault, and its reply changes nothing.
    pub notifications: Vec<Exchange>,
    /// What will come later. To be kept with the grant before anything else is.
    pub later: Vec<Later>,
    /// What it takes to come back, where something comes later or copies can be had anew.
    pub grant: Option<HeldGrant>,
    /// Which edition of the protocol the issuer turned out to speak; for a log and not for people.
    pub edition: Edition,
}

/// One credential to keep.
pub struct ReceivedCard {
    /// What it says.
    pub facts: CardFacts,
    /// What was checked, for the first copy; the others passed the same checks.
    pub report: Report,
    /// Each copy with the key that it is bound to and its original bytes; at least one.
    pub copies: Vec<(HolderKey, Vec<u8>)>,
    /// What to ask for when fresh copies are wanted, where the issuer lets the wallet come back.
    pub refill: Option<Entitlement>,
}

/// An offered credential that could not be had.
#[derive(Debug)]
pub struct Failed {
    /// The identifier of the configuration.
    pub configuration: String,
    /// Its name.
    pub title: String,
    /// Why.
    pub error: ReceiveError,
}

/// Says how it ended and prints neither claims nor the token that goes along with the notifications.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("issuer", &self.issuer)
            .field("declined", &self.declined)
            .field("last_error", &self.last_error)
            .field("cards", &self.cards)
            .field("failed", &self.failed)
            .field("notifications", &self.notifications.len())
            .field("later", &self.later)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ReceivedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedCard")
            .field("types", &self.facts.types)
            .field("report", &self.report)
            .field("copies", &self.copies.len())
            .finish_non_exhaustive()
    }
}
