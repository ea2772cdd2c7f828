//! Making, opening and locking the vault.

use leerpas_core::Secret;
use leerpas_ipc::view::{RecoveryKeyView, Snapshot};
use leerpas_wallet::Refresh;
use tauri::{AppHandle, Manager as _, Runtime, State};

use super::{Answer, view};
use crate::{
    App,
    app::{tell_cards, tell_snapshot},
    links,
};

#[tauri::command]
pub async fn snapshot(app: State<'_, App>) -> Answer<Snapshot> {
    app.snapshot().map_err(view)
}

#[tauri::command]
pub async fn create_vault(app: State<'_, App>, passphrase: String) -> Answer<RecoveryKeyView> {
    let key = app.wallet().create(Secret::new(passphrase)).await.map_err(view)?;
    Ok(RecoveryKeyView { groups: key.expose().split('-').map(str::to_owned).collect() })
}

#[tauri::command]
pub async fn unlock<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>, passphrase: String) -> Answer<Snapshot> {
    app.wallet().unlock(Secret::new(passphrase)).await.map_err(view)?;
    opened(&handle, &app).await
}

#[tauri::command]
pub async fn unlock_with_keychain<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>) -> Answer<Snapshot> {
    app.wallet().unlock_with_keychain().await.map_err(view)?;
    opened(&handle, &app).await
}

#[tauri::command]
pub async fn recover<R: Runtime>(
    handle: AppHandle<R>,
    app: State<'_, App>,
    recovery_key: String,
    passphrase: String,
) -> Answer<Snapshot> {
    app.wallet().recover(Secret::new(recovery_key), Secret::new(passphrase)).await.map_err(view)?;
    opened(&handle, &app).await
}

#[tauri::command]
pub async fn lock<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>) -> Answer<Snapshot> {
    app.wallet().lock().await;
    tell_snapshot(&handle);
    app.snapshot().map_err(view)
}

/// A link that came while the vault was locked is taken up now.
async fn opened<R: Runtime>(handle: &AppHandle<R>, app: &App) -> Answer<Snapshot> {
    links::take_up(handle).await;
    check_due(handle.clone());
    app.snapshot().map_err(view)
}

/// Checks the cards whose status list has served its time, while the person goes on. Nobody waits for it, and locking ends
/// it; what it could not do is done after the next unlocking.
fn check_due<R: Runtime>(handle: AppHandle<R>) {
    tauri::async_runtime::spawn(async move {
        match handle.state::<App>().wallet().refresh(Refresh::Due).await {
            Ok(refreshed) if !refreshed.checked.is_empty() => tell_cards(&handle),
            Ok(_) => {}
            Err(failure) => tracing::debug!(kind = failure.kind.as_str(), "the cards were not checked"),
        }
    });
}
