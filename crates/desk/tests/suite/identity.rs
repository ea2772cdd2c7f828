//! The desk under a DID of its own address: whoever looks it up finds the key of its requests.

use crate::trial::{Answer, Trial, paths, presentations, trial, trial_as};
use leerpas_core::{Exchange, Purpose, Url};
use leerpas_credential::{
    did::{DidDocument, Purpose as KeyPurpose},
    jose::Jws,
    trust::TrustList,
};
use leerpas_desk::Identity;
use serde_json::{Value, json};

/// The claims of a request object, once its key is found in the document of the DID that asks.
async fn object_of(trial: &Trial, asked: &Answer) -> Value {
    let link = asked.json()["link"].as_str().unwrap().to_owned();
    let link = Url::parse(&link).unwrap();
    let (_, client_id) = link.query_pairs().find(|(name, _)| name == "client_id").unwrap();
    let did = client_id.strip_prefix("decentralized_identifier:").unwrap().to_owned();
    let reply = trial.fetch(link.as_str()).await;
    let jws = Jws::parse(std::str::from_utf8(&reply.body).unwrap()).unwrap();
    assert!(jws.header.get("x5c").is_none(), "one proof, not two");
    let document = document_of(trial).await;
    assert_eq!(document["id"], did);
    let document = DidDocument::parse(document.to_string().as_bytes(), &did).unwrap();
    jws.verify(&document.key(jws.kid().unwrap(), KeyPurpose::Authentication).unwrap()).unwrap();
    let claims = Value::Object(jws.claims().unwrap());
    assert_eq!(claims["client_id"], *client_id);
    claims
}

async fn document_of(trial: &Trial) -> Value {
    let url = Url::parse(&trial.desk.wallet_url).unwrap().join("/.well-known/did.json").unwrap();
    let reply = trial.client.run(Exchange::get(Purpose::Keys, url, "application/did+json")).await.unwrap();
    assert_eq!((reply.status, reply.media_type.as_deref()), (200, Some("application/did+json")));
    serde_json::from_slice(&reply.body).unwrap()
}

#[tokio::test]
async fn vp_5_9_3_a_request_under_a_did_is_signed_with_a_key_of_its_document_and_its_answer_judged() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "microcredential", "identity": "did:web" })).await;
    let object = object_of(&trial, &asked).await;
    let base = Url::parse(&trial.desk.wallet_url).unwrap();
    let answers_to = Url::parse(object["response_uri"].as_str().unwrap()).unwrap();
    assert_eq!(answers_to.host_str(), base.host_str(), "a wallet answers nowhere but at the host of the DID");

    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths());
    let sent = trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    assert_eq!(sent.status, 200);
    let result = trial.result(&asked).await;
    assert_eq!(result["verdict"], "valid", "{result:#}");
}

#[tokio::test]
async fn vp_8_6_an_answer_for_the_desk_under_its_other_name_is_for_somebody_else() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "microcredential", "identity": "did:web" })).await;
    let object = object_of(&trial, &asked).await;
    let other = trial.ask(&json!({ "template": "microcredential" })).await;
    let other = crate::trial::object_of(&trial.fetch(other.json()["link"].as_str().unwrap()).await);
    assert!(other["client_id"].as_str().unwrap().starts_with("x509_hash:"), "nobody chose: the usual one");
    let mut mixed = object.clone();
    mixed["client_id"] = other["client_id"].clone();
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&mixed, &credential, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    let result = trial.result(&asked).await;
    assert_eq!(result["verdict"], "invalid", "{result:#}");
    let checks = result["presentations"][0]["checks"].as_array().unwrap();
    let audience = checks.iter().find(|check| check["name"] == "audience").unwrap();
    assert_eq!(audience["reason"], "wrong_audience");
}

