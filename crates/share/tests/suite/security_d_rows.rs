//! The rows of the catalogue of hostile requests that need more than one wrong member: what comes in, and what the person
//! and the requester get.

use crate::common::{
    NONCE, NOW, RESPONSE_URI, VCT, World, badge_query, card, done, form, held_key, link, object, reply, sd_jwt_query,
    sent,
};
use leerpas_core::{CardStatus, ErrorKind, Evidence, Fault, Machine, Outcome, Purpose, Reply};
use leerpas_credential::{keys::HolderKey, sd_jwt::SdJwt};
use leerpas_share::{Answer, Choice, Plan, ShareError, Shared, Sharing};
use serde_json::{Value, json};

type Change = fn(&mut Value);

/// A request of the desk, with one card in the wallet.
fn plan(world: &World, change: impl FnOnce(&mut Value)) -> Result<Plan, ShareError> {
    let key = HolderKey::make(&world.entropy);
    world.plan(&world.request(change), vec![card("a", &world.sd_jwt(&key, |_| {}))]).map(|(plan, _)| plan)
}

fn kind(result: Result<Plan, ShareError>) -> ErrorKind {
    result.unwrap_err().kind()
}

/// An answer on its way to the desk.
fn answering(world: &World) -> Sharing {
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let (plan, sharing) = world.plan(&world.request(|_| {}), vec![card("a", &original)]).unwrap();
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let keys = vec![held_key("a", key, &original)];
    sent(sharing.answer(Answer::Share { approval, keys }, world.env()).unwrap()).1
}

fn ended(world: &World, answer: Result<Reply, Fault>) -> Shared {
    done(answering(world).reply(answer, world.env()).unwrap())
}

#[test]
fn security_d01_an_address_that_is_not_the_client_id_is_refused() {
    let world = World::new();
    let query = sd_jwt_query(json!([{"path": ["title"]}])).to_string();
    let parameters = [
        ("client_id", "redirect_uri:https://desk.example/other"),
        ("response_type", "vp_token"),
        ("response_mode", "direct_post"),
        ("response_uri", RESPONSE_URI),
        ("nonce", NONCE),
        ("dcql_query", &query),
    ];
    let owned: Vec<_> = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    assert_eq!(world.begin(&owned).unwrap_err().kind(), ErrorKind::RequestWrongAddress);
}

#[test]
fn security_d02_a_certificate_that_does_not_fit_is_refused() {
    let mut world = World::new();
    let ends = |world: &World, id: &str, change: Change| {
        let jwt = world.request(|claims| {
            claims["client_id"] = json!(id);
            change(claims);
        });
        let (_, sharing) = sent(world.begin(&link(id)).unwrap());
        sharing.reply(Ok(object(&jwt)), world.env()).unwrap_err().kind()
    };
    let hash = world.client_id();
    let wrong = format!("x509_hash:{}", "A".repeat(43));
    let evil: Change = |claims| claims["response_uri"] = json!("https://evil.example/");
    for (row, id, change, kind) in [
        ("SAN", "x509_san_dns:evil.example", (|_| {}) as Change, ErrorKind::RequestNotGenuine),
        ("hash", wrong.as_str(), |_| {}, ErrorKind::RequestNotGenuine),
        ("host of a name", "x509_san_dns:desk.example", evil, ErrorKind::RequestWrongAddress),
        ("host of a hash", hash.as_str(), evil, ErrorKind::RequestWrongAddress),
    ] {
        assert_eq!(ends(&world, id, change), kind, "{row}");
    }
    world.now += 2 * 366 * 86_400;
    assert_eq!(ends(&world, &hash, |_| {}), ErrorKind::RequestNotGenuine, "run out");
}

