//! Which cards fit a query, and what of them (OpenID4VP 1.0, 6.4).

use leerpas_core::Format;
use serde_json::Value;

use super::{ClaimQuery, CredentialQuery, DcqlQuery, MAX_CLAIMS, Place, TrustedAuthority};

/// What matching needs to know of a card. `claims` is the processed credential: an SD-JWT with every
/// disclosure put in its place, or the JSON-LD document.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor<'a> {
    /// The format of the original.
    pub format: Format,
    /// The `vct`, or the expanded type IRIs.
    pub types: &'a [String],
    /// The processed claims.
    pub claims: &'a Value,
    /// Whether it is bound to a key that the wallet holds.
    pub holder_bound: bool,
    /// The KeyIdentifiers of the authorities that its certificates name (RFC 5280, 4.2.1.1); empty without certificates.
    pub authorities: &'a [Vec<u8>],
}

/// What fits each query, and which queries to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// One entry for each credential query, in the order of the request.
    pub queries: Vec<QueryMatches>,
}

/// The cards that fit one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryMatches {
    /// The id of the query.
    pub id: String,
    /// The cards as indices into the descriptors, in the order in which they were given. What would be given of one is
    /// for [`CredentialQuery::fit`] to say: somebody may hold thousands, and nobody looks at more than a few.
    pub candidates: Vec<usize>,
}

/// One card that fits, with what would be given of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateMatch {
    /// Index into the descriptors.
    pub index: usize,
    /// The claims of the first satisfiable set.
    pub claims: Vec<ClaimMatch>,
    /// Every satisfiable set that lies within `claims`, as indices into the query's claims. What is given
    /// must contain one of these.
    pub sufficient: Vec<Vec<usize>>,
}

/// One claim that is asked for and there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMatch {
    /// Index into the query's claims.
    pub claim: usize,
    /// The places that the claim selects; more than one where its path holds `null`.
    pub places: Vec<Place>,
    /// Whether the request is still answered without it: another satisfiable set does without.
    pub optional: bool,
}

/// Which queries a request needs and which it merely likes, given what fits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlannedSelection {
    /// Ids of the queries that must be answered.
    pub required: Vec<String>,
    /// Ids of the queries that may be answered.
    pub optional: Vec<String>,
}

impl DcqlQuery {
    /// Matches the query against cards. Claims are read only of cards of the right format and type, so
    /// that a large collection costs little more than a comparison of words for each card.
    pub fn evaluate(&self, cards: &[Descriptor<'_>]) -> Evaluation {
        let queries = self
            .credentials
            .iter()
            .map(|query| QueryMatches {
                id: query.id.clone(),
                candidates: (0..).zip(cards).filter(|(_, card)| query.answered_by(card)).map(|(i, _)| i).collect(),
            })
            .collect();
        Evaluation { queries }
    }
}

impl CredentialQuery {
    /// Whether this card answers the query. One that cannot give everything that is asked is not a candidate at all
    /// (OpenID4VP 1.0, 6.4.1). Claims are read only of a card of the right kind, and nothing is noted of them.
    pub fn answered_by(&self, card: &Descriptor<'_>) -> bool {
        if !self.may_be_answered_by(card) {
            return false;
        }
        // A claim may stand in several sets and is looked for once.
        let mut known = [None; MAX_CLAIMS];
        let mut there = |claim: usize| match (known.get_mut(claim), self.claims.get(claim)) {
            (Some(known), Some(asked)) => *known.get_or_insert_with(|| asked.is_in(card.claims)),
            _ => false,
        };
        if self.claim_sets.is_empty() {
            return (0..self.claims.len()).all(there);
        }
        self.claim_sets.iter().any(|set| set.iter().all(|claim| there(*claim)))
    }

    /// Whether it is of the kind, the binding and the authority that are asked for; nothing about its claims.
    fn may_be_answered_by(&self, card: &Descriptor<'_>) -> bool {
        let of_authority = |entry: &TrustedAuthority| entry.may_fit(card.authorities);
        self.fits_kind(card.format, card.types)
            && (card.holder_bound || !self.holder_binding)
            && (self.trusted_authorities.is_empty() || self.trusted_authorities.iter().any(of_authority))
    }

