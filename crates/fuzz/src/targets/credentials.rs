//! Credentials, their proofs, their status.

use leerpas_credential::{
    did::{DidDocument, document_url, host_of, split_url},
    jose::Jws,
    json, jsonld,
    read::read,
    report::Verdict as ReportVerdict,
    sd_jwt::SdJwt,
    status::{BitstringList, RevocationList, StatusPurpose, TokenList, lifetime, status_references},
};
use serde_json::{Map, Value, json};

use super::{Verdict, rule, way};
use crate::{
    World,
    world::{PLAINTEXT, meaning},
};

pub(super) fn json_samples(world: &World) -> Vec<Vec<u8>> {
    let mut samples =
        vec![world.badge.clone(), br#"{"a":[1,2.50,-3e2,"\u00e9\ud83d\ude00",null,true,{"b":{}}]}"#.to_vec()];
    samples.extend(world.lists());
    samples
}

/// What was read and written is read alike.
pub(super) fn json(_: &World, input: &[u8]) -> Verdict {
    match json::parse(input) {
        Err(error) => Ok(way(&error)),
        Ok(value) => {
            rule(json::parse(value.to_string().as_bytes()).as_ref() == Ok(&value), "written JSON is read otherwise")?;
            Ok(kind_of(&value).to_owned())
        }
    }
}

/// A changed SD-JWT says nothing that the issuer did not say, and hides at most what may be hidden.
pub(super) fn sd_jwt(world: &World, input: &[u8]) -> Verdict {
    let Ok(text) = std::str::from_utf8(input) else { return Ok("no text".to_owned()) };
    let parsed = match SdJwt::parse(text.trim()) {
        Ok(parsed) => parsed,
        Err(error) => return Ok(way(&error)),
    };
    let again =
        SdJwt::parse(parsed.without_key_binding()).map_err(|_| "what it holds cannot be read again".to_owned())?;
    rule(again.claims() == parsed.claims(), "the same SD-JWT was read otherwise")?;
    let bare = parsed.present(&[]).map_err(|_| "it cannot be presented without disclosures".to_owned())?;
    let bare = SdJwt::parse(&bare).map_err(|_| "a presentation cannot be read".to_owned())?;
    rule(bare.disclosed_paths().count() == 0, "a presentation shows what was kept back")?;
    let valid = world.is_valid(input).is_some_and(|report| report.verdict == ReportVerdict::Valid);
    if valid {
        let said = world.said.sd_jwt.as_object().cloned().unwrap_or_default();
        let says = parsed.claims().as_object().cloned().unwrap_or_default();
        rule(says.iter().all(|(name, value)| said.get(name) == Some(value)), "a claim that the issuer did not sign")?;
    }
    Ok(format!("read, valid: {valid}, {} disclosed", parsed.disclosed_paths().count()))
}

/// Only what the issuer signed verifies.
pub(super) fn jws(world: &World, input: &[u8]) -> Verdict {
    let Ok(text) = std::str::from_utf8(input) else { return Ok("no text".to_owned()) };
    let jws = match Jws::parse(text.trim()) {
        Ok(jws) => jws,
        Err(error) => return Ok(way(&error)),
    };
    let holds = jws.verify(&world.issuer.public()).is_ok();
    let claims = jws.claims();
    if holds {
        let said = claims.as_ref().is_ok_and(|claims| Value::Object(claims.clone()) == world.said.jwt);
        rule(said, "a signature holds over what was not signed")?;
    }
    if world.is_valid(input).is_some_and(|report| report.verdict == ReportVerdict::Valid) {
        let says = read(input).map(|read| read.claims().clone()).unwrap_or_default();
        rule(says == world.said.jwt, "a credential is valid that was not signed")?;
    }
    Ok(format!("read, holds: {holds}, {:?}", claims.err().map(|error| way(&error))))
}

/// Only what was encrypted comes out.
pub(super) fn jwe(world: &World, input: &[u8]) -> Verdict {
    let (Ok(text), Some(key)) = (std::str::from_utf8(input), &world.decryption) else {
        return Ok("no text".to_owned());
    };
    match key.decrypt(text) {
        Err(error) => Ok(way(&error)),
        Ok(plain) => {
            rule(plain == PLAINTEXT, "something else was decrypted than was encrypted")?;
            Ok("decrypted".to_owned())
        }
    }
}

/// A badge that is valid says what the issuer signed, however it is written.
pub(super) fn badge(world: &World, input: &[u8]) -> Verdict {
    let read = match read(input) {
        Ok(read) => read,
        Err(error) => return Ok(way(&error)),
    };
    let facts = read.facts(&world.trust);
    rule(facts.format == read.format(), "the card is of another format than the credential")?;
    let Some(report) = world.is_valid(input) else { return Ok("read".to_owned()) };
    if report.verdict == ReportVerdict::Valid {
        let same = meaning(read.claims()).is_some_and(|says| says == world.said.badge);
        rule(same, "a badge is valid that says something else than was signed")?;
    }
    let reasons: Vec<_> = report.checks.iter().map(|check| (check.result, check.reason)).collect();
    Ok(way(&reasons))
}

/// The canonical form does not depend on how often or in which order it is made.
pub(super) fn json_ld(_: &World, input: &[u8]) -> Verdict {
    let Ok(value) = json::parse(input) else { return Ok("no JSON".to_owned()) };
    let first = jsonld::canonicalise(&value);
    let turned = jsonld::canonicalise(&turned(&value));
    match (&first, &turned) {
        (Ok(first), Ok(turned)) => rule(first == turned, "the order of members changes the canonical form")?,
        (Err(_), Err(_)) => {}
        _ => return Err("the order of members decides whether it can be read".to_owned()),
    }
    let _ = jsonld::type_iris(&value);
    Ok(first.map_or_else(|error| way(&error), |quads| format!("{} quads", quads.lines().count().min(40))))
}

/// The same document with the members of each object the other way round, but `@context` as it is.
fn turned(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .rev()
                .map(|(name, value)| (name.clone(), if name == "@context" { value.clone() } else { turned(value) }))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(turned).collect()),
        other => other.clone(),
    }
}

