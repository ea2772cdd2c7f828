//! Receiving as it should go.

use std::sync::Arc;

use crate::issuer::*;
use leerpas_core::{Body, CardStatus, Evidence, Language, Purpose, Secret};
use leerpas_credential::{
    data_integrity::{ProofOptions, sd::sign_base},
    keys::IssuerKey,
    report::{CheckName, CheckResult, Reason, Verdict},
    trust::TrustList,
    verify::Resources,
};
use leerpas_openid::vci::IssuedCredential;
use leerpas_receive::{Answer, OfferSource, Question, ReceiveContext};
use serde_json::json;

#[test]
fn a_microcredential_is_collected_verified_and_bound_to_a_key_of_its_own() {
    let mut issuer = Issuer::new();
    let received = receive(&mut issuer).unwrap();
    assert!(!received.declined && received.failed.is_empty());
    let card = &received.cards[0];
    assert_eq!(card.report.verdict, Verdict::Valid, "{:#?}", card.report);
    assert_eq!(card.report.status, CardStatus::Valid);
    let (key, original) = &card.copies[0];
    let credential = leerpas_credential::read::read(original).unwrap();
    assert_eq!(credential.types(), [VCT]);
    assert_eq!(credential.holder_key_thumbprint(), Some(key.public().thumbprint()));
    assert_eq!(card.report.check(CheckName::Kind).unwrap().result, CheckResult::Pass);
    assert_eq!(
        issuer.paths(),
        [
            "/.well-known/openid-credential-issuer/tenant",
            "/.well-known/oauth-authorization-server/tenant",
            "/token",
            "/nonce",
            "/credential",
            "/.well-known/did.json"
        ]
    );
}

#[test]
fn a_badge_is_collected_with_the_holder_as_did_jwk() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["badge"], None);
    let received = receive(&mut issuer).unwrap();
    let card = &received.cards[0];
    assert_eq!(card.report.verdict, Verdict::Valid, "{:#?}", card.report);
    let (key, original) = &card.copies[0];
    let credential = leerpas_credential::read::read(original).unwrap();
    assert_eq!(credential.holder_ids(), [key.did_jwk()]);
}

/// Lets the issuer sign its badges so that parts can be shown; `cut` gives away a part instead.
fn in_parts(issuer: &mut Issuer, cut: bool) {
    issuer.offer = offer_of(&["badge"], None);
    let key = IssuerKey::from_pem(issuer.key.to_pem().unwrap().expose()).unwrap();
    issuer.shuffle = Box::new(move |credentials| {
        for credential in credentials {
            let IssuedCredential::Object(badge) = credential else { panic!("a badge is an object") };
            badge.remove("proof");
            let options = ProofOptions {
                verification_method: format!("{DID}#key-1"),
                purpose: "assertionMethod".to_owned(),
                created: now(),
                challenge: None,
                domain: None,
            };
            let signed = sign_base(json!(badge), &options, &[], &key, &leerpas_core::OsEntropy).unwrap();
            let whole = leerpas_credential::read::read(signed.to_string().as_bytes()).unwrap();
            let given = if cut { whole.part(&[vec!["name".into()]]).unwrap() } else { signed };
            badge.clone_from(given.as_object().unwrap());
        }
    });
}

#[test]
fn a_badge_with_a_base_proof_is_collected_and_can_be_shown_in_part() {
    let mut issuer = Issuer::new();
    in_parts(&mut issuer, false);
    let received = receive(&mut issuer).unwrap();
    let card = &received.cards[0];
    assert_eq!(card.report.verdict, Verdict::Valid, "{:#?}", card.report);
    assert_eq!(card.report.check(CheckName::Format).unwrap().result, CheckResult::Pass);
    assert!(leerpas_credential::read::read(&card.copies[0].1).unwrap().is_selective());
}

#[test]
fn security_b22_a_badge_of_which_the_rest_was_left_out_says_so() {
    let mut issuer = Issuer::new();
    in_parts(&mut issuer, true);
    let received = receive(&mut issuer).unwrap();
    let card = &received.cards[0];
    assert_eq!(card.report.check(CheckName::Format).unwrap().reason, Some(Reason::PartOnly), "{:#?}", card.report);
    assert!(!leerpas_credential::read::read(&card.copies[0].1).unwrap().is_selective());
}

#[test]
fn w3c_tokens_of_both_models_are_collected_in_each_format() {
    for format in ["vc+jwt", "vc+sd-jwt", "jwt_vc_json"] {
        let mut issuer = Issuer::new();
        issuer.offer = offer_of(&[format], None);
        let received = receive(&mut issuer).unwrap();
        let card = &received.cards[0];
        assert_eq!(card.report.verdict, Verdict::Valid, "{format}: {:#?}", card.report);
        assert_eq!(card.report.format.as_str(), format);
        let (key, original) = &card.copies[0];
        assert_eq!(leerpas_credential::read::read(original).unwrap().holder_ids(), [key.did_jwk()]);
    }
}

