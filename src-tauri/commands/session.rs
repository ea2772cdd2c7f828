//! The one session: what came in, what is asked, what the person says.

use leerpas_core::{ErrorKind, Failure};
use leerpas_ipc::view::{AnswerView, SessionView};
use leerpas_wallet::{Hand, Input, Progress};
use tauri::{AppHandle, Runtime, State};

use super::{Answer, view};
use crate::{App, links};

#[tauri::command]
pub async fn session(app: State<'_, App>) -> Answer<SessionView> {
    let progress = app.wallet().watch().borrow().clone();
    Ok(leerpas_ipc::session(&progress, app.language()))
}

#[tauri::command]
pub async fn arrive_text(app: State<'_, App>, text: String) -> Answer<SessionView> {
    answered(&app, app.wallet().arrive(Input::Text(text), Hand::Person).await)
}

#[tauri::command]
pub async fn arrive_file(app: State<'_, App>, name: String, base64: String) -> Answer<SessionView> {
    let input = leerpas_ipc::file(name, &base64)
        .map_err(|_| view(Failure::new(ErrorKind::InputTooLarge, "input", "the file is too large or unreadable")))?;
    answered(&app, app.wallet().arrive(input, Hand::Person).await)
}

/// Whether a picture of the camera holds something for the wallet. Nothing begins with it.
#[tauri::command]
pub async fn look(base64: String) -> Answer<bool> {
    // Looking for a code takes its time; the window goes on meanwhile.
    let looked = tauri::async_runtime::spawn_blocking(move || leerpas_ipc::looks_good(&base64)).await;
    Ok(looked.unwrap_or(false))
}

#[tauri::command]
pub async fn answer(app: State<'_, App>, answer: AnswerView) -> Answer<SessionView> {
    answered(&app, app.wallet().answer(leerpas_ipc::answer(answer)).await)
}

/// Stops what is going on, or puts away what has ended. Then a link that waits has its turn.
#[tauri::command]
pub async fn cancel<R: Runtime>(handle: AppHandle<R>, app: State<'_, App>) -> Answer<SessionView> {
    app.wallet().dismiss().await;
    app.wallet().seen_too_late();
    links::take_up(&handle).await;
    session(app).await
}

/// A session that failed says so by its stage; only what never became a session is an error of the call.
pub(super) fn answered(app: &App, outcome: Result<Progress, Failure>) -> Answer<SessionView> {
    match outcome {
        Ok(progress) => Ok(leerpas_ipc::session(&progress, app.language())),
        Err(failure) if matches!(failure.kind, ErrorKind::Busy | ErrorKind::NoSession | ErrorKind::Locked) => {
            Err(view(failure))
        }
        Err(_) => Ok(leerpas_ipc::session(&app.wallet().watch().borrow(), app.language())),
    }
}
