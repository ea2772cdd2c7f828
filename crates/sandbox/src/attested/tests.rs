use leerpas_core::{Env, OsEntropy};
use leerpas_credential::{
    jose::sign_compact,
    keys::{HolderKey, IssuerKey, Signer},
};
use leerpas_openid::oauth::AttestationProof;

use super::*;

const SERVER: &str = "https://localhost:8443/attested";
const ATTESTER: &str = "https://localhost:8443";

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

fn env() -> Env<'static> {
    Env { now: now(), entropy: &OsEntropy }
}

fn signed(typ: &str, claims: &Value, signer: &dyn Signer) -> String {
    sign_compact(&json!({ "typ": typ }), claims.to_string().as_bytes(), signer).unwrap()
}

/// A server, its attester, and a client with an attestation.
struct Play {
    state: Attested,
    attester: IssuerKey,
    key: HolderKey,
}

impl Play {
    fn new() -> Self {
        let (attester, key) = (IssuerKey::make_p256(&OsEntropy), HolderKey::make(&OsEntropy));
        Self { state: Attested::default(), attester, key }
    }

    fn attestation(&self) -> Value {
        json!({ "iss": ATTESTER, "sub": CLIENT, "exp": now().as_second() + 60, "cnf": { "jwk": self.key.public().to_jwk() } })
    }

    /// What a good client says with a fresh challenge.
    fn proof(&mut self, id: &str) -> Value {
        let challenge = self.state.challenge(env());
        AttestationProof { client_id: CLIENT, server: SERVER, id, issued: now(), challenge: Some(&challenge) }.claims()
    }

    fn show(&mut self, attestation: &Value, proof: &Value) -> Result<String, ErrorCode> {
        let attestation = signed(ATTESTATION_TYPE, attestation, &self.attester);
        let proof = signed(ATTESTATION_PROOF_TYPE, proof, &self.key);
        self.show_tokens(&attestation, &proof, now())
    }

    fn show_tokens(&mut self, attestation: &str, proof: &str, now: Timestamp) -> Result<String, ErrorCode> {
        let key = self.attester.public();
        let door = Door { attester: ATTESTER, key: &key, server: SERVER };
        self.state.admit((attestation, proof), &door, now)
    }
}

/// A claim with another value, or without it where that is null.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    let members = claims.as_object_mut().unwrap();
    members.insert(name.to_owned(), value);
    members.retain(|_, value| !value.is_null());
    claims
}

#[test]
fn attestation_07_9_each_rule_of_an_attested_request_is_held() {
    let mut play = Play::new();
    let (attestation, proof) = (play.attestation(), play.proof("one"));
    assert_eq!(play.show(&attestation, &proof).as_deref(), Ok(CLIENT));

    let wrong = ErrorCode::InvalidClientAttestation;
    let other = HolderKey::make(&OsEntropy).public().to_jwk();
    let mut private = play.key.public().to_jwk();
    private["d"] = json!("AA");
    for (name, value, refusal) in [
        ("iss", json!("https://elsewhere.example"), wrong),
        ("sub", Value::Null, wrong),
        ("sub", json!("another-client"), wrong),
        ("exp", Value::Null, wrong),
        ("exp", json!(now().as_second()), ErrorCode::UseFreshAttestation),
        ("exp", json!(now().as_second() - 86_400), ErrorCode::UseFreshAttestation),
        ("cnf", Value::Null, wrong),
        ("cnf", json!({ "jwk": other }), wrong),
        ("cnf", json!({ "jwk": private }), wrong),
    ] {
        let proof = play.proof(&random_word(&OsEntropy));
        let attestation = with(&attestation, name, value.clone());
        assert_eq!(play.show(&attestation, &proof), Err(refusal), "{name} {value}");
    }
    let (early, late) = (now().as_second() - 3_600, now().as_second() + 3_600);
    for (name, value, refusal) in [
        ("aud", json!("https://localhost:8443"), wrong),
        ("aud", json!(format!("{SERVER}/")), wrong),
        ("aud", Value::Null, wrong),
        ("iss", json!("another-client"), wrong),
        ("iat", json!(early), wrong),
        ("iat", json!(late), wrong),
        ("iat", Value::Null, wrong),
        ("jti", Value::Null, wrong),
        ("jti", json!("one"), wrong),
        ("jti", json!("x".repeat(ID_BYTES + 1)), wrong),
        ("challenge", Value::Null, ErrorCode::UseAttestationChallenge),
        ("challenge", json!("never given out"), ErrorCode::UseAttestationChallenge),
    ] {
        let proof = play.proof(&random_word(&OsEntropy));
        let proof = with(&proof, name, value.clone());
        assert_eq!(play.show(&attestation, &proof), Err(refusal), "{name} {value}");
    }
    assert_eq!(play.state.sent_back(), 2);
}

