//! What of a credential with a base proof its holder can choose to show.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Disclosure, derive, disclosure, mandatory, pointer::Pointer};
use crate::{
    data_integrity::{Proof, ProofError, proofs, unsecured},
    jsonld::{Contexts, traced_quads},
    read::claims::{id_of, subjects},
};

/// What a verifier needs to judge a credential at all: who says it, about whom, since when and until when, and whether
/// it was withdrawn. It goes along even where the issuer left it open, so that nobody is shown a credential without the
/// entry that revokes it.
const JUDGED_BY: [&str; 6] =
    ["/issuer", "/validFrom", "/validUntil", "/issuanceDate", "/expirationDate", "/credentialStatus"];

/// A base proof with what can be chosen under it.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    proof: Proof,
    always: Vec<Pointer>,
    /// Literals and lists, which are shown whole.
    whole: BTreeSet<Vec<String>>,
}

impl Choice {
    /// The choice that a credential gives; `None` for one without a base proof, or that has no canonical form here.
    ///
    /// Of several proofs it is the issuer's own that counts: a stranger's base proof beside it gives no choice.
    pub(crate) fn of(credential: &Value) -> Option<Self> {
        let set = proofs(credential).ok()?;
        let issuer = credential.get("issuer").and_then(id_of);
        let own = |proof: &&Proof| proof.verification_method.split('#').next() == issuer;
        let is_base = |proof: &&Proof| disclosure(proof) == Some(Disclosure::Base);
        let counted: Vec<&Proof> =
            if set.iter().any(|proof| own(&proof)) { set.iter().filter(own).collect() } else { set.iter().collect() };
        let proof = counted.into_iter().find(is_base)?.clone();
        let unsecured = Value::Object(unsecured(credential).ok()?.0);
        let traced = traced_quads(&unsecured, Contexts::known()).ok()?;
        let whole = traced.into_iter().filter(|traced| traced.origin.whole).map(|traced| traced.origin.path).collect();
        let mut always = mandatory(&proof).ok()?;
        always.extend(JUDGED_BY.iter().filter_map(|text| Pointer::parse(text).ok()));
        let several = credential.get("credentialSubject").is_some_and(Value::is_array);
        for place in 0..subjects(credential).len() {
            let subject =
                if several { format!("/credentialSubject/{place}/id") } else { "/credentialSubject/id".to_owned() };
            always.extend(Pointer::parse(&subject));
        }
        always.retain(|pointer| pointer.leads_into(&unsecured));
        Some(Self { proof, always, whole })
    }

    /// Whether the value at this place can be shown or kept back alone. Names and types come with the object that has
    /// them, literals and lists are shown whole, and what is always shown cannot be kept back.
    pub(crate) fn selectable(&self, place: &Pointer) -> bool {
        let tokens = place.tokens();
        let named = |token: &String| matches!(token.as_str(), "id" | "@id" | "type" | "@type" | "@context" | "proof");
        let inside =
            (0..tokens.len()).any(|length| tokens.get(..length).is_some_and(|above| self.whole.contains(above)));
        !tokens.is_empty()
            && !inside
            && !tokens.iter().any(named)
            && !self.always.iter().any(|always| always.touches(tokens))
    }

    /// The part of the credential with these places and what is always shown, under a derived proof. Whoever asks for a
    /// place in the proof gets it in any case.
    ///
    /// # Errors
    /// When a place is not there, or the part would not verify.
    pub(crate) fn part(&self, credential: &Value, places: &[Pointer]) -> Result<Value, ProofError> {
        let in_document = |place: &&Pointer| place.tokens().first().is_none_or(|first| first != "proof");
        let places = places.iter().filter(in_document).chain(&self.always).cloned().collect::<Vec<_>>();
        derive(credential, &self.proof, &places)
    }
}
