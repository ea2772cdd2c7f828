//! What the commands print: JSON for scripts, lines for people.

use std::fmt::{self, Write as _};

use leerpas_core::{Activity, Card, CardFacts, CardStatus, Credit, Level, Outcome, Party, Timestamp, totals};
use leerpas_wallet::{
    CardSummary, Check, CheckResult, HeldKey, HostCaution, Judgement, Plan, Report, SharePrompt, Version,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// A card on one line: of `cards`, and of what was kept. As JSON for scripts, as text for a person.
#[derive(Serialize)]
pub struct Line<'a> {
    id: &'a str,
    title: &'a str,
    issuer: &'a str,
    issuer_id: &'a str,
    format: &'a str,
    status: CardStatus,
    issued: Option<Timestamp>,
    expires: Option<Timestamp>,
    ects: Option<Value>,
    eqf: Option<Value>,
}

impl<'a> From<&'a CardSummary> for Line<'a> {
    fn from(card: &'a CardSummary) -> Self {
        Self {
            id: card.id.as_str(),
            title: &card.title,
            issuer: &card.issuer.name,
            issuer_id: &card.issuer.identifier,
            format: card.format.as_str(),
            status: card.status,
            issued: card.issued,
            expires: card.expires,
            ects: ects(card.credit.as_ref()),
            eqf: eqf(card.level.as_ref()),
        }
    }
}

impl<'a> From<&'a Card> for Line<'a> {
    fn from(card: &'a Card) -> Self {
        Self {
            id: card.id.as_str(),
            title: &card.facts.title,
            issuer: &card.facts.issuer.name,
            issuer_id: &card.facts.issuer.identifier,
            format: card.facts.format.as_str(),
            status: card.status,
            issued: card.facts.issued,
            expires: card.facts.expires,
            ects: ects(card.facts.credit.as_ref()),
            eqf: eqf(card.facts.level.as_ref()),
        }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, title, issuer, status, .. } = self;
        write!(f, "{id}  {:<9} {:<48} {}", word(status), plain(title), plain(issuer))
    }
}

/// What was kept, for scripts and for a person.
pub fn kept(cards: &[Card]) -> (Value, String) {
    let lines: Vec<Line<'_>> = cards.iter().map(Line::from).collect();
    let text = lines.iter().map(|line| format!("kept  {line}\n")).collect();
    (json!(lines), text)
}

/// A card with everything that it says and every check.
pub fn detail(card: &Card, report: &Report) -> Value {
    let mut value = json!(Line::from(card));
    if let Some(members) = value.as_object_mut() {
        members.extend(facts(&card.facts, &["claims"]));
        members.insert("checked".into(), json!(card.checked));
        members.insert("received".into(), json!(card.received));
        members.insert("copies".into(), json!(card.copies));
        members.insert("verdict".into(), json!(report.verdict.as_str()));
        members.insert("checks".into(), checks(report));
    }
    value
}

/// What every format is read into, under the same names for a card and for a file, and of the rest what is named. The
/// bytes of its picture are never among it.
fn facts(facts: &CardFacts, more: &[&str]) -> Map<String, Value> {
    const NAMES: [&str; 22] = [
        "description",
        "holder_name",
        "language",
        "learning_outcomes",
        "criteria",
        "assessment",
        "supervision",
        "participation",
        "quality",
        "programme",
        "result",
        "skills",
        "types",
        "credits",
        "levels",
        "languages",
        "results",
        "alignments",
        "evidence",
        "contents",
        "particulars",
        "valid_from",
    ];
    let all = serde_json::to_value(facts).unwrap_or_default();
    let mut found: Map<String, Value> = NAMES
        .iter()
        .chain(more)
        .map(|name| ((*name).to_owned(), all.get(*name).cloned().unwrap_or_default()))
        .collect();
    found.insert("totals".to_owned(), json!(totals(&facts.contents)));
    found
}

/// What the credential says, without what `verify` says of it at the top.
fn said(credential: &CardFacts) -> Value {
    Value::Object(facts(credential, &["title", "issued", "expires", "credit", "level"]))
}

/// What `verify` prints.
pub fn judgement(found: &Judgement) -> Value {
    json!({
        "facts": said(&found.facts),
        "verdict": found.report.verdict.as_str(),
        "format": found.report.format.as_str(),
        "issuer": found.report.issuer.identifier,
        "issuer_name": found.report.issuer.name,
        "status": word(&found.report.status),
        "checks": checks(&found.report),
        "credential": found.claims,
    })
}

