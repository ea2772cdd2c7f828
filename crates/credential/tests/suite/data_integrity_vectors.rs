//! The test vectors of W3C for Data Integrity, every step of them: canonical forms, hashes, signatures.

use std::{fs, path::PathBuf};

use leerpas_credential::{
    data_integrity::{Proof, ProofError, SignedData, proofs, verify_proof_with},
    jsonld::{Contexts, HashAlgorithm},
    keys::PublicKey,
};
use serde_json::{Value, json};

fn vectors() -> Option<PathBuf> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = PathBuf::from(std::env::var("LEERPAS_VECTORS").unwrap_or_else(|_| here.to_owned()));
    let found = folder.is_dir().then(|| folder.join("data-integrity"));
    if found.is_none() {
        println!("skipped: no vectors");
    }
    found
}

fn text(path: PathBuf) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read(path: PathBuf) -> Value {
    serde_json::from_str(&text(path)).unwrap()
}

/// The vectors use two contexts that no Dutch badge does: one that makes any word a term, and one about citizenship,
/// of which the words that occur are written here.
fn contexts() -> Contexts {
    let citizenship = "https://w3id.org/citizenship#";
    let scope = |names: &[&str], schema: &[&str]| {
        let own = names.iter().map(|name| ((*name).to_owned(), json!(format!("{citizenship}{name}"))));
        let shared = schema.iter().map(|name| ((*name).to_owned(), json!(format!("https://schema.org/{name}"))));
        Value::Object(own.chain(shared).collect())
    };
    let mut terms = json!({
        "EmploymentAuthorizationDocumentCredential": format!("{citizenship}EmploymentAuthorizationDocumentCredential"),
        "EmployablePerson": {"@id": format!("{citizenship}EmployablePerson"),
            "@context": scope(&["employmentAuthorizationDocument"], &[])},
        "Person": {"@id": "https://schema.org/Person", "@context":
            scope(&["residentSince", "birthCountry"], &["additionalName", "familyName", "gender", "givenName"])},
        "EmploymentAuthorizationDocument": {"@id": format!("{citizenship}EmploymentAuthorizationDocument"),
            "@context": scope(&["lprCategory", "lprNumber"], &["identifier"])},
        "image": {"@id": "https://schema.org/image", "@type": "@id"}
    });
    terms["Person"]["@context"]["birthDate"] =
        json!({"@id": "https://schema.org/birthDate", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"});
    terms["Person"]["@context"]["residentSince"] =
        json!({"@id": format!("{citizenship}residentSince"), "@type": "http://www.w3.org/2001/XMLSchema#dateTime"});
    Contexts::known()
        .with(
            "https://www.w3.org/ns/credentials/examples/v2",
            &json!({"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}),
        )
        .and_then(|contexts| contexts.with("https://w3id.org/citizenship/v4rc1", &json!({"@context": terms})))
        .unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks every file of one suite: `suffix` is what the file names end with.
fn check(folder: &str, suffix: &str, hash: HashAlgorithm) {
    let Some(vectors) = vectors() else { return };
    let folder = vectors.join(folder);
    let file = |name: &str| folder.join(format!("{name}{suffix}.txt"));
    let signed = read(folder.join(format!("signed{suffix}.json")));
    let proof = &proofs(&signed).unwrap()[0];
    let steps = SignedData::of(&signed, proof.members(), hash, &contexts()).unwrap();
    assert_eq!(steps.document, text(file("canonDoc")));
    assert_eq!(steps.options, text(file("proofCanon")));
    let message = hex(&steps.message());
    assert_eq!(message, text(file("combinedHash")).trim());
    assert_eq!(message, format!("{}{}", text(file("proofHash")).trim(), text(file("docHash")).trim()));

    let method = proof.verification_method.rsplit_once('#').unwrap().1;
    let key = PublicKey::from_multikey(method).unwrap();
    verify_proof_with(&signed, proof, &key, &contexts()).unwrap();
    let mut changed = signed.clone();
    changed["name"] = json!("Another name");
    assert!(matches!(verify_proof_with(&changed, proof, &key, &contexts()), Err(ProofError::Signature(_))));
}

#[test]
fn vc_di_eddsa_rdfc_2022_alumni() {
    check("eddsa/eddsa-rdfc-2022", "DataInt", HashAlgorithm::Sha256);
}

#[test]
fn vc_di_eddsa_rdfc_2022_employment() {
    check("eddsa/eddsa-rdfc-2022/employ", "DataInt", HashAlgorithm::Sha256);
}

#[test]
fn vc_di_eddsa_ed25519_signature_2020() {
    check("eddsa/Ed25519Signature2020", "EdSig", HashAlgorithm::Sha256);
}

#[test]
fn vc_di_ecdsa_rdfc_2019_p256_alumni() {
    check("ecdsa/ecdsa-rdfc-2019-p256", "ECDSAP256", HashAlgorithm::Sha256);
}

#[test]
fn vc_di_ecdsa_rdfc_2019_p256_employment() {
    check("ecdsa/ecdsa-rdfc-2019-p256/employ", "ECDSAP256", HashAlgorithm::Sha256);
}

#[test]
fn vc_di_ecdsa_rdfc_2019_p384_alumni() {
    check("ecdsa/ecdsa-rdfc-2019-p384", "ECDSAP384", HashAlgorithm::Sha384);
}

#[test]
fn vc_di_ecdsa_rdfc_2019_p384_names_blank_nodes_with_sha_384() {
    check("ecdsa/ecdsa-rdfc-2019-p384/employ", "ECDSAP384", HashAlgorithm::Sha384);
}

#[test]
fn vc_di_4_5_each_proof_of_a_set_verifies_by_itself() {
    let Some(vectors) = vectors() else { return };
    let folder = vectors.join("eddsa/proof-set-chain");
    let signed = read(folder.join("signedProofSet2.json"));
    let set = proofs(&signed).unwrap();
    assert_eq!(set.len(), 2);
    for proof in &set {
        let key = PublicKey::from_multikey(proof.verification_method.rsplit_once('#').unwrap().1).unwrap();
        verify_proof_with(&signed, proof, &key, &contexts()).unwrap();
    }
}

fn outcomes(signed: &Value) -> Vec<Result<(), ProofError>> {
    let verify = |proof: &Proof| {
        let key = PublicKey::from_multikey(proof.verification_method.rsplit_once('#').unwrap().1).unwrap();
        verify_proof_with(signed, proof, &key, &contexts())
    };
    proofs(signed).unwrap().iter().map(verify).collect()
}

#[test]
fn vc_di_2_1_2_proof_chains_verify_with_the_proofs_that_they_build_on() {
    let Some(vectors) = vectors() else { return };
    for (name, count) in
        [("signedProofSet1", 1), ("signedProofSet2", 2), ("signedProofChain1", 3), ("signedProofChain2", 4)]
    {
        let signed = read(vectors.join(format!("eddsa/proof-set-chain/{name}.json")));
        assert_eq!(outcomes(&signed), vec![Ok(()); count], "{name}");
    }
}

#[test]
fn security_b10_a_chain_shows_a_change_of_any_proof_below() {
    let Some(vectors) = vectors() else { return };
    let whole = read(vectors.join("eddsa/proof-set-chain/signedProofChain2.json"));
    let mut signed = whole.clone();
    signed["proof"].as_array_mut().unwrap().remove(1);
    assert_eq!(outcomes(&signed)[1..], [Err(ProofError::PreviousProof), Err(ProofError::PreviousProof)]);
    let mut signed = whole.clone();
    signed["proof"][0]["created"] = json!("2020-01-01T00:00:00Z");
    assert!(matches!(outcomes(&signed)[..], [Err(_), Ok(()), Err(ProofError::Signature(_)), Ok(())]));
    let mut signed = whole;
    signed["proof"][2]["previousProof"] = json!("urn:uuid:8cc9022b-6b14-4cf3-8571-74972c5feb54");
    assert!(matches!(outcomes(&signed)[2..], [Err(ProofError::Signature(_)), Err(ProofError::Signature(_))]));
}

/// Every file of one suite over canonical JSON. A change of a name, of a context and of the order of contexts shows.
fn check_json(folder: &str, suffix: &str, hash: HashAlgorithm) {
    let Some(vectors) = vectors() else { return };
    let folder = vectors.join(folder);
    let file = |name: &str| text(folder.join(format!("{name}{suffix}.txt")));
    let signed = read(folder.join(format!("signed{suffix}.json")));
    let proof = &proofs(&signed).unwrap()[0];
    let steps = SignedData::of_json(&signed, proof.members(), hash).unwrap();
    assert_eq!(steps.document, file("canonDoc"));
    assert_eq!(steps.options, file("proofCanon"));
    let message = hex(&steps.message());
    assert_eq!(message, file("combinedHash").trim());
    assert_eq!(message, format!("{}{}", file("proofHash").trim(), file("docHash").trim()));

    let key = PublicKey::from_multikey(proof.verification_method.rsplit_once('#').unwrap().1).unwrap();
    verify_proof_with(&signed, proof, &key, &contexts()).unwrap();
    let mut changed = signed.clone();
    changed["name"] = json!("Another name");
    assert!(matches!(verify_proof_with(&changed, proof, &key, &contexts()), Err(ProofError::Signature(_))));
    let mut changed = signed.clone();
    changed["@context"].as_array_mut().unwrap().truncate(1);
    assert_eq!(verify_proof_with(&changed, proof, &key, &contexts()), Err(ProofError::ProofContext));
}

#[test]
fn vc_di_eddsa_jcs_2022() {
    check_json("eddsa/eddsa-jcs-2022", "JCS", HashAlgorithm::Sha256);
}

#[test]
fn vc_di_ecdsa_jcs_2019_p256() {
    check_json("ecdsa/ecdsa-jcs-2019-p256", "JCSECDSAP256", HashAlgorithm::Sha256);
}

#[test]
fn vc_di_ecdsa_jcs_2019_p384() {
    check_json("ecdsa/ecdsa-jcs-2019-p384", "JCSECDSAP384", HashAlgorithm::Sha384);
}

#[test]
fn suites_that_are_not_supported_are_refused_by_name() {
    let Some(vectors) = vectors() else { return };
    let mut signed = read(vectors.join("eddsa/eddsa-jcs-2022/signedJCS.json"));
    let key = proofs(&signed).unwrap()[0].verification_method.rsplit_once('#').unwrap().1.to_owned();
    let key = PublicKey::from_multikey(&key).unwrap();
    for name in ["bbs-2023", "ecdsa-xi-2023"] {
        signed["proof"]["cryptosuite"] = json!(name);
        let refused = Err(ProofError::Unsupported { name: name.to_owned() });
        assert_eq!(verify_proof_with(&signed, &proofs(&signed).unwrap()[0], &key, &contexts()), refused);
    }
}
