//! From a request and cards to a plan.

use std::sync::Arc;

use leerpas_core::{CardStatus, Party};
use leerpas_openid::{
    address,
    dcql::{CandidateMatch, CredentialQuery, DcqlQuery, Descriptor, Evaluation, Place, PlannedSelection},
    vp::AuthorizationRequest,
};

use crate::{
    CandidateCard, HeldCard, HostCaution, Plan, PlannedClaim, PlannedQuery, Registration,
    card::{Disclosure, keep_positions},
    sensitive,
};

/// Cards that are put forward for one query; nobody reads more.
pub const MAX_CANDIDATES: usize = 50;

/// What is known of whoever asks.
pub(crate) struct Known {
    pub(crate) requester: Party,
    pub(crate) attested_by: Option<String>,
    pub(crate) host_caution: Option<HostCaution>,
    pub(crate) registration: Option<Registration>,
}

/// Matches the request against the cards and lays out what would be shown. Where something that is required has no
/// card, the plan says so too: whoever asks learns no more than that the person said no.
pub(crate) fn plan(request: &AuthorizationRequest, known: Known, cards: Vec<HeldCard>) -> Plan {
    let cards: Vec<Arc<HeldCard>> = cards.into_iter().map(Arc::new).collect();
    let mut evaluation = evaluate(request, &cards);
    let mut laid_out = Vec::new();
    for (matches, query) in evaluation.queries.iter_mut().zip(&request.query.credentials) {
        let candidates = lay_out(query, &matches.candidates, &cards);
        // An original that cannot be read is no candidate after all; what is left decides.
        matches.candidates = candidates.iter().map(|candidate| candidate.fit.index).collect();
        laid_out.push((matches.id.clone(), candidates));
    }
    let selection = evaluation.selection(&request.query).unwrap_or_else(|| missing(&request.query));
    let mut queries = Vec::new();
    for (id, candidates) in laid_out {
        let Some(query) = request.query.credential(&id) else { continue };
        let required = selection.required.contains(&id);
        if required || selection.optional.contains(&id) {
            queries.push(PlannedQuery {
                id,
                required,
                multiple: query.multiple,
                holder_binding: query.holder_binding,
                candidates,
            });
        }
    }
    let plan = Plan {
        requester: known.requester,
        attested_by: known.attested_by,
        host_caution: known.host_caution,
        purpose: request.purpose.clone(),
        registration: known.registration,
        retention: request.retention.clone(),
        response_host: request.response_uri.as_ref().map(address::host),
        statements: request.transactions.iter().map(|data| data.statement.clone()).collect(),
        transactions: request.transactions.clone(),
        queries,
        fingerprint: String::new(),
    };
    let goes_to = request.response_uri.as_ref().map_or(request.response_mode.as_str(), |address| address.as_str());
    plan.seal(request.client_id.as_str(), &request.nonce, goes_to)
}

/// What is required of a request that cannot be answered: of each set what the requester likes best.
fn missing(query: &DcqlQuery) -> PlannedSelection {
    let required = match query.credential_sets.as_slice() {
        [] => query.credentials.iter().map(|credential| credential.id.clone()).collect(),
        sets => {
            sets.iter().filter(|set| set.required).filter_map(|set| set.options.first()).flatten().cloned().collect()
        }
    };
    PlannedSelection { required, optional: Vec::new() }
}

fn evaluate(request: &AuthorizationRequest, cards: &[Arc<HeldCard>]) -> Evaluation {
    let descriptors: Vec<Descriptor<'_>> = cards.iter().map(|card| card.descriptor()).collect();
    let mut evaluation = request.query.evaluate(&descriptors);
    for matches in &mut evaluation.queries {
        matches
            .candidates
            .retain(|index| descriptors.get(*index).is_some_and(|card| request.client_metadata.accepts(card.format)));
    }
    evaluation
}

fn lay_out(query: &CredentialQuery, found: &[usize], cards: &[Arc<HeldCard>]) -> Vec<CandidateCard> {
    let mut found: Vec<(usize, &Arc<HeldCard>)> =
        found.iter().filter_map(|index| cards.get(*index).map(|card| (*index, card))).collect();
    found.sort_by_key(|(_, card)| rank(card.status));
    let with_claims = |(index, card): (usize, _)| {
        let card: &Arc<HeldCard> = card;
        candidate(keep_positions(query.fit(index, &card.descriptor())?, query, card), card)
    };
    found.into_iter().filter_map(with_claims).take(MAX_CANDIDATES).collect()
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
        sensitive: sensitive::of(&place, &card.types),
        place,
    });
    let extra = disclosure.extra.into_iter().map(|(place, value)| PlannedClaim {
        path: place.to_string(),
        value,
        asked: false,
        optional: false,
        hidden_possible: false,
        sensitive: sensitive::of(&place, &card.types),
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
