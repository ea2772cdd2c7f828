//! A W3C credential of which a part is shown.

use std::collections::BTreeSet;

use crate::common::{World, badge_query, card, form, held_key, sent};
use leerpas_core::{Exchange, Machine};
use leerpas_credential::keys::HolderKey;
use leerpas_openid::dcql::leaves;
use leerpas_share::{Answer, ApproveError, Choice, Plan, PlannedClaim, Sharing};
use serde_json::{Value, json};

struct Case {
    world: World,
    key: HolderKey,
    original: Vec<u8>,
}

impl Case {
    fn new() -> Self {
        let world = World::new();
        let key = HolderKey::make(&world.entropy);
        let original = world.badge_in_parts(&key, |_| {});
        Self { world, key, original }
    }

    fn plan(&self, query: Value) -> (Plan, Sharing) {
        let jwt = self.world.request(|claims| claims["dcql_query"] = query);
        self.world.plan(&jwt, vec![card("a", &self.original)]).unwrap()
    }

    fn send(&self, query: Value, choice: &Choice) -> (Exchange, Sharing) {
        let (plan, sharing) = self.plan(query);
        let approval = plan.approve(&plan.fingerprint, choice).unwrap();
        let key = HolderKey::from_secret(&self.key.secret()).unwrap();
        let keys = vec![held_key("a", key, &self.original)];
        sent(sharing.answer(Answer::Share { approval, keys }, self.world.env()).unwrap())
    }

    fn shown(&self, query: Value, choice: &Choice) -> Value {
        let (exchange, _) = self.send(query, choice);
        let token = form(&exchange).into_iter().find(|(name, _)| name == "vp_token").unwrap().1;
        let token: Value = serde_json::from_str(&token).unwrap();
        token["badge"][0]["verifiableCredential"][0].clone()
    }
}

fn claim<'p>(plan: &'p Plan, path: &str) -> Option<&'p PlannedClaim> {
    plan.queries[0].candidates[0].claims.iter().find(|claim| claim.path == path)
}

fn results() -> Value {
    json!([
        {"id": "value", "path": ["credentialSubject", "result", 0, "value"]},
        {"id": "name", "path": ["credentialSubject", "achievement", "name"]},
        {"id": "text", "path": ["credentialSubject", "achievement", "description"]}
    ])
}

#[test]
fn the_plan_shows_what_can_be_hidden_and_what_cannot() {
    let case = Case::new();
    let mut query = badge_query(results());
    query["credentials"][0]["claim_sets"] = json!([["value", "name", "text"], ["name"]]);
    let (plan, _) = case.plan(query);
    assert!(!plan.queries[0].candidates[0].whole);
    let value = claim(&plan, "credentialSubject.result.0.value").unwrap();
    assert!(value.asked && value.optional && value.hidden_possible);
    let name = claim(&plan, "credentialSubject.achievement.name").unwrap();
    assert!(name.asked && !name.optional && !name.hidden_possible, "mandatory");
    for along in ["issuer.name", "validFrom", "credentialSubject.id", "credentialSubject.result.0.type.0", "type.0"] {
        let claim = claim(&plan, along).unwrap_or_else(|| panic!("{along}"));
        assert!(!claim.asked && !claim.hidden_possible, "{along}");
    }
    for hidden in ["name", "credentialSubject.result.1.value", "credentialSubject.result.0.status"] {
        assert!(claim(&plan, hidden).is_none(), "{hidden}");
    }
    let choice = |path: &str| Choice { without: vec![("badge".to_owned(), path.to_owned())], ..Choice::default() };
    assert!(plan.approve(&plan.fingerprint, &choice("credentialSubject.result.0.value")).is_ok());
    let refused = plan.approve(&plan.fingerprint, &choice("credentialSubject.achievement.name"));
    assert_eq!(refused.err(), Some(ApproveError::NotOptional));
}

#[test]
fn exactly_what_the_plan_shows_is_sent() {
    let case = Case::new();
    for claims in [
        json!([{"path": ["credentialSubject", "result", 0, "value"]}]),
        json!([{"path": ["credentialSubject", "result", 0]}, {"path": ["name"]}]),
        json!([{"path": ["credentialSubject", "result", null, "value"]}]),
        json!([{"path": ["credentialSubject", "achievement", "criteria"]}, {"path": ["id"]}]),
        json!([{"path": ["credentialSubject", "result", 1, "value"]}]),
        json!([{"path": ["credentialSubject"]}]),
        json!([{"path": ["issuer", "id"]}]),
    ] {
        let query = badge_query(claims.clone());
        let (plan, _) = case.plan(query.clone());
        let mut planned = BTreeSet::new();
        for claim in &plan.queries[0].candidates[0].claims {
            planned.extend(texts(&claim.value));
        }
        let mut part = case.shown(query, &Choice::default());
        part.as_object_mut().unwrap().retain(|name, _| name != "proof" && name != "@context");
        assert_eq!(texts(&part), planned, "{claims}");
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    leaves(value).into_iter().map(|(_, leaf)| leaf.to_string()).collect()
}

#[test]
fn what_is_left_out_is_not_sent_and_not_in_the_log() {
    let case = Case::new();
    let mut query = badge_query(results());
    query["credentials"][0]["claim_sets"] = json!([["value", "name", "text"], ["name"]]);
    let without = ["credentialSubject.result.0.value", "credentialSubject.achievement.description"];
    let choice = Choice {
        without: without.iter().map(|path| ("badge".to_owned(), (*path).to_owned())).collect(),
        ..Choice::default()
    };
    let part = case.shown(query.clone(), &choice);
    assert!(part["credentialSubject"].get("result").is_none());
    assert!(part["credentialSubject"]["achievement"].get("description").is_none());
    let (_, sharing) = case.send(query, &choice);
    let log: Vec<String> = sharing.intent().unwrap().claims.iter().map(|claim| claim.path.clone()).collect();
    assert!(log.contains(&"credentialSubject.achievement.name".to_owned()), "{log:?}");
    assert!(!log.iter().any(|path| path == "*" || without.contains(&path.as_str())), "{log:?}");
}

#[test]
fn security_b22_a_base_proof_never_leaves() {
    let case = Case::new();
    let base: Value = serde_json::from_slice(&case.original).unwrap();
    for binding in [true, false] {
        let mut query = badge_query(json!([{"path": ["proof", "proofValue"]}, {"path": ["name"]}]));
        query["credentials"][0]["require_cryptographic_holder_binding"] = json!(binding);
        let (exchange, _) = case.send(query, &Choice::default());
        let sent = format!("{:?}", form(&exchange));
        assert!(sent.contains("u2V0B") && !sent.contains(base["proof"]["proofValue"].as_str().unwrap()));
        assert!(!sent.contains("u2V0A"));
    }
}
