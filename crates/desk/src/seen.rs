//! What was fetched for earlier answers, for the day without a network: keys of institutions and lists of withdrawn
//! credentials. Public documents all of them, and nothing of any candidate; each use verifies them anew.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_core::{Timestamp, Url};
use leerpas_credential::verify::{Resource, Resources};
use serde_json::{Value, json};

const FILE: &str = "seen.json";
/// Documents that are kept; the oldest makes way.
const KEPT: usize = 128;
/// The file, in bytes.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// The documents, in memory and in a file of the desk's folder.
pub struct Seen {
    file: PathBuf,
    known: Mutex<Resources>,
}

impl Seen {
    /// Reads what was kept. A file that cannot be read is as good as none: everything in it can be fetched again.
    pub fn open(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let known = read(&file).unwrap_or_default();
        Self { file, known: Mutex::new(known) }
    }

    /// Everything that is kept.
    pub fn all(&self) -> Resources {
        self.lock().clone()
    }

    /// Keeps these too, in memory and in the file.
    pub fn keep(&self, resources: &Resources) {
        let mut known = self.lock();
        let before = known.clone();
        known.merge(resources.clone());
        if known.iter().count() > KEPT {
            let mut all: Vec<_> = known.iter().map(|(url, resource)| (url.clone(), resource.clone())).collect();
            all.sort_by_key(|(_, resource)| std::cmp::Reverse(resource.fetched));
            *known = Resources::default();
            for (url, resource) in all.into_iter().take(KEPT) {
                known.put(url, resource);
            }
        }
        // Without the file the desk still works; it knows less after the next start.
        if *known != before
            && let Err(error) = write(&self.file, &known)
        {
            tracing::warn!(%error, "what was fetched could not be kept");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Resources> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(file: &Path) -> Option<Resources> {
    if fs::metadata(file).ok()?.len() > FILE_BYTES {
        return None;
    }
    let list: Vec<Value> = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    let mut known = Resources::default();
    for entry in list.iter().take(KEPT) {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let resource = Resource {
            media_type: text("media_type").map(str::to_owned),
            bytes: STANDARD.decode(text("bytes")?).ok()?,
            fetched: text("fetched")?.parse::<Timestamp>().ok()?,
        };
        known.put(Url::parse(text("url")?).ok()?, resource);
    }
    Some(known)
}

fn write(file: &Path, known: &Resources) -> std::io::Result<()> {
    let list: Vec<Value> = known
        .iter()
        .map(|(url, resource)| {
            json!({
                "url": url,
                "media_type": resource.media_type,
                "fetched": resource.fetched,
                "bytes": STANDARD.encode(&resource.bytes),
            })
        })
        .collect();
    let new = file.with_extension("json.new");
    fs::write(&new, Value::from(list).to_string())?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(count: i64) -> Resources {
        let mut some = Resources::default();
        for number in 0..count {
            let fetched = Timestamp::from_second(1_790_000_000 + number).unwrap();
            let resource =
                Resource { media_type: Some("application/statuslist+jwt".to_owned()), bytes: vec![1], fetched };
            some.put(Url::parse(&format!("https://a.example/{number}")).unwrap(), resource);
        }
        some
    }

    #[test]
    fn what_was_fetched_is_there_after_a_start_anew() {
        let folder = tempfile::tempdir().unwrap();
        Seen::open(folder.path()).keep(&some(3));
        assert_eq!(Seen::open(folder.path()).all(), some(3));
    }

    #[test]
    fn the_oldest_makes_way_and_a_broken_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        Seen::open(folder.path()).keep(&some(KEPT as i64 + 5));
        let kept = Seen::open(folder.path()).all();
        assert_eq!(kept.iter().count(), KEPT);
        assert!(kept.get(&Url::parse("https://a.example/4").unwrap()).is_none());
        fs::write(folder.path().join(FILE), "no json").unwrap();
        assert_eq!(Seen::open(folder.path()).all(), Resources::default());
    }
}
