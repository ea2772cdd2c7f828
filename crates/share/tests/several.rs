//! Several credentials in one answer (OpenID4VP 1.0, 6.1 `multiple` and 8.1).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where its world does not hold")]

mod common;

use common::{World, card, form, held_key, sd_jwt_query, sent};
use leerpas_core::Machine;
use leerpas_credential::{keys::HolderKey, sd_jwt::SdJwt};
use leerpas_share::{Answer, ApproveError, Choice};
use serde_json::{Value, json};

fn ask(world: &World, multiple: bool) -> String {
    world.request(|claims| {
        claims["dcql_query"] = sd_jwt_query(json!([{"path": ["title"]}]));
        claims["dcql_query"]["credentials"][0]["multiple"] = json!(multiple);
    })
}

fn two() -> Choice {
    Choice {
        cards: [("mc".to_owned(), "a".parse().unwrap())].into(),
        more: vec![("mc".to_owned(), "b".parse().unwrap())],
        ..Choice::default()
    }
}

#[test]
fn vp_6_1_multiple_takes_as_many_cards_as_the_person_gives() {
    let world = World::new();
    let keys = [HolderKey::make(&world.entropy), HolderKey::make(&world.entropy)];
    let originals = [world.sd_jwt(&keys[0], |_| {}), world.sd_jwt(&keys[1], |c| c["title"] = json!("Scheikunde"))];
    let cards = vec![card("a", &originals[0]), card("b", &originals[1])];
    let (plan, sharing) = world.plan(&ask(&world, true), cards).unwrap();
    assert!(plan.queries[0].multiple);
    let one = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    assert_eq!(one.cards().len(), 1, "one will do, and the person is not made to give more");
    let approval = plan.approve(&plan.fingerprint, &two()).unwrap();
    let [first, second] = keys;
    let keys = vec![held_key("a", first, &originals[0]), held_key("b", second, &originals[1])];
    let (exchange, sharing) = sent(sharing.answer(Answer::Share { approval, keys }, world.env()).unwrap());
    let token: Value = serde_json::from_str(&form(&exchange)[0].1).unwrap();
    let titles: Vec<Value> = token["mc"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| SdJwt::parse(one.as_str().unwrap()).unwrap().claims()["title"].clone())
        .collect();
    assert_eq!(titles, ["Watermanagement", "Scheikunde"]);
    assert_eq!(sharing.intent().unwrap().cards.len(), 2);
}

#[test]
fn vp_8_1_without_multiple_one_presentation_and_no_more() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let cards = || vec![card("a", &original), card("b", &original)];
    let (plan, _) = world.plan(&ask(&world, false), cards()).unwrap();
    assert_eq!(plan.approve(&plan.fingerprint, &two()).unwrap_err(), ApproveError::OneOnly);
    let (plan, _) = world.plan(&ask(&world, true), cards()).unwrap();
    for (id, expected) in [("a", ApproveError::NoSuchCard), ("c", ApproveError::NoSuchCard)] {
        let choice = Choice { more: vec![("mc".to_owned(), id.parse().unwrap())], ..two() };
        assert_eq!(plan.approve(&plan.fingerprint, &choice).unwrap_err(), expected, "{id}: twice, or not there");
    }
}
