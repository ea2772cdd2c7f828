//! The trust list in the desk's folder: read if it is there, and told about the desk itself so that a wallet that is
//! tried out with the same folder knows who asks.

use std::{fs, io, path::Path};

use leerpas_credential::trust::{TrustError, TrustList};
use serde_json::{Value, json};

/// The name of the trial's desk in its certificate and in `trust.json`; the sandbox writes the same.
pub const TRIAL_DESK: &str = "urn:leerpas:trial-desk";

const FILE: &str = "trust.json";

/// Adds the desk to the list in the folder, or starts a list with it: under its root, and under the DID of this start, which
/// takes the place of that of an earlier one. Others in it stay.
///
/// # Errors
/// When the file cannot be read or written. A list that cannot be understood is left as it is.
pub fn announce(folder: &Path, root_pem: &str, did: &str) -> io::Result<()> {
    let mut list = match fs::read(folder.join(FILE)) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        Err(error) if error.kind() == io::ErrorKind::NotFound => json!({ "version": 1, "institutions": [] }),
        Err(error) => return Err(error),
    };
    let Some(institutions) = list.get_mut("institutions").and_then(Value::as_array_mut) else { return Ok(()) };
    let is_desk = |entry: &Value| {
        entry["identifiers"].as_array().is_some_and(|known| known.iter().any(|name| name == TRIAL_DESK))
    };
    let names = json!([TRIAL_DESK, did]);
    // The sandbox's own word on this desk says more than ours would.
    match institutions.iter_mut().find(|entry| is_desk(entry) && entry["roots"] == json!([root_pem])) {
        Some(known) if known["identifiers"] == names => return Ok(()),
        Some(known) => known["identifiers"] = names,
        None => {
            institutions.retain(|entry| !is_desk(entry));
            institutions.insert(
                0,
                json!({
                    "name": { "nl": "Loket (proef)", "en": "Desk (trial)" },
                    "identifiers": names,
                    "domains": [],
                    "roots": [root_pem],
                }),
            );
        }
    }
    let new = folder.join("trust.json.new");
    fs::write(&new, format!("{list:#}\n"))?;
    fs::rename(new, folder.join(FILE))
}

/// The list that was given, together with the one in the folder.
///
/// # Errors
/// When the list in the folder breaks a rule.
pub fn with_folder(mut given: TrustList, folder: &Path) -> Result<TrustList, TrustError> {
    if let Ok(bytes) = fs::read(folder.join(FILE)) {
        given.merge(TrustList::from_json(&bytes)?);
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_stands_in_the_list_once_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let other = json!({ "version": 1, "institutions": [{ "name": { "nl": "H" }, "identifiers": ["did:web:h"] }] });
        fs::write(folder.path().join(FILE), other.to_string()).unwrap();
        announce(folder.path(), "first", "did:web:localhost%3A1").unwrap();
        announce(folder.path(), "second", "did:web:localhost%3A2").unwrap();
        announce(folder.path(), "second", "did:web:localhost%3A3").unwrap();
        let list: Value = serde_json::from_slice(&fs::read(folder.path().join(FILE)).unwrap()).unwrap();
        let institutions = list["institutions"].as_array().unwrap();
        assert_eq!(institutions.len(), 2);
        assert_eq!(institutions[0]["roots"][0], "second");
        assert_eq!(
            institutions[0]["identifiers"],
            json!([TRIAL_DESK, "did:web:localhost%3A3"]),
            "the last start alone"
        );
        assert_eq!(institutions[1]["identifiers"][0], "did:web:h");
    }

    #[test]
    fn a_list_that_is_not_ours_to_read_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "no json").unwrap();
        announce(folder.path(), "root", "did:web:localhost%3A1").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), "no json");
        assert!(with_folder(TrustList::empty(), folder.path()).is_err());
        assert!(with_folder(TrustList::empty(), Path::new("/nonexistent")).is_ok());
    }
}
