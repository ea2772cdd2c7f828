//! The sandbox as a wallet meets it: over TLS, with the client that the wallet uses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::{net::SocketAddr, sync::Arc};

use leerpas_core::{Exchange, OsEntropy, Purpose, Reply, SystemClock, Timestamp, Url};
use leerpas_credential::{
    data_integrity,
    did::{self, DidDocument},
    jose::{Jws, sign_compact},
    keys::HolderKey,
    sd_jwt::SdJwt,
    trust::TrustList,
    x509::Chain,
};
use leerpas_net::{Client, Policy};
use leerpas_openid::vci::{
    AuthorizationServerMetadata, CredentialOffer, CredentialRequest, CredentialResponse, Deferred, Grant,
    IssuedCredential, IssuerMetadata, NonceResponse, NotificationEvent, PROOF_TYPE, PreAuthorizedCode, Target,
    TokenRequest, TokenResponse, authorization_server_metadata, credential_issuer_metadata, notification,
};
use leerpas_sandbox::{LEARNER, Misbehave, Pace, Place, Sandbox, SandboxOptions, Standing, start};
use serde_json::{Value, json};

struct Trial {
    sandbox: Sandbox,
    client: Client,
    folder: tempfile::TempDir,
}

async fn trial() -> Trial {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = start(SandboxOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data: folder.path().to_owned(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    })
    .await
    .unwrap();
    let root = std::fs::read(folder.path().join("ca.pem")).unwrap();
    let client = Client::new(Policy { allow_loopback: true, extra_roots_pem: vec![root], log: None }).unwrap();
    Trial { sandbox, client, folder }
}

impl Trial {
    async fn get(&self, url: &str) -> Reply {
        let exchange = Exchange::get(Purpose::Metadata, Url::parse(url).unwrap(), "application/json");
        self.client.run(exchange).await.unwrap()
    }

    async fn get_json(&self, path: &str) -> Value {
        let reply = self.get(&format!("{}{path}", self.sandbox.issuer_url)).await;
        assert_eq!(reply.status, 200, "{path}");
        serde_json::from_slice(&reply.body).unwrap()
    }

    async fn token(&self, offer: &CredentialOffer, tx_code: Option<&str>) -> Reply {
        let form = TokenRequest::PreAuthorized {
            code: pre_authorized(offer).code.into(),
            tx_code: tx_code.map(|code| code.to_owned().into()),
        }
        .form();
        let url = Url::parse(&format!("{}/token", self.sandbox.issuer_url)).unwrap();
        self.client.run(Exchange::post_form(Purpose::Token, url, form)).await.unwrap()
    }

    async fn nonce(&self) -> String {
        let url = Url::parse(&format!("{}/nonce", self.sandbox.issuer_url)).unwrap();
        let exchange = Exchange::post_nothing(Purpose::Nonce, url);
        NonceResponse::parse(&self.client.run(exchange).await.unwrap().body).unwrap().c_nonce
    }

    fn proof(&self, key: &HolderKey, nonce: &str) -> String {
        let header = json!({ "alg": "ES256", "typ": PROOF_TYPE, "jwk": key.public().to_jwk() });
        let now = Timestamp::now().as_second();
        let claims = json!({ "aud": self.sandbox.issuer_url, "iat": now, "nonce": nonce });
        sign_compact(&header, claims.to_string().as_bytes(), key).unwrap()
    }

    async fn credential(&self, bearer: &str, configuration: &str, proofs: Vec<String>) -> Reply {
        let target = Target::Configuration(configuration.to_owned());
        let request = CredentialRequest { target, jwt_proofs: proofs, di_vp_proofs: Vec::new() };
        let url = Url::parse(&format!("{}/credential", self.sandbox.issuer_url)).unwrap();
        let exchange = Exchange::post_json(Purpose::Credential, url, request.to_json()).with_bearer(bearer);
        self.client.run(exchange).await.unwrap()
    }

