//! The vocabulary of Open Badges 3.0 as a table: term, IRI, type of its values, container, and the editions it
//! belongs to. The JSON-LD contexts are built from it when the program starts.
//!
//! Facts of the specification (Open Badges 3.0, appendix on JSON-LD serialisation), in our own form; the test
//! `contexts` compares the outcome with the published files, sample by sample.
//!
//! What is served at which address:
//!
//! - `context.json` is what that address gave in 2022, when credentials of the 1.1 data model used it;
//! - `context-3.0.1.json` and `context-3.0.2.json` as published;
//! - `context-3.0.3.json` was published twice under one address, the second time with the terms `endorsementJwt` and
//!   `jti` added. The newer one is served. Whatever the older one covers without loss has the same canonical form
//!   under both; a badge that used either term under the older one was not covered by its signature, and is
//!   refused either way;
//! - `extensions.json`: the names of the 1EdTech schema validator, revocation list and refresh service.

use serde_json::{Map, Value, json};

use self::{Coercion::*, Container::*};

const V300: u8 = 1;
const V301: u8 = 2;
const V302: u8 = 4;
const V303: u8 = 8;
/// The editions with protected terms, which leave plain text untyped.
const NEW: u8 = V302 | V303;
/// The editions without, which type plain text as a string.
const OLD: u8 = V300 | V301;
const ALL: u8 = NEW | OLD;

