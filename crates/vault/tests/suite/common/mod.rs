//! Vaults and cards to test with. Everybody in them is invented.

use std::{collections::BTreeMap, path::Path};

use leerpas_core::{
    Activity, ActivityId, ActivityKind, Card, CardFacts, CardId, CardStatus, Credit, Evidence, FixedClock, Format,
    Level, OsEntropy, Outcome, Party, Picture, Secret, SharedClaim, Timestamp, Weight,
};
use leerpas_vault::{
    KdfParameters, KeyPurpose, NewCard, NewCopy, NewEntitlement, NewGrant, NewKey, Promise, RecoveryKey, Vault,
    VaultError,
};
use serde_json::json;

pub const PASSPHRASE: &str = "een wachtzin van belang";

pub fn phrase(text: &str) -> Secret<String> {
    text.to_owned().into()
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

pub fn create(folder: &Path) -> (Vault, RecoveryKey) {
    Vault::create(folder, &phrase(PASSPHRASE), KdfParameters::FLOOR, &FixedClock(at(0)), &OsEntropy).unwrap()
}

/// Keeps what an issuer still gives, without a card that came at once.
pub fn hold(vault: &mut Vault, grant: NewGrant, entitlements: Vec<NewEntitlement>) -> Result<(), VaultError> {
    vault.keep_together(Vec::new(), &[], Vec::new(), Some(Promise { grant, entitlements })).map(drop)
}

pub fn open(folder: &Path) -> Vault {
    Vault::open_with_passphrase(folder, &phrase(PASSPHRASE)).unwrap()
}

pub fn id<T: std::str::FromStr<Err = std::convert::Infallible>>(text: &str) -> T {
    text.parse().unwrap()
}

pub fn party(name: &str) -> Party {
    Party {
        name: name.to_owned(),
        identifier: "https://hogeschool.example".to_owned(),
        host: Some("hogeschool.example".to_owned()),
        evidence: Evidence::Proved,
    }
}

pub fn facts(title: &str) -> CardFacts {
    CardFacts {
        description: Some("Wat je leert over meten".to_owned()),
        types: vec!["https://hogeschool.example/microcredential".to_owned()],
        holder_name: Some("Fenna Łukaszewicz".to_owned()),
        issued: Some(at(-100)),
        expires: Some(at(1_000_000)),
        credit: Some(Credit { amount: "4.50".to_owned(), unit: "ECTS".to_owned() }),
        level: Some(Level { framework: "EQF".to_owned(), level: "6".to_owned() }),
        language: Some("nl".to_owned()),
        learning_outcomes: vec!["kan meten".to_owned()],
        result: Some("8".to_owned()),
        skills: vec!["sensortechniek".to_owned()],
        picture: Some(Picture { data_url: "data:image/png;base64,AAAA".to_owned(), alt: Some("een meter".to_owned()) }),
        // From text, since the number is to keep its last digit.
        claims: serde_json::from_str(r#"{"zeta":1,"alpha":{"amount":4.50,"note":"Malmö"}}"#).unwrap(),
        ..CardFacts::new(title, Format::SdJwtVc, party("Hogeschool Voorbeeld"))
    }
}

/// A card with two copies, each with a key of its own.
pub fn new_card(name: &str, title: &str) -> NewCard {
    let key = |number: u8| NewKey {
        id: id(&format!("{name}-key-{number}")),
        purpose: KeyPurpose::Holder,
        party: Some("https://hogeschool.example".to_owned()),
        algorithm: "ES256".to_owned(),
        public_jwk: json!({"kty": "EC", "crv": "P-256"}),
        private: format!("private {name} {number}").into_bytes().into(),
        made: at(0),
    };
    let copy = |number: u8| NewCopy {
        original: format!("original~{name}~{number}\0\u{ff}").into_bytes(),
        key: Some(id(&format!("{name}-key-{number}"))),
    };
    NewCard {
        card: Card {
            id: id(name),
            facts: facts(title),
            status: CardStatus::Valid,
            checked: at(1),
            received: at(1),
            copies: 2,
        },
        report: json!({"checks": [{"name": "signature", "result": "valid"}]}),
        fingerprint: format!("fingerprint of {name}"),
        copies: vec![copy(1), copy(2)],
        keys: vec![key(1), key(2)],
        activity: Some(activity(&format!("{name}-received"), ActivityKind::Received, Outcome::Done, &id(name))),
    }
}

pub fn activity(name: &str, kind: ActivityKind, outcome: Outcome, card: &CardId) -> Activity {
    Activity {
        id: id::<ActivityId>(name),
        at: at(1),
        kind,
        party: Some(party("Hogeschool Voorbeeld")),
        purpose: None,
        told: None,
        cards: vec![card.clone()],
        titles: vec!["Meten".to_owned()],
        claims: match kind {
            ActivityKind::Shared => vec![SharedClaim {
                card: card.clone(),
                path: "title".to_owned(),
                weight: Weight::Plain,
                optional: false,
            }],
            _ => Vec::new(),
        },
        outcome,
        error: None,
        elsewhere: false,
    }
}

/// Every file of a folder with its bytes, to see that nothing changed.
pub fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        files.insert(entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap());
    }
    files
}
