//! What is shown, approved and sent.

use crate::common;
use crate::common::{
    NONCE, RESPONSE_URI, VCT, World, badge_query, card, done, form, held_key, reply, sd_jwt_query, sent,
};
use leerpas_core::{CardStatus, ErrorKind, Fault, Machine, Outcome, Purpose, Step};
use leerpas_credential::{
    jose::{DecryptionKey, Jws},
    keys::HolderKey,
    sd_jwt::SdJwt,
};
use leerpas_share::{Answer, ApproveError, Choice, Plan, Question, Sharing};
use proptest::prelude::*;
use serde_json::{Value, json};

struct Case {
    world: World,
    key: HolderKey,
    original: Vec<u8>,
}

impl Case {
    fn sd_jwt() -> Self {
        let world = World::new();
        let key = HolderKey::make(&world.entropy);
        let original = world.sd_jwt(&key, |_| {});
        Self { world, key, original }
    }

    fn badge() -> Self {
        let world = World::new();
        let key = HolderKey::make(&world.entropy);
        let original = world.badge(&key, |_| {});
        Self { world, key, original }
    }

    fn plan(&self, query: Value) -> (Plan, Sharing) {
        let jwt = self.world.request(|c| c["dcql_query"] = query);
        self.world.plan(&jwt, vec![card("a", &self.original)]).unwrap()
    }

    fn send(self, query: Value, choice: &Choice) -> (leerpas_core::Exchange, Sharing) {
        let (plan, sharing) = self.plan(query);
        let approval = plan.approve(&plan.fingerprint, choice).unwrap();
        let keys = vec![held_key("a", self.key, &self.original)];
        sent(sharing.answer(Answer::Share { approval, keys }, self.world.env()).unwrap())
    }
}

fn field(exchange: &leerpas_core::Exchange, name: &str) -> String {
    form(exchange).into_iter().find(|(n, _)| n == name).unwrap().1
}

fn presented(exchange: &leerpas_core::Exchange, query: &str) -> Value {
    let token: Value = serde_json::from_str(&field(exchange, "vp_token")).unwrap();
    assert_eq!(token[query].as_array().unwrap().len(), 1);
    token[query][0].clone()
}

fn paths(plan: &Plan, asked: bool) -> Vec<&str> {
    plan.queries[0].candidates[0].claims.iter().filter(|c| c.asked == asked).map(|c| c.path.as_str()).collect()
}

#[test]
fn oid4vp_1final_wallet_fewer_claims_than_available() {
    let case = Case::sd_jwt();
    let (plan, _) = case.plan(sd_jwt_query(json!([{"path": ["title"]}, {"path": ["address", "city"]}])));
    assert_eq!(paths(&plan, true), ["title", "address.city"]);
    // The country stands beside the city inside one disclosure, and cannot be hidden from who sees the city.
    let mut along = paths(&plan, false);
    along.sort_unstable();
    assert_eq!(along, ["address.country", "cnf", "exp", "iat", "iss", "vct"]);
    let query = sd_jwt_query(json!([{"path": ["title"]}, {"path": ["address", "city"]}]));
    let (exchange, sharing) = case.send(query, &Choice::default());
    let token = presented(&exchange, "mc");
    let sd_jwt = SdJwt::parse(token.as_str().unwrap()).unwrap();
    let shown = sd_jwt.claims();
    assert_eq!(shown["title"], "Watermanagement");
    assert_eq!(shown["address"], json!({"city": "Sneek", "country": "NL"}));
    assert!(shown.get("name").is_none() && shown.get("ects").is_none());
    assert_eq!(shown["outcomes"], json!([]));
    assert_eq!(
        sharing.intent().unwrap().claims.iter().map(|c| c.path.as_str()).take(2).collect::<Vec<_>>(),
        ["title", "address.city"]
    );
}

#[test]
fn rfc9901_4_3_the_key_binding_names_audience_and_nonce() {
    let case = Case::sd_jwt();
    let client_id = case.world.client_id();
    let key = case.key.public();
    let (exchange, _) = case.send(sd_jwt_query(json!([{"path": ["title"]}])), &Choice::default());
    assert_eq!((exchange.purpose, exchange.url.as_str()), (Purpose::Response, RESPONSE_URI));
    assert_eq!(field(&exchange, "state"), "s-1");
    let token = presented(&exchange, "mc");
    let binding = Jws::parse(token.as_str().unwrap().rsplit_once('~').unwrap().1).unwrap();
    binding.verify(&key).unwrap();
    assert_eq!(binding.typ(), Some("kb+jwt"));
    let claims = Value::Object(binding.claims().unwrap());
    assert_eq!((claims["aud"].as_str(), claims["nonce"].as_str()), (Some(client_id.as_str()), Some(NONCE)));
    assert_eq!(claims["iat"], common::NOW);
}

