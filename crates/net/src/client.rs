//! The client: one exchange in, one reply or fault out.

use std::{
    error::Error,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use leerpas_core::{Body, Exchange, Fault, Method, Reply};
use reqwest::{
    Request, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
    redirect, retry,
};
use rustls::ClientConfig;

use crate::{
    Limits, Names, Policy, PolicyError, RequestLog, SystemNames, address, log,
    names::{Refused, VettedNames},
    roots,
};

/// Says nothing about version, system or person.
const USER_AGENT: &str = "Leerpas";
/// The headers of RFC 9449: a proof of possession, and the nonce that the next one must hold.
const DPOP: &str = "DPoP";
const DPOP_NONCE: &str = "DPoP-Nonce";
/// The header of Attestation-Based Client Authentication, draft 07, 8.1.
const ATTESTATION_CHALLENGE: &str = "OAuth-Client-Attestation-Challenge";
/// A longer nonce is none, in bytes.
const NONCE_BYTES: usize = 4_096;
/// Characters of what the network said that a fault passes on.
const REASON: usize = 200;
/// How long a connection of a flow waits for its next request. Shorter than the five seconds after which many servers close
/// theirs, so that a request hardly ever meets a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(3);
/// How often other tasks get a turn before a reply is handed over.
const TURNS: usize = 16;

/// Carries out exchanges under one [`Policy`]. Cheap to share; keeps nothing between exchanges, neither a cookie nor a
/// connection, unless they are carried out in one [`Flow`].
#[derive(Clone, Debug)]
pub struct Client {
    shared: Arc<Shared>,
    alone: Flow,
}

/// What is the same for every exchange of a client.
struct Shared {
    tls: ClientConfig,
    names: Arc<dyn Names>,
    allow_loopback: bool,
    log: Option<RequestLog>,
    limits: Limits,
}

/// The exchanges of one flow: collecting a card, answering a request. They share a connection for each host while they
/// follow each other closely. Two flows never share one, nor a TLS session, so that nobody can tie them together by these;
/// what was kept open closes with this value. Cheap to share.
#[derive(Clone)]
pub struct Flow {
    http: reqwest::Client,
    shared: Arc<Shared>,
}

impl Client {
    /// Makes a client with the published limits and the resolver of the system.
    ///
    /// # Errors
    /// When an extra root is no certificate, or TLS cannot be set up.
    pub fn new(policy: Policy) -> Result<Self, PolicyError> {
        Self::with(policy, Limits::default(), SystemNames)
    }

    /// Makes a client with other limits or another resolver; what is vetted stays the same.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with(policy: Policy, limits: Limits, names: impl Names) -> Result<Self, PolicyError> {
        let Policy { allow_loopback, extra_roots_pem, log } = policy;
        let tls = roots::tls(&extra_roots_pem)?;
        let shared = Arc::new(Shared { tls, names: Arc::new(names), allow_loopback, log, limits });
        let http = shared.http(0).map_err(|error| PolicyError::Tls { reason: innermost(&error) })?;
        Ok(Self { alone: Flow { http, shared: Arc::clone(&shared) }, shared })
    }

    /// Begins a flow.
    pub fn flow(&self) -> Flow {
        // What cannot be set up twice is done with a connection for each exchange.
        let http = self.shared.http(1).unwrap_or_else(|_| self.alone.http.clone());
        Flow { http, shared: Arc::clone(&self.shared) }
    }

    /// Carries out an exchange by itself, once, over a connection of its own. Any HTTP status is a reply, a redirect too.
    ///
    /// # Errors
    /// The [`Fault`] tells refused (nothing was sent), not reached (nothing arrived) and interrupted or
    /// timed out (it may have arrived) apart.
    pub async fn run(&self, exchange: Exchange) -> Result<Reply, Fault> {
        self.alone.run(exchange).await
    }
}

impl Shared {
    /// The HTTP client with what no policy can change, which keeps so many connections to a host at most.
    fn http(&self, kept: usize) -> reqwest::Result<reqwest::Client> {
        let names = VettedNames { names: Arc::clone(&self.names), allow_loopback: self.allow_loopback };
        reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .https_only(true)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_max_idle_per_host(kept)
            .pool_idle_timeout(IDLE)
            .no_proxy()
            .no_gzip()
            .referer(false)
            .user_agent(USER_AGENT)
            .dns_resolver(Arc::new(names))
            .connect_timeout(self.limits.connect.min(self.limits.first_byte))
            .build()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("allow_loopback", &self.allow_loopback).finish_non_exhaustive()
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").finish_non_exhaustive()
    }
}

