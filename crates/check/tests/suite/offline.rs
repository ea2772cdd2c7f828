//! Wallet against verifier without a network between them: the request by value, the answer as pictures.

use crate::common;
use crate::common::{Desk, World, body, card, context, held_key, sd_jwt_query, sent};
use leerpas_check::{AnswerError, Answered, FRAMES_LIFETIME_SECONDS, FetchError, Judging};
use leerpas_core::{ErrorKind, Machine, Outcome, Step, Url};
use leerpas_credential::{keys::HolderKey, report::Verdict};
use leerpas_openid::vp::ResponseMode;
use leerpas_share::{Answer, Choice, Question, ShareError, Shared, Sharing};
use serde_json::{Value, json};

fn desk() -> Desk {
    Desk::asking(sd_jwt_query(json!([{"path": ["title"]}, {"path": ["ects"]}])), ResponseMode::Frames)
}

fn parameters(link: &str) -> Vec<(String, String)> {
    Url::parse(link).unwrap().query_pairs().into_owned().collect()
}

/// From the link to the pictures; no step on the way is an exchange.
fn pictures(desk: &mut Desk, original: &[u8]) -> (String, Sharing) {
    let link = desk.pending.link_by_value(desk.world.time()).unwrap();
    let step = Sharing::start(&parameters(&link), desk.world.context(), desk.world.env()).unwrap();
    let (plan, sharing) = desk.world.cards(step, vec![card("a", original)]).unwrap();
    assert_eq!(plan.response_host, None, "it goes to no host");
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let key = HolderKey::from_secret(&desk.key.secret()).unwrap();
    let keys = vec![held_key("a", key, original)];
    match sharing.answer(Answer::Share { approval, keys }, desk.world.env()).unwrap() {
        Step::Ask(Question::Frames { answer }, sharing) => (answer, sharing),
        other => panic!("pictures, not {other:?}"),
    }
}

fn ended(step: Step<Sharing>) -> Shared {
    match step {
        Step::Done(shared) => shared,
        other => panic!("an end, not {other:?}"),
    }
}

#[test]
fn an_answer_without_a_network_is_judged_like_any_other() {
    let mut desk = desk();
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let (answer, sharing) = pictures(&mut desk, &original);
    let intent = sharing.intent().unwrap();
    for path in ["title", "ects"] {
        assert!(intent.claims.iter().any(|claim| claim.path == path), "written down before the first picture is shown");
    }
    assert_eq!(answer.split('.').count(), 5, "encrypted");

    let now = desk.world.time();
    let Answered::Presented(presented) = desk.pending.accept_frames(&answer, now).unwrap() else { panic!() };
    let Step::Done(judgement) = Judging::start(*presented, context(&desk.world), desk.world.env()).unwrap() else {
        panic!("nothing is fetched")
    };
    assert_eq!(judgement.verdict, Verdict::Valid, "{:#?}", judgement.presentations);
    let shared = ended(sharing.answer(Answer::Shown { read: true }, desk.world.env()).unwrap());
    assert_eq!((shared.outcome, shared.error, shared.claims.len()), (Outcome::Done, None, 7));
}

#[test]
fn pictures_that_nobody_confirmed_may_have_been_read() {
    let mut desk = desk();
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let (_, sharing) = pictures(&mut desk, &original);
    let shared = ended(sharing.answer(Answer::Shown { read: false }, desk.world.env()).unwrap());
    assert_eq!((shared.outcome, shared.error), (Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)));
}

#[test]
fn a_no_without_a_network_shows_and_sends_nothing() {
    let mut desk = desk();
    let link = desk.pending.link_by_value(desk.world.time()).unwrap();
    let step = Sharing::start(&parameters(&link), desk.world.context(), desk.world.env()).unwrap();
    let (_, sharing) = desk.world.cards(step, vec![]).unwrap();
    let shared = ended(sharing.answer(Answer::Decline, desk.world.env()).unwrap());
    assert_eq!((shared.outcome, shared.error, shared.claims.len()), (Outcome::Declined, None, 0));
}

#[test]
fn security_d_an_answer_as_pictures_is_for_its_one_request_once_and_in_time() {
    let (mut ours, mut theirs) = (desk(), desk());
    // Chance runs alike in both worlds: the second of one is not the first of the other.
    theirs.ask_anew(sd_jwt_query(json!([{"path": ["title"]}])), ResponseMode::Frames);
    let original = ours.world.sd_jwt(&ours.key, |_| {});
    let (answer, _) = pictures(&mut ours, &original);
    let now = ours.world.time();
    assert_eq!(theirs.pending.accept_frames(&answer, now).unwrap_err(), AnswerError::Undecryptable);
    for bad in ["", "a.b.c.d.e", &answer[1..]] {
        assert_eq!(ours.pending.accept_frames(bad, now).unwrap_err(), AnswerError::Undecryptable, "{bad}");
    }
    // Neither door takes what is for the other one.
    let posted = format!("response={answer}");
    assert_eq!(ours.accept(&posted).unwrap_err(), AnswerError::Mode);
    assert_eq!(Desk::in_clear().pending.accept_frames(&answer, now).unwrap_err(), AnswerError::Mode);
    ours.pending.accept_frames(&answer, now).unwrap();
    assert_eq!(ours.pending.accept_frames(&answer, now).unwrap_err(), AnswerError::AlreadyAnswered);

    let mut late = desk();
    let original = late.world.sd_jwt(&late.key, |_| {});
    let (answer, _) = pictures(&mut late, &original);
    late.world.now += FRAMES_LIFETIME_SECONDS + 1;
    assert_eq!(late.pending.accept_frames(&answer, late.world.time()).unwrap_err(), AnswerError::Expired);
}

