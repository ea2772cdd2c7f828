//! RDF Dataset Canonicalization (RDFC-1.0, W3C Recommendation of 21 May 2024), with a limit on the work.
//!
//! The algorithm tries orders of nodes that look alike, and somebody can make a small graph with a great many of
//! them; the specification tells implementers to give up on such input (section 7.1), so every step counts.

mod line;

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    mem,
};

use leerpas_core::limits;
use oxrdf::Quad;
use sha2::{Digest, Sha256, Sha384};

use self::line::{Line, push_iri};
use super::JsonLdError;

/// The hash that names blank nodes (RDFC-1.0, section 4.4, "hash algorithm").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// The usual one.
    Sha256,
    /// For ECDSA with P-384.
    Sha384,
}

impl HashAlgorithm {
    /// The digest of some bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
        }
    }

    fn hex(self, text: &str) -> Hex {
        match self {
            Self::Sha256 => Hex::of(&Sha256::digest(text.as_bytes())),
            Self::Sha384 => Hex::of(&Sha384::digest(text.as_bytes())),
        }
    }
}

/// A digest in lower-case hexadecimal, in its place: thousands are made for one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hex {
    digits: [u8; 96],
    length: usize,
}

impl Hex {
    fn of(digest: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 96];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(digest) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        Self { digits, length: 2 * digest.len().min(48) }
    }

    fn as_str(&self) -> &str {
        // Digits are ASCII.
        std::str::from_utf8(&self.digits[..self.length]).unwrap_or_default()
    }
}

/// Steps in the search for an order; an honest credential takes some hundreds. Counted, not timed, so that one
/// document has one answer on every computer.
const WORK: usize = 30_000;

/// The canonical form: one quad per line, sorted by code point, no line twice (RDFC-1.0, section 4.4.3).
pub(super) fn canonical_n_quads(quads: &[Quad], hash: HashAlgorithm) -> Result<String, JsonLdError> {
    let labelled = Labelled::new(quads, hash)?;
    let mut sorted: Vec<String> = labelled
        .lines
        .iter()
        .map(|line| {
            let mut text = String::with_capacity(line.text.len() + 24);
            line.write(&mut text, |node, text| push_label(text, labelled.number(node)));
            text
        })
        .collect();
    sorted.sort_unstable();
    Ok(sorted.concat())
}

/// The number that the canonical form gives to each blank node (the canonical issuer of RDFC-1.0, section 4.4.3).
pub(super) fn canonical_labels(quads: &[Quad], hash: HashAlgorithm) -> Result<HashMap<String, usize>, JsonLdError> {
    let labelled = Labelled::new(quads, hash)?;
    Ok(labelled.nodes.iter().map(|(label, node)| ((*label).to_owned(), labelled.number(*node))).collect())
}

/// A dataset whose blank nodes have their canonical numbers.
struct Labelled<'q> {
    lines: Vec<Line<'q>>,
    /// Each blank node by the label that it came with.
    nodes: HashMap<&'q str, usize>,
    numbers: Vec<Option<usize>>,
}

impl<'q> Labelled<'q> {
    /// # Errors
    /// Too many quads, or a graph made to be slow.
    fn new(quads: &'q [Quad], hash: HashAlgorithm) -> Result<Self, JsonLdError> {
        if quads.len() > limits::QUADS {
            return Err(JsonLdError::TooLarge);
        }
        // A dataset is a set: what is said twice counts once (RDF 1.1 Concepts, section 4).
        let mut seen = HashSet::with_capacity(quads.len());
        let mut nodes = HashMap::new();
        let lines: Vec<Line<'q>> =
            quads.iter().filter(|quad| seen.insert(*quad)).map(|quad| Line::new(quad, &mut nodes)).collect();
        let numbers = Canonicalisation::new(&lines, nodes.len(), hash).run()?;
        Ok(Self { lines, nodes, numbers })
    }

    fn number(&self, node: usize) -> usize {
        self.numbers.get(node).copied().flatten().unwrap_or(node)
    }
}

/// A quad as a canonical line, with the names that the caller gives to its blank nodes.
pub(super) fn n_quad<'n>(quad: &Quad, name: impl Fn(&str) -> Option<&'n str>) -> String {
    let mut numbers = HashMap::new();
    let line = Line::new(quad, &mut numbers);
    let mut labels = vec![""; numbers.len()];
    for (label, node) in &numbers {
        if let Some(slot) = labels.get_mut(*node) {
            *slot = name(label).unwrap_or(label);
        }
    }
    let mut text = String::with_capacity(line.text.len() + 96);
    line.write(&mut text, |node, text| {
        text.push_str("_:");
        text.push_str(labels.get(node).copied().unwrap_or_default());
    });
    text
}