impl Flow {
    /// Carries out an exchange, once. Any HTTP status is a reply, a redirect too. The address is vetted each time, and the
    /// addresses of a name when it is connected to: a connection that is used again goes where it went.
    ///
    /// # Errors
    /// As [`Client::run`].
    pub async fn run(&self, exchange: Exchange) -> Result<Reply, Fault> {
        let limits = self.shared.limits;
        let host = address::vet(&exchange.url, self.shared.allow_loopback)?;
        self.note(&exchange);
        let limit = (limits.reply_bytes)(exchange.purpose);
        let request = self.request(exchange).map_err(|_| Fault::Unreachable {
            host: host.clone(),
            reason: "the request cannot be written as HTTP".to_owned(),
        })?;

        let begun = Instant::now();
        let allowed = limits.first_byte.min(limits.total);
        let response = match tokio::time::timeout(allowed, self.http.execute(request)).await {
            Err(_) => return Err(timed_out(&host, allowed, true)),
            Ok(Err(error)) => return Err(self.fault(&host, &error)),
            Ok(Ok(response)) => response,
        };
        let rest = limits.total.saturating_sub(begun.elapsed());
        let reply = match tokio::time::timeout(rest, read(response, &host, limit)).await {
            Err(_) => Err(timed_out(&host, limits.total, true)),
            Ok(reply) => reply,
        };
        // The task of the connection gives it back once the reply is read; an exchange that follows at once would miss it
        // and make another.
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        reply
    }

    /// Writes the request down where the person and the developer can see it.
    fn note(&self, exchange: &Exchange) {
        tracing::debug!(request = log::line(exchange), "sending");
        if let Some(log) = &self.shared.log
            && let Err(error) = log.write(exchange)
        {
            tracing::warn!(%error, "the request log cannot be written");
        }
    }

    /// The exchange in the terms of the HTTP library.
    fn request(&self, exchange: Exchange) -> reqwest::Result<Request> {
        let mut request = match exchange.method {
            Method::Get => self.http.get(exchange.url),
            Method::Post => self.http.post(exchange.url),
        };
        if !exchange.accept.is_empty() {
            request = request.header(ACCEPT, exchange.accept);
        }
        if let Some(token) = &exchange.bearer {
            request = match exchange.dpop {
                Some(_) => request.header(AUTHORIZATION, format!("DPoP {token}")),
                None => request.bearer_auth(token),
            };
        }
        if let Some(proof) = &exchange.dpop {
            request = request.header(DPOP, proof);
        }
        for (header, value) in &exchange.headers {
            request = request.header(header.as_str(), value);
        }
        match exchange.body {
            Body::Empty => request,
            Body::Form(fields) => request.form(&fields),
            Body::Json(value) => request.json(&value),
            Body::Jwt(token) => request.header(CONTENT_TYPE, "application/jwt").body(token),
        }
        .build()
    }

    /// What an error before the head of the reply means.
    fn fault(&self, host: &str, error: &reqwest::Error) -> Fault {
        let host = host.to_owned();
        if causes(error).any(|cause| cause.is::<Refused>()) {
            return Fault::AddressRefused { host };
        }
        if error.is_timeout() {
            // Only connecting is timed inside the library.
            return timed_out(&host, self.shared.limits.connect.min(self.shared.limits.first_byte), false);
        }
        if error.is_connect() || error.is_builder() {
            return Fault::Unreachable { host, reason: innermost(error) };
        }
        Fault::Interrupted { host }
    }
}

/// Reads the body piece by piece, so that a cap is a cap on memory too.
async fn read(mut response: Response, host: &str, limit: usize) -> Result<Reply, Fault> {
    let too_large = || Fault::TooLarge { host: host.to_owned(), limit };
    if response.content_length().is_some_and(|said| said > limit as u64) {
        return Err(too_large());
    }
    let status = response.status().as_u16();
    let media_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    let short = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.filter(|value| (1..=NONCE_BYTES).contains(&value.len())).map(str::to_owned)
    };
    let (dpop_nonce, attestation_challenge) = (short(DPOP_NONCE), short(ATTESTATION_CHALLENGE));
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(Reply { status, media_type, body, dpop_nonce, attestation_challenge }),
            Ok(Some(piece)) if piece.len() > limit - body.len() => return Err(too_large()),
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Err(_) => return Err(Fault::Interrupted { host: host.to_owned() }),
        }
    }
}

fn timed_out(host: &str, limit: Duration, sent: bool) -> Fault {
    Fault::TimedOut { host: host.to_owned(), seconds: limit.as_secs_f64().ceil() as u64, sent }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The last cause, which is the one that says something ("certificate expired"), without the address.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let text = causes(error).last().map(ToString::to_string).unwrap_or_default();
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON).collect()
}
