//! The rows of the catalogue of hostile offers and requests (security.md 2, C and D) through the whole wallet: what comes
//! in, what it is called, and that nothing else has changed. Each row begins with its number.

use crate::common::{Place, holdings, link, take};
use crate::learner::{Learner, assert_shared};
use crate::verifier::{Verifier, parameters};
use leerpas_core::{Activity, ActivityKind, ErrorKind, Failure, Outcome, Timestamp};
use leerpas_sandbox::{Misbehave, Place as Where};
use leerpas_wallet::{Hand, Page, Progress, Wallet};
use serde_json::{Value, json};

type Change = fn(&mut Value);

const OBJECT: &str = "application/oauth-authz-req+jwt";

/// What a wallet holds, apart from the log: every card with its copies, every key, every original.
async fn held(wallet: &Wallet) -> Vec<String> {
    let mut held = vec![format!("{:?}", wallet.keys().await.unwrap())];
    for card in wallet.cards(None, Page::ALL).await.unwrap() {
        held.push(format!("{:?} {:?}", wallet.card(&card.id).await.unwrap(), wallet.original(&card.id).await.unwrap()));
    }
    held
}

/// Looks at a wallet before and after, and lets one line more be there at most: not done, with its reason, and without a
/// claim or a card.
struct Watch<'w> {
    wallet: &'w Wallet,
    held: Vec<String>,
    log: Vec<Activity>,
}

impl<'w> Watch<'w> {
    async fn over(wallet: &'w Wallet) -> Self {
        Self { wallet, held: held(wallet).await, log: wallet.activities().await.unwrap() }
    }

    /// The failure is of this kind, it is what the screen shows, and nothing changed but a line at most.
    async fn assert_refused(&mut self, row: &str, failure: &Failure, kind: ErrorKind) {
        assert_eq!(failure.kind, kind, "{row}: {failure:?}");
        assert!(failure.message.len() < 300, "{row}: no text of a stranger: {failure:?}");
        assert_eq!(held(self.wallet).await, self.held, "{row}");
        let log = self.wallet.activities().await.unwrap();
        assert!(log.ends_with(&self.log) && log.len() <= self.log.len() + 1, "{row}: {log:?}");
        if log.len() > self.log.len() {
            let line = &log[0];
            assert_eq!((line.outcome, line.error), (Outcome::Failed, Some(kind)), "{row}: {line:?}");
            assert!(line.claims.is_empty() && line.cards.is_empty(), "{row}: {line:?}");
            // Of an offer the line says what was offered, which is the institution's own word.
            assert!(line.titles.is_empty() || line.kind == ActivityKind::Received, "{row}: {line:?}");
        }
        self.log = log;
        assert!(!matches!(&*self.wallet.watch().borrow(), Progress::Ask(_)), "{row}: nothing is asked any more");
        self.wallet.dismiss().await;
    }
}

async fn refused(wallet: &Wallet, text: &str, row: &str) -> Failure {
    match wallet.arrive(link(text), Hand::Person).await {
        Err(failure) => failure,
        Ok(progress) => panic!("{row} was not refused: {progress:?}"),
    }
}

/// Nothing of the learner went out: no answer but the one word that a proved requester hears of its own mistake.
fn assert_nothing_told(verifier: &Verifier, row: &str) {
    for form in verifier.answers() {
        let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names == ["error"] || names == ["error", "state"], "{row}: {form:?}");
    }
}

fn without(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name);
}

fn path(claims: &mut Value, path: Value) {
    claims["dcql_query"]["credentials"][0]["claims"][0]["path"] = path;
}

fn encrypted(claims: &mut Value, keys: Value) {
    claims["response_mode"] = json!("direct_post.jwt");
    claims["client_metadata"] = json!({"jwks": {"keys": keys}});
}

fn in_seconds(seconds: i64) -> Value {
    json!(Timestamp::now().as_second() + seconds)
}

