//! Processing (RFC 9901, section 7.1, step 3): every digest finds its disclosure, or is taken out.

use std::collections::BTreeSet;

use leerpas_core::limits;
use serde_json::{Map, Value};

use super::{ClaimPath, HashAlgorithm, PathElement, SdJwtError};
use crate::{jose::decode_base64url, json};

/// One disclosure as it was sent.
#[derive(Debug, Clone)]
pub(super) struct Disclosure {
    text: String,
    digest: String,
    name: Option<String>,
    value: Value,
}

impl Disclosure {
    /// Reads `[salt, name, value]` or `[salt, value]` (section 4.2).
    pub(super) fn parse(text: &str, hash: HashAlgorithm) -> Result<Self, SdJwtError> {
        if text.is_empty() {
            return Err(SdJwtError::Form);
        }
        let Value::Array(items) = json::parse(&decode_base64url(text)?)? else {
            return Err(SdJwtError::DisclosureShape);
        };
        let mut items = items.into_iter();
        let (name, value) = match (items.next(), items.next(), items.next(), items.next()) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => (Some(name), value),
            (Some(Value::String(_)), Some(value), None, None) => (None, value),
            _ => return Err(SdJwtError::DisclosureShape),
        };
        if name.as_deref().is_some_and(|name| matches!(name, "_sd" | "...")) {
            return Err(SdJwtError::ReservedName);
        }
        Ok(Self { text: text.to_owned(), digest: hash.digest(text), name, value })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Where a disclosure went.
#[derive(Debug, Clone)]
pub(super) struct Disclosed {
    /// Its place in the processed claims.
    pub(super) path: ClaimPath,
    /// Which disclosure it is.
    pub(super) disclosure: usize,
    /// Those that it lies within.
    pub(super) within: Vec<usize>,
}

/// Puts the disclosures in their places, and takes their values for it.
pub(super) fn process(
    mut payload: Map<String, Value>,
    disclosures: &mut [Disclosure],
) -> Result<(Value, Vec<Disclosed>), SdJwtError> {
    let take = |disclosure: &mut Disclosure| (disclosure.name.take(), Some(disclosure.value.take()));
    let contents = disclosures.iter_mut().map(take).collect();
    let mut known: Vec<(&str, usize)> =
        disclosures.iter().enumerate().map(|(index, disclosure)| (disclosure.digest.as_str(), index)).collect();
    known.sort_unstable();
    if known.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(SdJwtError::DuplicateDigest);
    }
    let mut run = Run {
        contents,
        found: vec![false; known.len()],
        known,
        others: BTreeSet::new(),
        disclosed: Vec::with_capacity(disclosures.len()),
        path: Vec::new(),
        within: Vec::new(),
    };
    run.object(&mut payload)?;
    payload.shift_remove("_sd_alg");
    if run.disclosed.len() != run.contents.len() {
        return Err(SdJwtError::Unreferenced);
    }
    Ok((Value::Object(payload), run.disclosed))
}

struct Run<'a> {
    /// Name and value of each disclosure, until it is put in its place.
    contents: Vec<(Option<String>, Option<Value>)>,
    /// The digest of each disclosure, sorted.
    known: Vec<(&'a str, usize)>,
    /// Which of those occurred.
    found: Vec<bool>,
    /// The other digests that occurred.
    others: BTreeSet<String>,
    disclosed: Vec<Disclosed>,
    path: ClaimPath,
    within: Vec<usize>,
}

impl Run<'_> {
    fn value(&mut self, value: &mut Value) -> Result<(), SdJwtError> {
        if self.path.len() > limits::JSON_DEPTH || self.within.len() > limits::DISCLOSURE_DEPTH {
            return Err(SdJwtError::TooMany);
        }
        match value {
            Value::Object(members) => self.object(members),
            Value::Array(items) => self.array(items),
            _ => Ok(()),
        }
    }

    /// In its place, so that what has no digests in it is not copied.
    fn object(&mut self, members: &mut Map<String, Value>) -> Result<(), SdJwtError> {
        // Its one allowed place is within an array, and `array` does not come here with it.
        if members.contains_key("...") {
            return Err(SdJwtError::DigestShape);
        }
        let digests = members.shift_remove("_sd");
        for (name, value) in members.iter_mut().filter(|(_, value)| value.is_object() || value.is_array()) {
            self.path.push(PathElement::Name(name.clone()));
            self.value(value)?;
            self.path.pop();
        }
        let digests = match digests {
            None => return Ok(()),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(SdJwtError::DigestShape),
        };
        for digest in digests {
            let Some(index) = self.find(digest)? else { continue };
            let name = self.contents[index].0.take().ok_or(SdJwtError::DisclosureShape)?;
            if members.contains_key(&name) {
                return Err(SdJwtError::ClaimExists);
            }
            let value = self.disclose(PathElement::Name(name.clone()), index)?;
            members.insert(name, value);
        }
        Ok(())
    }

    fn array(&mut self, items: &mut Vec<Value>) -> Result<(), SdJwtError> {
        let mut kept = Vec::with_capacity(items.len());
        for mut item in items.drain(..) {
            let place = PathElement::Index(kept.len());
            match &mut item {
                Value::Object(members) if members.contains_key("...") => {
                    let digest = members.shift_remove("...").unwrap_or_default();
                    if !members.is_empty() {
                        return Err(SdJwtError::DigestShape);
                    }
                    let Some(index) = self.find(digest)? else { continue };
                    if self.contents[index].0.is_some() {
                        return Err(SdJwtError::DisclosureShape);
                    }
                    kept.push(self.disclose(place, index)?);
                }
                _ => {
                    self.path.push(place);
                    self.value(&mut item)?;
                    self.path.pop();
                    kept.push(item);
                }
            }
        }
        *items = kept;
        Ok(())
    }

    /// Notes the digest, and gives the disclosure that it stands for if that was sent.
    fn find(&mut self, digest: Value) -> Result<Option<usize>, SdJwtError> {
        let Value::String(digest) = digest else { return Err(SdJwtError::DigestShape) };
        let place = self.known.binary_search_by(|(known, _)| (*known).cmp(digest.as_str())).ok();
        let first = match place {
            Some(place) => !std::mem::replace(&mut self.found[place], true),
            None => self.others.insert(digest),
        };
        if first { Ok(place.map(|place| self.known[place].1)) } else { Err(SdJwtError::DuplicateDigest) }
    }

    /// The value of a disclosure. It is taken once, because no digest is found twice.
    fn disclose(&mut self, place: PathElement, index: usize) -> Result<Value, SdJwtError> {
        self.path.push(place);
        self.disclosed.push(Disclosed { path: self.path.clone(), disclosure: index, within: self.within.clone() });
        self.within.push(index);
        let mut value = self.contents[index].1.take().ok_or(SdJwtError::DuplicateDigest)?;
        self.value(&mut value)?;
        self.within.pop();
        self.path.pop();
        Ok(value)
    }
}
