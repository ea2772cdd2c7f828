//! Whether memory grows with the number of badges: the most that a process of its own held while it checked a thousand
//! different ones, and while it checked ten thousand.

use std::{fs, process::Command};

use leerpas_core::{OsEntropy, Timestamp};
use leerpas_credential::{
    data_integrity::{ProofOptions, sign},
    keys::IssuerKey,
    report::Verdict,
    verify::Binding,
};
use serde_json::{Value, json};

use crate::{Outcome, comparison::trusting, series::Series, verification::check};

/// The word that makes this program the process that is measured.
pub const WORD: &str = "growth";
const FEW: usize = 1_000;
const MANY: usize = 10_000;
const RUNS: usize = 3;

/// Measures both, in turns.
pub fn measure() -> Outcome<()> {
    let mut few = Series::of(format!("growth.{FEW}"), "MB");
    let mut many = Series::of(format!("growth.{MANY}"), "MB");
    let mut times = Series::of("growth.ratio", "×");
    for _ in 0..RUNS {
        let (less, more) = (peak_of(FEW)?, peak_of(MANY)?);
        few.value(less);
        many.value(more);
        times.value(more / less);
    }
    [few, many, times].into_iter().for_each(Series::tell);
    Ok(())
}

fn peak_of(count: usize) -> Outcome<f64> {
    let out = Command::new(std::env::current_exe()?).args(["--bench", WORD, &count.to_string()]).output()?;
    if !out.status.success() {
        return Err(format!("{count} badges: {}", String::from_utf8_lossy(&out.stderr)).into());
    }
    Ok(String::from_utf8(out.stdout)?.trim().parse()?)
}

/// Makes and checks this many badges, no two alike, and gives the most memory that was held, in MB.
pub fn check_many(count: usize) -> Outcome<f64> {
    let key = IssuerKey::make_ed25519(&OsEntropy);
    let did = key.public().did_key().ok_or("an Ed25519 key has a did:key")?;
    let trust = trusting(&did)?;
    let options = ProofOptions {
        verification_method: format!("{did}#{}", did.trim_start_matches("did:key:")),
        purpose: "assertionMethod".to_owned(),
        created: Timestamp::now(),
        challenge: None,
        domain: None,
    };
    for number in 0..count {
        let signed = sign(badge(&did, number), &options, &key)?.to_string();
        let report = check(signed.as_bytes(), &trust, &Binding::NotAsked)?;
        if report.verdict != Verdict::Valid {
            return Err(format!("badge {number}: {:?}", report.checks).into());
        }
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel told no peak")?;
    let kibibytes: f64 = peak.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1_024.0 / 1e6)
}

fn badge(issuer: &str, number: usize) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": format!("https://hogeschool.example/badges/{number}"),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": format!("Vak {number}"),
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Hogeschool Voorbeeld"},
        "validFrom": "2026-02-01T00:00:00Z",
        "credentialSubject": {
            "id": format!("urn:example:student:{number}"),
            "type": ["AchievementSubject"],
            "achievement": {
                "id": format!("https://hogeschool.example/achievements/{number}"),
                "type": ["Achievement"],
                "name": format!("Vak {number}"),
                "description": format!("Wat vak {number} leert"),
                "criteria": {"narrative": format!("Toets {number}")},
            },
        },
    })
}
