//! Several credentials in one answer (OpenID4VP 1.0, 6.1 `multiple` and 8.1).

use crate::common::{World, card, form, held_key, sd_jwt_query, sent};
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

#[test]
fn dcql_6_1_of_several_cards_each_leaves_out_what_it_has_of_it() {
    let world = World::new();
    let keys = [HolderKey::make(&world.entropy), HolderKey::make(&world.entropy)];
    let originals = [world.sd_jwt(&keys[0], |_| {}), world.sd_jwt(&keys[1], |_| {})];
    let jwt = world.request(|c| {
        c["dcql_query"] = sd_jwt_query(
            json!([{"id": "t", "path": ["title"]}, {"id": "n", "path": ["name"], "values": ["Noor de Wit"]}]),
        );
        c["dcql_query"]["credentials"][0]["claim_sets"] = json!([["t", "n"], ["t"]]);
        c["dcql_query"]["credentials"][0]["multiple"] = json!(true);
    });
    let without = |path: &str| Choice { without: vec![("mc".to_owned(), path.to_owned())], ..two() };
    let cards = vec![card("a", &originals[0]), card("b", &originals[1])];
    let (plan, _) = world.plan(&jwt, cards).unwrap();
    let shown = |choice: &Choice| -> Vec<String> {
        plan.approve(&plan.fingerprint, choice).unwrap().claims().into_iter().map(|claim| claim.path).collect()
    };
    assert_eq!(shown(&two()).iter().filter(|path| *path == "name").count(), 2);
    assert!(!shown(&without("name")).contains(&"name".to_owned()), "left out of both");
    assert_eq!(plan.approve(&plan.fingerprint, &without("grade")).unwrap_err(), ApproveError::NoSuchClaim);
    // One of them has another name, so that it is not asked for there: that is no reason to refuse the choice.
    let other = world.sd_jwt(&keys[1], |claims| claims["name"] = json!("Anders"));
    let (plan, _) = world.plan(&jwt, vec![card("a", &originals[0]), card("b", &other)]).unwrap();
    assert!(plan.approve(&plan.fingerprint, &without("name")).is_ok());
    let reversed = Choice {
        cards: [("mc".to_owned(), "b".parse().unwrap())].into(),
        more: vec![("mc".to_owned(), "a".parse().unwrap())],
        ..without("name")
    };
    assert!(plan.approve(&plan.fingerprint, &reversed).is_ok());
}
