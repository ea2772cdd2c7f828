//! The published vectors of ecdsa-sd-2023, every step of them, and what they do not reach.

use std::{fs, path::PathBuf};

use leerpas_core::{CountingEntropy, Secret};
use proptest::prelude::*;

use super::*;
use crate::{
    data_integrity::proofs,
    keys::{Algorithm, IssuerKey},
};

fn vectors() -> Option<PathBuf> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = PathBuf::from(std::env::var("LEERPAS_VECTORS").unwrap_or_else(|_| here.to_owned()));
    let found = folder.is_dir().then(|| folder.join("data-integrity/ecdsa"));
    if found.is_none() {
        println!("skipped: no vectors");
    }
    found
}

fn read(path: PathBuf) -> Value {
    serde_json::from_str(&fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

/// The words of the citizenship context that the vectors use.
fn contexts() -> Contexts {
    let vocabulary = "https://w3id.org/citizenship#";
    let own = |names: &[&str]| -> Map<String, Value> {
        names.iter().map(|name| ((*name).to_owned(), json!(format!("{vocabulary}{name}")))).collect()
    };
    let shared = |names: &[&str]| -> Map<String, Value> {
        names.iter().map(|name| ((*name).to_owned(), json!(format!("https://schema.org/{name}")))).collect()
    };
    let class =
        |name: &str, terms: Map<String, Value>| json!({"@id": format!("{vocabulary}{name}"), "@context": terms});
    let date = |iri: String| json!({"@id": iri, "@type": "http://www.w3.org/2001/XMLSchema#dateTime"});
    let mut person = shared(&["additionalName", "familyName", "gender", "givenName"]);
    person.append(&mut own(&["birthCountry"]));
    person.insert("birthDate".to_owned(), date("https://schema.org/birthDate".to_owned()));
    person.insert("residentSince".to_owned(), date(format!("{vocabulary}residentSince")));
    let mut card = own(&["lprCategory", "lprNumber"]);
    card.append(&mut shared(&["identifier"]));
    let mut terms = own(&["EmploymentAuthorizationDocumentCredential", "PermanentResidentCardCredential"]);
    terms.append(&mut Map::from_iter([
        ("Person".to_owned(), json!({"@id": "https://schema.org/Person", "@context": person})),
        ("image".to_owned(), json!({"@id": "https://schema.org/image", "@type": "@id"})),
        ("EmployablePerson".to_owned(), class("EmployablePerson", own(&["employmentAuthorizationDocument"]))),
        ("EmploymentAuthorizationDocument".to_owned(), class("EmploymentAuthorizationDocument", card.clone())),
        (
            "PermanentResident".to_owned(),
            class("PermanentResident", own(&["commuterClassification", "permanentResidentCard"])),
        ),
        ("PermanentResidentCard".to_owned(), class("PermanentResidentCard", card)),
    ]));
    Contexts::known().with("https://w3id.org/citizenship/v4rc1", &json!({"@context": terms})).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A key that signs the same message in the same way each time, as the vectors were made (RFC 6979).
struct Repeating(HolderKey, p256::ecdsa::SigningKey);

impl Signer for Repeating {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn public(&self) -> PublicKey {
        self.0.public()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(&self.1, message);
        signature.to_bytes().to_vec()
    }
}

/// A private P-256 key as a Multikey: two bytes of multicodec, then the number.
fn private_key(text: &Value) -> Repeating {
    let bytes = bs58::decode(text.as_str().unwrap().strip_prefix('z').unwrap()).into_vec().unwrap();
    let number = bytes[2..].to_vec();
    let repeating = p256::ecdsa::SigningKey::from_slice(&number).unwrap();
    Repeating(HolderKey::from_secret(&Secret::new(number)).unwrap(), repeating)
}

fn pointers(list: &Value) -> Vec<Pointer> {
    list.as_array().unwrap().iter().map(|text| Pointer::parse(text.as_str().unwrap()).unwrap()).collect()
}

fn places(list: &Value) -> BTreeSet<usize> {
    serde_json::from_value(list.clone()).unwrap()
}

/// One of the two published examples.
struct Example {
    folder: PathBuf,
    unsigned: Value,
    mandatory: Vec<Pointer>,
    selective: Vec<Pointer>,
    contexts: Contexts,
}

impl Example {
    /// What was signed is taken from the signed file: the published input of the second example has another description
    /// than everything that was made from it.
    fn named(folder: &str, prefix: &str) -> Option<Self> {
        let vectors = vectors()?;
        let mut unsigned = read(vectors.join("ecdsa-sd-2023").join(folder).join("addSignedSDBase.json"));
        unsigned.as_object_mut().unwrap().remove("proof");
        Some(Self {
            unsigned,
            mandatory: pointers(&read(vectors.join(format!("{prefix}Mandatory.json")))),
            selective: pointers(&read(vectors.join(format!("{prefix}Selective.json")))),
            folder: vectors.join("ecdsa-sd-2023").join(folder),
            contexts: contexts(),
        })
    }

    fn file(&self, name: &str) -> Value {
        read(self.folder.join(name))
    }

    fn keys(&self) -> (Repeating, Repeating, [u8; 32]) {
        let keys = read(self.folder.join("../SDKeyMaterial.json"));
        let hmac = from_hex(keys["hmacKeyString"].as_str().unwrap()).try_into().unwrap();
        (
            private_key(&keys["baseKeyPair"]["secretKeyMultibase"]),
            private_key(&keys["proofKeyPair"]["secretKeyMultibase"]),
            hmac,
        )
    }

    /// Every file about the base proof.
    fn check_base(&self) {
        let (issuer, each, hmac) = self.keys();
        let statements = Statements::of(&self.unsigned, &hmac, &self.contexts).unwrap();
        let lines: Vec<&str> = statements.lines().collect();
        assert_eq!(json!(lines), self.file("addBaseDocHMACCanon.json"));
        let canonical = crate::jsonld::canonicalise_with(&self.unsigned, &self.contexts, HASH).unwrap();
        let canonical: Vec<&str> = canonical.split_inclusive('\n').collect();
        assert_eq!(json!(canonical), self.file("addBaseDocCanon.json"));

        let mandatory = statements.select(&self.mandatory);
        let transformed = self.file("addBaseTransform.json");
        for (name, wanted) in [("mandatory", true), ("nonMandatory", false)] {
            let group: Vec<_> =
                lines.iter().enumerate().filter(|(place, _)| mandatory.contains(place) == wanted).collect();
            assert_eq!(json!(group), transformed[name]["value"], "{name}");
        }
        let options = self.file("addProofConfig.json");
        let context = options["@context"].clone();
        let options = canonical_options(options.as_object().unwrap(), context, HASH, &self.contexts).unwrap();
        assert_eq!(options, fs::read_to_string(self.folder.join("addProofConfigCanon.txt")).unwrap());
        let proof_key = bs58::decode(&each.public().to_multikey().unwrap()[1..]).into_vec().unwrap();
        let message = base_message(&options, &proof_key.try_into().unwrap(), lines.iter().copied(), &mandatory);
        let hashes = self.file("addHashData.json");
        assert_eq!(hex(&message[..32]), hashes["proofHash"]);
        assert_eq!(hex(&message[67..]), hashes["mandatoryHash"]);

        let config = self.file("addProofConfig.json");
        let options = ProofOptions {
            verification_method: config["verificationMethod"].as_str().unwrap().to_owned(),
            purpose: "assertionMethod".to_owned(),
            created: config["created"].as_str().unwrap().parse().unwrap(),
            challenge: None,
            domain: None,
        };
        let unsigned = self.unsigned.clone();
        let signed = sign_base_with(unsigned, &options, &self.mandatory, &issuer, &each, hmac, &self.contexts).unwrap();
        let proof = &proofs(&signed).unwrap()[0];
        let SdValue::Base(base) = SdValue::read(proof.value()).unwrap() else { panic!("no base proof") };
        let raw = self.file("addRawBaseSignatureInfo.json");
        assert_eq!(hex(&base.base_signature), raw["baseSignature"]);
        assert_eq!(json!(base.signatures.iter().map(|one| hex(one)).collect::<Vec<_>>()), raw["signatures"]);
        assert_eq!(signed, self.file("addSignedSDBase.json"));
        verify(&signed, proof, &issuer.public(), &self.contexts).unwrap();
    }

    /// Every file about the derived proof.
    fn check_derived(&self) {
        let (issuer, _, hmac) = self.keys();
        let signed = self.file("addSignedSDBase.json");
        let proof = &proofs(&signed).unwrap()[0];
        let statements = Statements::of(&self.unsigned, &hmac, &self.contexts).unwrap();
        let groups = self.file("derivedGroupIndexes.json");
        assert_eq!(statements.select(&self.mandatory), places(&groups["mandatoryIndexes"]));
        assert_eq!(statements.select(&self.selective), places(&groups["selectiveIndexes"]));
        let combined = [self.mandatory.clone(), self.selective.clone()].concat();
        assert_eq!(statements.select(&combined), places(&groups["combinedIndexes"]));

        let SdValue::Base(base) = SdValue::read(proof.value()).unwrap() else { panic!("no base proof") };
        let recovered = self.file("derivedRecoveredBaseData.json");
        assert_eq!(hex(&base.hmac_key), recovered["hmacKey"]);
        assert_eq!(base.mandatory, self.mandatory);
        let Disclosed { part, value } = disclose(&self.unsigned, base, &self.selective, &self.contexts).unwrap();
        assert_eq!(part, self.file("derivedUnsignedReveal.json"));
        let data = self.file("derivedDisclosureData.json");
        assert_eq!(json!(value.signatures.iter().map(|one| hex(one)).collect::<Vec<_>>()), data["signatures"]);
        assert_eq!(json!(value.mandatory), data["mandatoryIndexes"]);
        let labels: Vec<_> =
            value.labels.iter().map(|(number, name)| (format!("c14n{number}"), to_multibase(name))).collect();
        assert_eq!(json!(labels), data["labelMap"]["value"]);
        let seen = relabelled(&part, &value.labels, &self.contexts).unwrap();
        assert_eq!(json!(seen), self.file("verifyNQuads.json"));

        let derived = derive_with(&signed, proof, &self.selective, &self.contexts).unwrap();
        assert_eq!(derived, self.file("derivedRevealDocument.json"));
        let proof = &proofs(&derived).unwrap()[0];
        assert_eq!(disclosure(proof), Some(Disclosure::Derived));
        verify(&derived, proof, &issuer.public(), &self.contexts).unwrap();
    }
}

fn employment() -> Option<Example> {
    Example::named("employ", "employ")
}

fn resident() -> Option<Example> {
    Example::named("prc", "prCred")
}

#[test]
fn vc_di_ecdsa_sd_2023_employment_base() {
    if let Some(example) = employment() {
        example.check_base();
    }
}

#[test]
fn vc_di_ecdsa_sd_2023_employment_derived() {
    if let Some(example) = employment() {
        example.check_derived();
    }
}

#[test]
fn vc_di_ecdsa_sd_2023_resident_base() {
    if let Some(example) = resident() {
        example.check_base();
    }
}

#[test]
fn vc_di_ecdsa_sd_2023_resident_derived() {
    if let Some(example) = resident() {
        example.check_derived();
    }
}

/// An Open Badge with nameless nodes that look alike, and a list of them.
fn badge() -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
        ],
        "id": "urn:uuid:9f2b6c3e-8c0a-4f0e-9d55-0d3e1c7a1b11",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Datastructuren",
        "issuer": {"id": "did:example:school", "type": ["Profile"], "name": "Hogeschool Voorbeeld"},
        "validFrom": "2026-02-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11", "type": ["Achievement"],
                "name": "Datastructuren", "description": "Lijsten en bomen", "criteria": {"narrative": "Toets"}
            },
            "result": [
                {"type": ["Result"], "value": "8"},
                {"type": ["Result"], "value": "7"},
                {"type": ["Result"], "value": "7"}
            ]
        }
    })
}

