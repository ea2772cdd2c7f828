//! From a request over an approval to the receipt: what the log keeps, and that no claim is in it.

use leerpas_core::{Activity, Language, Machine, Outcome, SharedClaim, Weight};
use leerpas_credential::keys::HolderKey;
use leerpas_share::{Answer, Choice, Intent, Plan, Sharing, receipt};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{NOW, World, badge_query, card, done, held_key, reply, sd_jwt_query, sent};

/// The line that the engine writes of this intent.
fn line(world: &World, intent: &Intent, outcome: Outcome) -> Activity {
    let line = json!({
        "id": "0123456789abcdef", "at": world.time(), "kind": "shared", "party": intent.party, "purpose": intent.purpose,
        "cards": intent.cards, "titles": ["ZZtitle"], "claims": intent.claims, "outcome": outcome, "error": null,
        "told": intent.told,
    });
    serde_json::from_value(line).unwrap()
}

struct Case {
    world: World,
    key: HolderKey,
    original: Vec<u8>,
}

impl Case {
    /// Claims whose values are found again wherever they are.
    fn of_marked_values() -> Self {
        let world = World::new();
        let key = HolderKey::make(&world.entropy);
        let original = world.sd_jwt(&key, |claims| {
            claims["name"] = json!("ZZname");
            claims["title"] = json!("ZZtitle");
            claims["ects"] = json!(77_001);
            claims["address"] = json!({"city": "ZZcity", "country": "ZZcountry"});
            claims["outcomes"] = json!(["ZZone", "ZZtwo", "ZZthree"]);
        });
        Self { world, key, original }
    }

    fn plan(&self, query: &Value) -> (Plan, Sharing) {
        self.plan_of(query, |_| {})
    }

    fn plan_of(&self, query: &Value, change: impl FnOnce(&mut Value)) -> (Plan, Sharing) {
        let jwt = self.world.request(|claims| {
            claims["dcql_query"] = query.clone();
            claims["leerpas_purpose#nl"] = json!("Sollicitatie");
            claims["client_metadata"] = json!({
                "client_name": "Werkplaats BV", "policy_uri": "https://desk.example/privacy",
                "tos_uri": "https://desk.example/voorwaarden", "contacts": ["privacy@desk.example"]
            });
            change(claims);
        });
        self.world.plan(&jwt, vec![card("a", &self.original)]).unwrap()
    }

    fn intent(&self, query: &Value, choice: &Choice) -> Intent {
        let (plan, sharing) = self.plan(query);
        let approval = plan.approve(&plan.fingerprint, choice).unwrap();
        let key = HolderKey::from_secret(&self.key.secret()).unwrap();
        let keys = vec![held_key("a", key, &self.original)];
        let (_, sharing) = sent(sharing.answer(Answer::Share { approval, keys }, self.world.env()).unwrap());
        sharing.intent().unwrap().clone()
    }
}

#[test]
fn ts27560_the_log_keeps_what_the_requester_told_and_when_it_was_shown() {
    let case = Case::of_marked_values();
    let intent = case.intent(&sd_jwt_query(json!([{"path": ["title"]}])), &Choice::default());
    assert_eq!(intent.told.asked, Some(case.world.time()));
    assert_eq!((intent.told.language, intent.told.purpose_language), (Some(Language::Nl), Some(Language::Nl)));
    assert_eq!(intent.told.retention.as_deref(), Some("30 dagen"));
    assert_eq!(intent.told.policy.as_ref().map(|url| url.as_str()), Some("https://desk.example/privacy"));
    assert_eq!(intent.told.terms.as_ref().map(|url| url.as_str()), Some("https://desk.example/voorwaarden"));
    assert_eq!(intent.told.contacts, ["privacy@desk.example"]);
}

#[test]
fn ts27560_what_a_registrar_says_counts_before_what_the_requester_says_of_itself() {
    let case = Case::of_marked_values();
    let header = json!({"typ": "rc-wrp+jwt", "x5c": case.world.issuer_x5c});
    let registered = json!({"sub": "desk.example", "iat": NOW - 10, "exp": NOW + 1000,
        "privacy_policy": "https://register.example/desk/privacy"});
    let data = case.world.signed(&header, &registered, &case.world.issuer);
    let query = sd_jwt_query(json!([{"path": ["title"]}]));
    let (_, sharing) = case.plan_of(&query, |claims| {
        claims["verifier_info"] = json!([{"format": "registration_cert", "data": data}]);
    });
    let (_, sharing) = sent(sharing.answer(Answer::Decline, case.world.env()).unwrap());
    let told = &sharing.intent().unwrap().told;
    assert_eq!(told.policy.as_ref().map(|url| url.as_str()), Some("https://register.example/desk/privacy"));
    assert_eq!(told.terms.as_ref().map(|url| url.as_str()), Some("https://desk.example/voorwaarden"));
}

