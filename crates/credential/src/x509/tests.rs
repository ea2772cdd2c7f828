use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_core::{CountingEntropy, Entropy as _, Env, Timestamp};
use serde_json::json;

use super::*;
use crate::keys::IssuerKey;

struct Trial {
    entropy: CountingEntropy,
    now: Timestamp,
    folder: tempfile::TempDir,
}

impl Trial {
    fn new() -> Self {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        Self { entropy: CountingEntropy::default(), now, folder: tempfile::tempdir().unwrap() }
    }

    fn env(&self) -> Env<'_> {
        Env { now: self.now, entropy: &self.entropy }
    }

    fn authority(&self) -> TrialAuthority {
        TrialAuthority::ensure(self.folder.path(), self.env()).unwrap()
    }

    fn later(&self, days: i64) -> Timestamp {
        Timestamp::from_second(self.now.as_second() + days * 86_400).unwrap()
    }
}

#[test]
fn a_signer_of_the_trial_authority_holds_for_a_year_under_its_root_alone() {
    let trial = Trial::new();
    let authority = trial.authority();
    let (key, x5c) = authority
        .issue_signer("Balie", "Werkgever BV", &["desk.example"], &["https://desk.example"], trial.env())
        .unwrap();
    assert_eq!(x5c.len(), 1, "the root stays out");
    let chain = Chain::from_x5c(&json!(x5c)).unwrap();
    let roots = Roots::from_pem(authority.certificate_pem()).unwrap();
    assert_eq!(chain.verify(&roots, trial.now), Ok(()));
    assert_eq!(chain.verify(&roots, trial.later(364)), Ok(()));
    assert_eq!(chain.verify(&roots, trial.later(366)), Err(ChainError::Dates));
    assert_eq!(chain.verify(&roots, trial.later(-2)), Err(ChainError::Dates));
    assert_eq!(chain.verify(&Roots::default(), trial.now), Err(ChainError::NotTrusted));
    assert_eq!(chain.leaf_key(), key.public());
    assert_eq!(chain.names(), ["desk.example", "https://desk.example"]);
    assert_eq!(chain.common_name().as_deref(), Some("Balie"));
    assert_eq!(chain.organisation().as_deref(), Some("Werkgever BV"));
    assert_eq!(chain.leaf_sha256_base64url().len(), 43);
    for covered in ["https://desk.example", "https://desk.example/path", "did:web:desk.example"] {
        assert!(chain.covers(covered), "{covered}");
    }
    for foreign in ["https://desk.example.evil", "http://desk.example", "https://sub.desk.example", "did:web:other", ""]
    {
        assert!(!chain.covers(foreign), "{foreign}");
    }
}

