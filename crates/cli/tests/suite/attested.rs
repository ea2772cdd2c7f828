//! The trial institution that lets in approved programs alone, by the command line and over TLS; and what a bad client
//! would try there.

use std::{thread::sleep, time::Duration};

use crate::common::Trial;
use leerpas_core::{Exchange, Header, OsEntropy, Purpose, Reply, Timestamp, Url};
use leerpas_credential::{jose::sign_compact, keys::HolderKey};
use leerpas_wallet::{World, WorldOptions};
use serde_json::{Value, json};

/// What speaks to the institution without being a wallet.
pub struct Caller {
    world: World,
    base: String,
}

impl Caller {
    pub fn new(trial: &Trial) -> Self {
        let options =
            WorldOptions { allow_loopback: true, tls_roots: vec![trial.path("ca.pem")], ..WorldOptions::default() };
        Self { world: World::prepare(options).unwrap(), base: trial.sandbox.text("/issuer").to_owned() }
    }

    fn server(&self) -> String {
        format!("{}/attested", self.base)
    }

    fn run(&self, exchange: Exchange) -> Reply {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.world.client.run(exchange)).unwrap()
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.base)).unwrap()
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Exchange {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Exchange::post_form(Purpose::Token, self.url(path), fields)
    }

    /// What the help desk of the institution does.
    fn approve(&self, key: &Value, seconds: &str) -> String {
        let reply = self.run(self.form("/attested/approve", &[("key", &key.to_string()), ("seconds", seconds)]));
        assert_eq!(reply.status, 200);
        body(&reply)["attestation"].as_str().unwrap().to_owned()
    }

    fn challenge(&self) -> String {
        let reply = self.run(Exchange::post_nothing(Purpose::Token, self.url("/attested/challenge")));
        body(&reply)["attestation_challenge"].as_str().unwrap().to_owned()
    }

    /// A fresh offer that works once.
    pub fn fresh_offer(&self, name: &str) -> String {
        let url = self.url(&format!("/offers/{name}"));
        let reply = self.run(Exchange::get(Purpose::Offer, url, "application/json"));
        body(&reply)["offer"].as_str().unwrap().to_owned()
    }

    /// A fresh offer for approved programs, with its code.
    fn offer(&self) -> (String, String) {
        let link = self.fresh_offer("attested");
        let offer = Url::parse(&link).unwrap();
        let (_, offer) = offer.query_pairs().find(|(name, _)| name == "credential_offer").unwrap();
        let offer: Value = serde_json::from_str(&offer).unwrap();
        let grant = &offer["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"];
        (link, grant["pre-authorized_code"].as_str().unwrap().to_owned())
    }
}

fn body(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn keep(trial: &Trial, server: &str, attestation: &str) {
    let file = trial.path("attestation.jwt");
    std::fs::write(&file, attestation).unwrap();
    let added = trial.json(&["attestations", "--add", server, "--file", file.to_str().unwrap()]);
    assert_eq!((added.code, &added.json["attestations"][0]["client_id"]), (0, &json!("leerpas-proef")), "{added:?}");
}

#[test]
fn attestation_07_a_newcomer_is_refused_then_approved_and_collects() {
    let trial = Trial::start();
    let caller = Caller::new(&trial);
    let server = caller.server();
    let refused = trial.receive_open("attested");
    assert_eq!((refused.code, refused.kind()), (3, "approval_needed"), "{refused:?}");
    assert_eq!(
        (&refused.json["error"]["approver"], &refused.json["error"]["step"]),
        (&json!(server), &json!("metadata"))
    );

    let made = trial.json(&["attestations", "--key-for", &server]);
    let key = &made.json["attestations"][0]["public_jwk"];
    // An approval that runs out, as any does.
    keep(&trial, &server, &caller.approve(key, "3"));
    sleep(Duration::from_millis(3_100));
    let late = trial.receive_open("attested");
    assert_eq!((late.code, late.kind()), (3, "approval_needed"), "{late:?}");
    assert!(trial.json(&["attestations"]).json["attestations"][0]["expires"].is_string(), "it is shown with its date");

    let said = trial.command(&["attestations"]).output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("ran out at") && said.contains(&server), "{said}");

    keep(&trial, &server, &caller.approve(key, "3600"));
    let received = trial.receive_open("attested");
    assert_eq!(received.code, 0, "{received:?}");
    let card = &received.json["cards"][0];
    assert_eq!((&card["format"], &card["status"]), (&json!("dc+sd-jwt"), &json!("valid")));

    // Whoever takes the approval away is where they were.
    trial.json(&["attestations", "--remove", &server]);
    assert_eq!(trial.receive_open("attested").kind(), "approval_needed");
    assert_eq!(trial.json(&["cards"]).json["cards"].as_array().unwrap().len(), 1);
}

