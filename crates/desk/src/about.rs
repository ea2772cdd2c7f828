//! What the employer tells about itself, from a file in the desk's folder: it goes into each request, for the learner's own
//! record.

use std::{fs, io, path::Path};

use leerpas_check::About;

const FILE: &str = "about.json";

/// What the file says; nothing where there is none.
///
/// # Errors
/// When it cannot be read, or says something that wallets would pass over.
pub fn of(folder: &Path) -> io::Result<About> {
    match fs::read(folder.join(FILE)) {
        Ok(bytes) => About::from_json(&bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{FILE}: {error}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(About::default()),
        Err(error) => Err(error),
    }
}
