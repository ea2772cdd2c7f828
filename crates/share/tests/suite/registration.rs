//! What a registrar says about the requester (OpenID4VP 1.0, 5.1 `verifier_info`).

use crate::common::{NOW, VCT, World, card};
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
fn ts27560_the_address_of_the_notice_is_the_registered_one_where_there_is_one() {
    let policy = |value: Value| registration(|_, _, claims| claims["privacy_policy"] = value, false).unwrap().policy;
    let address = "https://werk.example/privacy";
    let earlier = json!([{"type": "http://data.europa.eu/eudi/policy/privacy-policy", "policyURI": address}]);
    for written in [json!(address), earlier] {
        assert_eq!(policy(written).unwrap().as_str(), address);
    }
    for broken in [json!("http://werk.example/privacy"), json!([]), json!([address]), json!(7)] {
        assert_eq!(policy(broken), None);
    }
    assert_eq!(registration(|_, _, _| {}, false).unwrap().policy, None);
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
fn vp_5_1_a_registration_as_etsi_ts_119_475_writes_it() {
    let header = |_: &mut World, header: &mut Value, _: &mut Value| {
        header["b64"] = json!(true);
        header["cty"] = json!(["b64"]);
        header["iat"] = json!(NOW - 10);
    };
    assert!(registration(header, false).is_some(), "the header of a JAdES signature");
    let corrected = |_: &mut World, _: &mut Value, claims: &mut Value| {
        let credential = &mut claims["credentials"][0];
        credential["claims"] = credential["claim"].take();
        credential["meta"] = json!({"vct": VCT});
    };
    assert!(registration(corrected, false).unwrap().beyond.is_empty());
    let earlier = |_: &mut World, _: &mut Value, claims: &mut Value| {
        claims["sub"] = json!({"id": [{"type": "x", "identifier": "LEIXG-1"}, {"identifier": "desk.example"}]});
        claims["credentials"][0]["claim"] = json!([{"path": "title"}, {"path": "ects"}]);
        claims["credentials"][0]["meta"] = json!(VCT);
    };
    assert!(registration(earlier, false).unwrap().beyond.is_empty());
    let unnamed = |_: &mut World, _: &mut Value, claims: &mut Value| claims["credentials"][0]["meta"] = json!({});
    assert_eq!(registration(unnamed, false).unwrap().beyond, ["mc"], "a kind that is not named is not registered");
    let for_another = |_: &mut World, _: &mut Value, claims: &mut Value| {
        claims["intermediary"] = json!({"sub": "desk.example", "sname": "Werkplaats"});
        claims["sub"] = json!("NTRNL-12345678");
    };
    assert!(registration(for_another, false).is_some(), "the intermediary is the one that asks");
    let by_another =
        |_: &mut World, _: &mut Value, claims: &mut Value| claims["intermediary"] = json!({"sub": "other.example"});
    assert_eq!(registration(by_another, false), None);
    let for_years = |_: &mut World, _: &mut Value, claims: &mut Value| claims["exp"] = json!(NOW + 400 * 86_400);
    assert_eq!(registration(for_years, false), None);
    let without_end =
        |_: &mut World, _: &mut Value, claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("exp"));
    assert_eq!(registration(without_end, false), None);
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
