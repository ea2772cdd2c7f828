//! Makes the credentials and the status lists of the trial.

use std::io;

use leerpas_core::{Env, Timestamp};
use leerpas_credential::{
    data_integrity::{self, ProofError, ProofOptions},
    jose::{JoseError, sign_compact},
    keys::{IssuerKey, PublicKey, Signer},
    sd_jwt::{self, ClaimPath, Issuance, PathElement, SdJwtError},
};
use serde_json::{Value, json};

use crate::{
    catalogue::{Course, HOME},
    grants::later,
    identity::{Identity, VALID_SECONDS, day_of},
    metadata::{BADGE_CONTEXTS, VCT, disclosable},
    misbehave::Misbehave,
    register::{Register, Standing, TOKEN_BITS},
};

/// The learner of the trial. Nobody is called this.
pub const LEARNER: Learner = Learner { given_name: "Noor", family_name: "van Voorbeeld", birthdate: "1994-05-17" };

/// How long a status list may be kept by who fetched it, in seconds. Short, so that a withdrawal shows soon.
const LIST_TTL: i64 = 60;
/// How long a status list holds, in seconds.
const LIST_SECONDS: i64 = 86_400;

/// An invented person.
#[derive(Debug)]
pub struct Learner {
    /// First name.
    pub given_name: &'static str,
    /// Last name.
    pub family_name: &'static str,
    /// Date of birth.
    pub birthdate: &'static str,
}

