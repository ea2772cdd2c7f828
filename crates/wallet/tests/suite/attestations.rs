//! An attestation that an institution gives: its key is made here, and both stay in the vault.

use crate::common::{Place, phrase, take};
use leerpas_core::{ErrorKind, OsEntropy, Timestamp};
use leerpas_credential::{jose::sign_compact, keys::IssuerKey};
use leerpas_sandbox::Misbehave;
use leerpas_wallet::End;
use serde_json::{Value, json};

const SERVER: &str = "https://login.hogeschool.example";

fn signed(jwk: &Value, expires: i64) -> String {
    let claims = json!({"iss": "https://hogeschool.example", "sub": "leerpas-hogeschool", "cnf": {"jwk": jwk},
        "exp": Timestamp::now().as_second() + expires});
    let header = json!({"typ": "oauth-client-attestation+jwt"});
    sign_compact(&header, claims.to_string().as_bytes(), &IssuerKey::make_p256(&OsEntropy)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn attestation_07_5_1_the_key_is_made_here_for_one_server_and_attested_there() {
    let place = Place::new();
    let _institution = place.sandbox().await;
    let wallet = place.wallet().await;
    let made = wallet.attestation_key(SERVER).await.unwrap();
    assert_eq!((made.client_id.clone(), made.expires, made.public_jwk["d"].clone()), (None, None, Value::Null));
    assert_eq!(wallet.attestation_key(SERVER).await.unwrap(), made, "the same one again");
    let other = wallet.attestation_key("https://other.example").await.unwrap();
    assert_ne!(other.public_jwk, made.public_jwk, "no two servers can compare what they have");

    // Nothing but an attestation of that very key.
    for (server, token) in [
        (SERVER, signed(&other.public_jwk, 60)),
        (SERVER, signed(&made.public_jwk, -60)),
        (SERVER, "no token".to_owned()),
        ("https://unknown.example", signed(&made.public_jwk, 60)),
    ] {
        let failure = wallet.add_attestation(server, &token).await.unwrap_err();
        assert_eq!((failure.kind, failure.step.as_str()), (ErrorKind::NotRecognised, "attestation"));
        assert!(!failure.message.contains("eyJ"));
    }
    let failure = wallet.attestation_key("http://login.hogeschool.example").await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::InsecureAddress);

    let added = wallet.add_attestation(SERVER, &signed(&made.public_jwk, 3600)).await.unwrap();
    assert_eq!((added.client_id.as_deref(), &added.public_jwk), (Some("leerpas-hogeschool"), &made.public_jwk));
    wallet.lock().await;
    assert_eq!(wallet.attestations().await.unwrap_err().kind, ErrorKind::Locked);
    wallet.unlock(phrase()).await.unwrap();
    assert_eq!(wallet.attestations().await.unwrap(), [added, other]);

    wallet.remove_attestation(SERVER).await.unwrap();
    assert_eq!(wallet.attestations().await.unwrap().len(), 1);
    assert_eq!(wallet.remove_attestation(SERVER).await.unwrap_err().kind, ErrorKind::NotRecognised);
    assert_ne!(wallet.attestation_key(SERVER).await.unwrap().public_jwk, made.public_jwk, "a new key");
}

#[tokio::test(flavor = "multi_thread")]
async fn attestation_07_6_2_a_server_that_wants_another_challenge_gets_it_once_and_the_card_comes() {
    let place = Place::new();
    let institution = place.sandbox().await;
    let wallet = place.wallet().await;
    let server = format!("{}/attested", institution.issuer_url);
    let offer = institution.fresh_offer("attested").unwrap();

    // Without an approval nothing is spent, and it is known who could give one.
    let failure = take(&wallet, &offer, "").await.unwrap_err();
    assert_eq!((failure.kind, failure.step.as_str()), (ErrorKind::ApprovalNeeded, "metadata"));
    assert_eq!(failure.approver.as_deref(), Some(server.as_str()));
    wallet.dismiss().await;

    let key = wallet.attestation_key(&server).await.unwrap().public_jwk;
    let attestation = institution.approve(&key, 3600).unwrap();
    assert_eq!(
        wallet.add_attestation(&server, &attestation).await.unwrap().client_id.as_deref(),
        Some("leerpas-proef")
    );

    institution.misbehave(Some(Misbehave::StaleChallenge));
    let End::Kept(cards) = take(&wallet, &offer, "").await.unwrap() else { panic!("nothing was kept") };
    assert_eq!((cards.len(), institution.sent_back()), (1, 1));
    institution.misbehave(None);
    wallet.dismiss().await;
    take(&wallet, &institution.fresh_offer("attested").unwrap(), "").await.unwrap();
    assert_eq!(institution.sent_back(), 1, "a good challenge is used as it came");
}