#[test]
fn security_d06_no_redirect_is_followed_and_nothing_but_a_request_object_is_read() {
    let world = World::new();
    let jwt = world.request(|_| {});
    let mut table: Vec<(Reply, ErrorKind)> =
        [301, 302, 303, 307, 308].map(|status| (reply(status, "text/html", ""), ErrorKind::ReplyUnreadable)).into();
    table.push((reply(200, "application/jwt", &jwt), ErrorKind::ReplyUnreadable));
    table.push((reply(200, "text/plain", &jwt), ErrorKind::ReplyUnreadable));
    for (reply, kind) in table {
        let (_, sharing) = sent(world.begin(&link(&world.client_id())).unwrap());
        let status = reply.status;
        assert_eq!(sharing.reply(Ok(reply), world.env()).unwrap_err().kind(), kind, "{status}");
    }
    let too_large = Fault::TooLarge { host: "desk.example".into(), limit: 1 };
    let (_, sharing) = sent(world.begin(&link(&world.client_id())).unwrap());
    assert_eq!(sharing.reply(Err(too_large), world.env()).unwrap_err().kind(), ErrorKind::ReplyTooLarge);
}

#[test]
fn security_d08_an_object_of_another_type_is_refused() {
    let world = World::new();
    for typ in [json!("JWT"), json!("kb+jwt"), json!("OAUTH-AUTHZ-REQ+JWT"), Value::Null] {
        let header = json!({"typ": typ, "x5c": world.desk_x5c});
        let jwt = world.signed(&header, &world.claims(|_| {}), &world.desk);
        assert_eq!(world.plan(&jwt, Vec::new()).unwrap_err().kind(), ErrorKind::RequestInvalid, "{typ}");
    }
}

#[test]
fn security_d13_queries_that_are_none_are_refused() {
    let world = World::new();
    let one = |claims: &Value| claims["dcql_query"]["credentials"][0].clone();
    let table: &[(&str, Change)] = &[
        ("claim_sets without claims", |c| {
            let query = c["dcql_query"]["credentials"][0].as_object_mut().unwrap();
            query.remove("claims");
            query.insert("claim_sets".to_owned(), json!([["t"]]));
        }),
        ("claim_sets of no claim", |c| c["dcql_query"]["credentials"][0]["claim_sets"] = json!([["t"]])),
        ("a set of no query", |c| c["dcql_query"]["credential_sets"] = json!([{"options": [["other"]]}])),
        ("no options", |c| c["dcql_query"]["credential_sets"] = json!([{"options": []}])),
        ("no meta", |c| drop(c["dcql_query"]["credentials"][0].as_object_mut().unwrap().remove("meta"))),
        ("a boolean in a path", |c| c["dcql_query"]["credentials"][0]["claims"][0]["path"] = json!([true])),
        ("values that are none", |c| c["dcql_query"]["credentials"][0]["claims"][0]["values"] = json!([{}])),
    ];
    for (row, change) in table {
        assert_eq!(kind(plan(&world, change)), ErrorKind::RequestInvalid, "{row}");
    }
    let thousand = plan(&world, |claims| {
        let query = one(claims);
        let named = |n: usize| {
            let mut query = query.clone();
            query["id"] = json!(format!("q{n}"));
            query
        };
        claims["dcql_query"]["credentials"] = (0..1_000).map(named).collect();
    });
    assert_eq!(kind(thousand), ErrorKind::RequestInvalid);
    // A name where a list lies is no error of the query: such a card is no match.
    let list = plan(&world, |c| c["dcql_query"]["credentials"][0]["claims"][0]["path"] = json!(["outcomes", "x"]));
    assert!(!list.unwrap().is_answerable());
}

#[test]
fn security_d15_without_claims_only_what_cannot_be_hidden_goes() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let jwt = world.request(|c| drop(c["dcql_query"]["credentials"][0].as_object_mut().unwrap().remove("claims")));
    let (plan, sharing) = world.plan(&jwt, vec![card("a", &original)]).unwrap();
    assert!(plan.queries[0].candidates[0].claims.iter().all(|claim| !claim.asked));
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let keys = vec![held_key("a", key, &original)];
    let (exchange, _) = sent(sharing.answer(Answer::Share { approval, keys }, world.env()).unwrap());
    let token: Value = serde_json::from_str(&form(&exchange)[0].1).unwrap();
    assert_eq!(SdJwt::parse(token["mc"][0].as_str().unwrap()).unwrap().disclosed_paths().count(), 0);
    // A format that hides nothing says so.
    let badge = world.badge(&HolderKey::make(&world.entropy), |_| {});
    let jwt = world.request(|c| {
        c["dcql_query"] = badge_query(json!([]));
        c["dcql_query"]["credentials"][0].as_object_mut().unwrap().remove("claims");
    });
    let (plan, _) = world.plan(&jwt, vec![card("b", &badge)]).unwrap();
    assert!(plan.queries[0].candidates[0].whole);
}