#[test]
fn a_jwt_of_the_newer_model_may_come_under_the_older_name_and_nothing_else_may() {
    let configured = |format: &str| {
        let mut issuer = Issuer::new();
        issuer.metadata["credential_configurations_supported"]["vc+jwt"]["format"] = json!(format);
        issuer.offer = offer_of(&["vc+jwt"], None);
        receive(&mut issuer).map(|received| received.cards[0].report.format.as_str())
    };
    assert_eq!(configured("jwt_vc_json").unwrap(), "vc+jwt");
    assert!(configured("vc+sd-jwt").is_err());
    assert!(configured("ldp_vc").is_err());
}

#[test]
fn security_c03_nothing_is_fetched_before_the_person_agreed() {
    for source in [by_reference(), OfferSource::Value(Issuer::new().offer)] {
        let mut issuer = Issuer::new();
        let mut asked = Vec::new();
        let received = play(&mut issuer, source, 1, |question| {
            asked.push(question.clone());
            Answer::Decline
        })
        .unwrap();
        assert!(matches!(&asked[..], [Question::Contact { host, .. }] if host == "issuer.example"));
        assert!(issuer.log.is_empty());
        assert!(received.declined && received.cards.is_empty() && received.notifications.is_empty());
        assert_eq!(received.issuer.evidence, Evidence::Claimed);
        assert_eq!(received.issuer.host.as_deref(), Some("issuer.example"));
    }
}

#[test]
fn an_offer_by_reference_is_fetched_after_the_word() {
    let mut issuer = Issuer::new();
    let mut contacts = Vec::new();
    let mut person = willing(&[TX_CODE]);
    play(&mut issuer, by_reference(), 1, |question| {
        if let Question::Contact { host, by_reference } = question {
            contacts.push((host.clone(), *by_reference));
        }
        person(question)
    })
    .unwrap();
    assert_eq!(contacts, [("issuer.example".to_owned(), true)]);
    assert_eq!(issuer.log[0].purpose, Purpose::Offer);
}

#[test]
fn an_offer_that_leads_to_another_host_is_asked_about_again() {
    let mut issuer = Issuer::new();
    let source = OfferSource::Reference("https://short.example/offer".parse().unwrap());
    let mut contacts = Vec::new();
    let mut person = willing(&[TX_CODE]);
    play(&mut issuer, source, 1, |question| {
        if let Question::Contact { host, by_reference } = question {
            contacts.push((host.clone(), *by_reference));
        }
        person(question)
    })
    .unwrap();
    assert_eq!(contacts, [("short.example".to_owned(), true), ("issuer.example".to_owned(), false)]);
}

#[test]
fn the_person_sees_issuer_titles_and_where_the_code_goes_before_it_goes() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["mc", "badge"], Some(json!({})));
    let mut preview = None;
    let source = OfferSource::Value(issuer.offer.clone());
    play(&mut issuer, source, 1, |question| match question {
        Question::Contact { .. } => Answer::Contact,
        Question::Take(seen) => {
            preview = Some(seen.clone());
            Answer::Decline
        }
        _ => unreachable!(),
    })
    .unwrap();
    let preview = preview.unwrap();
    assert_eq!(preview.issuer.name, "Hogeschool Voorbeeld");
    assert_eq!(preview.issuer.evidence, Evidence::Claimed);
    assert_eq!(preview.titles, ["Microcredential (nl)", "Badge (nl)"]);
    assert_eq!(preview.hosts, ["issuer.example"]);
    let code = preview.code.expect("an empty tx_code object still means ask");
    assert_eq!((code.numeric, code.length, code.host.as_str()), (true, None, "issuer.example"));
    assert_eq!(issuer.count(Purpose::Token), 0);
}

#[test]
fn an_issuer_on_the_trust_list_has_the_name_of_the_list() {
    let mut issuer = Issuer::new();
    let list =
        json!({"version": 1, "institutions": [{"name": {"nl": "Hogeschool De Lijst"}, "identifiers": [ISSUER, DID]}]});
    let context = ReceiveContext {
        trust: Arc::new(TrustList::from_json(list.to_string().as_bytes()).unwrap()),
        language: Language::Nl,
        resources: Resources::default(),
        copies: 1,
        attestations: Vec::new(),
    };
    let source = OfferSource::Value(issuer.offer.clone());
    let received = play_with(&mut issuer, source, context, &mut willing(&[TX_CODE])).unwrap();
    assert_eq!(received.issuer.name, "Hogeschool De Lijst");
    assert_eq!(received.issuer.evidence, Evidence::Listed);
}

