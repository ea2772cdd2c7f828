//! Ours beside independent implementations, in one run and over the same bytes: what is told is how many times as many.
//!
//! Ours and theirs take turns, so that whatever else the computer does hits both; each turn gives one ratio, and the
//! median of those is the figure. Theirs is one thread of JavaScript, so the comparison is with one thread of ours.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
    },
};
use leerpas_core::{OsEntropy, Timestamp};
use leerpas_credential::{
    jose::{Jws, decode_base64url, encode_base64url},
    keys::{HolderKey, IssuerKey},
    present::present_sd_jwt,
    report::Verdict,
    sd_jwt::{ClaimPath, Issuance, issue},
    trust::TrustList,
    verify::Binding,
};
use serde_json::{Value, json};

use crate::{Outcome, peers::Peers, series::Series, verification::check};

const RUNS: usize = 7;
const RUN: Duration = Duration::from_millis(700);
/// Different credentials to go round.
const DIFFERENT: usize = 32;
const AUDIENCE: &str = "x509_hash:een-loket";
const NONCE: &str = "een-nonce-die-niemand-raadt";
/// About as much as the header and payload of a small credential.
const SIGNED_BYTES: usize = 1_024;

/// What is checked, with whom to trust and what to expect.
struct Load {
    name: &'static str,
    credentials: Vec<Vec<u8>>,
    trust: Arc<TrustList>,
    binding: Binding,
}

impl Load {
    fn check(&self, number: usize) -> Outcome<()> {
        let report = check(&self.credentials[number % self.credentials.len()], &self.trust, &self.binding)?;
        match report.verdict {
            Verdict::Valid => Ok(()),
            _ => Err(format!("{}: {:?}", self.name, report.checks).into()),
        }
    }
}

/// Compares, then shows what a second core adds.
pub fn measure() -> Outcome<()> {
    let mut peers = Peers::start()?;
    let issuer = IssuerKey::make_p256(&OsEntropy);
    let sd_jwt = bound(&issuer)?;
    let small = badges(&mut peers, "small", "badge.small")?;
    let large = badges(&mut peers, "large", "badge.large")?;
    let derived = badges(&mut peers, "derived", "badge.derived")?;
    let raw = Raw::make()?;
    peers.load(json!({
        "sd_jwt": {"presentations": texts(&sd_jwt), "issuer": issuer.public().to_jwk(), "nonce": NONCE},
        "badges": {"small": texts(&small), "large": texts(&large), "derived": texts(&derived)},
        "signature": raw.for_peers(),
    }))?;
    signatures(&mut peers, &sd_jwt, &raw)?;
    for load in [&small, &large, &derived] {
        beside(&mut peers, load)?;
    }
    for load in [&sd_jwt, &small] {
        cores(load)?;
    }
    Ok(())
}

/// SD-JWT VC with key binding, beside `@sd-jwt` and beside what its two signatures alone would cost.
fn signatures(peers: &mut Peers, load: &Load, raw: &Raw) -> Outcome<()> {
    let mut ours = Series::of("peer.sd_jwt.ours", "per second");
    let mut theirs = Series::of("peer.sd_jwt.theirs", "per second");
    let mut times = Series::of("peer.sd_jwt.ratio", "×");
    let mut bare = Series::of("peer.es256.aws_lc", "per second");
    let mut openssl = Series::of("peer.es256.openssl", "per second");
    let mut both = Series::of("peer.sd_jwt.signatures", "per second");
    let mut share = Series::of("peer.sd_jwt.of_signatures", "×");
    let pairs = load.credentials.iter().map(|text| Raw::both_of(text)).collect::<Outcome<Vec<_>>>()?;
    for run in 0..=RUNS {
        let mine = rate(|number| load.check(number))?;
        let other = peers.rate(load.name, RUN)?;
        let signed = rate(|number| pairs[number % pairs.len()].iter().try_for_each(Raw::verify))?;
        let alone = rate(|_| raw.verify())?;
        let node = peers.rate("signature", RUN)?;
        // The first turn warms both sides.
        if run > 0 {
            ours.value(mine);
            theirs.value(other);
            times.value(mine / other);
            bare.value(alone);
            openssl.value(node);
            both.value(signed);
            share.value(mine / signed.max(node / 2.0));
        }
    }
    [ours, theirs, times, bare, openssl, both, share].into_iter().for_each(Series::tell);
    Ok(())
}

/// Ours and theirs in turns.
fn beside(peers: &mut Peers, load: &Load) -> Outcome<()> {
    let named = |what: &str| format!("peer.{}.{what}", load.name);
    let mut ours = Series::of(named("ours"), "per second");
    let mut theirs = Series::of(named("theirs"), "per second");
    let mut times = Series::of(named("ratio"), "×");
    for run in 0..=RUNS {
        let mine = rate(|number| load.check(number))?;
        let other = peers.rate(load.name, RUN)?;
        if run > 0 {
            ours.value(mine);
            theirs.value(other);
            times.value(mine / other);
        }
    }
    [ours, theirs, times].into_iter().for_each(Series::tell);
    Ok(())
}

/// A batch on one thread and on as many as there are cores, in turns.
fn cores(load: &Load) -> Outcome<()> {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = Series::of(format!("cores.{}.rate", load.name), "per second");
    let mut times = Series::of(format!("cores.{}.ratio", load.name), "×");
    for run in 0..=RUNS {
        let (one, many) = (batch(load, 1)?, batch(load, count)?);
        if run > 0 {
            all.value(many);
            times.value(many / one);
        }
    }
    all.tell();
    times.tell();
    Ok(())
}

