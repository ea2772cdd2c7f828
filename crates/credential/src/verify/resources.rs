//! What was fetched: DID documents, issuer keys and status lists, by address.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use leerpas_core::Url;

/// One document as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The media type without parameters, in lower case.
    pub media_type: Option<String>,
    /// The body.
    pub bytes: Vec<u8>,
    /// When it came.
    pub fetched: Timestamp,
}

/// Documents by address. Holds what others published and nothing of the holder's, so it may be kept and shared between
/// verifications; each use checks signature and dates anew. Cheap to clone: the documents themselves are shared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources(BTreeMap<Url, Arc<Resource>>);

impl Resources {
    /// The document of this address.
    pub fn get(&self, url: &Url) -> Option<&Resource> {
        self.0.get(url).map(|resource| &**resource)
    }

    /// Puts a document in, in the place of an older one.
    pub fn put(&mut self, url: Url, resource: Resource) {
        self.0.insert(url, Arc::new(resource));
    }

    /// Every document with its address.
    pub fn iter(&self) -> impl Iterator<Item = (&Url, &Resource)> {
        self.0.iter().map(|(url, resource)| (url, &**resource))
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
