//! One entry of a log, and what it must be to follow another.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use leerpas_core::limits;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{LogError, proof, witness::Witnesses};
use crate::json::canonical;

const METHOD: &str = "did:webvh:1.0";
/// Keys, and hashes of keys, of one entry.
const KEYS: usize = 64;

/// What is in force after an entry: its own parameters, and those before that it does not change.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    pub(super) update_keys: Vec<String>,
    pub(super) next_key_hashes: Vec<String>,
    pub(super) witnesses: Option<Witnesses>,
    pub(super) deactivated: bool,
    pub(super) portable: bool,
}

/// One line of the log.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    members: Map<String, Value>,
    proofs: Vec<Value>,
    pub(super) version_id: String,
    number: usize,
    time: Timestamp,
    pub(super) parameters: Parameters,
}

impl Entry {
    /// Takes an entry apart, with what is in force from before ("The DID Log File").
    pub(super) fn read(value: Value, before: Option<&Self>) -> Result<Self, LogError> {
        let Value::Object(mut members) = value else { return Err(LogError::Malformed) };
        let proofs = match members.shift_remove("proof") {
            Some(Value::Array(proofs)) if proofs.len() <= KEYS => proofs,
            Some(proof @ Value::Object(_)) => vec![proof],
            _ => return Err(LogError::Malformed),
        };
        let text = |name: &str| members.get(name).and_then(Value::as_str).ok_or(LogError::Malformed);
        let version_id = text("versionId")?.to_owned();
        let time = Timestamp::from_str(text("versionTime")?).map_err(|_| LogError::Malformed)?;
        let (number, _) = version_id.split_once('-').ok_or(LogError::Malformed)?;
        let number = number.parse().map_err(|_| LogError::Malformed)?;
        let own = members.get("parameters").and_then(Value::as_object).ok_or(LogError::Malformed)?;
        let parameters = parameters(own, before.map(|entry| &entry.parameters))?;
        Ok(Self { parameters, members, proofs, version_id, number, time })
    }

    /// The rules of one entry after another.
    pub(super) fn check(&self, before: Option<&Self>, scid: &str, now: Timestamp) -> Result<(), LogError> {
        let soon = now + SignedDuration::from_secs(limits::CLOCK_SKEW_SECONDS);
        if self.time > soon || before.is_some_and(|before| self.time < before.time) {
            return Err(LogError::Time);
        }
        let in_did = self.id().and_then(|id| id.strip_prefix("did:webvh:")).and_then(|rest| rest.split(':').next());
        if in_did != Some(scid) {
            return Err(LogError::OtherDid);
        }
        self.check_chain(before, scid)?;
        if before.is_some_and(|before| before.id() != self.id() && !self.parameters.portable) {
            return Err(LogError::Moved);
        }
        let announced = before.map_or(&[][..], |before| &before.parameters.next_key_hashes);
        if !announced.is_empty() && !self.parameters.update_keys.iter().all(|key| announced.contains(&hash(key))) {
            return Err(LogError::NotAnnounced);
        }
        // Keys that were announced sign the entry that names them; others are allowed by the entry before.
        let allowed = match before {
            Some(before) if announced.is_empty() => &before.parameters.update_keys,
            _ => &self.parameters.update_keys,
        };
        let document = Value::Object(self.members.clone());
        let signed =
            self.proofs.iter().any(|one| proof::verify(one, &document).is_some_and(|signer| allowed.contains(&signer)));
        if signed { Ok(()) } else { Err(LogError::Unauthorised) }
    }

