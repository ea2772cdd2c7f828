//! Collecting that the person starts at an issuer that they named.

use std::sync::Arc;

use crate::issuer::*;
use leerpas_core::{CountingEntropy, Env, ErrorKind, Language, Machine as _, Secret, Step, Url};
use leerpas_credential::{trust::TrustList, verify::Resources};
use leerpas_receive::{Answer, Choosing, Question, ReceiveContext, ReceiveError, Received, Receiving};
use serde_json::json;

fn context() -> ReceiveContext {
    let (trust, resources) = (Arc::new(TrustList::empty()), Resources::default());
    ReceiveContext { trust, language: Language::Nl, resources, copies: 1, attestations: Vec::new() }
}

/// Goes to the issuer, looks at what there is, and says what is wanted.
fn visit(
    issuer: &mut Issuer,
    address: &str,
    want: impl Fn(&Choosing) -> Vec<String>,
) -> Result<Received, ReceiveError> {
    let entropy = CountingEntropy::default();
    let env = Env { now: now(), entropy: &entropy };
    let mut step = Receiving::start_at(address, context())?;
    let mut yes = willing(&[]);
    for _ in 0..60 {
        step = match step {
            Step::Send(exchange, machine) => machine.reply(issuer.answer(&exchange), env)?,
            Step::Ask(Question::Choose(choosing), machine) => machine.answer(Answer::Choose(want(&choosing)), env)?,
            Step::Ask(Question::Redirect, machine) => {
                machine.answer(Answer::Redirect(Url::parse(REDIRECT_URI).unwrap()), env)?
            }
            Step::Ask(Question::SignIn { url, .. }, machine) => {
                machine.answer(Answer::SignedIn(Secret::new(issuer.sign_in(&url))), env)?
            }
            Step::Ask(question, machine) => machine.answer(yes(&question), env)?,
            Step::Done(received) => return Ok(received),
        };
    }
    panic!("the machine does not come to an end")
}

#[test]
fn vci_3_3_the_person_starts_and_collects_what_they_chose_after_a_sign_in() {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    let received = visit(&mut issuer, ISSUER, |choosing| {
        let ids: Vec<_> = choosing.options.iter().map(|one| one.id.as_str()).collect();
        assert!(
            ids.contains(&"mc") && ids.contains(&"badge") && !ids.contains(&"mdoc"),
            "what can be collected: {ids:?}"
        );
        assert_eq!(choosing.issuer.identifier, ISSUER);
        vec!["badge".to_owned()]
    })
    .unwrap();
    assert_eq!(received.cards.len(), 1);
    assert!(received.cards[0].facts.types.iter().any(|kind| kind.contains("OpenBadge")));
    let asked = issuer.signed_in.as_ref().unwrap();
    assert!(!asked.iter().any(|(name, _)| name == "issuer_state"), "nobody sent an offer");
    assert!(asked.iter().any(|(name, value)| name == "authorization_details" && value.contains("badge")));
}

#[test]
fn security_c03_the_first_step_is_a_question_also_at_a_named_issuer() {
    let Ok(Step::Ask(Question::Contact { host, by_reference }, _)) = Receiving::start_at(ISSUER, context()) else {
        panic!("a question")
    };
    assert_eq!((host.as_str(), by_reference), ("issuer.example", false));
    for (address, kind) in [
        ("http://issuer.example", ErrorKind::InsecureAddress),
        ("https://me@issuer.example", ErrorKind::AddressRefused),
        ("not an address", ErrorKind::OfferInvalid),
    ] {
        assert_eq!(Receiving::start_at(address, context()).err().unwrap().kind(), kind, "{address}");
    }
}

#[test]
fn vci_12_2_4_metadata_of_another_issuer_is_refused_here_too() {
    let mut issuer = Issuer::new();
    issuer.metadata["credential_issuer"] = json!("https://issuer.example/tenant2");
    let error = visit(&mut issuer, ISSUER, |_| panic!("nothing to choose from")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IssuerMismatch);
}

#[test]
fn what_is_not_there_twice_or_nothing_cannot_be_chosen() {
    for (ids, kind) in [
        (vec![], ErrorKind::Internal),
        (vec!["nothing"], ErrorKind::IssuerMetadataInvalid),
        (vec!["mc", "mc"], ErrorKind::OfferInvalid),
        (vec!["1", "2", "3", "4", "5", "6", "7", "8", "9"], ErrorKind::OfferInvalid),
    ] {
        let mut issuer = Issuer::new();
        with_sign_in(&mut issuer, &["mc"]);
        let error = visit(&mut issuer, ISSUER, |_| ids.iter().map(|id| (*id).to_owned()).collect()).unwrap_err();
        assert_eq!(error.kind(), kind, "{ids:?}");
        assert_eq!(issuer.log.len(), 1, "nothing but the metadata was asked for");
    }
}

#[test]
fn an_issuer_that_gives_nothing_that_can_be_collected_says_why() {
    let mut issuer = Issuer::new();
    let mdoc = issuer.metadata["credential_configurations_supported"]["mdoc"].clone();
    issuer.metadata["credential_configurations_supported"] = json!({"mdoc": mdoc});
    let error = visit(&mut issuer, ISSUER, |_| panic!("nothing to choose from")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OfferUnsupported);
}
