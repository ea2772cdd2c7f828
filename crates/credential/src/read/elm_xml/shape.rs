//! Version 2 of the learning model under the names of version 3.

use std::collections::BTreeMap;

use leerpas_core::limits;
use serde_json::{Map, Value, json};

use super::tree::Element;
use crate::read::ReadError;

/// Values that come of one document: what is referred to stands wherever it is referred to.
const VALUES: usize = 60_000;
/// Bytes of text in them.
const BYTES: usize = 4 * 1024 * 1024;
/// Nesting from which a reference is left as the name that it is: below it a document may still go on.
const REFERENCES: usize = limits::JSON_DEPTH / 2;
/// European Credit Transfer System in the list of credit frameworks of the learning model.
const ECTS: &str = "http://data.europa.eu/snb/education-credit/6fcec5c5af";

/// Members of the credential itself. Others go under `other`: none of them may be taken for a member that a check reads.
const OWN: [&str; 11] = [
    "identifier",
    "primaryLanguage",
    "availableLanguages",
    "issuanceDate",
    "issued",
    "validFrom",
    "validUntil",
    "expirationDate",
    "issuer",
    "title",
    "description",
];
/// Elements that only gather others, and what they gather.
const GATHER: [(&str, &[&str]); 8] = [
    ("achievements", &["learningAchievement"]),
    ("activities", &["activity", "learningActivity"]),
    ("assessments", &["assessment", "learningAssessment"]),
    ("entitlements", &["entitlement", "learningEntitlement"]),
    ("hasPart", &["learningAchievement", "learningSpecification", "qualification", "learningActivitySpecification"]),
    ("learningOutcomes", &["learningOutcome"]),
    ("availableLanguages", &["language"]),
    ("awardingOpportunities", &["awardingOpportunity"]),
];
/// What a learner may have been given, the most telling first.
const CLAIMS: [&str; 4] = ["achievements", "activities", "assessments", "entitlements"];

/// The credential, and who handed it out for its issuer where it came in a presentation.
pub(super) fn credential(element: &Element, wrapper: Option<&Element>) -> Result<Value, ReadError> {
    let mut shape = Shape::of(element)?;
    let mut whole = Map::new();
    whole.insert("type".to_owned(), json!(["VerifiableCredential", "EuropeanDigitalCredential"]));
    if let Some(id) = element.attribute("id") {
        whole.insert("id".to_owned(), id.into());
    }
    let mut other = Map::new();
    for child in element.inside() {
        let name = child.name.as_str();
        if name == "proof" || name == "displayParameters" || name.ends_with("References") {
            continue;
        }
        let Some(value) = shape.member(child)? else { continue };
        match name {
            "type" => add(&mut whole, "credentialType", value),
            "issuer" => add(&mut whole, name, issuer(value)),
            "credentialSubject" => add(&mut whole, name, subject(value)),
            _ if OWN.contains(&name) => add(&mut whole, name, value),
            _ => add(&mut other, name, value),
        }
    }
    let display: Map<String, Value> = ["title", "description"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), whole.get(name)?.clone())))
        .collect();
    whole.insert("displayParameter".to_owned(), display.into());
    if let Some(party) = wrapper.and_then(|wrapper| wrapper.children("issuer").next())
        && let Some(party) = shape.member(party)?
    {
        add(&mut other, "handedOutBy", party);
    }
    if !other.is_empty() {
        whole.insert("other".to_owned(), other.into());
    }
    Ok(whole.into())
}

/// Names of organisations hold within one document only: the address that it gives for itself says more to a person, and
/// proves as little.
fn issuer(mut party: Value) -> Value {
    let homepage = party.get("homepage").map(|page| page.as_array().and_then(|pages| pages.first()).unwrap_or(page));
    let address = |value: &Value| value.as_str().filter(|text| url::Url::parse(text).is_ok()).map(str::to_owned);
    let id = homepage.and_then(address).or_else(|| party.get("id").and_then(address));
    if let Some(members) = party.as_object_mut() {
        members.remove("id");
        members.extend(id.map(|id| ("id".to_owned(), id.into())));
    }
    party
}