#[test]
fn ts27560_a_no_has_a_record_of_who_asked_and_of_nothing_given() {
    let case = Case::of_marked_values();
    let (_, sharing) = case.plan(&sd_jwt_query(json!([{"path": ["title"]}])));
    let (_, sharing) = sent(sharing.answer(Answer::Decline, case.world.env()).unwrap());
    let intent = sharing.intent().unwrap().clone();
    let shared = done(sharing.reply(Ok(reply(200, "application/json", "{}")), case.world.env()).unwrap());
    let record = receipt(&line(&case.world, &intent, shared.outcome), case.world.env()).unwrap();
    let record = &record["dpv:hasRecordOfActivity"];
    assert_eq!(record.pointer("/dpv:hasConsentStatus/1/@type/0"), Some(&json!("dpv:ConsentRefused")));
    assert_eq!(record.pointer("/dpv:hasEntity/1/dpv:hasName"), Some(&json!("Werkplaats BV")));
    assert_eq!(record.pointer("/dpv:hasNotice/1/schema:url"), Some(&json!("https://desk.example/privacy")));
    assert_eq!(
        record.pointer("/dpv:hasProcess/dpv:hasPersonalData/0/dpv:hasApplicability/@id"),
        Some(&json!("dpv:NotApplicable"))
    );
}

#[test]
fn dpv_27560_8_3_3_3_what_could_be_left_out_is_optional_and_what_weighs_is_told() {
    let case = Case::of_marked_values();
    let mut query = sd_jwt_query(json!([
        {"id": "t", "path": ["title"]}, {"id": "n", "path": ["name"]}, {"id": "a", "path": ["address", "city"]}
    ]));
    query["credentials"][0]["claim_sets"] = json!([["t", "n", "a"], ["t", "a"]]);
    let intent = case.intent(&query, &Choice::default());
    let found = |path: &str| intent.claims.iter().find(|claim: &&SharedClaim| claim.path == path).unwrap();
    assert_eq!((found("title").optional, found("title").weight), (false, Weight::Plain));
    assert_eq!((found("name").optional, found("name").weight), (true, Weight::Plain));
    assert_eq!((found("address.city").optional, found("address.city").weight), (false, Weight::Sensitive));
}

#[test]
fn dpv_27560_8_3_3_4_a_whole_document_weighs_what_its_heaviest_claim_does() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    for (name, weight) in [("identifier", Weight::Plain), ("birthDate", Weight::Sensitive)] {
        let original = world.badge(&key, |badge| {
            if name == "birthDate" {
                badge["issuer"]["dateOfBirth"] = json!("1990-01-01");
            }
        });
        let case = Case { world: World::new(), key: HolderKey::from_secret(&key.secret()).unwrap(), original };
        let intent = case.intent(&badge_query(json!([{"path": ["name"]}])), &Choice::default());
        let rows: Vec<_> =
            intent.claims.iter().map(|claim| (claim.path.as_str(), claim.weight, claim.optional)).collect();
        assert_eq!(rows, [("*", weight, false)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is asked for and however it ends, the receipt names claims and holds the value of none.
    #[test]
    fn ts27560_no_value_of_any_claim_is_in_a_receipt(mask in 1_u32..256, ending in 0_usize..3) {
        const PATHS: [&str; 8] = [r#"["name"]"#, r#"["title"]"#, r#"["ects"]"#, r#"["address"]"#,
            r#"["address","city"]"#, r#"["outcomes",null]"#, r#"["outcomes",1]"#, r#"["address","country"]"#];
        let claims: Vec<Value> = PATHS.iter().enumerate().filter(|(i, _)| mask & (1 << i) != 0)
            .map(|(_, path)| json!({"path": serde_json::from_str::<Value>(path).unwrap()})).collect();
        let case = Case::of_marked_values();
        let query = sd_jwt_query(json!(claims));
        let intent = case.intent(&query, &Choice::default());
        let outcome = [Outcome::Done, Outcome::Uncertain, Outcome::Declined][ending];
        let document = receipt(&line(&case.world, &intent, outcome), case.world.env()).unwrap().to_string();
        for hidden in ["ZZname", "ZZtitle", "ZZcity", "ZZcountry", "ZZone", "ZZtwo", "ZZthree", "77001", "0123456789abcdef"] {
            prop_assert!(!document.contains(hidden), "{} is in {}", hidden, document);
        }
        for claim in &intent.claims {
            let path = json!(claim.path).to_string();
            prop_assert!(document.contains(&path), "{} is named", path);
        }
    }
}
