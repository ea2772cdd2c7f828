//! Confirming something along with an answer (OpenID4VP 1.0, 5.1 and appendix B.3.3.1).

use crate::common::{VCT, World, card, form, held_key, sent};
use leerpas_core::{ErrorKind, Machine};
use leerpas_credential::{
    jose::{self, Jws},
    keys::HolderKey,
};
use leerpas_openid::vp::STATEMENT_TYPE;
use leerpas_share::{Answer, ApproveError, Choice};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn entry(ids: &[&str], more: impl FnOnce(&mut Value)) -> String {
    let mut entry = json!({"type": STATEMENT_TYPE, "credential_ids": ids, "statement": "Ik schrijf mij in."});
    more(&mut entry);
    jose::encode_base64url(entry.to_string().as_bytes())
}

fn binding_of(token: &str) -> Value {
    Value::Object(Jws::parse(token.rsplit_once('~').unwrap().1).unwrap().claims().unwrap())
}

#[test]
fn vp_8_4_a_statement_is_shown_and_its_hash_signed_by_one_card() {
    for named in [false, true] {
        let world = World::new();
        let key = HolderKey::make(&world.entropy);
        let original = world.sd_jwt(&key, |_| {});
        let data = entry(&["mc"], |e| {
            if named {
                e["transaction_data_hashes_alg"] = json!(["sha-256"]);
            }
        });
        let jwt = world.request(|c| c["transaction_data"] = json!([data]));
        let (plan, sharing) = world.plan(&jwt, vec![card("a", &original)]).unwrap();
        assert_eq!(plan.statements, ["Ik schrijf mij in."]);
        let (without, _) = world.plan(&world.request(|_| {}), vec![card("a", &original)]).unwrap();
        assert_ne!(plan.fingerprint, without.fingerprint);
        let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
        let keys = vec![held_key("a", key, &original)];
        let (exchange, _) = sent(sharing.answer(Answer::Share { approval, keys }, world.env()).unwrap());
        let token: Value = serde_json::from_str(&form(&exchange)[0].1).unwrap();
        let claims = binding_of(token["mc"][0].as_str().unwrap());
        let hash = jose::encode_base64url(&Sha256::digest(data.as_bytes()));
        assert_eq!(claims["transaction_data_hashes"], json!([hash]));
        assert_eq!(claims.get("transaction_data_hashes_alg").and_then(Value::as_str), named.then_some("sha-256"));
    }
}

#[test]
fn vp_5_1_a_statement_needs_the_card_that_can_confirm_it() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let cards = || vec![card("a", &world.sd_jwt(&key, |_| {}))];
    let jwt = world.request(|c| {
        let query = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}});
        c["dcql_query"] = json!({"credentials": [query("mc"), query("extra")], "credential_sets": [
            {"options": [["mc"]]}, {"options": [["extra"]], "required": false}]});
        c["transaction_data"] = json!([entry(&["extra"], |_| {})]);
    });
    let (plan, _) = world.plan(&jwt, cards()).unwrap();
    assert_eq!(plan.approve(&plan.fingerprint, &Choice::default()).unwrap_err(), ApproveError::Unconfirmed);
    let with = Choice { cards: [("extra".to_owned(), "a".parse().unwrap())].into(), ..Choice::default() };
    assert!(plan.approve(&plan.fingerprint, &with).is_ok());
}

#[test]
fn security_d18_transaction_data_that_is_not_known_is_refused() {
    let world = World::new();
    let table: [(Value, ErrorKind); 4] = [
        (json!([entry(&["mc"], |e| e["type"] = json!("payment"))]), ErrorKind::RequestUnsupported),
        (json!([entry(&["other"], |_| {})]), ErrorKind::RequestInvalid),
        (json!([entry(&["mc"], |_| {}), entry(&["mc"], |e| e["type"] = json!("x"))]), ErrorKind::RequestUnsupported),
        (json!("text"), ErrorKind::RequestInvalid),
    ];
    for (data, kind) in table {
        let jwt = world.request(|c| c["transaction_data"] = data);
        assert_eq!(world.plan(&jwt, Vec::new()).unwrap_err().kind(), kind);
    }
}

#[test]
fn vp_5_1_of_several_cards_that_could_confirm_one_does() {
    let world = World::new();
    let keys = [HolderKey::make(&world.entropy), HolderKey::make(&world.entropy)];
    let originals = [world.sd_jwt(&keys[0], |_| {}), world.sd_jwt(&keys[1], |_| {})];
    let jwt = world.request(|c| {
        let query = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}});
        c["dcql_query"] = json!({"credentials": [query("mc"), query("extra")]});
        c["transaction_data"] = json!([entry(&["mc", "extra"], |_| {})]);
    });
    let cards = vec![card("a", &originals[0]), card("b", &originals[1])];
    let (plan, sharing) = world.plan(&jwt, cards).unwrap();
    let choice = Choice {
        cards: [("mc".to_owned(), "a".parse().unwrap()), ("extra".to_owned(), "b".parse().unwrap())].into(),
        ..Choice::default()
    };
    let approval = plan.approve(&plan.fingerprint, &choice).unwrap();
    let [first, second] = keys;
    let keys = vec![held_key("a", first, &originals[0]), held_key("b", second, &originals[1])];
    let (exchange, _) = sent(sharing.answer(Answer::Share { approval, keys }, world.env()).unwrap());
    let token: Value = serde_json::from_str(&form(&exchange)[0].1).unwrap();
    let confirms = |id: &str| binding_of(token[id][0].as_str().unwrap()).get("transaction_data_hashes").is_some();
    assert!(confirms("mc") != confirms("extra"), "one, and no more");
}
