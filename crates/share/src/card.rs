//! A card as sharing needs it, and what of it a choice of claims would show.

use std::{fmt, sync::Arc};

use leerpas_core::{CardId, CardStatus, Format};
use leerpas_credential::{
    read,
    sd_jwt::{ClaimPath, PathElement},
};
use leerpas_openid::dcql::{CandidateMatch, CredentialQuery, Descriptor, Place, PointerElement, Segment, leaves};
use serde_json::Value;

/// One card of the vault, handed in for matching. Nothing of it leaves without an approval.
#[derive(Clone)]
pub struct HeldCard {
    /// Its name in the vault.
    pub id: CardId,
    /// Its title.
    pub title: String,
    /// The format of the original.
    pub format: Format,
    /// The `vct`, or the expanded type IRIs.
    pub types: Vec<String>,
    /// The processed claims, to match against: what reading the original gives. What is shown and sent is
    /// always read from the original itself.
    pub claims: Arc<Value>,
    /// One copy in its original bytes.
    pub original: Arc<[u8]>,
    /// What the last check said.
    pub status: CardStatus,
    /// Whether the vault has a key to which it is bound.
    pub holder_bound: bool,
    /// The KeyIdentifiers of the authorities that its certificates name: what reading the original gives.
    pub authorities: Vec<Vec<u8>>,
}

impl HeldCard {
    /// Whether this card answers a query. For who holds very many cards: once [`crate::MAX_CANDIDATES`] cards answer
    /// each query, in the order of [`crate::rank`], the others change nothing and need not be handed in.
    pub fn answers(&self, query: &CredentialQuery) -> bool {
        query.answered_by(&self.descriptor())
    }

    /// What matching needs to know.
    pub(crate) fn descriptor(&self) -> Descriptor<'_> {
        Descriptor {
            format: self.format,
            types: &self.types,
            claims: &self.claims,
            holder_bound: self.holder_bound,
            authorities: &self.authorities,
        }
    }
}

impl fmt::Debug for HeldCard {
    /// Names the card and says nothing of what is on it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldCard").field("id", &self.id).field("format", &self.format).finish_non_exhaustive()
    }
}

/// Members that only machines read; each is listed as one entry.
const WHOLE_MEMBERS: [&str; 3] = ["cnf", "status", "_sd_alg"];
/// Members of a JSON-LD document that carry no statement about the person.
const UNLISTED: [&str; 2] = ["@context", "proof"];

/// What a choice of claims shows of one credential.
pub(crate) struct Disclosure {
    /// What is asked for, with its values, in the order of asking.
    pub(crate) asked: Vec<(Place, Value)>,
    /// What goes along although nobody asked, because the format cannot hide it.
    pub(crate) extra: Vec<(Place, Value)>,
    /// Which of the asked places the format can hide, wholly or in part.
    pub(crate) hideable: Vec<bool>,
    /// Whether the format can show a part at all.
    pub(crate) selective: bool,
    /// What to disclose of a credential that can be shown in part.
    pub(crate) paths: Vec<ClaimPath>,
    /// The format of the original.
    pub(crate) format: Format,
}

impl Disclosure {
    /// Works out, from the original alone, what is shown when exactly these places are asked for.
    ///
    /// `None` when the original cannot be read, or lacks one of the places.
    pub(crate) fn of(original: &[u8], asked: &[Place]) -> Option<Self> {
        let credential = read::read(original).ok()?;
        let claims = credential.claims();
        let with_value = |place: Place| place.in_document(claims).cloned().map(|value| (place, value));
        // A leaf is seen when each disclosure above it is one that the asked claims need anyway.
        let needed = |place: &Place| asked.iter().any(|asked| place.contains(asked));
        let seen = |leaf: &Place| prefixes(leaf).all(|p| needed(&p) || !credential.selectable(&claim_path(&p)));
        let free = |leaf: &Place| prefixes(leaf).any(|p| credential.selectable(&claim_path(&p)));
        let listed = listed(claims, credential.format());
        let hideable = |place: &Place| free(place) || listed.iter().any(|leaf| place.contains(leaf) && free(leaf));
        let hideable = asked.iter().map(hideable).collect();
        let extra = listed
            .into_iter()
            .filter(|leaf| !asked.iter().any(|place| place.contains(leaf)) && seen(leaf))
            .filter_map(with_value)
            .collect();
        Some(Self {
            asked: asked.iter().cloned().map(with_value).collect::<Option<_>>()?,
            extra,
            hideable,
            selective: credential.is_selective(),
            paths: asked.iter().map(claim_path).collect(),
            format: credential.format(),
        })
    }

    /// The places of [`Self::extra`].
    pub(crate) fn extra_places(&self) -> Vec<&Place> {
        self.extra.iter().map(|(place, _)| place).collect()
    }
}

/// Keeps the elements of an array where the query counts them. In a part of a W3C credential what is left out leaves no
/// gap, so that the third element would become the first; where the query names one by its index, all of the array goes
/// along, and the plan says so.
pub(crate) fn keep_positions(mut fit: CandidateMatch, query: &CredentialQuery, card: &HeldCard) -> CandidateMatch {
    let counted = |claim: usize| {
        let elements = query.claims.get(claim).map_or(&[][..], |claim| claim.path.elements());
        elements.iter().position(|element| matches!(element, PointerElement::Index(1..)))
    };
    let any = card.format == Format::DataIntegrity && fit.claims.iter().any(|claim| counted(claim.claim).is_some());
    if !any || !read::read(&card.original).is_ok_and(|credential| credential.is_selective()) {
        return fit;
    }
    for claim in &mut fit.claims {
        if let Some(length) = counted(claim.claim) {
            claim.places.iter_mut().for_each(|place| place.0.truncate(length));
            claim.places.dedup();
        }
    }
    fit
}

/// Every place of a document that is worth a line of its own.
fn listed(claims: &Value, format: Format) -> Vec<Place> {
    let top = |place: &Place| match place.0.first() {
        Some(Segment::Name(name)) => name.clone(),
        _ => String::new(),
    };
    let mut places: Vec<Place> = Vec::new();
    for (leaf, _) in leaves(claims) {
        let name = top(&leaf);
        if format.is_sd_jwt() && WHOLE_MEMBERS.contains(&name.as_str()) {
            let whole = Place(vec![Segment::Name(name)]);
            if places.last() != Some(&whole) {
                places.push(whole);
            }
        } else if format == Format::SdJwtVc || !UNLISTED.contains(&name.as_str()) {
            places.push(leaf);
        }
    }
    places
}

/// The place itself and everything above it, outermost first.
fn prefixes(place: &Place) -> impl Iterator<Item = Place> + '_ {
    (1..=place.0.len()).map(|n| Place(place.0[..n].to_vec()))
}

fn claim_path(place: &Place) -> ClaimPath {
    place
        .0
        .iter()
        .map(|segment| match segment {
            Segment::Name(name) => PathElement::Name(name.clone()),
            Segment::Index(index) => PathElement::Index(*index),
        })
        .collect()
}
