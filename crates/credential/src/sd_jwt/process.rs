//! Processing (RFC 9901, section 7.1, step 3): every digest finds its disclosure, or is taken out.

use std::collections::{HashMap, HashSet};

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

/// Puts the disclosures in their places.
pub(super) fn process(
    payload: Map<String, Value>,
    disclosures: &[Disclosure],
) -> Result<(Value, Vec<Disclosed>), SdJwtError> {
    let mut known = HashMap::new();
    for (index, disclosure) in disclosures.iter().enumerate() {
        if known.insert(disclosure.digest.as_str(), index).is_some() {
            return Err(SdJwtError::DuplicateDigest);
        }
    }
    let mut run =
        Run { disclosures, known, seen: HashSet::new(), disclosed: Vec::new(), path: Vec::new(), within: Vec::new() };
    let mut claims = run.object(payload)?;
    claims.remove("_sd_alg");
    if run.disclosed.len() != disclosures.len() {
        return Err(SdJwtError::Unreferenced);
    }
    Ok((Value::Object(claims), run.disclosed))
}

struct Run<'a> {
    disclosures: &'a [Disclosure],
    known: HashMap<&'a str, usize>,
    seen: HashSet<String>,
    disclosed: Vec<Disclosed>,
    path: ClaimPath,
    within: Vec<usize>,
}

impl<'a> Run<'a> {
    fn value(&mut self, value: Value) -> Result<Value, SdJwtError> {
        if self.path.len() > limits::JSON_DEPTH || self.within.len() > limits::DISCLOSURE_DEPTH {
            return Err(SdJwtError::TooMany);
        }
        match value {
            Value::Object(members) => Ok(Value::Object(self.object(members)?)),
            Value::Array(items) => Ok(Value::Array(self.array(items)?)),
            other => Ok(other),
        }
    }

    fn object(&mut self, mut members: Map<String, Value>) -> Result<Map<String, Value>, SdJwtError> {
        // Its one allowed place is within an array, and `array` does not come here with it.
        if members.contains_key("...") {
            return Err(SdJwtError::DigestShape);
        }
        let digests = members.remove("_sd");
        let mut claims = Map::new();
        for (name, value) in members {
            let value = self.at(PathElement::Name(name.clone()), value)?;
            claims.insert(name, value);
        }
        let digests = match digests {
            None => return Ok(claims),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(SdJwtError::DigestShape),
        };
        for digest in digests {
            let Some(index) = self.find(digest)? else { continue };
            let disclosures = self.disclosures;
            let disclosure = &disclosures[index];
            let name = disclosure.name.clone().ok_or(SdJwtError::DisclosureShape)?;
            if claims.contains_key(&name) {
                return Err(SdJwtError::ClaimExists);
            }
            let value = self.disclose(PathElement::Name(name.clone()), index)?;
            claims.insert(name, value);
        }
        Ok(claims)
    }

    fn array(&mut self, items: Vec<Value>) -> Result<Vec<Value>, SdJwtError> {
        let mut kept = Vec::with_capacity(items.len());
        for item in items {
            let place = PathElement::Index(kept.len());
            match item {
                Value::Object(mut members) if members.contains_key("...") => {
                    let digest = members.remove("...").unwrap_or_default();
                    if !members.is_empty() {
                        return Err(SdJwtError::DigestShape);
                    }
                    let Some(index) = self.find(digest)? else { continue };
                    if self.disclosures[index].name.is_some() {
                        return Err(SdJwtError::DisclosureShape);
                    }
                    kept.push(self.disclose(place, index)?);
                }
                other => kept.push(self.at(place, other)?),
            }
        }
        Ok(kept)
    }

    /// Notes the digest, and gives the disclosure that it stands for if that was sent.
    fn find(&mut self, digest: Value) -> Result<Option<usize>, SdJwtError> {
        let Value::String(digest) = digest else { return Err(SdJwtError::DigestShape) };
        let index = self.known.get(digest.as_str()).copied();
        if self.seen.insert(digest) { Ok(index) } else { Err(SdJwtError::DuplicateDigest) }
    }

    fn disclose(&mut self, place: PathElement, index: usize) -> Result<Value, SdJwtError> {
        let mut path = self.path.clone();
        path.push(place.clone());
        self.disclosed.push(Disclosed { path, disclosure: index, within: self.within.clone() });
        self.within.push(index);
        let value = self.at(place, self.disclosures[index].value.clone())?;
        self.within.pop();
        Ok(value)
    }

    fn at(&mut self, place: PathElement, value: Value) -> Result<Value, SdJwtError> {
        self.path.push(place);
        let value = self.value(value)?;
        self.path.pop();
        Ok(value)
    }
}
