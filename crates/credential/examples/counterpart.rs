//! Our side of the tests in `tests/interop`, for what the command line has no command for: signing, presenting,
//! encrypting and judging an answer to a request, with keys that the test gives.
//!
//! One JSON object a line on standard input, `{"do": …}`; one a line comes back: `{"ok": …}` or `{"error": …}`. The keys
//! are those of a test and worth nothing.

use std::{
    error::Error,
    io::{BufRead as _, Write as _},
    sync::Arc,
};

use leerpas_core::{Env, OsEntropy, Secret, Step, Timestamp};
use leerpas_credential::{
    data_integrity::{self, ProofOptions},
    jose::{DecryptionKey, decode_base64url, encrypt, sign_compact},
    keys::{HolderKey, IssuerKey},
    present::{present_data_integrity, present_sd_jwt},
    read::read,
    sd_jwt::{self, ClaimPath, Issuance},
    trust::TrustList,
    verify::{Binding, Policy, Resources, Verification},
};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?).map_err(Into::into).and_then(|order: Value| obey(&order)) {
            Ok(value) => json!({ "ok": value }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn obey(order: &Value) -> Outcome<Value> {
    match text(order, "do")? {
        "issue_sd_jwt" => issue(order),
        "present_sd_jwt" => {
            let show = paths(order, "show")?;
            let (audience, nonce) = (text(order, "audience")?, text(order, "nonce")?);
            let original = text(order, "credential")?.as_bytes();
            let now = Timestamp::now();
            Ok(present_sd_jwt(original, &show, &holder(order)?, audience, nonce, now)?.into())
        }
        "present_data_integrity" => {
            let (domain, challenge) = (text(order, "domain")?, text(order, "challenge")?);
            let original = order["credential"].to_string();
            let now = Timestamp::now();
            Ok(present_data_integrity(&[original.as_bytes()], &holder(order)?, domain, challenge, now)?)
        }
        "add_proof" => {
            let options = ProofOptions {
                verification_method: text(order, "verification_method")?.to_owned(),
                purpose: "assertionMethod".to_owned(),
                created: Timestamp::now(),
                challenge: None,
                domain: None,
            };
            Ok(data_integrity::sign(order["document"].clone(), &options, &issuer(order)?)?)
        }
        "sign_jws" => {
            Ok(sign_compact(&order["header"], order["payload"].to_string().as_bytes(), &issuer(order)?)?.into())
        }
        "encrypt" => Ok(encrypt(text(order, "payload")?.as_bytes(), &order["jwk"], text(order, "enc")?)?.into()),
        "decrypt" => {
            let key = DecryptionKey::from_private(&private(order)?)?;
            Ok(String::from_utf8(key.decrypt(text(order, "token")?)?)?.into())
        }
        "judge" => judge(order),
        other => Err(format!("there is no order {other}").into()),
    }
}

fn issue(order: &Value) -> Outcome<Value> {
    let issuance = Issuance {
        header: order["header"].clone(),
        claims: order["claims"].clone(),
        disclosable: &paths(order, "disclosable")?,
        decoys: serde_json::from_value(order["decoys"].clone())?,
    };
    Ok(sd_jwt::issue(issuance, &issuer(order)?, &OsEntropy)?.into())
}

/// What our verifier says of an answer to its request, without network.
fn judge(order: &Value) -> Outcome<Value> {
    let policy = Policy {
        trust: Arc::new(TrustList::from_json(order["trust"].to_string().as_bytes())?),
        binding: Binding::Presentation {
            nonce: Some(text(order, "nonce")?.to_owned()),
            audience: Some(text(order, "audience")?.to_owned()),
            required: true,
        },
        resources: Resources::default(),
        network: false,
        issuer: None,
        identities: Vec::new(),
    };
    let env = Env { now: Timestamp::now(), entropy: &OsEntropy };
    let presentation = match &order["presentation"] {
        Value::String(token) => token.clone(),
        document => document.to_string(),
    };
    let Step::Done(checked) = Verification::start(read(presentation.as_bytes())?, policy, env)? else {
        return Err("without network nothing is sent".into());
    };
    let checks: Vec<Value> = checked
        .report
        .checks
        .iter()
        .map(|check| {
            let reason = check.reason.map(|reason| reason.as_str());
            json!({"name": check.name.as_str(), "result": check.result.as_str(), "reason": reason, "detail": check.detail})
        })
        .collect();
    Ok(json!({
        "verdict": checked.report.verdict.as_str(),
        "checks": checks,
        "credential": checked.credential().claims(),
    }))
}

fn text<'a>(order: &'a Value, name: &str) -> Outcome<&'a str> {
    order[name].as_str().ok_or_else(|| format!("{name} is missing").into())
}

fn paths(order: &Value, name: &str) -> Outcome<Vec<ClaimPath>> {
    Ok(serde_json::from_value(order[name].clone())?)
}

/// The issuer's key: PKCS #8 in PEM.
fn issuer(order: &Value) -> Outcome<IssuerKey> {
    Ok(IssuerKey::from_pem(text(order, "key")?)?)
}

fn holder(order: &Value) -> Outcome<HolderKey> {
    Ok(HolderKey::from_secret(&private(order)?)?)
}

/// The member `d` of a private JWK for P-256.
fn private(order: &Value) -> Outcome<Secret<Vec<u8>>> {
    Ok(Secret::new(decode_base64url(text(order, "d")?)?))
}
