//! Whom the person trusts beside the lists that came with the program.

use leerpas_core::{Evidence, Party};
use leerpas_ipc::view::{CardDetail, TrustedView};
use tauri::{AppHandle, Runtime, State};

use super::{Answer, cards::named, view};
use crate::{App, app::tell_cards};

#[tauri::command]
pub async fn trusted(app: State<'_, App>) -> Answer<Vec<TrustedView>> {
    let trusted = app.wallet().trusted().await.map_err(view)?;
    Ok(trusted.iter().map(|one| leerpas_ipc::trusted(one, app.language())).collect())
}

/// Trusts the issuer of a card; all its cards say so from then on.
#[tauri::command]
pub async fn trust_issuer<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>, card: String) -> Answer<CardDetail> {
    let id = named(&card);
    app.wallet().trust_issuer(&id).await.map_err(view)?;
    let (card, report) = app.wallet().card(&id).await.map_err(view)?;
    tell_cards(&handle);
    Ok(leerpas_ipc::card_detail(&card, &report, true, app.language()))
}

#[tauri::command]
pub async fn distrust<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>, id: String) -> Answer<Vec<TrustedView>> {
    app.wallet().distrust(&id).await.map_err(view)?;
    tell_cards(&handle);
    trusted(app).await
}

/// The logo of a party that the window shows as `listed`, and of no other: those have none.
#[tauri::command]
pub async fn logo(app: State<'_, App>, name: String, identifier: String) -> Answer<Option<String>> {
    let party = Party { name, identifier, host: None, evidence: Evidence::Listed };
    Ok(app.wallet().logo(&party))
}
