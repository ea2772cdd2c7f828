//! An attestation that an institution gives: its key is made here, and both stay in the vault.

use crate::common::{Place, phrase};
use leerpas_core::{ErrorKind, OsEntropy, Timestamp};
use leerpas_credential::{jose::sign_compact, keys::IssuerKey};
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