#[test]
fn attestation_07_9_bad_proofs_are_refused_over_the_wire_and_spend_nothing() {
    let trial = Trial::start();
    let caller = Caller::new(&trial);
    let server = caller.server();
    let key = HolderKey::make(&OsEntropy);
    let attestation = caller.approve(&key.public().to_jwk(), "3600");
    let (link, code) = caller.offer();
    let ask = |attestation: &str, claims: Option<&Value>| {
        let fields =
            [("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code"), ("pre-authorized_code", &code)];
        let mut exchange = caller.form("/attested/token", &fields);
        if let Some(claims) = claims {
            let header = json!({"typ": "oauth-client-attestation-pop+jwt"});
            let proof = sign_compact(&header, claims.to_string().as_bytes(), &key).unwrap();
            exchange = exchange
                .with_header(Header::ClientAttestation, attestation.to_owned())
                .with_header(Header::ClientAttestationPop, proof);
        }
        caller.run(exchange)
    };
    let good = |id: &str| {
        json!({"iss": "leerpas-proef", "aud": server, "jti": id, "iat": Timestamp::now().as_second(),
            "challenge": caller.challenge()})
    };
    let word = |reply: &Reply| body(reply)["error"].as_str().unwrap().to_owned();

    let nobody = ask(&attestation, None);
    assert_eq!((nobody.status, word(&nobody).as_str()), (401, "invalid_client"));
    for (name, value, refusal) in [
        ("aud", json!(caller.base), "invalid_client_attestation"),
        ("iss", json!("leerpas"), "invalid_client_attestation"),
        ("iat", json!(Timestamp::now().as_second() - 3_600), "invalid_client_attestation"),
        ("challenge", json!("made up"), "use_attestation_challenge"),
    ] {
        let mut claims = good(&format!("bad-{name}"));
        claims[name] = value;
        let reply = ask(&attestation, Some(&claims));
        assert_eq!((reply.status, word(&reply).as_str()), (400, refusal), "{name}");
        assert_eq!(
            reply.attestation_challenge.is_some(),
            refusal == "use_attestation_challenge",
            "8.1: a fresh one comes along"
        );
    }
    // An attestation that ran out, and one that nobody here signed.
    let short = caller.approve(&key.public().to_jwk(), "1");
    sleep(Duration::from_millis(1_100));
    assert_eq!(word(&ask(&short, Some(&good("late")))), "use_fresh_attestation");
    let own = json!({"iss": caller.base, "sub": "leerpas-proef", "exp": Timestamp::now().as_second() + 60,
        "cnf": {"jwk": key.public().to_jwk()}});
    let own = sign_compact(&json!({"typ": "oauth-client-attestation+jwt"}), own.to_string().as_bytes(), &key).unwrap();
    assert_eq!(word(&ask(&own, Some(&good("own")))), "invalid_client_attestation");

    // After all of that the code is still good, for one; and what proved it is good for nothing more.
    let right = good("right");
    assert_eq!(ask(&attestation, Some(&right)).status, 200);
    assert_eq!(word(&ask(&attestation, Some(&right))), "invalid_client_attestation", "the same again");
    let mut again = good("right");
    assert_eq!(word(&ask(&attestation, Some(&again))), "invalid_client_attestation", "a repeated jti");
    again["jti"] = json!("other");
    assert_eq!(word(&ask(&attestation, Some(&again))), "invalid_grant", "the code was spent");

    // What was offered here is good for nothing where anybody is let in.
    let (_, other) = caller.offer();
    let fields =
        [("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code"), ("pre-authorized_code", &other)];
    assert_eq!(word(&caller.run(caller.form("/token", &fields))), "invalid_grant");
    assert_eq!(trial.json(&["receive", &link]).kind(), "approval_needed");
}
