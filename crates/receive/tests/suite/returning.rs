//! Coming back to an issuer: for what it hands out later, and for fresh copies.

use crate::issuer::*;
use leerpas_core::{Body, ErrorKind, SignedDuration, Timestamp};
use leerpas_credential::jose::Jws;
use leerpas_openid::vci::ErrorCode;
use leerpas_receive::{Entitlement, Errand, HeldGrant, OfferSource, ReceiveError, Received, ReceivedCard, Returned};
use serde_json::{Value, json};

fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

/// What a vault keeps and gives back.
fn stored(grant: &HeldGrant, entitlement: &Entitlement) -> (HeldGrant, Entitlement) {
    let grant = HeldGrant::from_secret(&grant.to_secret()).unwrap();
    (grant, Entitlement::from_secret(&entitlement.to_secret()).unwrap())
}

/// An issuer that hands out later, and what was held after the offer was taken.
fn promised(issuer: &mut Issuer, times: usize) -> (HeldGrant, Entitlement) {
    issuer.later = Some((3600, times));
    let Received { grant, later, cards, failed, notifications, .. } = receive(issuer).unwrap();
    assert!(cards.is_empty() && failed.is_empty() && notifications.is_empty());
    assert_eq!((later.len(), later[0].ask_after), (1, after(3600)));
    assert_eq!(later[0].entitlement.configuration, "mc");
    stored(&grant.unwrap(), &later[0].entitlement)
}

/// An issuer that renews its tokens, and a card that was collected from it with what refills it.
fn refillable(issuer: &mut Issuer) -> (ReceivedCard, (HeldGrant, Entitlement)) {
    issuer.renews = true;
    let mut received = receive(issuer).unwrap();
    let mut card = received.cards.remove(0);
    let held = stored(&received.grant.unwrap(), &card.refill.take().unwrap());
    (card, held)
}

fn ready(returned: Result<Returned, ReceiveError>) -> (ReceivedCard, usize) {
    match returned.unwrap() {
        Returned::Ready { card, notifications, .. } => (*card, notifications.len()),
        _ => panic!("it is ready"),
    }
}

#[test]
fn vci_9_2_what_is_not_ready_is_asked_for_again_and_then_kept() {
    let mut issuer = Issuer::new();
    let held = promised(&mut issuer, 1);
    let (written, first) = come_back(&mut issuer, stored(&held.0, &held.1), Errand::Waiting, (false, now()));
    let Returned::NotYet(later) = first.unwrap() else { panic!("it takes longer") };
    assert!(written.is_empty() && later.ask_after == after(3600));
    let held = stored(&held.0, &later.entitlement);
    let (_, second) = come_back(&mut issuer, held, Errand::Waiting, (false, now()));
    let (card, told) = ready(second);
    assert_eq!((card.copies.len(), told), (1, 1));
    let (key, original) = &card.copies[0];
    let credential = leerpas_credential::read::read(original).unwrap();
    assert_eq!(credential.holder_key_thumbprint(), Some(key.public().thumbprint()), "the key that was proved first");
    assert!(card.refill.is_none(), "this issuer renews nothing");
    assert_eq!(issuer.paths().iter().filter(|path| **path == "/credential").count(), 1, "asked for once");
}

#[test]
fn vci_8_3_a_batch_that_comes_in_part_later_keeps_the_rest() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["badge", "mc"], None);
    let mut first = true;
    issuer.twist = Box::new(move |exchange| {
        let is_first = exchange.url.path() == "/credential" && std::mem::take(&mut first);
        is_first.then(|| reply(202, &json!({"transaction_id": TRANSACTION, "interval": 5})))
    });
    let source = OfferSource::Value(issuer.offer.clone());
    let received = play(&mut issuer, source, 1, willing(&[])).unwrap();
    assert_eq!((received.cards.len(), received.later.len(), received.failed.len()), (1, 1, 0));
    assert!(received.grant.is_some());
}

#[test]
fn vci_9_an_issuer_that_promises_and_has_no_place_to_ask_is_refused() {
    let mut issuer = Issuer::new();
    members(&mut issuer.metadata).remove("deferred_credential_endpoint");
    issuer.later = Some((5, 0));
    assert_eq!(receive(&mut issuer).unwrap_err().kind(), ErrorKind::OfferUnsupported);
}

#[test]
fn vci_9_3_denied_and_unknown_transactions_end_the_waiting_and_nothing_else_does() {
    let denied = |code| move || refusal(code);
    type Answering = Box<dyn FnMut() -> Result<leerpas_core::Reply, leerpas_core::Fault>>;
    let cases: Vec<(Answering, ErrorKind, bool)> = vec![
        (Box::new(denied(ErrorCode::CredentialRequestDenied)), ErrorKind::IssuanceDenied, true),
        (Box::new(denied(ErrorCode::InvalidTransactionId)), ErrorKind::GrantEnded, true),
        (Box::new(denied(ErrorCode::ServerError)), ErrorKind::OtherSideFailed, false),
        (Box::new(|| reply(404, &json!({}))), ErrorKind::OtherSideFailed, false),
        (Box::new(|| reply(503, &json!({}))), ErrorKind::OtherSideFailed, false),
        (Box::new(page), ErrorKind::ReplyUnreadable, false),
        (
            Box::new(|| Err(leerpas_core::Fault::Interrupted { host: "issuer.example".to_owned() })),
            ErrorKind::Unreachable,
            false,
        ),
    ];
    for (answer, kind, ends) in cases {
        let mut issuer = Issuer::new();
        let held = promised(&mut issuer, 0);
        issuer.twist = at("/deferred", answer);
        let (_, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, now()));
        let Err(error) = outcome else { panic!("{kind:?}") };
        assert_eq!((error.kind(), error.ends_waiting()), (kind, ends));
    }
}