fn options() -> ProofOptions {
    ProofOptions {
        verification_method: "did:example:school#key-1".to_owned(),
        purpose: "assertionMethod".to_owned(),
        created: "2026-02-01T12:00:00Z".parse().unwrap(),
        challenge: None,
        domain: None,
    }
}

fn signed(document: Value, mandatory: &[&str]) -> (Value, IssuerKey) {
    let entropy = CountingEntropy::default();
    let key = IssuerKey::make_p256(&entropy);
    let mandatory: Vec<Pointer> = mandatory.iter().map(|text| Pointer::parse(text).unwrap()).collect();
    (sign_base(document, &options(), &mandatory, &key, &entropy).unwrap(), key)
}

fn derived(signed: &Value, selective: &[&str]) -> Result<Value, ProofError> {
    let selective: Vec<Pointer> = selective.iter().map(|text| Pointer::parse(text).unwrap()).collect();
    derive(signed, &proofs(signed).unwrap()[0], &selective)
}

fn holds(document: &Value, key: &IssuerKey) -> Result<(), ProofError> {
    verify(document, &proofs(document).unwrap()[0], &key.public(), Contexts::known())
}

/// Writes another proof value.
fn with_value(document: &Value, change: impl FnOnce(&mut DerivedValue)) -> Value {
    let SdValue::Derived(mut value) = SdValue::read(proofs(document).unwrap()[0].value()).unwrap() else {
        panic!("no derived proof")
    };
    change(&mut value);
    let mut other = document.clone();
    other["proof"]["proofValue"] = json!(to_multibase(&value.to_bytes()));
    other
}

