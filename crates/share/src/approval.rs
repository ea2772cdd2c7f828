//! The person's yes, as a value that only a shown plan can make.

use std::collections::BTreeMap;

use leerpas_core::{CardId, ErrorKind, SharedClaim};
use leerpas_openid::{dcql::Place, vp::TransactionData};
use thiserror::Error;

use crate::{CandidateCard, Plan, PlannedClaim, PlannedQuery, card::Disclosure, sensitive};

/// Cards that answer one query at most.
const MAX_GIVEN: usize = 16;

/// What the person changed of the proposal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The card for a query. A required query that is absent gets the proposed card; an optional one none.
    pub cards: BTreeMap<String, CardId>,
    /// Further cards for a query that takes several, one entry for each.
    pub more: Vec<(String, CardId)>,
    /// What is left out: query and path, the path joined with `.`.
    pub without: Vec<(String, String)>,
}

/// Why a choice is no approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ApproveError {
    /// The fingerprint is of another plan: something changed since it was shown.
    #[error("the plan has changed since it was shown")]
    OtherPlan,
    /// A query that the plan does not have.
    #[error("there is no such query")]
    NoSuchQuery,
    /// A card that does not fit the query.
    #[error("this card does not fit the query")]
    NoSuchCard,
    /// A claim that would not be shown anyway.
    #[error("there is no such claim to leave out")]
    NoSuchClaim,
    /// A claim that is required, or that the format cannot hide.
    #[error("this claim cannot be left out")]
    NotOptional,
    /// Each claim could be left out, and not all of them together.
    #[error("these claims cannot be left out together")]
    TooLittle,
    /// No card fits what is required.
    #[error("no card fits the request")]
    NothingFits,
    /// Something is to be confirmed, and no card that could do so was chosen.
    #[error("what is to be confirmed needs another card")]
    Unconfirmed,
    /// Another card for a query that takes one, or more than anybody reads.
    #[error("no more cards can be given here")]
    OneOnly,
    /// No card was chosen for any query.
    #[error("nothing is chosen")]
    Nothing,
}

impl ApproveError {
    /// The kind to report: the choice, not the request, is at fault.
    pub fn kind(self) -> ErrorKind {
        match self {
            Self::NoSuchCard => ErrorKind::CardNotFound,
            Self::NothingFits => ErrorKind::NothingFits,
            _ => ErrorKind::Usage,
        }
    }
}

/// A yes to exactly one plan and one choice. Only [`Plan::approve`] makes one.
#[derive(Debug, Clone)]
pub struct Approval {
    pub(crate) fingerprint: String,
    pub(crate) presentations: Vec<Approved>,
}

/// One presentation that was said yes to.
#[derive(Debug, Clone)]
pub(crate) struct Approved {
    pub(crate) query: String,
    pub(crate) holder_binding: bool,
    pub(crate) candidate: CandidateCard,
    pub(crate) places: Vec<Place>,
    /// What it confirms.
    pub(crate) confirms: Vec<TransactionData>,
}

impl Plan {
    /// Turns the person's choice into an approval.
    ///
    /// `fingerprint` is what the person was shown; it must be this plan's.
    ///
    /// # Errors
    /// [`ApproveError`]: another plan, an unknown query, card or claim, or leaving out what is required.
    pub fn approve(&self, fingerprint: &str, choice: &Choice) -> Result<Approval, ApproveError> {
        if fingerprint != self.fingerprint {
            return Err(ApproveError::OtherPlan);
        }
        let named = choice.cards.keys().chain(choice.more.iter().map(|(query, _)| query));
        let named = named.chain(choice.without.iter().map(|(query, _)| query));
        for id in named {
            self.query(id).ok_or(ApproveError::NoSuchQuery)?;
        }
        if !self.is_answerable() {
            return Err(ApproveError::NothingFits);
        }
        let mut presentations = Vec::new();
        for query in &self.queries {
            let several = choice.more.iter().any(|(id, _)| *id == query.id);
            let without: Vec<&str> =
                choice.without.iter().filter(|(id, _)| *id == query.id).map(|(_, path)| path.as_str()).collect();
            match (choice.cards.get(&query.id), query.candidates.first()) {
                (Some(card), _) => {
                    let chosen = query.candidates.iter().find(|candidate| candidate.card == *card);
                    let chosen = chosen.ok_or(ApproveError::NoSuchCard)?;
                    // Of several cards, each leaves out what it has of it.
                    let without = if several { chosen.having(&without) } else { without.clone() };
                    presentations.push(approve(query, chosen, &without)?);
                }
                (None, Some(proposed)) if query.required => presentations.push(approve(query, proposed, &without)?),
                _ if without.is_empty() => {}
                _ => return Err(ApproveError::NoSuchClaim),
            }
            let first = presentations.last().filter(|last: &&Approved| last.query == query.id);
            let mut given: Vec<CardId> = first.iter().map(|first| first.candidate.card.clone()).collect();
            for (_, card) in choice.more.iter().filter(|(id, _)| *id == query.id) {
                let chosen = query.candidates.iter().find(|candidate| candidate.card == *card);
                let chosen = chosen.filter(|_| !given.contains(card)).ok_or(ApproveError::NoSuchCard)?;
                if !query.multiple || given.is_empty() || given.len() >= MAX_GIVEN {
                    return Err(ApproveError::OneOnly);
                }
                given.push(card.clone());
                presentations.push(approve(query, chosen, &chosen.having(&without))?);
            }
            let shows = |path: &str| {
                let given = query.candidates.iter().filter(|candidate| given.contains(&candidate.card));
                given.flat_map(|candidate| &candidate.claims).any(|claim| claim.path == path)
            };
            if several && !without.iter().all(|path| shows(path)) {
                return Err(ApproveError::NoSuchClaim);
            }
        }
        if presentations.is_empty() {
            return Err(ApproveError::Nothing);
        }
        for transaction in &self.transactions {
            // One presentation confirms it, and no more than one (OpenID4VP 1.0, 5.1).
            let confirming =
                presentations.iter_mut().find(|p: &&mut Approved| transaction.credential_ids.contains(&p.query));
            confirming.ok_or(ApproveError::Unconfirmed)?.confirms.push(transaction.clone());
        }
        Ok(Approval { fingerprint: self.fingerprint.clone(), presentations })
    }
}

