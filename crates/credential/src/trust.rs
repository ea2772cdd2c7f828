//! The trust list: institutions whose names Leerpas vouches for, with their identifiers, keys and certificate roots.
//!
//! Two forms are read. Version 1 is plain JSON: a person's own word, given with `--trust` or added to the vault. Version
//! 2 is the same within a signature, with a number that only rises ([`SignedList`]).
//!
//! Leerpas ships no list: whom to trust is not for a trial program to say, and a made-up institution must not look known.
//! It ships no key of a signer either. The private half of a key for trying out would lie in everybody's copy of the
//! sources, and whoever signed a list with it would be believed. So the trial makes its own key when it first runs, signs
//! its list with it, and hands the public half over in its own folder: it counts for who was pointed at that folder and
//! for nobody else.

mod logo;
mod signed;

pub use signed::{LIST_TYPE, SignedList};

use std::collections::BTreeMap;

use leerpas_core::{ErrorKind, Evidence, Language, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::{
    jose::JoseError,
    json::{self, JsonError},
    keys::{KeyError, PublicKey},
    x509::{Chain, ChainError, Roots},
};

/// Why a trust list was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TrustError {
    /// No unambiguous JSON.
    #[error("trust list: {0}")]
    Json(#[from] JsonError),
    /// A member is missing or of another shape.
    #[error("trust list: a member is missing or of another shape")]
    Shape,
    /// A version that this program does not know.
    #[error("trust list: the version is not known")]
    Version,
    /// A root certificate that cannot be read.
    #[error("trust list: {0}")]
    Root(#[from] ChainError),
    /// A pinned key that cannot be read.
    #[error("trust list: {0}")]
    Key(#[from] KeyError),
    /// Over [`limits::TRUST_LIST`].
    #[error("trust list: it is too large")]
    TooLarge,
    /// A signed list whose token is refused.
    #[error("trust list: {0}")]
    Jose(#[from] JoseError),
    /// Signed by nobody who was named as its signer.
    #[error("trust list: it is not signed by its signer")]
    Signer,
    /// Older than the one that was used last: somebody serves an old list.
    #[error("trust list: a newer one was used before")]
    Rollback,
    /// Signed for a time that has not come.
    #[error("trust list: it is from the future")]
    Time,
}

impl TrustError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::NotRecognised
    }
}

/// One institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Institution {
    /// Its name by language, for example `nl` and `en`.
    pub name: BTreeMap<String, String>,
    /// Issuer identifiers that are its own: https URLs and DIDs, compared as text but for a final slash.
    #[serde(default)]
    pub identifiers: Vec<String>,
    /// Its number in the Dutch register of institutions.
    #[serde(default)]
    pub brin: Option<String>,
    /// Host names that are its own.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Certificate roots in PEM under which its own certificates are issued.
    #[serde(default, rename = "roots")]
    pub roots_pem: Vec<String>,
    /// Keys of its own as JWKs, which need no certificate authority above them.
    #[serde(default)]
    pub keys: Vec<Value>,
    /// Its logo as the list writes it: a `data:` URL. Shown only as [`Institution::picture`] makes it.
    #[serde(default)]
    pub logo: Option<String>,
    /// What it means by a `scope` when it asks for cards: the DCQL query that each stands for. The agreement that
    /// OpenID4VP 1.0, 5.5 leaves to the parties.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<String, Value>,
    /// Whether the person added it themself. Never read from a list: that is for the wallet to say.
    #[serde(skip)]
    pub own: bool,
    /// Until when the signed list that it came with was meant to be used; set by the wallet too.
    #[serde(skip)]
    pub until: Option<Timestamp>,
}

impl Institution {
    /// The name in this language, else in any.
    pub fn name_in(&self, language: Language) -> &str {
        self.name.get(language.tag()).or_else(|| self.name.values().next()).map_or("", String::as_str)
    }

    /// How a party is known that was proved to be this institution.
    pub fn evidence(&self) -> Evidence {
        if self.own { Evidence::Own } else { Evidence::Listed }
    }

    /// Whether this is one of the institution's own keys.
    pub fn pins(&self, key: &PublicKey) -> bool {
        self.keys.iter().any(|jwk| PublicKey::from_jwk(jwk).is_ok_and(|known| known == *key))
    }

    /// Whether this identifier is one of the institution's own.
    pub fn has_identifier(&self, identifier: &str) -> bool {
        let wanted = plain(identifier);
        self.identifiers.iter().any(|known| plain(known) == wanted)
    }

    /// Whether the leaf of a chain carries a name of the institution: an identifier, the host of one, or a domain.
    pub fn owns(&self, chain: &Chain) -> bool {
        chain.names().iter().any(|name| owns_name(self, name))
    }

    /// Whether the chain ends in one of the institution's own keys or holds under its own roots. One without either
    /// leaves that to the roots of the whole list; one with them is not to be impersonated by the authority of another.
    pub fn vouches(&self, chain: &Chain, now: Timestamp) -> bool {
        if self.roots_pem.is_empty() && self.keys.is_empty() || self.pins(&chain.leaf_key()) {
            return true;
        }
        Roots::from_pems(&self.roots_pem).is_ok_and(|roots| chain.verify(&roots, now).is_ok())
    }
}

/// The institutions and roots that count.
#[derive(Debug, Clone, Default)]
pub struct TrustList {
    institutions: Vec<Institution>,
    roots: Roots,
}

#[derive(Deserialize)]
struct Document {
    version: u32,
    institutions: Vec<Institution>,
}

impl TrustList {
    /// A list of nobody.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads a list: `{"version":1,"institutions":[{"name":{"nl":"…"},"identifiers":[…],"brin":"…","domains":[…],
    /// "roots":["-----BEGIN CERTIFICATE-----…"],"scopes":{"…":{"credentials":[…]}}}]}`. Unknown members are ignored.
    ///
    /// # Errors
    /// When it is no such JSON, has another version, or holds a root that is no certificate.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TrustError> {
        if bytes.len() > limits::TRUST_LIST {
            return Err(TrustError::TooLarge);
        }
        let document: Document = serde_json::from_value(json::parse(bytes)?).map_err(|_| TrustError::Shape)?;
        if document.version != 1 {
            return Err(TrustError::Version);
        }
        Self::of(document.institutions)
    }

    /// A list of these institutions.
    ///
    /// # Errors
    /// When a root is no certificate or a key cannot be read.
    pub fn of(institutions: Vec<Institution>) -> Result<Self, TrustError> {
        let mut list = Self::default();
        for institution in institutions {
            list.add(institution)?;
        }
        Ok(list)
    }

    /// Takes in another list; institutions of this one are found first.
    pub fn merge(&mut self, other: Self) {
        self.institutions.extend(other.institutions);
        self.roots.merge(other.roots);
    }

    /// Adds a root that belongs to no listed institution, such as that of a sandbox.
    ///
    /// # Errors
    /// When it is no certificate in PEM.
    pub fn add_root_pem(&mut self, pem: &str) -> Result<(), TrustError> {
        Ok(self.roots.add_pem(pem)?)
    }

    /// Adds one institution, with its roots.
    ///
    /// # Errors
    /// When one of its roots is no certificate in PEM.
    pub fn add(&mut self, institution: Institution) -> Result<(), TrustError> {
        for jwk in &institution.keys {
            PublicKey::from_jwk(jwk)?;
        }
        for pem in &institution.roots_pem {
            self.roots.add_pem(pem)?;
        }
        self.institutions.push(institution);
        Ok(())
    }

    /// The institution that this issuer identifier (https URL or DID, without fragment) belongs to.
    pub fn find(&self, identifier: &str) -> Option<&Institution> {
        self.institutions.iter().find(|institution| institution.has_identifier(identifier))
    }

    /// The institution that a certificate chain belongs to: a name of the leaf is one of its identifiers, the host of
    /// one, or one of its domains. Says nothing about whether the chain holds; that is [`Chain::verify`].
    pub fn find_by_chain(&self, chain: &Chain) -> Option<&Institution> {
        self.institutions.iter().find(|institution| institution.owns(chain))
    }

    /// The institution that this host belongs to.
    pub fn find_by_host(&self, host: &str) -> Option<&Institution> {
        self.institutions.iter().find(|institution| owns_name(institution, host))
    }

    /// Every root, of all institutions and those added apart.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The institutions in their order.
    pub fn institutions(&self) -> &[Institution] {
        &self.institutions
    }
}