#[test]
fn every_choice_of_claims_verifies_and_holds_nothing_else() {
    let (base, key) = signed(badge(), &["/issuer", "/validFrom"]);
    holds(&base, &key).unwrap();
    for chosen in [
        &[][..],
        &["/name"],
        &["/credentialSubject"],
        &["/credentialSubject/result/1"],
        &["/credentialSubject/result/2/value", "/credentialSubject/result/0"],
        &["/credentialSubject/result/1/value", "/credentialSubject/result/2/value"],
        &["/credentialSubject/achievement/criteria/narrative"],
        &["/credentialSubject/achievement/name", "/credentialSubject/id"],
        &[""],
    ] {
        let part = derived(&base, chosen).unwrap();
        holds(&part, &key).unwrap_or_else(|error| panic!("{chosen:?}: {error}"));
        let shown = part.to_string();
        assert_eq!(shown.contains("Lijsten en bomen"), [&["/credentialSubject"][..], &[""]].contains(&chosen));
        assert!(shown.contains("Hogeschool Voorbeeld"), "{chosen:?}");
    }
}

/// Every place of a document that a pointer can lead to.
fn all_places(value: &Value, above: &mut Vec<String>, places: &mut Vec<Pointer>) {
    places.push(Pointer::of(above.iter().cloned()));
    let mut below = |name: String, value: &Value| {
        above.push(name);
        all_places(value, above, places);
        above.pop();
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| below(name.clone(), member)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| below(index.to_string(), item)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn vc_di_ecdsa_3_5_4_any_places_under_any_mandatory_ones_verify_and_show_themselves(
        mandatory in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..5),
    ) {
        let mut places = Vec::new();
        all_places(&badge(), &mut Vec::new(), &mut places);
        let pick = |indexes: &[prop::sample::Index]| -> Vec<Pointer> {
            indexes.iter().map(|index| index.get(&places).clone()).collect()
        };
        let (mandatory, chosen) = (pick(&mandatory), pick(&chosen));
        let entropy = CountingEntropy::default();
        let key = IssuerKey::make_p256(&entropy);
        let base = sign_base(badge(), &options(), &mandatory, &key, &entropy).unwrap();
        holds(&base, &key).unwrap();
        let part = derive(&base, &proofs(&base).unwrap()[0], &chosen).unwrap();
        holds(&part, &key).unwrap();
        let text = part.to_string();
        for place in mandatory.iter().chain(&chosen) {
            let shown = base.pointer(&place.to_string()).unwrap();
            prop_assert!(!shown.is_string() || text.contains(&shown.to_string()), "{}", place);
        }
    }
}