/// Signed requests of a proved requester, with one thing wrong.
const OBJECTS: &[(&str, Change, ErrorKind)] = &[
    ("D05 another client_id", |c| c["client_id"] = json!("x509_san_dns:localhost"), ErrorKind::RequestInvalid),
    ("D05 no client_id", |c| without(c, "client_id"), ErrorKind::RequestInvalid),
    ("D08 aud", |c| c["aud"] = json!("https://other.example"), ErrorKind::RequestInvalid),
    ("D08 run out", |c| c["exp"] = in_seconds(-100), ErrorKind::RequestExpired),
    ("D08 iat in an hour", |c| c["iat"] = in_seconds(3_600), ErrorKind::RequestInvalid),
    ("D08 exp in ten years", |c| c["exp"] = in_seconds(315_360_000), ErrorKind::RequestInvalid),
    ("D09 no nonce", |c| without(c, "nonce"), ErrorKind::RequestInvalid),
    ("D09 an empty nonce", |c| c["nonce"] = json!(""), ErrorKind::RequestInvalid),
    ("D09 a nonce of one character", |c| c["nonce"] = json!("a"), ErrorKind::RequestInvalid),
    ("D09 a nonce of half a megabyte", |c| c["nonce"] = json!("a".repeat(500_000)), ErrorKind::RequestInvalid),
    ("D09 a nonce beyond ASCII", |c| c["nonce"] = json!("nönce-nönce-nönce"), ErrorKind::RequestInvalid),
    ("D10 both addresses", |c| c["redirect_uri"] = json!("https://localhost/"), ErrorKind::RequestInvalid),
    ("D10 an unknown mode", |c| c["response_mode"] = json!("fragment"), ErrorKind::RequestUnsupported),
    ("D10 another type", |c| c["response_type"] = json!("code"), ErrorKind::RequestUnsupported),
    ("D11 http", |c| c["response_uri"] = json!("http://localhost/r"), ErrorKind::InsecureAddress),
    ("D11 a user", |c| c["response_uri"] = json!("https://a:b@localhost/r"), ErrorKind::RequestInvalid),
    ("D11 a fragment", |c| c["response_uri"] = json!("https://localhost/r#a"), ErrorKind::RequestInvalid),
    ("D11 a private network", |c| c["response_uri"] = json!("https://10.0.0.1/r"), ErrorKind::RequestWrongAddress),
    ("D12 asks in two ways", |c| c["scope"] = json!("nl.card"), ErrorKind::RequestInvalid),
    ("D12 asks nothing", |c| without(c, "dcql_query"), ErrorKind::RequestInvalid),
    ("D13 no queries", |c| c["dcql_query"]["credentials"] = json!([]), ErrorKind::RequestInvalid),
    ("D13 an illegal id", |c| c["dcql_query"]["credentials"][0]["id"] = json!("a b"), ErrorKind::RequestInvalid),
    ("D13 an empty path", |c| path(c, json!([])), ErrorKind::RequestInvalid),
    ("D13 a path of a thousand steps", |c| path(c, json!(vec!["a"; 1_000])), ErrorKind::RequestInvalid),
    ("D13 a negative index", |c| path(c, json!(["a", -1])), ErrorKind::RequestInvalid),
    ("D13 a fraction", |c| path(c, json!(["a", 1.5])), ErrorKind::RequestInvalid),
    ("D13 a truth", |c| path(c, json!(["a", true])), ErrorKind::RequestInvalid),
    ("D13 an index of 10^9", |c| path(c, json!(["a", 1_000_000_000_u64])), ErrorKind::RequestInvalid),
    ("D18 unknown transaction data", |c| c["transaction_data"] = json!(["e30"]), ErrorKind::RequestInvalid),
    ("D21 no key", |c| encrypted(c, json!([])), ErrorKind::RequestInvalid),
    (
        "D21 a private key",
        |c| encrypted(c, json!([{"kty": "EC", "crv": "P-256", "d": "AA"}])),
        ErrorKind::RequestInvalid,
    ),
    ("D21 alg none", |c| encrypted(c, json!([{"kty": "EC", "alg": "none"}])), ErrorKind::RequestInvalid),
    ("D21 a weak key", |c| encrypted(c, json!([{"kty": "RSA", "n": "AQAB", "e": "AQAB"}])), ErrorKind::RequestInvalid),
    ("D30 a sign-in beside it", |c| c["response_type"] = json!("vp_token id_token"), ErrorKind::RequestUnsupported),
    ("D30 a sign-in alone", |c| c["response_type"] = json!("id_token"), ErrorKind::RequestUnsupported),
];