#[test]
fn oid4vp_1final_wallet_no_claims_in_dcql_query() {
    let case = Case::sd_jwt();
    let query = json!({"credentials": [{"id": "mc", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}]});
    let (plan, _) = case.plan(query.clone());
    assert!(paths(&plan, true).is_empty());
    let (exchange, _) = case.send(query, &Choice::default());
    let sd_jwt = SdJwt::parse(presented(&exchange, "mc").as_str().unwrap()).unwrap();
    assert_eq!(sd_jwt.disclosed_paths().count(), 0);
}

#[test]
fn a_badge_is_shown_whole_and_bound_to_the_request() {
    let case = Case::badge();
    let client_id = case.world.client_id();
    let query = badge_query(json!([{"path": ["credentialSubject", "achievement", "name"]}]));
    let (plan, _) = case.plan(query.clone());
    let candidate = &plan.queries[0].candidates[0];
    assert!(candidate.whole && candidate.claims.iter().all(|c| !c.optional && !c.hidden_possible));
    assert_eq!(paths(&plan, true), ["credentialSubject.achievement.name"]);
    for path in ["credentialSubject.achievement.description", "credentialSubject.id", "issuer.name", "validFrom"] {
        assert!(paths(&plan, false).contains(&path), "{path}");
    }
    let (exchange, sharing) = case.send(query, &Choice::default());
    let proof = presented(&exchange, "badge")["proof"].clone();
    assert_eq!((proof["challenge"].as_str(), proof["domain"].as_str()), (Some(NONCE), Some(client_id.as_str())));
    assert_eq!(sharing.intent().unwrap().claims[0].path, "*");
}

#[test]
fn oid4vp_1final_wallet_alternate_happy_flow_direct_post_jwt() {
    let case = Case::sd_jwt();
    let recipient = DecryptionKey::draw(&leerpas_core::OsEntropy);
    let jwt = case.world.request(|c| {
        c["response_mode"] = json!("direct_post.jwt");
        c["client_metadata"] = json!({"jwks": {"keys": [{"kty": "RSA", "kid": "no"}, recipient.public_jwk("one")]},
            "encrypted_response_enc_values_supported": ["A128GCM", "A256GCM"]});
    });
    let (plan, sharing) = case.world.plan(&jwt, vec![card("a", &case.original)]).unwrap();
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let keys = vec![held_key("a", case.key, &case.original)];
    let (exchange, _) = sent(sharing.answer(Answer::Share { approval, keys }, case.world.env()).unwrap());
    assert_eq!(form(&exchange).len(), 1);
    let jwe = field(&exchange, "response");
    let header: Value =
        serde_json::from_slice(&leerpas_credential::jose::decode_base64url(jwe.split('.').next().unwrap()).unwrap())
            .unwrap();
    assert_eq!(
        (header["alg"].as_str(), header["enc"].as_str(), header["kid"].as_str()),
        (Some("ECDH-ES"), Some("A256GCM"), Some("one"))
    );
    let payload: Value = serde_json::from_slice(&recipient.decrypt(&jwe).unwrap()).unwrap();
    assert_eq!(payload["state"], "s-1");
    assert!(payload["vp_token"]["mc"][0].is_string());
}