proptest! {
    #[test]
    fn a_proof_value_that_is_read_has_one_form(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        derive_first in any::<bool>(),
    ) {
        let (base, _) = signed(badge(), &["/issuer"]);
        let document = if derive_first { derived(&base, &["/name"]).unwrap() } else { base };
        let mut bytes = proofs(&document).unwrap()[0].value().to_vec();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        match SdValue::read(&bytes) {
            Ok(SdValue::Base(value)) => prop_assert_eq!(value.to_bytes(), bytes),
            Ok(SdValue::Derived(value)) => {
                // Places and labels may come in any order, and are written in theirs.
                prop_assert_eq!(SdValue::read(&value.to_bytes()), Ok(SdValue::Derived(value)));
            }
            Err(error) => prop_assert_eq!(error, ProofError::Malformed { member: "proofValue" }),
        }
    }
}

#[test]
fn any_change_of_what_is_signed_shows() {
    let (base, key) = signed(badge(), &["/issuer"]);
    let part = derived(&base, &["/credentialSubject/result/0", "/validFrom"]).unwrap();
    for (document, place, value) in [
        (&base, "/credentialSubject/result/1/value", json!("9")),
        (&base, "/issuer/name", json!("Andere school")),
        (&base, "/proof/created", json!("2026-03-01T12:00:00Z")),
        (&part, "/credentialSubject/result/0/value", json!("9")),
        (&part, "/issuer/name", json!("Andere school")),
        (&part, "/validFrom", json!("2020-01-01T00:00:00Z")),
        (&part, "/proof/proofPurpose", json!("authentication")),
    ] {
        let mut other = document.clone();
        *other.pointer_mut(place).unwrap() = value;
        assert!(holds(&other, &key).is_err(), "{place}");
    }
    let entropy = CountingEntropy::default();
    let (_, stranger) = (IssuerKey::make_p256(&entropy), IssuerKey::make_p256(&entropy));
    assert!(holds(&part, &stranger).is_err());
    let wrong = IssuerKey::make_ed25519(&CountingEntropy::default());
    assert_eq!(holds(&part, &wrong), Err(ProofError::WrongKey));
}

