//! Logs of our own making, and every way in which they can be wrong.

use leerpas_core::CountingEntropy;
use serde_json::{Value, json};

use super::{entry::hash, *};
use crate::{
    did::{Purpose, host_of},
    json::canonical,
    keys::{IssuerKey, Signer},
};

struct Controller {
    keys: Vec<IssuerKey>,
    now: Timestamp,
}

impl Controller {
    fn new() -> Self {
        let entropy = CountingEntropy::default();
        let keys = (0..5).map(|_| IssuerKey::make_ed25519(&entropy)).collect();
        Self { keys, now: "2026-11-24T12:00:00Z".parse().unwrap() }
    }

    fn multikey(&self, key: usize) -> String {
        self.keys[key].public().to_multikey().unwrap()
    }

    fn proof(&self, key: usize, document: &Value) -> Value {
        let multikey = self.multikey(key);
        let mut proof = json!({"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": format!("did:key:{multikey}#{multikey}"), "created": "2026-11-01T00:00:00Z",
            "proofPurpose": "assertionMethod"});
        let bytes = proof::signed_bytes(proof.as_object().unwrap(), document).unwrap();
        proof["proofValue"] = format!("z{}", bs58::encode(self.keys[key].sign(&bytes)).into_string()).into();
        proof
    }

    /// Hashes and signs an entry that is to follow `before`, the version before or the SCID.
    fn seal(&self, mut entry: Value, number: usize, before: &str, key: usize) -> Value {
        entry["versionId"] = before.into();
        entry["versionId"] = format!("{number}-{}", hash(&canonical(entry.as_object().unwrap()).unwrap())).into();
        let proof = self.proof(key, &entry);
        entry["proof"] = json!([proof]);
        entry
    }

    fn first(&self, parameters: Value) -> (String, Value) {
        let mut parameters = parameters;
        parameters["scid"] = "{SCID}".into();
        let did = "did:webvh:{SCID}:school.example";
        let entry = json!({"versionId": "{SCID}", "versionTime": "2026-11-01T00:00:00Z", "parameters": parameters,
            "state": self.state(did)});
        let scid = hash(&canonical(entry.as_object().unwrap()).unwrap());
        let entry: Value = serde_json::from_str(&entry.to_string().replace("{SCID}", &scid)).unwrap();
        (format!("did:webvh:{scid}:school.example"), self.seal(entry, 1, &scid, 0))
    }

    fn state(&self, did: &str) -> Value {
        json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "verificationMethod": [{"id": format!("{did}#k"),
            "type": "Multikey", "controller": did, "publicKeyMultibase": self.multikey(4)}], "assertionMethod": ["#k"]})
    }

    fn next(&self, before: &Value, number: usize, parameters: Value, did: &str, key: usize) -> Value {
        let entry = json!({"versionId": "", "versionTime": format!("2026-11-0{number}T00:00:00Z"),
            "parameters": parameters, "state": self.state(did)});
        self.seal(entry, number, before["versionId"].as_str().unwrap(), key)
    }

    fn plain(&self) -> Value {
        json!({"method": "did:webvh:1.0", "updateKeys": [self.multikey(0)]})
    }

    fn log(&self, did: &str, entries: &[&Value]) -> Result<Log, LogError> {
        let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
        Log::parse(lines.join("\n").as_bytes(), did, self.now)
    }
}

/// A DID whose one key for credentials is this, its log, and the proof of its one witness.
pub(crate) fn sample(key: &crate::keys::PublicKey) -> (String, Vec<u8>, Vec<u8>) {
    let world = Controller::new();
    let (did, first) = world.first(json!({"method": "did:webvh:1.0", "updateKeys": [world.multikey(0)],
        "witness": {"threshold": 1, "witnesses": [{"id": format!("did:key:{}", world.multikey(1))}]}}));
    let mut second = json!({"versionTime": "2026-11-02T00:00:00Z", "parameters": {}, "state": world.state(&did)});
    second["state"]["verificationMethod"][0]["publicKeyMultibase"] = key.to_multikey().unwrap().into();
    let second = world.seal(second, 2, first["versionId"].as_str().unwrap(), 0);
    let id = json!({"versionId": second["versionId"]});
    let proofs = json!([{"versionId": second["versionId"], "proof": [world.proof(1, &id)]}]);
    (did, format!("{first}\n{second}\n").into_bytes(), proofs.to_string().into_bytes())
}