pub(super) fn did_samples(world: &World) -> Vec<Vec<u8>> {
    let mut samples: Vec<Vec<u8>> = [
        "did:web:a.example#key-1",
        "did:web:a.example%3A8443:users:delta#k",
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#x",
    ]
    .iter()
    .map(|did| did.as_bytes().to_vec())
    .collect();
    samples.push(format!("{}#0", world.issuer.public().did_jwk()).into_bytes());
    samples.push(
        json!({"id": "did:web:a.example", "verificationMethod": [{"id": "#k", "type": "JsonWebKey",
            "controller": "did:web:a.example", "publicKeyJwk": world.issuer.public().to_jwk()}],
            "assertionMethod": ["#k"]})
        .to_string()
        .into_bytes(),
    );
    samples
}

/// A DID leads to an https address of the host that it names, or nowhere.
pub(super) fn did(_: &World, input: &[u8]) -> Verdict {
    let document = DidDocument::parse(input, "did:web:a.example");
    if let Ok(document) = &document {
        rule(document.id() == "did:web:a.example", "a document of another DID was taken")?;
        let _ = document.key("did:web:a.example#k", leerpas_credential::did::Purpose::Assertion);
    }
    let Ok(text) = std::str::from_utf8(input) else { return Ok("no text".to_owned()) };
    let split = split_url(text);
    let address = document_url(text);
    if let Ok(Some(url)) = &address {
        rule(url.scheme() == "https" && url.username().is_empty(), "a DID leads to an address that is not https")?;
        rule(url.query().is_none() && url.fragment().is_none(), "a DID leads to an address with a query")?;
        rule(host_of(text).as_deref() == url.host_str(), "a DID leads to another host than it names")?;
    }
    let local = DidDocument::resolve_local(text);
    if let (Ok(Some(document)), Ok((did, _))) = (&local, &split) {
        rule(document.id() == *did, "a DID became another one")?;
    }
    Ok(format!("{} {} {} {}", document.is_ok(), split.is_ok(), way(&address.map(|a| a.is_some())), local.is_ok()))
}

/// Lists give values that fit their width, none beyond their end, and a lifetime within the bounds.
pub(super) fn status_lists(_: &World, input: &[u8]) -> Verdict {
    let known = lifetime(input);
    rule((300..=604_800).contains(&known.seconds), "a lifetime is out of bounds")?;
    let Ok(value) = json::parse(input) else { return Ok("no JSON".to_owned()) };
    let references = status_references(&value);
    let mut ways = vec![way(&references.map(|references| references.len()))];
    if let Some(claims) = value.as_object() {
        let list = TokenList::from_claims(claims);
        if let Ok(list) = &list {
            rule(list.value(list.len()).is_err(), "a list has an entry beyond its end")?;
            rule(list.is_empty() || list.value(list.len() - 1).is_ok(), "a list lacks its last entry")?;
        }
        ways.push(way(&list.map(|list| list.is_empty())));
    }
    let list = BitstringList::from_credential(&value);
    if let Ok(list) = &list {
        rule(list.len() >= 131_072, "a short list was taken")?;
        for size in 1..=8_u8 {
            for index in [0, 7, list.len() / u64::from(size), list.len(), u64::MAX] {
                let found = list.value(index, StatusPurpose::Revocation, size);
                rule(found.is_err() || index < list.len() / u64::from(size), "a list has an entry beyond its end")?;
                rule(found.unwrap_or_default() < 1 << size, "a value is wider than its entry")?;
            }
        }
    }
    ways.push(way(&list.map(|list| list.kind())));
    ways.push(way(&RevocationList::from_json(&value).map(|list| list.status("urn:uuid:1"))));
    Ok(ways.join(" "))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