#[test]
fn drafts_say_that_it_is_pending_by_an_error() {
    let mut issuer = Issuer::new();
    let held = promised(&mut issuer, 0);
    issuer.twist = at("/deferred", || refusal(ErrorCode::IssuancePending));
    let (_, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, now()));
    let Returned::NotYet(later) = outcome.unwrap() else { panic!("it is pending") };
    assert_eq!(later.ask_after, after(60));
}

#[test]
fn security_c15_another_key_than_the_one_that_was_proved_first_is_refused() {
    let mut issuer = Issuer::new();
    issuer.other_holder = Some(stranger().public());
    let held = promised(&mut issuer, 0);
    let (_, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, now()));
    let Err(error) = outcome else { panic!("it is bound to somebody else") };
    assert_eq!((error.kind(), error.ends_waiting()), (ErrorKind::CredentialNotYours, true));
}

#[test]
fn what_came_and_was_not_kept_is_verified_again_and_needs_neither_token_nor_transaction() {
    let mut issuer = Issuer::new();
    let (grant, entitlement) = promised(&mut issuer, 0);
    let arrived = until_arrived(&mut issuer, stored(&grant, &entitlement));
    assert!(issuer.promised.is_none(), "the issuer gave it once");
    let asked = issuer.count(leerpas_core::Purpose::Credential);
    let held = stored(&grant, &arrived);
    let (written, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, after(86_400)));
    let (card, told) = ready(outcome);
    assert_eq!((written.len(), card.copies.len(), told), (0, 1, 1));
    assert_eq!(issuer.count(leerpas_core::Purpose::Credential), asked);
    // One that has run out since is refused like any other.
    let held = stored(&grant, &arrived);
    let (_, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, after(86_400 * 366)));
    let error = outcome.err().unwrap();
    assert_eq!((error.kind(), error.ends_waiting()), (ErrorKind::CredentialExpired, true));
}

#[test]
fn vci_11_1_the_issuer_hears_of_a_failure_also_when_nothing_was_kept_at_all() {
    let heard = |issuer: &Issuer| {
        let told = issuer.log.iter().filter(|exchange| exchange.url.path() == "/notification");
        told.map(|exchange| exchange.body.clone()).collect::<Vec<_>>()
    };
    let failure = Body::Json(json!({"notification_id": "n-mc", "event": "credential_failure"}));
    let mut issuer = Issuer::new();
    issuer.other_holder = Some(stranger().public());
    assert_eq!(receive(&mut issuer).unwrap_err().kind(), ErrorKind::CredentialNotYours);
    assert_eq!(heard(&issuer), std::slice::from_ref(&failure), "at once");

    let mut issuer = Issuer::new();
    issuer.other_holder = Some(stranger().public());
    let held = promised(&mut issuer, 0);
    // Whether the word arrives makes no difference.
    issuer.twist = at("/notification", || reply(500, &json!({})));
    let (_, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, now()));
    assert_eq!(outcome.err().unwrap().kind(), ErrorKind::CredentialNotYours);
    assert_eq!(heard(&issuer), [failure], "and later");
}

#[test]
fn rfc6749_6_a_token_that_ran_out_is_renewed_and_the_new_grant_written_down_before_it_is_used() {
    let mut issuer = Issuer::new();
    issuer.renews = true;
    let held = promised(&mut issuer, 0);
    let (written, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, after(3600)));
    let (card, _) = ready(outcome);
    assert_eq!(written.len(), 1);
    let kept = String::from_utf8(written[0].to_secret().expose().clone()).unwrap();
    assert!(kept.contains(&format!("{REFRESH}2")), "the refresh token that counts from now on");
    assert!(card.refill.is_some());
    let paths = issuer.paths();
    let at = |wanted: &str| paths.iter().rposition(|path| *path == wanted).unwrap();
    assert!(at("/token") < at("/deferred"));
}

#[test]
fn a_token_that_ran_out_and_cannot_be_renewed_ends_it_and_nothing_is_sent() {
    let mut issuer = Issuer::new();
    let held = promised(&mut issuer, 0);
    let before = issuer.log.len();
    let (_, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, after(3600)));
    let Err(error) = outcome else { panic!("there is no token") };
    assert_eq!((error.kind(), error.ends_waiting(), issuer.log.len()), (ErrorKind::GrantEnded, true, before));
}