    /// The whole way, for as many copies as there are keys.
    async fn collect(&self, name: &str, keys: &[HolderKey]) -> Vec<IssuedCredential> {
        let offer = parse_offer(&self.sandbox.offers[name]);
        let with_code = pre_authorized(&offer).tx_code.is_some();
        let reply = self.token(&offer, with_code.then_some(self.sandbox.tx_code.as_str())).await;
        let token = TokenResponse::parse(&reply.body).unwrap();
        let nonce = self.nonce().await;
        let proofs = keys.iter().map(|key| self.proof(key, &nonce)).collect();
        let reply = self.credential(token.access_token.expose(), &offer.credential_configuration_ids[0], proofs).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        CredentialResponse::parse(&reply.body).unwrap().credentials
    }
}

fn pre_authorized(offer: &CredentialOffer) -> PreAuthorizedCode {
    match offer.grant() {
        Ok(Grant::PreAuthorized(grant)) => grant,
        other => panic!("authorised beforehand, not {other:?}"),
    }
}

fn parse_offer(link: &str) -> CredentialOffer {
    let url = Url::parse(link).unwrap();
    let (_, json) = url.query_pairs().find(|(name, _)| name == "credential_offer").unwrap();
    CredentialOffer::from_json(json.as_bytes()).unwrap()
}

fn error_word(reply: &Reply) -> String {
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    body["error"].as_str().unwrap().to_owned()
}

fn jws_text(jws: &Jws) -> String {
    String::from_utf8(jws.payload.clone()).unwrap()
}

fn text_of(credential: &IssuedCredential) -> String {
    String::from_utf8(credential.to_bytes()).unwrap()
}

#[tokio::test]
async fn the_ready_line_and_the_files_are_as_the_contract_says() {
    let trial = trial().await;
    let line = trial.sandbox.ready_line();
    assert_eq!(line["ready"], "sandbox");
    assert!(line["issuer"].as_str().unwrap().starts_with("https://localhost:"));
    for name in ["microcredential", "badge", "styled", "parts"] {
        assert!(line["offers"][name].as_str().unwrap().starts_with("openid-credential-offer://?"), "{name}");
    }
    assert_eq!(line["tx_code"].as_str().unwrap().len(), 4);
    let trust = TrustList::from_json(&std::fs::read(trial.folder.path().join("trust.json")).unwrap()).unwrap();
    assert!(trust.find(&trial.sandbox.issuer_url).is_some());
    let did = format!("did:web:localhost%3A{}", Url::parse(&trial.sandbox.issuer_url).unwrap().port().unwrap());
    assert!(trust.find(&did).is_some());
    assert!(trust.find(leerpas_sandbox::TRIAL_DESK).is_some());
}

#[tokio::test]
async fn metadata_are_read_by_a_wallet() {
    let trial = trial().await;
    let issuer = &trial.sandbox.issuer_url;
    let reply = trial.get(credential_issuer_metadata(issuer).unwrap().as_str()).await;
    let metadata = IssuerMetadata::parse(&reply.body, issuer).unwrap();
    assert_eq!(reply.media_type.as_deref(), Some("application/json"));
    assert_eq!(metadata.batch_size, Some(5));
    let reply = trial.get(authorization_server_metadata(issuer).unwrap().as_str()).await;
    AuthorizationServerMetadata::parse(&reply.body, issuer).unwrap();
    let types = trial.get_json("/vct/microcredential").await;
    assert_eq!(types["vct"], leerpas_sandbox::VCT);
}

