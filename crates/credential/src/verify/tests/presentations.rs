//! Presentations.

use leerpas_core::Timestamp;
use serde_json::{Value, json};

use super::*;

#[test]
fn rfc9901_7_3_a_presentation_is_checked_for_key_nonce_and_audience() {
    let world = World::new();
    let present = |audience: &str, nonce: &str, now: Timestamp| {
        present_sd_jwt(&world.with(|_| {}), &[vec!["family_name".into()]], &world.holder, audience, nonce, now).unwrap()
    };
    let run = |sent: &str| world.run(sent.as_bytes(), world.asked(), |_| None).0.report;
    let good = run(&present("x509_hash:desk", "n-1", world.now));
    assert_eq!(good.verdict, Verdict::Valid, "{good:#?}");
    for name in [CheckName::Holder, CheckName::Nonce, CheckName::Audience] {
        assert_eq!(found(&good, name), PASS);
    }
    assert_eq!(found(&run(&present("x509_hash:desk", "n-2", world.now)), CheckName::Nonce), fails(Reason::WrongNonce));
    assert_eq!(found(&run(&present("other", "n-1", world.now)), CheckName::Audience), fails(Reason::WrongAudience));
    let old = Timestamp::from_second(world.now.as_second() - 3600).unwrap();
    assert_eq!(found(&run(&present("x509_hash:desk", "n-1", old)), CheckName::Holder), fails(Reason::KeyBindingTime));
    let bare = world.run(&world.with(|_| {}), world.asked(), |_| None).0.report;
    assert_eq!(found(&bare, CheckName::Holder), fails(Reason::KeyBindingMissing));
    let mut garbage = present("x509_hash:desk", "n-1", world.now);
    garbage.truncate(garbage.len() - 86);
    garbage.push_str(&crate::jose::encode_base64url(&[9; 64]));
    assert_eq!(found(&run(&garbage), CheckName::Holder), fails(Reason::KeyBindingInvalid), "security A24");
}

#[test]
fn a_data_integrity_presentation_is_checked_for_key_challenge_and_domain() {
    let world = World::new();
    let badge = world.badge(|_| {});
    let present = |domain: &str, challenge: &str| {
        present_data_integrity(&[&badge], &world.holder, domain, challenge, world.now).unwrap()
    };
    let run = |sent: &Value| world.run(sent.to_string().as_bytes(), world.asked(), |url| world.server(url)).0.report;
    let good = run(&present("x509_hash:desk", "n-1"));
    assert_eq!(good.verdict, Verdict::Valid, "{good:#?}");
    assert_eq!(found(&run(&present("x509_hash:desk", "n-2")), CheckName::Nonce), fails(Reason::WrongNonce));
    assert_eq!(found(&run(&present("other", "n-1")), CheckName::Audience), fails(Reason::WrongAudience));
    let mut changed = present("x509_hash:desk", "n-1");
    changed["holder"] = json!(HolderKey::make(&world.entropy).did_jwk());
    assert_eq!(found(&run(&changed), CheckName::Holder), fails(Reason::KeyBindingInvalid));
    let mut changed = present("x509_hash:desk", "n-1");
    changed["proof"]["challenge"] = json!("n-3");
    assert_eq!(found(&run(&changed), CheckName::Holder), fails(Reason::KeyBindingInvalid));
    let other = HolderKey::make(&world.entropy);
    assert!(present_data_integrity(&[&badge], &other, "d", "c", world.now).is_err());
    let bare = world.run(&badge, world.asked(), |url| world.server(url)).0.report;
    assert_eq!(found(&bare, CheckName::Holder), fails(Reason::KeyBindingMissing));
}