#[test]
fn security_b22_a_mandatory_statement_cannot_be_left_out_or_made_optional() {
    let (base, key) = signed(badge(), &["/issuer", "/validFrom"]);
    let part = derived(&base, &["/name"]).unwrap();
    let mut without = part.clone();
    without.as_object_mut().unwrap().remove("validFrom");
    assert!(holds(&without, &key).is_err());
    let fewer = with_value(&part, |value| {
        value.mandatory.pop_last();
    });
    assert!(holds(&fewer, &key).is_err());
    let more = with_value(&part, |value| value.mandatory = (0..20).collect());
    assert_eq!(holds(&more, &key), Err(ProofError::Malformed { member: "proofValue" }));
    // The pointers of a base proof are signed through the statements that they select.
    let SdValue::Base(mut value) = SdValue::read(proofs(&base).unwrap()[0].value()).unwrap() else { panic!("no base") };
    value.mandatory.pop();
    let mut forged = base.clone();
    forged["proof"]["proofValue"] = json!(to_multibase(&value.to_bytes()));
    assert!(holds(&forged, &key).is_err());
}

#[test]
fn security_b22_two_nodes_cannot_pass_for_one() {
    let (base, key) = signed(badge(), &["/issuer"]);
    let part = derived(&base, &["/credentialSubject/result/0", "/credentialSubject/result/1"]).unwrap();
    holds(&part, &key).unwrap();
    let merged = with_value(&part, |value| {
        let first = *value.labels.values().next().unwrap();
        value.labels.values_mut().for_each(|name| *name = first);
    });
    // It does not get as far as the signatures.
    assert_eq!(holds(&merged, &key), Err(ProofError::Malformed { member: "proofValue" }));
    let unnamed = with_value(&part, |value| {
        value.labels.pop_last();
    });
    assert_eq!(holds(&unnamed, &key), Err(ProofError::Malformed { member: "proofValue" }));
}

#[test]
fn a_derived_proof_is_derived_no_further_and_pointers_lead_somewhere() {
    let (base, _) = signed(badge(), &["/issuer"]);
    let part = derived(&base, &["/name"]).unwrap();
    assert_eq!(derived(&part, &["/name"]), Err(ProofError::Derivation));
    assert_eq!(derived(&base, &["/credentialSubject/gpa"]), Err(ProofError::Pointer));
    let (nothing, _) = signed(badge(), &[]);
    assert_eq!(derived(&nothing, &[]), Err(ProofError::Derivation));
    let entropy = CountingEntropy::default();
    let refused =
        sign_base(badge(), &options(), &[Pointer::parse("/x").unwrap()], &IssuerKey::make_p256(&entropy), &entropy);
    assert_eq!(refused, Err(ProofError::Pointer));
}

#[test]
fn a_proof_value_of_any_other_shape_is_refused() {
    let (base, _) = signed(badge(), &["/issuer"]);
    let bytes = proofs(&base).unwrap()[0].value().to_vec();
    assert!(SdValue::read(&bytes).is_ok());
    for length in 0..bytes.len() {
        assert!(SdValue::read(&bytes[..length]).is_err(), "{length}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(SdValue::read(&longer).is_err());
    let mut other = bytes;
    other[2] = 2;
    assert!(SdValue::read(&other).is_err());
}