#[test]
fn the_authority_is_kept_and_its_key_is_for_its_owner_alone() {
    let trial = Trial::new();
    let first = trial.authority().certificate_pem().to_owned();
    assert_eq!(trial.authority().certificate_pem(), first);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(trial.folder.path().join("ca-key.pem")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let much_later = Env { now: trial.later(6 * 365), entropy: &trial.entropy };
    let renewed = TrialAuthority::ensure(trial.folder.path(), much_later).unwrap();
    assert_ne!(renewed.certificate_pem(), first, "an authority that ran out is made anew");
    let other = IssuerKey::make_p256(&trial.entropy).to_pem().unwrap();
    std::fs::write(trial.folder.path().join("ca-key.pem"), other.expose()).unwrap();
    assert!(matches!(TrialAuthority::ensure(trial.folder.path(), trial.env()), Err(TrialError::Damaged)));
    std::fs::write(trial.folder.path().join("ca.pem"), "cut").unwrap();
    assert!(matches!(TrialAuthority::ensure(trial.folder.path(), trial.env()), Err(TrialError::Damaged)));
}

#[test]
fn a_server_certificate_names_hosts_and_addresses() {
    let trial = Trial::new();
    let ips: [IpAddr; 2] = ["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
    let (chain, key) = trial.authority().issue_server(&["localhost"], &ips, trial.env()).unwrap();
    let certificate = openssl::x509::X509::from_pem(chain.as_bytes()).unwrap();
    let names = certificate.subject_alt_names().unwrap();
    assert_eq!(names.iter().filter_map(|name| name.dnsname()).collect::<Vec<_>>(), ["localhost"]);
    assert_eq!(names.iter().filter(|name| name.ipaddress().is_some()).count(), 2);
    let key = openssl::pkey::PKey::private_key_from_pem(key.expose().as_bytes()).unwrap();
    assert!(certificate.public_key().unwrap().public_eq(&key));
    assert!(matches!(trial.authority().issue_server(&["né"], &[], trial.env()), Err(TrialError::Name)));
}

/// A chain made by hand, to break one rule at a time.
fn made(change: impl Fn(&mut rcgen::CertificateParams)) -> (Vec<String>, String) {
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.distinguished_name.push(rcgen::DnType::CommonName, "root");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let leaf_key = rcgen::KeyPair::generate().unwrap();
    let mut leaf = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    leaf.distinguished_name.push(rcgen::DnType::CommonName, "leaf");
    change(&mut leaf);
    let leaf = leaf.signed_by(&leaf_key, &issuer).unwrap();
    (vec![STANDARD.encode(leaf.der()), STANDARD.encode(root.der())], root.pem())
}

#[test]
fn security_a14_a_leaf_that_is_an_authority_or_its_own_issuer_is_refused() {
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    let outcome = |change: &dyn Fn(&mut rcgen::CertificateParams)| {
        let (x5c, root) = made(change);
        Chain::from_x5c(&json!(x5c)).unwrap().verify(&Roots::from_pem(&root).unwrap(), now)
    };
    assert_eq!(outcome(&|_| {}), Ok(()), "a root that came along does no harm");
    let ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    assert_eq!(outcome(&|leaf| leaf.is_ca = ca), Err(ChainError::LeafIsAuthority));
    let usage = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    assert_eq!(outcome(&|leaf| leaf.key_usages = usage.clone()), Err(ChainError::LeafIsAuthority));
    let expired = |leaf: &mut rcgen::CertificateParams| leaf.not_after = rcgen::date_time_ymd(2026, 1, 1);
    assert_eq!(outcome(&expired), Err(ChainError::Dates));
    let own = rcgen::generate_simple_self_signed(vec!["a.example".to_owned()]).unwrap().cert;
    let chain = Chain::from_x5c(&json!([STANDARD.encode(own.der())])).unwrap();
    assert_eq!(chain.verify(&Roots::from_pem(&own.pem()).unwrap(), now), Err(ChainError::SelfSigned));
}

#[test]
fn security_a14_name_constraints_of_the_authority_hold() {
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority.name_constraints = Some(rcgen::NameConstraints {
        permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("school.example".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    let root = authority.self_signed(&key).unwrap().pem();
    let issuer = rcgen::Issuer::new(authority, key);
    let outcome = |name: &str| {
        let mut leaf = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        leaf.distinguished_name = rcgen::DistinguishedName::new();
        leaf.distinguished_name.push(rcgen::DnType::OrganizationName, "x");
        let leaf = leaf.signed_by(&rcgen::KeyPair::generate().unwrap(), &issuer).unwrap();
        let chain = Chain::from_x5c(&json!([STANDARD.encode(leaf.der())])).unwrap();
        chain.verify(&Roots::from_pem(&root).unwrap(), now)
    };
    assert_eq!(outcome("wallet.school.example"), Ok(()));
    assert!(matches!(outcome("evil.example"), Err(ChainError::Broken(_))));
}

#[test]
fn security_a14_what_is_no_chain_is_refused() {
    let (x5c, _) = made(|_| {});
    for bad in [
        json!(null),
        json!("MII"),
        json!([]),
        json!([1]),
        json!(["####"]),
        json!([STANDARD.encode(b"no certificate")]),
        json!(vec![x5c[0].clone(); 50]),
    ] {
        assert_eq!(Chain::from_x5c(&bad).unwrap_err(), ChainError::Unreadable);
    }
    assert_eq!(Roots::from_pem("").unwrap_err(), ChainError::Unreadable);
}

#[test]
fn security_b_a_chain_that_was_proved_holds_no_longer_than_its_dates_and_under_no_other_roots() {
    let (trial, other) = (Trial::new(), Trial::new());
    // Another authority has another key.
    other.entropy.fill(&mut [0; 99]);
    let authority = trial.authority();
    let (_, x5c) = authority
        .issue_signer("Balie", "Werkgever BV", &["desk.example"], &["https://desk.example"], trial.env())
        .unwrap();
    let roots = Roots::from_pem(authority.certificate_pem()).unwrap();
    let foreign = Roots::from_pem(other.authority().certificate_pem()).unwrap();
    // Twice each, because the second time the answer may be known.
    for _ in 0..2 {
        let chain = Chain::from_x5c(&json!(x5c)).unwrap();
        assert_eq!(chain.verify(&roots, trial.now), Ok(()));
        assert_eq!(chain.verify(&foreign, trial.now), Err(ChainError::NotTrusted));
        assert_eq!(chain.verify(&Roots::default(), trial.now), Err(ChainError::NotTrusted));
        assert_eq!(chain.verify(&roots, trial.later(400)), Err(ChainError::Dates));
        assert_eq!(chain.verify(&roots, trial.later(-400)), Err(ChainError::Dates));
        assert_eq!(chain.verify(&roots, trial.later(300)), Ok(()));
    }
    let both =
        Roots::from_pems(&[other.authority().certificate_pem().to_owned(), authority.certificate_pem().to_owned()]);
    assert_eq!(Chain::from_x5c(&json!(x5c)).unwrap().verify(&both.unwrap(), trial.now), Ok(()));
}