/// The checks of a report.
pub fn checks(report: &Report) -> Value {
    report
        .checks
        .iter()
        .map(|check| {
            json!({
                "name": check.name.as_str(),
                "result": check.result.as_str(),
                "detail": check.detail,
                "reason": check.reason.map(|reason| reason.as_str()),
                "known_at": check.known_at,
                "parts": check.parts,
            })
        })
        .collect()
}

/// What would be shared.
pub fn plan(prompt: &SharePrompt) -> Value {
    let Plan { requester, purpose, registration, retention, response_host, statements, queries, fingerprint, .. } =
        &*prompt.plan;
    let queries: Vec<Value> = queries
        .iter()
        .map(|query| {
            let candidates: Vec<Value> = query
                .candidates
                .iter()
                .map(|candidate| {
                    let claims: Vec<Value> = candidate
                        .claims
                        .iter()
                        .map(|claim| {
                            json!({
                                "path": claim.path,
                                "value": claim.value,
                                "asked": claim.asked,
                                "optional": claim.optional,
                                "sensitive": claim.sensitive,
                            })
                        })
                        .collect();
                    json!({"card": candidate.card, "title": candidate.title, "whole": candidate.whole, "claims": claims})
                })
                .collect();
            json!({"id": query.id, "required": query.required, "multiple": query.multiple, "reusable": !query.holder_binding, "candidates": candidates})
        })
        .collect();
    json!({
        "requester": party(requester),
        "attested_by": prompt.plan.attested_by,
        "host_caution": prompt.plan.host_caution,
        "purpose": purpose,
        "registration": registration,
        "retention": retention,
        "response_host": response_host,
        "statements": statements,
        "queries": queries,
        "fingerprint": fingerprint,
    })
}

/// Somebody at the other side.
pub fn party(party: &Party) -> Value {
    json!({
        "name": party.name,
        "identifier": party.identifier,
        "host": party.host,
        "evidence": word(&party.evidence),
    })
}

/// A line of `activity`.
pub fn activity(activity: &Activity) -> Value {
    json!({
        "id": activity.id,
        "at": activity.at,
        "kind": word(&activity.kind),
        "party": activity.party.as_ref().map(party),
        "purpose": activity.purpose,
        "cards": activity.cards,
        "titles": activity.titles,
        "claims": activity.claims,
        "outcome": word(&activity.outcome),
        "error": activity.error.map(|kind| kind.as_str()),
        "elsewhere": activity.elsewhere,
    })
}

/// One institution that the person trusts.
pub fn trusted(trusted: &leerpas_wallet::Trusted) -> Value {
    json!({
        "id": trusted.id,
        "added": trusted.added,
        "signer": trusted.signer,
        "name": trusted.institution.name,
        "identifiers": trusted.institution.identifiers,
        "brin": trusted.institution.brin,
        "domains": trusted.institution.domains,
    })
}

/// A line of `keys`.
pub fn key(key: &HeldKey) -> Value {
    json!({
        "id": key.record.id,
        "purpose": key.record.purpose.as_str(),
        "party": key.record.party,
        "algorithm": key.record.algorithm,
        "public_jwk": key.record.public_jwk,
        "thumbprint": key.thumbprint,
        "made": key.record.made,
        "card": key.record.card,
        "title": key.card,
    })
}

/// What becomes of a card that is another issue of one that is kept.
pub fn version_for_people(version: Option<Version>) -> Option<&'static str> {
    Some(match version? {
        Version::Newer => "This is a newer issue of a card that you have; it takes the place of the old one.",
        Version::Older => "You have a newer issue of this card, or one that was checked better; that one stays.",
    })
}

/// The checks for a person, one a line.
pub fn checks_for_people(report: &Report) -> String {
    let mut text = String::new();
    for Check { name, result, detail, parts, .. } in &report.checks {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {} {:<13} {}", mark(*result), name.as_str(), plain(detail));
        for part in parts {
            let _ = writeln!(text, "      {} {}: {}", mark(part.result), plain(&part.name), plain(&part.detail));
        }
    }
    text
}

fn mark(result: CheckResult) -> &'static str {
    match result {
        CheckResult::Pass => "+",
        CheckResult::Warn => "!",
        CheckResult::Fail => "x",
        CheckResult::Unknown => "?",
    }
}