#[test]
fn security_d16_asking_for_everything_lists_and_flags_it() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let change = |claims: &mut Value| {
        claims["birthdate"] = json!("1987-03-09");
        claims["bsn"] = json!("999990019");
        claims["picture"] = json!("data:image/png;base64,AA==");
    };
    let original = world.sd_jwt(&key, change);
    let jwt = world.request(|c| {
        c["leerpas_purpose"] = json!("Nieuwsbrief");
        c["dcql_query"] = sd_jwt_query(
            json!([{"path": ["title"]}, {"path": ["birthdate"]}, {"path": ["bsn"]}, {"path": ["picture"]}]),
        );
    });
    let (plan, _) = world.plan(&jwt, vec![card("a", &original)]).unwrap();
    let claims = &plan.queries[0].candidates[0].claims;
    for path in ["birthdate", "bsn", "picture"] {
        let claim = claims.iter().find(|claim| claim.path == path).unwrap();
        assert!(claim.asked && claim.sensitive.is_some(), "{path}");
    }
    assert!(claims.iter().find(|claim| claim.path == "title").unwrap().sensitive.is_none());
}

#[test]
fn security_d17_an_answer_that_anybody_could_use_again_is_told() {
    let world = World::new();
    let ask = |bound: bool| {
        plan(&world, |c| c["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] = json!(bound))
            .unwrap()
    };
    assert!(ask(true).queries[0].holder_binding && !ask(false).queries[0].holder_binding);
}

#[test]
fn security_d24_only_a_plain_https_address_to_go_on_is_offered() {
    let world = World::new();
    for bad in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "smb://desk.example/",
        "openid4vp://x",
        "//desk.example/",
        "http://desk.example/",
        "https://a:b@desk.example/",
        "https://desk.example/\\n",
        "data:text/html,x",
    ] {
        let body = format!(r#"{{"redirect_uri":"{bad}"}}"#);
        let shared = ended(&world, Ok(reply(200, "application/json", &body)));
        assert_eq!((shared.outcome, shared.redirect_uri), (Outcome::Done, None), "{bad}");
    }
}

#[test]
fn security_d11_d25_what_nobody_confirms_may_have_been_shared_and_is_not_sent_again() {
    let world = World::new();
    for odd in [
        Ok(reply(200, "text/html", "<p>Thank you")),
        Ok(reply(500, "application/json", "{}")),
        Ok(reply(307, "text/html", "")),
        Ok(reply(308, "text/html", "")),
        Err(Fault::Interrupted { host: "desk.example".into() }),
        Err(Fault::TimedOut { host: "desk.example".into(), seconds: 60, sent: true }),
    ] {
        let shared = ended(&world, odd);
        assert_eq!((shared.outcome, shared.error), (Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)));
        assert!(!shared.claims.is_empty(), "what may be there now is written down");
    }
}

#[test]
fn security_d26_what_the_other_side_says_of_its_refusal_goes_nowhere() {
    let world = World::new();
    let text = format!("<script>\u{1b}[31m{}", "x".repeat(100_000));
    let body = json!({"error": "invalid_request", "error_description": text}).to_string();
    let shared = ended(&world, Ok(reply(400, "application/json", &body)));
    assert_eq!((shared.outcome, shared.error), (Outcome::Failed, Some(ErrorKind::ResponseRefused)));
    assert!(!format!("{shared:?}").contains("script"));
}

#[test]
fn security_d27_the_person_picks_and_what_does_not_hold_is_shown_as_such() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let with = |id: &str, status: CardStatus| {
        let mut card = card(id, &original);
        card.status = status;
        card
    };
    let cards = vec![with("r", CardStatus::Revoked), with("e", CardStatus::Expired), with("v", CardStatus::Valid)];
    let (plan, _) = world.plan(&world.request(|_| {}), cards).unwrap();
    let candidates = &plan.queries[0].candidates;
    let order: Vec<_> = candidates.iter().map(|one| (one.card.to_string(), one.status)).collect();
    let expected = [("v", CardStatus::Valid), ("e", CardStatus::Expired), ("r", CardStatus::Revoked)];
    assert_eq!(order, expected.map(|(id, status)| (id.to_owned(), status)));
    let choice = Choice { cards: [("mc".to_owned(), "e".parse().unwrap())].into(), ..Choice::default() };
    assert_eq!(plan.approve(&plan.fingerprint, &choice).unwrap().cards(), ["e".parse().unwrap()]);
}