impl CandidateCard {
    /// Those of these paths that this card has.
    fn having<'p>(&self, paths: &[&'p str]) -> Vec<&'p str> {
        paths.iter().filter(|path| self.claims.iter().any(|claim| claim.path == **path)).copied().collect()
    }
}

impl CandidateCard {
    /// What is written down of a claim that is shown. What no plan laid out goes along with what was asked for.
    fn claim(&self, path: String) -> SharedClaim {
        let weigh = |claim: &PlannedClaim| sensitive::weight(&claim.place, claim.sensitive);
        let planned = self.claims.iter().filter(|claim| claim.path == path);
        let (weight, optional) = match self.whole {
            true => (self.claims.iter().map(weigh).max(), false),
            false => (planned.clone().map(weigh).max(), planned.clone().any(|claim| claim.optional)),
        };
        SharedClaim { card: self.card.clone(), path, weight: weight.unwrap_or_default(), optional }
    }
}

impl Approval {
    /// The cards whose keys are needed, each once.
    pub fn cards(&self) -> Vec<CardId> {
        let mut cards: Vec<CardId> = Vec::new();
        for approved in &self.presentations {
            if !cards.contains(&approved.candidate.card) {
                cards.push(approved.candidate.card.clone());
            }
        }
        cards
    }

    /// Which claims this shows; `*` for a whole document. Names only, for the log.
    pub fn claims(&self) -> Vec<SharedClaim> {
        let mut claims: Vec<SharedClaim> = Vec::new();
        for approved in &self.presentations {
            for path in approved.paths() {
                let claim = approved.candidate.claim(path);
                // Two queries may ask for one claim, and one of them may need it.
                match claims.iter_mut().find(|one| one.card == claim.card && one.path == claim.path) {
                    Some(known) => known.optional &= claim.optional,
                    None => claims.push(claim),
                }
            }
        }
        claims
    }
}

impl Approved {
    fn paths(&self) -> Vec<String> {
        if self.candidate.whole {
            return vec!["*".to_owned()];
        }
        let held = &self.candidate.held;
        let disclosure = Disclosure::of(&held.original, &self.places);
        let extra = disclosure.iter().flat_map(Disclosure::extra_places);
        self.places.iter().chain(extra).map(ToString::to_string).collect()
    }
}

fn approve(query: &PlannedQuery, candidate: &CandidateCard, without: &[&str]) -> Result<Approved, ApproveError> {
    for path in without {
        let mut claims = candidate.claims.iter().filter(|claim| claim.path == *path).peekable();
        claims.peek().ok_or(ApproveError::NoSuchClaim)?;
        if !claims.all(|claim| claim.optional) {
            return Err(ApproveError::NotOptional);
        }
    }
    let kept = |place: &Place| !without.contains(&place.to_string().as_str());
    let whole_claims: Vec<usize> =
        candidate.fit.claims.iter().filter(|claim| claim.places.iter().all(kept)).map(|claim| claim.claim).collect();
    if !candidate.fit.sufficient.iter().any(|set| set.iter().all(|claim| whole_claims.contains(claim))) {
        return Err(ApproveError::TooLittle);
    }
    let mut places: Vec<Place> = Vec::new();
    for claim in &candidate.claims {
        if claim.asked && kept(&claim.place) {
            places.push(claim.place.clone());
        }
    }
    // Left out, and yet inside something that is kept: the person would be misled.
    if candidate.claims.iter().any(|c| !kept(&c.place) && places.iter().any(|place| place.contains(&c.place))) {
        return Err(ApproveError::NotOptional);
    }
    Ok(Approved {
        query: query.id.clone(),
        holder_binding: query.holder_binding,
        candidate: candidate.clone(),
        places,
        confirms: Vec::new(),
    })
}