#[test]
fn did_webvh_the_address_of_log_and_witnesses() {
    let of = |did: &str| document_url(did).map(|url| url.map(|url| url.to_string()));
    let log = |address: &str| Ok(Some(address.to_owned()));
    assert_eq!(of("did:webvh:QmA:school.example"), log("https://school.example/.well-known/did.jsonl"));
    assert_eq!(of("did:webvh:QmA:school.example%3A8443:a:b"), log("https://school.example:8443/a/b/did.jsonl"));
    assert_eq!(
        witness_url("did:webvh:QmA:school.example:a").unwrap().as_str(),
        "https://school.example/a/did-witness.json"
    );
    assert_eq!(host_of("did:webvh:QmA:school.example:a").as_deref(), Some("school.example"));
    for bad in
        ["did:webvh:QmA", "did:webvh:", "did:webvh::school.example", "did:webvh:QmA:127.0.0.1", "did:webvh:QmA:a:.."]
    {
        assert_eq!(of(bad), Err(DidError::Malformed), "{bad}");
    }
    assert!(witness_url("did:web:school.example").is_err());
}

#[test]
fn did_webvh_a_log_that_holds_gives_the_last_document() {
    let world = Controller::new();
    let (did, first) = world.first(world.plain());
    let second = world.next(&first, 2, json!({"updateKeys": [world.multikey(1)]}), &did, 0);
    let third = world.next(&second, 3, json!({}), &did, 1);
    let log = world.log(&did, &[&first, &second, &third]).unwrap();
    assert!(!log.is_witnessed());
    let key = log.into_document().unwrap().key(&format!("{did}#k"), Purpose::Assertion).unwrap();
    assert_eq!(key, world.keys[4].public());
}

#[test]
fn did_webvh_scid_and_entry_hashes_bind_every_byte() {
    let world = Controller::new();
    let (did, first) = world.first(world.plain());
    let second = world.next(&first, 2, json!({}), &did, 0);
    let mut other = first.clone();
    other["state"]["assertionMethod"] = json!([]);
    assert_eq!(world.log(&did, &[&other]).unwrap_err(), LogError::OtherDid);
    let mut other = second.clone();
    other["state"]["assertionMethod"] = json!([]);
    assert_eq!(world.log(&did, &[&first, &other]).unwrap_err(), LogError::Chain);
    assert_eq!(world.log(&did, &[&first, &second, &second]).unwrap_err(), LogError::Chain);
    assert_eq!(world.log(&did, &[&second]).unwrap_err(), LogError::Method, "the beginning is gone");
    let elsewhere = did.replace("school", "evil");
    assert_eq!(world.log(&elsewhere, &[&first]).unwrap_err(), LogError::OtherDid);
    let (another, theirs) = world.first(json!({"method": "did:webvh:1.0", "updateKeys": [world.multikey(1)]}));
    assert_ne!(another, did);
    assert_eq!(world.log(&did, &[&theirs]).unwrap_err(), LogError::OtherDid);
}

