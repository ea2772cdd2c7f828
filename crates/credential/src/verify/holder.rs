//! Whom it is bound to: the holder's key, or the presenter who proves to hold it.

use leerpas_core::Timestamp;
use serde_json::Value;

use super::{Binding, evaluate::Look, jwt_presentation, linked_data};
use crate::{
    data_integrity::{self, Proof},
    did::{DidDocument, Purpose, split_url},
    keys::PublicKey,
    read::{Body, claims::confirmation_key, claims::id_of, claims::subjects},
    report::{Check, CheckName, Reason},
    sd_jwt::{KeyBinding, KeyBindingError, SdJwt},
};

const HOLDER: CheckName = CheckName::Holder;

/// What a presentation's proof says, once it is found genuine.
pub(super) struct Possession {
    pub(super) nonce: Option<String>,
    pub(super) audiences: Vec<String>,
}

pub(super) fn check(look: &Look<'_>) -> Vec<Check> {
    match &look.policy.binding {
        Binding::NotAsked => Vec::new(),
        Binding::HolderKey(key) => vec![bound_to(look.credential.body(), key)],
        Binding::Presentation { nonce, audience, required } => {
            presented(look, nonce.as_deref(), audience.as_deref(), *required)
        }
    }
}

fn bound_to(body: &Body, key: &PublicKey) -> Check {
    match bound_key(body) {
        Ok(bound) if bound == *key => Check::pass(HOLDER, format!("bound to key {}", key.thumbprint())),
        Ok(_) => Check::fail(HOLDER, Reason::OtherHolder, "bound to another key"),
        Err(check) => check,
    }
}

/// The key that the credential is bound to: the one in `cnf` (RFC 7800), or else that of the one subject of a W3C
/// credential.
pub(super) fn bound_key(body: &Body) -> Result<PublicKey, Check> {
    let confirmed = |claims: &Value| {
        confirmation_key(claims)
            .ok_or_else(|| Check::fail(HOLDER, Reason::NotBound, "it is bound to no key that can be read"))
    };
    match body {
        Body::SdJwt(sd_jwt) => confirmed(sd_jwt.claims()),
        Body::W3cSdJwt(sd_jwt) if sd_jwt.claims().get("cnf").is_some() => confirmed(sd_jwt.claims()),
        Body::W3cSdJwt(sd_jwt) => subject_key(sd_jwt.claims()),
        Body::Jwt { credential, .. } if credential.get("cnf").is_some() => confirmed(credential),
        Body::DataIntegrity { credential, .. } | Body::Jwt { credential, .. } => subject_key(credential),
        Body::OpenBadge2 { .. } => Err(Check::fail(HOLDER, Reason::NotBound, "Open Badges 2.0 are bound to no key")),
        Body::Elm { .. } => {
            Err(Check::fail(HOLDER, Reason::NotBound, "European Digital Credentials are bound to no key"))
        }
    }
}

/// The key of the one subject, which must be a did:jwk or did:key.
fn subject_key(credential: &Value) -> Result<PublicKey, Check> {
    let [subject] = subjects(credential) else {
        return Err(Check::fail(HOLDER, Reason::OtherHolder, "it is about several subjects"));
    };
    let id = id_of(subject).ok_or_else(|| Check::fail(HOLDER, Reason::NotBound, "its subject has no id"))?;
    local_key(id, Purpose::Authentication)
        .ok_or_else(|| Check::fail(HOLDER, Reason::OtherHolder, "its subject is no did:jwk and no did:key"))
}

/// The key of a DID, or DID URL, that carries it.
pub(super) fn local_key(did_url: &str, purpose: Purpose) -> Option<PublicKey> {
    let (did, _) = split_url(did_url).ok()?;
    DidDocument::resolve_local(did).ok()??.key(did_url, purpose).ok()
}

