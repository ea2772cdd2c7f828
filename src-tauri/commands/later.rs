//! What goes on between the learner and an institution: waiting, fresh copies, going there by oneself.

use leerpas_core::{EntitlementId, ErrorKind};
use leerpas_ipc::view::{CopiesView, InstitutionView, SessionView, WaitingView};
use tauri::{AppHandle, Runtime, State};

use super::{Answer, cards::named, session::answered, view};
use crate::{App, app::tell_cards};

#[tauri::command]
pub async fn waiting(app: State<'_, App>) -> Answer<Vec<WaitingView>> {
    let waiting = app.wallet().waiting().await.map_err(view)?;
    Ok(waiting.iter().map(leerpas_ipc::waiting).collect())
}

/// Asks whether a card is ready, as a session.
#[tauri::command]
pub async fn collect(app: State<'_, App>, id: String) -> Answer<SessionView> {
    let outcome = app.wallet().collect(&entitlement(&id)).await;
    match outcome {
        // What never became a session is an error of the call.
        Err(failure) if matches!(failure.kind, ErrorKind::TooEarly | ErrorKind::CardNotFound) => Err(view(failure)),
        outcome => answered(&app, outcome),
    }
}

#[tauri::command]
pub async fn give_up(app: State<'_, App>, id: String) -> Answer<Vec<WaitingView>> {
    app.wallet().give_up(&entitlement(&id)).await.map_err(view)?;
    waiting(app).await
}

#[tauri::command]
pub async fn copies(app: State<'_, App>, card: String) -> Answer<CopiesView> {
    app.wallet().copies(&named(&card)).await.map(leerpas_ipc::copies).map_err(view)
}

#[tauri::command]
pub async fn refill<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>, card: String) -> Answer<CopiesView> {
    app.wallet().refill(&named(&card)).await.map_err(view)?;
    tell_cards(&handle);
    copies(app, card).await
}

#[tauri::command]
pub async fn institutions(app: State<'_, App>) -> Answer<Vec<InstitutionView>> {
    Ok(app.wallet().institutions().iter().map(leerpas_ipc::institution).collect())
}

/// Goes to an institution that the person named.
#[tauri::command]
pub async fn visit(app: State<'_, App>, address: String) -> Answer<SessionView> {
    answered(&app, app.wallet().visit(&address).await)
}

fn entitlement(id: &str) -> EntitlementId {
    match id.parse() {
        Ok(id) => id,
        Err(never) => match never {},
    }
}
