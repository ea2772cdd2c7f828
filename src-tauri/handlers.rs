//! Which program the system starts for our kinds of links. Leerpas takes what nobody has, and never takes what another
//! program has: only a person does that, in the settings (security.md H08).

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use leerpas_core::{ErrorKind, Failure};
use leerpas_ipc::handlers::LinkHandlerView;
use tauri::{AppHandle, Runtime};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::arguments::SCHEMES;

/// Our own entries: the one of the package, and the one that a program registers that came without a package.
const OURS: [&str; 3] = ["Leerpas.desktop", "leerpas-app.desktop", "leerpas-app-handler.desktop"];

/// Every kind of link with its program.
pub fn all() -> Vec<LinkHandlerView> {
    SCHEMES.iter().map(|scheme| of(scheme)).collect()
}

/// Registers the kinds of links that no other program has, beside the start of the window: the tools of a desktop take
/// their time.
pub fn take_free<R: Runtime>(handle: &AppHandle<R>) {
    let handle = handle.clone();
    drop(tauri::async_runtime::spawn_blocking(move || {
        for scheme in SCHEMES.iter().filter(|scheme| is_free(&of(scheme))) {
            // Without those tools there is nothing to register with; links then come by pasting.
            if let Err(error) = handle.deep_link().register(scheme) {
                tracing::debug!(%error, scheme, "a kind of link was not registered");
            }
        }
    }));
}

/// Registers every kind of link, also one that another program has, because the person said so.
///
/// # Errors
/// [`ErrorKind::StorageFailed`] where the system does not take it.
pub fn take_all<R: Runtime>(handle: &AppHandle<R>) -> Result<Vec<LinkHandlerView>, Failure> {
    for scheme in SCHEMES {
        handle
            .deep_link()
            .register(scheme)
            .map_err(|error| Failure::new(ErrorKind::StorageFailed, "links", error.to_string()))?;
    }
    Ok(all())
}

/// Whether taking it takes it from nobody.
fn is_free(handler: &LinkHandlerView) -> bool {
    handler.ours || handler.program.is_none()
}

fn of(scheme: &str) -> LinkHandlerView {
    let entry = asked(scheme);
    LinkHandlerView {
        scheme: scheme.to_owned(),
        ours: entry.as_deref().is_some_and(|entry| OURS.contains(&entry)),
        program: entry.map(|entry| name_of(&entry, &application_folders()).unwrap_or(entry)),
    }
}

/// The name of the desktop entry that the system would start.
fn asked(scheme: &str) -> Option<String> {
    let ran =
        Command::new("xdg-mime").args(["query", "default", &format!("x-scheme-handler/{scheme}")]).output().ok()?;
    let entry = String::from_utf8(ran.stdout).ok()?.trim().to_owned();
    // A file name, whatever it was told: it becomes part of a path below.
    (entry.ends_with(".desktop") && !entry.contains(['/', '\n'])).then_some(entry)
}

/// What a program calls itself in its entry.
fn name_of(entry: &str, folders: &[PathBuf]) -> Option<String> {
    let text = folders.iter().find_map(|folder| fs::read_to_string(folder.join(entry)).ok())?;
    let name = text.lines().find_map(|line| line.strip_prefix("Name="))?.trim();
    let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    (!name.is_empty()).then_some(name)
}

/// Where desktop entries lie (XDG Base Directory Specification).
fn application_folders() -> Vec<PathBuf> {
    let own = env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let own = own.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".local/share")));
    let shared = env::var("XDG_DATA_DIRS").ok().filter(|dirs| !dirs.is_empty());
    let shared = shared.unwrap_or_else(|| "/usr/local/share:/usr/share".to_owned());
    own.into_iter().chain(shared.split(':').map(PathBuf::from)).map(|folder| folder.join("applications")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handler(program: Option<&str>, ours: bool) -> LinkHandlerView {
        LinkHandlerView { scheme: "openid4vp".to_owned(), program: program.map(str::to_owned), ours }
    }

    #[test]
    fn security_h08_what_another_program_has_is_not_taken_by_itself() {
        assert!(is_free(&handler(None, false)));
        assert!(is_free(&handler(Some("Leerpas"), true)));
        assert!(!is_free(&handler(Some("Another wallet"), false)));
    }

    #[test]
    fn security_h08_a_program_is_named_as_it_calls_itself() {
        let folder = tempfile::tempdir().unwrap();
        let entry = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        entry("other.desktop", "[Desktop Entry]\nType=Application\nName=Another wallet\u{7}\nExec=other %u\n");
        entry("nameless.desktop", "[Desktop Entry]\nName=\n");
        let folders = [folder.path().join("none"), folder.path().to_owned()];
        assert_eq!(name_of("other.desktop", &folders).as_deref(), Some("Another wallet"));
        assert_eq!(name_of("nameless.desktop", &folders), None);
        assert_eq!(name_of("gone.desktop", &folders), None);
    }
}