#[test]
fn a_wrong_code_is_asked_again_and_the_second_try_counts() {
    let mut issuer = Issuer::new();
    let source = OfferSource::Value(issuer.offer.clone());
    let mut wrong = Vec::new();
    let mut person = willing(&["000000", "493 536"]);
    let received = play(&mut issuer, source, 1, |question| {
        if let Question::Take(preview) = question {
            wrong.push(preview.wrong_code);
        }
        person(question)
    })
    .unwrap();
    assert_eq!(wrong, [false, true]);
    assert_eq!(received.cards.len(), 1);
    assert_eq!(issuer.count(Purpose::Token), 2);
}

#[test]
fn a_code_that_was_not_asked_for_is_not_sent() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["mc"], None);
    let source = OfferSource::Value(issuer.offer.clone());
    play(&mut issuer, source, 1, |question| match question {
        Question::Contact { .. } => Answer::Contact,
        Question::Take(_) => Answer::Take { code: Some(Secret::new("1234".to_owned())) },
        _ => Answer::Keep,
    })
    .unwrap();
    let Body::Form(form) = &issuer.log[2].body else { panic!() };
    assert_eq!(form.len(), 2);
}

#[test]
fn a_batch_has_a_key_for_each_copy_and_never_more_than_the_issuer_gives() {
    for (wanted, came) in [(0, 1), (1, 1), (2, 2), (9, 3)] {
        let mut issuer = Issuer::new();
        let source = OfferSource::Value(issuer.offer.clone());
        let received = play(&mut issuer, source, wanted, willing(&[TX_CODE])).unwrap();
        let copies = &received.cards[0].copies;
        assert_eq!(copies.len(), came);
        let mut keys: Vec<_> = copies.iter().map(|(key, _)| key.public().thumbprint()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), came);
        for (key, original) in copies {
            let bound = leerpas_credential::read::read(original).unwrap().holder_key_thumbprint();
            assert_eq!(bound, Some(key.public().thumbprint()));
        }
        assert_eq!(issuer.count(Purpose::Credential), 1);
    }
}

#[test]
fn security_c17_copies_in_another_order_or_fewer_still_match_their_keys() {
    let mut issuer = Issuer::new();
    issuer.shuffle = Box::new(|credentials| {
        credentials.reverse();
        credentials.pop();
    });
    let source = OfferSource::Value(issuer.offer.clone());
    let received = play(&mut issuer, source, 3, willing(&[TX_CODE])).unwrap();
    assert_eq!(received.cards[0].copies.len(), 2);
}

#[test]
fn security_c17_copies_that_share_a_status_entry_are_said_to_be_linkable() {
    for (shared, expected) in [(true, true), (false, false)] {
        let mut issuer = Issuer::new();
        let count = std::cell::Cell::new(0);
        issuer.change = Box::new(move |claims| {
            count.set(count.get() + 1);
            let place = if shared { 7 } else { count.get() };
            claims["status"] = json!({"status_list": {"uri": "https://issuer.example/status", "idx": place}});
        });
        issuer.twist = at("/status", page);
        let mut linkable = None;
        let source = OfferSource::Value(issuer.offer.clone());
        let mut person = willing(&[TX_CODE]);
        play(&mut issuer, source, 2, |question| {
            if let Question::Keep(candidates) = question {
                linkable = Some(candidates[0].linkable);
            }
            person(question)
        })
        .unwrap();
        assert_eq!(linkable, Some(expected));
    }
}

#[test]
fn a_status_list_out_of_reach_does_not_stop_the_card_and_is_said() {
    let mut issuer = Issuer::new();
    issuer.change = Box::new(|claims| {
        claims["status"] = json!({"status_list": {"uri": "https://issuer.example/status", "idx": 0}})
    });
    issuer.twist = at("/status", page);
    let received = receive(&mut issuer).unwrap();
    let report = &received.cards[0].report;
    assert_eq!(report.verdict, Verdict::Unknown);
    assert_eq!(report.check(CheckName::Status).unwrap().result, CheckResult::Unknown);
}

#[test]
fn labels_are_those_of_the_issuer_in_its_order() {
    let received = receive(&mut Issuer::new()).unwrap();
    let labels: Vec<_> = received.cards[0].facts.labels.iter().map(|l| (&*l.path, &*l.locale, &*l.name)).collect();
    assert_eq!(
        labels,
        [("achievement.ects", "nl", "Studielast"), ("outcomes.*", "nl", "Leeruitkomst"), ("outcomes.*", "", "Outcome")]
    );
}

#[test]
fn an_issuer_that_names_no_type_beforehand_gets_a_remark() {
    let mut issuer = Issuer::new();
    members(&mut issuer.metadata["credential_configurations_supported"]["mc"]).remove("vct");
    let received = receive(&mut issuer).unwrap();
    let report = &received.cards[0].report;
    assert_eq!(report.check(CheckName::Kind).unwrap().result, CheckResult::Warn);
    assert_eq!(report.verdict, Verdict::Valid);
}

