//! DID documents (W3C DID Core 1.0): which key may be used for what.

use serde_json::{Map, Value};

use super::{DidError, split_url};
use crate::{jose::decode_base64url, json, keys::PublicKey};

/// What a key is wanted for (DID Core, section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign credentials and requests.
    Assertion,
    /// To prove who presents.
    Authentication,
}

impl Purpose {
    /// The relationship's name in the document, which is also its `proofPurpose`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assertion => "assertionMethod",
            Self::Authentication => "authentication",
        }
    }
}

/// A DID document whose `id` is the DID that was asked for.
#[derive(Debug, Clone)]
pub struct DidDocument {
    id: String,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    /// The one key of a did:key or did:jwk, for every purpose, and the fragment that names it.
    Key { key: PublicKey, fragment: String },
    /// A document that was fetched.
    Members(Map<String, Value>),
}

impl DidDocument {
    /// The document of a did:key or did:jwk, which needs no network. `None` for did:web and did:webvh.
    ///
    /// # Errors
    /// When the DID is malformed, of an unknown method, or its key is refused.
    pub fn resolve_local(did: &str) -> Result<Option<Self>, DidError> {
        let (did, fragment) = split_url(did)?;
        if fragment.is_some() {
            return Err(DidError::Malformed);
        }
        let (key, fragment) = if let Some(multikey) = did.strip_prefix("did:key:") {
            (PublicKey::from_multikey(multikey)?, multikey)
        } else if let Some(encoded) = did.strip_prefix("did:jwk:") {
            let jwk = decode_base64url(encoded).map_err(|_| DidError::Malformed)?;
            (PublicKey::from_jwk(&json::parse(&jwk)?)?, "0")
        } else if did.starts_with("did:web:") || did.starts_with("did:webvh:") {
            return Ok(None);
        } else {
            return Err(DidError::Unsupported);
        };
        Ok(Some(Self { id: did.to_owned(), content: Content::Key { key, fragment: fragment.to_owned() } }))
    }

    /// Reads a document that was fetched.
    ///
    /// # Errors
    /// When it is no unambiguous JSON object, or its `id` is not the DID that was asked for.
    pub fn parse(bytes: &[u8], expected_did: &str) -> Result<Self, DidError> {
        let Value::Object(members) = json::parse(bytes)? else { return Err(DidError::Malformed) };
        Self::from_members(members, expected_did)
    }

    /// A document that was read before, as it stands in a log.
    pub(super) fn from_members(members: Map<String, Value>, expected_did: &str) -> Result<Self, DidError> {
        if members.get("id").and_then(Value::as_str) != Some(expected_did) {
            return Err(DidError::WrongId);
        }
        Ok(Self { id: expected_did.to_owned(), content: Content::Members(members) })
    }

    /// The DID.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the DID is its own key, so that its document can never be another one.
    pub fn is_its_key(&self) -> bool {
        matches!(self.content, Content::Key { .. })
    }

    /// The key of a verification method, given as a full DID URL. A bare did:key or did:jwk without fragment, as some
    /// issuers write it, names its one key.
    ///
    /// # Errors
    /// When there is no such method, it is not listed under the purpose, it is under another controller, or its key is
    /// refused.
    pub fn key(&self, verification_method: &str, purpose: Purpose) -> Result<PublicKey, DidError> {
        let (did, fragment) = split_url(verification_method)?;
        if did != self.id {
            return Err(DidError::NoSuchKey);
        }
        let members = match &self.content {
            Content::Key { key, fragment: own } if fragment.is_none_or(|fragment| fragment == own) => {
                return Ok(key.clone());
            }
            Content::Key { .. } => return Err(DidError::NoSuchKey),
            Content::Members(_) if fragment.is_none() => return Err(DidError::NoSuchKey),
            Content::Members(members) => members,
        };
        let embedded = list(members, purpose.as_str());
        let mut known = list(members, "verificationMethod").iter().chain(embedded).filter(|method| method.is_object());
        let found = known
            .find(|method| self.absolute(method.get("id")).as_deref() == Some(verification_method))
            .ok_or(DidError::NoSuchKey)?;
        let id = self.absolute(found.get("id"));
        let listed = embedded.iter().any(|entry| match entry {
            Value::String(_) => self.absolute(Some(entry)) == id,
            _ => self.absolute(entry.get("id")) == id,
        });
        if !listed || found.get("controller").is_some_and(|controller| *controller != *self.id) {
            return Err(DidError::WrongPurpose);
        }
        public_key(found)
    }

    /// Ids may be written relative to the document (DID Core, section 3.2.2).
    fn absolute(&self, id: Option<&Value>) -> Option<String> {
        let id = id?.as_str()?;
        Some(if id.starts_with('#') { format!("{}{id}", self.id) } else { id.to_owned() })
    }
}

fn list<'a>(members: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    members.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn public_key(method: &Value) -> Result<PublicKey, DidError> {
    if let Some(jwk) = method.get("publicKeyJwk") {
        return Ok(PublicKey::from_jwk(jwk)?);
    }
    let multikey = method.get("publicKeyMultibase").and_then(Value::as_str).ok_or(DidError::NoSuchKey)?;
    Ok(PublicKey::from_multikey(multikey)?)
}
