//! Badges that come as files and leave as files, and the addresses that they name.

use crate::common::phrase;
use leerpas_core::{CardId, ErrorKind, OsEntropy};
use leerpas_credential::{jose::sign_compact, keys::IssuerKey, report::CheckName, unbake};
use leerpas_wallet::{
    Answer, CheckResult, End, Form, Hand, Input, Page, Progress, Prompt, Review, Verdict, Wallet, World, WorldOptions,
};
use serde_json::json;

const PIXEL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

struct Place {
    folder: tempfile::TempDir,
    wallet: Wallet,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = WorldOptions { net_log: Some(folder.path().join("net.log")), ..WorldOptions::default() };
        let wallet = Wallet::new(folder.path().join("profile"), World::prepare(options).unwrap());
        wallet.create(phrase()).await.unwrap();
        Self { folder, wallet }
    }

    fn requests(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("net.log")).unwrap_or_default().lines().count()
    }

    async fn look(&self, bytes: &[u8]) -> Progress {
        let input = Input::File { name: "badge".to_owned(), bytes: bytes.to_vec() };
        self.wallet.arrive(input, Hand::Person).await.unwrap()
    }

    async fn review(&self, bytes: &[u8]) -> Review {
        match self.look(bytes).await {
            Progress::Ask(prompt) => match *prompt {
                Prompt::Review(review) => review,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    async fn keep(&self, bytes: &[u8]) -> CardId {
        self.review(bytes).await;
        match self.wallet.answer(Answer::Keep).await.unwrap() {
            Progress::Ended(end) => match *end {
                End::Kept(cards) => {
                    self.wallet.dismiss().await;
                    cards[0].id.clone()
                }
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
}

/// A badge as a JWT by somebody with a did:jwk, with a picture inside.
fn badge() -> String {
    let key = IssuerKey::make_ed25519(&OsEntropy);
    let issuer = key.public().did_jwk();
    let claims = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0001", "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Café Leren ✓"}, "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "hashed": false, "identityType": "emailAddress",
                "identityHash": "sam@voorbeeld.example"}],
            "achievement": {"id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11", "type": ["Achievement"],
                "name": "Meten & weten", "description": "Élke maat", "criteria": {"narrative": "Toets"},
                "image": {"id": PIXEL, "type": "Image"}}}});
    let header = json!({"typ": "vc+jwt", "kid": format!("{issuer}#0")});
    sign_compact(&header, claims.to_string().as_bytes(), &key).unwrap()
}

#[tokio::test]
async fn security_f15_what_is_exported_comes_in_again_as_the_same_card_with_the_same_verdict() {
    let place = Place::new().await;
    let original = badge();
    let id = place.keep(original.as_bytes()).await;
    let (card, report) = place.wallet.card(&id).await.unwrap();
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");

    let plain = place.wallet.export(&id, Form::Original).await.unwrap();
    assert_eq!((plain.bytes.as_slice(), plain.name.as_str()), (original.as_bytes(), "Meten-weten.jwt"));
    assert!(!plain.shows_everything);
    let picture = place.wallet.export(&id, Form::Picture).await.unwrap();
    assert_eq!(picture.name, "Meten-weten.png");
    assert_eq!(unbake::unbake_png(&picture.bytes).unwrap(), original.as_bytes());

    for bytes in [&plain.bytes, &picture.bytes] {
        let review = place.review(bytes).await;
        assert!(review.duplicate, "it is the same card");
        let (again, second) = &review.cards[0];
        assert_eq!((&again.facts, second.verdict), (&card.facts, Verdict::Valid));
        place.wallet.dismiss().await;
    }

    // The picture itself, once it is what came in, leaves to the last byte.
    let id = place.keep(&picture.bytes).await;
    assert_eq!(place.wallet.export(&id, Form::Original).await.unwrap(), picture);
    assert_eq!(place.wallet.export(&id, Form::Picture).await.unwrap(), picture);
    assert_eq!(place.wallet.cards(None, Page::ALL).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_badge_names_the_learner_once_the_learner_says_so() {
    let place = Place::new().await;
    let id = place.keep(badge().as_bytes()).await;
    let named = async || {
        let (_, report) = place.wallet.check_again(&id).await.unwrap();
        report.check(CheckName::Recipient).unwrap().result
    };
    assert_eq!(named().await, CheckResult::Warn);
    place.wallet.set_identities(vec!["SAM@voorbeeld.example".to_owned()]).await.unwrap();
    assert_eq!(named().await, CheckResult::Pass);
    place.wallet.set_identities(vec!["ander@voorbeeld.example".to_owned()]).await.unwrap();
    assert_eq!(named().await, CheckResult::Warn);
    assert_eq!(place.requests(), 0, "no address goes anywhere");
}

#[tokio::test]
async fn security_f08_an_address_in_a_picture_is_asked_about_before_it_is_fetched() {
    let place = Place::new().await;
    let id = place.keep(badge().as_bytes()).await;
    let picture = place.wallet.export(&id, Form::Picture).await.unwrap().bytes;
    let tracker = unbake::bake_png(&picture, "https://tracker.invalid/assertions/1").unwrap();
    for answer in [Answer::Decline, Answer::Take { code: None }] {
        let progress = place.look(&tracker).await;
        let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
        assert!(matches!(&*prompt, Prompt::Contact { host } if host == "tracker.invalid"), "{prompt:?}");
        assert_eq!(place.requests(), 0, "nothing was fetched yet");
        let took = matches!(answer, Answer::Take { .. });
        match place.wallet.answer(answer).await {
            Ok(Progress::Ended(end)) if !took => assert!(matches!(*end, End::Declined)),
            Err(failure) if took => assert_eq!(failure.kind, ErrorKind::CredentialUncheckable),
            other => panic!("{other:?}"),
        }
        place.wallet.dismiss().await;
    }
    // An address of this machine is refused by the guard of the network, also after a yes.
    let near = unbake::bake_png(&picture, "https://127.0.0.1:9/assertions/1").unwrap();
    place.look(&near).await;
    assert_eq!(
        place.wallet.answer(Answer::Take { code: None }).await.unwrap_err().kind,
        ErrorKind::CredentialUncheckable
    );
    assert_eq!(place.wallet.cards(None, Page::ALL).await.unwrap().len(), 1, "nothing was kept");
}