#[tokio::test]
async fn a_batch_of_microcredentials_is_signed_bound_and_selectively_disclosable() {
    let trial = trial().await;
    let keys: Vec<_> = (0..5).map(|_| HolderKey::make(&OsEntropy)).collect();
    let copies = trial.collect("microcredential", &keys).await;
    assert_eq!(copies.len(), 5);
    let trust = TrustList::from_json(&std::fs::read(trial.folder.path().join("trust.json")).unwrap()).unwrap();
    let mut indices = Vec::new();
    for (copy, key) in copies.iter().zip(&keys) {
        let text = text_of(copy);
        let jws = Jws::parse(text.split('~').next().unwrap()).unwrap();
        assert_eq!(jws.typ(), Some("dc+sd-jwt"));
        let chain = Chain::from_x5c(&jws.header["x5c"]).unwrap();
        chain.verify(trust.roots(), Timestamp::now()).unwrap();
        jws.verify(&chain.leaf_key()).unwrap();
        assert!(chain.covers(&trial.sandbox.issuer_url));
        let plain = jws.claims().unwrap();
        assert_eq!(plain["cnf"]["jwk"], key.public().to_jwk());
        assert!(plain.get("given_name").is_none(), "personal claims are behind digests");
        assert!(plain["credentialSubject"]["achievement"].get("name").is_none());
        assert!(!jws_text(&jws).contains("watermanagement"), "nothing in the clear tells the course");
        let claims = SdJwt::parse(&text).unwrap().claims().clone();
        assert_eq!(claims["given_name"], LEARNER.given_name);
        assert_eq!(claims["credentialSubject"]["achievement"]["ECTS"].to_string(), "4.5");
        assert_eq!(claims["credentialSubject"]["achievement"]["learningOutcome"].as_array().unwrap().len(), 3);
        indices.push(claims["status"]["status_list"]["idx"].as_u64().unwrap());
    }
    indices.sort_unstable();
    indices.dedup();
    assert_eq!(indices.len(), 5, "each copy has an index of its own");
}

#[tokio::test]
async fn a_badge_is_signed_by_the_did_and_about_the_holder() {
    let trial = trial().await;
    let key = HolderKey::make(&OsEntropy);
    let copies = trial.collect("badge", std::slice::from_ref(&key)).await;
    let badge: Value = serde_json::from_slice(&copies[0].to_bytes()).unwrap();
    assert_eq!(badge["credentialSubject"]["id"], key.did_jwk());
    let did = badge["issuer"]["id"].as_str().unwrap();
    let document = trial.get(did::document_url(did).unwrap().unwrap().as_str()).await;
    let document = DidDocument::parse(&document.body, did).unwrap();
    let proofs = data_integrity::proofs(&badge).unwrap();
    let method = badge["proof"]["verificationMethod"].as_str().unwrap();
    let issuer_key = document.key(method, did::Purpose::Assertion).unwrap();
    data_integrity::verify_proof(&badge, &proofs[0], &issuer_key).unwrap();
}

#[tokio::test]
async fn both_forms_show_as_cards_with_what_learners_look_for() {
    let trial = trial().await;
    let trust = TrustList::from_json(&std::fs::read(trial.folder.path().join("trust.json")).unwrap()).unwrap();
    for (name, title, ects) in
        [("microcredential", "Watermanagement in de stad", "4.5"), ("badge", "Data-analyse voor professionals", "3")]
    {
        let copies = trial.collect(name, &[HolderKey::make(&OsEntropy)]).await;
        let facts = leerpas_credential::read::read(&copies[0].to_bytes()).unwrap().facts(&trust);
        assert_eq!(facts.title, title);
        assert_eq!(facts.issuer.name, "Hogeschool Voorbeeld (proef)", "{name}");
        assert_eq!(facts.holder_name.as_deref(), Some("Noor van Voorbeeld"), "{name}");
        assert_eq!(facts.credit.as_ref().map(|credit| credit.amount.as_str()), Some(ects), "{name}");
        assert_eq!(facts.level.as_ref().map(|level| level.level.as_str()), Some("6"), "{name}");
        assert_eq!(facts.learning_outcomes.len(), 3, "{name}");
        assert_eq!(facts.language.as_deref(), Some("nl-NL"), "{name}");
        assert!(facts.assessment.is_some() && facts.supervision.is_some() && facts.participation.is_some(), "{name}");
        assert!(facts.quality.is_some() && facts.programme.is_some() && facts.result.is_some(), "{name}: {facts:?}");
        assert!(facts.picture.is_some(), "{name}");
        assert!(facts.issued.is_some() && facts.expires.is_some(), "{name}");
    }
}

#[tokio::test]
async fn printed_codes_work_again_and_fresh_ones_once() {
    let trial = trial().await;
    for _ in 0..2 {
        trial.collect("microcredential", &[HolderKey::make(&OsEntropy)]).await;
    }
    let offer = parse_offer(&trial.sandbox.fresh_offer("microcredential").unwrap());
    let code = trial.sandbox.tx_code.clone();
    assert_eq!(trial.token(&offer, Some(&code)).await.status, 200);
    let again = trial.token(&offer, Some(&code)).await;
    assert_eq!((again.status, error_word(&again).as_str()), (400, "invalid_grant"));
    assert!(trial.sandbox.fresh_offer("warmtepompen").is_none(), "another institution's");
}