#[test]
fn attestation_07_9_tokens_of_another_type_or_signer_are_none() {
    let mut play = Play::new();
    let (attestation, proof) = (play.attestation(), play.proof("one"));
    let good =
        (signed(ATTESTATION_TYPE, &attestation, &play.attester), signed(ATTESTATION_PROOF_TYPE, &proof, &play.key));
    let stranger = IssuerKey::make_p256(&OsEntropy);
    let holder = HolderKey::make(&OsEntropy);
    let other_kind = IssuerKey::make_ed25519(&OsEntropy);
    for (attestation, proof) in [
        (signed("jwt", &attestation, &play.attester), good.1.clone()),
        (good.0.clone(), signed("jwt", &proof, &play.key)),
        (signed(ATTESTATION_TYPE, &attestation, &stranger), good.1.clone()),
        (signed(ATTESTATION_TYPE, &attestation, &other_kind), good.1.clone()),
        (good.0.clone(), signed(ATTESTATION_PROOF_TYPE, &proof, &holder)),
        (good.1.clone(), good.0.clone()),
        ("no token".to_owned(), good.1.clone()),
        (good.0.clone(), String::new()),
    ] {
        let refusal = play.show_tokens(&attestation, &proof, now());
        assert_eq!(refusal, Err(ErrorCode::InvalidClientAttestation), "{attestation:.40}");
    }
    assert!(play.show_tokens(&good.0, &good.1, now()).is_ok(), "nothing of it was spent by those");
}

#[test]
fn attestation_07_12_1_a_proof_is_good_once_and_so_is_a_challenge() {
    let mut play = Play::new();
    let (attestation, proof) = (play.attestation(), play.proof("one"));
    let tokens =
        (signed(ATTESTATION_TYPE, &attestation, &play.attester), signed(ATTESTATION_PROOF_TYPE, &proof, &play.key));
    assert!(play.show_tokens(&tokens.0, &tokens.1, now()).is_ok());
    assert_eq!(play.show_tokens(&tokens.0, &tokens.1, now()), Err(ErrorCode::InvalidClientAttestation));
    let again = with(&proof, "jti", json!("two"));
    assert_eq!(play.show(&attestation, &again), Err(ErrorCode::UseAttestationChallenge));

    // One that was not used in time is no longer good either.
    let slow = play.proof("three");
    let at = later(now(), CHALLENGE_SECONDS);
    let slow = with(&slow, "iat", json!(at.as_second()));
    let attestation = with(&attestation, "exp", json!(at.as_second() + 60));
    let attestation = signed(ATTESTATION_TYPE, &attestation, &play.attester);
    let slow = signed(ATTESTATION_PROOF_TYPE, &slow, &play.key);
    assert_eq!(play.show_tokens(&attestation, &slow, at), Err(ErrorCode::UseAttestationChallenge));
}

#[test]
fn attestation_07_6_1_two_headers_of_one_name_are_none() {
    let mut headers = HeaderMap::new();
    assert_eq!(one(&headers, &PROOF), None);
    headers.append(PROOF, HeaderValue::from_static("a"));
    assert_eq!(one(&headers, &PROOF), Some("a"));
    headers.append(PROOF, HeaderValue::from_static("a"));
    assert_eq!(one(&headers, &PROOF), None);
}

#[test]
fn the_course_is_of_the_institution() {
    assert!(Course::find(COURSE).is_some_and(Course::is_ours));
}
