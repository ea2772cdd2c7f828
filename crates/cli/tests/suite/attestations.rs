//! An attestation that an institution gives, by the command line.

use crate::common::Trial;
use leerpas_core::{OsEntropy, Timestamp};
use leerpas_credential::{jose::sign_compact, keys::IssuerKey};
use serde_json::{Value, json};

const SERVER: &str = "https://login.hogeschool.example";

#[test]
fn attestation_07_5_1_a_key_is_shown_its_attestation_taken_and_both_removed() {
    let trial = Trial::start();
    let made = trial.json(&["attestations", "--key-for", SERVER]);
    assert_eq!(made.code, 0, "{made:?}");
    let one = &made.json["attestations"][0];
    assert_eq!((&one["server"], &one["client_id"]), (&json!(SERVER), &Value::Null));
    assert_eq!(one["public_jwk"]["d"], Value::Null);

    let claims = json!({"iss": "https://hogeschool.example", "sub": "leerpas-hogeschool",
        "cnf": {"jwk": one["public_jwk"]}, "exp": Timestamp::now().as_second() + 3600});
    let header = json!({"typ": "oauth-client-attestation+jwt"});
    let token = sign_compact(&header, claims.to_string().as_bytes(), &IssuerKey::make_p256(&OsEntropy)).unwrap();
    let file = trial.path("attestation.jwt");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let file = file.to_str().unwrap();
    // Only for the server whose key it is about.
    let wrong = trial.json(&["attestations", "--add", "https://other.example", "--file", file]);
    assert_eq!((wrong.code, &wrong.json["error"]["step"]), (3, &json!("attestation")), "{wrong:?}");
    let added = trial.json(&["attestations", "--add", SERVER, "--file", file]);
    assert_eq!((added.code, &added.json["attestations"][0]["client_id"]), (0, &json!("leerpas-hogeschool")));
    let listed = trial.json(&["attestations"]);
    assert_eq!(listed.json, added.json);
    assert!(!listed.json.to_string().contains(&token), "it is for the server alone");
    assert_eq!(trial.json(&["attestations", "--remove", SERVER]).json, json!({"attestations": []}));
    assert_eq!(trial.json(&["attestations", "--key-for", SERVER, "--remove", SERVER]).code, 2);
}