fn push_label(text: &mut String, number: usize) {
    text.push_str("_:c14n");
    push_number(text, number);
}

fn push_number(text: &mut String, number: usize) {
    if let Ok(digit @ 0..=9) = u8::try_from(number) {
        text.push(char::from(b'0' + digit));
    } else {
        // Writing to a text cannot fail.
        let _ = write!(text, "{number}");
    }
}

/// Gives out names in order, and remembers them (RDFC-1.0, section 4.5). A list, for it is copied more often than it is
/// looked into, and holds a handful.
#[derive(Clone, Default)]
struct Issuer {
    order: Vec<usize>,
}

impl Issuer {
    fn issued(&self, node: usize) -> Option<usize> {
        self.order.iter().position(|known| *known == node)
    }

    fn issue(&mut self, node: usize) -> usize {
        self.issued(node).unwrap_or_else(|| {
            self.order.push(node);
            self.order.len() - 1
        })
    }
}

struct Canonicalisation<'l> {
    lines: &'l [Line<'l>],
    hash: HashAlgorithm,
    /// Which lines name each node.
    lines_of: Vec<Vec<usize>>,
    first_hashes: Vec<Hex>,
    /// The canonical number of each node that has one.
    canonical: Vec<Option<usize>>,
    given: usize,
    work: usize,
}