#[tokio::test]
async fn openid4vci_6_3_a_wrong_transaction_code_is_invalid_grant_and_a_second_try_may_be_right() {
    let trial = trial().await;
    let offer = parse_offer(&trial.sandbox.fresh_offer("microcredential").unwrap());
    let wrong = if trial.sandbox.tx_code == "0000" { "1111" } else { "0000" };
    assert_eq!(error_word(&trial.token(&offer, Some(wrong)).await), "invalid_grant");
    assert_eq!(error_word(&trial.token(&offer, None).await), "invalid_request");
    assert_eq!(trial.token(&offer, Some(&trial.sandbox.tx_code)).await.status, 200);
}

#[tokio::test]
async fn openid4vci_8_3_1_2_credential_requests_that_break_a_rule_get_its_word() {
    let trial = trial().await;
    let offer = parse_offer(&trial.sandbox.offers["badge"]);
    let token = TokenResponse::parse(&trial.token(&offer, None).await.body).unwrap();
    let token = token.access_token.expose();
    let id = &offer.credential_configuration_ids[0];
    let key = HolderKey::make(&OsEntropy);
    let nonce = trial.nonce().await;

    let reply = trial.credential("guessed", id, vec![trial.proof(&key, &nonce)]).await;
    assert_eq!(reply.status, 401);
    let reply = trial.credential(token, "nothing", vec![trial.proof(&key, &nonce)]).await;
    assert_eq!(error_word(&reply), "unknown_credential_configuration");
    let reply = trial.credential(token, "microcredential.watermanagement", vec![trial.proof(&key, &nonce)]).await;
    assert_eq!(error_word(&reply), "credential_request_denied", "the token is for another one");
    let reply = trial.credential(token, id, vec![trial.proof(&key, "made-up-nonce")]).await;
    assert_eq!(error_word(&reply), "invalid_nonce");
    let reply = trial.credential(token, id, vec![]).await;
    assert_eq!(error_word(&reply), "invalid_proof");
    let reply = trial.credential(token, id, vec![trial.proof(&key, &nonce)]).await;
    assert_eq!(reply.status, 200);
    let reply = trial.credential(token, id, vec![trial.proof(&key, &nonce)]).await;
    assert_eq!(error_word(&reply), "invalid_nonce", "a nonce is good once");
}

#[tokio::test]
async fn vci_9_and_11_what_is_handed_out_later_is_asked_for_and_answered_for() {
    let trial = trial().await;
    trial.sandbox.set_pace(Pace { interval: 7, times: 1 });
    let offer = parse_offer(&trial.sandbox.offers["later"]);
    let token = TokenResponse::parse(&trial.token(&offer, None).await.body).unwrap();
    let post = async |path: &str, token: &str, body: Value| {
        let url = Url::parse(&format!("{}{path}", trial.sandbox.issuer_url)).unwrap();
        trial.client.run(Exchange::post_json(Purpose::Credential, url, body).with_bearer(token)).await.unwrap()
    };
    let (key, nonce) = (HolderKey::make(&OsEntropy), trial.nonce().await);
    let id = &offer.credential_configuration_ids[0];
    let bearer = token.access_token.expose();
    let reply = trial.credential(bearer, id, vec![trial.proof(&key, &nonce)]).await;
    let later = Deferred::parse(&reply.body).unwrap().unwrap();
    assert_eq!((reply.status, later.interval), (202, 7));
    let ask = Deferred::request(&later.transaction_id);
    assert_eq!(post("/deferred", "guessed", ask.clone()).await.status, 401);
    let unknown = post("/deferred", bearer, Deferred::request("guessed")).await;
    assert_eq!((unknown.status, error_word(&unknown).as_str()), (400, "invalid_transaction_id"));
    assert_eq!(post("/deferred", bearer, ask.clone()).await.status, 202);

    // With a renewed token: it is about the credential, not about the token.
    let refresh = token.refresh_token.as_ref().unwrap();
    let form = TokenRequest::Refresh { token: refresh.expose().clone().into(), client_id: None }.form();
    let url = Url::parse(&format!("{}/token", trial.sandbox.issuer_url)).unwrap();
    let renewed = trial.client.run(Exchange::post_form(Purpose::Token, url.clone(), form.clone())).await.unwrap();
    let renewed = TokenResponse::parse(&renewed.body).unwrap();
    let again = trial.client.run(Exchange::post_form(Purpose::Token, url, form)).await.unwrap();
    assert_eq!(error_word(&again), "invalid_grant", "a refresh token is good once");
    let bearer = renewed.access_token.expose();
    let reply = post("/deferred", bearer, ask.clone()).await;
    let came = CredentialResponse::parse(&reply.body).unwrap();
    assert_eq!((reply.status, came.credentials.len()), (200, 1));
    assert_eq!(error_word(&post("/deferred", bearer, ask).await), "invalid_transaction_id", "spent");

    let word = notification(&came.notification_id.unwrap(), NotificationEvent::Accepted);
    for _ in 0..2 {
        assert_eq!(post("/notification", bearer, word.clone()).await.status, 204, "the same again is as good");
    }
    assert_eq!(post("/notification", "guessed", word).await.status, 401);
    let strange = post("/notification", bearer, notification("guessed", NotificationEvent::Failure)).await;
    assert_eq!((strange.status, trial.sandbox.heard()[id].as_str()), (400, "credential_accepted"));
}

