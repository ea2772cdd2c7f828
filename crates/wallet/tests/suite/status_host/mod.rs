//! An institution that gives out cards as files and answers for one status list, and notes who asks and how.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use leerpas_core::{Env, OsEntropy, Timestamp};
use leerpas_credential::{
    jose::sign_compact,
    keys::IssuerKey,
    sd_jwt::{Issuance, issue},
    status::encode_token_list,
    x509::TrialAuthority,
};
use leerpas_net::{TlsIdentity, bind_tls};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::common::Place;

/// What somebody asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub target: String,
    /// Names in lower case, in the order of the alphabet.
    pub headers: Vec<(String, String)>,
}

struct Books {
    values: Vec<u8>,
    status: u16,
    asked: Vec<Asked>,
}

struct Institution {
    base: String,
    key: IssuerKey,
    x5c: Vec<String>,
    books: Mutex<Books>,
}

pub struct StatusHost {
    institution: Arc<Institution>,
    server: JoinHandle<()>,
}

fn env() -> Env<'static> {
    Env { now: Timestamp::now(), entropy: &OsEntropy }
}

impl StatusHost {
    pub async fn start(place: &Place) -> Self {
        let folder = place.folder.path();
        let authority = TrialAuthority::ensure(folder, env()).unwrap();
        let (chain_pem, key_pem) =
            authority.issue_server(&["localhost"], &[IpAddr::V4(Ipv4Addr::LOCALHOST)], env()).unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = bind_tls(any, &TlsIdentity { chain_pem, key_pem }).await.unwrap();
        let base = format!("https://localhost:{}", listener.local_addr().port());
        let (key, x5c) =
            authority.issue_signer("Hogeschool Delta", "Hogeschool Delta", &["localhost"], &[&base], env()).unwrap();
        let list = json!({"version": 1, "institutions": [{"name": {"nl": "Hogeschool Delta"}, "identifiers": [base],
            "roots": [authority.certificate_pem()]}]});
        std::fs::write(place.path("trust.json"), list.to_string()).unwrap();
        let books = Mutex::new(Books { values: vec![0; 64], status: 200, asked: Vec::new() });
        let institution = Arc::new(Institution { base, key, x5c, books });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&institution));
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { institution, server }
    }

    /// The identifier of this institution.
    pub fn issuer(&self) -> &str {
        &self.institution.base
    }

    /// A card at this position of the list.
    pub fn card(&self, index: u64) -> Vec<u8> {
        self.card_at("/status/1", index)
    }

    pub fn card_at(&self, list: &str, index: u64) -> Vec<u8> {
        self.issue(json!({"vct": "urn:example:course:1", "title": format!("Datastructuren {index}"),
            "status": {"status_list": {"idx": index, "uri": format!("{}{list}", self.issuer())}}}))
    }

    /// A card whose type this institution describes, and that has no title of its own.
    pub fn typed_card(&self) -> Vec<u8> {
        self.issue(json!({"vct": format!("{}/types/1", self.issuer()), "grade": "8"}))
    }

    fn issue(&self, mut claims: Value) -> Vec<u8> {
        let Institution { base, key, x5c, .. } = &*self.institution;
        claims["iss"] = base.as_str().into();
        claims["iat"] = (Timestamp::now().as_second() - 60).into();
        let issuance =
            Issuance { header: json!({"typ": "dc+sd-jwt", "x5c": x5c}), claims, disclosable: &[], decoys: 0 };
        issue(issuance, key, &OsEntropy).unwrap().into_bytes()
    }

    pub fn withdraw(&self, indices: &[usize]) {
        let mut books = self.institution.books.lock().unwrap();
        for index in indices {
            books.values[*index] = 1;
        }
    }

    /// Answers with this status from now on, and no list unless it is 200.
    pub fn answer_with(&self, status: u16) {
        self.institution.books.lock().unwrap().status = status;
    }

    pub fn requests(&self) -> Vec<Asked> {
        self.institution.books.lock().unwrap().asked.clone()
    }

    /// Is gone from now on.
    pub fn stop(&self) {
        self.server.abort();
    }
}

impl Drop for StatusHost {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(institution): State<Arc<Institution>>, request: Request) -> Response {
    let mut headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let mut books = institution.books.lock().unwrap();
    books.asked.push(Asked { target: request.uri().to_string(), headers });
    match books.status {
        200 if request.uri().path() == "/types/1" => {
            let kind = json!({"vct": format!("{}/types/1", institution.base),
                "display": [{"locale": "nl", "name": "Microcredential van Delta"}],
                "claims": [{"path": ["grade"], "display": [{"locale": "nl", "label": "Cijfer"}]}]});
            ([(header::CONTENT_TYPE, "application/json")], kind.to_string()).into_response()
        }
        200 => {
            ([(header::CONTENT_TYPE, "application/statuslist+jwt")], institution.list(&books.values)).into_response()
        }
        status => {
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(header::LOCATION, "https://127.0.0.1:1/")], "<html>").into_response()
        }
    }
}

impl Institution {
    /// Serves for an hour, and holds for a day.
    fn list(&self, values: &[u8]) -> String {
        let now = Timestamp::now().as_second();
        let claims: Value = json!({"sub": format!("{}/status/1", self.base), "iss": self.base, "iat": now, "ttl": 3600,
            "exp": now + 86_400, "status_list": encode_token_list(2, values).unwrap()});
        let header = json!({"typ": "statuslist+jwt", "x5c": self.x5c});
        sign_compact(&header, claims.to_string().as_bytes(), &self.key).unwrap()
    }
}
