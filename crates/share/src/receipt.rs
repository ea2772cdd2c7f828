//! A receipt of what a person agreed to, or refused: one line of the activity log as a consent record of ISO/IEC TS
//! 27560:2023, in the terms of the Data Privacy Vocabulary (DPV 2.3; "Consent Records and Receipts as per ISO/IEC TS
//! 27560:2023 using DPV", final community group report, sections 8 and 9).
//!
//! JSON-LD with its context written out, so that nothing need be fetched to read it. It names claims and holds the value of
//! none; nor the title of a card, which is the value of a claim often enough; nor an identifier of the vault.
//!
//! What the standard requires and the requester did not tell is said to be unknown, never made up: by `dpv:NotAvailable`
//! where there must be something of the kind, by `dpv:UnknownApplicability` where even that is not known, and by
//! `dpv:IndeterminateDuration` for a duration. The form is that of a plain record (`dpv-27560#record`): the profile for the
//! GDPR would claim that the requester told what articles 13 and 14 ask of it. For the same reason the legal basis is what the
//! wallet saw, a person who agreed to this and to nothing else; on what basis the requester goes on is for the requester to
//! say.

mod entities;
mod kinds;
mod words;

use leerpas_core::{
    Activity, ActivityKind, CardId, Env, ErrorKind, Outcome, Party, SharedClaim, Timestamp, Told, Weight,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

use self::words::{Both, said};

/// The profiles of DPV that the documents keep to (the guide, section 2).
const RECEIPT: &str = "https://w3id.org/dpv/schema/dpv-27560#receipt";
const RECORD: &str = "https://w3id.org/dpv/schema/dpv-27560#record";

/// Prefixes with their addresses; the only terms of the context.
const PREFIXES: [(&str, &str); 11] = [
    ("dpv", "https://w3id.org/dpv#"),
    ("pd", "https://w3id.org/dpv/pd#"),
    ("loc", "https://w3id.org/dpv/loc#"),
    ("eu-gdpr", "https://w3id.org/dpv/legal/eu/gdpr#"),
    ("legal-eu", "https://w3id.org/dpv/legal/eu#"),
    ("legal-nl", "https://w3id.org/dpv/legal/nl#"),
    ("dct", "http://purl.org/dc/terms/"),
    ("schema", "https://schema.org/"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// Why there is nothing to write a receipt of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoReceipt {
    /// It is no answer to a request.
    #[error("only of what was asked for and decided about is there a receipt")]
    NotShared,
    /// Nothing was agreed to or refused, or that is still going on.
    #[error("nothing was given and nothing refused")]
    Undecided,
}

impl NoReceipt {
    /// The kind to report: the choice of the line is at fault.
    pub fn kind(self) -> ErrorKind {
        ErrorKind::Usage
    }
}

/// The receipt of one line of the log. The record in it has the same identifier each time; the receipt is a new one.
///
/// # Errors
/// [`NoReceipt`] for a line that is no sharing, or in which the person decided nothing.
pub fn receipt(activity: &Activity, env: Env<'_>) -> Result<Value, NoReceipt> {
    let party =
        activity.party.as_ref().filter(|_| activity.kind == ActivityKind::Shared).ok_or(NoReceipt::NotShared)?;
    let decision = Decision::of(activity.outcome).ok_or(NoReceipt::Undecided)?;
    let record = Record {
        names: Names::of(activity),
        told: activity.told.clone().unwrap_or_default(),
        activity,
        party,
        decision,
    };
    let mut random = [0_u8; 16];
    env.entropy.fill(&mut random);
    let id = urn(random, 4);
    let context: Map<String, Value> = PREFIXES.iter().map(|(prefix, iri)| ((*prefix).to_owned(), json!(iri))).collect();
    Ok(json!({
        "@context": context,
        "@id": id,
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": id,
        "dpv:hasIdentifier": id,
        "dct:conformsTo": node(RECEIPT),
        "dct:created": time(env.now),
        "dct:publisher": node(&record.names.holder),
        "dct:provenance": {"@type": "dct:ProvenanceStatement", "dct:description": said(&words::MADE)},
        "schema:recipient": node("dpv:DataSubject"),
        "dpv:hasRecordOfActivity": record.document(),
    }))
}

/// What the person decided, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Given,
    /// Given, and nobody confirmed that it arrived.
    MayHaveBeenGiven,
    Refused,
}

impl Decision {
    fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Done => Some(Self::Given),
            Outcome::Uncertain => Some(Self::MayHaveBeenGiven),
            Outcome::Declined => Some(Self::Refused),
            Outcome::Started | Outcome::Failed => None,
        }
    }
}

