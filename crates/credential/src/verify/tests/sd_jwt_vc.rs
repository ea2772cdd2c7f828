//! SD-JWT VC, and the machine itself.

use leerpas_core::{CardStatus, ErrorKind, Evidence};
use serde_json::json;

use super::*;

#[test]
fn a_good_sd_jwt_vc_becomes_verified() {
    let world = World::new();
    let (checked, asked) = world.run(&world.with(|_| {}), world.policy(), |_| None);
    assert_eq!(checked.report.verdict, Verdict::Valid, "{:#?}", checked.report);
    assert_eq!(checked.report.failure_kind(), None);
    assert_eq!(checked.report.issuer.evidence, Evidence::Listed);
    assert_eq!(checked.report.issuer.name, "Hogeschool Delta");
    assert_eq!(checked.report.issuer.host.as_deref(), Some("hogeschool.example"));
    assert!(asked.is_empty(), "a chain needs no network: {asked:?}");
    assert_eq!(checked.into_verified().unwrap().report().status, CardStatus::Valid);
}

#[test]
fn security_a14_a_credential_by_another_key_than_the_issuers_is_not_genuine() {
    let world = World::new();
    let other = IssuerKey::make_p256(&world.entropy);
    let forged = world.sd_jwt(world.claims(), world.x5c_header(), &[], &other);
    let report = world.check(&forged);
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::BadSignature));
    assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialNotGenuine));
    assert_eq!((report.verdict, report.status), (Verdict::Invalid, CardStatus::Invalid));
    assert_eq!(report.issuer.evidence, Evidence::Claimed);
}

#[test]
fn security_a14_a_certificate_for_other_names_is_not_the_issuers() {
    let world = World::new();
    for (dns, uri) in [("evil.example", "https://evil.example"), ("*.example", "https://evil.example")] {
        let (key, x5c) = world.authority.issue_signer("E", "E", &[dns], &[uri], world.env()).unwrap();
        let stolen = world.sd_jwt(world.claims(), json!({"typ": "dc+sd-jwt", "x5c": x5c}), &[], &key);
        let report = world.check(&stolen);
        assert_eq!(found(&report, CheckName::IssuerKey), fails(Reason::KeyNotOfIssuer));
        assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialNotGenuine));
    }
}

#[test]
fn an_authority_of_one_institution_cannot_speak_for_another() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let other = TrialAuthority::ensure(folder.path(), world.env()).unwrap();
    let mut trust = TrustList::clone(&world.trust());
    trust.add_root_pem(other.certificate_pem()).unwrap();
    let (key, x5c) = other.issue_signer("H", "H", &["hogeschool.example"], &[ISSUER], world.env()).unwrap();
    let stolen = world.sd_jwt(world.claims(), json!({"typ": "dc+sd-jwt", "x5c": x5c}), &[], &key);
    let report = world.run(&stolen, Policy { trust: Arc::new(trust), ..world.policy() }, |_| None).0.report;
    assert_eq!(found(&report, CheckName::IssuerKey), fails(Reason::KeyNotOfIssuer));
}

#[test]
fn security_a05_a_hostile_kid_reaches_nobody() {
    let world = World::new();
    let long = "k".repeat(30_000);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "did:web:127.0.0.1%3A22#k", "#", long.as_str()] {
        let mut claims = world.claims();
        claims["iss"] = json!(DID);
        let credential = world.sd_jwt(claims, json!({"typ": "dc+sd-jwt", "kid": kid}), &[], &world.key);
        let (checked, asked) = world.run(&credential, world.policy(), |url| world.server(url));
        assert!(asked.iter().all(|url| url == DID_URL), "{asked:?}");
        assert_ne!(checked.report.verdict, Verdict::Valid);
    }
}