/// What a value of the term is.
#[derive(Clone, Copy)]
enum Coercion {
    /// A node or an untyped literal.
    Node,
    /// Text: `xsd:string` in the old editions, untyped in the new ones.
    Text,
    /// The IRI of a node.
    Id,
    /// A literal of this datatype.
    As(&'static str),
    /// A literal of a datatype whose prefix the published edition uses and does not define: it stays as it is.
    Verbatim(&'static str),
}

/// How several values of the term are held.
#[derive(Clone, Copy)]
enum Container {
    One,
    Set,
    List,
}

struct Row {
    /// The type in whose scope the term is defined; empty for everywhere.
    scope: &'static str,
    term: &'static str,
    iri: &'static str,
    coercion: Coercion,
    container: Container,
    editions: u8,
}

const fn row(
    scope: &'static str,
    term: &'static str,
    iri: &'static str,
    coercion: Coercion,
    container: Container,
    editions: u8,
) -> Row {
    Row { scope, term, iri, coercion, container, editions }
}

/// Every address of Open Badges 3.0 with its context.
pub(super) fn contexts() -> Vec<(&'static str, Value)> {
    let editions = [
        ("https://purl.imsglobal.org/spec/ob/v3p0/context.json", V300),
        ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json", V301),
        ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json", V302),
        ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", V303),
    ];
    let mut contexts: Vec<_> = editions.into_iter().map(|(url, edition)| (url, context(edition))).collect();
    contexts.push(("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json", extensions()));
    contexts
}

fn context(edition: u8) -> Value {
    let mut terms = scope("", edition);
    aliases(&mut terms);
    if edition & NEW != 0 {
        terms.insert("@protected".to_owned(), json!(true));
    } else {
        terms.insert("xsd".to_owned(), json!(XSD));
    }
    Value::Object(terms)
}

/// The terms of one scope, each type with the terms of its own scope inside.
fn scope(name: &str, edition: u8) -> Map<String, Value> {
    let rows = ROWS.iter().filter(|row| row.scope == name && row.editions & edition != 0);
    rows.map(|row| (row.term.to_owned(), definition(row, edition))).collect()
}

fn definition(row: &Row, edition: u8) -> Value {
    let mut definition = Map::new();
    definition.insert("@id".to_owned(), json!(full(row.iri)));
    let coercion = match row.coercion {
        Node => None,
        Text if edition & NEW != 0 => None,
        Text => Some(full("xsd:string")),
        Id => Some("@id".to_owned()),
        As(datatype) => Some(full(datatype)),
        Verbatim(datatype) => Some(datatype.to_owned()),
    };
    if let Some(coercion) = coercion {
        definition.insert("@type".to_owned(), json!(coercion));
    }
    match row.container {
        One => None,
        Set => definition.insert("@container".to_owned(), json!("@set")),
        List => definition.insert("@container".to_owned(), json!("@list")),
    };
    let mut inner = if row.scope.is_empty() { scope(row.term, edition) } else { Map::new() };
    if !inner.is_empty() {
        if edition & NEW != 0 {
            inner.insert("@protected".to_owned(), json!(true));
            aliases(&mut inner);
        }
        definition.insert("@context".to_owned(), Value::Object(inner));
    }
    Value::Object(definition)
}

fn aliases(terms: &mut Map<String, Value>) {
    terms.insert("id".to_owned(), json!("@id"));
    terms.insert("type".to_owned(), json!("@type"));
}

fn extensions() -> Value {
    let mut terms = Map::new();
    aliases(&mut terms);
    for (name, folder) in [
        ("1EdTechJsonSchemaValidator2019", "vccs"),
        ("1EdTechRevocationList", "vcrl"),
        ("1EdTechCredentialRefresh", "vccr"),
    ] {
        let iri = format!("https://purl.imsglobal.org/spec/{folder}/v1p0/context.json#{name}");
        terms.insert(name.to_owned(), json!(iri));
    }
    Value::Object(terms)
}

const XSD: &str = "https://www.w3.org/2001/XMLSchema#";

fn full(iri: &str) -> String {
    match iri.split_once(':') {
        Some(("ob", name)) => format!("https://purl.imsglobal.org/spec/vc/ob/vocab.html#{name}"),
        Some(("schema", name)) => format!("https://schema.org/{name}"),
        Some(("xsd", name)) => format!("{XSD}{name}"),
        _ => iri.to_owned(),
    }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Everywhere: first the types, then the properties.
    row("", "OpenBadgeCredential", "ob:OpenBadgeCredential", Node, One, ALL),
    row("", "Achievement", "ob:Achievement", Node, One, ALL),
    row("", "AchievementCredential", "ob:OpenBadgeCredential", Node, One, ALL),
    row("", "AchievementSubject", "ob:AchievementSubject", Node, One, ALL),
    row("", "Address", "ob:Address", Node, One, ALL),
    row("", "Alignment", "schema:AlignmentObject", Node, One, V303 | V302 | V301),
    row("", "Alignment", "schema:Alignment", Node, One, V300),
    row("", "Criteria", "ob:Criteria", Node, One, ALL),
    row("", "EndorsementCredential", "ob:EndorsementCredential", Node, One, ALL),
    row("", "EndorsementSubject", "ob:EndorsementSubject", Node, One, ALL),
    row("", "Evidence", "ob:Evidence", Node, One, ALL),
    row("", "GeoCoordinates", "ob:GeoCoordinates", Node, One, ALL),
    row("", "IdentifierEntry", "ob:IdentifierEntry", Node, One, ALL),
    row("", "IdentityObject", "ob:IdentityObject", Node, One, ALL),
    row("", "Image", "ob:Image", Node, One, ALL),
    row("", "Profile", "ob:Profile", Node, One, ALL),
    row("", "Related", "ob:Related", Node, One, ALL),
    row("", "Result", "ob:Result", Node, One, ALL),
    row("", "ResultDescription", "ob:ResultDescription", Node, One, ALL),
    row("", "RubricCriterionLevel", "ob:RubricCriterionLevel", Node, One, ALL),
    row("", "alignment", "ob:alignment", Node, Set, V303 | V302 | V301),
    row("", "alignment", "ob:alignment", As("ob:Alignment"), Set, V300),
    row("", "description", "schema:description", Text, One, ALL),
    row("", "endorsement", "ob:endorsement", Node, Set, V303 | V302 | V301),
    row("", "endorsement", "ob:endorsement", As("ob:EndorsementCredential"), Set, V300),
    row("", "endorsementJwt", "ob:endorsementJwt", Node, Set, V303),
    row("", "image", "ob:image", Id, One, V303 | V301),
    row("", "image", "ob:Image", Id, One, V302),
    row("", "image", "ob:image", As("ob:Image"), One, V300),
    row("", "inLanguage", "schema:inLanguage", Node, One, V303),
    row("", "name", "schema:name", Text, One, ALL),
    row("", "narrative", "ob:narrative", Text, One, ALL),
    row("", "url", "schema:url", As("xsd:anyURI"), One, ALL),
    row("", "awardedDate", "ob:awardedDate", As("xsd:dateTime"), One, V301),
    row("", "awardedDate", "ob:awardedDate", Verbatim("xsd:dateTime"), One, V303),
    row("", "jti", "https://www.iana.org/assignments/jwt#jti", Id, One, V303),
    // In the scope of Achievement.
    row("Achievement", "achievementType", "ob:achievementType", Text, One, ALL),
    row("Achievement", "alignment", "ob:alignment", Node, Set, V303 | V302 | V301),
    row("Achievement", "alignment", "ob:alignment", As("ob:Alignment"), Set, V300),
    row("Achievement", "creator", "ob:creator", Node, One, V303 | V302 | V301),
    row("Achievement", "creator", "ob:Profile", Node, One, V300),
    row("Achievement", "creditsAvailable", "ob:creditsAvailable", As("xsd:float"), One, ALL),
    row("Achievement", "criteria", "ob:Criteria", Id, One, ALL),
    row("Achievement", "fieldOfStudy", "ob:fieldOfStudy", Text, One, ALL),
    row("Achievement", "humanCode", "ob:humanCode", Text, One, ALL),
    row("Achievement", "image", "ob:image", Id, One, V303),
    row("Achievement", "image", "ob:Image", Id, One, V302 | V301),
    row("Achievement", "otherIdentifier", "ob:otherIdentifier", Node, Set, V303 | V302 | V301),
    row("Achievement", "otherIdentifier", "ob:otherIdentifier", As("ob:IdentifierEntry"), Set, V300),
    row("Achievement", "related", "ob:related", Node, Set, V303 | V302 | V301),
    row("Achievement", "related", "ob:related", As("ob:Related"), Set, V300),
    row("Achievement", "resultDescription", "ob:resultDescription", Node, Set, V303 | V302 | V301),
    row("Achievement", "resultDescription", "ob:resultDescription", As("ob:ResultDescription"), Set, V300),
    row("Achievement", "specialization", "ob:specialization", Text, One, ALL),
    row("Achievement", "tag", "schema:keywords", Text, Set, ALL),
    row("Achievement", "version", "ob:version", Text, One, ALL),
    row("Achievement", "inLanguage", "schema:inLanguage", Node, One, V303),
    // In the scope of AchievementSubject.
    row("AchievementSubject", "achievement", "ob:achievement", Node, One, V303),
    row("AchievementSubject", "achievement", "ob:achievement-0", Node, One, V302 | V301),
    row("AchievementSubject", "achievement", "ob:Achievement", Node, One, V300),
    row("AchievementSubject", "activityEndDate", "ob:activityEndDate", As("xsd:date"), One, ALL),
    row("AchievementSubject", "activityStartDate", "ob:activityStartDate", As("xsd:date"), One, ALL),
    row("AchievementSubject", "creditsEarned", "ob:creditsEarned", As("xsd:float"), One, ALL),
    row("AchievementSubject", "identifier", "ob:identifier", Node, Set, V303 | V302 | V301),
    row("AchievementSubject", "identifier", "ob:identifier", As("ob:IdentityObject"), Set, V300),
    row("AchievementSubject", "image", "ob:image", Id, One, V303),
    row("AchievementSubject", "image", "ob:Image", Id, One, V302 | V301),
    row("AchievementSubject", "licenseNumber", "ob:licenseNumber", Text, One, ALL),
    row("AchievementSubject", "result", "ob:result", Node, Set, V303 | V302 | V301),
    row("AchievementSubject", "result", "ob:result", As("ob:Result"), Set, V300),
    row("AchievementSubject", "role", "ob:role", Text, One, ALL),
    row("AchievementSubject", "source", "ob:source", Id, One, V303 | V302 | V301),
    row("AchievementSubject", "source", "ob:source", As("ob:Profile"), One, V300),
    row("AchievementSubject", "term", "ob:term", Text, One, ALL),
    // In the scope of Address.
    row("Address", "addressCountry", "schema:addressCountry", Text, One, ALL),
    row("Address", "addressCountryCode", "ob:CountryCode", Text, One, ALL),
    row("Address", "addressLocality", "schema:addressLocality", Text, One, ALL),
    row("Address", "addressRegion", "schema:addressRegion", Text, One, ALL),
    row("Address", "geo", "ob:GeoCoordinates", Node, One, ALL),
    row("Address", "postOfficeBoxNumber", "schema:postOfficeBoxNumber", Text, One, ALL),
    row("Address", "postalCode", "schema:postalCode", Text, One, ALL),
    row("Address", "streetAddress", "schema:streetAddress", Text, One, ALL),
    // In the scope of Alignment.
    row("Alignment", "targetCode", "ob:targetCode", Text, One, ALL),
    row("Alignment", "targetDescription", "schema:targetDescription", Text, One, ALL),
    row("Alignment", "targetFramework", "schema:targetFramework", Text, One, ALL),
    row("Alignment", "targetName", "schema:targetName", Text, One, ALL),
    row("Alignment", "targetType", "ob:targetType", Text, One, ALL),
    row("Alignment", "targetUrl", "schema:targetUrl", As("xsd:anyURI"), One, ALL),
    // In the scope of EndorsementSubject.
    row("EndorsementSubject", "endorsementComment", "ob:endorsementComment", Text, One, ALL),
    // In the scope of Evidence.
    row("Evidence", "audience", "schema:audience", Text, One, ALL),
    row("Evidence", "genre", "schema:genre", Text, One, ALL),
    // In the scope of GeoCoordinates.
    row("GeoCoordinates", "latitude", "schema:latitude", Text, One, ALL),
    row("GeoCoordinates", "longitude", "schema:longitude", Text, One, ALL),
    // In the scope of IdentifierEntry.
    row("IdentifierEntry", "identifier", "ob:identifier", Text, One, ALL),
    row("IdentifierEntry", "identifierType", "ob:identifierType", Text, One, ALL),
    // In the scope of IdentityObject.
    row("IdentityObject", "hashed", "ob:hashed", As("xsd:boolean"), One, ALL),
    row("IdentityObject", "identityHash", "ob:identityHash", Text, One, ALL),
    row("IdentityObject", "identityType", "ob:identityType", Text, One, ALL),
    row("IdentityObject", "salt", "ob:salt", Text, One, ALL),
    // In the scope of Image.
    row("Image", "caption", "schema:caption", Text, One, ALL),
    // In the scope of Profile.
    row("Profile", "additionalName", "schema:additionalName", Text, One, ALL),
    row("Profile", "address", "ob:address", Id, One, V303 | V302 | V301),
    row("Profile", "address", "ob:Address", Node, One, V300),
    row("Profile", "dateOfBirth", "ob:dateOfBirth", As("xsd:date"), One, ALL),
    row("Profile", "email", "schema:email", Text, One, ALL),
    row("Profile", "familyName", "schema:familyName", Text, One, ALL),
    row("Profile", "familyNamePrefix", "ob:familyNamePrefix", Text, One, ALL),
    row("Profile", "givenName", "schema:givenName", Text, One, ALL),
    row("Profile", "honorificPrefix", "schema:honorificPrefix", Text, One, ALL),
    row("Profile", "honorificSuffix", "schema:honorificSuffix", Text, One, ALL),
    row("Profile", "image", "ob:image", Id, One, V303),
    row("Profile", "image", "ob:Image", Id, One, V302 | V301),
    row("Profile", "otherIdentifier", "ob:otherIdentifier", Node, Set, V303 | V302 | V301),
    row("Profile", "otherIdentifier", "ob:otherIdentifier", As("ob:IdentifierEntry"), Set, V300),
    row("Profile", "parentOrg", "ob:parentOrg", Id, One, V303 | V302 | V301),
    row("Profile", "parentOrg", "ob:parentOrg", Text, One, V300),
    row("Profile", "patronymicName", "ob:patronymicName", Text, One, ALL),
    row("Profile", "phone", "ob:phone", Text, One, V303 | V302 | V301),
    row("Profile", "phone", "ob:PhoneNumber", Text, One, V300),
    row("Profile", "official", "ob:official", Text, One, ALL),
    // In the scope of Related.
    row("Related", "version", "ob:version", Text, One, ALL),
    row("Related", "inLanguage", "schema:inLanguage", Node, One, V303),
    // In the scope of Result.
    row("Result", "achievedLevel", "ob:achievedLevel", As("xsd:anyURI"), One, ALL),
    row("Result", "resultDescription", "ob:resultDescription", As("xsd:anyURI"), One, ALL),
    row("Result", "status", "ob:status", Text, One, ALL),
    row("Result", "value", "schema:value", Text, One, ALL),
    // In the scope of ResultDescription.
    row("ResultDescription", "allowedValue", "ob:allowedValue", Text, List, NEW),
    row("ResultDescription", "allowedValue", "ob:allowedValue", Text, Set, OLD),
    row("ResultDescription", "requiredLevel", "ob:requiredLevel", As("xsd:anyURI"), One, ALL),
    row("ResultDescription", "requiredValue", "ob:requiredValue", Text, One, ALL),
    row("ResultDescription", "resultType", "ob:resultType", Text, One, ALL),
    row("ResultDescription", "rubricCriterionLevel", "ob:rubricCriterionLevel", Node, Set, V303 | V302 | V301),
    row("ResultDescription", "rubricCriterionLevel", "ob:rubricCriterionLevel", As("ob:RubricCriterionLevel"), Set, V300),
    row("ResultDescription", "valueMax", "ob:valueMax", Text, One, ALL),
    row("ResultDescription", "valueMin", "ob:valueMin", Text, One, ALL),
    // In the scope of RubricCriterionLevel.
    row("RubricCriterionLevel", "level", "ob:level", Text, One, ALL),
    row("RubricCriterionLevel", "points", "ob:points", Text, One, ALL),
];
