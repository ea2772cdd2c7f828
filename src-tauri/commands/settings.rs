//! Settings, and links that lead out of the window.

use leerpas_core::{ErrorKind, Failure, Url};
use leerpas_ipc::{
    handlers::LinkHandlerView,
    view::{Settings, Snapshot},
};
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_opener::OpenerExt as _;

use super::{Answer, view};
use crate::{App, handlers};

#[tauri::command]
pub async fn save_settings(app: State<'_, App>, settings: Settings) -> Answer<Snapshot> {
    if settings.keychain != app.wallet().has_keychain() {
        app.wallet().set_keychain(settings.keychain).await.map_err(view)?;
    }
    app.keep_settings(settings).map_err(view)?;
    app.snapshot().map_err(view)
}

/// Opens an https page in the person's browser, after a click on it.
#[tauri::command]
pub async fn open_link<R: Runtime>(handle: AppHandle<R>, url: String) -> Answer<()> {
    let refused = |what: &str| view(Failure::new(ErrorKind::AddressRefused, "link", what));
    let url = Url::parse(&url).map_err(|_| refused("this is no address"))?;
    if url.scheme() != "https" || !url.username().is_empty() || url.password().is_some() {
        return Err(refused("only https pages are opened"));
    }
    handle.opener().open_url(url.as_str(), None::<&str>).map_err(|_| refused("no browser could be opened"))
}

/// Which program opens our kinds of links.
#[tauri::command]
pub async fn link_handlers() -> Answer<Vec<LinkHandlerView>> {
    Ok(handlers::all())
}

/// Lets Leerpas open our kinds of links from now on, because the person said so.
#[tauri::command]
pub async fn take_links<R: Runtime>(handle: AppHandle<R>) -> Answer<Vec<LinkHandlerView>> {
    handlers::take_all(&handle).map_err(view)
}
