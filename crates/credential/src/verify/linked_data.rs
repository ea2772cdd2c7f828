//! W3C credentials with a Data Integrity proof; Open Badges 3.0 among them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Binding,
    dates::{self, Period},
    evaluate::{Findings, Look},
    issuer_keys::{Candidates, Tie, by_verification_method},
};
use crate::{
    data_integrity::{
        self, Cryptosuite, Proof, ProofError, Secured,
        sd::{self, Disclosure},
    },
    did::Purpose,
    jsonld::JsonLdError,
    keys::PublicKey,
    read::claims::{id_of, subjects},
    report::{Check, CheckName, CheckResult, Part, Reason},
};

const SIGNATURE: CheckName = CheckName::Signature;
const KEY: CheckName = CheckName::IssuerKey;

pub(super) fn check(look: &mut Look<'_>, credential: &Value) -> Findings {
    let format = whole_or_part(look, format(credential), credential);
    let issuer = credential.get("issuer").and_then(id_of).unwrap_or_default().to_owned();
    let shown = is_shown(look);
    let (signature, key, tie) = proofs(look, credential, &issuer, shown);
    Findings { checks: vec![format, signature, key], tie }
}

/// The rules of the data model that the proof does not cover (VCDM 2.0, section 4; VCDM 1.1, section 4).
pub(super) fn format(credential: &Value) -> Check {
    const NAME: CheckName = CheckName::Format;
    let issuer = credential.get("issuer").and_then(id_of);
    if issuer.is_none_or(|id| url::Url::parse(id).is_err()) {
        return Check::fail(NAME, Reason::Malformed, "issuer is no URL and has none");
    }
    let subjects = subjects(credential);
    if subjects.is_empty() || !subjects.iter().all(Value::is_object) {
        return Check::fail(NAME, Reason::Malformed, "credentialSubject is missing, empty or no object");
    }
    if credential.get("id").is_some_and(|id| id.as_str().is_none_or(|id| url::Url::parse(id).is_err())) {
        return Check::fail(NAME, Reason::Malformed, "id is no URL");
    }
    Check::pass(NAME, "W3C credential with the members that one must have")
}

/// Whether a holder shows it to us, rather than that somebody gets or keeps it, or has it as a file.
pub(super) fn is_shown(look: &Look<'_>) -> bool {
    let asked = matches!(look.policy.binding, Binding::Presentation { nonce: Some(_), .. });
    look.credential.is_presentation() || asked
}

/// A part of a credential that comes from elsewhere than from a holder who shows it is genuine; what was left out can
/// never be shown again, which whoever keeps it should know. And whoever looks at somebody else's file with a base proof
/// should know that it was meant for the holder alone.
fn whole_or_part(look: &Look<'_>, format: Check, credential: &Value) -> Check {
    if format.result != CheckResult::Pass || is_shown(look) {
        return format;
    }
    let proofs = data_integrity::proofs(credential).unwrap_or_default();
    let has = |kind| proofs.iter().any(|proof| sd::disclosure(proof) == Some(kind));
    if has(Disclosure::Derived) {
        return Check::warn(CheckName::Format, Reason::PartOnly, "its proof covers a part that somebody chose");
    }
    if has(Disclosure::Base) && matches!(look.policy.binding, Binding::Presentation { .. }) {
        let detail = "a base proof is for the holder alone; whoever has it can show any part";
        return Check::warn(CheckName::Format, Reason::BaseProof, detail);
    }
    format
}

/// What was found for one proof: its signature, its key, and who that is.
type Found = (Check, Check, Tie);

