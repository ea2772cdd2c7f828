//! How many credentials one thread checks in a second, without the network and without status lists.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use leerpas_core::{Env, OsEntropy, Step, Timestamp};
use leerpas_credential::{
    data_integrity::{ProofOptions, sign},
    keys::{HolderKey, IssuerKey},
    present::present_sd_jwt,
    read::read,
    report::{CheckName, CheckResult, Report, Verdict},
    sd_jwt::ClaimPath,
    trust::TrustList,
    verify::{Binding, Policy, Resources, Verification},
};
use serde_json::{Value, json};

use crate::{
    Outcome,
    holdings::Press,
    series::Series,
    trial::{Samples, Trial},
};

const RUNS: usize = 7;
const RUN: Duration = Duration::from_millis(700);
/// Different credentials to go round, so that none is warmer than it would be.
const DIFFERENT: usize = 32;
const AUDIENCE: &str = "x509_hash:een-loket";
const NONCE: &str = "een-nonce-die-niemand-raadt";

/// Measures three kinds.
pub fn measure(trial: &Trial, samples: &Samples) -> Outcome<()> {
    let trust = trial.world()?.trust;
    let press = Press::new(trial, samples)?;
    let (mut plain, mut bound, mut badges) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..DIFFERENT {
        let holder = HolderKey::make(&OsEntropy);
        let microcredential = press.sign(number, &holder, false)?;
        let show = [shown("name"), shown("ECTS"), shown("eqfLevel")];
        bound.push(present_sd_jwt(&microcredential, &show, &holder, AUDIENCE, NONCE, Timestamp::now())?.into_bytes());
        plain.push(microcredential);
        badges.push(badge(samples)?);
    }
    let presentation =
        Binding::Presentation { nonce: Some(NONCE.to_owned()), audience: Some(AUDIENCE.to_owned()), required: true };
    let is_valid = |report: &Report| report.verdict == Verdict::Valid;
    throughput("verify.sd_jwt_vc", &plain, &trust, &Binding::NotAsked, is_valid)?;
    throughput("verify.sd_jwt_vc_with_key_binding", &bound, &trust, &presentation, is_valid)?;
    // Its issuer is on no list, which leaves the verdict open; the proof is what is measured.
    throughput("verify.open_badge_eddsa", &badges, &trust, &Binding::NotAsked, |report| {
        let passes = |name| report.check(name).is_some_and(|check| check.result == CheckResult::Pass);
        report.verdict != Verdict::Invalid && passes(CheckName::Signature) && passes(CheckName::Validity)
    })
}

fn throughput(
    name: &str,
    credentials: &[Vec<u8>],
    trust: &Arc<TrustList>,
    binding: &Binding,
    holds: impl Fn(&Report) -> bool,
) -> Outcome<()> {
    let mut rates = Series::of(name, "per second");
    for run in 0..=RUNS {
        let (begun, mut count) = (Instant::now(), 0_u32);
        while begun.elapsed() < RUN {
            for credential in credentials {
                let report = check(credential, trust, binding)?;
                if !holds(&report) {
                    return Err(format!("{name}: {:?}", report.checks).into());
                }
                count += 1;
            }
        }
        if run > 0 {
            rates.value(f64::from(count) / begun.elapsed().as_secs_f64());
        }
    }
    rates.tell();
    Ok(())
}

/// Reads and checks one, without the network.
pub fn check(credential: &[u8], trust: &Arc<TrustList>, binding: &Binding) -> Outcome<Report> {
    let policy = Policy {
        trust: Arc::clone(trust),
        binding: binding.clone(),
        resources: Resources::default(),
        network: false,
        issuer: None,
        identities: Vec::new(),
    };
    let env = Env { now: Timestamp::now(), entropy: &OsEntropy };
    match Verification::start(read(credential)?, policy, env)? {
        Step::Done(checked) => Ok(checked.report),
        Step::Send(..) | Step::Ask(..) => Err("without network nothing is sent".into()),
    }
}

/// The institution's badge, signed anew by an issuer whose key is its name, so that nothing has to be fetched.
fn badge(samples: &Samples) -> Outcome<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(&samples.badge)?;
    let key = IssuerKey::make_ed25519(&OsEntropy);
    let did = key.public().did_key().ok_or("an Ed25519 key has a did:key")?;
    let method = format!("{did}#{}", did.trim_start_matches("did:key:"));
    let members = document.as_object_mut().ok_or("a badge is an object")?;
    for name in ["proof", "credentialStatus"] {
        members.remove(name);
    }
    document["issuer"]["id"] = json!(did);
    let options = ProofOptions {
        verification_method: method,
        purpose: "assertionMethod".to_owned(),
        created: Timestamp::now(),
        challenge: None,
        domain: None,
    };
    Ok(sign(document, &options, &key)?.to_string().into_bytes())
}

fn shown(member: &str) -> ClaimPath {
    vec!["credentialSubject".into(), "achievement".into(), member.into()]
}
