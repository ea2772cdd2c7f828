//! Whom the person trusts beside the lists that came with the program.

use leerpas_ipc::view::{CardDetail, TrustedView};
use tauri::{AppHandle, Runtime, State};

use super::{Answer, cards::named, view};
use crate::{App, app::tell_cards};

#[tauri::command]
pub async fn trusted(app: State<'_, App>) -> Answer<Vec<TrustedView>> {
    let trusted = app.wallet().trusted().await.map_err(view)?;
    Ok(trusted.iter().map(|one| leerpas_ipc::trusted(one, app.language())).collect())
}

/// Trusts the issuer of a card, and checks the card again so that it says so.
#[tauri::command]
pub async fn trust_issuer<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>, card: String) -> Answer<CardDetail> {
    let id = named(&card);
    app.wallet().trust_issuer(&id).await.map_err(view)?;
    let (card, report) = app.wallet().check_again(&id).await.map_err(view)?;
    tell_cards(&handle);
    Ok(leerpas_ipc::card_detail(&card, &report, true, app.language()))
}

#[tauri::command]
pub async fn distrust(app: State<'_, App>, id: String) -> Answer<Vec<TrustedView>> {
    app.wallet().distrust(&id).await.map_err(view)?;
    trusted(app).await
}