fn subject(mut person: Value) -> Value {
    if let Some(members) = person.as_object_mut() {
        let claims = CLAIMS.into_iter().find_map(|name| members.remove(name));
        members.insert("hasClaim".to_owned(), claims.unwrap_or_else(|| json!([])));
    }
    person
}

/// The document while it is read.
struct Shape<'a> {
    references: BTreeMap<&'a str, &'a Element>,
    path: Vec<&'a str>,
    depth: usize,
    values: usize,
    bytes: usize,
}

impl<'a> Shape<'a> {
    fn of(credential: &'a Element) -> Result<Self, ReadError> {
        let mut references = BTreeMap::new();
        for list in credential.inside().filter(|list| list.name.ends_with("References")) {
            for element in list.inside() {
                let Some(id) = element.attribute("id") else { continue };
                if references.insert(id, element).is_some() {
                    return Err(ReadError::Xml("two of its parts have one name"));
                }
            }
        }
        Ok(Self { references, path: Vec::new(), depth: 0, values: 0, bytes: 0 })
    }

    /// What an element says, as the value of a member; `None` for one that says nothing.
    fn member(&mut self, element: &'a Element) -> Result<Option<Value>, ReadError> {
        self.values += 1;
        if self.values > VALUES || self.depth >= limits::JSON_DEPTH {
            return Err(ReadError::TooLarge);
        }
        self.depth += 1;
        let value = self.value(element);
        self.depth -= 1;
        value
    }

    fn value(&mut self, element: &'a Element) -> Result<Option<Value>, ReadError> {
        if let Some(id) = element.attribute("idref") {
            return self.referred(id).map(Some);
        }
        if let Some(gathered) = gathered(element) {
            let mut items = Vec::new();
            for item in gathered {
                items.extend(self.member(item)?);
            }
            return Ok((!items.is_empty()).then(|| items.into()));
        }
        if element.children("text").next().is_some() {
            return self.words(element).map(Some);
        }
        if element.attribute("uri").is_some()
            && (element.attribute("targetFrameworkUrl").is_some() || element.children("targetName").next().is_some())
        {
            return self.concept(element).map(Some);
        }
        match element.inside().next() {
            Some(_) => self.node(element),
            None => self.leaf(element),
        }
    }

    /// What an `idref` leads to; where it leads in a circle, out of the document or too far, the name alone.
    fn referred(&mut self, id: &'a str) -> Result<Value, ReadError> {
        let name = || json!({"id": id});
        let Some(&target) = self.references.get(id) else { return Ok(name()) };
        if self.path.contains(&id) || self.depth > REFERENCES {
            return Ok(name());
        }
        self.path.push(id);
        let value = self.member(target);
        self.path.pop();
        Ok(value?.unwrap_or_else(name))
    }

    /// Text in several languages; with a subject it is a note.
    fn words(&mut self, element: &'a Element) -> Result<Value, ReadError> {
        let mut languages = Map::new();
        for text in element.children("text").filter(|text| !text.text().is_empty()) {
            let words = self.text(text.text())?;
            add(&mut languages, text.attribute("lang").unwrap_or("und"), words);
        }
        match element.children("subject").next() {
            Some(subject) => {
                let subject = self.text(subject.text())?;
                Ok(json!({"subject": subject, "noteLiteral": languages}))
            }
            None => Ok(languages.into()),
        }
    }

    /// A term of a controlled list.
    fn concept(&mut self, element: &'a Element) -> Result<Value, ReadError> {
        let mut concept = Map::new();
        concept.insert("type".to_owned(), "Concept".into());
        if let Some(uri) = element.attribute("uri") {
            concept.insert("id".to_owned(), self.text(uri)?);
        }
        if let Some(name) = element.children("targetName").next() {
            concept.insert("prefLabel".to_owned(), self.words(name)?);
        }
        Ok(concept.into())
    }