fn presented(look: &Look<'_>, nonce: Option<&str>, audience: Option<&str>, required: bool) -> Vec<Check> {
    let possession = match (look.credential.body(), look.credential.jwt_presentation()) {
        (body, Some(presentation)) => {
            bound_key(body).and_then(|key| jwt_presentation::open(presentation, &key, look.now)).map_err(Some)
        }
        _ if !look.credential.is_presentation() => Err(None),
        (body @ (Body::SdJwt(sd_jwt) | Body::W3cSdJwt(sd_jwt)), None) => {
            bound_key(body).and_then(|key| key_binding(sd_jwt, &key, look.now)).map_err(Some)
        }
        (Body::DataIntegrity { credential, presentation: Some(presentation) }, None) => {
            presentation_proof(presentation, credential, look.now).map_err(Some)
        }
        _ => Err(None),
    };
    let possession = match possession {
        Ok(possession) => possession,
        Err(Some(check)) => return vec![check],
        Err(None) if required => {
            let detail = "it came without proof that the presenter holds it";
            return vec![Check::fail(HOLDER, Reason::KeyBindingMissing, detail)];
        }
        Err(None) => return Vec::new(),
    };
    let mut checks = vec![Check::pass(HOLDER, "the presenter holds the key that it is bound to")];
    if let Some(wanted) = nonce {
        checks.push(if possession.nonce.as_deref() == Some(wanted) {
            Check::pass(CheckName::Nonce, "it answers this request")
        } else {
            Check::fail(CheckName::Nonce, Reason::WrongNonce, "it answers another request")
        });
    }
    if let Some(wanted) = audience {
        // Exactly one: a proof that is for others too could be passed on between them.
        checks.push(if possession.audiences == [wanted] {
            Check::pass(CheckName::Audience, "it was made for this verifier")
        } else {
            Check::fail(CheckName::Audience, Reason::WrongAudience, "it was made for another verifier")
        });
    }
    checks
}

/// RFC 9901, section 7.3.
fn key_binding(sd_jwt: &SdJwt, key: &PublicKey, now: Timestamp) -> Result<Possession, Check> {
    let binding = KeyBinding::open(sd_jwt, key, now).map_err(|error| {
        let reason = if error == KeyBindingError::Time { Reason::KeyBindingTime } else { Reason::KeyBindingInvalid };
        Check::fail(HOLDER, reason, error.to_string())
    })?;
    Ok(Possession { nonce: Some(binding.nonce), audiences: vec![binding.audience] })
}

/// The proof of a W3C presentation: made now, to authenticate, by the key of the credential's subject (VC Data
/// Integrity 1.0, section 4.4; OpenID4VP 1.0, appendix B.1.3).
fn presentation_proof(presentation: &Value, credential: &Value, now: Timestamp) -> Result<Possession, Check> {
    let invalid = |detail: &str| Check::fail(HOLDER, Reason::KeyBindingInvalid, detail);
    let proofs = match data_integrity::proofs(presentation) {
        Ok(proofs) => proofs,
        Err(data_integrity::ProofError::Missing) => {
            return Err(Check::fail(HOLDER, Reason::KeyBindingMissing, "the presentation has no proof"));
        }
        Err(error) => return Err(invalid(&error.to_string())),
    };
    let [proof] = &proofs[..] else { return Err(invalid("the presentation has several proofs")) };
    check_proof(proof, now)?;
    let key = local_key(&proof.verification_method, Purpose::Authentication)
        .ok_or_else(|| invalid("the key of the presentation is no did:jwk and no did:key"))?;
    if subject_key(credential)? != key {
        return Err(Check::fail(HOLDER, Reason::OtherHolder, "the presenter's key is not that of the subject"));
    }
    if let Some(holder) = presentation.get("holder") {
        let same = id_of(holder).and_then(|id| local_key(id, Purpose::Authentication)).is_some_and(|held| held == key);
        if !same {
            return Err(invalid("the presentation names another holder"));
        }
    }
    data_integrity::verify_proof(presentation, proof, &key).map_err(|error| {
        let check = linked_data::proof_check(&error);
        Check { name: HOLDER, reason: Some(Reason::KeyBindingInvalid), ..check }
    })?;
    Ok(Possession { nonce: proof.challenge.clone(), audiences: proof.domains.clone() })
}

fn check_proof(proof: &Proof, now: Timestamp) -> Result<(), Check> {
    if proof.purpose != Purpose::Authentication.as_str() {
        return Err(Check::fail(HOLDER, Reason::KeyBindingInvalid, "proofPurpose is not authentication"));
    }
    let expired = proof.expires.is_some_and(|until| until < now);
    let recent = proof.created.is_some_and(|created| crate::sd_jwt::is_recent(created.as_second(), now));
    if recent && !expired {
        Ok(())
    } else {
        Err(Check::fail(HOLDER, Reason::KeyBindingTime, "the presentation was not made just now"))
    }
}
