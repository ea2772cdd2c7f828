//! Cards, the activity log and the keys.

use leerpas_core::{ActivityId, CardId};
use leerpas_ipc::view::{ActivityView, CardDetail, CardSummary, KeyView};
use leerpas_wallet::{Form, Page, Refresh};
use tauri::{AppHandle, Runtime, State};

use super::{Answer, view};
use crate::{App, app::tell_cards, saving};

#[tauri::command]
pub async fn cards(app: State<'_, App>, query: String) -> Answer<Vec<CardSummary>> {
    let mut views = Vec::new();
    for card in app.wallet().cards(Some(query), Page::ALL).await.map_err(view)? {
        let picture = if card.has_picture { app.wallet().picture(&card.id).await.map_err(view)? } else { None };
        views.push(leerpas_ipc::card_summary(&card, picture));
    }
    Ok(views)
}

#[tauri::command]
pub async fn card(app: State<'_, App>, id: String) -> Answer<CardDetail> {
    let (card, report) = app.wallet().card(&named(&id)).await.map_err(view)?;
    Ok(leerpas_ipc::card_detail(&card, &report, true, app.language()))
}

#[tauri::command]
pub async fn check_card(app: State<'_, App>, id: String) -> Answer<CardDetail> {
    let (card, report) = app.wallet().check_again(&named(&id)).await.map_err(view)?;
    Ok(leerpas_ipc::card_detail(&card, &report, true, app.language()))
}

#[tauri::command]
pub async fn check_cards<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>) -> Answer<()> {
    app.wallet().refresh(Refresh::All).await.map_err(view)?;
    tell_cards(&handle);
    Ok(())
}

#[tauri::command]
pub async fn delete_card(app: State<'_, App>, id: String) -> Answer<()> {
    app.wallet().delete(&named(&id)).await.map_err(view)
}

/// Writes a card into the person's folder for downloads, and says where.
#[tauri::command]
pub async fn save_card(app: State<'_, App>, id: String, picture: bool) -> Answer<String> {
    let form = if picture { Form::Picture } else { Form::Original };
    let export = app.wallet().export(&named(&id), form).await.map_err(view)?;
    saving::save(&export.name, &export.bytes).map_err(view)
}

#[tauri::command]
pub async fn identities(app: State<'_, App>) -> Answer<Vec<String>> {
    app.wallet().identities().await.map_err(view)
}

#[tauri::command]
pub async fn set_identities(app: State<'_, App>, identities: Vec<String>) -> Answer<Vec<String>> {
    app.wallet().set_identities(identities).await.map_err(view)?;
    app.wallet().identities().await.map_err(view)
}

#[tauri::command]
pub async fn activity(app: State<'_, App>) -> Answer<Vec<ActivityView>> {
    let activities = app.wallet().activities().await.map_err(view)?;
    Ok(activities.iter().map(leerpas_ipc::activity).collect())
}

/// Writes the receipt of an answer into the person's folder for downloads, and says where.
#[tauri::command]
pub async fn save_receipt(app: State<'_, App>, id: String) -> Answer<String> {
    let id: ActivityId = match id.parse() {
        Ok(id) => id,
        Err(never) => match never {},
    };
    let export = app.wallet().receipt(&id).await.map_err(view)?;
    saving::save(&export.name, &export.bytes).map_err(view)
}

#[tauri::command]
pub async fn keys(app: State<'_, App>) -> Answer<Vec<KeyView>> {
    let keys = app.wallet().keys().await.map_err(view)?;
    Ok(keys.iter().map(leerpas_ipc::key).collect())
}

pub(super) fn named(id: &str) -> CardId {
    match id.parse() {
        Ok(id) => id,
        Err(never) => match never {},
    }
}
