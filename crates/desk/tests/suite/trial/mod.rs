//! A desk with a browser that is no browser, and a wallet that is no wallet: just enough of both.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use leerpas_core::{Clock, Env, Exchange, OsEntropy, Purpose, Reply, SystemClock, Timestamp, Url};
use leerpas_credential::{
    jose::{self, Jws},
    keys::HolderKey,
    present::present_sd_jwt,
    sd_jwt::{ClaimPath, Issuance, issue},
    trust::TrustList,
    x509::TrialAuthority,
};
use leerpas_desk::{Desk, DeskOptions, Identity, MICROCREDENTIAL, PublicAddress, Standing, start_as};
use leerpas_net::{Client, Policy};
use leerpas_openid::vp::{AuthorizationResponse, VpToken};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub const ISSUER: &str = "https://hogeschool.example";

pub struct Trial {
    pub desk: Desk,
    pub client: Client,
    pub authority: TrialAuthority,
    pub folder: tempfile::TempDir,
}

/// What came back over plain http.
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn cookie(&self) -> String {
        self.headers["set-cookie"].split(';').next().unwrap().to_owned()
    }
}

fn env() -> Env<'static> {
    Env { now: Timestamp::now(), entropy: &OsEntropy }
}

/// A desk that trusts one institution, under the authority of the desk's own folder.
pub async fn trial() -> Trial {
    trial_at(Arc::new(SystemClock)).await
}

/// The same with another clock at the desk.
pub async fn trial_at(clock: Arc<dyn Clock>) -> Trial {
    trial_with(clock, Standing::default()).await
}

/// The same, with a desk that asks under this identity where nobody chooses.
pub async fn trial_as(usual: Identity) -> Trial {
    trial_with(Arc::new(SystemClock), Standing { usual, ..Standing::default() }).await
}

/// The host of a desk that others find.
pub const PUBLIC: &str = "desk.example";

/// A desk that others find at [`PUBLIC`]; the test is its proxy.
pub async fn trial_public(clock: Arc<dyn Clock>) -> Trial {
    let public = PublicAddress::parse(&format!("https://{PUBLIC}")).ok();
    trial_with(clock, Standing { public, ..Standing::default() }).await
}

pub async fn trial_with(clock: Arc<dyn Clock>, standing: Standing) -> Trial {
    let folder = tempfile::tempdir().unwrap();
    let authority = TrialAuthority::ensure(folder.path(), env()).unwrap();
    let trust = json!({ "version": 1, "institutions": [{
        "name": { "nl": "Hogeschool", "en": "College" }, "identifiers": [ISSUER], "domains": ["hogeschool.example"],
        "roots": [authority.certificate_pem()],
    }]});
    let client = || {
        let root = authority.certificate_pem().as_bytes().to_vec();
        Client::new(Policy { allow_loopback: true, extra_roots_pem: vec![root], log: None }).unwrap()
    };
    let options = DeskOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data: folder.path().to_owned(),
        trust: TrustList::from_json(trust.to_string().as_bytes()).unwrap(),
        client: client(),
        clock,
        entropy: Arc::new(OsEntropy),
    };
    let desk = start_as(options, standing).await.unwrap();
    let client = client();
    Trial { desk, client, authority, folder }
}

impl Trial {
    pub fn host(&self) -> String {
        let url = Url::parse(self.desk.behind_proxy.as_ref().unwrap_or(&self.desk.page_url)).unwrap();
        format!("127.0.0.1:{}", url.port().unwrap())
    }