/// The issuer's own proofs count; one that holds is enough (Open Badges 3.0, section 8.3). Another own proof that fails
/// makes of that a warning, so that it is never silent. A stranger's proof counts for nothing, whether it holds or not
/// (VC Data Integrity 1.0, section 2.1.1 on proof sets); it is named among the parts, and tried only where a proof of
/// the issuer builds on it. Where none is the issuer's own, all are tried.
pub(super) fn proofs(look: &mut Look<'_>, credential: &Value, issuer: &str, shown: bool) -> Found {
    let set = match data_integrity::proofs(credential) {
        Ok(set) => set,
        Err(error) => return nothing(issuer, proof_check(&error)),
    };
    let own = |proof: &Proof| did_of(&proof.verification_method) == issuer;
    let any_own = set.iter().any(own);
    let counts = |proof: &Proof| !any_own || own(proof);
    let mut secured = Secured::new(credential);
    let mut tried: BTreeMap<usize, Found> = BTreeMap::new();
    for (place, proof) in set.iter().enumerate().filter(|(_, proof)| counts(proof)) {
        tried.insert(place, one_proof(look, &mut secured, issuer, proof, shown));
    }
    for (place, proof) in set.iter().enumerate().filter(|(_, proof)| proof.has_previous && counts(proof)) {
        let below = data_integrity::builds_on(&set, proof);
        for below in below.iter().flatten() {
            if let Some(stranger) = set.get(*below).filter(|_| !tried.contains_key(below)) {
                let signer = did_of(&stranger.verification_method).to_owned();
                tried.insert(*below, one_proof(look, &mut secured, &signer, stranger, shown));
            }
        }
        let fault = match below {
            Ok(below) => fault_below(below.iter().filter_map(|below| tried.get(below))),
            Err(error) => Some(proof_check(&error)),
        };
        if let (Some(fault), Some(found)) =
            (fault, tried.get_mut(&place).filter(|found| found.0.result == CheckResult::Pass))
        {
            found.0 = fault;
        }
    }
    let mut parts = Vec::new();
    for (place, proof) in set.iter().enumerate() {
        let name = format!("{} {}", proof.cryptosuite.name(), proof.verification_method);
        parts.push(match tried.get(&place) {
            Some((signature, _, _)) => Part::of(name, signature),
            None => {
                let detail = "not the issuer's proof; it does not count";
                Part::of(name, &Check::unknown(SIGNATURE, Reason::KeyNotOfIssuer, detail))
            }
        });
    }
    let (mut best, mut failed): (Option<Found>, bool) = (None, false);
    for found in set.iter().zip(0..).filter(|(proof, _)| counts(proof)).filter_map(|(_, place)| tried.remove(&place)) {
        failed |= any_own && found.0.result == CheckResult::Fail;
        if best.as_ref().is_none_or(|best| says_more(&found, best)) {
            best = Some(found);
        }
    }
    let Some((mut signature, key, tie)) = best else {
        return nothing(issuer, Check::fail(SIGNATURE, Reason::NotSigned, "there is no proof"));
    };
    if failed && signature.result == CheckResult::Pass {
        signature = Check::warn(SIGNATURE, Reason::OtherProofFailed, signature.detail);
    }
    (signature.with_parts(parts), key, tie)
}

/// What is wrong with a proof because of those that it builds on (VC Data Integrity 1.0, section 4.5): one that does
/// not hold, or could not be checked.
fn fault_below<'f>(below: impl Iterator<Item = &'f Found>) -> Option<Check> {
    let mut unknown = None;
    for result in below.flat_map(|(signature, key, _)| [signature.result, key.result]) {
        match result {
            CheckResult::Fail => {
                let detail = "a proof that it builds on does not hold";
                return Some(Check::fail(SIGNATURE, Reason::PreviousProof, detail));
            }
            CheckResult::Unknown => {
                let detail = "a proof that it builds on could not be checked";
                unknown = Some(Check::unknown(SIGNATURE, Reason::PreviousProof, detail));
            }
            CheckResult::Pass | CheckResult::Warn => {}
        }
    }
    unknown
}

/// Whether a proof settles it and the best one so far does not; or failed or held, where that one is unknown.
fn says_more(found: &Found, best: &Found) -> bool {
    let settles = |it: &Found| it.0.result == CheckResult::Pass && it.1.result == CheckResult::Pass;
    !settles(best) && (settles(found) || best.0.result == CheckResult::Unknown)
}

fn one_proof(look: &mut Look<'_>, credential: &mut Secured<'_>, issuer: &str, proof: &Proof, shown: bool) -> Found {
    if let Cryptosuite::Other(name) = &proof.cryptosuite {
        // No key is asked for that nothing could be done with.
        return nothing(issuer, proof_check(&ProofError::Unsupported { name: name.clone() }));
    }
    if shown && sd::disclosure(proof) == Some(Disclosure::Base) {
        // It lets whoever sees it show any part, as if they were the holder; no wallet that knows the suite sends it.
        let detail = "a base proof is for the holder alone; a verifier gets a derived one";
        return nothing(issuer, Check::fail(SIGNATURE, Reason::BaseProof, detail));
    }
    if proof.purpose != Purpose::Assertion.as_str() {
        let detail = "proofPurpose is not assertionMethod";
        return nothing(issuer, Check::fail(SIGNATURE, Reason::UnexpectedType, detail));
    }
    let Candidates { keys, check: key_check, mut tie } = candidates(look, issuer, &proof.verification_method);
    let Some(key) = keys.into_iter().next() else {
        let check = Check::unknown(SIGNATURE, Reason::KeyUnavailable, "there is no key to try it with");
        return (check, key_check, tie);
    };
    let mut signature = verify(credential, proof, &key);
    if signature.result == CheckResult::Pass {
        tie.key = Some(key);
        signature = within_dates(proof, look.now).unwrap_or(signature);
    }
    (signature, key_check, tie)
}

/// `expires` and `created` of the proof itself (VC Data Integrity 1.0, section 2.1).
fn within_dates(proof: &Proof, now: jiff::Timestamp) -> Option<Check> {
    let period = Period { from: None, until: proof.expires, signed: proof.created };
    let check = dates::judge(period, now);
    (check.result != CheckResult::Pass).then_some(Check { name: SIGNATURE, ..check })
}

