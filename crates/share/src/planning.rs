//! From a request and cards to a plan.

use std::sync::Arc;

use leerpas_core::{CardStatus, Party};
use leerpas_openid::{
    address,
    dcql::{CandidateMatch, CredentialQuery, Descriptor, Evaluation, Place},
    vp::AuthorizationRequest,
};

use crate::{
    CandidateCard, HeldCard, Plan, PlannedClaim, PlannedQuery, ShareError,
    card::{Disclosure, keep_positions},
};

/// Cards that are put forward for one query; nobody reads more.
pub const MAX_CANDIDATES: usize = 50;

/// Matches the request against the cards and lays out what would be shown.
///
/// # Errors
/// [`ShareError::NothingFits`] when something that is required has no card.
pub(crate) fn plan(
    request: &AuthorizationRequest,
    requester: &Party,
    cards: Vec<HeldCard>,
) -> Result<Plan, ShareError> {
    let cards: Vec<Arc<HeldCard>> = cards.into_iter().map(Arc::new).collect();
    let mut evaluation = evaluate(request, &cards);
    let mut laid_out = Vec::new();
    for matches in &mut evaluation.queries {
        let Some(query) = request.query.credential(&matches.id) else { continue };
        let candidates = lay_out(query, std::mem::take(&mut matches.candidates), &cards);
        // An original that cannot be read is no candidate after all; what is left decides.
        matches.candidates = candidates.iter().map(|candidate| (*candidate.fit).clone()).collect();
        laid_out.push((matches.id.clone(), candidates));
    }
    let selection = evaluation.selection(&request.query).ok_or(ShareError::NothingFits)?;
    let mut queries = Vec::new();
    for (id, candidates) in laid_out {
        let Some(query) = request.query.credential(&id) else { continue };
        let required = selection.required.contains(&id);
        if required || selection.optional.contains(&id) {
            queries.push(PlannedQuery { id, required, holder_binding: query.holder_binding, candidates });
        }
    }
    let plan = Plan {
        requester: requester.clone(),
        purpose: request.purpose.clone(),
        retention: request.retention.clone(),
        response_host: address::host(&request.response_uri),
        queries,
        fingerprint: String::new(),
    };
    Ok(plan.seal(request.client_id.as_str(), &request.nonce, request.response_uri.as_str()))
}

fn evaluate(request: &AuthorizationRequest, cards: &[Arc<HeldCard>]) -> Evaluation {
    let descriptors: Vec<Descriptor<'_>> = cards.iter().map(|card| card.descriptor()).collect();
    let mut evaluation = request.query.evaluate(&descriptors);
    for matches in &mut evaluation.queries {
        matches
            .candidates
            .retain(|m| descriptors.get(m.index).is_some_and(|card| request.client_metadata.accepts(card.format)));
    }
    evaluation
}

fn lay_out(query: &CredentialQuery, matches: Vec<CandidateMatch>, cards: &[Arc<HeldCard>]) -> Vec<CandidateCard> {
    let mut found: Vec<(CandidateMatch, &Arc<HeldCard>)> =
        matches.into_iter().filter_map(|m| cards.get(m.index).map(|card| (m, card))).collect();
    found.sort_by_key(|(_, card)| rank(card.status));
    found
        .into_iter()
        .filter_map(|(m, card)| candidate(keep_positions(m, query, card), card))
        .take(MAX_CANDIDATES)
        .collect()
}

fn candidate(fit: CandidateMatch, card: &Arc<HeldCard>) -> Option<CandidateCard> {
    // Two claims may select one place; it is shown once, and kept if either needs it.
    let mut places: Vec<Place> = Vec::new();
    for place in fit.claims.iter().flat_map(|claim| &claim.places) {
        if !places.contains(place) {
            places.push(place.clone());
        }
    }
    let disclosure = Disclosure::of(&card.original, &places).filter(|d| d.format == card.format)?;
    let whole = !disclosure.selective;
    let needed = |place: &Place| fit.claims.iter().any(|claim| !claim.optional && claim.places.contains(place));
    let asked = disclosure.asked.into_iter().zip(disclosure.hideable).map(|((place, value), hideable)| PlannedClaim {
        path: place.to_string(),
        value,
        asked: true,
        optional: hideable && !needed(&place),
        hidden_possible: hideable,
        place,
    });
    let extra = disclosure.extra.into_iter().map(|(place, value)| PlannedClaim {
        path: place.to_string(),
        value,
        asked: false,
        optional: false,
        hidden_possible: false,
        place,
    });
    let claims = asked.chain(extra).collect();
    Some(CandidateCard {
        card: card.id.clone(),
        title: card.title.clone(),
        format: card.format,
        status: card.status,
        claims,
        whole,
        held: Arc::clone(card),
        fit: Arc::new(fit),
    })
}

/// In which order cards are put forward: those that hold come first. Among equals, the order in which they were handed
/// in stays.
pub fn rank(status: CardStatus) -> u8 {
    match status {
        CardStatus::Valid => 0,
        CardStatus::Unknown => 1,
        CardStatus::NotYetValid => 2,
        CardStatus::Expired => 3,
        CardStatus::Suspended => 4,
        CardStatus::Revoked => 5,
        CardStatus::Invalid => 6,
    }
}
