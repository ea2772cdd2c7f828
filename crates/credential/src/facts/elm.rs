//! The European Learning Model, version 3, as European Digital Credentials write it in JSON-LD; inside an SD-JWT VC
//! likewise.
//!
//! Names are those of the application profile of European Digital Credentials. Texts are maps of language to text,
//! terms of controlled lists are nodes with a `prefLabel`, and whatever may occur several times may stand alone.

mod achievement;
mod plain;

use leerpas_core::{CardFacts, Content, Particular};
use serde_json::Value;

use self::achievement::Achievement;
pub(super) use self::plain::for_people;
use super::{
    find::{all, at_most, first},
    text,
};
use crate::badge::picture_of_data_url;

/// Entries of a transcript that a card shows, over all depths.
const CONTENTS: usize = 300;
/// The title that the converter from ELMO gives to everything; it names the converter and not the transcript.
const CONVERTED: &str = "A converted document from ELMO";
/// Names of entries in the title of a transcript that has none.
const TITLES: usize = 3;
/// Depth of parts within parts that is followed.
const DEPTH: u32 = 6;

/// The credential of the learning model in these claims, if there is one: by what it holds, since the same claims come
/// under several names (`urn:eudi:diploma:1` has them at the top, `urn:eudi:elm:1` below `elm`).
pub(super) fn root(claims: &Value) -> Option<&Value> {
    [Some(claims), claims.get("elm")].into_iter().flatten().find(|credential| {
        let subject = credential.get("credentialSubject").and_then(first);
        subject.is_some_and(|subject| subject.get("hasClaim").is_some())
    })
}

/// Reads everything but the dates of the credential itself.
pub(super) fn read(credential: &Value, facts: &mut CardFacts) {
    let nothing = Value::Null;
    let subject = credential.get("credentialSubject").and_then(first).unwrap_or(&nothing);
    let display = credential.get("displayParameter").and_then(first).unwrap_or(&nothing);
    let claims: Vec<Achievement<'_>> = at_most(subject.get("hasClaim"), CONTENTS).map(Achievement).collect();

    facts.holder_name = holder(subject).or(facts.holder_name.take());
    let issuer = credential.get("issuer").and_then(first).and_then(organisation);
    let awarded_by = claims.iter().find_map(Achievement::awarding_body);
    if let Some(name) = issuer.or_else(|| awarded_by.clone()) {
        facts.issuer.name = name;
    }
    facts.picture = facts.picture.take().or_else(|| picture(display));
    match claims.as_slice() {
        [only] => {
            facts.title = only.title().or_else(|| label(display.get("title"))).unwrap_or_default();
            only.read(facts);
            collect(&only.parts(), 0, &facts.issuer.name, &mut facts.contents);
        }
        several => {
            let own = label(display.get("title")).filter(|title| !title.starts_with(CONVERTED));
            facts.title = own.unwrap_or_else(|| titles(several));
            collect(several, 0, &facts.issuer.name, &mut facts.contents);
        }
    }
    let description = long(display.get("description")).or_else(|| facts.description.take());
    facts.description = description.filter(|description| *description != facts.title);
    if let Some(name) = awarded_by.filter(|name| *name != facts.issuer.name) {
        facts.particulars.push(Particular { name: "awarded_by".to_owned(), value: name });
    }
}

/// A transcript without a title of its own is called by what it lists first.
fn titles(achievements: &[Achievement<'_>]) -> String {
    let titles: Vec<String> = achievements.iter().filter_map(Achievement::title).take(TITLES).collect();
    let more = if achievements.len() > TITLES { ", …" } else { "" };
    text::label(&(titles.join(", ") + more))
}

/// Each achievement, followed by its parts.
fn collect(achievements: &[Achievement<'_>], depth: u32, issuer: &str, contents: &mut Vec<Content>) {
    for achievement in achievements {
        if contents.len() >= CONTENTS {
            return;
        }
        if let Some(content) = achievement.content(depth, issuer) {
            contents.push(content);
            if depth < DEPTH {
                collect(&achievement.parts(), depth + 1, issuer, contents);
            }
        }
    }
}

fn holder(subject: &Value) -> Option<String> {
    let part = |name: &str| label(subject.get(name));
    let parts: Vec<String> = [part("givenName"), part("familyName")].into_iter().flatten().collect();
    part("fullName").or_else(|| (!parts.is_empty()).then(|| text::label(&parts.join(" "))))
}

/// Who it says issued it, without all the other facts.
pub(super) fn issuer_name(claims: &Value) -> Option<String> {
    let credential = root(claims)?;
    let subject = credential.get("credentialSubject").and_then(first)?;
    let awarded_by = || at_most(subject.get("hasClaim"), CONTENTS).map(Achievement).find_map(|one| one.awarding_body());
    credential.get("issuer").and_then(first).and_then(organisation).or_else(awarded_by)
}

/// The name of an organisation or a person.
fn organisation(party: &Value) -> Option<String> {
    ["legalName", "prefLabel", "altLabel", "fullName"].into_iter().find_map(|name| label(party.get(name)))
}

/// The first picture of how the credential is displayed, which is inside as Base64.
fn picture(display: &Value) -> Option<leerpas_core::Picture> {
    let images = all(display.get("individualDisplay"))
        .flat_map(|display| all(display.get("displayDetail")))
        .filter_map(|detail| detail.get("image").and_then(first)?.get("content")?.as_str());
    images.take(4).find_map(|content| {
        let kind = if content.starts_with("iVBOR") { "png" } else { "jpeg" };
        picture_of_data_url(&format!("data:image/{kind};base64,{content}"), None).filter(is_worth_showing)
    })
}

/// Converters put in a picture of one dot where there is none.
fn is_worth_showing(picture: &leerpas_core::Picture) -> bool {
    picture.data_url.len() > 400
}

/// The text of a map of languages: Dutch, else English, else one without a language, else the first. Each may be a list.
fn words(value: Option<&Value>) -> Option<String> {
    let text = match first(value?)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Object(members) => {
            let preferred = ["nl", "en", "und", "@value"].into_iter().find_map(|tag| members.get(tag));
            let any = || members.iter().find(|(tag, _)| is_language(tag)).map(|(_, text)| text);
            first(preferred.or_else(any)?)?.as_str()?.to_owned()
        }
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// A tag such as `nl`, `und` or `pt-BR`; `id` is the identifier of a node and no Indonesian.
fn is_language(name: &str) -> bool {
    let main = name.split('-').next().unwrap_or_default();
    name != "id" && name.len() <= 8 && matches!(main.len(), 2 | 3) && main.bytes().all(|b| b.is_ascii_lowercase())
}

fn label(value: Option<&Value>) -> Option<String> {
    words(value).map(|text| text::label(&text)).filter(|text| !text.is_empty())
}

fn long(value: Option<&Value>) -> Option<String> {
    words(value).map(|text| text::narrative(&text)).filter(|text| !text.is_empty())
}

/// The term of a controlled list, or a note: its text, else its notation.
fn term(value: Option<&Value>) -> Option<String> {
    let node = first(value?)?;
    ["prefLabel", "noteLiteral", "title", "definition"]
        .into_iter()
        .find_map(|name| label(node.get(name)))
        .or_else(|| label(Some(node)))
        .or_else(|| label(node.get("notation")))
}