#[test]
fn security_a03_keys_inside_the_header_are_no_anchor() {
    let world = World::new();
    let mallory = IssuerKey::make_p256(&world.entropy);
    let header = json!({"typ": "dc+sd-jwt", "jwk": mallory.public().to_jwk(), "jku": "https://evil.example/jwks", "x5u": "https://evil.example/c"});
    let forged = world.sd_jwt(world.claims(), header, &[], &mallory);
    let (checked, asked) = world.run(&forged, world.policy(), |url| world.server(url));
    assert_eq!(found(&checked.report, CheckName::Signature), fails(Reason::BadSignature));
    assert_eq!(asked, [METADATA_URL], "only the issuer's own address is asked");
    let mut claims = world.claims();
    claims.as_object_mut().unwrap().remove("iss");
    let nameless = world.sd_jwt(claims, json!({"typ": "dc+sd-jwt", "jwk": mallory.public().to_jwk()}), &[], &mallory);
    assert_eq!(found(&world.check(&nameless), CheckName::IssuerKey), fails(Reason::KeyUntied));
}

#[test]
fn a_chain_to_an_unknown_root_leaves_the_issuer_unknown_and_the_signature_held() {
    let world = World::new();
    let policy = Policy { trust: Arc::new(TrustList::empty()), ..world.policy() };
    let report = world.run(&world.with(|_| {}), policy, |_| None).0.report;
    assert_eq!(found(&report, CheckName::Signature), PASS);
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::ChainNotTrusted));
    assert_eq!((report.verdict, report.status), (Verdict::Unknown, CardStatus::Unknown));
    assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialUncheckable));
}

#[test]
fn an_issuer_that_is_not_listed_is_a_warning() {
    let world = World::new();
    let mut trust = TrustList::empty();
    trust.add_root_pem(world.authority.certificate_pem()).unwrap();
    let report = world.run(&world.with(|_| {}), Policy { trust: Arc::new(trust), ..world.policy() }, |_| None).0.report;
    assert_eq!(found(&report, CheckName::IssuerTrust), (CheckResult::Warn, Some(Reason::NotInList)));
    assert_eq!((report.verdict, report.issuer.evidence), (Verdict::Valid, Evidence::Proved));
}

#[test]
fn sd_jwt_vc_5_metadata_at_the_well_known_address_gives_the_key() {
    let world = World::new();
    let credential = |kid: &str| world.sd_jwt(world.claims(), json!({"typ": "dc+sd-jwt", "kid": kid}), &[], &world.key);
    let (checked, asked) = world.run(&credential("k1"), world.policy(), |url| world.server(url));
    assert_eq!((checked.report.verdict, &asked[..]), (Verdict::Valid, &[METADATA_URL.to_owned()][..]));
    let report = world.check(&credential("k2"));
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::KeyUnavailable));
    let other = |_: &str| {
        Some(
            json!({"issuer": "https://hogeschool.example/", "jwks": {"keys": [world.named_jwk("k1")]}})
                .to_string()
                .into_bytes(),
        )
    };
    let report = world.run(&credential("k1"), world.policy(), other).0.report;
    assert_eq!(found(&report, CheckName::IssuerKey), fails(Reason::KeyNotOfIssuer));
    let html = |_: &str| Some(b"<html>".to_vec());
    let report = world.run(&credential("k1"), world.policy(), html).0.report;
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::KeyUnavailable));
    let (checked, asked) =
        world.run(&credential("k1"), Policy { network: false, ..world.policy() }, |url| world.server(url));
    assert!(asked.is_empty());
    assert_eq!(found(&checked.report, CheckName::Signature), unknown(Reason::KeyUnavailable));
}

