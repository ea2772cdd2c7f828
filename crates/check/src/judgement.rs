//! What a verifier learns.

use leerpas_credential::{
    read::Unverified,
    report::{Check, CheckName, CheckResult, Reason, Report, Verdict},
    verify::Resources,
};
use leerpas_openid::dcql::CredentialQuery;
use serde::Serialize;
use serde_json::{Map, Value};

/// The judgement of a whole answer.
#[derive(Debug, Clone, Serialize)]
pub struct Judgement {
    /// What follows from all presentations together: one that does not hold decides, then one that could not
    /// be checked.
    pub verdict: Verdict,
    /// Each presentation, in the order of the queries.
    pub presentations: Vec<Judged>,
    /// What was fetched on the way, to be kept for the next time.
    #[serde(skip)]
    pub resources: Resources,
}

/// The judgement of one presentation.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// The query that it answers.
    pub query: String,
    /// Every check with its result.
    pub report: Report,
    /// What was asked for and given: path, joined with `.`, to value. Whatever else the credential holds is
    /// dropped here and kept nowhere. Empty when a check failed.
    pub claims: Map<String, Value>,
}

impl Judgement {
    /// Draws the verdict. One presentation for another request spoils the whole answer (OpenID4VP 1.0, 14.1):
    /// then no claims are left.
    pub(crate) fn of(mut presentations: Vec<Judged>, resources: Resources) -> Self {
        let replayed = |judged: &Judged| {
            judged.report.check(CheckName::Nonce).is_some_and(|check| check.result == CheckResult::Fail)
        };
        if presentations.iter().any(replayed) {
            presentations.iter_mut().for_each(|judged| judged.claims.clear());
        }
        let has = |verdict| presentations.iter().any(|judged| judged.report.verdict == verdict);
        let verdict = if presentations.is_empty() || has(Verdict::Invalid) {
            Verdict::Invalid
        } else if has(Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Valid
        };
        Self { verdict, presentations, resources }
    }
}

/// Adds the checks that need the query: is it the kind that was asked for, and are the claims there? The
/// wallet's own matching is never relied on.
pub(crate) fn judge(query: &CredentialQuery, report: Report, credential: &Unverified) -> Judged {
    let kind = if query.fits_kind(credential.format(), &credential.types()) {
        Check::pass(CheckName::Kind, "it is of the kind that was asked for")
    } else {
        Check::fail(CheckName::Kind, Reason::UnexpectedType, "it is of another kind than was asked for")
    };
    let mut claims = Map::new();
    let given: Vec<bool> = query
        .claims
        .iter()
        .map(|claim| {
            let places = claim.places(credential.claims()).unwrap_or_default();
            for place in &places {
                if let Some(value) = place.in_document(credential.claims()) {
                    claims.insert(place.to_string(), value.clone());
                }
            }
            !places.is_empty()
        })
        .collect();
    let complete = |set: &[usize]| set.iter().all(|claim| given.get(*claim) == Some(&true));
    let enough = if query.claim_sets.is_empty() {
        given.iter().all(|given| *given)
    } else {
        query.claim_sets.iter().any(|set| complete(set))
    };
    let of_claims = if enough {
        Check::pass(CheckName::Claims, "the claims that were asked for are there")
    } else {
        // No word of the list fits: nothing is wrong with the credential, it is only not what was asked for.
        let detail = "claims that were asked for are missing or have other values".to_owned();
        Check { reason: None, ..Check::fail(CheckName::Claims, Reason::UnexpectedType, detail) }
    };
    let report = report.with(kind).with(of_claims);
    if report.verdict == Verdict::Invalid {
        claims.clear();
    }
    Judged { query: query.id.clone(), report, claims }
}