    /// What a card that answers the query would give: the claims of the first set that it satisfies. `None` when it does
    /// not answer it.
    pub fn fit(&self, index: usize, card: &Descriptor<'_>) -> Option<CandidateMatch> {
        if !self.may_be_answered_by(card) {
            return None;
        }
        let found: Vec<Option<Vec<Place>>> = self.claims.iter().map(|claim| claim.places(card.claims)).collect();
        let all: Vec<usize> = (0..self.claims.len()).collect();
        let sets: Vec<&[usize]> =
            if self.claim_sets.is_empty() { vec![&all] } else { self.claim_sets.iter().map(Vec::as_slice).collect() };
        let satisfiable = |set: &&[usize]| set.iter().all(|claim| matches!(found.get(*claim), Some(Some(_))));
        let proposed = *sets.iter().find(|set| satisfiable(set))?;
        let sufficient: Vec<Vec<usize>> = sets
            .iter()
            .filter(|set| satisfiable(set) && set.iter().all(|claim| proposed.contains(claim)))
            .map(|set| set.to_vec())
            .collect();
        let mut claims: Vec<ClaimMatch> = Vec::with_capacity(proposed.len());
        for &claim in proposed {
            if claims.iter().any(|c| c.claim == claim) {
                continue;
            }
            let places = found.get(claim).cloned().flatten()?;
            claims.push(ClaimMatch { claim, places, optional: sufficient.iter().any(|set| !set.contains(&claim)) });
        }
        Some(CandidateMatch { index, claims, sufficient })
    }
}

impl ClaimQuery {
    /// The places that this claim selects in a credential; `None` when nothing is there or no value fits
    /// (OpenID4VP 1.0, 6.4.1: type and value must both match). With `null` in the path only the elements
    /// with a fitting value are given.
    pub fn places(&self, claims: &Value) -> Option<Vec<Place>> {
        let selected = self.path.select(claims).ok()?;
        let places: Vec<Place> = selected
            .into_iter()
            .filter(|(_, value)| self.values.is_empty() || self.values.contains(value))
            .map(|(place, _)| place)
            .collect();
        (!places.is_empty()).then_some(places)
    }

    /// Whether [`Self::places`] would give any.
    fn is_in(&self, claims: &Value) -> bool {
        self.path.selects(claims, |value| self.values.is_empty() || self.values.contains(value))
    }
}

impl Evaluation {
    /// Settles which queries to answer: of each set the first option that can be answered; without sets
    /// every query. `None` when something that is required cannot be answered: then nothing is given at
    /// all (OpenID4VP 1.0, 6.4.2).
    pub fn selection(&self, query: &DcqlQuery) -> Option<PlannedSelection> {
        let fits = |id: &str| self.queries.iter().any(|q| q.id == id && !q.candidates.is_empty());
        if query.credential_sets.is_empty() {
            let all = query.is_answered_by(&fits);
            return all.then(|| PlannedSelection {
                required: query.credentials.iter().map(|c| c.id.clone()).collect(),
                optional: Vec::new(),
            });
        }
        let mut selection = PlannedSelection::default();
        for set in &query.credential_sets {
            match set.first_option(&fits) {
                Some(option) if set.required => selection.required.extend_from_slice(option),
                Some(option) => selection.optional.extend_from_slice(option),
                None if set.required => return None,
                None => {}
            }
        }
        let mut seen = std::collections::HashSet::new();
        selection.required.retain(|id| seen.insert(id.clone()));
        selection.optional.retain(|id| seen.insert(id.clone()));
        (!seen.is_empty()).then_some(selection)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn query(extra: Value) -> DcqlQuery {
        let mut entry = json!({"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:mc"]}});
        entry.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        DcqlQuery::parse(&json!({"credentials": [entry]})).unwrap()
    }

    fn fit(extra: Value, claims: &Value) -> Option<CandidateMatch> {
        let types = ["urn:mc".to_owned()];
        let card = Descriptor { format: Format::SdJwtVc, types: &types, claims, holder_bound: true, authorities: &[] };
        let query = query(extra);
        let found = query.evaluate(&[card]).queries.remove(0).candidates;
        let fit = query.credentials[0].fit(0, &card);
        assert_eq!(found.len(), usize::from(fit.is_some()), "both ways of asking give one answer");
        fit
    }

    #[test]
    fn dcql_6_4_1_without_claims_nothing_selective_is_given() {
        assert_eq!(fit(json!({}), &json!({"name": "Noor"})).unwrap().claims, []);
    }

    #[test]
    fn dcql_6_4_1_a_card_that_lacks_one_claim_is_no_candidate() {
        let asked = json!({"claims": [{"path": ["name"]}, {"path": ["ects"]}]});
        assert!(fit(asked.clone(), &json!({"name": "Noor"})).is_none());
        assert!(fit(asked, &json!({"name": "Noor", "ects": 3})).is_some());
    }