#[tokio::test]
async fn a_desk_that_was_started_under_its_did_asks_so_unless_somebody_chooses() {
    let trial = trial_as(Identity::DidWeb).await;
    let listed = trial.http("GET", "/api/templates", &[], b"").await.json();
    assert_eq!(listed["identity"], "did:web");
    let link = |asked: Answer| asked.json()["link"].as_str().unwrap().to_owned();
    let usual = link(trial.ask(&json!({ "template": "badge" })).await);
    assert!(
        usual.starts_with("openid4vp://?client_id=decentralized_identifier%3Adid%3Aweb%3Alocalhost%253A"),
        "{usual}"
    );
    let chosen = link(trial.ask(&json!({ "template": "badge", "identity": "x509_hash" })).await);
    assert!(chosen.starts_with("openid4vp://?client_id=x509_hash%3A"), "{chosen}");
    // A wallet of the same trial knows who it is.
    let list = std::fs::read(trial.folder.path().join("trust.json")).unwrap();
    let did = document_of(&trial).await["id"].as_str().unwrap().to_owned();
    assert!(TrustList::from_json(&list).unwrap().find(&did).is_some());
}

#[tokio::test]
async fn without_a_network_nobody_can_look_a_did_up_so_that_the_certificate_asks() {
    let trial = trial_as(Identity::DidWeb).await;
    let asked = trial.ask(&json!({ "template": "badge", "offline": true })).await;
    assert!(asked.json()["link"].as_str().unwrap().contains("client_id=x509_hash"));
    let refused = trial.ask(&json!({ "template": "badge", "offline": true, "identity": "did:web" })).await;
    assert_eq!((refused.status, &refused.json()["error"]["kind"]), (400, &json!("usage")));
    assert!(!refused.headers.contains_key("set-cookie"));
    for bad in [json!("did:web:elsewhere.example"), json!(true), json!("")] {
        assert_eq!(trial.ask(&json!({ "template": "badge", "identity": bad })).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_reason_is_said_in_each_language_and_several_cards_may_be_asked_for() {
    let trial = trial().await;
    let wish = json!({
        "choice": { "kinds": ["microcredential", "badge"], "several": true },
        "purpose": { "nl": "Controle bij een sollicitatie", "en": "Checking a job application" },
    });
    let asked = trial.ask(&wish).await;
    let object = crate::trial::object_of(&trial.fetch(asked.json()["link"].as_str().unwrap()).await);
    assert_eq!(object["leerpas_purpose"], "Controle bij een sollicitatie");
    assert_eq!(object["leerpas_purpose#en"], "Checking a job application");
    assert!(object.get("leerpas_purpose#nl").is_none(), "what is for everybody is said once");
    for credential in object["dcql_query"]["credentials"].as_array().unwrap() {
        assert_eq!(credential["multiple"], true);
    }
    let (credential, key) = trial.credential(|_| {});
    let show = || trial.present(&object, &credential, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![show(), show()])).await;
    let result = trial.result(&asked).await;
    assert_eq!((&result["verdict"], result["presentations"].as_array().unwrap().len()), (&json!("valid"), 2));

    for bad in [json!({ "kinds": ["badge"], "several": "yes" }), json!({ "kinds": ["badge"], "several": 1 })] {
        assert_eq!(trial.ask(&json!({ "choice": bad })).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn vp_5_9_3_a_request_under_the_name_in_the_certificate_goes_back_to_that_host_and_is_judged() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "microcredential", "identity": "x509_san_dns" })).await;
    let reply = trial.fetch(asked.json()["link"].as_str().unwrap()).await;
    let object = crate::trial::object_of(&reply);
    assert_eq!(object["client_id"], "x509_san_dns:localhost");
    let jws = Jws::parse(std::str::from_utf8(&reply.body).unwrap()).unwrap();
    let chain = leerpas_credential::x509::Chain::from_x5c(&jws.header["x5c"]).unwrap();
    assert!(chain.has_dns_name("localhost"));
    assert_eq!(Url::parse(object["response_uri"].as_str().unwrap()).unwrap().host_str(), Some("localhost"));
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    assert_eq!(trial.result(&asked).await["verdict"], "valid");

    let offline = json!({ "template": "microcredential", "identity": "x509_san_dns", "offline": true });
    assert_eq!(trial.ask(&offline).await.status, 400);
}
