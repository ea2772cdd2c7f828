//! Links that other programs open. One that comes while the vault is locked, or while something else is going on,
//! waits and is announced; it never takes the place of what a person is looking at.

use leerpas_wallet::Waiting;
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::{
    App,
    app::tell_snapshot,
    arguments::{Arguments, is_link},
    handlers,
};

/// Hears links that the system hands over.
pub fn listen<R: Runtime>(handle: &AppHandle<R>) {
    let listener = handle.clone();
    handle.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            arrived(&listener, url.to_string());
        }
    });
    handlers::take_free(handle);
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
    let app = handle.state::<App>();
    let another_waits = app.wallet().waiting_link() == Waiting::Yes;
    app.wallet().let_wait(link);
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        take_up(&handle).await;
        // One that runs out is told of, once for however many came.
        if !another_waits && handle.state::<App>().wallet().waited_in_vain().await {
            tell_snapshot(&handle);
        }
    });
}

/// Takes up the link that waits, if the vault is open and nothing else is on the screen.
pub async fn take_up<R: Runtime>(handle: &AppHandle<R>) {
    // What became of it is told by the session itself.
    drop(handle.state::<App>().wallet().take_up().await);
    tell_snapshot(handle);
}