    #[test]
    fn dcql_6_4_1_values_match_by_type_and_value() {
        let asked = |value: Value| json!({"claims": [{"path": ["ects"], "values": [value]}]});
        let claims: Value = serde_json::from_str(r#"{"ects": 3, "half": 4.50}"#).unwrap();
        assert!(fit(asked(json!(3)), &claims).is_some());
        assert!(fit(asked(json!("3")), &claims).is_none());
        assert!(fit(asked(json!(4)), &claims).is_none());
        assert!(fit(asked(json!(true)), &json!({"ects": 1})).is_none());
    }

    #[test]
    fn dcql_6_4_1_first_satisfiable_claim_set_is_proposed() {
        let asked = json!({"claims": [
            {"id": "n", "path": ["name"]}, {"id": "e", "path": ["ects"]}, {"id": "g", "path": ["grade"]}],
            "claim_sets": [["n", "e", "g"], ["n", "e"], ["n"]]});
        let some = fit(asked.clone(), &json!({"name": "Noor", "ects": 3})).unwrap();
        assert_eq!(some.claims.iter().map(|c| (c.claim, c.optional)).collect::<Vec<_>>(), [(0, false), (1, true)]);
        let all = fit(asked.clone(), &json!({"name": "Noor", "ects": 3, "grade": 8})).unwrap();
        assert_eq!(all.claims.iter().map(|c| c.optional).collect::<Vec<_>>(), [false, true, true]);
        assert_eq!(all.sufficient.len(), 3);
        assert!(fit(asked, &json!({"ects": 3})).is_none());
    }

    #[test]
    fn dcql_6_1_holder_binding_is_needed_unless_the_verifier_says_otherwise() {
        let types = ["urn:mc".to_owned()];
        let claims = json!({});
        let card = Descriptor {
            format: Format::SdJwtVc,
            types: &types,
            claims: &claims,
            holder_bound: false,
            authorities: &[],
        };
        assert!(query(json!({})).credentials[0].fit(0, &card).is_none());
        let loose = query(json!({"require_cryptographic_holder_binding": false}));
        assert!(loose.credentials[0].fit(0, &card).is_some());
    }

    #[test]
    fn vp_b_1_1_all_types_of_one_list_are_needed() {
        let query = DcqlQuery::parse(&json!({"credentials": [{"id": "q", "format": "ldp_vc",
            "meta": {"type_values": [["urn:vc", "urn:badge"], ["urn:other"]]}}]}))
        .unwrap();
        let fits = |types: &[&str]| {
            let types: Vec<_> = types.iter().map(|t| (*t).to_owned()).collect();
            query.credentials[0].fits_kind(Format::DataIntegrity, &types)
        };
        assert!(fits(&["urn:badge", "urn:vc", "urn:more"]) && fits(&["urn:other"]));
        assert!(!fits(&["urn:vc"]) && !fits(&[]));
        assert!(!query.credentials[0].fits_kind(Format::SdJwtVc, &["urn:other".to_owned()]));
    }

    #[test]
    fn dcql_6_4_2_an_unmet_required_set_gives_nothing_and_optional_sets_stay_optional() {
        let query = DcqlQuery::parse(&json!({"credentials": [
            {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:a"]}},
            {"id": "b", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:b"]}},
            {"id": "c", "format": "mso_mdoc", "meta": {"doctype_value": "x"}}],
            "credential_sets": [{"options": [["c"], ["a"]]}, {"options": [["b"]], "required": false}]}))
        .unwrap();
        let claims = json!({});
        let (a, b) = (["urn:a".to_owned()], ["urn:b".to_owned()]);
        let card = |types| Descriptor {
            format: Format::SdJwtVc,
            types,
            claims: &claims,
            holder_bound: true,
            authorities: &[],
        };
        let both = query.evaluate(&[card(&a), card(&b)]).selection(&query).unwrap();
        assert_eq!((both.required, both.optional), (vec!["a".to_owned()], vec!["b".to_owned()]));
        assert_eq!(query.evaluate(&[card(&b)]).selection(&query), None);
    }

    #[test]
    fn ten_thousand_cards_of_another_type_are_passed_over_without_reading_claims() {
        let (mine, other) = (["urn:mc".to_owned()], ["urn:other".to_owned()]);
        let claims = json!({"name": "Noor"});
        let mut cards = vec![
            Descriptor {
                format: Format::SdJwtVc,
                types: &other,
                claims: &claims,
                holder_bound: true,
                authorities: &[]
            };
            10_000
        ];
        cards[7777].types = &mine;
        let found = query(json!({"claims": [{"path": ["name"]}]})).evaluate(&cards);
        assert_eq!(found.queries[0].candidates, [7777]);
    }
}
