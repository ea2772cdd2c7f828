//! How much of the time of checking an SD-JWT VC with key binding is the two signatures, and how much is everything else.
//!
//! `cargo run --release -p leerpas-credential --example sd_jwt_speed` prints, from one run: how often in a second the two
//! ES256 signatures alone are verified by AWS-LC with keys prepared beforehand (the fastest library known here), how often
//! the whole check of a presentation with six disclosures is made from its text to the report, and the ratio. The two are
//! measured in many short turns, so that a machine that slows down slows both. Then the whole check on every core at once.

use std::{
    error::Error,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use leerpas_core::{Env, OsEntropy, Step, Timestamp, Url};
use leerpas_credential::{
    jose::{Jws, decode_base64url},
    keys::{HolderKey, IssuerKey, PublicKey, Signer},
    present::present_sd_jwt,
    read::read,
    report::Verdict,
    sd_jwt::{ClaimPath, Issuance, issue},
    trust::TrustList,
    verify::{Binding, Policy, Resource, Resources, Verification},
};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ISSUER: &str = "https://hogeschool.example";
const METADATA: &str = "https://hogeschool.example/.well-known/jwt-vc-issuer";
const NAMES: [&str; 6] = ["given_name", "family_name", "title", "ects", "eqf_level", "outcomes"];
/// Different presentations, so that none is warmer than it would be.
const DIFFERENT: usize = 32;
const TURNS: usize = 121;
const TURN: Duration = Duration::from_millis(40);

/// One presentation, and what the raw measurement needs of it.
struct Sample {
    text: Vec<u8>,
    raw: [Raw; 2],
}

struct Raw {
    key: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

fn main() -> Outcome<()> {
    let issuer = IssuerKey::make_p256(&OsEntropy);
    let now = Timestamp::now();
    let samples = (0..DIFFERENT).map(|number| sample(number, &issuer, now)).collect::<Outcome<Vec<_>>>()?;
    let policy = policy(&issuer, now)?;
    let (mut raw, mut whole) = (Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        let checked = |sample: &Sample| check(sample, &policy, now);
        let rates = (rate(&samples, TURN, verify_raw)?, rate(&samples, TURN, checked)?);
        // The first turn warms up.
        if turn > 0 {
            raw.push(rates.0);
            whole.push(rates.1);
        }
    }
    let (raw, whole) = (median(raw), median(whole));
    tell(&format!("two raw ES256 signatures: {raw:.0} per second"));
    tell(&format!("SD-JWT VC with key binding: {whole:.0} per second"));
    tell(&format!("ratio: {:.3}", whole / raw));
    let cores = thread::available_parallelism()?.get();
    tell(&format!("on {cores} cores: {:.0} per second", on_all(cores, &samples, &policy, now)?));
    Ok(())
}

fn sample(number: usize, issuer: &IssuerKey, now: Timestamp) -> Outcome<Sample> {
    let holder = HolderKey::make(&OsEntropy);
    let claims = json!({"iss": ISSUER, "vct": "https://hogeschool.example/vct/microcredential", "iat": now.as_second() - 60,
        "exp": now.as_second() + 86_400, "cnf": {"jwk": holder.public().to_jwk()}, "given_name": "Sanne",
        "family_name": format!("Voorbeeld {number}"), "title": "Datastructuren en algoritmen", "ects": 4.5, "eqf_level": 6,
        "outcomes": ["Kan lijsten en bomen vergelijken", "Kan een algoritme kiezen"]});
    let disclosable = NAMES.map(|name| vec![name.into()]);
    let header = json!({"typ": "dc+sd-jwt", "kid": "k1"});
    let issued = issue(Issuance { header, claims, disclosable: &disclosable, decoys: 0 }, issuer, &OsEntropy)?;
    let shown: Vec<ClaimPath> = disclosable.to_vec();
    let text = present_sd_jwt(issued.as_bytes(), &shown, &holder, "x509_hash:loket", "een-nonce", now)?;
    let raw = |token: &str, key: &PublicKey| -> Outcome<Raw> {
        Jws::parse(token)?.verify(key)?;
        let (message, signature) = token.rsplit_once('.').ok_or("a token has a signature")?;
        let jwk = key.to_jwk();
        let number = |name: &str| decode_base64url(jwk[name].as_str().unwrap_or_default());
        let point = [&[4][..], &number("x")?, &number("y")?].concat();
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)?;
        Ok(Raw { key, message: message.into(), signature: decode_base64url(signature)? })
    };
    let first = text.split('~').next().ok_or("an SD-JWT begins with a token")?;
    let last = text.rsplit('~').next().ok_or("a presentation ends with a token")?;
    let raw = [raw(first, &Signer::public(issuer))?, raw(last, &holder.public())?];
    Ok(Sample { text: text.into_bytes(), raw })
}

/// Nothing has to be fetched: the issuer's keys are known.
fn policy(issuer: &IssuerKey, now: Timestamp) -> Outcome<Policy> {
    let mut jwk: Value = issuer.public().to_jwk();
    jwk["kid"] = json!("k1");
    let bytes = json!({"issuer": ISSUER, "jwks": {"keys": [jwk]}}).to_string().into_bytes();
    let mut resources = Resources::default();
    resources.put(Url::parse(METADATA)?, Resource { media_type: None, bytes, fetched: now });
    let binding = Binding::Presentation {
        nonce: Some("een-nonce".to_owned()),
        audience: Some("x509_hash:loket".to_owned()),
        required: true,
    };
    Ok(Policy {
        trust: Arc::new(TrustList::empty()),
        binding,
        resources,
        network: false,
        issuer: None,
        identities: Vec::new(),
    })
}

fn verify_raw(sample: &Sample) -> Outcome<()> {
    for Raw { key, message, signature } in &sample.raw {
        key.verify_sig(message, signature).map_err(|_| "a signature that was just made holds")?;
    }
    Ok(())
}

fn check(sample: &Sample, policy: &Policy, now: Timestamp) -> Outcome<()> {
    let env = Env { now, entropy: &OsEntropy };
    match Verification::start(read(&sample.text)?, policy.clone(), env)? {
        Step::Done(checked) if checked.report.verdict == Verdict::Valid => Ok(()),
        Step::Done(checked) => Err(format!("{:?}", checked.report.checks).into()),
        Step::Send(..) | Step::Ask(..) => Err("nothing has to be fetched".into()),
    }
}

/// How often a second, going round the samples for so long.
fn rate(samples: &[Sample], turn: Duration, work: impl Fn(&Sample) -> Outcome<()>) -> Outcome<f64> {
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < turn {
        for sample in samples {
            work(sample)?;
            count += 1;
        }
    }
    Ok(f64::from(count) / begun.elapsed().as_secs_f64())
}

fn on_all(cores: usize, samples: &[Sample], policy: &Policy, now: Timestamp) -> Outcome<f64> {
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..cores).map(|_| scope.spawn(|| rate(samples, TURN * 50, |sample| check(sample, policy, now)))).collect();
        let rates = workers.into_iter().map(|worker| worker.join().map_err(|_| "a worker stopped")?);
        rates.sum()
    })
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "a figure is told to whoever runs this")]
fn tell(line: &str) {
    println!("{line}");
}