#[test]
fn rfc6749_5_2_a_refresh_token_that_was_taken_back_ends_it() {
    let mut issuer = Issuer::new();
    let (card, held) = refillable(&mut issuer);
    issuer.renews = false;
    let (written, outcome) = come_back(&mut issuer, held, Errand::Refill(card.copies[0].1.clone()), (true, now()));
    assert_eq!((written.len(), outcome.err().unwrap().kind()), (0, ErrorKind::GrantEnded));
}

#[test]
fn a_token_that_the_issuer_does_not_take_is_told_apart() {
    let mut issuer = Issuer::new();
    let held = promised(&mut issuer, 0);
    issuer.twist = at("/deferred", || reply(401, &json!({"error": "invalid_token"})));
    let (_, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, now()));
    assert!(outcome.err().unwrap().is_token_refused());
}

#[test]
fn rfc9449_5_tokens_are_renewed_with_proof_of_the_same_key() {
    let mut issuer = Issuer::new();
    issuer.binds_tokens = true;
    issuer.server["dpop_signing_alg_values_supported"] = json!(["ES256"]);
    let (card, held) = refillable(&mut issuer);
    let (written, outcome) = come_back(&mut issuer, held, Errand::Refill(card.copies[0].1.clone()), (true, now()));
    assert_eq!((written.len(), ready(outcome).0.copies.len()), (1, 2));
    let keys: std::collections::BTreeSet<String> = issuer
        .log
        .iter()
        .filter_map(|exchange| exchange.dpop.as_deref())
        .map(|proof| Jws::parse(proof).unwrap().header["jwk"].to_string())
        .collect();
    assert_eq!(keys.len(), 1, "one key from the first token on");
}

#[test]
fn vci_3_3_2_a_refill_has_a_new_key_for_each_copy() {
    let mut issuer = Issuer::new();
    let (card, held) = refillable(&mut issuer);
    let (_, outcome) = come_back(&mut issuer, held, Errand::Refill(card.copies[0].1.clone()), (false, now()));
    let (more, told) = ready(outcome);
    assert_eq!((more.copies.len(), told), (2, 1));
    let mut keys: Vec<_> = card.copies.iter().chain(&more.copies).map(|(key, _)| key.public().thumbprint()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
    assert!(more.refill.is_some(), "and it can be done again");
}

#[test]
fn security_c26_a_refill_that_says_something_else_or_holds_shorter_is_refused() {
    type Change = fn(&mut Value);
    let changes: [Change; 4] = [
        |claims| claims["achievement"]["ects"] = json!(5),
        |claims| drop(claims["achievement"].as_object_mut().unwrap().remove("name")),
        |claims| claims["more"] = json!("than before"),
        |claims| claims["exp"] = json!(now().as_second() + 86_400),
    ];
    for change in changes {
        let mut issuer = Issuer::new();
        let (card, held) = refillable(&mut issuer);
        issuer.change = Box::new(change);
        let (_, outcome) = come_back(&mut issuer, held, Errand::Refill(card.copies[0].1.clone()), (false, now()));
        let Err(error) = outcome else { panic!("it differs") };
        assert!(matches!(error, ReceiveError::Otherwise));
        assert_eq!(error.kind(), ErrorKind::CredentialNotAsOffered);
        assert!(!error.ends_waiting());
    }
    // One that holds longer is as good.
    let mut issuer = Issuer::new();
    let (card, held) = refillable(&mut issuer);
    issuer.change = Box::new(|claims| claims["exp"] = json!(now().as_second() + 86_400 * 3_650));
    let (_, outcome) = come_back(&mut issuer, held, Errand::Refill(card.copies[0].1.clone()), (false, now()));
    ready(outcome);
}

#[test]
fn security_c05_tokens_go_to_no_other_server_than_the_one_that_gave_them() {
    let mut issuer = Issuer::new();
    let (card, held) = refillable(&mut issuer);
    issuer.metadata["authorization_servers"] = json!(["https://evil.example"]);
    let (_, outcome) = come_back(&mut issuer, held, Errand::Refill(card.copies[0].1.clone()), (true, now()));
    assert_eq!(outcome.err().unwrap().kind(), ErrorKind::IssuerMetadataInvalid);
    assert!(issuer.log.iter().all(|exchange| exchange.url.host_str() == Some("issuer.example")));
}

#[test]
fn a_client_with_a_name_says_it_when_it_comes_back() {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    let (card, held) = refillable(&mut issuer);
    let (_, outcome) = come_back(&mut issuer, held, Errand::Refill(card.copies[0].1.clone()), (true, now()));
    ready(outcome);
    let form = issuer.log.iter().rev().find_map(|exchange| match &exchange.body {
        Body::Form(form) => Some(form),
        _ => None,
    });
    assert!(form.unwrap().contains(&("client_id".to_owned(), "leerpas".to_owned())));
}

#[test]
fn nothing_secret_is_printed_of_what_is_held() {
    let mut issuer = Issuer::new();
    issuer.renews = true;
    issuer.later = Some((5, 0));
    let received = receive(&mut issuer).unwrap();
    let shown = format!("{received:?} {:?} {:?}", received.grant, received.later);
    assert!(!shown.contains("canary"), "{shown}");
}
