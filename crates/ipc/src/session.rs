//! The running session as a view.

use leerpas_core::{Failure, Language};
use leerpas_wallet::{End, HostCaution, Progress, Prompt, SharePrompt};

use crate::{
    cards::{card_detail, party, summary_of, word},
    later, text,
    view::{
        BeforeView, CandidateView, CodeView, FailureView, PartyView, PlanView, PlannedClaimView, QueryView, SessionView,
    },
};

/// Where the session stands.
pub fn session(progress: &Progress, language: Language) -> SessionView {
    match progress {
        Progress::Idle => SessionView::Idle,
        Progress::Working(work) => SessionView::Working { step: work.as_str().to_owned() },
        Progress::Ask(prompt) => ask(prompt, language),
        Progress::Ended(end) => ended(end),
    }
}

/// A failure.
pub fn failure(failure: &Failure) -> FailureView {
    FailureView {
        kind: failure.kind.as_str().to_owned(),
        step: failure.step.clone(),
        message: failure.message.clone(),
        since: failure.since.map(|at| at.to_string()),
        approver: failure.approver.clone(),
    }
}

fn ask(prompt: &Prompt, language: Language) -> SessionView {
    match prompt {
        // Nothing is known yet but the host: an offer without titles says so.
        Prompt::Contact { host } => SessionView::Offer {
            issuer: PartyView {
                name: host.clone(),
                host: Some(host.clone()),
                evidence: "claimed".to_owned(),
                identifier: host.clone(),
            },
            titles: Vec::new(),
            code: None,
            sign_in: None,
        },
        Prompt::Choose(choosing) => later::choosing(choosing),
        Prompt::SignIn { url, host } => SessionView::SignIn { url: url.to_string(), host: host.clone() },
        Prompt::Offer(offer) => SessionView::Offer {
            issuer: party(&offer.issuer),
            titles: offer.titles.clone(),
            code: offer.code.as_ref().map(|code| CodeView {
                numeric: code.numeric,
                length: code.length.and_then(|length| u32::try_from(length).ok()),
                description: code.description.clone(),
                host: code.host.clone(),
                wrong: offer.wrong_code,
            }),
            sign_in: offer.sign_in.clone(),
        },
        Prompt::Review(review) => SessionView::Review {
            cards: review.cards.iter().map(|(card, report)| card_detail(card, report, false, language)).collect(),
            source: if review.from_file { "file" } else { "issuer" }.to_owned(),
            duplicate: review.duplicate,
            version: review.version.map(|version| {
                match version {
                    leerpas_wallet::Version::Newer => "newer",
                    leerpas_wallet::Version::Older => "older",
                }
                .to_owned()
            }),
        },
        Prompt::Share(share) => SessionView::Share { plan: Box::new(plan(share, language)) },
        Prompt::Frames(frames) => SessionView::Frames { frames: Box::new(crate::frames::frames(frames)) },
    }
}

fn ended(end: &End) -> SessionView {
    match end {
        End::Kept(cards) => SessionView::Kept { cards: cards.iter().map(summary_of).collect() },
        End::Later { kept, waiting } => SessionView::Later {
            cards: kept.iter().map(summary_of).collect(),
            waiting: waiting.iter().map(later::waiting).collect(),
        },
        End::Shared { party: other, outcome, count, go_on } => SessionView::Shared {
            party: party(other),
            outcome: word(outcome),
            count: u32::try_from(*count).unwrap_or(u32::MAX),
            go_on: go_on.as_ref().map(|url| url.to_string()),
        },
        End::Declined => SessionView::Declined,
        End::Failed(reason) => SessionView::Failed { failure: failure(reason), retry: false },
    }
}

fn plan(share: &SharePrompt, language: Language) -> PlanView {
    let plan = &share.plan;
    PlanView {
        requester: party(&plan.requester),
        attested_by: plan.attested_by.clone(),
        host_caution: plan.host_caution.as_ref().map(|caution| {
            match caution {
                HostCaution::LooksLike(_) => "looks_like",
                HostCaution::ForeignLetters => "foreign_letters",
                HostCaution::Long => "long",
            }
            .to_owned()
        }),
        looks_like: plan.host_caution.as_ref().and_then(|caution| match caution {
            HostCaution::LooksLike(host) => Some(host.clone()),
            _ => None,
        }),
        purpose: plan.purpose.clone(),
        queries: plan
            .queries
            .iter()
            .map(|query| QueryView {
                id: query.id.clone(),
                required: query.required,
                multiple: query.multiple,
                reusable: !query.holder_binding,
                candidates: query
                    .candidates
                    .iter()
                    .filter_map(|candidate| {
                        let card = share.cards.iter().find(|card| card.id == candidate.card)?;
                        let claims = candidate
                            .claims
                            .iter()
                            .map(|claim| {
                                let path = claim.path.clone();
                                PlannedClaimView {
                                    label: text::label(&card.facts.labels, &path, language),
                                    value: text::of_value(&claim.value),
                                    asked: claim.asked,
                                    optional: claim.optional,
                                    sensitive: claim.sensitive.as_ref().map(word),
                                    path,
                                }
                            })
                            .collect();
                        Some(CandidateView {
                            card: summary_of(card),
                            claims,
                            linkable: share.linkable.contains(&candidate.card),
                            whole: candidate.whole,
                        })
                    })
                    .collect(),
            })
            .collect(),
        before: share
            .before
            .iter()
            .map(|before| BeforeView {
                last: before.last.to_string(),
                times: before.times,
                titles: before.titles.clone(),
                paths: before.paths.clone(),
            })
            .collect(),
        registrar: plan.registration.as_ref().map(|registration| registration.registrar.clone()),
        registered_for: plan.registration.as_ref().and_then(|registration| registration.purpose.clone()),
        beyond_registration: plan.registration.as_ref().is_some_and(|registration| !registration.beyond.is_empty()),
        statements: plan.statements.clone(),
        retention: plan.retention.clone(),
        offline: plan.response_host.is_none(),
        fingerprint: plan.fingerprint.clone(),
    }
}
