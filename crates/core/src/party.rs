//! Somebody at the other side: an issuer, a verifier, a catalogue.

use serde::{Deserialize, Serialize};

/// An organisation as the learner meets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// What the learner reads. Comes from the trust list if it knows the party, else from the party
    /// itself, and then it is only a claim; [`Party::evidence`] says which.
    pub name: String,
    /// The identifier that was proved: a URL, a DID, or a prefixed client identifier.
    pub identifier: String,
    /// The host that the learner can recognise, if the identifier has one.
    pub host: Option<String>,
    /// How we know.
    pub evidence: Evidence,
}

/// How the name of a [`Party`] came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The trust list names it and its key or certificate was proved.
    Listed,
    /// The person told Leerpas to trust it, and its key or certificate was proved.
    Own,
    /// Its key or certificate was proved, and no list names it.
    Proved,
    /// It says so itself.
    Claimed,
}