fn owns_name(institution: &Institution, name: &str) -> bool {
    if institution.has_identifier(name) {
        return true;
    }
    let is_host = |known: &String| {
        Url::parse(known).is_ok_and(|url| url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(name)))
    };
    institution.domains.iter().any(|domain| domain.eq_ignore_ascii_case(name))
        || institution.identifiers.iter().any(is_host)
}

/// `https://a.example/` and `https://a.example` are one issuer; nothing else is smoothed over.
fn plain(identifier: &str) -> &str {
    identifier.strip_suffix('/').unwrap_or(identifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> TrustList {
        TrustList::from_json(
            br#"{"version":1,"institutions":[{"name":{"nl":"Hogeschool Delta","en":"Delta UAS"},"brin":"99ZZ",
            "identifiers":["https://localhost:8443","did:web:localhost%3A8443"],"domains":["delta.example"],"new":1}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn an_institution_is_found_by_each_of_its_names() {
        let list = list();
        for name in ["https://localhost:8443", "https://localhost:8443/", "did:web:localhost%3A8443"] {
            assert_eq!(list.find(name).unwrap().name_in(Language::Nl), "Hogeschool Delta");
        }
        assert!(list.find_by_host("DELTA.example").is_some());
        assert!(list.find_by_host("localhost").is_some());
        assert!(list.find("https://localhost").is_none(), "another port is another issuer");
        assert!(list.find("https://localhost:8443.evil.example").is_none());
        assert!(list.find_by_host("sub.delta.example").is_none());
    }

    #[test]
    fn a_list_of_another_shape_is_refused() {
        assert_eq!(TrustList::from_json(br#"{"version":2,"institutions":[]}"#).unwrap_err(), TrustError::Version);
        assert_eq!(TrustList::from_json(br#"{"institutions":[]}"#).unwrap_err(), TrustError::Shape);
        assert_eq!(
            TrustList::from_json(br#"{"version":1,"institutions":[{"name":{},"roots":["no"]}]}"#).unwrap_err(),
            TrustError::Root(ChainError::Unreadable)
        );
        assert!(matches!(TrustList::from_json(b"<html>"), Err(TrustError::Json(_))));
    }
}
