//! The parts of a comprehensive learner record: credentials and achievements within one credential (CLR Standard 2.0,
//! B.1.9 `ClrSubject`).

use leerpas_core::{CardFacts, Content, limits};
use serde_json::Value;

use super::{
    achievement::{credits, levels},
    dates,
    find::{Scope, all, at_most, first},
    learning, subject, text,
};
use crate::{jose::decode_base64url, json};

/// Parts of one record that a card shows.
const CONTENTS: usize = 300;

/// Reads the parts, and the title of the record where it would otherwise be that of its first part.
pub(super) fn read(claims: &Value, facts: &mut CardFacts) {
    let Some(record) = subject(claims) else { return };
    let achievements: Vec<&Value> = at_most(record.get("achievement"), CONTENTS).collect();
    let credentials: Vec<Value> = at_most(record.get("verifiableCredential"), CONTENTS).filter_map(plain).collect();
    if credentials.is_empty() && achievements.len() < 2 {
        return;
    }
    let within = credentials.iter().filter_map(|credential| of_credential(credential, facts));
    let mut contents: Vec<Content> = within.collect();
    // An achievement that one of the credentials is about is described twice; the credential says more.
    let own = achievements.into_iter().filter(|each| !credentials.iter().any(|credential| is_about(credential, each)));
    contents.extend(own.filter_map(|achievement| of_achievement(achievement, &Value::Null)));
    facts.contents = contents;
    if let Some(name) = text::of(claims.get("name")) {
        facts.title = text::label(&name);
    }
    forget_the_first_part(facts);
}

/// What was read from the first achievement belongs to that part and not to the whole record.
fn forget_the_first_part(facts: &mut CardFacts) {
    facts.credits.clear();
    facts.credit = None;
    facts.levels.clear();
    facts.level = None;
}

/// A credential as it stands there, or the content of the token that it comes in (VCDM 2.0, 4.13 enveloped credential).
fn plain(entry: &Value) -> Option<Value> {
    let address = entry.as_str().or_else(|| entry.get("id")?.as_str().filter(|id| id.starts_with("data:")));
    let Some(address) = address else { return entry.is_object().then(|| entry.clone()) };
    let token = address.split_once(',').map_or(address, |(_, token)| token);
    let payload = token.split(['.', '~']).nth(1).filter(|payload| payload.len() <= limits::CREDENTIAL)?;
    let claims = json::parse(&decode_base64url(payload).ok()?).ok()?;
    Some(claims.get("vc").filter(|inner| inner.is_object()).cloned().unwrap_or(claims))
}

fn of_credential(credential: &Value, facts: &CardFacts) -> Option<Content> {
    let nothing = Value::Null;
    let subject = subject(credential).unwrap_or(&nothing);
    let achievement = subject.get("achievement").and_then(first).unwrap_or(&nothing);
    let mut content = of_achievement(achievement, subject)
        .or_else(|| Some(Content { title: text::label(&text::of(credential.get("name"))?), ..Content::default() }))?;
    content.date =
        ["awardedDate", "validFrom", "issuanceDate"].iter().find_map(|name| dates::date(credential.get(name)?));
    let issuer = credential.get("issuer").and_then(first).and_then(|issuer| text::of(issuer.get("name")));
    content.issuer = issuer.map(|name| text::label(&name)).filter(|name| *name != facts.issuer.name);
    Some(content)
}

fn of_achievement(achievement: &Value, subject: &Value) -> Option<Content> {
    let scope = Scope::new([achievement, subject]);
    let alignments: Vec<&Value> = all(achievement.get("alignment")).collect();
    let grades = learning::grades(subject, achievement);
    Some(Content {
        title: text::label(&text::of(achievement.get("name"))?),
        kind: text::of(achievement.get("achievementType")).map(|kind| text::label(&kind)),
        credit: credits(&scope).into_iter().next(),
        level: levels(&scope, &alignments).into_iter().next(),
        result: grades.into_iter().next().map(|grade| grade.value),
        ..Content::default()
    })
}

fn is_about(credential: &Value, achievement: &Value) -> bool {
    let id = achievement.get("id").and_then(Value::as_str);
    let about = subject(credential).and_then(|subject| subject.get("achievement")).and_then(first);
    id.is_some() && about.and_then(|about| about.get("id")).and_then(Value::as_str) == id
}