#[test]
fn oid4vp_1final_wallet_negative_test_required_non_matching_credential() {
    let case = Case::sd_jwt();
    let nothing = |query: Value| {
        let jwt = case.world.request(|c| c["dcql_query"] = query);
        let (plan, sharing) = case.world.plan(&jwt, vec![card("a", &case.original)]).unwrap();
        assert!(!plan.is_answerable());
        let refused = plan.approve(&plan.fingerprint, &Choice::default()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NothingFits);
        // D14, D32: to the requester it is the no of somebody who has the card.
        let (no, _) = sent(sharing.answer(Answer::Decline, case.world.env()).unwrap());
        let (_, sharing) = case.plan(sd_jwt_query(json!([{"path": ["title"]}])));
        let (declined, _) = sent(sharing.answer(Answer::Decline, case.world.env()).unwrap());
        assert_eq!(no, declined);
    };
    nothing(json!({"credentials": [{"id": "x", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:other"]}}]}));
    nothing(sd_jwt_query(json!([{"path": ["grade"]}])));
    // Fishing for a value ends in the same way as not having the claim (security: value matching).
    nothing(sd_jwt_query(json!([{"path": ["ects"], "values": [30]}])));
    nothing(sd_jwt_query(json!([{"path": ["ects"], "values": ["5"]}])));
    nothing(badge_query(json!([{"path": ["name"]}])));
}

#[test]
fn oid4vp_1final_wallet_optional_credential_set() {
    let case = Case::sd_jwt();
    let badge = case.world.badge(&case.key, |_| {});
    let mut query = sd_jwt_query(json!([{"path": ["title"]}]));
    query["credentials"]
        .as_array_mut()
        .unwrap()
        .push(badge_query(json!([{"path": ["name"]}]))["credentials"][0].clone());
    query["credential_sets"] = json!([{"options": [["mc"]]}, {"options": [["badge"]], "required": false}]);
    let jwt = case.world.request(|c| c["dcql_query"] = query);
    let cards = || vec![card("a", &case.original), card("b", &badge)];
    let (plan, _) = case.world.plan(&jwt, cards()).unwrap();
    assert_eq!(
        plan.queries.iter().map(|q| (q.id.as_str(), q.required)).collect::<Vec<_>>(),
        [("mc", true), ("badge", false)]
    );
    let proposed = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    assert_eq!(proposed.cards().len(), 1, "what is optional is not chosen unless it is named");
    let named = Choice { cards: [("badge".to_owned(), "b".parse().unwrap())].into(), ..Choice::default() };
    assert_eq!(plan.approve(&plan.fingerprint, &named).unwrap().cards().len(), 2);
    // Without any badge the request is still answered.
    assert_eq!(case.world.plan(&jwt, vec![card("a", &case.original)]).unwrap().0.queries.len(), 1);
}

#[test]
fn only_what_claim_sets_make_optional_can_be_left_out() {
    let case = Case::sd_jwt();
    let mut query = sd_jwt_query(
        json!([{"id": "t", "path": ["title"]}, {"id": "e", "path": ["ects"]}, {"id": "n", "path": ["name"]}]),
    );
    query["credentials"][0]["claim_sets"] = json!([["t", "e", "n"], ["t", "e"], ["t", "n"]]);
    let (plan, _) = case.plan(query.clone());
    let optional: Vec<_> =
        plan.queries[0].candidates[0].claims.iter().filter(|c| c.optional).map(|c| c.path.as_str()).collect();
    assert_eq!(optional, ["ects", "name"]);
    let without = |paths: &[&str]| {
        let without = paths.iter().map(|p| ("mc".to_owned(), (*p).to_owned())).collect();
        plan.approve(&plan.fingerprint, &Choice { without, ..Choice::default() })
    };
    assert!(without(&["name"]).is_ok());
    assert_eq!(without(&["name", "ects"]).unwrap_err(), ApproveError::TooLittle);
    assert_eq!(without(&["title"]).unwrap_err(), ApproveError::NotOptional);
    assert_eq!(without(&["iss"]).unwrap_err(), ApproveError::NotOptional);
    assert_eq!(without(&["grade"]).unwrap_err(), ApproveError::NoSuchClaim);
    let choice = Choice { without: vec![("mc".to_owned(), "name".to_owned())], ..Choice::default() };
    let (exchange, _) = case.send(query, &choice);
    let sd_jwt = SdJwt::parse(presented(&exchange, "mc").as_str().unwrap()).unwrap();
    assert!(sd_jwt.claims().get("name").is_none() && sd_jwt.claims()["ects"] == 5);
}

#[test]
fn an_approval_is_for_one_plan_of_one_request_only() {
    let case = Case::sd_jwt();
    let query = sd_jwt_query(json!([{"path": ["title"]}]));
    let (plan, _) = case.plan(query.clone());
    assert_eq!(plan.approve("0000", &Choice::default()).unwrap_err(), ApproveError::OtherPlan);
    let unknown = Choice { cards: [("mc".to_owned(), "z".parse().unwrap())].into(), ..Choice::default() };
    assert_eq!(plan.approve(&plan.fingerprint, &unknown).unwrap_err(), ApproveError::NoSuchCard);
    let unknown = Choice { cards: [("x".to_owned(), "a".parse().unwrap())].into(), ..Choice::default() };
    assert_eq!(plan.approve(&plan.fingerprint, &unknown).unwrap_err(), ApproveError::NoSuchQuery);
    // The same question in another request is another plan.
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let jwt = case.world.request(|c| {
        c["dcql_query"] = query;
        c["nonce"] = json!("another-nonce-1");
    });
    let (other, sharing) = case.world.plan(&jwt, vec![card("a", &case.original)]).unwrap();
    assert_ne!(other.fingerprint, plan.fingerprint);
    let error = sharing.answer(Answer::Share { approval, keys: Vec::new() }, case.world.env()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
}

#[test]
fn a_copy_that_says_something_else_than_was_shown_is_not_sent() {
    let case = Case::sd_jwt();
    let second = HolderKey::make(&case.world.entropy);
    let answer = |original: &[u8], key: HolderKey| {
        let (plan, sharing) = case.plan(sd_jwt_query(json!([{"path": ["title"]}])));
        let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
        sharing.answer(Answer::Share { approval, keys: vec![held_key("a", key, original)] }, case.world.env())
    };
    let honest = case.world.sd_jwt(&second, |_| {});
    let secret = || HolderKey::from_secret(&second.secret()).unwrap();
    assert!(answer(&honest, secret()).is_ok());
    let other = case.world.sd_jwt(&second, |c| c["title"] = json!("Something else"));
    assert_eq!(answer(&other, secret()).unwrap_err().kind(), ErrorKind::Internal);
    // A key that is not the copy's.
    assert!(answer(&case.original, secret()).is_err());
    // No key at all.
    let (plan, sharing) = case.plan(sd_jwt_query(json!([{"path": ["title"]}])));
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    assert!(sharing.answer(Answer::Share { approval, keys: Vec::new() }, case.world.env()).is_err());
}

#[test]
fn a_request_that_ran_out_while_the_person_thought_is_not_answered() {
    let mut case = Case::sd_jwt();
    let (plan, sharing) = case.plan(sd_jwt_query(json!([{"path": ["title"]}])));
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    case.world.now += 7_200;
    let keys = vec![held_key("a", case.key, &case.original)];
    let error = sharing.answer(Answer::Share { approval, keys }, case.world.env()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequestExpired);
}

#[test]
fn vp_8_5_a_no_says_access_denied_and_nothing_more() {
    let case = Case::sd_jwt();
    let (_, sharing) = case.plan(sd_jwt_query(json!([{"path": ["title"]}])));
    let (exchange, sharing) = sent(sharing.answer(Answer::Decline, case.world.env()).unwrap());
    assert_eq!((exchange.purpose, exchange.url.as_str()), (Purpose::Response, RESPONSE_URI));
    assert_eq!(
        form(&exchange),
        [("error".to_owned(), "access_denied".to_owned()), ("state".to_owned(), "s-1".to_owned())]
    );
    assert!(sharing.intent().unwrap().claims.is_empty());
    let shared = done(
        sharing.reply(Err(Fault::Unreachable { host: "h".into(), reason: "gone".into() }), case.world.env()).unwrap(),
    );
    assert_eq!((shared.outcome, shared.error, shared.claims.len()), (Outcome::Declined, None, 0));
}

#[test]
fn the_outcome_says_what_is_known() {
    let table = [
        (Ok(reply(200, "application/json", r#"{"redirect_uri":"https://desk.example/done"}"#)), Outcome::Done, None),
        (Ok(reply(400, "application/json", "{}")), Outcome::Failed, Some(ErrorKind::ResponseRefused)),
        (Ok(reply(200, "text/html", "<p>")), Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)),
        (Ok(reply(503, "text/html", "")), Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)),
        (Err(Fault::Interrupted { host: "h".into() }), Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)),
        (
            Err(Fault::Unreachable { host: "h".into(), reason: "r".into() }),
            Outcome::Failed,
            Some(ErrorKind::Unreachable),
        ),
    ];
    for (reply, outcome, error) in table {
        let case = Case::sd_jwt();
        let env_world = World::new();
        let (_, sharing) = case.send(sd_jwt_query(json!([{"path": ["title"]}])), &Choice::default());
        let shared = done(sharing.reply(reply, env_world.env()).unwrap());
        assert_eq!((shared.outcome, shared.error), (outcome, error));
        assert_eq!(shared.redirect_uri.is_some(), outcome == Outcome::Done);
        assert_eq!(shared.party.name, "Werkplaats BV");
    }
}

#[test]
fn cards_that_hold_come_first_and_the_others_are_shown_as_what_they_are() {
    let case = Case::sd_jwt();
    let mut cards: Vec<_> = ["revoked", "expired", "valid"].iter().map(|id| card(id, &case.original)).collect();
    cards[0].status = CardStatus::Revoked;
    cards[1].status = CardStatus::Expired;
    let jwt = case.world.request(|_| {});
    let (plan, _) = case.world.plan(&jwt, cards).unwrap();
    let found: Vec<_> = plan.queries[0].candidates.iter().map(|c| (c.card.as_str(), c.status)).collect();
    assert_eq!(
        found,
        [("valid", CardStatus::Valid), ("expired", CardStatus::Expired), ("revoked", CardStatus::Revoked)]
    );
}

#[test]
fn a_card_without_key_is_shared_only_where_no_binding_is_asked() {
    let case = Case::badge();
    let mut loose = card("a", &case.original);
    loose.holder_bound = false;
    let mut query = badge_query(json!([{"path": ["name"]}]));
    let jwt = case.world.request(|c| c["dcql_query"] = query.clone());
    assert!(!case.world.plan(&jwt, vec![loose.clone()]).unwrap().0.is_answerable());
    query["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
    let jwt = case.world.request(|c| c["dcql_query"] = query);
    let (plan, sharing) = case.world.plan(&jwt, vec![loose]).unwrap();
    assert!(!plan.queries[0].holder_binding, "the plan says that anybody can use this again");
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let (exchange, _) = sent(sharing.answer(Answer::Share { approval, keys: Vec::new() }, case.world.env()).unwrap());
    let original: Value = serde_json::from_slice(&case.original).unwrap();
    assert_eq!(presented(&exchange, "badge"), original);
}

#[test]
fn a_format_that_the_requester_does_not_take_is_no_match() {
    let case = Case::sd_jwt();
    let jwt = case.world.request(|c| {
        c["client_metadata"] =
            json!({"vp_formats_supported": {"dc+sd-jwt": {"kb-jwt_alg_values": ["ES512"]}, "ldp_vc": {}}});
        let badge = badge_query(json!([{"path": ["name"]}]))["credentials"][0].clone();
        c["dcql_query"]["credentials"].as_array_mut().unwrap().push(badge);
    });
    assert!(!case.world.plan(&jwt, vec![card("a", &case.original)]).unwrap().0.is_answerable());
    let jwt = case.world.request(|c| {
        c["client_metadata"] = json!({"vp_formats_supported": {"dc+sd-jwt": {"kb-jwt_alg_values": ["ES512"]}}});
    });
    let nothing_in_common = case.world.plan(&jwt, vec![card("a", &case.original)]).unwrap_err();
    assert_eq!(nothing_in_common.kind(), ErrorKind::RequestUnsupported);
}

#[test]
fn the_engine_learns_which_kinds_can_fit_before_it_reads_any_card() {
    let case = Case::sd_jwt();
    let (_, sharing) = sent(case.world.begin(&common::link(&case.world.client_id())).unwrap());
    let step = sharing.reply(Ok(common::object(&case.world.request(|_| {}))), case.world.env()).unwrap();
    let Step::Ask(Question::Cards, sharing) = step else { panic!("cards are asked for") };
    assert!(sharing.query().unwrap().credentials[0].fits_kind(leerpas_core::Format::SdJwtVc, &[VCT.to_owned()]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Disclosed is asked for or unavoidable, and exactly what the plan showed: no more, no less.
    #[test]
    fn what_is_sent_is_what_was_shown(mask in 1_u32..256) {
        const PATHS: [&str; 8] = [r#"["name"]"#, r#"["title"]"#, r#"["ects"]"#, r#"["address"]"#,
            r#"["address","city"]"#, r#"["outcomes",null]"#, r#"["outcomes",1]"#, r#"["address","country"]"#];
        let claims: Vec<Value> = PATHS.iter().enumerate().filter(|(i, _)| mask & (1 << i) != 0)
            .map(|(_, path)| json!({"path": serde_json::from_str::<Value>(path).unwrap()})).collect();
        let case = Case::sd_jwt();
        let query = sd_jwt_query(json!(claims));
        let (plan, _) = case.plan(query.clone());
        let mut shown: Vec<String> = plan.queries[0].candidates[0].claims.iter().flat_map(|claim| {
            leerpas_openid::dcql::leaves(&claim.value).into_iter().map(|(_, v)| v.to_string()).collect::<Vec<_>>()
        }).collect();
        let (exchange, _) = case.send(query, &Choice::default());
        let sd_jwt = SdJwt::parse(presented(&exchange, "mc").as_str().unwrap()).unwrap();
        let mut disclosed: Vec<String> = leerpas_openid::dcql::leaves(sd_jwt.claims()).into_iter()
            .map(|(_, v)| v.to_string()).filter(|v| v != "[]").collect();
        shown.sort();
        shown.dedup();
        disclosed.sort();
        disclosed.dedup();
        prop_assert_eq!(shown, disclosed);
    }
}
