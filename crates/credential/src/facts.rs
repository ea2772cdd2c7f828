//! What a card shows: one shape out of Open Badges 3.0 and 2.0, comprehensive learner records, SD-JWT VC and the
//! European Learning Model.
//!
//! Issuers spell the same fact in many ways, so names are compared without case, dashes and underscores and with one
//! spelling for words that have two (`programme`, `organisation`). Nothing here is proved: it is what the credential
//! says. Text is cut, freed of mark-up and of characters that steer the screen; numbers keep their text, because
//! `4.5` must not become something near it.

mod achievement;
mod badge2;
mod claims;
mod contents;
mod dates;
mod elm;
mod find;
mod learning;
mod text;

use leerpas_core::{CardFacts, Evidence, Format, Grade, PARTICULARS, Party};
use serde_json::Value;

use self::find::{Scope, first};
use crate::{badge::picture_of_data_url, did, jsonld, keys::PublicKey, trust::TrustList};

/// Reads a credential into what a card shows.
///
/// `claims` are the processed claims of an SD-JWT VC, the whole credential of W3C, or the assertion of Open Badges
/// 2.0 with what it refers to embedded. The issuer is only ever [`Evidence::Claimed`]: a name of the trust list
/// belongs to whom it was proved, and that is for the verification to say; so the list is not asked for names here.
/// Whatever is missing or of a strange shape stays empty; there is no error, and no input makes it panic.
pub fn facts_of(format: Format, claims: &Value, _trust: &TrustList) -> CardFacts {
    let mut facts = CardFacts {
        types: types(format, claims),
        holder_name: holder_name(claims),
        holder_id: holder_id(claims),
        identifier: identifier(format, claims).map(|id| text::line(id, 2_000)),
        claims: if format == Format::Elm { elm::for_people(claims) } else { claims::for_people(format, claims) },
        ..CardFacts::new("", format, issuer(claims))
    };
    dates::read(claims, &mut facts);
    match format {
        Format::OpenBadge2 => {
            badge2::read(claims, &mut facts);
            learning::read_badge2(claims, &mut facts);
        }
        _ => match elm::root(claims) {
            Some(credential) => elm::read(credential, &mut facts),
            None => {
                achievement::read(claims, &mut facts);
                contents::read(claims, &mut facts);
            }
        },
    }
    complete(&mut facts);
    if facts.title.is_empty() {
        facts.title = title_of_type(&facts.types);
    }
    facts
}

/// The lists hold at least what the single facts say, so that a reader needs the lists only.
fn complete(facts: &mut CardFacts) {
    fn lead<T: PartialEq + Clone>(list: &mut Vec<T>, main: Option<&T>) {
        if let Some(main) = main {
            list.retain(|each| each != main);
            list.insert(0, main.clone());
        }
    }
    lead(&mut facts.credits, facts.credit.as_ref());
    lead(&mut facts.levels, facts.level.as_ref());
    lead(&mut facts.languages, facts.language.as_ref());
    if let (true, Some(value)) = (facts.results.is_empty(), &facts.result) {
        facts.results.push(Grade { value: value.clone(), ..Grade::default() });
    }
    let place = |name: &str| PARTICULARS.iter().position(|known| *known == name);
    facts.particulars.sort_by_key(|particular| place(&particular.name));
}

/// The identifier of a W3C credential.
pub(crate) fn identifier(format: Format, claims: &Value) -> Option<&str> {
    let is_w3c = matches!(format, Format::DataIntegrity | Format::W3cSdJwt | Format::JwtVc | Format::JwtVc11);
    claims.get("id").and_then(Value::as_str).filter(|id| is_w3c && !id.is_empty())
}

/// The subject of a W3C credential, or of an SD-JWT VC that nests its claims in the same way; the first of several.
fn subject(claims: &Value) -> Option<&Value> {
    first(claims.get("credentialSubject")?)
}

fn types(format: Format, claims: &Value) -> Vec<String> {
    if let (Format::SdJwtVc, Some(vct)) = (format, claims.get("vct").and_then(Value::as_str)) {
        return vec![text::label(vct)];
    }
    if format != Format::OpenBadge2
        && let Ok(mut types) = jsonld::type_iris(claims)
        && !types.is_empty()
    {
        if format == Format::JwtVc11 {
            // `jwt_vc_json` is used without JSON-LD too, and then asked for by the plain names (OpenID4VP 1.0, B.1.1).
            let plain = find::strings(claims.get("type"));
            types.extend(plain.into_iter().filter(|name| !name.contains(':')));
        }
        return types;
    }
    find::strings(claims.get("type").or_else(|| claims.get("@type")))
}

