//! What a card says of what was learned: study load, results, alignments, work, parts.

use serde::Serialize;
use ts_rs::TS;

/// Study load.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CreditView {
    /// In decimal notation, for example `4.5`.
    pub amount: String,
    /// `ECTS`, `SBU`, `hours`, `credits`, or the issuer's own word.
    pub unit: String,
}

/// One result with what it is measured by.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GradeView {
    /// What was measured.
    pub name: Option<String>,
    /// The value as it is written.
    pub value: String,
    /// The ends or the steps of the scale.
    pub scale: Option<String>,
    /// What was needed to pass.
    pub required: Option<String>,
}

/// Something that an achievement is set against.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AlignmentView {
    /// The name of the target.
    pub name: String,
    /// The framework that it belongs to.
    pub framework: Option<String>,
    /// Its code there.
    pub code: Option<String>,
    /// Its address, shown as text.
    pub address: Option<String>,
    /// What it is about.
    pub description: Option<String>,
}

/// Work that an achievement rests on.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WorkView {
    /// Its name.
    pub name: Option<String>,
    /// What was made, and how.
    pub narrative: Option<String>,
    /// What kind of work it is.
    pub genre: Option<String>,
    /// Its address, shown as text.
    pub address: Option<String>,
}

/// One part of a diploma, a transcript or a record.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ContentView {
    /// Its name.
    pub title: String,
    /// How deep it lies: 0 is a direct part.
    pub depth: u32,
    /// What it is, as it is written.
    pub kind: Option<String>,
    /// Study load.
    pub credit: Option<CreditView>,
    /// Level as text.
    pub level: Option<String>,
    /// The result.
    pub result: Option<String>,
    /// When it was awarded.
    pub date: Option<String>,
    /// Who awarded it, where that is somebody else.
    pub issuer: Option<String>,
}

/// One fact with a name that the window has words for.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FactView {
    /// `language`, `assessment`, `supervision`, `participation`, `quality`, `programme`, `criteria`, or the name of a
    /// further fact of `core::PARTICULARS`.
    pub name: String,
    /// The value as text.
    pub value: String,
}

/// One claim with its value.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ClaimView {
    /// The path, joined with `.`.
    pub path: String,
    /// The issuer's own name for it in the person's language, if there is one.
    pub label: Option<String>,
    /// The value as text.
    pub value: String,
}
