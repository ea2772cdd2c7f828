//! A badge that was issued anew: the newer stays (Open Badges 3.0, credential equality and comparison).

use leerpas_core::{ActivityKind, Card, OsEntropy};
use leerpas_credential::{jose::sign_compact, keys::IssuerKey};
use leerpas_wallet::{
    Answer, End, Hand, Input, Page, Progress, Prompt, Review, Verdict, Version, Wallet, World, WorldOptions,
};
use serde_json::{Value, json};

use crate::common::phrase;

const ID: &str = "https://school.example/badges/1";

struct Place {
    _folder: tempfile::TempDir,
    wallet: Wallet,
    key: IssuerKey,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let wallet = Wallet::new(folder.path().join("profile"), World::prepare(WorldOptions::default()).unwrap());
        wallet.create(phrase()).await.unwrap();
        Self { _folder: folder, wallet, key: IssuerKey::make_ed25519(&OsEntropy) }
    }

    /// A badge of this issuer, or of somebody who calls themself so.
    fn badge(&self, signer: &IssuerKey, id: &str, name: &str, from: &str) -> Vec<u8> {
        self.signed(signer, &self.claims(id, name, from))
    }

    fn claims(&self, id: &str, name: &str, from: &str) -> Value {
        let issuer = self.key.public().did_jwk();
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "id": id, "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": {"id": issuer, "type": ["Profile"], "name": "School"}, "validFrom": from,
            "credentialSubject": {"type": ["AchievementSubject"],
                "identifier": [{"type": "IdentityObject", "hashed": false, "identityType": "emailAddress",
                    "identityHash": "sam@voorbeeld.example"}],
                "achievement": {"id": "urn:uuid:1", "type": ["Achievement"], "name": name, "description": "Maat",
                    "criteria": {"narrative": "Toets"}}}})
    }

    fn signed(&self, signer: &IssuerKey, claims: &Value) -> Vec<u8> {
        let issuer = self.key.public().did_jwk();
        let header = json!({"typ": "vc+jwt", "kid": format!("{issuer}#0")});
        sign_compact(&header, claims.to_string().as_bytes(), signer).unwrap().into_bytes()
    }

    fn issued(&self, name: &str, from: &str) -> Vec<u8> {
        self.badge(&self.key, ID, name, from)
    }

    async fn review(&self, bytes: &[u8]) -> Review {
        let input = Input::File { name: "badge".to_owned(), bytes: bytes.to_vec() };
        match self.wallet.arrive(input, Hand::Person).await.unwrap() {
            Progress::Ask(prompt) => match *prompt {
                Prompt::Review(review) => review,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    /// What the review said, and the card that stands there after keeping it.
    async fn keep(&self, bytes: &[u8]) -> ((bool, Option<Version>), Card) {
        let review = self.review(bytes).await;
        assert_eq!(review.cards[0].1.verdict, Verdict::Valid, "{:#?}", review.cards[0].1);
        let said = (review.duplicate, review.version);
        let Progress::Ended(end) = self.wallet.answer(Answer::Keep).await.unwrap() else { panic!("no end") };
        let End::Kept(mut cards) = *end else { panic!("{end:?}") };
        self.wallet.dismiss().await;
        (said, cards.remove(0))
    }

    async fn titles(&self) -> Vec<String> {
        self.wallet.cards(None, Page::ALL).await.unwrap().into_iter().map(|card| card.title).collect()
    }

    async fn imports(&self) -> usize {
        let lines = self.wallet.activities().await.unwrap();
        lines.iter().filter(|line| line.kind == ActivityKind::Imported).count()
    }
}

#[tokio::test]
async fn open_badges_3_equality_a_newer_issue_takes_the_place_of_the_older_and_the_person_is_told() {
    let place = Place::new().await;
    let (said, first) = place.keep(&place.issued("Meten", "2026-01-01T00:00:00Z")).await;
    assert_eq!(said, (false, None));
    // As it is written elsewhere, the identifier is the same.
    let newer = place.badge(&place.key, " https://school.example/%62adges/1", "Meten en wegen", "2026-03-01T00:00:00Z");
    let (said, second) = place.keep(&newer).await;
    assert_eq!(said, (false, Some(Version::Newer)));
    assert_eq!((second.id.clone(), place.titles().await), (first.id, vec!["Meten en wegen".to_owned()]));
    assert_eq!(place.wallet.original(&second.id).await.unwrap(), newer, "the bytes are those of the newer one");
    assert_eq!(place.imports().await, 2);
}

#[tokio::test]
async fn open_badges_3_equality_an_older_issue_changes_nothing_and_the_person_is_told() {
    let place = Place::new().await;
    let newer = place.issued("Meten en wegen", "2026-03-01T00:00:00Z");
    let (_, kept) = place.keep(&newer).await;
    for name in ["Meten", "Meten en wegen"] {
        let (said, stands) = place.keep(&place.issued(name, "2026-01-01T00:00:00Z")).await;
        assert_eq!(said, (false, Some(Version::Older)), "{name}");
        assert_eq!((stands.id, place.titles().await), (kept.id.clone(), vec!["Meten en wegen".to_owned()]));
    }
    assert_eq!(place.wallet.original(&kept.id).await.unwrap(), newer);
    assert_eq!(place.imports().await, 1, "nothing came in, so nothing is written of it");
    let (said, _) = place.keep(&newer).await;
    assert_eq!(said, (true, None), "the same again is the same");
}

#[tokio::test]
async fn open_badges_3_equality_of_one_issue_in_two_files_the_whole_stays_and_the_part_does_not() {
    let from = "2026-01-01T00:00:00Z";
    for part_first in [true, false] {
        let place = Place::new().await;
        let mut whole = place.claims(ID, "Meten", from);
        whole["credentialSubject"]["result"] =
            json!([{"type": ["Result"], "value": "8", "status": "Completed"}, {"type": ["Result"], "value": "6"}]);
        let mut part = whole.clone();
        part["credentialSubject"]["result"].as_array_mut().unwrap().remove(0);
        part["credentialSubject"]["achievement"].as_object_mut().unwrap().remove("description");
        let [whole, part] = [whole, part].map(|claims| place.signed(&place.key, &claims));
        let (first, second, said) = match part_first {
            true => (&part, &whole, Version::Newer),
            false => (&whole, &part, Version::Older),
        };
        let (_, kept) = place.keep(first).await;
        let (heard, stands) = place.keep(second).await;
        assert_eq!((heard, &stands.id), ((false, Some(said)), &kept.id), "part first: {part_first}");
        assert_eq!(place.wallet.original(&kept.id).await.unwrap(), whole, "part first: {part_first}");
        assert_eq!(place.titles().await.len(), 1);
        assert_eq!(place.imports().await, if part_first { 2 } else { 1 });
    }
}

#[tokio::test]
async fn open_badges_3_equality_another_identifier_or_issuer_is_another_badge() {
    let place = Place::new().await;
    place.keep(&place.issued("Meten", "2026-01-01T00:00:00Z")).await;
    let other = place.badge(&place.key, "https://school.example/badges/2", "Wegen", "2026-03-01T00:00:00Z");
    assert_eq!(place.keep(&other).await.0, (false, None));
    let theirs = Place { key: IssuerKey::make_ed25519(&OsEntropy), ..Place::new().await };
    let foreign = theirs.issued("Zagen", "2026-03-01T00:00:00Z");
    assert_eq!(place.keep(&foreign).await.0, (false, None), "the same identifier of another issuer");
    assert_eq!(place.titles().await.len(), 3);
}

#[tokio::test]
async fn security_a_file_that_nobody_proved_never_takes_the_place_of_a_proved_card() {
    let place = Place::new().await;
    let (_, kept) = place.keep(&place.issued("Meten", "2026-01-01T00:00:00Z")).await;
    // Signed by somebody else in the issuer's name: refused as no genuine badge, and nothing is touched.
    let forged = place.badge(&IssuerKey::make_ed25519(&OsEntropy), ID, "Vals", "2026-09-01T00:00:00Z");
    let input = Input::File { name: "badge".to_owned(), bytes: forged };
    assert!(place.wallet.arrive(input, Hand::Person).await.is_err());
    place.wallet.dismiss().await;
    // One with a proof that nobody here can check is no reason to refuse it, and none to believe it.
    let issuer = place.key.public().did_jwk();
    let unproved = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": ID, "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "School"}, "validFrom": "2026-09-01T00:00:00Z",
        "credentialSubject": {"id": "urn:x:1", "type": ["AchievementSubject"], "achievement": {"id": "urn:uuid:1",
            "type": ["Achievement"], "name": "Vals", "description": "x", "criteria": {"narrative": "x"}}},
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023", "created": "2026-09-01T00:00:00Z",
            "proofPurpose": "assertionMethod", "verificationMethod": format!("{issuer}#0"), "proofValue": "u2V0C"}});
    let review = place.review(unproved.to_string().as_bytes()).await;
    assert_eq!((review.cards[0].1.verdict, review.version), (Verdict::Unknown, Some(Version::Older)));
    place.wallet.answer(Answer::Keep).await.unwrap();
    place.wallet.dismiss().await;
    assert_eq!((place.titles().await, kept.facts.title.as_str()), (vec!["Meten".to_owned()], "Meten"));
}
