//! Public keys of issuers, prepared once: reading one and preparing it takes a tenth of the time of a check, and a batch
//! comes from few issuers. What was found in the same bytes under the same names is the same again, so that nothing here can
//! go stale: other bytes have another name.

use std::{collections::BTreeMap, sync::Mutex};

use aws_lc_rs::digest::{Context, SHA256};

use crate::keys::PublicKey;

/// How many sources are kept.
const MOST: usize = 256;

static KNOWN: Mutex<BTreeMap<[u8; 32], Vec<PublicKey>>> = Mutex::new(BTreeMap::new());

/// From what keys are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// Whose they are.
    pub(super) owner: &'a str,
    /// Which one is meant.
    pub(super) key: Option<&'a str>,
    /// The document in which they stand; empty where `key` is all there is.
    pub(super) bytes: &'a [u8],
}

impl Source<'_> {
    /// The place of its keys.
    pub(super) fn prepared(&self) -> Prepared {
        let mut name = Context::new(&SHA256);
        for part in [
            self.owner.as_bytes(),
            self.key.unwrap_or_default().as_bytes(),
            &[u8::from(self.key.is_some())],
            self.bytes,
        ] {
            name.update(&part.len().to_be_bytes());
            name.update(part);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(name.finish().as_ref());
        Prepared(hash)
    }
}

/// The place of the keys of one source, whether or not they are there.
pub(super) struct Prepared([u8; 32]);

impl Prepared {
    /// The keys, if they were read before.
    pub(super) fn get(&self) -> Option<Vec<PublicKey>> {
        KNOWN.lock().ok()?.get(&self.0).cloned()
    }

    /// Keeps what was read.
    pub(super) fn put(&self, keys: &[PublicKey]) {
        if let Ok(mut known) = KNOWN.lock() {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(self.0, keys.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use leerpas_core::OsEntropy;

    use super::*;
    use crate::keys::HolderKey;

    #[test]
    fn keys_come_back_only_for_the_same_owner_name_and_bytes() {
        let key = HolderKey::make(&OsEntropy).public();
        let source = Source { owner: "https://a.example/keys", key: Some("k1"), bytes: b"{}" };
        source.prepared().put(std::slice::from_ref(&key));
        assert_eq!(source.prepared().get(), Some(vec![key]));
        for other in [
            Source { owner: "https://a.example/key", key: Some("sk1"), ..source },
            Source { key: None, ..source },
            Source { key: Some(""), ..source },
            Source { bytes: b"{ }", ..source },
        ] {
            assert_eq!(other.prepared().get(), None, "{other:?}");
        }
    }
}