#[test]
fn did_webvh_authorised_keys_are_those_of_the_entry_before() {
    let world = Controller::new();
    let (did, first) = world.first(world.plain());
    let stolen = world.next(&first, 2, json!({"updateKeys": [world.multikey(1)]}), &did, 1);
    assert_eq!(world.log(&did, &[&first, &stolen]).unwrap_err(), LogError::Unauthorised);
    let mut unsigned = world.next(&first, 2, json!({}), &did, 0);
    unsigned["proof"] = json!([]);
    assert_eq!(world.log(&did, &[&first, &unsigned]).unwrap_err(), LogError::Unauthorised);
    for (member, value) in
        [("cryptosuite", "eddsa-rdfc-2022"), ("proofPurpose", "authentication"), ("proofValue", "z1")]
    {
        let mut odd = world.next(&first, 2, json!({}), &did, 0);
        odd["proof"][0][member] = value.into();
        assert_eq!(world.log(&did, &[&first, &odd]).unwrap_err(), LogError::Unauthorised, "{member}");
    }
    let mut halves = world.next(&first, 2, json!({}), &did, 1);
    let (mine, theirs) = (world.multikey(1), world.multikey(0));
    halves["proof"][0]["verificationMethod"] = format!("did:key:{mine}#{theirs}").into();
    assert_eq!(world.log(&did, &[&first, &halves]).unwrap_err(), LogError::Unauthorised);
}

#[test]
fn did_webvh_pre_rotation_lets_only_announced_keys_in() {
    let world = Controller::new();
    let mut parameters = world.plain();
    parameters["nextKeyHashes"] = json!([hash(&world.multikey(1))]);
    let (did, first) = world.first(parameters);
    let good = json!({"updateKeys": [world.multikey(1)], "nextKeyHashes": []});
    let second = world.next(&first, 2, good, &did, 1);
    assert!(world.log(&did, &[&first, &second]).is_ok());
    let both = json!({"updateKeys": [world.multikey(1), world.multikey(2)], "nextKeyHashes": []});
    for bad in [json!({}), json!({"updateKeys": [world.multikey(1)]}), both] {
        let second = world.next(&first, 2, bad, &did, 1);
        assert_eq!(world.log(&did, &[&first, &second]).unwrap_err(), LogError::NotAnnounced);
    }
    let stolen = json!({"updateKeys": [world.multikey(1)], "nextKeyHashes": []});
    let second = world.next(&first, 2, stolen, &did, 0);
    assert_eq!(world.log(&did, &[&first, &second]).unwrap_err(), LogError::Unauthorised, "the old key signs no more");
}

#[test]
fn did_webvh_only_a_portable_did_moves_and_never_becomes_portable() {
    let world = Controller::new();
    let mut parameters = world.plain();
    parameters["portable"] = true.into();
    let (did, first) = world.first(parameters);
    let moved = did.replace("school.example", "new.example");
    let second = world.next(&first, 2, json!({}), &moved, 0);
    assert!(world.log(&moved, &[&first, &second]).is_ok());
    assert_eq!(world.log(&did, &[&first, &second]).unwrap_err(), LogError::OtherDid, "only where it is now");
    let (did, first) = world.first(world.plain());
    let moved = did.replace("school.example", "new.example");
    let second = world.next(&first, 2, json!({}), &moved, 0);
    assert_eq!(world.log(&moved, &[&first, &second]).unwrap_err(), LogError::Moved);
    let second = world.next(&first, 2, json!({"portable": true}), &did, 0);
    assert_eq!(world.log(&did, &[&first, &second]).unwrap_err(), LogError::Moved);
}

#[test]
fn did_webvh_an_ended_did_has_no_document_and_no_future() {
    let world = Controller::new();
    let (did, first) = world.first(world.plain());
    let end = world.next(&first, 2, json!({"deactivated": true, "updateKeys": []}), &did, 0);
    let log = world.log(&did, &[&first, &end]).unwrap();
    assert_eq!(log.into_document().unwrap_err(), DidError::Deactivated);
    let more = world.next(&end, 3, json!({"deactivated": false}), &did, 0);
    assert_eq!(world.log(&did, &[&first, &end, &more]).unwrap_err(), LogError::AfterEnd);
}