/// How many a second these threads do together. Each takes the next of the batch; nothing else is shared but the list.
fn batch(load: &Load, threads: usize) -> Outcome<f64> {
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let work = || -> Outcome<()> {
            while !over.load(Ordering::Relaxed) {
                load.check(next.fetch_add(1, Ordering::Relaxed))?;
                if begun.elapsed() >= RUN {
                    over.store(true, Ordering::Relaxed);
                }
            }
            Ok(())
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread of the batch ended early")?)
    })?;
    Ok(next.into_inner() as f64 / begun.elapsed().as_secs_f64())
}

fn rate(mut work: impl FnMut(usize) -> Outcome<()>) -> Outcome<f64> {
    let (begun, mut count) = (Instant::now(), 0);
    while begun.elapsed() < RUN {
        work(count)?;
        count += 1;
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

/// SD-JWT VC with six disclosures shown, each bound to a key of its own; the issuer is its key, as a `did:jwk`, so that
/// no certificate is checked by one side only.
fn bound(issuer: &IssuerKey) -> Outcome<Load> {
    let did = issuer.public().did_jwk();
    let names = ["given_name", "family_name", "title", "ECTS", "level", "grade"];
    let paths: Vec<ClaimPath> = names.iter().map(|name| vec![(*name).into()]).collect();
    let mut credentials = Vec::new();
    for number in 0..DIFFERENT {
        let (holder, now) = (HolderKey::make(&OsEntropy), Timestamp::now());
        let claims = json!({
            "iss": did, "vct": "urn:example:microcredential", "iat": now.as_second(), "exp": now.as_second() + 86_400,
            "cnf": {"jwk": holder.public().to_jwk()},
            "given_name": "Noor", "family_name": format!("Voorbeeld {number}"), "title": "Datastructuren",
            "ECTS": 4.5, "level": {"eqf": 6, "nlqf": "6"}, "grade": "8",
        });
        let header = json!({"typ": "dc+sd-jwt", "kid": "#0"});
        let token = issue(Issuance { header, claims, disclosable: &paths, decoys: 2 }, issuer, &OsEntropy)?;
        credentials.push(present_sd_jwt(token.as_bytes(), &paths, &holder, AUDIENCE, NONCE, now)?.into_bytes());
    }
    let binding =
        Binding::Presentation { nonce: Some(NONCE.to_owned()), audience: Some(AUDIENCE.to_owned()), required: true };
    Ok(Load { name: "sd_jwt", credentials, trust: trusting(&did)?, binding })
}

fn badges(peers: &mut Peers, size: &str, name: &'static str) -> Outcome<Load> {
    let (issuer, credentials) = peers.badges(size, DIFFERENT)?;
    Ok(Load { name, credentials, trust: trusting(&issuer)?, binding: Binding::NotAsked })
}

/// A list with this issuer, so that every verdict is "valid".
pub fn trusting(issuer: &str) -> Outcome<Arc<TrustList>> {
    let list =
        json!({"version": 1, "institutions": [{"name": {"nl": "Hogeschool Voorbeeld"}, "identifiers": [issuer]}]});
    Ok(Arc::new(TrustList::from_json(list.to_string().as_bytes())?))
}

fn texts(load: &Load) -> Vec<String> {
    load.credentials.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

/// One ES256 signature and its key, ready for the fastest library that is at hand.
struct Raw {
    message: Vec<u8>,
    value: Vec<u8>,
    point: Vec<u8>,
    key: ParsedPublicKey,
}

impl Raw {
    fn make() -> Outcome<Self> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let message = vec![b'm'; SIGNED_BYTES];
        let value = pair.sign(&random, &message)?.as_ref().to_vec();
        let point = pair.public_key().as_ref().to_vec();
        Self::with(message, value, point)
    }

    fn with(message: Vec<u8>, value: Vec<u8>, point: Vec<u8>) -> Outcome<Self> {
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)?;
        Ok(Self { message, value, point, key })
    }

    /// The two signatures of a presentation: the issuer's, whose key is its identifier, and the holder's.
    fn both_of(presentation: &[u8]) -> Outcome<[Self; 2]> {
        let text = std::str::from_utf8(presentation)?;
        let (first, last) = (text.split('~').next(), text.rsplit('~').next());
        let (first, last) = (first.ok_or("no token of the issuer")?, last.ok_or("no key binding")?);
        let claims = Jws::parse(first)?.claims()?;
        let issuer = claims["iss"].as_str().and_then(|did| did.strip_prefix("did:jwk:")).ok_or("no did:jwk")?;
        let issuer: Value = serde_json::from_slice(&decode_base64url(issuer)?)?;
        Ok([Self::of(first, &issuer)?, Self::of(last, &claims["cnf"]["jwk"])?])
    }

    fn of(token: &str, jwk: &Value) -> Outcome<Self> {
        let (message, value) = token.rsplit_once('.').ok_or("a token has a signature")?;
        let number = |name: &str| decode_base64url(jwk[name].as_str().unwrap_or_default());
        let point = [&[4][..], &number("x")?, &number("y")?].concat();
        Self::with(message.as_bytes().to_vec(), decode_base64url(value)?, point)
    }

    fn verify(&self) -> Outcome<()> {
        Ok(self.key.verify_sig(&self.message, &self.value)?)
    }

    fn for_peers(&self) -> Value {
        // An uncompressed point: one byte that says so, then the two numbers.
        let number = |range: std::ops::Range<usize>| encode_base64url(self.point.get(range).unwrap_or_default());
        json!({
            "jwk": {"kty": "EC", "crv": "P-256", "x": number(1..33), "y": number(33..65)},
            "message": String::from_utf8_lossy(&self.message),
            "value": encode_base64url(&self.value),
        })
    }
}
