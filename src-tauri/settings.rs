//! The settings: a small file beside the vault, in clear, because the lock screen needs them.

use std::{fs, path::Path};

use leerpas_core::{ErrorKind, Failure};
use leerpas_ipc::view::Settings;

const NAME: &str = "settings.json";

/// Reads the settings. A file that is missing or makes no sense gives the settings of a first start.
pub fn read(folder: &Path) -> Settings {
    fs::read(folder.join(NAME))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .filter(is_sound)
        .unwrap_or_else(first)
}

/// Writes the settings whole or not at all.
///
/// # Errors
/// [`ErrorKind::Usage`] when they make no sense, [`ErrorKind::StorageFailed`] when the disk refuses.
pub fn write(folder: &Path, settings: &Settings) -> Result<(), Failure> {
    if !is_sound(settings) {
        return Err(Failure::new(ErrorKind::Usage, "settings", "these settings make no sense"));
    }
    let fail = |e: std::io::Error| Failure::new(ErrorKind::StorageFailed, "settings", e.to_string());
    let text = serde_json::to_vec_pretty(settings)
        .map_err(|e| Failure::new(ErrorKind::Internal, "settings", e.to_string()))?;
    fs::create_dir_all(folder).map_err(fail)?;
    let new = folder.join(format!("{NAME}.new"));
    fs::write(&new, text).map_err(fail)?;
    fs::rename(new, folder.join(NAME)).map_err(fail)
}

fn first() -> Settings {
    let speaks = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    let language = if speaks.starts_with("en") { "en" } else { "nl" };
    Settings { language: language.to_owned(), theme: "system".to_owned(), lock_after_minutes: 5, keychain: false }
}

fn is_sound(settings: &Settings) -> bool {
    ["nl", "en"].contains(&settings.language.as_str())
        && ["system", "light", "dark"].contains(&settings.theme.as_str())
        && settings.lock_after_minutes <= 24 * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_nonsense_does_not_stick() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = first();
        settings.language = "en".into();
        settings.lock_after_minutes = 0;
        write(folder.path(), &settings).unwrap();
        assert_eq!(read(folder.path()), settings);
        settings.theme = "url(javascript:)".into();
        assert_eq!(write(folder.path(), &settings).unwrap_err().kind, ErrorKind::Usage);
        fs::write(folder.path().join(NAME), "{").unwrap();
        assert_eq!(read(folder.path()).lock_after_minutes, 5);
    }
}