#[test]
fn sd_jwt_vc_metadata_path_goes_between_host_and_path() {
    let world = World::new();
    let mut claims = world.claims();
    claims["iss"] = json!("https://hogeschool.example/tenant/a");
    let credential = world.sd_jwt(claims, json!({"typ": "dc+sd-jwt"}), &[], &world.key);
    let (_, asked) = world.run(&credential, world.policy(), |_| None);
    assert_eq!(asked, ["https://hogeschool.example/.well-known/jwt-vc-issuer/tenant/a"]);
    for bad in ["http://hogeschool.example", "https://a@hogeschool.example", "hogeschool", "https://h.example/?x"] {
        let mut claims = world.claims();
        claims["iss"] = json!(bad);
        let credential = world.sd_jwt(claims, json!({"typ": "dc+sd-jwt"}), &[], &world.key);
        let (checked, asked) = world.run(&credential, world.policy(), |_| None);
        assert!(asked.is_empty(), "{bad}");
        assert_eq!(found(&checked.report, CheckName::IssuerKey), unknown(Reason::NotSupported), "{bad}");
    }
}

#[test]
fn sd_jwt_vc_format_rules_are_kept() {
    let world = World::new();
    let format = |bytes: &[u8]| found(&world.check(bytes), CheckName::Format);
    assert_eq!(format(&world.with(|_| {})), PASS);
    assert_eq!(format(&world.with(|c| c["vct"] = json!(1))), fails(Reason::UnexpectedType));
    let typed = |typ: &str| world.sd_jwt(world.claims(), json!({"typ": typ, "x5c": world.x5c}), &[], &world.key);
    assert_eq!(format(&typed("vc+sd-jwt")), (CheckResult::Warn, Some(Reason::LooseForm)));
    assert_eq!(format(&typed("JWT")), fails(Reason::UnexpectedType));
    for name in ["iss", "exp", "cnf", "vct"] {
        let hidden = world.sd_jwt(world.claims(), world.x5c_header(), &[vec![name.into()]], &world.key);
        assert_eq!(format(&hidden), fails(Reason::Malformed), "{name}");
    }
    let within: ClaimPath = vec!["cnf".into(), "jwk".into()];
    assert_eq!(
        format(&world.sd_jwt(world.claims(), world.x5c_header(), &[within], &world.key)),
        fails(Reason::Malformed)
    );
}

#[test]
fn sd_jwt_vc_3_2_2_2_a_chain_stands_in_for_the_name_of_the_issuer() {
    let world = World::new();
    let report = world.check(&world.with(|claims| drop(claims.as_object_mut().unwrap().remove("iss"))));
    assert_eq!(found(&report, CheckName::Format), PASS, "{report:#?}");
    assert_eq!(found(&report, CheckName::Signature), PASS);
    assert_eq!(found(&report, CheckName::IssuerKey), PASS);
    // Without a chain nobody is named at all.
    let mut claims = world.claims();
    claims.as_object_mut().unwrap().remove("iss");
    let nameless = world.sd_jwt(claims, json!({"typ": "dc+sd-jwt", "kid": "k1"}), &[], &world.key);
    let (checked, asked) = world.run(&nameless, world.policy(), |url| world.server(url));
    assert_ne!(checked.report.verdict, Verdict::Valid);
    assert!(asked.is_empty(), "{asked:?}");
}

#[test]
fn sd_jwt_vc_10_2_an_issuer_may_be_a_did_whose_document_lists_the_key() {
    let world = World::new();
    let of = |kid: &str, key: &IssuerKey| {
        let mut claims = world.claims();
        claims["iss"] = json!(DID);
        let credential = world.sd_jwt(claims, json!({"typ": "dc+sd-jwt", "kid": kid}), &[], key);
        world.run(&credential, world.policy(), |url| world.server(url))
    };
    let (checked, asked) = of(&format!("{DID}#badge"), &world.badge_key);
    assert_eq!((checked.report.verdict, &asked[..]), (Verdict::Valid, &[DID_URL.to_owned()][..]));
    let login = of(&format!("{DID}#login"), &world.key).0.report;
    assert_ne!(found(&login, CheckName::IssuerKey), PASS, "that key is not for assertions");
    let elsewhere = of("did:web:evil.example#badge", &world.badge_key);
    assert_ne!(elsewhere.0.report.verdict, Verdict::Valid);
    assert!(elsewhere.1.iter().all(|url| url == DID_URL), "{:?}", elsewhere.1);
}

