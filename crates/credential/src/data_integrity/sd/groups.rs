//! A document as the statements that are signed one by one, and which of them some pointers select.
//!
//! The specification gives every nameless node a name, selects from the document as JSON, and looks the statements of
//! the selection up among those of the whole (ECDSA Cryptosuites 1.0, sections 3.4.7 to 3.4.16). Here each statement
//! knows its place in the document, and a pointer selects it if one of the two lies on the way to the other. That gives
//! the same statements and needs no names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_lc_rs::hmac;
use oxrdf::Quad;
use serde_json::Value;

use super::{pointer::Pointer, value::to_multibase};
use crate::{
    data_integrity::ProofError,
    jsonld::{Contexts, HashAlgorithm, Traced, canonical_labels, n_quad, traced_quads},
};

/// The suite knows one hash.
pub(super) const HASH: HashAlgorithm = HashAlgorithm::Sha256;

/// The statements of a whole document, under the names that only holder and issuer can work out.
pub(super) struct Statements {
    traced: Vec<Traced>,
    /// The digest that names each blank node.
    names: HashMap<String, [u8; 32]>,
    /// The statements as lines in their order, each with the places where it is made.
    lines: BTreeMap<String, Vec<usize>>,
}

impl Statements {
    /// Canonicalises a document and names its blank nodes by HMAC (sections 3.4.1 and 3.4.4).
    ///
    /// # Errors
    /// When the document has no canonical form.
    pub(super) fn of(unsecured: &Value, hmac_key: &[u8; 32], contexts: &Contexts) -> Result<Self, ProofError> {
        let traced = traced_quads(unsecured, contexts)?;
        let quads: Vec<Quad> = traced.iter().map(|traced| traced.quad.clone()).collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, hmac_key);
        let mut names: HashMap<String, [u8; 32]> = HashMap::new();
        for (label, number) in canonical_labels(&quads, HASH)? {
            let tag = hmac::sign(&key, format!("c14n{number}").as_bytes());
            let name = tag.as_ref().try_into().map_err(|_| ProofError::Malformed { member: "proofValue" })?;
            names.insert(label, name);
        }
        let texts: HashMap<&str, String> =
            names.iter().map(|(label, name)| (label.as_str(), to_multibase(name))).collect();
        let mut lines: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, quad) in quads.iter().enumerate() {
            let line = n_quad(quad, |label| texts.get(label).map(String::as_str));
            lines.entry(line).or_default().push(index);
        }
        Ok(Self { traced, names, lines })
    }

    /// The lines in the order of their code points (section 3.4.1).
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.keys().map(String::as_str)
    }

    /// The places of the lines that the pointers select. A statement that is made twice is selected by either.
    pub(super) fn select(&self, pointers: &[Pointer]) -> BTreeSet<usize> {
        let selects = |index: &usize| {
            let path = self.traced.get(*index).map(|traced| traced.origin.path.as_slice());
            path.is_some_and(|path| pointers.iter().any(|pointer| pointer.touches(path)))
        };
        let lines = self.lines.values().enumerate();
        lines.filter(|(_, made)| made.iter().any(selects)).map(|(place, _)| place).collect()
    }

    /// Pointers to what these point at, or to the literal or list that it is a piece of.
    ///
    /// # Errors
    /// When one leads nowhere.
    pub(super) fn widen(&self, unsecured: &Value, pointers: &[Pointer]) -> Result<Vec<Pointer>, ProofError> {
        let origins = || self.traced.iter().map(|traced| &traced.origin);
        let widen = |pointer: &Pointer| {
            pointer.leads_into(unsecured).then(|| pointer.widened(origins())).ok_or(ProofError::Pointer)
        };
        pointers.iter().map(widen).collect()
    }

    /// The numbers that a verifier who sees only these lines gives to their blank nodes, each with its name here
    /// (section 3.5.4, steps 9 to 12).
    ///
    /// # Errors
    /// When naming them takes too much work.
    pub(super) fn labels_of(&self, places: &BTreeSet<usize>) -> Result<BTreeMap<u64, [u8; 32]>, ProofError> {
        let made = self.lines.values().enumerate().filter(|(place, _)| places.contains(place));
        let quads: Vec<Quad> = made
            .filter_map(|(_, made)| made.first())
            .filter_map(|index| self.traced.get(*index))
            .map(|traced| traced.quad.clone())
            .collect();
        let labels = canonical_labels(&quads, HASH)?;
        let named = labels.into_iter().filter_map(|(label, number)| Some((number as u64, *self.names.get(&label)?)));
        Ok(named.collect())
    }
}

/// The lines of a document that a verifier sees, with its blank nodes under the names that were signed
/// (sections 3.4.2 and 3.4.3).
///
/// # Errors
/// When the document has no canonical form, or the names are not exactly those of its blank nodes.
pub(super) fn relabelled(
    unsecured: &Value,
    names: &BTreeMap<u64, [u8; 32]>,
    contexts: &Contexts,
) -> Result<Vec<String>, ProofError> {
    let quads: Vec<Quad> = traced_quads(unsecured, contexts)?.into_iter().map(|traced| traced.quad).collect();
    let labels = canonical_labels(&quads, HASH)?;
    let malformed = ProofError::Malformed { member: "proofValue" };
    if labels.len() != names.len() {
        return Err(malformed);
    }
    let mut texts = HashMap::new();
    for (label, number) in labels {
        let name = names.get(&(number as u64)).ok_or(malformed.clone())?;
        texts.insert(label, to_multibase(name));
    }
    let name = |label: &str| texts.get(label).map(String::as_str);
    let lines: BTreeSet<String> = quads.iter().map(|quad| n_quad(quad, name)).collect();
    Ok(lines.into_iter().collect())
}