fn candidates(look: &mut Look<'_>, issuer: &str, method: &str) -> Candidates {
    let untied = |detail: &str| Check::unknown(KEY, Reason::KeyUntied, detail);
    if method.starts_with("did:") {
        let did = did_of(method);
        if did == issuer {
            return by_verification_method(look, issuer, method, Purpose::Assertion);
        }
        if issuer.starts_with("did:") {
            let check = Check::fail(KEY, Reason::KeyNotOfIssuer, "the key belongs to another DID than the issuer's");
            return Candidates::none(issuer, check);
        }
        // An issuer with an https address and a key under a DID: the two are one only if the list says so.
        let mut found = by_verification_method(look, did, method, Purpose::Assertion);
        found.tie.identifier = Some(issuer.to_owned());
        if found.check.result == CheckResult::Pass {
            let listed = look.policy.trust.find(issuer).is_some_and(|institution| institution.has_identifier(did));
            found.check = if listed {
                Check::pass(KEY, format!("the trust list names both {issuer} and {did}"))
            } else {
                untied("the key's DID is not the issuer's address")
            };
        }
        return found;
    }
    // Samples of 1EdTech have `https://issuer#z6Mk…`: the key itself in the fragment. It can be tried; it says nothing
    // about who made it.
    let fragment = method.split_once('#').map(|(_, fragment)| fragment);
    match fragment.map(PublicKey::from_multikey) {
        Some(Ok(key)) => Candidates::found(
            issuer,
            vec![key],
            untied("the key stands in the proof itself; nothing ties it to the issuer"),
        ),
        _ => {
            let detail = "a verification method of this kind cannot be resolved here";
            Candidates::none(issuer, Check::unknown(KEY, Reason::NotSupported, detail))
        }
    }
}

fn verify(document: &mut Secured<'_>, proof: &Proof, key: &PublicKey) -> Check {
    match document.verify(proof, key) {
        Ok(()) => {
            let detail = format!("{} holds under key {}", proof.cryptosuite.name(), key.thumbprint());
            Check::pass(SIGNATURE, detail)
        }
        Err(error) => proof_check(&error),
    }
}

/// What a fault of a proof means: refused, or beyond what can be checked here.
pub(super) fn proof_check(error: &ProofError) -> Check {
    let detail = error.to_string();
    let unknown = |reason| Check::unknown(SIGNATURE, reason, detail.clone());
    let fail = |reason| Check::fail(SIGNATURE, reason, detail.clone());
    match error {
        ProofError::Missing => fail(Reason::NotSigned),
        ProofError::TooMany
        | ProofError::Malformed { .. }
        | ProofError::BaseContext
        | ProofError::ProofContext
        | ProofError::Pointer
        | ProofError::Derivation => fail(Reason::Malformed),
        ProofError::PreviousProof => fail(Reason::PreviousProof),
        ProofError::Unsupported { name } if name == "bbs-2023" => unknown(Reason::BbsNotSupported),
        ProofError::Unsupported { .. } => unknown(Reason::AlgorithmNotAccepted),
        ProofError::Chain | ProofError::Number => unknown(Reason::NotSupported),
        ProofError::WrongKey | ProofError::Signature(_) => fail(Reason::BadSignature),
        ProofError::JsonLd(error) => match error {
            JsonLdError::UnknownContext { .. } => unknown(Reason::ContextUnknown),
            JsonLdError::InlineContext => fail(Reason::ContextUnknown),
            JsonLdError::TooLarge | JsonLdError::TooMuchWork => unknown(Reason::TooComplex),
            JsonLdError::Processing { .. } => fail(Reason::Malformed),
            JsonLdError::UndefinedTerm { .. }
            | JsonLdError::RelativeIri { .. }
            | JsonLdError::Keyword { .. }
            | JsonLdError::DataLoss { .. } => fail(Reason::TermUndefined),
        },
    }
}

/// Verifies another document of the same issuer, such as its status list: one proof by a key of this DID.
pub(super) fn is_signed_by(look: &mut Look<'_>, document: &Value, issuer: &str) -> bool {
    let (signature, key, _) = proofs(look, document, issuer, false);
    let holds = signature.result == CheckResult::Pass || signature.reason == Some(Reason::OtherProofFailed);
    holds && key.result == CheckResult::Pass
}

fn nothing(issuer: &str, signature: Check) -> Found {
    let key = Check::unknown(KEY, Reason::KeyUnavailable, "no proof that names a key could be used");
    (signature, key, Tie { identifier: Some(issuer.to_owned()), ..Tie::default() })
}

fn did_of(method: &str) -> &str {
    method.split('#').next().unwrap_or(method)
}
