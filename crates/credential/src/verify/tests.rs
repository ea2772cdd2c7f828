//! One small world, and what verification says of what comes out of it.

mod badges;
mod presentations;
mod proof_chains;
mod sd_jwt_vc;
mod security_a;
mod selective;
mod status;
mod status_lists;
mod traps;
mod type_metadata;
mod w3c_jose;
mod within;

use std::sync::Arc;

use jiff::Timestamp;
use leerpas_core::{CountingEntropy, Env, Fault, Machine, Reply, Step};
use serde_json::{Value, json};

use super::*;
use crate::{
    data_integrity::{self, ProofOptions},
    jose::sign_compact,
    keys::{HolderKey, IssuerKey, Signer},
    present::{present_data_integrity, present_sd_jwt},
    read::read,
    report::{Check, CheckName, CheckResult, Reason},
    sd_jwt::{ClaimPath, Issuance, issue},
    status::encode_token_list,
    trust::TrustList,
    x509::TrialAuthority,
};

const ISSUER: &str = "https://hogeschool.example";
const DID: &str = "did:web:hogeschool.example";
const DID_URL: &str = "https://hogeschool.example/.well-known/did.json";
const METADATA_URL: &str = "https://hogeschool.example/.well-known/jwt-vc-issuer";
const LIST_URL: &str = "https://hogeschool.example/status/1";

