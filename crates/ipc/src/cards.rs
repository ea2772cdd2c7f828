//! Cards, activities and keys as views.

use leerpas_core::{Activity, Card, CardFacts, Evidence, Language, Party, Timestamp};
use leerpas_wallet::{Check, HeldKey, Part, Report};
use serde::Serialize;

use crate::{
    text,
    view::{ActivityView, CardDetail, CardSummary, CheckPartView, CheckView, ClaimView, FactView, KeyView, PartyView},
};

/// Claims that say nothing to a person: they are checked by machines and shown under the checks.
const FOR_MACHINES: [&str; 12] = [
    "@context",
    "type",
    "proof",
    "cnf",
    "status",
    "credentialStatus",
    "credentialSchema",
    "vct",
    "vct#integrity",
    "iss",
    "iat",
    "_sd_alg",
];

/// Somebody at the other side.
pub fn party(party: &Party) -> PartyView {
    PartyView {
        name: party.name.clone(),
        host: party.host.clone(),
        evidence: match party.evidence {
            Evidence::Listed => "listed",
            Evidence::Own => "own",
            Evidence::Proved => "proved",
            Evidence::Claimed => "claimed",
        }
        .to_owned(),
        identifier: party.identifier.clone(),
    }
}

/// A card of the list.
pub fn card_summary(card: &leerpas_wallet::CardSummary, picture: Option<String>) -> CardSummary {
    CardSummary {
        id: card.id.to_string(),
        title: card.title.clone(),
        issuer: party(&card.issuer),
        picture,
        credit: card.credit.as_ref().map(|credit| credit.amount.clone()),
        credit_unit: card.credit.as_ref().map(|credit| credit.unit.clone()),
        level: card.level.as_ref().map(|level| format!("{} {}", level.framework, level.level)),
        status: word(&card.status),
        issued: instant(card.issued),
        expires: instant(card.expires),
        checked: Some(card.checked.to_string()),
        format: card.format.as_str().to_owned(),
    }
}

/// A whole card as a card of the list.
pub fn summary_of(card: &Card) -> CardSummary {
    let facts = &card.facts;
    CardSummary {
        id: card.id.to_string(),
        title: facts.title.clone(),
        issuer: party(&facts.issuer),
        picture: facts.picture.as_ref().map(|picture| picture.data_url.clone()),
        credit: facts.credit.as_ref().map(|credit| credit.amount.clone()),
        credit_unit: facts.credit.as_ref().map(|credit| credit.unit.clone()),
        level: facts.level.as_ref().map(|level| format!("{} {}", level.framework, level.level)),
        status: word(&card.status),
        issued: instant(facts.issued),
        expires: instant(facts.expires),
        checked: Some(card.checked.to_string()),
        format: facts.format.as_str().to_owned(),
    }
}

/// A card, opened.
pub fn card_detail(card: &Card, report: &Report, kept: bool, language: Language) -> CardDetail {
    let facts = &card.facts;
    CardDetail {
        summary: summary_of(card),
        description: facts.description.clone(),
        holder: facts.holder_name.clone(),
        received: kept.then(|| card.received.to_string()),
        facts: named_facts(facts),
        learning_outcomes: facts.learning_outcomes.clone(),
        skills: facts.skills.clone(),
        claims: claims(facts, language),
        checks: report.checks.iter().map(check).collect(),
        verdict: report.verdict.as_str().to_owned(),
        copies: card.copies,
        rendering: facts.rendering.as_ref().map(|rendering| rendering.data_url.clone()),
    }
}

/// One line of the activity log.
pub fn activity(activity: &Activity) -> ActivityView {
    ActivityView {
        id: activity.id.to_string(),
        at: activity.at.to_string(),
        kind: word(&activity.kind),
        party: activity.party.as_ref().map(party),
        purpose: activity.purpose.clone(),
        titles: activity.titles.clone(),
        claims: activity.claims.iter().map(|claim| claim.path.clone()).collect(),
        outcome: word(&activity.outcome),
        error: activity.error.map(|kind| kind.as_str().to_owned()),
    }
}

/// One key.
pub fn key(key: &HeldKey) -> KeyView {
    KeyView {
        id: key.record.id.to_string(),
        purpose: key.record.purpose.as_str().to_owned(),
        card: key.card.clone(),
        thumbprint: key.thumbprint.clone(),
        made: key.record.made.to_string(),
    }
}

fn claims(facts: &CardFacts, language: Language) -> Vec<ClaimView> {
    let mut found: Vec<_> = text::leaves(&facts.claims)
        .into_iter()
        .filter(|(path, _)| !FOR_MACHINES.contains(&path.split('.').next().unwrap_or_default()))
        .filter(|(_, value)| !value.starts_with("data:"))
        .map(|(path, value)| ClaimView { label: text::label(&facts.labels, &path, language), path, value })
        .collect();
    // The issuer's order comes first, then what it has no name for (OpenID4VCI 1.0, appendix B.2).
    let rank = |claim: &ClaimView| {
        let place = facts
            .labels
            .iter()
            .position(|label| text::label(std::slice::from_ref(label), &claim.path, language).is_some());
        place.unwrap_or(usize::MAX)
    };
    found.sort_by_key(rank);
    found
}

fn named_facts(facts: &CardFacts) -> Vec<FactView> {
    [
        ("result", &facts.result),
        ("language", &facts.language),
        ("participation", &facts.participation),
        ("assessment", &facts.assessment),
        ("supervision", &facts.supervision),
        ("quality", &facts.quality),
        ("programme", &facts.programme),
        ("criteria", &facts.criteria),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.as_ref().map(|value| FactView { name: name.to_owned(), value: value.clone() }))
    .collect()
}

fn check(check: &Check) -> CheckView {
    CheckView {
        name: check.name.as_str().to_owned(),
        result: check.result.as_str().to_owned(),
        detail: check.detail.clone(),
        reason: check.reason.map(|reason| reason.as_str().to_owned()),
        known_at: instant(check.known_at),
        parts: check.parts.iter().map(part).collect(),
    }
}

fn part(part: &Part) -> CheckPartView {
    CheckPartView {
        name: part.name.clone(),
        result: part.result.as_str().to_owned(),
        reason: part.reason.map(|reason| reason.as_str().to_owned()),
        detail: part.detail.clone(),
    }
}

fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// The stable word of an enumeration of `core`.
pub fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
