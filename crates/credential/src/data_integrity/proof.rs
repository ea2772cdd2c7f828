//! One proof as it stands in a document.

use leerpas_core::Timestamp;
use serde_json::{Map, Value};

use super::{ProofError, sd::from_multibase};

/// The way of signing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cryptosuite {
    /// Ed25519 over canonical RDF.
    EddsaRdfc2022,
    /// ECDSA with P-256 or P-384 over canonical RDF.
    EcdsaRdfc2019,
    /// Ed25519 over canonical JSON.
    EddsaJcs2022,
    /// ECDSA with P-256 or P-384 over canonical JSON.
    EcdsaJcs2019,
    /// ECDSA with P-256 over each statement of canonical RDF, so that some can be left out.
    EcdsaSd2023,
    /// The predecessor of [`Cryptosuite::EddsaRdfc2022`], a proof type of its own.
    Ed25519Signature2020,
    /// Another one, which cannot be verified here; its name, cut at 60 characters.
    Other(String),
}

impl Cryptosuite {
    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
            Self::EcdsaJcs2019 => "ecdsa-jcs-2019",
            Self::EcdsaSd2023 => "ecdsa-sd-2023",
            Self::Ed25519Signature2020 => "Ed25519Signature2020",
            Self::Other(name) => name,
        }
    }
}

/// A proof that was read, not verified (VC Data Integrity 1.0, section 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The way of signing.
    pub cryptosuite: Cryptosuite,
    /// Where the key is: a DID URL.
    pub verification_method: String,
    /// What the signature is for: `assertionMethod`, `authentication`.
    pub purpose: String,
    /// When it was made, if it says so.
    pub created: Option<Timestamp>,
    /// Until when it holds, if it says so.
    pub expires: Option<Timestamp>,
    /// What the verifier gave.
    pub challenge: Option<String>,
    /// For whom it was made; several are allowed.
    pub domains: Vec<String>,
    /// Whether it builds on another proof.
    pub has_previous: bool,
    value: Vec<u8>,
    members: Map<String, Value>,
}

impl Proof {
    pub(super) fn parse(proof: &Value) -> Result<Self, ProofError> {
        let members = proof.as_object().ok_or(ProofError::Malformed { member: "proof" })?;
        let cryptosuite = match (required(members, "type")?.as_str(), optional(members, "cryptosuite")?) {
            ("DataIntegrityProof", Some("eddsa-rdfc-2022")) => Cryptosuite::EddsaRdfc2022,
            ("DataIntegrityProof", Some("ecdsa-rdfc-2019")) => Cryptosuite::EcdsaRdfc2019,
            ("DataIntegrityProof", Some("eddsa-jcs-2022")) => Cryptosuite::EddsaJcs2022,
            ("DataIntegrityProof", Some("ecdsa-jcs-2019")) => Cryptosuite::EcdsaJcs2019,
            ("DataIntegrityProof", Some("ecdsa-sd-2023")) => Cryptosuite::EcdsaSd2023,
            ("DataIntegrityProof", None) => return Err(ProofError::Malformed { member: "cryptosuite" }),
            ("Ed25519Signature2020", None) => Cryptosuite::Ed25519Signature2020,
            (kind, name) => Cryptosuite::Other(name.unwrap_or(kind).chars().take(60).collect()),
        };
        Ok(Self {
            verification_method: verification_method(members)?,
            purpose: required(members, "proofPurpose")?,
            created: date(members, "created")?,
            expires: date(members, "expires")?,
            challenge: optional(members, "challenge")?.map(str::to_owned),
            domains: domains(members)?,
            has_previous: members.contains_key("previousProof"),
            value: match cryptosuite {
                Cryptosuite::Other(_) => Vec::new(),
                Cryptosuite::EcdsaSd2023 => sd_value(members)?,
                _ => value(members)?,
            },
            cryptosuite,
            members: members.clone(),
        })
    }

    /// The signature.
    pub(super) fn value(&self) -> &[u8] {
        &self.value
    }

    /// The proof as it was read, every member.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }
}

/// The DID URL, or the `id` of a key that is written out in full; its other members prove nothing.
fn verification_method(members: &Map<String, Value>) -> Result<String, ProofError> {
    match members.get("verificationMethod") {
        Some(Value::Object(key)) => {
            required(key, "id").map_err(|_| ProofError::Malformed { member: "verificationMethod" })
        }
        _ => required(members, "verificationMethod"),
    }
}

fn required(members: &Map<String, Value>, member: &'static str) -> Result<String, ProofError> {
    match members.get(member) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(ProofError::Malformed { member }),
    }
}

fn optional<'a>(members: &'a Map<String, Value>, member: &'static str) -> Result<Option<&'a str>, ProofError> {
    match members.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ProofError::Malformed { member }),
    }
}

/// A date with a zone (XML Schema 1.1, `dateTimeStamp`).
fn date(members: &Map<String, Value>, member: &'static str) -> Result<Option<Timestamp>, ProofError> {
    optional(members, member)?.map(|text| text.parse().map_err(|_| ProofError::Malformed { member })).transpose()
}

fn domains(members: &Map<String, Value>) -> Result<Vec<String>, ProofError> {
    let malformed = ProofError::Malformed { member: "domain" };
    match members.get("domain") {
        None => Ok(Vec::new()),
        Some(Value::String(domain)) => Ok(vec![domain.clone()]),
        Some(Value::Array(domains)) => {
            let domains: Option<Vec<_>> = domains.iter().map(|domain| domain.as_str().map(str::to_owned)).collect();
            domains.ok_or(malformed)
        }
        Some(_) => Err(malformed),
    }
}

/// Multibase base64url; a base proof has a signature for every statement.
fn sd_value(members: &Map<String, Value>) -> Result<Vec<u8>, ProofError> {
    from_multibase(&required(members, "proofValue")?).ok_or(ProofError::Malformed { member: "proofValue" })
}

/// Multibase base58btc; a signature of ECDSA P-384 is the longest, with 96 bytes.
fn value(members: &Map<String, Value>) -> Result<Vec<u8>, ProofError> {
    let malformed = ProofError::Malformed { member: "proofValue" };
    let text = required(members, "proofValue")?;
    match text.strip_prefix('z') {
        Some(digits) if digits.len() <= 200 => bs58::decode(digits).into_vec().map_err(|_| malformed),
        _ => Err(malformed),
    }
}
