//! What a word on the command line stands for: a text, a file, or standard input.

use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
};

use leerpas_core::{ErrorKind, Failure, limits};
use leerpas_wallet::Input;

/// Takes a link or JSON as it is, reads a file, or reads standard input for `-`.
///
/// A word that names an existing file is that file; links and JSON never do.
pub fn read(word: &str) -> Result<Input, Failure> {
    if word == "-" {
        return Ok(Input::File { name: "-".into(), bytes: standard_input()? });
    }
    if !looks_like_text(word) {
        return file(Path::new(word));
    }
    Ok(Input::Text(word.to_owned()))
}

/// Reads a file, within the cap on files.
pub fn file(path: &Path) -> Result<Input, Failure> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let fail =
        |e: std::io::Error| Failure::new(ErrorKind::Usage, "input", format!("{} cannot be read: {e}", path.display()));
    let kind = fs::metadata(path).map_err(fail)?;
    if !kind.is_file() {
        return Err(Failure::new(ErrorKind::Usage, "input", format!("{} is not a file", path.display())));
    }
    Ok(Input::File { name, bytes: bounded(File::open(path).map_err(fail)?)? })
}

/// Reads a file or standard input as bytes.
pub fn bytes(word: &str) -> Result<Vec<u8>, Failure> {
    match if word == "-" { Input::File { name: "-".into(), bytes: standard_input()? } } else { file(Path::new(word))? }
    {
        Input::File { bytes, .. } => Ok(bytes),
        Input::Text(text) => Ok(text.into_bytes()),
    }
}

fn looks_like_text(word: &str) -> bool {
    let trimmed = word.trim_start();
    trimmed.starts_with('{') || trimmed.contains("://") || trimmed.starts_with("openid") || !Path::new(word).exists()
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    bounded(std::io::stdin().lock())
}

/// Reads one byte more than the cap at most, so that a pipe without end does not fill the memory.
fn bounded(from: impl std::io::Read) -> Result<Vec<u8>, Failure> {
    let cap = limits::FILE.max(limits::QR_IMAGE);
    let mut bytes = Vec::new();
    from.take(cap as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::new(ErrorKind::Usage, "input", format!("it cannot be read: {e}")))?;
    if bytes.len() > cap {
        return Err(Failure::new(ErrorKind::InputTooLarge, "input", format!("more than {cap} bytes")));
    }
    Ok(bytes)
}
