//! Cards, activities and keys as views.

use leerpas_core::{
    Activity, Alignment, Card, CardFacts, Content, Credit, Evidence, Format, Grade, Language, Level, Party, Timestamp,
    Work, totals,
};
use leerpas_wallet::{Check, HeldKey, Part, Report, Trusted};
use serde::Serialize;

use crate::{
    text,
    view::{
        ActivityView, AlignmentView, CardDetail, CardSummary, CheckPartView, CheckView, ClaimView, ContentView,
        CreditView, FactView, GradeView, KeyView, PartyView, TrustedView, WorkView,
    },
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

/// An institution that the person trusts.
pub fn trusted(trusted: &Trusted, language: Language) -> TrustedView {
    let institution = &trusted.institution;
    TrustedView {
        id: trusted.id.clone(),
        name: institution.name_in(language).to_owned(),
        identifier: institution.identifiers.first().cloned().unwrap_or_default(),
        added: trusted.added.to_string(),
        from_list: trusted.signer.is_some(),
        logo: institution.picture().map(|picture| picture.data_url),
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
        known_at: instant(card.known_at),
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
        known_at: None,
    }
}

/// A card, opened.
pub fn card_detail(card: &Card, report: &Report, kept: bool, language: Language) -> CardDetail {
    let facts = &card.facts;
    CardDetail {
        summary: CardSummary { known_at: instant(status_known_at(report)), ..summary_of(card) },
        description: facts.description.clone(),
        holder: facts.holder_name.clone(),
        received: kept.then(|| card.received.to_string()),
        facts: named_facts(facts),
        learning_outcomes: facts.learning_outcomes.clone(),
        skills: facts.skills.clone(),
        credits: facts.credits.iter().map(credit).collect(),
        levels: facts.levels.iter().map(level).collect(),
        results: results(facts),
        alignments: facts.alignments.iter().filter(|each| !has_own_place(each)).map(alignment).collect(),
        evidence: facts.evidence.iter().map(work).collect(),
        contents: facts.contents.iter().map(content).collect(),
        totals: totals(&facts.contents).iter().map(credit).collect(),
        claims: claims(facts, language),
        checks: report.checks.iter().map(check).collect(),
        verdict: report.verdict.as_str().to_owned(),
        copies: card.copies,
        issuer: party(&report.issuer),
        bakeable: is_bakeable(facts),
        rendering: facts.rendering.as_ref().map(|rendering| rendering.data_url.clone()),
    }
}

/// When the status was last known, where the check of it heard nothing newer.
fn status_known_at(report: &Report) -> Option<Timestamp> {
    report.checks.iter().find(|check| check.name.as_str() == "status").and_then(|check| check.known_at)
}

/// An Open Badge with a picture of its own.
fn is_bakeable(facts: &CardFacts) -> bool {
    const BADGES: [&str; 2] = ["OpenBadgeCredential", "AchievementCredential"];
    let is_badge = |kind: &String| kind.rsplit(['#', '/']).next().is_some_and(|name| BADGES.contains(&name));
    let fits = match facts.format {
        Format::OpenBadge2 => true,
        Format::SdJwtVc | Format::W3cSdJwt => false,
        _ => facts.types.iter().any(is_badge),
    };
    fits && facts.picture.is_some()
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
        elsewhere: activity.elsewhere,
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
    // The issuer's order comes first, then what it has no name for (OpenID4VCI 1.0, appendix B.3).
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
    let languages = Some(facts.languages.join(", ")).filter(|tags| !tags.is_empty()).or_else(|| facts.language.clone());
    let named = [
        ("language", &languages),
        ("participation", &facts.participation),
        ("assessment", &facts.assessment),
        ("supervision", &facts.supervision),
        ("quality", &facts.quality),
        ("programme", &facts.programme),
        ("criteria", &facts.criteria),
    ];
    let fact = |name: &str, value: &str| FactView { name: name.to_owned(), value: value.to_owned() };
    let mut found: Vec<FactView> =
        named.into_iter().filter_map(|(name, value)| Some(fact(name, value.as_deref()?))).collect();
    // The criteria are the longest and come last.
    let place = found.iter().position(|fact| fact.name == "criteria").unwrap_or(found.len());
    found.splice(place..place, facts.particulars.iter().map(|each| fact(&each.name, &each.value)));
    found
}

fn credit(credit: &Credit) -> CreditView {
    CreditView { amount: credit.amount.clone(), unit: credit.unit.clone() }
}

fn level(level: &Level) -> String {
    format!("{} {}", level.framework, level.level)
}

/// Every result; of a card that an older version kept, its one line.
fn results(facts: &CardFacts) -> Vec<GradeView> {
    let grade = |grade: &Grade| GradeView {
        name: grade.name.clone(),
        value: grade.value.clone(),
        scale: grade.scale.clone(),
        required: grade.required.clone(),
    };
    let kept = facts.result.iter().filter(|_| facts.results.is_empty());
    let kept = kept.map(|value| GradeView { name: None, value: value.clone(), scale: None, required: None });
    facts.results.iter().map(grade).chain(kept).collect()
}

/// Levels are figures and outcomes a list, so they need not stand among the alignments again.
fn has_own_place(alignment: &Alignment) -> bool {
    let kind = alignment.kind.as_deref().unwrap_or_default().to_ascii_lowercase();
    ["eqf", "learningoutcome"].iter().any(|own| kind.contains(own))
}

fn alignment(alignment: &Alignment) -> AlignmentView {
    AlignmentView {
        name: alignment.name.clone(),
        framework: alignment.framework.clone(),
        code: alignment.code.clone(),
        address: alignment.address.clone(),
        description: alignment.description.clone(),
    }
}

fn work(work: &Work) -> WorkView {
    WorkView {
        name: work.name.clone(),
        narrative: work.narrative.clone(),
        genre: work.genre.clone(),
        address: work.address.clone(),
    }
}

fn content(content: &Content) -> ContentView {
    ContentView {
        title: content.title.clone(),
        depth: content.depth,
        kind: content.kind.clone(),
        credit: content.credit.as_ref().map(credit),
        level: content.level.as_ref().map(level),
        result: content.result.clone(),
        date: instant(content.date),
        issuer: content.issuer.clone(),
    }
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
