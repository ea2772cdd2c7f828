//! Approvals of this program by institutions.

use serde::Serialize;
use ts_rs::TS;

/// What is kept for one authorization server: a key, and the approval of it once there is one.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalView {
    /// The identifier of the server: an https address.
    pub server: String,
    /// The public half of the key, as a JWK in one line: what the institution has to approve.
    pub key: String,
    /// By which name the server knows this program; nothing as long as it is not approved.
    pub client: Option<String>,
    /// Until when the approval holds.
    pub until: Option<String>,
}
