//! What a registrar says about the requester (OpenID4VP 1.0, 5.1 `verifier_info`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where its world does not hold")]

mod common;

use common::{NOW, VCT, World, card};
use leerpas_credential::keys::{HolderKey, IssuerKey, Signer};
use leerpas_share::Registration;
use serde_json::{Value, json};

/// Hogeschool Delta, which is on the trust list, registers the desk.
fn registration(change: impl FnOnce(&mut World, &mut Value, &mut Value), strange: bool) -> Option<Registration> {
    let mut world = World::new();
    let mut header = json!({"typ": "rc-wrp+jwt", "x5c": world.issuer_x5c});
    let mut claims = json!({"sub": "desk.example", "iat": NOW - 10, "exp": NOW + 1000,
        "purpose": [{"lang": "en", "value": "Hiring"}, {"lang": "nl", "value": "Sollicitatie\u{202e}s"}],
        "credentials": [{"format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "claim": [{"path": ["title"]}, {"path": ["ects"]}]}]});
    change(&mut world, &mut header, &mut claims);
    let stranger = IssuerKey::make_p256(&world.entropy);
    let signer: &dyn Signer = if strange { &stranger } else { &world.issuer };
    let data = world.signed(&header, &claims, signer);
    let jwt = world.request(|c| c["verifier_info"] = json!([{"format": "registration_cert", "data": data}]));
    let key = HolderKey::make(&world.entropy);
    world.plan(&jwt, vec![card("a", &world.sd_jwt(&key, |_| {}))]).unwrap().0.registration
}

#[test]
fn vp_5_1_a_registration_that_verifies_is_shown() {
    let found = registration(|_, _, _| {}, false).unwrap();
    assert_eq!((found.registrar.as_str(), found.purpose.as_deref()), ("Hogeschool Delta", Some("Sollicitaties")));
    assert!(found.beyond.is_empty());
}

#[test]
fn asking_for_more_than_is_registered_is_told() {
    let less = |_: &mut World, _: &mut Value, claims: &mut Value| {
        claims["credentials"][0]["claim"] = json!([{"path": ["title"]}]);
    };
    assert_eq!(registration(less, false).unwrap().beyond, ["mc"]);
    let other = |_: &mut World, _: &mut Value, claims: &mut Value| {
        claims["credentials"][0]["meta"] = json!({"vct_values": ["urn:other"]});
    };
    assert_eq!(registration(other, false).unwrap().beyond, ["mc"]);
}

#[test]
fn security_d19_a_registration_that_does_not_verify_is_as_if_it_were_not_there() {
    assert_eq!(registration(|_, _, _| {}, true), None, "signed by another key");
    assert_eq!(registration(|_, header, _| header["typ"] = json!("jwt"), false), None);
    assert_eq!(registration(|world, header, _| header["x5c"] = json!(world.desk_x5c), false), None);
    assert_eq!(registration(|_, _, claims| claims["sub"] = json!("evil.example"), false), None, "of another");
    assert_eq!(registration(|_, _, claims| claims["exp"] = json!(NOW - 100), false), None);
    assert_eq!(registration(|_, _, claims| claims["iat"] = json!(NOW + 100), false), None);
    let mut nobody = leerpas_credential::trust::TrustList::empty();
    let unlisted = |world: &mut World, _: &mut Value, _: &mut Value| {
        nobody.add_root_pem(world.authority.certificate_pem()).unwrap();
        world.trust = nobody.into();
    };
    assert_eq!(registration(unlisted, false), None, "a registrar that is not on the list");
}