#[tokio::test]
async fn an_offer_by_reference_is_served_as_json() {
    let trial = trial().await;
    let link = Url::parse(&trial.sandbox.offers["microcredential_by_reference"]).unwrap();
    let (_, address) = link.query_pairs().find(|(name, _)| name == "credential_offer_uri").unwrap();
    let reply = trial.get(&address).await;
    assert_eq!(reply.media_type.as_deref(), Some("application/json"));
    let offer = CredentialOffer::from_json(&reply.body).unwrap();
    assert_eq!(offer.credential_issuer, trial.sandbox.issuer_url);
    let fresh = trial.get_json("/offers/badge").await;
    assert!(fresh["offer"].as_str().unwrap().starts_with("openid-credential-offer://"));
    assert_eq!(fresh["tx_code"], Value::Null);
}

#[tokio::test]
async fn status_lists_are_signed_and_a_withdrawal_shows() {
    let trial = trial().await;
    let key = HolderKey::make(&OsEntropy);
    let copies = trial.collect("microcredential", &[key]).await;
    let claims = SdJwt::parse(&text_of(&copies[0])).unwrap().claims().clone();
    let uri = claims["status"]["status_list"]["uri"].as_str().unwrap();
    let index = usize::try_from(claims["status"]["status_list"]["idx"].as_u64().unwrap()).unwrap();

    let before = trial.get(uri).await;
    assert_eq!(before.media_type.as_deref(), Some("application/statuslist+jwt"));
    let token = Jws::parse(std::str::from_utf8(&before.body).unwrap()).unwrap();
    assert_eq!(token.typ(), Some("statuslist+jwt"));
    token.verify(&Chain::from_x5c(&token.header["x5c"]).unwrap().leaf_key()).unwrap();
    assert_eq!(token.claims().unwrap()["sub"], uri);

    let url = Url::parse(&format!("{}/trial/revoke/{index}", trial.sandbox.issuer_url)).unwrap();
    let reply = trial.client.run(Exchange::post_json(Purpose::StatusList, url, json!({}))).await.unwrap();
    assert_eq!(reply.status, 200);
    let after = trial.get(uri).await;
    let changed = Jws::parse(std::str::from_utf8(&after.body).unwrap()).unwrap();
    assert_ne!(changed.claims().unwrap()["status_list"]["lst"], token.claims().unwrap()["status_list"]["lst"]);
    assert!(trial.sandbox.set_standing(index, Standing::Valid).is_some());
    assert_eq!(trial.sandbox.issued(), vec![vec![index]]);

    for number in [2, 3] {
        let list = trial.get_json(&format!("/status/{number}")).await;
        let proofs = data_integrity::proofs(&list).unwrap();
        let did = list["issuer"].as_str().unwrap();
        let document = trial.get(did::document_url(did).unwrap().unwrap().as_str()).await;
        let document = DidDocument::parse(&document.body, did).unwrap();
        let method = list["proof"]["verificationMethod"].as_str().unwrap();
        data_integrity::verify_proof(&list, &proofs[0], &document.key(method, did::Purpose::Assertion).unwrap())
            .unwrap();
    }
}

