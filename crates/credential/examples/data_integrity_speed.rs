//! How many `eddsa-rdfc-2022` proofs one thread verifies in a second: of a badge of 1.2 KB and of one of 26 KB.
//!
//! `cargo run --release -p leerpas-credential --example data_integrity_speed`

#![allow(clippy::print_stdout, reason = "this program prints figures")]

use std::{error::Error, time::Instant};

use leerpas_core::CountingEntropy;
use leerpas_credential::{
    data_integrity::{ProofOptions, proofs, sign, verify_proof},
    jsonld::{canonicalise, type_iris},
    keys::IssuerKey,
};
use serde_json::{Value, json};

/// A badge with so many result descriptions, alignments and results.
fn badge(rows: usize) -> Value {
    let row = |number: usize| format!("urn:uuid:0b0f6a52-6f0c-4a0e-9a53-{number:012}");
    let descriptions: Vec<Value> = (0..rows)
        .map(|number| {
            json!({"id": row(number), "type": ["ResultDescription"], "name": format!("Toets {number}"),
                "resultType": "GradePointAverage", "allowedValue": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]})
        })
        .collect();
    let alignments: Vec<Value> = (0..rows)
        .map(|number| {
            json!({"type": ["Alignment"], "targetName": format!("Vaardigheid {number}"),
                "targetUrl": format!("https://data.example.eu/esco/skill/{number}"), "targetFramework": "ESCO"})
        })
        .collect();
    let results: Vec<Value> = (0..rows)
        .map(|number| json!({"type": ["Result"], "resultDescription": row(number), "value": format!("{}", 5 + number % 6)}))
        .collect();
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:7e2fd2a1-7f6a-4d4f-8d8a-0d5f3f6b9c01", "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:school.example", "type": ["Profile"], "name": "Hogeschool Voorbeeld",
            "url": "https://school.example"},
        "name": "Datastructuren", "validFrom": "2026-02-01T00:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "result": results, "achievement": {
            "id": "urn:uuid:5f1b8a54-9f8c-4b3d-8c39-d9b0c0d2a511", "type": ["Achievement"], "name": "Datastructuren",
            "description": "Lijsten, bomen en grafen", "criteria": {"narrative": "Een toets en een opdracht"},
            "creditsAvailable": 4.5, "resultDescription": descriptions, "alignment": alignments
        }}
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = IssuerKey::make_ed25519(&CountingEntropy::default());
    let options = ProofOptions {
        verification_method: "did:web:school.example#key-1".to_owned(),
        purpose: "assertionMethod".to_owned(),
        created: "2026-02-01T12:00:00Z".parse()?,
        challenge: None,
        domain: None,
    };
    for (rows, rounds) in [(0, 2_000), (58, 200)] {
        let signed = sign(badge(rows), &options, &key)?;
        let proof = proofs(&signed)?.into_iter().next().ok_or("no proof")?;
        let public = key.public();
        let time = |work: &dyn Fn() -> Result<(), Box<dyn Error>>| -> Result<f64, Box<dyn Error>> {
            work()?;
            let started = Instant::now();
            for _ in 0..rounds {
                work()?;
            }
            Ok(f64::from(rounds) / started.elapsed().as_secs_f64())
        };
        println!("{} bytes", signed.to_string().len());
        println!("  verify       {:>9.0} a second", time(&|| Ok(verify_proof(&signed, &proof, &public)?))?);
        println!("  canonicalise {:>9.0} a second", time(&|| Ok(canonicalise(&badge_of(&signed)).map(drop)?))?);
        println!("  types        {:>9.0} a second", time(&|| Ok(type_iris(&signed).map(drop)?))?);
    }
    Ok(())
}

/// The badge without its proof.
fn badge_of(signed: &Value) -> Value {
    let mut badge = signed.clone();
    if let Some(members) = badge.as_object_mut() {
        members.remove("proof");
    }
    badge
}
