//! Which program opens the links of issuers and requesters.

use serde::Serialize;
use ts_rs::TS;

/// One kind of link, with the program that the system starts for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LinkHandlerView {
    /// What such a link begins with, without the colon.
    pub scheme: String,
    /// The program, as it calls itself; nothing where there is none.
    pub program: Option<String>,
    /// Whether that is this Leerpas.
    pub ours: bool,
}