#[test]
fn a_credential_without_a_name_takes_that_of_its_configuration() {
    let mut issuer = Issuer::new();
    issuer.change = Box::new(|claims| drop(members(claims).remove("achievement")));
    let received = receive(&mut issuer).unwrap();
    assert_eq!(received.cards[0].facts.title, "Microcredential (nl)");
}

#[test]
fn openid4vci_8_3_1_an_old_nonce_is_replaced_once() {
    let mut issuer = Issuer::new();
    issuer.twist = {
        let mut refused = false;
        Box::new(move |exchange| {
            if exchange.url.path() != "/credential" || refused {
                return None;
            }
            refused = true;
            Some(refusal(leerpas_openid::vci::ErrorCode::InvalidNonce))
        })
    };
    assert!(receive(&mut issuer).is_ok());
    assert_eq!(issuer.count(Purpose::Nonce), 2);
    assert_eq!(issuer.count(Purpose::Credential), 2);
}

#[test]
fn an_issuer_without_nonces_gets_a_proof_without_one() {
    let mut issuer = Issuer::new();
    members(&mut issuer.metadata).remove("nonce_endpoint");
    assert!(receive(&mut issuer).is_ok());
    assert_eq!(issuer.count(Purpose::Nonce), 0);
}

#[test]
fn openid4vci_6_2_identifiers_of_the_token_response_are_used() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["badge"], None);
    issuer.twist = at("/token", || {
        reply(
            200,
            &json!({"access_token": TOKEN, "token_type": "bearer", "authorization_details": [{"type": "openid_credential",
                "credential_configuration_id": "badge", "credential_identifiers": ["badge-one", "badge-two"]}]}),
        )
    });
    let received = receive(&mut issuer).unwrap();
    assert_eq!(received.cards.len(), 2);
    for exchange in issuer.log.iter().filter(|exchange| exchange.purpose == Purpose::Credential) {
        let Body::Json(body) = &exchange.body else { panic!() };
        assert!(body.get("credential_identifier").is_some() && body.get("credential_configuration_id").is_none());
    }
}

#[test]
fn several_credentials_are_collected_and_a_failing_one_does_not_take_the_others() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["mdoc", "badge", "mc"], None);
    issuer.forger = Some(leerpas_credential::keys::IssuerKey::make_p256(&leerpas_core::CountingEntropy::default()));
    let received = receive(&mut issuer).unwrap();
    assert_eq!(received.cards.len(), 1);
    let failed: Vec<_> = received.failed.iter().map(|one| (&*one.configuration, one.error.kind().as_str())).collect();
    assert_eq!(failed, [("mdoc", "offer_unsupported"), ("mc", "credential_not_genuine")]);
    let told: Vec<_> = received.notifications.iter().map(|exchange| exchange.body.clone()).collect();
    assert_eq!(
        told,
        [
            Body::Json(json!({"notification_id": "n-badge", "event": "credential_accepted"})),
            Body::Json(json!({"notification_id": "n-mc", "event": "credential_failure"})),
        ]
    );
}

#[test]
fn openid4vci_11_the_issuer_hears_what_became_of_it() {
    for (answer, event) in [(true, "credential_accepted"), (false, "credential_deleted")] {
        let mut issuer = Issuer::new();
        let source = OfferSource::Value(issuer.offer.clone());
        let mut person = willing(&[TX_CODE]);
        let received = play(&mut issuer, source, 1, |question| match question {
            Question::Keep(_) if !answer => Answer::Decline,
            other => person(other),
        })
        .unwrap();
        assert_eq!(received.declined, !answer);
        assert_eq!(received.cards.len(), usize::from(answer));
        let told = &received.notifications[0];
        assert_eq!(told.url.as_str(), "https://issuer.example/notification");
        assert_eq!(told.bearer.as_deref(), Some(TOKEN));
        assert_eq!(told.body, Body::Json(json!({"notification_id": "n-mc", "event": event})));
    }
}

#[test]
fn security_c19_a_notification_on_another_host_is_not_sent_because_the_token_would_go_along() {
    let mut issuer = Issuer::new();
    issuer.metadata["notification_endpoint"] = json!("https://tracker.example/notification");
    assert!(receive(&mut issuer).unwrap().notifications.is_empty());
}

#[test]
fn nothing_secret_and_no_claim_is_printed() {
    let received = receive(&mut Issuer::new()).unwrap();
    let printed = format!("{received:?}");
    let key = received.cards[0].copies[0].0.secret();
    let key: String = key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    for secret in [CODE, TX_CODE, TOKEN, "Noor", &key] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
