//! Those who ask: the real desk with a browser that is no browser, and a verifier that can be told to be bad.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::serve::Listener as _;
use leerpas_core::{Env, OsEntropy, SystemClock, Timestamp, Url};
use leerpas_credential::{
    jose::{self, Jws},
    keys::IssuerKey,
    trust::TrustList,
    x509::{Chain, TrialAuthority},
};
use leerpas_desk::{Desk, DeskOptions, MICROCREDENTIAL};
use leerpas_net::{Client, Policy, TlsIdentity, bind_tls};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

fn env() -> Env<'static> {
    Env { now: Timestamp::now(), entropy: &OsEntropy }
}

/// The real desk, in the folder of the institution.
pub struct Employer {
    desk: Desk,
}

/// A request that was opened at the desk.
pub struct Asked {
    pub link: String,
    path: String,
    cookie: String,
}

impl Employer {
    pub async fn start(folder: &Path) -> Self {
        let root = std::fs::read(folder.join("ca.pem")).unwrap();
        let desk = leerpas_desk::start(DeskOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: folder.to_owned(),
            trust: TrustList::from_json(&std::fs::read(folder.join("trust.json")).unwrap()).unwrap(),
            client: Client::new(Policy { allow_loopback: true, extra_roots_pem: vec![root], log: None }).unwrap(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
        });
        Self { desk: desk.await.unwrap() }
    }

    pub async fn ask(&self, template: &str) -> Asked {
        self.ask_for(&json!({"template": template})).await
    }

    /// Asks for an answer as pictures.
    pub async fn ask_offline(&self, template: &str) -> Asked {
        self.ask_for(&json!({"template": template, "offline": true})).await
    }

    /// Brings what was read of a screen.
    pub async fn bring(&self, asked: &Asked, lines: &[String]) -> Value {
        let path = format!("{}/frames", asked.path);
        self.send("POST", &path, "text/plain", &asked.cookie, &lines.join("\n")).await.1
    }

    async fn ask_for(&self, wish: &Value) -> Asked {
        let (head, body) = self.http("POST", "/api/requests", "", &wish.to_string()).await;
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        Asked {
            link: body["link"].as_str().unwrap().to_owned(),
            path: format!("/api/requests/{}", body["id"].as_str().unwrap()),
            cookie: format!("cookie: {}\r\n", cookie.split(';').next().unwrap()),
        }
    }

    pub async fn result(&self, asked: &Asked) -> Value {
        self.http("GET", &asked.path, &asked.cookie, "").await.1
    }

    async fn http(&self, method: &str, path: &str, headers: &str, body: &str) -> (String, Value) {
        self.send(method, path, "application/json", headers, body).await
    }

    async fn send(&self, method: &str, path: &str, kind: &str, headers: &str, body: &str) -> (String, Value) {
        let host = self.desk.page_url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: {kind}\r\n\
             {headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), serde_json::from_str(body).unwrap())
    }
}

/// What a [`Verifier`] does with an answer that it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Says this: status, media type, body.
    Say(u16, String, String),
    /// Keeps the connection open and says nothing.
    Silent,
    /// Ends the connection without a word.
    HangUp,
    /// Begins well and goes on with one byte a second, for ever.
    Drip,
    /// Promises more than comes, and ends the connection.
    Half,
    /// Sends without end.
    Endless,
}

impl Then {
    pub fn say(status: u16, media_type: &str, body: &str) -> Self {
        Self::Say(status, media_type.to_owned(), body.to_owned())
    }

    /// As the specification has it.
    pub fn thanks() -> Self {
        Self::say(200, "application/json", "{}")
    }
}

/// A verifier of our own, certified by the trial authority, that can be told to break every rule.
pub struct Verifier {
    pub base: Url,
    pub client_id: String,
    signer: IssuerKey,
    x5c: Vec<String>,
    state: Arc<Mutex<State>>,
    door: JoinHandle<()>,
}

struct State {
    /// What lies at each `/request/NUMBER`: media type and body.
    objects: Vec<(String, String)>,
    document: String,
    then: Then,
    /// What it does instead of handing out a request object.
    trouble: Option<Then>,
    answers: Vec<Vec<u8>>,
    heads: Vec<String>,
    fetches: usize,
    asked: usize,
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.door.abort();
    }
}

