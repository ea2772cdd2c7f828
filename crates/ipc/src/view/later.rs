//! What goes on between the learner and an institution: what can be collected, what is waited for, what is left.

use serde::Serialize;
use ts_rs::TS;

use super::PartyView;

/// One thing that can be collected.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChoiceView {
    /// For `AnswerView::Choose`.
    pub id: String,
    /// Its name.
    pub title: String,
}

/// A card that an institution hands out later.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WaitingView {
    /// Its identifier here.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Who hands it out.
    pub issuer: PartyView,
    /// Since when.
    pub since: String,
    /// Before this the institution does not want to be asked.
    pub ask_after: String,
}

/// How many copies of a card there are.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CopiesView {
    /// All of them.
    pub all: u32,
    /// Those that nobody has seen.
    pub fresh: u32,
    /// Whether the institution gives more.
    pub refillable: bool,
}

/// An institution to collect at.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct InstitutionView {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
}