#[test]
fn security_a22_an_issuer_that_sends_a_key_binding_is_refused() {
    let world = World::new();
    let sent = present_sd_jwt(&world.with(|_| {}), &[], &world.holder, "aud", "n", world.now).unwrap();
    assert_eq!(found(&world.check(sent.as_bytes()), CheckName::Format), fails(Reason::Malformed));
}

#[test]
fn a_credential_of_another_holder_is_not_yours() {
    let world = World::new();
    let other = HolderKey::make(&world.entropy);
    let report = world.check(&world.with(|c| c["cnf"] = json!({"jwk": other.public().to_jwk()})));
    assert_eq!(found(&report, CheckName::Holder), fails(Reason::OtherHolder));
    assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialNotYours));
    let unbound = world.check(&world.with(|c| {
        c.as_object_mut().unwrap().remove("cnf");
    }));
    assert_eq!(found(&unbound, CheckName::Holder), fails(Reason::NotBound));
    let badge = world.check(&world.badge(|b| b["credentialSubject"]["id"] = json!(other.did_jwk())));
    assert_eq!(badge.failure_kind(), Some(ErrorKind::CredentialNotYours));
}

#[test]
fn an_expired_credential_still_says_that_it_is_genuine() {
    let world = World::new();
    let report = world.check(&world.with(|c| c["exp"] = json!(world.now.as_second() - 61)));
    assert_eq!(found(&report, CheckName::Signature), PASS);
    assert_eq!(found(&report, CheckName::IssuerKey), PASS);
    assert_eq!(found(&report, CheckName::Validity), fails(Reason::Expired));
    assert_eq!((report.status, report.failure_kind()), (CardStatus::Expired, Some(ErrorKind::CredentialExpired)));
    let early = world.check(&world.with(|c| c["nbf"] = json!(world.now.as_second() + 61)));
    assert_eq!((early.status, early.failure_kind()), (CardStatus::NotYetValid, Some(ErrorKind::CredentialNotYetValid)));
}

#[test]
fn only_status_200_is_an_answer_and_an_unasked_reply_is_refused() {
    let world = World::new();
    let Step::Send(_, machine) =
        Verification::start(read(&world.badge(|_| {})).unwrap(), world.policy(), world.env()).unwrap()
    else {
        panic!("the document is needed");
    };
    let redirect = Reply::new(302, None, world.server(DID_URL).unwrap());
    let Step::Done(checked) = machine.reply(Ok(redirect), world.env()).unwrap() else { panic!("nothing else to ask") };
    assert_eq!(found(&checked.report, CheckName::IssuerKey), unknown(Reason::KeyUnavailable));
    assert!(checked.into_verified().is_err());
}

#[test]
fn a_key_that_the_list_names_needs_no_authority() {
    let world = World::new();
    let list = |keys: Value, own: bool| {
        let list =
            json!({"version": 1, "institutions": [{"name": {"nl": "Delta"}, "identifiers": [ISSUER], "keys": keys}]});
        let mut institution = TrustList::from_json(list.to_string().as_bytes()).unwrap().institutions()[0].clone();
        institution.own = own;
        Policy { trust: Arc::new(TrustList::of(vec![institution]).unwrap()), ..world.policy() }
    };
    let look = |policy: Policy| world.run(&world.with(|_| {}), policy, |_| None).0.report;
    let pinned = look(list(json!([world.key.public().to_jwk()]), false));
    assert_eq!(found(&pinned, CheckName::IssuerKey), PASS);
    assert_eq!(pinned.issuer.evidence, Evidence::Listed);
    assert_eq!(look(list(json!([world.key.public().to_jwk()]), true)).issuer.evidence, Evidence::Own);
    let other = look(list(json!([world.badge_key.public().to_jwk()]), false));
    assert_eq!(found(&other, CheckName::IssuerKey), unknown(Reason::ChainNotTrusted));
    assert_eq!(other.issuer.evidence, Evidence::Claimed);
}