#[test]
fn a_request_by_value_is_given_out_once() {
    let mut desk = desk();
    let now = desk.world.time();
    desk.pending.link_by_value(now).unwrap();
    assert_eq!(desk.pending.link_by_value(now), Err(FetchError::HandedOver));
    assert_eq!(desk.pending.request_object(None, now), Err(FetchError::HandedOver));
}

#[test]
fn an_answer_as_pictures_is_refused_wherever_a_network_or_another_reader_could_come_in() {
    let world = World::new();
    let key = leerpas_credential::keys::IssuerKey::make_p256(&world.entropy);
    let mut jwk = leerpas_credential::keys::Signer::public(&key).to_jwk();
    (jwk["alg"], jwk["use"], jwk["kid"]) = (json!("ECDH-ES"), json!("enc"), json!("k"));
    let base = |claims: &mut Value| {
        claims["response_mode"] = json!("leerpas_frames.jwt");
        claims["client_metadata"] = json!({"jwks": {"keys": [jwk]}, "vp_formats_supported": {"dc+sd-jwt": {}}});
        if let Some(members) = claims.as_object_mut() {
            members.remove("response_uri");
        }
    };
    let by_value = |change: &dyn Fn(&mut Value)| {
        let jwt = world.request(|claims| {
            base(claims);
            change(claims);
        });
        let link = [("client_id".to_owned(), world.client_id()), ("request".to_owned(), jwt)];
        Sharing::start(&link, world.context(), world.env()).map(|_| ()).map_err(|error| error.kind())
    };
    assert_eq!(by_value(&|_| {}), Ok(()));
    assert_eq!(by_value(&|c| c["response_uri"] = json!(common::RESPONSE_URI)), Err(ErrorKind::RequestInvalid));
    assert_eq!(by_value(&|c| c["redirect_uri"] = json!(common::RESPONSE_URI)), Err(ErrorKind::RequestInvalid));
    assert_eq!(
        by_value(&|c| c["client_metadata"] = json!({"vp_formats_supported": {"dc+sd-jwt": {}}})),
        Err(ErrorKind::RequestInvalid)
    );
    assert_eq!(by_value(&|c| c["response_mode"] = json!("leerpas_frames")), Err(ErrorKind::RequestUnsupported));

    // Fetched: whoever is at the other end need not be in this room.
    let fetched = world.plan(&world.request(base), vec![]).map(|_| ()).map_err(|error| error.kind());
    assert_eq!(fetched, Err(ErrorKind::RequestInvalid));

    // Under a name that a certificate for a host proves: the answer would go to no host.
    let san = "x509_san_dns:desk.example";
    let jwt = world.request(|claims| {
        base(claims);
        claims["client_id"] = json!(san);
    });
    let link = [("client_id".to_owned(), san.to_owned()), ("request".to_owned(), jwt)];
    let refused: Result<_, ShareError> = Sharing::start(&link, world.context(), world.env());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::RequestUnsupported);

    // Not signed.
    let mut plain: Vec<_> = [
        ("client_id", "redirect_uri:https://desk.example/r"),
        ("response_type", "vp_token"),
        ("response_mode", "leerpas_frames.jwt"),
        ("nonce", common::NONCE),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    plain.push(("dcql_query".to_owned(), sd_jwt_query(json!([{"path": ["title"]}])).to_string()));
    let refused = Sharing::start(&plain, world.context(), world.env()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::RequestUnsupported);
}

#[test]
fn a_request_for_a_post_stays_one_when_it_comes_by_value() {
    let mut desk = Desk::in_clear();
    let link = desk.pending.link_by_value(desk.world.time()).unwrap();
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let step = Sharing::start(&parameters(&link), desk.world.context(), desk.world.env()).unwrap();
    let (plan, sharing) = desk.world.cards(step, vec![card("a", &original)]).unwrap();
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let key = HolderKey::from_secret(&desk.key.secret()).unwrap();
    let keys = vec![held_key("a", key, &original)];
    let (exchange, _) = sent(sharing.answer(Answer::Share { approval, keys }, desk.world.env()).unwrap());
    assert_eq!(desk.judge(&body(&exchange)).verdict, Verdict::Valid);
}