#[tokio::test(flavor = "multi_thread")]
async fn security_d_a_signed_request_with_one_thing_wrong_changes_nothing() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let mut watch = Watch::over(&learner.wallet).await;
    for (row, change, kind) in OBJECTS {
        let failure = refused(&learner.wallet, &verifier.ask(change), row).await;
        watch.assert_refused(row, &failure, *kind).await;
        assert_nothing_told(&verifier, row);
    }
    // What is merely unknown is ignored, and the next request works without a restart.
    let end = learner.share(&verifier.ask(|c| c["unknown"] = json!({"D30": true}))).await.unwrap();
    assert_shared(&end, Outcome::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn security_d_a_request_under_a_wrong_name_or_from_a_wrong_place_changes_nothing() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let hash = verifier.client_id.clone();
    let here = verifier.base.join("request/1").unwrap();
    let claims = verifier.claims(|_| {});
    let (answer, nonce, query) =
        (claims["response_uri"].as_str().unwrap(), claims["nonce"].as_str().unwrap(), claims["dcql_query"].to_string());
    let by_value = |id: &str, more: &[(&str, &str)]| {
        let mut all = vec![
            ("client_id", id),
            ("response_type", "vp_token"),
            ("response_mode", "direct_post"),
            ("response_uri", answer),
            ("nonce", nonce),
            ("dcql_query", query.as_str()),
        ];
        all.extend_from_slice(more);
        parameters(&all)
    };
    let by_reference = |id: &str, more: &[(&str, &str)]| {
        let mut all = vec![("client_id", id), ("request_uri", here.as_str())];
        all.extend_from_slice(more);
        parameters(&all)
    };
    let at = |address: &str| parameters(&[("client_id", &hash), ("request_uri", address)]);
    let own = format!("redirect_uri:{answer}");
    let capital = hash.replace("x509_hash", "X509_HASH");
    let spaced = format!(" {hash}");
    let in_path = format!("https://localhost/{hash}");
    let invalid = ErrorKind::RequestInvalid;
    let table: Vec<(&str, String, ErrorKind)> = vec![
        ("D01 signed under redirect_uri", parameters(&[("client_id", &own), ("request", "a.b.c")]), invalid),
        (
            "D01 answers elsewhere",
            by_value("redirect_uri:https://localhost/other", &[]),
            ErrorKind::RequestWrongAddress,
        ),
        ("D03 origin", by_reference("origin:https://localhost", &[]), invalid),
        ("D04 an unknown prefix", by_reference("new:desk", &[]), invalid),
        ("D04 in capitals", by_reference(&capital, &[]), invalid),
        ("D04 a space before it", by_reference(&spaced, &[]), invalid),
        ("D04 not registered", by_reference("desk", &[]), ErrorKind::RequestUnsupported),
        ("D04 a prefix within a path", by_reference(&in_path, &[]), ErrorKind::RequestUnsupported),
        ("D05 not signed", by_value(&hash, &[]), ErrorKind::RequestUnsigned),
        ("D06 http", at("http://localhost/request/1"), ErrorKind::InsecureAddress),
        ("D06 a private network", at("https://10.0.0.1/request/1"), ErrorKind::AddressRefused),
        ("D06 a service of a cloud", at("https://169.254.169.254/request"), ErrorKind::AddressRefused),
        ("D07 a method in capitals", by_reference(&hash, &[("request_uri_method", "POST")]), invalid),
        ("D07 a method in between", by_reference(&hash, &[("request_uri_method", "Get")]), invalid),
        ("D12 asks in two ways", by_value(&own, &[("scope", "nl.card")]), invalid),
    ];
    let mut watch = Watch::over(&learner.wallet).await;
    for (row, text, kind) in &table {
        let failure = refused(&learner.wallet, text, row).await;
        watch.assert_refused(row, &failure, *kind).await;
    }
    assert_eq!((verifier.fetches(), verifier.answers().len()), (0, 0), "nobody was asked and nobody heard of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_d_a_request_object_that_is_none_changes_nothing() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let signed = verifier.sign(&verifier.claims(|_| {}));
    let (rest, signature) = signed.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{rest}.{first}{}", &signature[1..]);
    let (_, payload) = rest.split_once('.').unwrap();
    // {"alg":"none","typ":"oauth-authz-req+jwt"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoib2F1dGgtYXV0aHotcmVxK2p3dCJ9.{payload}.");
    let huge = "a".repeat(2 * 1024 * 1024);
    let mut watch = Watch::over(&learner.wallet).await;
    for (row, media_type, body, kind) in [
        ("D02 forged", OBJECT, forged.as_str(), ErrorKind::RequestNotGenuine),
        ("D05 alg none", OBJECT, &none, ErrorKind::RequestNotGenuine),
        ("D06 a page", "text/html", "<!doctype html><p>Hello", ErrorKind::ReplyUnreadable),
        ("D06 another type", "application/jwt", &signed, ErrorKind::ReplyUnreadable),
        ("D06 two megabytes", OBJECT, &huge, ErrorKind::ReplyTooLarge),
        ("D06 nothing", OBJECT, "", ErrorKind::ReplyUnreadable),
    ] {
        let failure = refused(&learner.wallet, &verifier.hand_out(media_type, body), row).await;
        watch.assert_refused(row, &failure, kind).await;
        assert!(verifier.answers().is_empty(), "{row}: who is not proved hears nothing");
    }
    for status in [301, 302, 303, 307, 308] {
        verifier.trouble(Some(crate::verifier::Then::say(status, "text/html", "")));
        let row = format!("D06 {status}");
        let failure = refused(&learner.wallet, &verifier.ask(|_| {}), &row).await;
        watch.assert_refused(&row, &failure, ErrorKind::ReplyUnreadable).await;
    }
}

/// Offers that break a rule by themselves.
fn bad_offers(issuer: &str) -> Vec<(&'static str, String, ErrorKind)> {
    let grants = json!({"urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "x"}});
    let offer =
        |issuer: &str| json!({"credential_issuer": issuer, "credential_configuration_ids": ["a"], "grants": grants});
    let link = |pairs: &[(&str, &str)]| {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("openid-credential-offer://?{query}")
    };
    let by_value = |offer: &Value| link(&[("credential_offer", &offer.to_string())]);
    let good = offer(issuer).to_string();
    let reference = format!("{issuer}/offer");
    let mut table = vec![
        (
            "C01 both",
            link(&[("credential_offer", &good), ("credential_offer_uri", &reference)]),
            ErrorKind::OfferInvalid,
        ),
        ("C01 twice", link(&[("credential_offer", &good), ("credential_offer", &good)]), ErrorKind::OfferInvalid),
        (
            "C01 no ids",
            by_value(&json!({"credential_issuer": issuer, "credential_configuration_ids": []})),
            ErrorKind::OfferInvalid,
        ),
        ("C02 http", by_value(&offer("http://localhost")), ErrorKind::InsecureAddress),
        ("C02 a file", by_value(&offer("file:///etc/passwd")), ErrorKind::InsecureAddress),
        ("C02 data", by_value(&offer("data:application/json,{}")), ErrorKind::InsecureAddress),
        (
            "C02 a reference by http",
            link(&[("credential_offer_uri", "http://localhost/offer")]),
            ErrorKind::InsecureAddress,
        ),
    ];
    for address in [
        "https://10.0.0.1",
        "https://192.168.1.1",
        "https://169.254.169.254",
        "https://[fd00::1]",
        "https://[::ffff:10.0.0.1]",
        "https://0xa000001",
        "https://167772161",
        "https://012.0.0.1",
        "https://localhost:25",
    ] {
        table.push((
            "C02 an address that is none of the open internet",
            by_value(&offer(address)),
            ErrorKind::AddressRefused,
        ));
    }
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn security_c_an_offer_with_one_thing_wrong_changes_nothing() {
    let learner = Learner::new().await;
    let mut watch = Watch::over(&learner.wallet).await;
    for (row, text, kind) in bad_offers(&learner.sandbox.issuer_url) {
        let failure = refused(&learner.wallet, &text, row).await;
        watch.assert_refused(&format!("{row}: {text}"), &failure, kind).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn security_c_an_institution_that_breaks_a_rule_changes_nothing() {
    let learner = Learner::new().await;
    let (wallet, sandbox) = (&learner.wallet, &learner.sandbox);
    let mut watch = Watch::over(wallet).await;
    for (row, how, kind) in [
        ("C04 metadata of another", Misbehave::OtherIssuer, ErrorKind::IssuerMismatch),
        ("C12 a page for a token", Misbehave::Html(Where::Token), ErrorKind::ReplyUnreadable),
        ("C13 no nonce", Misbehave::NonceFails, ErrorKind::OtherSideFailed),
        ("C13 a page for a nonce", Misbehave::Html(Where::Nonce), ErrorKind::ReplyUnreadable),
        ("C15 another key", Misbehave::OtherHolder, ErrorKind::CredentialNotYours),
        ("C16 another type", Misbehave::OtherType, ErrorKind::CredentialNotAsOffered),
        ("C20 metadata of 200 MB", Misbehave::Huge(Where::Metadata), ErrorKind::ReplyTooLarge),
        ("C24 a credential of 200 MB", Misbehave::Huge(Where::Credential), ErrorKind::ReplyTooLarge),
        ("A14 another signer", Misbehave::WrongSigningKey, ErrorKind::CredentialNotGenuine),
    ] {
        sandbox.misbehave(Some(how));
        let failure = take(wallet, &sandbox.offers["badge"], &sandbox.tx_code).await.unwrap_err();
        sandbox.misbehave(None);
        watch.assert_refused(row, &failure, kind).await;
    }
    take(wallet, &sandbox.offers["badge"], &sandbox.tx_code).await.unwrap();
    assert_eq!(holdings(wallet).await.0, 2, "and then the next one works");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_c25_the_same_offer_twice_makes_one_card_and_the_second_time_says_so() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    let offer = &sandbox.offers["microcredential"];
    // At once: the second one has to wait, and takes nothing.
    wallet.arrive(link(offer), Hand::Person).await.unwrap();
    let second = wallet.arrive(link(offer), Hand::Program).await.unwrap_err();
    assert_eq!(second.kind, ErrorKind::Busy);
    wallet.dismiss().await;
    take(&wallet, offer, &sandbox.tx_code).await.unwrap();
    let first = holdings(&wallet).await;
    let before = wallet.cards(None, Page::ALL).await.unwrap();
    // After success: the card is known again, and takes the place of the first where the person keeps it.
    let mut said = false;
    let mut progress = wallet.arrive(link(offer), Hand::Person).await.unwrap();
    let end = loop {
        let Progress::Ask(prompt) = progress else { break progress };
        let answer = match *prompt {
            leerpas_wallet::Prompt::Offer(_) => {
                leerpas_wallet::Answer::Take { code: Some(leerpas_core::Secret::new(sandbox.tx_code.clone())) }
            }
            leerpas_wallet::Prompt::Review(review) => {
                said = review.duplicate;
                leerpas_wallet::Answer::Keep
            }
            other => panic!("{other:?}"),
        };
        progress = wallet.answer(answer).await.unwrap();
    };
    assert!(said, "you have this card already: {end:?}");
    assert_eq!(holdings(&wallet).await, first, "one card, and keys for its copies only");
    let after = wallet.cards(None, Page::ALL).await.unwrap();
    assert_eq!(after[0].id, before[0].id, "under the name that it had");
}