/// An institution with its certificate and keys, a holder, and what the institution's web server answers.
struct World {
    entropy: CountingEntropy,
    now: Timestamp,
    authority: TrialAuthority,
    key: IssuerKey,
    x5c: Vec<String>,
    badge_key: IssuerKey,
    holder: HolderKey,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let entropy = CountingEntropy::default();
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let env = Env { now, entropy: &entropy };
        let authority = TrialAuthority::ensure(folder.path(), env).unwrap();
        let (key, x5c) = authority
            .issue_signer("Hogeschool Delta", "Hogeschool Delta", &["hogeschool.example"], &[ISSUER], env)
            .unwrap();
        let badge_key = IssuerKey::make_ed25519(&entropy);
        let holder = HolderKey::make(&entropy);
        Self { now, authority, key, x5c, badge_key, holder, entropy, _folder: folder }
    }

    fn env(&self) -> Env<'_> {
        Env { now: self.now, entropy: &self.entropy }
    }

    fn trust(&self) -> Arc<TrustList> {
        let list = json!({"version": 1, "institutions": [{
            "name": {"nl": "Hogeschool Delta"}, "identifiers": [ISSUER, DID],
            "roots": [self.authority.certificate_pem()]}]});
        Arc::new(TrustList::from_json(list.to_string().as_bytes()).unwrap())
    }

    fn policy(&self) -> Policy {
        Policy {
            trust: self.trust(),
            binding: Binding::HolderKey(self.holder.public()),
            resources: Resources::default(),
            network: true,
            issuer: None,
            identities: Vec::new(),
        }
    }

    fn asked(&self) -> Policy {
        let binding = Binding::Presentation {
            nonce: Some("n-1".to_owned()),
            audience: Some("x509_hash:desk".to_owned()),
            required: true,
        };
        Policy { binding, ..self.policy() }
    }

    fn claims(&self) -> Value {
        json!({"iss": ISSUER, "vct": "urn:example:microcredential", "iat": self.now.as_second() - 60,
            "exp": self.now.as_second() + 1000, "cnf": {"jwk": self.holder.public().to_jwk()},
            "family_name": "Voorbeeld", "title": "Datastructuren"})
    }

    fn x5c_header(&self) -> Value {
        json!({"typ": "dc+sd-jwt", "x5c": self.x5c})
    }

    fn sd_jwt(&self, claims: Value, header: Value, disclosable: &[ClaimPath], signer: &dyn Signer) -> Vec<u8> {
        issue(Issuance { header, claims, disclosable, decoys: 1 }, signer, &self.entropy).unwrap().into_bytes()
    }

    /// A plain credential with these claims changed.
    fn with(&self, change: impl Fn(&mut Value)) -> Vec<u8> {
        let mut claims = self.claims();
        change(&mut claims);
        self.sd_jwt(claims, self.x5c_header(), &[vec!["family_name".into()]], &self.key)
    }

    fn badge(&self, change: impl Fn(&mut Value)) -> Vec<u8> {
        let mut badge = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "id": "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0001",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": {"id": DID, "type": ["Profile"], "name": "Hogeschool Delta"},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": self.holder.did_jwk(), "type": ["AchievementSubject"], "achievement": {
                "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11", "type": ["Achievement"], "name": "Datastructuren",
                "description": "Lijsten en bomen", "criteria": {"narrative": "Toets"}}}});
        change(&mut badge);
        self.sign_badge(badge, &format!("{DID}#badge"), "assertionMethod", &self.badge_key)
    }

    fn sign_badge(&self, badge: Value, method: &str, purpose: &str, key: &IssuerKey) -> Vec<u8> {
        let options = ProofOptions {
            verification_method: method.to_owned(),
            purpose: purpose.to_owned(),
            created: self.now,
            challenge: None,
            domain: None,
        };
        data_integrity::sign(badge, &options, key).unwrap().to_string().into_bytes()
    }

    fn status_token(&self, values: &[u8], change: impl Fn(&mut Value)) -> Vec<u8> {
        let mut claims = json!({"sub": LIST_URL, "iss": ISSUER, "iat": self.now.as_second(), "ttl": 3600,
            "exp": self.now.as_second() + 86_400, "status_list": encode_token_list(2, values).unwrap()});
        change(&mut claims);
        let header = json!({"typ": "statuslist+jwt", "x5c": self.x5c});
        sign_compact(&header, claims.to_string().as_bytes(), &self.key).unwrap().into_bytes()
    }

    fn server(&self, url: &str) -> Option<Vec<u8>> {
        let body = match url {
            DID_URL => json!({"id": DID,
                "verificationMethod": [
                    {"id": format!("{DID}#badge"), "type": "Multikey", "controller": DID,
                     "publicKeyMultibase": self.badge_key.public().to_multikey()},
                    {"id": "#login", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": self.key.public().to_jwk()}],
                "assertionMethod": ["#badge"], "authentication": [format!("{DID}#login")]}),
            METADATA_URL => json!({"issuer": ISSUER, "jwks": {"keys": [self.named_jwk("k1")]}}),
            LIST_URL => return Some(self.status_token(&[0, 1, 2, 3], |_| {})),
            _ => return None,
        };
        Some(body.to_string().into_bytes())
    }

    fn named_jwk(&self, kid: &str) -> Value {
        let mut jwk = self.key.public().to_jwk();
        jwk["kid"] = kid.into();
        jwk
    }

    /// Runs to the end and says what was asked for.
    fn run(&self, bytes: &[u8], policy: Policy, server: impl Fn(&str) -> Option<Vec<u8>>) -> (Checked, Vec<String>) {
        let mut asked = Vec::new();
        let mut step = Verification::start(read(bytes).unwrap(), policy, self.env()).unwrap();
        loop {
            match step {
                Step::Done(checked) => return (checked, asked),
                Step::Ask(never, _) => match never {},
                Step::Send(exchange, machine) => {
                    let url = exchange.url.to_string();
                    let reply = server(&url)
                        .map(|body| Reply::new(200, None, body))
                        .ok_or(Fault::Unreachable { host: "h".to_owned(), reason: "down".to_owned() });
                    asked.push(url);
                    step = machine.reply(reply, self.env()).unwrap();
                }
            }
        }
    }

    fn check(&self, bytes: &[u8]) -> Report {
        self.run(bytes, self.policy(), |url| self.server(url)).0.report
    }
}

fn found(report: &Report, name: CheckName) -> (CheckResult, Option<Reason>) {
    let check = report.check(name).unwrap_or_else(|| panic!("no check {name:?}"));
    (check.result, check.reason)
}

const PASS: (CheckResult, Option<Reason>) = (CheckResult::Pass, None);

fn fails(reason: Reason) -> (CheckResult, Option<Reason>) {
    (CheckResult::Fail, Some(reason))
}

fn unknown(reason: Reason) -> (CheckResult, Option<Reason>) {
    (CheckResult::Unknown, Some(reason))
}
