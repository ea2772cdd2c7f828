//! `ecdsa-sd-2023`: a signature of which the holder can leave out statements (Data Integrity ECDSA Cryptosuites 1.0,
//! sections 3.4 to 3.6).
//!
//! The issuer makes a **base** proof: statements that are always shown are signed together, every other one by itself.
//! The holder checks it whole and keeps it; whoever has it can show anything. For a verifier the holder **derives** a
//! proof for the statements that were chosen and the mandatory ones. Both are made with P-256, and nothing else.

mod cbor;
mod choice;
mod groups;
mod pointer;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;

use leerpas_core::Entropy;
use serde_json::{Map, Value, json};

pub(crate) use choice::Choice;
pub use pointer::Pointer;
pub(super) use value::from_multibase;

use self::{
    groups::{HASH, Statements, relabelled},
    value::{BaseValue, DerivedValue, SdValue, Signature, to_multibase},
};
use super::{Cryptosuite, Proof, ProofError, ProofOptions, add_proof, canonical_options, new_members, unsecured};
use crate::{
    jsonld::Contexts,
    keys::{Algorithm, HolderKey, PublicKey, SignatureError, Signer},
};

/// Which of the two proofs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// Of the whole credential, for the holder.
    Base,
    /// Of a part of it, for a verifier.
    Derived,
}

/// Which of the two a proof is, by its first bytes; `None` for another cryptosuite or a value that begins
/// like neither.
pub fn disclosure(proof: &Proof) -> Option<Disclosure> {
    if proof.cryptosuite != Cryptosuite::EcdsaSd2023 {
        return None;
    }
    value::kind(proof.value())
}

/// Verifies a proof of either kind: the issuer's signature over the mandatory statements and the proof itself, and one
/// signature for each other statement (sections 3.5.9 and 3.6.7; for a base proof the same over the whole).
///
/// # Errors
/// When a signature does not hold, there are more or fewer than statements, the value is malformed, the key is no
/// P-256 key, or the document has no canonical form.
pub(super) fn verify(document: &Value, proof: &Proof, key: &PublicKey, contexts: &Contexts) -> Result<(), ProofError> {
    let PublicKey::P256(_) = key else { return Err(ProofError::WrongKey) };
    // What a derived document leaves out would be missing under the proof that covers it.
    if proof.has_previous {
        return Err(ProofError::Chain);
    }
    let (unsecured, context) = unsecured(document)?;
    let unsecured = Value::Object(unsecured);
    let signed = match SdValue::read(proof.value())? {
        SdValue::Base(base) => {
            let statements = Statements::of(&unsecured, &base.hmac_key, contexts)?;
            let mandatory = statements.select(&statements.widen(&unsecured, &base.mandatory)?);
            let lines = statements.lines().map(str::to_owned).collect();
            Signed { lines, mandatory, base_signature: base.base_signature, key: base.proof_key, each: base.signatures }
        }
        SdValue::Derived(derived) => Signed {
            lines: relabelled(&unsecured, &derived.labels, contexts)?,
            mandatory: derived.mandatory,
            base_signature: derived.base_signature,
            key: derived.proof_key,
            each: derived.signatures,
        },
    };
    let options = canonical_options(proof.members(), context, HASH, contexts)?;
    signed.verify(&options, key)
}

/// Everything that the two kinds of proof have in common once the statements are lines.
struct Signed {
    lines: Vec<String>,
    mandatory: BTreeSet<usize>,
    base_signature: Signature,
    key: value::ProofKey,
    each: Vec<Signature>,
}

impl Signed {
    fn verify(&self, options: &str, issuer: &PublicKey) -> Result<(), ProofError> {
        let invalid = ProofError::Signature(SignatureError::Invalid);
        if self.mandatory.last().is_some_and(|last| *last >= self.lines.len()) {
            return Err(ProofError::Malformed { member: "proofValue" });
        }
        if self.each.len() + self.mandatory.len() != self.lines.len() {
            return Err(invalid);
        }
        let message = base_message(options, &self.key, self.lines.iter().map(String::as_str), &self.mandatory);
        issuer.verify(Algorithm::Es256, &message, &self.base_signature)?;
        let multikey = format!("z{}", bs58::encode(self.key).into_string());
        let key = PublicKey::from_multikey(&multikey).map_err(|_| ProofError::WrongKey)?;
        let free = self.lines.iter().enumerate().filter(|(place, _)| !self.mandatory.contains(place));
        for ((_, line), signature) in free.zip(&self.each) {
            key.verify(Algorithm::Es256, line.as_bytes(), signature)?;
        }
        Ok(())
    }
}

/// What the issuer signs (section 3.5.1): the hash of the proof, the key of the single signatures, the hash of the
/// mandatory statements.
fn base_message<'l>(
    options: &str,
    key: &value::ProofKey,
    lines: impl Iterator<Item = &'l str>,
    mandatory: &BTreeSet<usize>,
) -> Vec<u8> {
    let mandatory: String =
        lines.enumerate().filter(|(place, _)| mandatory.contains(place)).map(|(_, line)| line).collect();
    [HASH.digest(options.as_bytes()), key.to_vec(), HASH.digest(mandatory.as_bytes())].concat()
}

/// The statements that a base proof always shows.
///
/// # Errors
/// When the proof is no base proof.
pub fn mandatory(proof: &Proof) -> Result<Vec<Pointer>, ProofError> {
    match SdValue::read(proof.value())? {
        SdValue::Base(base) => Ok(base.mandatory),
        SdValue::Derived(_) => Err(ProofError::Derivation),
    }
}

