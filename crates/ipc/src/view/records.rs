//! What is on record: the activity log, whom the person trusts, and the keys.

use serde::Serialize;
use ts_rs::TS;

use super::PartyView;

/// One line of the activity log.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ActivityView {
    /// Its identifier.
    pub id: String,
    /// When.
    pub at: String,
    /// `received`, `imported`, `shared` or `deleted`.
    pub kind: String,
    /// With whom.
    pub party: Option<PartyView>,
    /// Why, in the party's words.
    pub purpose: Option<String>,
    /// Titles of the cards.
    pub titles: Vec<String>,
    /// Paths of the claims that were shared.
    pub claims: Vec<String>,
    /// `done`, `declined`, `failed`, `uncertain` or `started`.
    pub outcome: String,
    /// The error kind, if it failed.
    pub error: Option<String>,
    /// Whether the request was read as a code from another screen.
    pub elsewhere: bool,
}

/// An institution that the person trusts beside the lists that came with the program.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrustedView {
    /// Its identifier here.
    pub id: String,
    /// The name in the person's language.
    pub name: String,
    /// The first of its identifiers: what was proved.
    pub identifier: String,
    /// When it was added.
    pub added: String,
    /// Whether it came with a signed list; else the person added it.
    pub from_list: bool,
    /// Its logo from the list, made safe: a `data:` URL for an `<img>`.
    pub logo: Option<String>,
}

/// One key.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KeyView {
    /// Its identifier.
    pub id: String,
    /// `holder`.
    pub purpose: String,
    /// The title of the card that it belongs to.
    pub card: Option<String>,
    /// The thumbprint of the public half (RFC 7638), base64url.
    pub thumbprint: String,
    /// When it was made.
    pub made: String,
}