#[test]
fn security_d29_a_name_that_the_site_gives_itself_is_only_claimed() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let id = format!("decentralized_identifier:{}", key.did_jwk());
    for name in ["Rijksoverheid ✔ verified", "Hogeschool Delta", "a\u{202E}b", &"x".repeat(10_000)] {
        let claims = world.claims(|c| {
            c["client_id"] = json!(id);
            c["client_metadata"] = json!({"client_name": name});
        });
        let header = json!({"typ": "oauth-authz-req+jwt", "kid": format!("{}#0", key.did_jwk())});
        let (_, sharing) = sent(world.begin(&link(&id)).unwrap());
        let step = sharing.reply(Ok(object(&world.signed(&header, &claims, &key))), world.env()).unwrap();
        let (plan, _) = world.cards(step, Vec::new()).unwrap();
        assert_eq!(plan.requester.evidence, Evidence::Claimed, "{name}");
        assert!(plan.requester.name.chars().count() <= 200 && !plan.requester.name.contains('\u{202E}'));
    }
}

#[test]
fn security_d31_a_yes_that_comes_too_late_sends_nothing() {
    let mut world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let (plan, sharing) = world.plan(&world.request(|_| {}), vec![card("a", &original)]).unwrap();
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    world.now = NOW + 7_200;
    let keys = vec![held_key("a", key, &original)];
    let error = sharing.answer(Answer::Share { approval, keys }, world.env()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequestExpired);
}

#[test]
fn security_d33_what_a_set_does_not_require_is_not_taken_along() {
    let world = World::new();
    let made = plan(&world, |c| {
        let query = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}});
        c["dcql_query"] = json!({"credentials": [query("mc"), query("extra")], "credential_sets": [
            {"options": [["mc"]]}, {"options": [["extra"]], "required": false}]});
    })
    .unwrap();
    assert!(made.query("mc").unwrap().required && !made.query("extra").unwrap().required);
    let proposed = made.approve(&made.fingerprint, &Choice::default()).unwrap();
    assert_eq!(proposed.cards().len(), 1);
    assert!(proposed.claims().iter().all(|claim| claim.card.to_string() == "a"));
}

#[test]
fn vp_15_8_no_request_says_anything_of_the_person_before_a_yes() {
    let world = World::new();
    let mut by_post = link(&world.client_id());
    by_post.push(("request_uri_method".to_owned(), "post".to_owned()));
    let (first, _) = sent(world.begin(&by_post).unwrap());
    let (second, _) = sent(world.begin(&by_post).unwrap());
    assert_eq!(first.purpose, Purpose::RequestObject);
    let metadata = |exchange| form(exchange).into_iter().find(|(name, _)| name == "wallet_metadata").unwrap().1;
    assert_eq!(metadata(&first), metadata(&second), "what the wallet says of itself is the same each time");
    let read: Value = serde_json::from_str(&metadata(&first)).unwrap();
    assert_eq!(read["request_object_signing_alg_values_supported"], json!(["ES256", "ES384", "EdDSA"]));
}