/// Adds a base proof to a document, with a fresh key for the single statements. Proofs that are there already stay.
///
/// # Errors
/// When a pointer leads nowhere, the key is no P-256 key, or the document has no canonical form.
pub fn sign_base(
    document: Value,
    options: &ProofOptions,
    mandatory: &[Pointer],
    signer: &dyn Signer,
    entropy: &dyn Entropy,
) -> Result<Value, ProofError> {
    let mut hmac_key = [0; 32];
    entropy.fill(&mut hmac_key);
    // A key like a holder's: P-256, used for this one credential and forgotten.
    sign_base_with(document, options, mandatory, signer, &HolderKey::make(entropy), hmac_key, Contexts::known())
}

fn sign_base_with(
    document: Value,
    options: &ProofOptions,
    mandatory: &[Pointer],
    signer: &dyn Signer,
    each: &dyn Signer,
    hmac_key: [u8; 32],
    contexts: &Contexts,
) -> Result<Value, ProofError> {
    let (PublicKey::P256(_), Some(each_public)) = (signer.public(), each.public().to_multikey()) else {
        return Err(ProofError::WrongKey);
    };
    let proof_key = each_public.strip_prefix('z').and_then(|digits| bs58::decode(digits).into_vec().ok());
    let proof_key: value::ProofKey = proof_key.and_then(|key| key.try_into().ok()).ok_or(ProofError::WrongKey)?;
    let (unsecured, context) = unsecured(&document)?;
    let unsecured = Value::Object(unsecured);
    let mut members = new_members(&Cryptosuite::EcdsaSd2023, options);
    let canonical = canonical_options(&members, context, HASH, contexts)?;

    let statements = Statements::of(&unsecured, &hmac_key, contexts)?;
    let places = statements.select(&statements.widen(&unsecured, mandatory)?);
    let free = statements.lines().enumerate().filter(|(place, _)| !places.contains(place));
    let signatures = free.map(|(_, line)| fixed(each.sign(line.as_bytes()))).collect::<Result<_, _>>()?;
    let message = base_message(&canonical, &proof_key, statements.lines(), &places);
    let base_signature = fixed(signer.sign(&message))?;
    let value = BaseValue { base_signature, proof_key, hmac_key, signatures, mandatory: mandatory.to_vec() };
    members.insert("proofValue".to_owned(), json!(to_multibase(&value.to_bytes())));
    add_proof(document, members)
}

fn fixed(signature: Vec<u8>) -> Result<Signature, ProofError> {
    signature.try_into().map_err(|_| ProofError::WrongKey)
}

/// The part of a credential that the pointers select, with what is mandatory, under a proof derived from its base proof
/// (section 3.6.6). Other proofs of the document cover the whole and are left out.
///
/// # Errors
/// When the proof is no base proof, a pointer leads nowhere, nothing would be shown, or the part would not verify.
pub fn derive(document: &Value, proof: &Proof, selective: &[Pointer]) -> Result<Value, ProofError> {
    derive_with(document, proof, selective, Contexts::known())
}

fn derive_with(
    document: &Value,
    proof: &Proof,
    selective: &[Pointer],
    contexts: &Contexts,
) -> Result<Value, ProofError> {
    let SdValue::Base(base) = SdValue::read(proof.value())? else { return Err(ProofError::Derivation) };
    let unsecured = Value::Object(unsecured(document)?.0);
    let Disclosed { part, value } = disclose(&unsecured, base, selective, contexts)?;
    let mut members: Map<String, Value> = proof.members().clone();
    members.insert("proofValue".to_owned(), json!(to_multibase(&value.to_bytes())));
    add_proof(part, members)
}

/// What section 3.5.4 (createDisclosureData) makes.
struct Disclosed {
    part: Value,
    value: DerivedValue,
}

fn disclose(
    unsecured: &Value,
    base: BaseValue,
    selective: &[Pointer],
    contexts: &Contexts,
) -> Result<Disclosed, ProofError> {
    let statements = Statements::of(unsecured, &base.hmac_key, contexts)?;
    let mandatory_pointers = statements.widen(unsecured, &base.mandatory)?;
    let pointers = [mandatory_pointers.clone(), statements.widen(unsecured, selective)?].concat();
    if pointers.is_empty() {
        return Err(ProofError::Derivation);
    }
    let (mandatory, shown) = (statements.select(&mandatory_pointers), statements.select(&pointers));
    let free = (0..statements.lines().count()).filter(|place| !mandatory.contains(place));
    let signatures: Vec<Signature> = free
        .zip(&base.signatures)
        .filter(|(place, _)| shown.contains(place))
        .map(|(_, signature)| *signature)
        .collect();
    let value = DerivedValue {
        base_signature: base.base_signature,
        proof_key: base.proof_key,
        signatures,
        labels: statements.labels_of(&shown)?,
        mandatory: shown
            .iter()
            .enumerate()
            .filter(|(_, place)| mandatory.contains(place))
            .map(|(new, _)| new)
            .collect(),
    };
    let part = pointer::select(unsecured, &pointers)?;
    // What the verifier will see has to be what was signed: JSON and statements are cut apart here in two ways.
    let seen = relabelled(&part, &value.labels, contexts)?;
    let meant = statements.lines().enumerate().filter(|(place, _)| shown.contains(place)).map(|(_, line)| line);
    if !seen.iter().map(String::as_str).eq(meant) || value.signatures.len() + value.mandatory.len() != seen.len() {
        return Err(ProofError::Derivation);
    }
    Ok(Disclosed { part, value })
}
