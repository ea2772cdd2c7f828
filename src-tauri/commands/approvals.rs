//! Approvals of this program by institutions. Each command gives what is kept afterwards.

use leerpas_ipc::view::ApprovalView;
use tauri::State;

use super::{Answer, view};
use crate::App;

#[tauri::command]
pub async fn approvals(app: State<'_, App>) -> Answer<Vec<ApprovalView>> {
    let kept = app.wallet().attestations().await.map_err(view)?;
    Ok(kept.iter().map(leerpas_ipc::approval).collect())
}

/// Makes the key for a server, if there is none.
#[tauri::command]
pub async fn approval_key(app: State<'_, App>, server: String) -> Answer<Vec<ApprovalView>> {
    app.wallet().attestation_key(server.trim()).await.map_err(view)?;
    approvals(app).await
}

#[tauri::command]
pub async fn add_approval(app: State<'_, App>, server: String, approval: String) -> Answer<Vec<ApprovalView>> {
    app.wallet().add_attestation(&server, &approval).await.map_err(view)?;
    approvals(app).await
}

#[tauri::command]
pub async fn remove_approval(app: State<'_, App>, server: String) -> Answer<Vec<ApprovalView>> {
    app.wallet().remove_attestation(&server).await.map_err(view)?;
    approvals(app).await
}