    /// Sends one request as a browser or a script might. A `host` among the headers replaces the right one.
    pub async fn http(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.host()).await.unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "host") {
            let host = if self.desk.behind_proxy.is_some() { PUBLIC.to_owned() } else { self.host() };
            head.push_str(&format!("host: {host}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses early closes before it has read all.
        let _ = stream.write_all(body).await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        let end = reply.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&reply[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Answer { status, headers, body: reply[end + 4..].to_vec() }
    }

    pub async fn ask(&self, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        self.http("POST", "/api/requests", &headers, body.to_string().as_bytes()).await
    }

    pub async fn result(&self, asked: &Answer) -> Value {
        let path = format!("/api/requests/{}", asked.json()["id"].as_str().unwrap());
        let answer = self.http("GET", &path, &[("cookie", &asked.cookie())], b"").await;
        assert_eq!(answer.status, 200);
        answer.json()
    }

    /// Fetches the request object of a link.
    pub async fn fetch(&self, link: &str) -> Reply {
        let exchange = Exchange::get(Purpose::RequestObject, request_uri(link), "application/oauth-authz-req+jwt");
        self.client.run(exchange).await.unwrap()
    }

    /// A microcredential of the institution, and the key it is bound to.
    pub fn credential(&self, change: impl FnOnce(&mut Value)) -> (String, HolderKey) {
        credential_of(&self.authority, change)
    }

    /// Presents the credential to a request object.
    pub fn present(&self, object: &Value, credential: &str, key: &HolderKey, disclose: &[ClaimPath]) -> Value {
        let (audience, nonce) = (object["client_id"].as_str().unwrap(), object["nonce"].as_str().unwrap());
        let presentation =
            present_sd_jwt(credential.as_bytes(), disclose, key, audience, nonce, Timestamp::now()).unwrap();
        Value::String(presentation)
    }

    /// Posts the answer, encrypted as the request asks.
    pub async fn respond(&self, object: &Value, answer: &AuthorizationResponse) -> Reply {
        self.client.run(response_to(object, answer)).await.unwrap()
    }
}

/// A microcredential of the institution, signed under this authority, and the key it is bound to.
pub fn credential_of(authority: &TrialAuthority, change: impl FnOnce(&mut Value)) -> (String, HolderKey) {
    let (signer, x5c) =
        authority.issue_signer("Hogeschool", "Hogeschool", &["hogeschool.example"], &[ISSUER], env()).unwrap();
    let key = HolderKey::make(&OsEntropy);
    let now = Timestamp::now().as_second();
    let mut claims = json!({
        "iss": ISSUER, "iat": now, "exp": now + 3600, "vct": MICROCREDENTIAL,
        "cnf": { "jwk": key.public().to_jwk() },
        "issuer": { "name": "Hogeschool" },
        "given_name": "Noor", "family_name": "van Voorbeeld", "birthdate": "1994-05-17",
        "credentialSubject": {
            "achievement": { "name": "Watermanagement", "ECTS": 4, "eqfLevel": 6 },
            "result": [{ "value": "8.5" }],
        },
    });
    change(&mut claims);
    let header = json!({ "typ": "dc+sd-jwt", "x5c": x5c });
    let disclosable = paths();
    let token = issue(Issuance { header, claims, disclosable: &disclosable, decoys: 0 }, &signer, &OsEntropy);
    (token.unwrap(), key)
}

/// The exchange that delivers an answer.
pub fn response_to(object: &Value, answer: &AuthorizationResponse) -> Exchange {
    let jwk = &object["client_metadata"]["jwks"]["keys"][0];
    let jwe = jose::encrypt(answer.to_payload().to_string().as_bytes(), jwk, "A256GCM").unwrap();
    let url = Url::parse(object["response_uri"].as_str().unwrap()).unwrap();
    Exchange::post_form(Purpose::Response, url, vec![("response".to_owned(), jwe)])
}

/// Presentations for one query.
pub fn presentations(object: &Value, query: &str, list: Vec<Value>) -> AuthorizationResponse {
    AuthorizationResponse::Presentations {
        vp_token: VpToken::new(vec![(query.to_owned(), list)]),
        state: object["state"].as_str().map(str::to_owned),
    }
}

/// The claims of a request object; its signature is checked with the certificate in it.
pub fn object_of(reply: &Reply) -> Value {
    let jws = Jws::parse(std::str::from_utf8(&reply.body).unwrap()).unwrap();
    let chain = leerpas_credential::x509::Chain::from_x5c(&jws.header["x5c"]).unwrap();
    jws.verify(&chain.leaf_key()).unwrap();
    Value::Object(jws.claims().unwrap())
}

pub fn request_uri(link: &str) -> Url {
    let link = Url::parse(link).unwrap();
    let (_, address) = link.query_pairs().find(|(name, _)| name == "request_uri").unwrap();
    Url::parse(&address).unwrap()
}

/// Everything that can be disclosed.
pub fn paths() -> Vec<ClaimPath> {
    let achievement = |name: &str| vec!["credentialSubject".into(), "achievement".into(), name.into()];
    vec![
        achievement("name"),
        achievement("ECTS"),
        achievement("eqfLevel"),
        vec!["given_name".into()],
        vec!["family_name".into()],
        vec!["birthdate".into()],
        vec!["credentialSubject".into(), "result".into()],
    ]
}

/// Posts to the wallet's door as no client of ours would; gives the whole reply as text.
pub async fn post_tls(trial: &Trial, port: u16, path: &str, head: &str, body: &[u8]) -> String {
    let roots = trial.folder.path().join("root.pem");
    std::fs::write(&roots, trial.authority.certificate_pem()).unwrap();
    let mut child = tokio::process::Command::new("openssl")
        .args(["s_client", "-quiet", "-ign_eof", "-connect", &format!("127.0.0.1:{port}"), "-CAfile"])
        .arg(&roots)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n{head}\r\n");
    stdin.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses early closes before it has read all.
    let _ = stdin.write_all(body).await;
    let _ = stdin.flush().await;
    let mut reply = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut reply).await.unwrap();
    drop(stdin);
    let _ = child.wait().await;
    String::from_utf8_lossy(&reply).into_owned()
}
