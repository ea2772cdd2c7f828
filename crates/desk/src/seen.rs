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

/// A document that says the same as the one in the file is written again once it is this much younger, in seconds. A desk
/// fetches a list for every answer, and would write its file for every answer.
const SAME_SECONDS: i64 = 60;

/// The documents, in memory and in a file of the desk's folder.
pub struct Seen {
    file: PathBuf,
    documents: Mutex<Documents>,
}

/// In memory they are as they were fetched last; in the file they may be a little older.
#[derive(Default)]
struct Documents {
    known: Resources,
    written: Resources,
}

impl Seen {
    /// Reads what was kept. A file that cannot be read is as good as none: everything in it can be fetched again.
    pub fn open(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let known = read(&file).unwrap_or_default();
        let written = known.clone();
        Self { file, documents: Mutex::new(Documents { known, written }) }
    }

    /// Everything that is kept.
    pub fn all(&self) -> Resources {
        self.lock().known.clone()
    }

    /// Keeps these too, in memory, and in the file where it lacks something of them.
    pub fn keep(&self, resources: &Resources) {
        let mut documents = self.lock();
        let Documents { known, written } = &mut *documents;
        known.merge(resources.clone());
        if known.iter().count() > KEPT {
            let mut all: Vec<_> = known.iter().map(|(url, resource)| (url.clone(), resource.clone())).collect();
            all.sort_by_key(|(_, resource)| std::cmp::Reverse(resource.fetched));
            *known = Resources::default();
            for (url, resource) in all.into_iter().take(KEPT) {
                known.put(url, resource);
            }
        }
        if known.iter().all(|(url, resource)| written.get(url).is_some_and(|old| is_as_good(old, resource))) {
            return;
        }
        // Without the file the desk still works; it knows less after the next start.
        match write(&self.file, known) {
            Ok(()) => written.clone_from(known),
            Err(error) => tracing::warn!(%error, "what was fetched could not be kept"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Documents> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether what is written says what was fetched now, and is hardly older.
fn is_as_good(written: &Resource, fetched: &Resource) -> bool {
    let age = fetched.fetched.as_second().saturating_sub(written.fetched.as_second());
    age < SAME_SECONDS && (&written.media_type, &written.bytes) == (&fetched.media_type, &fetched.bytes)
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
    fn the_file_is_written_for_what_is_new_and_for_what_is_much_younger() {
        let folder = tempfile::tempdir().unwrap();
        let seen = Seen::open(folder.path());
        let file = || Seen::open(folder.path()).all();
        let url = Url::parse("https://a.example/0").unwrap();
        let fetched = |seconds: i64, bytes: &[u8]| {
            let mut one = some(1);
            let earlier = one.get(&url).unwrap().clone();
            let fetched = Timestamp::from_second(earlier.fetched.as_second() + seconds).unwrap();
            one.put(url.clone(), Resource { bytes: bytes.to_vec(), fetched, ..earlier });
            one
        };
        seen.keep(&some(1));
        seen.keep(&fetched(SAME_SECONDS - 1, &[1]));
        assert_eq!((seen.all(), file()), (fetched(SAME_SECONDS - 1, &[1]), some(1)));
        seen.keep(&fetched(SAME_SECONDS, &[1]));
        assert_eq!(file(), fetched(SAME_SECONDS, &[1]));
        seen.keep(&fetched(SAME_SECONDS, &[2]));
        assert_eq!(file(), fetched(SAME_SECONDS, &[2]), "what says something else is written at once");
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