/// Why a credential or a list was not made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The SD-JWT could not be made.
    #[error(transparent)]
    SdJwt(#[from] SdJwtError),
    /// The badge could not be signed.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The list could not be signed.
    #[error(transparent)]
    Jose(#[from] JoseError),
    /// The list could not be packed.
    #[error(transparent)]
    Pack(#[from] io::Error),
}

/// One copy that is to be made.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The institution.
    pub identity: &'a Identity,
    /// What it is about.
    pub course: &'a Course,
    /// The key that it is bound to.
    pub holder: &'a PublicKey,
    /// Its place in the status lists.
    pub index: usize,
    /// How the institution misbehaves, if it does.
    pub bad: Option<Misbehave>,
    /// Time and chance.
    pub env: Env<'a>,
}

/// One copy of a microcredential as an SD-JWT VC, bound to the holder's key.
///
/// # Errors
/// When it cannot be signed.
pub fn microcredential(order: Order<'_>) -> Result<Value, IssueError> {
    let header = json!({ "alg": "ES256", "typ": "dc+sd-jwt", "x5c": order.identity.x5c });
    sd_jwt_vc(order, header, json!({}))
}

/// As [`microcredential`], with this header and these claims beside the usual ones.
pub(crate) fn sd_jwt_vc(order: Order<'_>, header: Value, further: Value) -> Result<Value, IssueError> {
    let Order { identity, course, holder, index, bad, env } = order;
    let base = &identity.issuer;
    let stranger = || IssuerKey::make_p256(env.entropy);
    let holder = if bad == Some(Misbehave::OtherHolder) { stranger().public().to_jwk() } else { holder.to_jwk() };
    let (from, until) = period(bad, env.now);
    let mut claims = json!({
        "iss": base,
        "iat": from,
        "nbf": from,
        "exp": until,
        "vct": if bad == Some(Misbehave::OtherType) { "urn:leerpas:library-card:1" } else { VCT },
        "cnf": { "jwk": holder },
        "status": { "status_list": { "idx": index, "uri": format!("{base}/status/1") } },
        "issuer": { "name": issuer_name() },
        "given_name": LEARNER.given_name,
        "family_name": LEARNER.family_name,
        "birthdate": LEARNER.birthdate,
        "credentialSubject": {
            "achievement": course.claims_achievement(base),
            "result": [{ "value": course.grade }],
        },
    });
    if let (Some(claims), Value::Object(further)) = (claims.as_object_mut(), further) {
        claims.extend(further);
    }
    let disclosable = paths(&claims, course);
    let wrong = (bad == Some(Misbehave::WrongSigningKey)).then(stranger);
    let signer: &dyn Signer = wrong.as_ref().map_or(&identity.certified, |key| key);
    let token = sd_jwt::issue(Issuance { header, claims, disclosable: &disclosable, decoys: 2 }, signer, env.entropy)?;
    Ok(Value::String(token))
}

/// One copy of a course as an Open Badges 3.0 credential, with the holder's `did:jwk` as its subject.
///
/// # Errors
/// When it cannot be signed.
pub fn badge(order: Order<'_>) -> Result<Value, IssueError> {
    let Order { identity, bad, env, .. } = order;
    let wrong = (bad == Some(Misbehave::WrongSigningKey)).then(|| IssuerKey::make_ed25519(env.entropy));
    let signer: &dyn Signer = wrong.as_ref().map_or(&identity.badge, |key| key);
    signed(identity, badge_document(order), signer, env.now)
}

/// The badge without a proof.
pub(crate) fn badge_document(order: Order<'_>) -> Value {
    let Order { identity, course, holder, index, bad, env } = order;
    let base = &identity.issuer;
    let holder = match bad {
        Some(Misbehave::OtherHolder) => IssuerKey::make_p256(env.entropy).public().did_jwk(),
        _ => holder.did_jwk(),
    };
    let (from, until) = period(bad, env.now);
    let types = match bad {
        Some(Misbehave::OtherType) => json!(["VerifiableCredential", "EndorsementCredential"]),
        _ => json!(["VerifiableCredential", "OpenBadgeCredential"]),
    };
    let mut issuer = issuer_profile(base);
    issuer["id"] = json!(identity.did);
    json!({
        "@context": BADGE_CONTEXTS,
        "id": random_urn(env),
        "type": types,
        "name": course.title,
        "issuer": issuer,
        "validFrom": time(from),
        "validUntil": time(until),
        "credentialSubject": {
            "id": holder,
            "type": ["AchievementSubject"],
            "identifier": [{
                "type": "IdentityObject",
                "hashed": false,
                "identityHash": format!("{} {}", LEARNER.given_name, LEARNER.family_name),
                "identityType": "name",
            }],
            "achievement": course.badge_achievement(base),
            "result": course.result(base),
        },
        "credentialStatus": [
            status_entry(base, 2, index, "revocation"),
            status_entry(base, 3, index, "suspension"),
        ],
        "credentialSchema": [{
            "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
            "type": "1EdTechJsonSchemaValidator2019",
        }],
    })
}

/// The Token Status List as a signed token (Token Status List, 5.1).
///
/// # Errors
/// When it cannot be packed or signed.
pub fn token_status_list(identity: &Identity, register: &Register, now: Timestamp) -> Result<String, IssueError> {
    let payload = json!({
        "iss": identity.issuer,
        "sub": format!("{}/status/1", identity.issuer),
        "iat": now.as_second(),
        "exp": now.as_second() + LIST_SECONDS,
        "ttl": LIST_TTL,
        "status_list": { "bits": TOKEN_BITS, "lst": register.token_list()? },
    });
    let header = json!({ "alg": "ES256", "typ": "statuslist+jwt", "x5c": identity.x5c });
    Ok(sign_compact(&header, payload.to_string().as_bytes(), &identity.certified)?)
}

/// A Bitstring Status List Credential about one standing (Bitstring Status List 1.0, 2.2), signed as badges are.
///
/// # Errors
/// When it cannot be packed or signed.
pub fn bitstring_list(
    identity: &Identity,
    register: &Register,
    about: Standing,
    now: Timestamp,
) -> Result<Value, IssueError> {
    let (number, purpose) = match about {
        Standing::Suspended => (3, "suspension"),
        Standing::Valid | Standing::Revoked => (2, "revocation"),
    };
    let address = format!("{}/status/{number}", identity.issuer);
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": identity.did,
        "validFrom": time(now.as_second()),
        "validUntil": time(now.as_second() + LIST_SECONDS),
        "credentialSubject": {
            "id": format!("{address}#list"),
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": register.bitstring(about)?,
            "ttl": LIST_TTL * 1000,
        },
    });
    signed(identity, document, &identity.badge, now)
}