/// The plan for a person.
pub fn plan_for_people(prompt: &SharePrompt) -> String {
    let plan = &prompt.plan;
    let mut text = format!("{} asks ({})\n", plain(&plan.requester.name), word(&plan.requester.evidence));
    if let Some(name) = &plan.attested_by {
        let _ = writeln!(text, "! {} calls them so; the name was not checked here", plain(name));
    }
    let host = plan.response_host.as_deref().unwrap_or_default();
    match &plan.host_caution {
        Some(HostCaution::LooksLike(other)) => {
            let _ = writeln!(text, "! {host} looks like {} and is another host", plain(other));
        }
        Some(HostCaution::ForeignLetters) => {
            let _ = writeln!(text, "! {host} has special letters in it and may look like another host");
        }
        Some(HostCaution::Long) => {
            let _ = writeln!(text, "! {host} is very long: its end says whose it is");
        }
        None => {}
    }
    if let Some(purpose) = &plan.purpose {
        let _ = writeln!(text, "because: {}", plain(purpose));
    }
    if let Some(registration) = &plan.registration {
        let purpose = registration.purpose.as_deref().unwrap_or("no purpose given");
        let _ = writeln!(text, "registered by {} for: {}", plain(&registration.registrar), plain(purpose));
        if !registration.beyond.is_empty() {
            let _ = writeln!(text, "! they ask for more than that, in {}", plain(&registration.beyond.join(", ")));
        }
    }
    for statement in &plan.statements {
        // Whole and as it is: the request was refused if that could not be shown.
        let _ = writeln!(text, "you confirm: {statement}");
    }
    for query in &plan.queries {
        let need = if query.required { "required" } else { "optional" };
        let _ = writeln!(text, "\n{} ({need})", plain(&query.id));
        if query.candidates.is_empty() {
            let _ = writeln!(text, "   no card fits");
        }
        if query.multiple && query.candidates.len() > 1 {
            let _ = writeln!(text, "   several may be given: --card {}=ID again for each", plain(&query.id));
        }
        if !query.holder_binding {
            let _ = writeln!(text, "   ! whoever gets this can use it again: it does not prove that it is yours");
        }
        for (index, candidate) in query.candidates.iter().enumerate() {
            let proposed = if index == 0 { "*" } else { " " };
            let _ = writeln!(text, " {proposed} {}  {}", candidate.card, plain(&candidate.title));
            if prompt.linkable.contains(&candidate.card) {
                let _ = writeln!(text, "     ! others saw this copy: together they could tell that it was you");
            }
            for claim in candidate.claims.iter().filter(|_| index == 0) {
                let mark = match (claim.asked, claim.optional) {
                    (true, true) => "may be left out",
                    (true, false) => "",
                    (false, _) => "goes along",
                };
                let value = claim.value.as_str().map_or_else(|| claim.value.to_string(), str::to_owned);
                let _ = writeln!(text, "     {:<40} {}  {mark}", plain(&claim.path), plain(&value));
                if let Some(why) = &claim.sensitive {
                    let _ = writeln!(text, "       ! sensitive ({}): do they need this?", word(why));
                }
            }
        }
    }
    for before in &prompt.before {
        let when = match before.times {
            1 => format!("on {}", before.last),
            times => format!("{times} times, last on {}", before.last),
        };
        let _ = writeln!(text, "\nThey got this before, {when}: {}", plain(&before.titles.join(", ")));
    }
    text
}

/// The stable word of an enumeration.
pub fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What the last run left unfinished, and what to do about it.
pub fn broken_off(line: &Activity) -> String {
    let who = line.party.as_ref().map_or_else(|| "somebody".to_owned(), |party| plain(&party.name));
    let what = plain(&line.titles.join(", "));
    match line.outcome {
        Outcome::Uncertain => format!(
            "Leerpas stopped while sharing {what} with {who}: it may have been shared. Ask them before you send it again."
        ),
        _ => format!(
            "Leerpas stopped while collecting {what} from {who}: nothing was kept. Take the offer again, or ask for a \
             new one."
        ),
    }
}

/// Strangers' text for a terminal: no control characters, no changes of direction, 200 characters at most.
pub fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !('\u{202A}'..='\u{202E}').contains(c) && !('\u{2066}'..='\u{2069}').contains(c))
        .take(200)
        .collect()
}

fn ects(credit: Option<&Credit>) -> Option<Value> {
    credit.filter(|credit| credit.unit == "ECTS").map(|credit| number(&credit.amount))
}

fn eqf(level: Option<&Level>) -> Option<Value> {
    level.filter(|level| level.framework == "EQF").map(|level| number(&level.level))
}

/// A number as the issuer wrote it, `4.5` and not `4.499`; text where it is none.
fn number(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Number(number)) => Value::Number(number),
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_text_of_the_issuer() {
        assert_eq!(number("4.50").to_string(), "4.50");
        assert_eq!(number("4+"), json!("4+"));
    }

    #[test]
    fn a_strangers_text_does_not_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\r\nc\u{202e}d"), "a[31mbcd");
        assert_eq!(plain(&"x".repeat(999)).len(), 200);
    }
}
