//! What was fetched: DID documents, issuer keys and status lists, by address.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leerpas_core::Url;
use serde::{Deserialize, Serialize};

/// One document as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The media type without parameters, in lower case.
    pub media_type: Option<String>,
    /// The body.
    pub bytes: Vec<u8>,
    /// When it came.
    pub fetched: Timestamp,
}

/// Documents by address. Holds what others published and nothing of the holder's, so it may be kept and shared between
/// verifications; each use checks signature and dates anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources(BTreeMap<Url, Resource>);

impl Resources {
    /// The document of this address.
    pub fn get(&self, url: &Url) -> Option<&Resource> {
        self.0.get(url)
    }

    /// Puts a document in, in the place of an older one.
    pub fn put(&mut self, url: Url, resource: Resource) {
        self.0.insert(url, resource);
    }

    /// Every document with its address.
    pub fn iter(&self) -> impl Iterator<Item = (&Url, &Resource)> {
        self.0.iter()
    }

    /// Takes in other documents; of two for one address the younger stays.
    pub fn merge(&mut self, other: Self) {
        for (url, resource) in other.0 {
            if self.0.get(&url).is_none_or(|known| known.fetched <= resource.fetched) {
                self.0.insert(url, resource);
            }
        }
    }
}