#[tokio::test]
async fn the_catalogue_lists_a_dozen_and_offers_its_own() {
    let trial = trial().await;
    let catalogue = trial.get_json("/catalogue").await;
    let items = catalogue["items"].as_array().unwrap();
    assert_eq!(items.len(), 12);
    let offered: Vec<_> = items.iter().filter_map(|item| item["offer"].as_str()).collect();
    assert_eq!(offered.len(), 6);
    let fresh = trial.get(offered[1]).await;
    assert_eq!(fresh.status, 200);
    let page = Exchange::get(Purpose::Metadata, Url::parse(offered[1]).unwrap(), "text/html");
    let page = trial.client.run(page).await.unwrap();
    assert_eq!(page.media_type.as_deref(), Some("text/html"));
    assert!(String::from_utf8_lossy(&page.body).contains("data:image/svg+xml"));
}

#[tokio::test]
async fn it_misbehaves_only_when_told_to() {
    let trial = trial().await;
    let issuer = trial.sandbox.issuer_url.clone();
    let address = credential_issuer_metadata(&issuer).unwrap();
    trial.sandbox.misbehave(Some(Misbehave::OtherIssuer));
    assert!(IssuerMetadata::parse(&trial.get(address.as_str()).await.body, &issuer).is_err());
    trial.sandbox.misbehave(Some(Misbehave::Html(Place::Metadata)));
    assert_eq!(trial.get(address.as_str()).await.media_type.as_deref(), Some("text/html"));
    trial.sandbox.misbehave(Some(Misbehave::Huge(Place::Metadata)));
    let exchange = Exchange::get(Purpose::Metadata, address.clone(), "application/json");
    assert!(matches!(trial.client.run(exchange).await, Err(leerpas_core::Fault::TooLarge { .. })));

    let key = HolderKey::make(&OsEntropy);
    trial.sandbox.misbehave(Some(Misbehave::WrongSigningKey));
    let copies = trial.collect("microcredential", std::slice::from_ref(&key)).await;
    let jws = Jws::parse(text_of(&copies[0]).split('~').next().unwrap()).unwrap();
    assert!(jws.verify(&Chain::from_x5c(&jws.header["x5c"]).unwrap().leaf_key()).is_err());
    trial.sandbox.misbehave(Some(Misbehave::OtherHolder));
    let copies = trial.collect("microcredential", std::slice::from_ref(&key)).await;
    let claims = SdJwt::parse(&text_of(&copies[0])).unwrap().claims().clone();
    assert_ne!(claims["cnf"]["jwk"], key.public().to_jwk());
    trial.sandbox.misbehave(Some(Misbehave::Expired));
    let copies = trial.collect("badge", std::slice::from_ref(&key)).await;
    let badge: Value = serde_json::from_slice(&copies[0].to_bytes()).unwrap();
    let until: Timestamp = badge["validUntil"].as_str().unwrap().parse().unwrap();
    assert!(until < Timestamp::now());
    trial.sandbox.misbehave(None);
    assert!(IssuerMetadata::parse(&trial.get(address.as_str()).await.body, &issuer).is_ok());
}

#[tokio::test]
async fn it_listens_on_this_machine_only_and_keeps_its_authority() {
    let folder = tempfile::tempdir().unwrap();
    let options = |ip: [u8; 4]| SandboxOptions {
        listen: SocketAddr::from((ip, 0)),
        data: folder.path().to_owned(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    };
    assert!(start(options([0, 0, 0, 0])).await.is_err());
    let first = start(options([127, 0, 0, 1])).await.unwrap();
    let root = std::fs::read(folder.path().join("ca.pem")).unwrap();
    first.run_until(async {}).await.unwrap();
    let _second = start(options([127, 0, 0, 1])).await.unwrap();
    assert_eq!(std::fs::read(folder.path().join("ca.pem")).unwrap(), root);
}