    fn leaf(&mut self, element: &'a Element) -> Result<Option<Value>, ReadError> {
        let text =
            if element.text().is_empty() { element.attribute("uri").unwrap_or_default() } else { element.text() };
        if text.is_empty() {
            return Ok(None);
        }
        let value = self.text(text)?;
        if element.name == "hasECTSCreditPoints" {
            let framework = json!({"id": ECTS, "type": "Concept", "prefLabel": {"en": "ECTS"}});
            return Ok(Some(json!({"framework": framework, "point": value})));
        }
        let scheme =
            ["schemeName", "schemeID", "schemeAgencyName"].into_iter().find_map(|name| element.attribute(name));
        if element.name != "identifier" && scheme.is_none() {
            return Ok(Some(value));
        }
        let mut identifier = Map::new();
        identifier.insert("notation".to_owned(), value);
        if let Some(scheme) = scheme {
            identifier.insert("schemeName".to_owned(), self.text(scheme)?);
        }
        Ok(Some(identifier.into()))
    }

    fn node(&mut self, element: &'a Element) -> Result<Option<Value>, ReadError> {
        let mut members = Map::new();
        for (name, value) in element.attributes().filter(|(name, _)| matches!(*name, "id" | "uri")) {
            members.insert(if name == "uri" { "address" } else { name }.to_owned(), self.text(value)?);
        }
        for child in element.inside() {
            // A picture, in the same bytes wherever its organisation is named.
            if matches!(child.name.as_str(), "logo" | "proof") {
                continue;
            }
            if let Some(value) = self.member(child)? {
                add(&mut members, name_in_version_3(&element.name, &child.name), value);
            }
        }
        Ok((!members.is_empty()).then(|| members.into()))
    }

    fn text(&mut self, text: &str) -> Result<Value, ReadError> {
        self.values += 1;
        self.bytes += text.len();
        if self.values > VALUES || self.bytes > BYTES {
            return Err(ReadError::TooLarge);
        }
        Ok(text.into())
    }
}

/// What an element gathers, if it does nothing else.
fn gathered(element: &Element) -> Option<impl Iterator<Item = &Element>> {
    let (_, items) = GATHER.iter().find(|(name, _)| *name == element.name)?;
    let bare = element.attribute("id").is_none() && element.inside().next().is_some();
    (bare && element.inside().all(|child| items.contains(&child.name.as_str()))).then(|| element.inside())
}

/// Adds to what is there: a member that comes again is a list, and a list that was gathered is taken apart.
fn add(members: &mut Map<String, Value>, name: &str, value: Value) {
    let Some(known) = members.get_mut(name) else {
        members.insert(name.to_owned(), value);
        return;
    };
    let more = match value {
        Value::Array(items) => items,
        one => vec![one],
    };
    match known {
        Value::Array(items) => items.extend(more),
        one => {
            let mut items = vec![one.take()];
            items.extend(more);
            *one = items.into();
        }
    }
}

/// The name that a member has in version 3.
fn name_in_version_3<'a>(within: &str, name: &'a str) -> &'a str {
    const NAMES: [(&str, &str); 22] = [
        ("type", "dcType"),
        ("givenNames", "givenName"),
        ("nationalId", "nationalID"),
        ("wasDerivedFrom", "provenBy"),
        ("wasAwardedBy", "awardedBy"),
        ("wasInfluencedBy", "influencedBy"),
        ("idVerificationMethod", "idVerification"),
        ("hasISCED-FCode", "thematicArea"),
        ("hasECTSCreditPoints", "creditPoint"),
        ("learningOutcomes", "learningOutcome"),
        ("relatedEscoSkill", "relatedESCOSkill"),
        ("entryRequirementsNote", "entryRequirement"),
        ("supplementaryDoc", "supplementaryDocument"),
        ("learningSettingType", "learningSetting"),
        ("hasAccreditation", "accreditation"),
        ("hasLocation", "location"),
        ("hasAddress", "address"),
        ("hasEQFLevel", "eqfLevel"),
        ("hasNQFLevel", "nqfLevel"),
        ("EQFLevel", "eqfLevel"),
        ("NQFLevel", "nqfLevel"),
        ("unitOf", "subOrganizationOf"),
    ];
    match (within, name) {
        ("learningOutcome", "prefLabel") => "title",
        ("organization" | "accreditingAgent" | "issuer", "prefLabel") => "legalName",
        ("awardingProcess", "date") => "awardingDate",
        _ => NAMES.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| *new),
    }
}