#[test]
fn did_webvh_witnesses_reach_their_threshold() {
    let world = Controller::new();
    let mut parameters = world.plain();
    let witness = |key: usize| json!({"id": format!("did:key:{}", world.multikey(key))});
    parameters["witness"] = json!({"threshold": 2, "witnesses": [witness(1), witness(2), witness(3)]});
    let (did, first) = world.first(parameters.clone());
    let second = world.next(&first, 2, json!({"witness": {}}), &did, 0);
    let log = world.log(&did, &[&first, &second]).unwrap();
    assert!(log.is_witnessed());
    let by = |version: &Value, keys: &[usize]| {
        let id = &version["versionId"];
        let proofs: Vec<Value> = keys.iter().map(|key| world.proof(*key, &json!({"versionId": id}))).collect();
        json!([{"versionId": id, "proof": proofs}]).to_string()
    };
    assert_eq!(log.check_witnesses(by(&second, &[1, 3]).as_bytes()), Ok(()), "for all before as well");
    for few in [by(&second, &[1]), by(&second, &[1, 1]), by(&second, &[0, 4]), by(&first, &[1, 2]), "[]".to_owned()] {
        assert_eq!(log.check_witnesses(few.as_bytes()), Err(LogError::Witnesses), "{few:.60}");
    }
    let unpublished = json!({"versionId": "3-QmX"});
    assert_eq!(log.check_witnesses(by(&unpublished, &[1, 2]).as_bytes()), Err(LogError::Witnesses));
    assert_eq!(log.check_witnesses(b"{}"), Err(LogError::Malformed));
    for bad in [
        json!({"threshold": 4, "witnesses": [witness(1)]}),
        json!({"threshold": 0, "witnesses": [witness(1)]}),
        json!({"threshold": 1, "witnesses": []}),
        json!({"threshold": 1, "witnesses": [witness(1), witness(1)]}),
        json!({"threshold": 1, "witnesses": [{"id": "did:web:a.example"}]}),
        json!({"witnesses": [witness(1)]}),
    ] {
        parameters["witness"] = bad.clone();
        let (did, first) = world.first(parameters.clone());
        assert_eq!(world.log(&did, &[&first]).unwrap_err(), LogError::Malformed, "{bad}");
    }
}

#[test]
fn did_webvh_time_version_and_shape() {
    let world = Controller::new();
    let (did, first) = world.first(world.plain());
    let late = world.next(&first, 9, json!({}), &did, 0);
    assert_eq!(world.log(&did, &[&first, &late]).unwrap_err(), LogError::Chain, "numbers follow one another");
    let early = Controller { now: "2026-10-01T00:00:00Z".parse().unwrap(), ..Controller::new() };
    assert_eq!(early.log(&did, &[&first]).unwrap_err(), LogError::Time);
    for method in [json!("did:webvh:0.5"), json!("did:webvh:2.0"), json!(null), json!(1)] {
        let mut parameters = world.plain();
        parameters["method"] = method;
        let (did, first) = world.first(parameters);
        assert_eq!(world.log(&did, &[&first]).unwrap_err(), LogError::Method);
    }
    for bad in ["", "{}", "[]", "null", "{\"versionId\":1}", "<html>"] {
        assert_eq!(Log::parse(bad.as_bytes(), &did, world.now).unwrap_err(), LogError::Malformed, "{bad}");
    }
    let mut entries = vec![first];
    for number in 2..=limits::DID_LOG_ENTRIES + 1 {
        let before = entries.last().unwrap();
        let mut next = before.clone();
        next.as_object_mut().unwrap().shift_remove("proof");
        next["parameters"] = json!({});
        entries.push(world.seal(next, number, before["versionId"].as_str().unwrap(), 0));
    }
    let all: Vec<&Value> = entries.iter().collect();
    assert!(world.log(&did, &all[..limits::DID_LOG_ENTRIES]).is_ok());
    assert_eq!(world.log(&did, &all).unwrap_err(), LogError::TooLong);
}
