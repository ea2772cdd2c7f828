//! Links that other programs open. One that comes while the vault is locked, or while something else is going on,
//! waits and is announced; it never takes the place of what a person is looking at.

use leerpas_core::ErrorKind;
use leerpas_wallet::{Hand, Input, VaultState};
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::{
    App,
    app::tell_snapshot,
    arguments::{Arguments, is_link},
};

/// Hears links that the system hands over.
pub fn listen<R: Runtime>(handle: &AppHandle<R>) {
    let listener = handle.clone();
    handle.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            arrived(&listener, url.to_string());
        }
    });
    // A program that is not installed, as in a trial, may not register its schemes: links then come by pasting.
    if let Err(error) = handle.deep_link().register_all() {
        tracing::debug!(%error, "link schemes were not registered");
    }
}

/// A second start hands over its words and ends.
pub fn from_second_start<R: Runtime>(handle: &AppHandle<R>, words: Vec<String>) {
    if let Some(window) = handle.get_webview_window("main") {
        drop(window.unminimize());
        drop(window.set_focus());
    }
    if let Ok(Arguments { link: Some(link), .. }) = Arguments::read(words.into_iter().skip(1)) {
        arrived(handle, link);
    }
}

/// A link came from outside.
pub fn arrived<R: Runtime>(handle: &AppHandle<R>, link: String) {
    if !is_link(&link) {
        return;
    }
    handle.state::<App>().let_wait(link);
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move { take_up(&handle).await });
}

/// Takes up the link that waits, if the vault is open and nothing else is going on.
pub async fn take_up<R: Runtime>(handle: &AppHandle<R>) {
    let app = handle.state::<App>();
    if matches!(app.wallet().state(), Ok(VaultState::Open))
        && let Some(link) = app.take_waiting()
    {
        let outcome = app.wallet().arrive(Input::Text(link.clone()), Hand::Program).await;
        if outcome.is_err_and(|failure| failure.kind == ErrorKind::Busy) {
            app.let_wait(link);
        }
    }
    tell_snapshot(handle);
}