/// Names within one record; none of them is used elsewhere, so that two receipts cannot be laid side by side.
struct Names {
    record: String,
    holder: String,
    requester: String,
}

impl Names {
    fn of(activity: &Activity) -> Self {
        let text = json!(["leerpas consent record 1", activity.id, activity.at]).to_string();
        let mut bytes = [0_u8; 16];
        bytes.iter_mut().zip(Sha256::digest(text.as_bytes())).for_each(|(byte, hashed)| *byte = hashed);
        let record = urn(bytes, 8);
        Self { holder: format!("{record}#holder"), requester: format!("{record}#requester"), record }
    }

    fn card(&self, number: usize) -> String {
        format!("{}#card-{}", self.record, number.saturating_add(1))
    }
}

struct Record<'a> {
    names: Names,
    activity: &'a Activity,
    party: &'a Party,
    told: Told,
    decision: Decision,
}

impl Record<'_> {
    /// The consent record (the guide, section 8), in the order of its sections.
    fn document(&self) -> Value {
        let names = &self.names;
        json!({
            "@id": names.record,
            "@type": "dpv:ConsentRecord",
            "dct:identifier": names.record,
            "dpv:hasIdentifier": names.record,
            "dct:conformsTo": node(RECORD),
            "dpv:hasDataSubject": node(&names.holder),
            "dpv:hasNotice": self.notices(),
            "dpv:hasProcess": self.process(),
            "dpv:hasDataController": node(&names.requester),
            // Whose law and whose authority: those of the learner's own country (GDPR, article 77).
            "dpv:hasJurisdiction": node("loc:NL"),
            "dpv:hasApplicableLaw": node("legal-eu:law-GDPR"),
            "dpv:hasAuthority": node(entities::AUTHORITY),
            "dpv:hasLegalBasis": node("dpv:ExplicitlyExpressedConsent"),
            "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": entities::reached_at(&self.told)},
            "dpv:hasRight": entities::rights(&self.told),
            "dpv:hasEntity": [
                entities::holder(names), entities::requester(names, self.party, &self.told), entities::authority(),
            ],
            "dpv:hasConsentStatus": self.events(),
        })
    }

    /// What the person read before deciding (8.2): the page of the wallet, and where the requester says what it does.
    fn notices(&self) -> Value {
        let language = self.told.language.map_or_else(missing, |language| json!(language.tag()));
        let shown = self.told.asked.map_or_else(missing, time);
        let mut notices = vec![json!({"@type": "dpv:ConsentNotice", "dct:language": language, "dct:date": shown})];
        notices.push(match &self.told.policy {
            Some(policy) => json!({"@type": "dpv:PrivacyNotice", "schema:url": policy}),
            None => json!({"@type": "dpv:PrivacyNotice", "dpv:hasApplicability": node(MISSING)}),
        });
        notices.extend(self.told.terms.iter().map(|terms| json!({"@type": "dpv:TermsOfService", "schema:url": terms})));
        Value::Array(notices)
    }

    /// What is done with what (8.3).
    fn process(&self) -> Value {
        json!({
            "@type": "dpv:Process",
            "dpv:hasPurpose": self.purpose(),
            "dpv:hasPersonalData": self.data(),
            "dpv:hasProcessing": self.sharing(),
            "dpv:hasDataSource": node("dpv:DataSubjectDataSource"),
            "dpv:hasStorageCondition": [
                {"@type": "dpv:StorageLocation", "dpv:hasLocation": missing()},
                {"@type": "dpv:StorageDuration", "dpv:hasDuration": self.kept_for()},
            ],
            "dpv:hasRecipient": [
                node(&self.names.requester),
                {"@type": "dpv:ThirdParty", "dpv:hasApplicability": node(UNKNOWN)},
            ],
        })
    }

    /// The reason in the requester's words; a category of DPV would be ours (8.3.2).
    fn purpose(&self) -> Value {
        match (&self.activity.purpose, self.told.purpose_language) {
            (Some(text), Some(language)) => {
                let text = json!({"@value": text, "@language": language.tag()});
                json!({"@type": "dpv:Purpose", "dct:description": text})
            }
            (Some(text), None) => json!({"@type": "dpv:Purpose", "dct:description": text}),
            (None, _) => json!({"@type": "dpv:Purpose", "dpv:hasApplicability": node(MISSING)}),
        }
    }

    /// Each claim by its name, and cards of which none was named (8.3.3).
    fn data(&self) -> Value {
        let shown = |card: &CardId| self.activity.claims.iter().any(|claim| claim.card == *card);
        let claims = self.activity.claims.iter().map(|claim| self.claim(claim));
        let bare = self.activity.cards.iter().enumerate().filter(|(_, card)| !shown(card)).map(|(number, _)| {
            json!({"@type": "dpv:PersonalData", "skos:broader": node("dpv:PersonalData"),
                "dct:isPartOf": node(&self.names.card(number)), "dct:description": said(&words::BARE)})
        });
        let data: Vec<Value> = claims.chain(bare).collect();
        match data.is_empty() {
            true => json!([{"@type": "dpv:PersonalData", "skos:broader": node("dpv:PersonalData"),
                "dpv:hasApplicability": node("dpv:NotApplicable"), "dct:description": said(&words::NOTHING)}]),
            false => Value::Array(data),
        }
    }

    fn claim(&self, claim: &SharedClaim) -> Value {
        let class = match claim.weight {
            Weight::Plain => "dpv:PersonalData",
            Weight::Sensitive => "dpv:SensitivePersonalData",
            Weight::Special => "dpv:SpecialCategoryPersonalData",
        };
        let necessity = if claim.optional { "dpv:Optional" } else { "dpv:Required" };
        let mut data = json!({
            "@type": class,
            "skos:broader": node(kinds::of(&claim.path)),
            "dct:identifier": claim.path,
            "dpv:hasNecessity": node(necessity),
        });
        let number = self.activity.cards.iter().position(|card| *card == claim.card);
        if let Some(members) = data.as_object_mut() {
            if let Some(number) = number {
                members.insert("dct:isPartOf".to_owned(), node(&self.names.card(number)));
            }
            if claim.path == "*" {
                members.insert("dct:description".to_owned(), said(&words::WHOLE));
            }
        }
        data
    }

    /// Whether it came to sharing (8.3.4).
    fn sharing(&self) -> Value {
        match self.decision {
            Decision::Given => json!({"@type": "dpv:Share", "dpv:hasActivityStatus": node("dpv:ActivityCompleted")}),
            Decision::MayHaveBeenGiven => json!({"@type": "dpv:Share", "dpv:hasApplicability": node(UNKNOWN),
                "dct:description": said(&words::UNCONFIRMED)}),
            Decision::Refused => {
                json!({"@type": "dpv:Share", "dpv:hasActivityStatus": node("dpv:ActivityNotCompleted")})
            }
        }
    }

    /// As told (8.3.4.2); it is a sentence, and a number made of it might say something else.
    fn kept_for(&self) -> Value {
        match &self.told.retention {
            Some(text) => json!({"@type": "dpv:Duration", "dct:description": text}),
            None => node("dpv:IndeterminateDuration"),
        }
    }

    /// What was asked and what was answered (8.5).
    fn events(&self) -> Value {
        let asked = json!({
            "@type": "dpv:ConsentRequested",
            "dpv:isIndicatedBy": node(&self.names.requester),
            "dpv:isIndicatedAtTime": self.told.asked.map_or_else(missing, time),
            "dpv:hasDuration": node("dpv:IndeterminateDuration"),
        });
        let (state, duration, method): (_, _, Both) = match self.decision {
            // A yes is to one answer; another takes another yes.
            Decision::Given | Decision::MayHaveBeenGiven => {
                let once = json!({"@type": "dpv:FixedOccurrencesDuration", "rdf:value": "1"});
                ("dpv:ConsentGiven", once, words::AGREED)
            }
            Decision::Refused => ("dpv:ConsentRefused", node("dpv:IndeterminateDuration"), words::REFUSED),
        };
        let answered = json!({
            "@type": [state, "dpv:ExplicitlyExpressedConsent"],
            "dpv:isIndicatedBy": node(&self.names.holder),
            "dpv:isIndicatedAtTime": time(self.activity.at),
            "dpv:hasDuration": duration,
            "dpv:hasIndicationMethod": said(&method),
        });
        json!([asked, answered])
    }
}

/// There is something of the kind, and nobody told what.
const MISSING: &str = "dpv:NotAvailable";
/// Whether there is anything of the kind is not known.
const UNKNOWN: &str = "dpv:UnknownApplicability";

/// In place of a value that nobody told.
fn missing() -> Value {
    json!({"dpv:hasApplicability": node(MISSING)})
}

fn node(iri: &str) -> Value {
    json!({"@id": iri})
}

fn time(at: Timestamp) -> Value {
    json!({"@type": "xsd:dateTime", "@value": at.to_string()})
}

/// A UUID of this version (RFC 9562, 5.4 and 5.8) as a URN.
fn urn(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex[from..to].concat();
    format!("urn:uuid:{}-{}-{}-{}-{}", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 16))
}

#[cfg(test)]
mod tests;