/// A title where the credential has none: the last telling part of its type, `urn:eudi:micro_credential:1` giving
/// `micro credential`.
pub(crate) fn title_of_type(types: &[String]) -> String {
    let last = types.last().map(String::as_str).unwrap_or_default();
    let mut parts = last.rsplit([':', '/', '#']).filter(|part| part.chars().any(char::is_alphabetic));
    text::label(&parts.next().unwrap_or_default().replace(['_', '-'], " "))
}

/// The issuer as the credential names it, without all the other facts.
pub(crate) fn issuer(claims: &Value) -> Party {
    let issuer =
        claims.get("issuer").and_then(first).or_else(|| claims.pointer("/badge/issuer")).unwrap_or(&Value::Null);
    let id = issuer.as_str().or_else(|| issuer.get("id").and_then(Value::as_str));
    let identifier = text::line(claims.get("iss").and_then(Value::as_str).or(id).unwrap_or_default(), 2_000);
    let host = did::host_of(&identifier);
    let name = issuer_name(claims).or_else(|| host.clone()).unwrap_or_else(|| identifier.clone());
    Party { name, identifier, host, evidence: Evidence::Claimed }
}

/// The name that the credential itself gives to its issuer, if it gives one. Alone, because reading all facts of a card
/// takes longer than checking it.
pub(crate) fn issuer_name(claims: &Value) -> Option<String> {
    const NAMES: [&str; 4] = ["issuer_name", "issuing_authority", "awarding_body", "schac_home_organization"];
    let issuer = claims.get("issuer").and_then(first).or_else(|| claims.pointer("/badge/issuer"));
    let name = text::of(issuer.and_then(|issuer| issuer.get("name"))).or_else(|| Scope::new([claims]).text(&NAMES));
    name.map(|name| text::label(&name)).or_else(|| elm::issuer_name(claims))
}

fn holder_name(claims: &Value) -> Option<String> {
    let subject = subject(claims).unwrap_or(&Value::Null);
    let scope = Scope::new([subject, claims]);
    let part = |names: &[&str]| scope.text(names);
    let given = part(&["given_name", "givenName", "first_name"]);
    let family = part(&["family_name", "familyName", "last_name"]);
    let prefix = part(&["family_name_prefix", "familyNamePrefix"]).filter(|_| family.is_some());
    let joined: Vec<String> = [given, prefix, family].into_iter().flatten().collect();
    let name = if joined.is_empty() {
        part(&["recipient_name", "holder_name", "learner_name", "full_name"])
    } else {
        Some(joined.join(" "))
    };
    // In an Open Badge the name of the subject is the learner's; a flat credential may call itself so.
    let name = name.or_else(|| text::of(subject.get("name"))).or_else(|| identity_hash(subject));
    name.map(|name| text::label(&name)).filter(|name| !name.is_empty())
}

/// A name that stands in the clear among the identifiers of the subject (Open Badges 3.0, `IdentityObject`).
fn identity_hash(subject: &Value) -> Option<String> {
    let mut identities = subject.get("identifier")?.as_array()?.iter();
    let named = identities.find(|identity| {
        identity.get("identityType").and_then(Value::as_str) == Some("name")
            && identity.get("hashed").and_then(Value::as_bool) == Some(false)
    })?;
    text::of(named.get("identityHash"))
}

fn holder_id(claims: &Value) -> Option<String> {
    if let Some(jwk) = claims.pointer("/cnf/jwk")
        && let Ok(key) = PublicKey::from_jwk(jwk)
    {
        return Some(key.thumbprint());
    }
    let id = subject(claims).and_then(|subject| subject.get("id")).or_else(|| claims.get("sub"));
    id.and_then(Value::as_str).filter(|id| !id.is_empty()).map(|id| text::line(id, 2_000))
}

/// The first picture that came inside.
fn picture<'a>(images: impl IntoIterator<Item = Option<&'a Value>>) -> Option<leerpas_core::Picture> {
    images.into_iter().flatten().filter_map(first).find_map(|image| {
        let url = image.as_str().or_else(|| image.get("id").and_then(Value::as_str))?;
        let alt = text::of(image.get("caption")).map(|alt| text::label(&alt));
        picture_of_data_url(url, alt.as_deref())
    })
}

#[cfg(test)]
mod tests;