impl<'l> Canonicalisation<'l> {
    fn new(lines: &'l [Line<'l>], nodes: usize, hash: HashAlgorithm) -> Self {
        let mut lines_of = vec![Vec::new(); nodes];
        for (index, line) in lines.iter().enumerate() {
            for (node, _) in line.nodes() {
                // A line that names a node twice counts once.
                if let Some(of) = lines_of.get_mut(node).filter(|of: &&mut Vec<usize>| of.last() != Some(&index)) {
                    of.push(index);
                }
            }
        }
        Self { lines, hash, lines_of, first_hashes: Vec::new(), canonical: vec![None; nodes], given: 0, work: 0 }
    }

    /// RDFC-1.0, section 4.4.3, steps 3 to 5.
    fn run(mut self) -> Result<Vec<Option<usize>>, JsonLdError> {
        self.first_hashes = (0..self.lines_of.len()).map(|node| self.hash_first_degree(node)).collect();
        let mut by_hash: Vec<usize> = (0..self.lines_of.len()).collect();
        by_hash.sort_by(|a, b| self.first_hashes.get(*a).cmp(&self.first_hashes.get(*b)));
        let groups: Vec<Vec<usize>> = by_hash
            .chunk_by(|a, b| self.first_hashes.get(*a) == self.first_hashes.get(*b))
            .map(<[usize]>::to_vec)
            .collect();
        for group in &groups {
            if let [node] = group.as_slice() {
                self.give(*node);
            }
        }
        for group in groups.into_iter().filter(|group| group.len() > 1) {
            let mut paths = Vec::with_capacity(group.len());
            for node in group {
                if self.number(node).is_some() {
                    continue;
                }
                let mut issuer = Issuer::default();
                issuer.issue(node);
                paths.push(self.hash_n_degree(node, issuer)?);
            }
            paths.sort_by_key(|(hash, _)| *hash);
            for (_, issuer) in paths {
                for node in issuer.order {
                    self.give(node);
                }
            }
        }
        Ok(self.canonical)
    }

    fn number(&self, node: usize) -> Option<usize> {
        self.canonical.get(node).copied().flatten()
    }

    fn give(&mut self, node: usize) {
        if let Some(number) = self.canonical.get_mut(node).filter(|number| number.is_none()) {
            *number = Some(self.given);
            self.given += 1;
        }
    }

    fn lines_of(&self, node: usize) -> impl Iterator<Item = &'l Line<'l>> {
        let lines = self.lines;
        self.lines_of.get(node).into_iter().flatten().filter_map(move |index| lines.get(*index))
    }

    /// RDFC-1.0, section 4.6.3.
    fn hash_first_degree(&self, node: usize) -> Hex {
        let mut lines: Vec<String> = self
            .lines_of(node)
            .map(|line| {
                let mut text = String::with_capacity(line.text.len() + 9);
                line.write(&mut text, |other, text| text.push_str(if other == node { "_:a" } else { "_:z" }));
                text
            })
            .collect();
        lines.sort_unstable();
        self.hash.hex(&lines.concat())
    }

    /// RDFC-1.0, section 4.7.3.
    fn hash_related(&self, related: usize, line: &Line<'_>, issuer: &Issuer, position: char) -> Hex {
        let mut data = String::with_capacity(160);
        data.push(position);
        if position != 'g' {
            push_iri(&mut data, line.predicate);
        }
        match (self.number(related), issuer.issued(related)) {
            (Some(number), _) => push_label(&mut data, number),
            (None, Some(number)) => push_temporary(&mut data, number),
            (None, None) => data.push_str(self.first_hashes.get(related).map_or("", Hex::as_str)),
        }
        self.hash.hex(&data)
    }

    fn count_work(&mut self, steps: usize) -> Result<(), JsonLdError> {
        self.work += steps;
        if self.work > WORK { Err(JsonLdError::TooMuchWork) } else { Ok(()) }
    }

    /// RDFC-1.0, section 4.8.3.
    fn hash_n_degree(&mut self, node: usize, mut issuer: Issuer) -> Result<(Hex, Issuer), JsonLdError> {
        // Each step looks through the names given so far.
        self.work += issuer.order.len() / 16;
        let mut found: Vec<(Hex, usize)> = Vec::new();
        for line in self.lines_of(node) {
            for (related, position) in line.nodes().filter(|(related, _)| *related != node) {
                found.push((self.hash_related(related, line, &issuer, position), related));
            }
        }
        self.count_work(found.len())?;
        found.sort_unstable();
        let mut data = String::with_capacity(256);
        for alike in found.chunk_by(|(a, _), (b, _)| a == b) {
            data.push_str(alike[0].0.as_str());
            if let [(_, related)] = alike {
                // One node has one order, and nothing to win against.
                self.count_work(1)?;
                if let Some((path, walked)) = self.walk(&[*related], mem::take(&mut issuer), None)? {
                    data.push_str(&path);
                    issuer = walked;
                }
                continue;
            }
            let mut chosen: Option<(String, Issuer)> = None;
            let mut related: Vec<usize> = alike.iter().map(|(_, related)| *related).collect();
            loop {
                self.count_work(1)?;
                let best = chosen.as_ref().map(|(path, _)| path.as_str());
                if let Some((path, walked)) = self.walk(&related, issuer.clone(), best)?
                    && best.is_none_or(|best| path.as_str() < best)
                {
                    chosen = Some((path, walked));
                }
                if !next_permutation(&mut related) {
                    break;
                }
            }
            if let Some((path, walked)) = chosen {
                data.push_str(&path);
                issuer = walked;
            }
        }
        Ok((self.hash.hex(&data), issuer))
    }

    /// One order of the related nodes: its path and the names it gives, or `None` as soon as it cannot win.
    fn walk(
        &mut self,
        order: &[usize],
        mut issuer: Issuer,
        best: Option<&str>,
    ) -> Result<Option<(String, Issuer)>, JsonLdError> {
        let loses = |path: &str| best.is_some_and(|best| path.len() >= best.len() && path > best);
        let mut path = String::new();
        let mut deeper = Vec::new();
        for node in order {
            if let Some(number) = self.number(*node) {
                push_label(&mut path, number);
            } else {
                if issuer.issued(*node).is_none() {
                    deeper.push(*node);
                }
                push_temporary(&mut path, issuer.issue(*node));
            }
            if loses(&path) {
                return Ok(None);
            }
        }
        for node in deeper {
            push_temporary(&mut path, issuer.issue(node));
            let (hash, walked) = self.hash_n_degree(node, issuer)?;
            path.push('<');
            path.push_str(hash.as_str());
            path.push('>');
            issuer = walked;
            if loses(&path) {
                return Ok(None);
            }
        }
        Ok(Some((path, issuer)))
    }
}

/// The names that a search gives for the time being.
fn push_temporary(text: &mut String, number: usize) {
    text.push_str("_:b");
    push_number(text, number);
}

/// Steps to the next order in lexicographic order; `false` at the last. Equal elements make no extra orders.
fn next_permutation(items: &mut [usize]) -> bool {
    let Some(pivot) = items.windows(2).rposition(|pair| pair[0] < pair[1]) else { return false };
    if let Some(swap) = items.iter().rposition(|item| *item > items[pivot]) {
        items.swap(pivot, swap);
        items[pivot + 1..].reverse();
    }
    true
}

#[cfg(test)]
mod tests;
