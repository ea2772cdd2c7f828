//! Where the passphrase comes from: a file, the environment, or the keyboard. Never an argument.

use std::{fs, path::Path};

use leerpas_core::{ErrorKind, Failure, Secret};

use crate::spoken::is_interactive;

/// Where a script puts the passphrase. What this program starts does not get it.
pub const VARIABLE: &str = "LEERPAS_PASSPHRASE";

/// Reads the passphrase. One line break at the end of a file is not part of it.
pub fn read(file: Option<&Path>, twice: bool) -> Result<Secret<String>, Failure> {
    if let Some(path) = file {
        let mut text = fs::read_to_string(path).map_err(|e| {
            Failure::new(ErrorKind::Usage, "passphrase", format!("{} cannot be read: {e}", path.display()))
        })?;
        for end in ['\n', '\r'] {
            if text.ends_with(end) {
                text.pop();
            }
        }
        return Ok(Secret::new(text));
    }
    if let Ok(text) = std::env::var(VARIABLE) {
        return Ok(Secret::new(text));
    }
    if !is_interactive() {
        return Err(Failure::new(ErrorKind::Locked, "passphrase", format!("give --passphrase-file or {VARIABLE}")));
    }
    let first = ask("Passphrase: ")?;
    if twice && *ask("The same again: ")?.expose() != *first.expose() {
        return Err(Failure::new(ErrorKind::WrongPassphrase, "passphrase", "the two are not the same"));
    }
    Ok(first)
}

/// Asks for something that is not shown while it is typed.
pub fn ask(prompt: &str) -> Result<Secret<String>, Failure> {
    rpassword::prompt_password(prompt)
        .map(Secret::new)
        .map_err(|e| Failure::new(ErrorKind::Usage, "passphrase", format!("nothing could be read: {e}")))
}
