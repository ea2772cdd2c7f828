//! The plan: everything that a person must see before saying yes.

use std::{fmt, sync::Arc};

use leerpas_core::{CardId, CardStatus, Format, Party};
use leerpas_openid::{
    dcql::{CandidateMatch, Place},
    vp::TransactionData,
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{HeldCard, HostCaution, Registration, Sensitivity};

/// Who asks, why, and what each card would show. Complete: nothing is sent that is not in here.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Who asks, and how we know.
    pub requester: Party,
    /// Who says that this is the requester's name, where neither a list nor a certificate does: a name of the trust list
    /// (OpenID4VP 1.0, 12).
    pub attested_by: Option<String>,
    /// Why the host that receives the answer deserves a second look, if it does.
    pub host_caution: Option<HostCaution>,
    /// Why, in the requester's words.
    pub purpose: Option<String>,
    /// What a registrar of the trust list says about the requester.
    pub registration: Option<Registration>,
    /// How long the requester keeps it, in the requester's words.
    pub retention: Option<String>,
    /// The host that receives the answer, with its port where it is not the usual one. None where the answer is shown
    /// as pictures and leaves by no network.
    pub response_host: Option<String>,
    /// Sentences that the answer confirms, in the requester's words.
    pub statements: Vec<String>,
    /// What is asked, in the order of the request. Optional queries are answered only when a card is chosen.
    pub queries: Vec<PlannedQuery>,
    #[serde(skip)]
    pub(crate) transactions: Vec<TransactionData>,
    /// SHA-256 in hexadecimal over everything in this plan and the request that it answers.
    #[serde(skip)]
    pub fingerprint: String,
}

/// One query of the request that can be answered, or that is required.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedQuery {
    /// The query's identifier.
    pub id: String,
    /// Whether the request fails without it.
    pub required: bool,
    /// Whether more than one card may answer it (OpenID4VP 1.0, 6.1).
    pub multiple: bool,
    /// Whether the answer proves the key of the card. Without, anybody who gets the answer can use it again.
    pub holder_binding: bool,
    /// Cards that fit, the proposed one first; empty only where nothing fits what is required.
    pub candidates: Vec<CandidateCard>,
}

/// A card that fits, with what it would show.
#[derive(Debug, Clone, Serialize)]
pub struct CandidateCard {
    /// The card.
    pub card: CardId,
    /// Its title.
    pub title: String,
    /// Its format.
    pub format: Format,
    /// What its last check said; a card that does not hold can still be chosen, and is shown as such.
    pub status: CardStatus,
    /// What would be shown: first what is asked, then what goes along.
    pub claims: Vec<PlannedClaim>,
    /// The format knows no selection: the whole document is shown.
    pub whole: bool,
    #[serde(skip)]
    pub(crate) held: Arc<HeldCard>,
    #[serde(skip)]
    pub(crate) fit: Arc<CandidateMatch>,
}

/// One claim that would be shown.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PlannedClaim {
    /// The path, joined with `.`.
    pub path: String,
    /// What it says.
    pub value: Value,
    /// Whether it was asked for; if not, it goes along because the format cannot hide it.
    pub asked: bool,
    /// Whether the request is still answered without it.
    pub optional: bool,
    /// Whether the format can hide it at all.
    pub hidden_possible: bool,
    /// Why it deserves a second look, if it does.
    pub sensitive: Option<Sensitivity>,
    #[serde(skip)]
    pub(crate) place: Place,
}

impl fmt::Debug for PlannedClaim {
    /// Everything but the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlannedClaim").field("path", &self.path).field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl Plan {
    /// Seals the plan: computes its fingerprint, bound to this one request.
    pub(crate) fn seal(mut self, client_id: &str, nonce: &str, goes_to: &str) -> Self {
        let hashes: Vec<String> = self.transactions.iter().map(TransactionData::hash).collect();
        let text = serde_json::json!(["leerpas plan 1", client_id, nonce, goes_to, hashes, self]).to_string();
        self.fingerprint = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        self
    }

    /// Whether there is a card for everything that is required. If not, all that is left is to say no, and that no is the
    /// same as any other: the requester does not learn what the person does not have (OpenID4VP 1.0, 15.4.1 and 8.5).
    pub fn is_answerable(&self) -> bool {
        !self.queries.is_empty() && self.queries.iter().all(|query| !query.required || !query.candidates.is_empty())
    }

    /// The query of this id.
    pub fn query(&self, id: &str) -> Option<&PlannedQuery> {
        self.queries.iter().find(|query| query.id == id)
    }
}