fn signed(identity: &Identity, document: Value, signer: &dyn Signer, now: Timestamp) -> Result<Value, IssueError> {
    let options = proof_options(identity.badge_method(), now);
    Ok(data_integrity::sign(document, &options, signer)?)
}

/// What a proof of the institution says about itself.
pub(crate) fn proof_options(verification_method: String, now: Timestamp) -> ProofOptions {
    ProofOptions {
        verification_method,
        purpose: "assertionMethod".to_owned(),
        created: Timestamp::from_second(now.as_second()).unwrap_or(now),
        challenge: None,
        domain: None,
    }
}

fn issuer_name() -> String {
    format!("{} (proef)", HOME.name)
}

fn issuer_profile(base: &str) -> Value {
    json!({
        "type": ["Profile"],
        "name": issuer_name(),
        "url": base,
        "otherIdentifier": [
            { "type": "IdentifierEntry", "identifier": HOME.brin, "identifierType": "ext:BRIN" },
        ],
    })
}

fn status_entry(base: &str, list: u8, index: usize, purpose: &str) -> Value {
    let address = format!("{base}/status/{list}");
    json!({
        "id": format!("{address}#{index}"),
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": index.to_string(),
        "statusListCredential": address,
    })
}

/// Every claim that has a disclosure of its own: those of the metadata that are there, and each outcome.
fn paths(claims: &Value, course: &Course) -> Vec<ClaimPath> {
    let mut paths: Vec<ClaimPath> = disclosable()
        .map(|path| path.iter().map(|part| PathElement::from(*part)).collect())
        .filter(|path: &ClaimPath| sd_jwt::value_at(claims, path).is_some())
        .collect();
    for index in 0..course.outcomes.len() {
        paths.push(vec!["credentialSubject".into(), "achievement".into(), "learningOutcome".into(), index.into()]);
    }
    paths
}

fn period(bad: Option<Misbehave>, now: Timestamp) -> (i64, i64) {
    const YEAR: i64 = 365 * 86_400;
    let today = day_of(now);
    if bad == Some(Misbehave::Expired) { (today - 2 * YEAR, today - YEAR) } else { (today, today + VALID_SECONDS) }
}

/// RFC 3339 in UTC, without a fraction.
fn time(second: i64) -> String {
    later(Timestamp::UNIX_EPOCH, second).to_string()
}

/// A version 4 UUID (RFC 9562, 5.4).
fn random_urn(env: Env<'_>) -> String {
    let mut bytes = [0_u8; 16];
    env.entropy.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use leerpas_core::OsEntropy;
    use leerpas_credential::keys::HolderKey;

    use super::*;
    use crate::catalogue::COURSES;

    fn identity() -> Identity {
        Identity {
            issuer: "https://localhost:8443".to_owned(),
            did: "did:web:localhost%3A8443".to_owned(),
            x5c: vec!["MII".to_owned()],
            certified: IssuerKey::make_p256(&OsEntropy),
            badge: IssuerKey::make_ed25519(&OsEntropy),
            parts: IssuerKey::make_p256(&OsEntropy),
        }
    }

    fn env() -> Env<'static> {
        Env { now: Timestamp::from_second(1_790_000_000).unwrap(), entropy: &OsEntropy }
    }

    #[test]
    fn every_course_can_be_given_out_in_both_forms() {
        let (identity, holder) = (identity(), HolderKey::make(&OsEntropy).public());
        for course in COURSES {
            let order = Order { identity: &identity, course, holder: &holder, index: 7, bad: None, env: env() };
            microcredential(order).unwrap();
            badge(order).unwrap();
        }
    }
}
