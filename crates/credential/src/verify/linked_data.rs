//! W3C credentials with a Data Integrity proof; Open Badges 3.0 among them.

use serde_json::Value;

use super::{
    dates::{self, Period},
    evaluate::{Findings, Look},
    issuer_keys::{Candidates, Tie, by_verification_method},
};
use crate::{
    data_integrity::{self, Proof, ProofError},
    did::Purpose,
    jsonld::JsonLdError,
    keys::PublicKey,
    read::claims::{id_of, subjects},
    report::{Check, CheckName, CheckResult, Part, Reason},
};

const SIGNATURE: CheckName = CheckName::Signature;
const KEY: CheckName = CheckName::IssuerKey;

pub(super) fn check(look: &mut Look<'_>, credential: &Value) -> Findings {
    let format = format(credential);
    let issuer = credential.get("issuer").and_then(id_of).unwrap_or_default().to_owned();
    let (signature, key, tie) = proofs(look, credential, &issuer);
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

/// The issuer's own proofs count; one that holds is enough (Open Badges 3.0, section 8.3). Another own proof that fails
/// makes of that a warning, so that it is never silent. A stranger's proof counts for nothing, whether it holds or not
/// (VC Data Integrity 1.0, section 2.1.1 on proof sets); it is named among the parts and not tried. Where none is the
/// issuer's own, all are tried.
fn proofs(look: &mut Look<'_>, credential: &Value, issuer: &str) -> (Check, Check, Tie) {
    let proofs = match data_integrity::proofs(credential) {
        Ok(proofs) => proofs,
        Err(error) => return nothing(issuer, proof_check(&error)),
    };
    let own = |proof: &Proof| did_of(&proof.verification_method) == issuer;
    let any_own = proofs.iter().any(own);
    let (mut parts, mut best): (Vec<Part>, Option<(Check, Check, Tie)>) = (Vec::new(), None);
    let mut failed = false;
    for proof in &proofs {
        let name = format!("{} {}", proof.cryptosuite.name(), proof.verification_method);
        if any_own && !own(proof) {
            let stranger =
                Check::unknown(SIGNATURE, Reason::KeyNotOfIssuer, "not the issuer's proof; it does not count");
            parts.push(Part::of(name, &stranger));
            continue;
        }
        let found = one_proof(look, credential, issuer, proof);
        parts.push(Part::of(name, &found.0));
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

/// Whether a proof settles it and the best one so far does not; or failed or held, where that one is unknown.
fn says_more(found: &(Check, Check, Tie), best: &(Check, Check, Tie)) -> bool {
    let settles = |it: &(Check, Check, Tie)| it.0.result == CheckResult::Pass && it.1.result == CheckResult::Pass;
    !settles(best) && (settles(found) || best.0.result == CheckResult::Unknown)
}

fn one_proof(look: &mut Look<'_>, credential: &Value, issuer: &str, proof: &Proof) -> (Check, Check, Tie) {
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

fn verify(document: &Value, proof: &Proof, key: &PublicKey) -> Check {
    match data_integrity::verify_proof(document, proof, key) {
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
    let (signature, key, _) = proofs(look, document, issuer);
    let holds = signature.result == CheckResult::Pass || signature.reason == Some(Reason::OtherProofFailed);
    holds && key.result == CheckResult::Pass
}

fn nothing(issuer: &str, signature: Check) -> (Check, Check, Tie) {
    let key = Check::unknown(KEY, Reason::KeyUnavailable, "no proof that names a key could be used");
    (signature, key, Tie { identifier: Some(issuer.to_owned()), ..Tie::default() })
}

fn did_of(method: &str) -> &str {
    method.split('#').next().unwrap_or(method)
}