    fn check_chain(&self, before: Option<&Self>, scid: &str) -> Result<(), LogError> {
        let mut hashed = self.members.clone();
        let own = self.members.get("parameters").and_then(|parameters| parameters.get("scid"));
        if let Some(before) = before {
            if own.is_some() {
                return Err(LogError::OtherDid);
            }
            hashed.insert("versionId".to_owned(), before.version_id.as_str().into());
        } else {
            if own.and_then(Value::as_str) != Some(scid) || !first_is(scid, &self.members) {
                return Err(LogError::OtherDid);
            }
            hashed.insert("versionId".to_owned(), scid.into());
        }
        let number = before.map_or(0, |before| before.number) + 1;
        let hashed = canonical(&hashed).map_err(|_| LogError::Chain)?;
        let expected = format!("{number}-{}", hash(&hashed));
        if self.version_id == expected { Ok(()) } else { Err(LogError::Chain) }
    }

    /// The DID of its document.
    pub(super) fn id(&self) -> Option<&str> {
        self.members.get("state")?.get("id")?.as_str()
    }

    pub(super) fn into_state(mut self) -> Value {
        self.members.shift_remove("state").unwrap_or_default()
    }
}

/// Whether the SCID is the hash of the first entry with the placeholder in its place ("SCID Generation and
/// Verification"). The entry is without its proof.
fn first_is(scid: &str, members: &Map<String, Value>) -> bool {
    const PLACE: &str = "{SCID}";
    let mut members = members.clone();
    members.insert("versionId".to_owned(), PLACE.into());
    // A SCID has only letters and digits, so in a text of JSON it stands for itself.
    is_base58(scid) && canonical(&members).is_ok_and(|text| hash(&text.replace(scid, PLACE)) == scid)
}

fn is_base58(text: &str) -> bool {
    text.len() > 40 && text.len() < 60 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A SHA-256 multihash in base58btc, without the sign of a multibase ("SCID Generation", "Entry Hash", "Pre-Rotation").
pub(super) fn hash(text: &str) -> String {
    let mut multihash = vec![0x12, 0x20];
    multihash.extend(Sha256::digest(text.as_bytes()));
    bs58::encode(multihash).into_string()
}

fn parameters(own: &Map<String, Value>, before: Option<&Parameters>) -> Result<Parameters, LogError> {
    match own.get("method") {
        Some(method) if method == METHOD => {}
        None if before.is_some() => {}
        _ => return Err(LogError::Method),
    }
    let update_keys = texts(own, "updateKeys")?;
    let next_key_hashes = texts(own, "nextKeyHashes")?;
    // While keys are announced, both lists stand in every entry.
    if before.is_some_and(|before| !before.next_key_hashes.is_empty())
        && (update_keys.is_none() || next_key_hashes.is_none())
    {
        return Err(LogError::NotAnnounced);
    }
    let flag = |name: &str| match own.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(LogError::Malformed),
    };
    let portable = flag("portable")?;
    if before.is_some() && portable == Some(true) {
        return Err(LogError::Moved);
    }
    let witnesses = match own.get("witness") {
        None => before.and_then(|before| before.witnesses.clone()),
        Some(witness) => Witnesses::read(witness)?,
    };
    let inherited =
        |own: Option<Vec<String>>, before: Option<&Vec<String>>| own.or_else(|| before.cloned()).unwrap_or_default();
    let parameters = Parameters {
        update_keys: inherited(update_keys, before.map(|before| &before.update_keys)),
        next_key_hashes: inherited(next_key_hashes, before.map(|before| &before.next_key_hashes)),
        witnesses,
        deactivated: flag("deactivated")?.unwrap_or(false),
        portable: portable.unwrap_or(before.is_some_and(|before| before.portable)),
    };
    if before.is_none() && parameters.update_keys.is_empty() { Err(LogError::Malformed) } else { Ok(parameters) }
}

/// A list of texts. `null`, which early logs have, is the empty list.
fn texts(own: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, LogError> {
    match own.get(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Vec::new())),
        Some(Value::Array(items)) if items.len() <= KEYS => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned).ok_or(LogError::Malformed));
            texts.collect::<Result<_, _>>().map(Some)
        }
        Some(_) => Err(LogError::Malformed),
    }
}
