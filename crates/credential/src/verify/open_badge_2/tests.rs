//! Open Badges 2.0, in the small world of the other tests and on the published samples.

use leerpas_core::{Fault, Machine as _, Reply, Step};
use openssl::{hash::MessageDigest, pkey::PKey, pkey::Private, rsa::Rsa, sign::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    jose::encode_base64url,
    read::read,
    report::{CheckName, CheckResult, Reason, Report, Verdict},
    trust::TrustList,
    verify::{Binding, Checked, Policy, Resources, Verification},
};

const ASSERTION: &str = "https://badges.example/assertions/1";
const BADGE: &str = "https://badges.example/classes/1";
const ISSUER: &str = "https://badges.example/issuer";
const KEY: &str = "https://badges.example/key";
const LIST: &str = "https://badges.example/revoked";
const PERSON: &str = "sam@voorbeeld.example";

/// What an address answers.
enum Answer {
    Json(Value),
    Status(u16),
}

/// A picture that holds this text.
fn baked(text: &str, side: u32) -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(side, side).write_to(&mut png, image::ImageFormat::Png).unwrap();
    crate::unbake::bake_png(&png.into_inner(), text).unwrap()
}

fn hash(identity: &str, salt: &str) -> String {
    let digest = Sha256::digest(format!("{identity}{salt}"));
    format!("sha256${}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn assertion() -> Value {
    json!({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": ASSERTION, "badge": BADGE,
        "recipient": {"type": "email", "hashed": true, "salt": "zout", "identity": hash(PERSON, "zout")},
        "verification": {"type": "HostedBadge"}, "issuedOn": "2026-01-01T00:00:00Z", "expires": "2031-01-01T00:00:00Z"})
}

fn badge_class() -> Value {
    json!({"type": "BadgeClass", "id": BADGE, "name": "Datastructuren", "description": "Lijsten en bomen",
        "criteria": {"narrative": "Toets"}, "issuer": ISSUER})
}

fn profile() -> Value {
    json!({"type": "Issuer", "id": ISSUER, "name": "Hogeschool Delta", "url": "https://badges.example"})
}

/// The web, with one address answering otherwise.
fn web(url: &str, other: Option<(&str, &Answer)>) -> Option<Answer> {
    if let Some((address, answer)) = other
        && address == url
    {
        return Some(match answer {
            Answer::Json(value) => Answer::Json(value.clone()),
            Answer::Status(status) => Answer::Status(*status),
        });
    }
    Some(Answer::Json(match url {
        ASSERTION => assertion(),
        BADGE => badge_class(),
        ISSUER => profile(),
        _ => return None,
    }))
}

fn policy() -> Policy {
    Policy {
        trust: TrustList::empty().into(),
        binding: Binding::NotAsked,
        resources: Resources::default(),
        network: true,
        issuer: None,
        identities: vec![PERSON.to_owned()],
    }
}

fn run(bytes: &[u8], policy: Policy, web: impl Fn(&str) -> Option<Answer>) -> (Checked, Vec<String>) {
    let entropy = leerpas_core::CountingEntropy::default();
    let env = leerpas_core::Env { now: "2026-11-24T12:00:00Z".parse().unwrap(), entropy: &entropy };
    let mut asked = Vec::new();
    let mut step = Verification::start(read(bytes).unwrap(), policy, env).unwrap();
    loop {
        step = match step {
            Step::Done(checked) => return (checked, asked),
            Step::Ask(never, _) => match never {},
            Step::Send(exchange, machine) => {
                let url = exchange.url.to_string();
                let reply = match web(&url) {
                    Some(Answer::Json(value)) => Ok(Reply::new(200, None, value.to_string().into_bytes())),
                    Some(Answer::Status(status)) => Ok(Reply::new(status, None, b"{}".to_vec())),
                    None => Err(Fault::Unreachable { host: "h".to_owned(), reason: "down".to_owned() }),
                };
                asked.push(url);
                machine.reply(reply, env).unwrap()
            }
        };
    }
}

fn hosted(imported: &Value, other: Option<(&str, Answer)>) -> Report {
    let other = other.as_ref().map(|(url, answer)| (*url, answer));
    run(imported.to_string().as_bytes(), policy(), |url| web(url, other)).0.report
}

fn found(report: &Report, name: CheckName) -> (CheckResult, Option<Reason>) {
    let check = report.check(name).unwrap_or_else(|| panic!("no check {name:?}"));
    (check.result, check.reason)
}

fn changed(mut document: Value, change: impl Fn(&mut Value)) -> Value {
    change(&mut document);
    document
}

#[test]
fn open_badges_2_0_hosted_the_issuers_copy_is_fetched_and_shown() {
    let (checked, asked) = run(assertion().to_string().as_bytes(), policy(), |url| web(url, None));
    let report = &checked.report;
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(asked, [ASSERTION, BADGE, ISSUER]);
    assert_eq!(found(report, CheckName::Signature), (CheckResult::Pass, Some(Reason::Hosted)));
    assert_eq!(found(report, CheckName::Recipient), (CheckResult::Pass, None));
    assert_eq!((report.issuer.name.as_str(), report.issuer.identifier.as_str()), ("Hogeschool Delta", ISSUER));
    let facts = checked.facts(&TrustList::empty());
    assert_eq!((facts.title.as_str(), facts.issuer.name.as_str()), ("Datastructuren", "Hogeschool Delta"));
    assert_eq!(checked.credential().original(), assertion().to_string().as_bytes());
}

#[test]
fn security_f08_a_badge_that_is_only_an_address_is_read_and_fetched_only_when_verified() {
    let (checked, asked) = run(&baked(ASSERTION, 8), policy(), |url| web(url, None));
    assert_eq!(asked.first().map(String::as_str), Some(ASSERTION));
    assert_eq!(checked.report.verdict, Verdict::Valid, "{:#?}", checked.report);
    assert_eq!(checked.facts(&TrustList::empty()).title, "Datastructuren");
    let offline = Policy { network: false, ..policy() };
    let (checked, asked) = run(&baked(ASSERTION, 8), offline, |_| None);
    assert!(asked.is_empty());
    assert_eq!(checked.report.verdict, Verdict::Unknown);
    for other in ["http://badges.example/1", "https://user:word@badges.example/1", "https://", "ftp://badges.example"] {
        assert!(read(&baked(other, 8)).is_err(), "{other}");
    }
    assert!(read(ASSERTION.as_bytes()).is_err(), "an address alone is no credential");
    let plain = changed(assertion(), |a| a["id"] = json!("http://badges.example/1"));
    let (checked, asked) = run(plain.to_string().as_bytes(), policy(), |url| web(url, None));
    assert!(asked.is_empty(), "plain http is never asked");
    assert_eq!(checked.report.verdict, Verdict::Unknown);
}

#[test]
fn security_f10_not_public_moved_and_gone_are_three_answers() {
    let signature = |answer| found(&hosted(&assertion(), Some((ASSERTION, answer))), CheckName::Signature);
    assert_eq!(signature(Answer::Status(404)), (CheckResult::Unknown, Some(Reason::NotHosted)));
    assert_eq!(signature(Answer::Status(302)), (CheckResult::Unknown, Some(Reason::Moved)));
    let gone = hosted(&assertion(), Some((ASSERTION, Answer::Status(410))));
    assert_eq!(found(&gone, CheckName::Status), (CheckResult::Fail, Some(Reason::Revoked)));
    assert_eq!(gone.status, leerpas_core::CardStatus::Revoked);
}

#[test]
fn open_badges_2_0_revoked_a_stub_is_an_answer_and_no_fault() {
    let stub = json!({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": ASSERTION,
        "revoked": true, "revocationReason": "Fout gemaakt"});
    let report = hosted(&assertion(), Some((ASSERTION, Answer::Json(stub.clone()))));
    assert_eq!(found(&report, CheckName::Status), (CheckResult::Fail, Some(Reason::Revoked)));
    assert_eq!(report.status, leerpas_core::CardStatus::Revoked, "{report:#?}");
    assert!(!format!("{report:?}").contains("Fout gemaakt"), "why is nobody else's business");
    // The stub itself, dropped as a file while the network is down.
    let report = run(stub.to_string().as_bytes(), policy(), |_| None).0.report;
    assert_eq!(found(&report, CheckName::Status), (CheckResult::Fail, Some(Reason::Revoked)));
}

#[test]
fn security_f10_a_wrong_id_is_another_badge() {
    let other = changed(assertion(), |a| a["id"] = json!("https://badges.example/assertions/1/"));
    let report = hosted(&assertion(), Some((ASSERTION, Answer::Json(other))));
    assert_eq!(found(&report, CheckName::Signature), (CheckResult::Fail, Some(Reason::OtherDocument)));
    let report = hosted(&assertion(), Some((BADGE, Answer::Json(changed(badge_class(), |b| b["id"] = json!(ISSUER))))));
    assert_eq!(found(&report, CheckName::IssuerKey), (CheckResult::Fail, Some(Reason::OtherDocument)));
}

#[test]
fn security_f10_changed_since_import_is_said_and_the_issuers_copy_counts() {
    let for_another = changed(assertion(), |a| a["recipient"]["identity"] = json!(hash("eve@a.example", "zout")));
    let report = hosted(&for_another, None);
    assert_eq!(found(&report, CheckName::Signature), (CheckResult::Fail, Some(Reason::Changed)));
    let longer = changed(assertion(), |a| a["expires"] = json!("2099-01-01T00:00:00Z"));
    let past = changed(assertion(), |a| a["expires"] = json!("2026-02-01T00:00:00Z"));
    let report = hosted(&longer, Some((ASSERTION, Answer::Json(past))));
    assert_eq!(found(&report, CheckName::Signature), (CheckResult::Warn, Some(Reason::Changed)));
    assert_eq!(found(&report, CheckName::Validity), (CheckResult::Fail, Some(Reason::Expired)));
}

#[test]
fn open_badges_2_0_an_issuer_speaks_only_for_the_addresses_that_it_names() {
    let elsewhere = "https://evil.example/a";
    let forged = changed(assertion(), |a| a["id"] = json!(elsewhere));
    let key = |issuer: Value| {
        let report = run(forged.to_string().as_bytes(), policy(), |url| match url {
            _ if url == elsewhere => Some(Answer::Json(forged.clone())),
            ISSUER => Some(Answer::Json(issuer.clone())),
            _ => web(url, None),
        });
        found(&report.0.report, CheckName::IssuerKey)
    };
    let refused = (CheckResult::Fail, Some(Reason::KeyNotOfIssuer));
    let held = (CheckResult::Pass, Some(Reason::Hosted));
    assert_eq!(key(profile()), refused);
    let with = |verification: Value| changed(profile(), |p| p["verification"] = verification.clone());
    assert_eq!(key(with(json!({"allowedOrigins": ["evil.example"]}))), held);
    assert_eq!(key(with(json!({"startsWith": ["https://evil.example/"]}))), held);
    assert_eq!(key(with(json!({"startsWith": "https://evil.exam"}))), refused, "a prefix counts for its own origin");
    let both = json!({"allowedOrigins": "badges.example", "startsWith": "https://evil.example/"});
    assert_eq!(key(with(both)), refused);
}

#[test]
fn an_issuer_that_came_inside_from_elsewhere_is_read_from_its_own_address() {
    let elsewhere = "https://evil.example/a";
    let forged = changed(assertion(), |a| {
        a["id"] = json!(elsewhere);
        a["badge"] = changed(badge_class(), |b| {
            b["id"] = json!("https://evil.example/b");
            b["issuer"] = changed(profile(), |p| p["verification"] = json!({"allowedOrigins": ["evil.example"]}));
        });
    });
    let (checked, asked) = run(forged.to_string().as_bytes(), policy(), |url| match url {
        _ if url == elsewhere => Some(Answer::Json(forged.clone())),
        _ => web(url, None),
    });
    assert_eq!(asked, [elsewhere, ISSUER]);
    assert_eq!(found(&checked.report, CheckName::IssuerKey), (CheckResult::Fail, Some(Reason::KeyNotOfIssuer)));
}

/// A signed badge with its key, and the web around it.
struct Signed {
    key: PKey<Private>,
}

impl Signed {
    fn new() -> Self {
        Self { key: PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap() }
    }

    fn assertion() -> Value {
        changed(assertion(), |a| a["verification"] = json!({"type": "SignedBadge", "creator": KEY}))
    }

    fn jws(&self, assertion: &Value) -> String {
        let encode = |value: &Value| encode_base64url(value.to_string().as_bytes());
        let signed = format!("{}.{}", encode(&json!({"alg": "RS256"})), encode(assertion));
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
        let signature = signer.sign_oneshot_to_vec(signed.as_bytes()).unwrap();
        format!("{signed}.{}", encode_base64url(&signature))
    }

    fn key_document(&self) -> Value {
        let pem = String::from_utf8(self.key.public_key_to_pem().unwrap()).unwrap();
        json!({"type": "CryptographicKey", "id": KEY, "owner": ISSUER, "publicKeyPem": pem})
    }

    fn run(&self, jws: &str, change: impl Fn(&str, &mut Value)) -> (Report, Vec<String>) {
        let (checked, asked) = run(jws.as_bytes(), policy(), |url| {
            let mut document = match url {
                KEY => self.key_document(),
                LIST => json!({"type": "RevocationList", "id": LIST, "issuer": ISSUER, "revokedAssertions": []}),
                ISSUER => changed(profile(), |p| {
                    p["publicKey"] = json!(KEY);
                    p["revocationList"] = json!(LIST);
                }),
                BADGE => badge_class(),
                _ => return None,
            };
            change(url, &mut document);
            Some(Answer::Json(document))
        });
        (checked.report, asked)
    }
}

#[test]
fn open_badges_2_0_signed_the_key_is_one_that_the_issuer_lists() {
    let signed = Signed::new();
    let jws = signed.jws(&Signed::assertion());
    let (report, asked) = signed.run(&jws, |_, _| {});
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(asked, [BADGE, ISSUER, KEY, LIST]);
    let (report, _) = signed.run(&jws, |url, document| {
        if url == ISSUER {
            document["publicKey"] = json!(["https://badges.example/other-key"]);
        }
    });
    assert_eq!(found(&report, CheckName::IssuerKey), (CheckResult::Fail, Some(Reason::KeyNotOfIssuer)));
    let (report, _) = signed.run(&jws, |url, document| {
        if url == KEY {
            document["owner"] = json!("https://evil.example");
        }
    });
    assert_eq!(found(&report, CheckName::IssuerKey), (CheckResult::Fail, Some(Reason::KeyNotOfIssuer)));
}

#[test]
fn security_f11_a_wrong_key_a_revoked_badge_and_a_key_out_of_reach() {
    let signed = Signed::new();
    let theirs = Signed::new().jws(&Signed::assertion());
    let (report, asked) = signed.run(&theirs, |_, _| {});
    assert_eq!(found(&report, CheckName::Signature), (CheckResult::Fail, Some(Reason::BadSignature)));
    assert!(!asked.iter().any(|url| url == LIST), "a forgery sends nobody anywhere");
    let jws = signed.jws(&Signed::assertion());
    for entry in [json!(ASSERTION), json!({"id": ASSERTION, "revocationReason": "x"})] {
        let (report, _) = signed.run(&jws, |url, document| {
            if url == LIST {
                document["revokedAssertions"] = json!([entry]);
            }
        });
        assert_eq!(found(&report, CheckName::Status), (CheckResult::Fail, Some(Reason::Revoked)));
    }
    let (report, _) = signed.run(&jws, |url, document| {
        if url == LIST {
            document["issuer"] = json!("https://other.example");
        }
    });
    assert_eq!(found(&report, CheckName::Status), (CheckResult::Unknown, Some(Reason::ListInvalid)));
    let plain = changed(Signed::assertion(), |a| a["verification"]["creator"] = json!("http://badges.example/key"));
    let (report, asked) = signed.run(&signed.jws(&plain), |url, document| {
        if url == ISSUER {
            document["publicKey"] = json!("http://badges.example/key");
        }
    });
    assert_eq!(found(&report, CheckName::IssuerKey), (CheckResult::Unknown, Some(Reason::NotHosted)));
    assert!(asked.iter().all(|url| url.starts_with("https://")));
}

#[test]
fn a_badge_that_says_it_is_signed_and_is_not_fails() {
    let report = hosted(&Signed::assertion(), None);
    assert_eq!(found(&report, CheckName::Signature), (CheckResult::Fail, Some(Reason::NotSigned)));
    let neither = changed(assertion(), |a| a["verification"] = json!({"type": "blockchain"}));
    assert_eq!(found(&hosted(&neither, None), CheckName::Format), (CheckResult::Fail, Some(Reason::Malformed)));
}

#[test]
fn published_samples_of_open_badges_2_end_as_they_should() {
    let root = std::env::var("LEERPAS_VECTORS").map_or_else(
        |_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").into(),
        std::path::PathBuf::from,
    );
    let folder = root.join("open-badges-2");
    let Ok(sample) = std::fs::read(folder.join("basic-assertion.json")) else {
        println!("skipped: no vectors");
        return;
    };
    let published: Value = serde_json::from_slice(&sample).unwrap();
    let id = published["id"].as_str().unwrap().to_owned();
    let badge = published["badge"].as_str().unwrap().to_owned();
    let issuer = "https://example.org/organization.json";
    let answer = |assertion: &Value, url: &str| {
        let document = match url {
            _ if url == id => assertion.clone(),
            _ if url == badge => json!({"type": "BadgeClass", "id": badge, "name": "Robotics", "issuer": issuer}),
            _ if url == issuer => json!({"type": "Issuer", "id": issuer, "name": "Example"}),
            _ => return None,
        };
        Some(Answer::Json(document))
    };
    let report = run(&sample, policy(), |url| answer(&published, url)).0.report;
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(found(&report, CheckName::Recipient), (CheckResult::Warn, Some(Reason::OtherRecipient)));
    let expired = std::fs::read(folder.join("basic-assertion-expired.json")).unwrap();
    let document: Value = serde_json::from_slice(&expired).unwrap();
    let report = run(&expired, policy(), |url| answer(&document, url)).0.report;
    assert_eq!(report.status, leerpas_core::CardStatus::Expired, "{report:#?}");
    let baked = std::fs::read(folder.join("simple-badge.png")).unwrap();
    let report = run(&baked, policy(), |url| answer(&published, url)).0.report;
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let jwt = std::fs::read(folder.join("simple.jwt")).unwrap();
    let report = run(&jwt, policy(), |url| answer(&published, url)).0.report;
    assert_eq!(found(&report, CheckName::IssuerKey), (CheckResult::Fail, Some(Reason::KeyNotOfIssuer)));
    assert_eq!(found(&report, CheckName::Signature).0, CheckResult::Unknown, "its key is nowhere to be had");
}

mod version_2_1;

#[test]
fn security_f09_an_altered_picture_is_said_to_be_no_part_of_the_proof() {
    for side in [8, 16] {
        let (checked, _) = run(&baked(&assertion().to_string(), side), policy(), |url| web(url, None));
        assert_eq!(checked.report.verdict, Verdict::Valid);
        assert_eq!(found(&checked.report, CheckName::Format), (CheckResult::Pass, Some(Reason::PictureUnproved)));
        assert!(checked.facts(&TrustList::empty()).picture.is_some());
    }
    let (checked, _) = run(assertion().to_string().as_bytes(), policy(), |url| web(url, None));
    assert_eq!(found(&checked.report, CheckName::Format), (CheckResult::Pass, None));
}