impl Verifier {
    pub async fn start(folder: &Path, name: &str) -> Self {
        let authority = TrialAuthority::ensure(folder, env()).unwrap();
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (chain_pem, key_pem) = authority.issue_server(&["localhost"], &[local], env()).unwrap();
        let mut listener = bind_tls(SocketAddr::new(local, 0), &TlsIdentity { chain_pem, key_pem }).await.unwrap();
        let base = Url::parse(&format!("https://localhost:{}/", listener.local_addr().port())).unwrap();
        let (signer, x5c) = authority.issue_signer(name, name, &["localhost"], &[], env()).unwrap();
        let hash = Chain::from_x5c(&json!(x5c)).unwrap().leaf_sha256_base64url();
        let state = State {
            objects: Vec::new(),
            document: String::new(),
            then: Then::thanks(),
            trouble: None,
            answers: Vec::new(),
            heads: Vec::new(),
            fetches: 0,
            asked: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let door = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await;
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { base, client_id: format!("x509_hash:{hash}"), signer, x5c, state, door }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What it does with answers from now on.
    pub fn then(&self, then: Then) {
        self.state().then = then;
    }

    /// What it does from now on with those who fetch a request, if not hand it out.
    pub fn trouble(&self, trouble: Option<Then>) {
        self.state().trouble = trouble;
    }

    /// Every answer that it was sent, as the form has it.
    pub fn answers(&self) -> Vec<Vec<(String, String)>> {
        let parse = |body: &Vec<u8>| url::form_urlencoded::parse(body).into_owned().collect();
        self.state().answers.iter().map(parse).collect()
    }

    /// Every answer to the byte: the head of the message, and its body.
    pub fn raw_answers(&self) -> Vec<(String, Vec<u8>)> {
        let state = self.state();
        state.heads.iter().cloned().zip(state.answers.iter().cloned()).collect()
    }

    /// How often a request object was fetched.
    pub fn fetches(&self) -> usize {
        self.state().fetches
    }

    /// The SD-JWT of the last answer.
    pub fn last_sd_jwt(&self) -> String {
        let answers = self.answers();
        let (_, token) = answers.last().unwrap().iter().find(|(name, _)| name == "vp_token").unwrap();
        let token: Value = serde_json::from_str(token).unwrap();
        token["mc"][0].as_str().unwrap().to_owned()
    }

    /// The key to which the credential of the last answer is bound.
    pub fn last_key(&self) -> Value {
        let sd_jwt = self.last_sd_jwt();
        Jws::parse(sd_jwt.split('~').next().unwrap()).unwrap().claims().unwrap()["cnf"]["jwk"].clone()
    }

    /// Waits until it was sent so many answers.
    pub async fn wait_for_answers(&self, count: usize) {
        self.wait_for(|state| state.answers.len() >= count).await;
    }

    /// Waits until a request object was fetched so often.
    pub async fn wait_for_fetches(&self, count: usize) {
        self.wait_for(|state| state.fetches >= count).await;
    }

    async fn wait_for(&self, came: impl Fn(&State) -> bool) {
        for _ in 0..600 {
            if came(&self.state()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nothing came");
    }

    /// The claims of a good request, with a fresh nonce.
    pub fn claims(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut state = self.state();
        state.asked += 1;
        let now = Timestamp::now().as_second();
        let mut claims = json!({
            "client_id": self.client_id, "response_type": "vp_token", "response_mode": "direct_post",
            "response_uri": self.base.join("response/1").unwrap(), "nonce": format!("n-0S6_WzA2Mj-{}", state.asked),
            "state": "s-1", "aud": "https://self-issued.me/v2", "iat": now, "exp": now + 300,
            "leerpas_purpose": "Een klus aan de dijk", "dcql_query": query(),
        });
        change(&mut claims);
        claims
    }

    /// A request object of these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "oauth-authz-req+jwt", "x5c": self.x5c});
        jose::sign_compact(&header, claims.to_string().as_bytes(), &self.signer).unwrap()
    }

    /// Opens a request, changed at will, and gives its link.
    pub fn ask(&self, change: impl FnOnce(&mut Value)) -> String {
        let claims = self.claims(change);
        let object = self.sign(&claims);
        self.hand_out("application/oauth-authz-req+jwt", &object)
    }

    /// Opens a request that is never handed out: whoever fetches it waits.
    pub fn ask_in_silence(&self) -> String {
        self.hand_out("", "")
    }

    /// Replaces what was handed out last.
    pub fn replace(&self, media_type: &str, body: &str) {
        *self.state().objects.last_mut().unwrap() = (media_type.to_owned(), body.to_owned());
    }

    /// Hands this out where the request object belongs, and gives the link to it.
    pub fn hand_out(&self, media_type: &str, body: &str) -> String {
        self.link(&self.client_id, media_type, body)
    }

    /// Opens a request under the DID of this host, and publishes the document with its key.
    pub fn ask_as_did(&self) -> String {
        let did = format!("did:web:localhost%3A{}", self.base.port().unwrap());
        let client_id = format!("decentralized_identifier:{did}");
        let kid = format!("{did}#1");
        let claims = self.claims(|claims| claims["client_id"] = json!(client_id));
        let header = json!({"typ": "oauth-authz-req+jwt", "kid": kid});
        let object = jose::sign_compact(&header, claims.to_string().as_bytes(), &self.signer).unwrap();
        let document = json!({"id": did, "assertionMethod": [kid], "verificationMethod": [
            {"id": kid, "type": "JsonWebKey", "controller": did, "publicKeyJwk": self.signer.public().to_jwk()}]});
        self.state().document = document.to_string();
        self.link(&client_id, "application/oauth-authz-req+jwt", &object)
    }

    fn link(&self, client_id: &str, media_type: &str, body: &str) -> String {
        let mut state = self.state();
        state.objects.push((media_type.to_owned(), body.to_owned()));
        let address = self.base.join(&format!("request/{}", state.objects.len())).unwrap();
        parameters(&[("client_id", client_id), ("request_uri", address.as_str())])
    }
}

/// A link with these parameters.
pub fn parameters(parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("openid4vp://?{query}")
}

/// The title is needed, the first name is welcome.
pub fn query() -> Value {
    json!({"credentials": [{"id": "mc", "format": "dc+sd-jwt", "meta": {"vct_values": [MICROCREDENTIAL]},
        "claims": [{"id": "title", "path": ["credentialSubject", "achievement", "name"]},
                   {"id": "name", "path": ["given_name"]}],
        "claim_sets": [["title", "name"], ["title"]]}]})
}

/// The head of a reply that is longer than anyone will wait for.
const OPENING: &str = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 900000000\r\n\r\n";

async fn serve(mut stream: impl AsyncReadExt + AsyncWriteExt + Unpin, state: Arc<Mutex<State>>) {
    let Some((head, body)) = read_request(&mut stream).await else { return };
    let then = {
        let mut state = state.lock().unwrap();
        if head.starts_with("POST /response/") {
            state.answers.push(body);
            state.heads.push(head.clone());
            state.then.clone()
        } else if head.contains("/did.json ") {
            Then::Say(200, "application/did+json".to_owned(), state.document.clone())
        } else {
            state.fetches += 1;
            let number = head.split(' ').nth(1).unwrap().rsplit('/').next().unwrap().parse::<usize>().unwrap();
            let (media_type, object) = state.objects[number - 1].clone();
            match (media_type.as_str(), &state.trouble) {
                (_, Some(trouble)) => trouble.clone(),
                ("", None) => Then::Silent,
                _ => Then::Say(200, media_type, object),
            }
        }
    };
    match then {
        Then::Say(status, media_type, text) => say(stream, status, &media_type, &text).await,
        Then::Silent => std::future::pending().await,
        Then::HangUp => {}
        Then::Drip => {
            let _ = stream.write_all(OPENING.as_bytes()).await;
            while stream.write_all(b" ").await.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Then::Half => {
            let _ = stream.write_all(format!("{OPENING}{{").as_bytes()).await;
            let _ = stream.flush().await;
        }
        Then::Endless => {
            let _ = stream.write_all(OPENING.as_bytes()).await;
            while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
        }
    }
}

async fn read_request(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<(String, Vec<u8>)> {
    let mut got = Vec::new();
    loop {
        if let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&got[..end]).into_owned();
            let length = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find_map(|(name, value)| name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap()))
                .unwrap_or(0);
            if got.len() >= end + 4 + length {
                return Some((head, got[end + 4..].to_vec()));
            }
        }
        if stream.read_buf(&mut got).await.ok()? == 0 {
            return None;
        }
    }
}

async fn say(mut stream: impl AsyncWriteExt + Unpin, status: u16, media_type: &str, text: &str) {
    // The location is for those who would follow a redirect.
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {media_type}\r\nlocation: https://localhost:9/\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        text.len()
    );
    // Whoever has heard enough hangs up first.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}
