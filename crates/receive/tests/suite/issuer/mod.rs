//! A tiny issuer without sockets, and a person who answers: enough to play a whole journey in memory.

use std::sync::Arc;

use leerpas_core::{
    Body, CountingEntropy, Entropy, Env, Exchange, Fault, Language, Machine, Purpose, Reply, Secret, Step, Timestamp,
    Url,
};
use leerpas_credential::{
    data_integrity::{self, ProofOptions},
    jose::{Jws, sign_compact},
    keys::{HolderKey, IssuerKey, PublicKey},
    sd_jwt::{self, Issuance, PathElement},
    trust::TrustList,
    verify::Resources,
};
use leerpas_openid::{
    oauth::challenge_of,
    vci::{
        self, CredentialRequest, CredentialResponse, ErrorCode, ErrorResponse, IssuedCredential, Target, TokenRequest,
    },
};
use leerpas_receive::{
    Answer, Entitlement, Errand, HeldGrant, OfferSource, Question, ReceiveContext, ReceiveError, Received, Receiving,
    ReturnAnswer, ReturnQuestion, Returned, Returning,
};
use serde_json::{Map, Value, json};

pub const ISSUER: &str = "https://issuer.example/tenant";
pub const DID: &str = "did:web:issuer.example";
pub const VCT: &str = "urn:example:microcredential";
pub const TX_CODE: &str = "493536";
pub const CODE: &str = "canary-code-SplxlOBeZQQ";
pub const REDIRECT_URI: &str = "http://127.0.0.1:4711/";
pub const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:bwc4JK";
pub const REFRESH: &str = "canary-refresh-";
pub const TRANSACTION: &str = "canary-transaction-8xLOxBtZp8";
pub const TOKEN: &str = "canary-token-czZCaGRSa3F0";

pub fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

type Shuffle = Box<dyn Fn(&mut Vec<IssuedCredential>)>;
type Twist = Box<dyn FnMut(&Exchange) -> Option<Result<Reply, Fault>>>;

/// The issuer: right in everything but what a test twists.
pub struct Issuer {
    pub key: IssuerKey,
    pub badge_key: IssuerKey,
    /// Signs instead of the right key.
    pub forger: Option<IssuerKey>,
    /// Credentials are bound to this key instead of the one that was proved.
    pub other_holder: Option<PublicKey>,
    /// All copies of a batch are bound to the first key that was proved.
    pub one_key: bool,
    /// Changes the claims or the badge before signing.
    pub change: Box<dyn Fn(&mut Value)>,
    /// Changes the metadata.
    pub metadata: Value,
    pub server: Value,
    pub offer: Value,
    /// Answers in place of the issuer, where it wants to.
    pub twist: Twist,
    /// Changes the list of credentials before it is sent.
    pub shuffle: Shuffle,
    pub log: Vec<Exchange>,
    /// Binds its tokens to a key, and wants a nonce of its own in each proof of that.
    pub binds_tokens: bool,
    /// Hands credentials out later: after how many seconds to ask, and how often that is too early.
    pub later: Option<(u64, usize)>,
    /// Gives refresh tokens, each good once.
    pub renews: bool,
    /// What was promised and not handed out yet.
    pub promised: Option<Reply>,
    renewals: usize,
    /// Changes what the browser brings back.
    pub comes_back: Box<dyn Fn(String) -> String>,
    /// The parameters of the sign-in, once there was one.
    pub signed_in: Option<Vec<(String, String)>>,
    pushed: Option<Vec<(String, String)>>,
    nonces: usize,
    entropy: CountingEntropy,
}

pub fn reply(status: u16, value: &Value) -> Result<Reply, Fault> {
    let body = value.to_string().into_bytes();
    Ok(Reply::new(status, Some("application/json"), body))
}

pub fn refusal(code: ErrorCode) -> Result<Reply, Fault> {
    reply(400, &serde_json::to_value(ErrorResponse::new(code)).unwrap())
}

pub fn page() -> Result<Reply, Fault> {
    let body = b"<!doctype html><title>Sign in</title>".to_vec();
    Ok(Reply::new(200, Some("text/html"), body))
}

/// A configuration in the shape of a Dutch microcredential.
fn configuration(format: &str, kind: Value, name: &str) -> Value {
    let mut value = json!({
        "format": format,
        "cryptographic_binding_methods_supported": ["jwk", "did:jwk"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
        "credential_metadata": {
            "display": [{"name": name, "locale": "en"}, {"name": format!("{name} (nl)"), "locale": "nl"}],
            "claims": [
                {"path": ["achievement", "ects"], "display": [{"name": "Studielast", "locale": "nl"}]},
                {"path": ["outcomes", null], "display": [{"name": "Leeruitkomst", "locale": "nl"}, {"name": "Outcome"}]}
            ]
        }
    });
    value.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
    value
}

pub fn offer_of(ids: &[&str], tx_code: Option<Value>) -> Value {
    let mut grant = json!({"pre-authorized_code": CODE});
    if let Some(tx_code) = tx_code {
        grant["tx_code"] = tx_code;
    }
    json!({"credential_issuer": ISSUER, "credential_configuration_ids": ids, "grants": {vci::PRE_AUTHORIZED_CODE: grant}})
}

impl Issuer {
    pub fn new() -> Self {
        let entropy = CountingEntropy::default();
        let mut skip = [0_u8; 4096];
        entropy.fill(&mut skip);
        let w3c = || json!({"credential_definition": {"type": ["VerifiableCredential"]}});
        let badge = json!({"credential_definition": {"type": ["VerifiableCredential", "OpenBadgeCredential"]}});
        Self {
            key: IssuerKey::make_p256(&entropy),
            badge_key: IssuerKey::make_ed25519(&entropy),
            forger: None,
            other_holder: None,
            one_key: false,
            change: Box::new(|_| {}),
            metadata: json!({
                "credential_issuer": ISSUER,
                "credential_endpoint": "https://issuer.example/credential",
                "nonce_endpoint": "https://issuer.example/nonce",
                "notification_endpoint": "https://issuer.example/notification",
                "deferred_credential_endpoint": "https://issuer.example/deferred",
                "batch_credential_issuance": {"batch_size": 3},
                "display": [{"name": "Hogeschool Voorbeeld", "locale": "nl"}],
                "credential_configurations_supported": {
                    "mc": configuration("dc+sd-jwt", json!({"vct": VCT}), "Microcredential"),
                    "badge": configuration("ldp_vc", badge, "Badge"),
                    "vc+jwt": configuration("vc+jwt", w3c(), "Diploma"),
                    "vc+sd-jwt": configuration("vc+sd-jwt", w3c(), "Diploma"),
                    "jwt_vc_json": configuration("jwt_vc_json", w3c(), "Diploma"),
                    "mdoc": configuration("mso_mdoc", json!({"doctype": "org.iso.18013.5.1.mDL"}), "Driving licence")
                }
            }),
            server: json!({"issuer": ISSUER, "token_endpoint": "https://issuer.example/token"}),
            offer: offer_of(&["mc"], Some(json!({"length": 6, "description": "See the letter"}))),
            twist: Box::new(|_| None),
            shuffle: Box::new(|_| {}),
            log: Vec::new(),
            binds_tokens: false,
            later: None,
            renews: false,
            promised: None,
            renewals: 0,
            comes_back: Box::new(|query| query),
            signed_in: None,
            pushed: None,
            nonces: 0,
            entropy,
        }
    }

    /// Answers one request as an issuer does that takes every rule seriously.
    pub fn answer(&mut self, exchange: &Exchange) -> Result<Reply, Fault> {
        self.log.push(exchange.clone());
        if let Some(answer) = (self.twist)(exchange) {
            return answer;
        }
        match exchange.url.path() {
            "/offer" => reply(200, &self.offer),
            "/.well-known/openid-credential-issuer/tenant" => reply(200, &self.metadata),
            "/.well-known/oauth-authorization-server/tenant" => reply(200, &self.server),
            "/.well-known/did.json" => reply(200, &self.did_document()),
            "/par" => {
                let Body::Form(form) = &exchange.body else { panic!("the request is a form") };
                self.pushed = Some(form.clone());
                reply(201, &json!({"request_uri": REQUEST_URI, "expires_in": 60}))
            }
            "/token" => self.possession(exchange, None).unwrap_or_else(|| self.token(exchange)),
            "/notification" => Ok(Reply::new(204, None, Vec::new())),
            "/nonce" => {
                assert!(exchange.bearer.is_none(), "the nonce endpoint needs no token");
                self.nonces += 1;
                reply(200, &json!({"c_nonce": format!("nonce-{}", self.nonces)}))
            }
            "/credential" => self.possession(exchange, Some(TOKEN)).unwrap_or_else(|| {
                let answer = self.credential(exchange);
                match (self.later, answer) {
                    (Some(_), Ok(answer)) if answer.is_success() => {
                        self.promised = Some(answer);
                        self.not_yet()
                    }
                    (_, answer) => answer,
                }
            }),
            "/deferred" => self.possession(exchange, Some(TOKEN)).unwrap_or_else(|| self.deferred(exchange)),
            other => panic!("nobody should ask for {other}"),
        }
    }

    fn not_yet(&self) -> Result<Reply, Fault> {
        reply(202, &json!({"transaction_id": TRANSACTION, "interval": self.later.map_or(0, |(interval, _)| interval)}))
    }

    fn deferred(&mut self, exchange: &Exchange) -> Result<Reply, Fault> {
        assert_eq!(exchange.bearer.as_deref(), Some(TOKEN));
        assert_eq!(exchange.body, Body::Json(json!({"transaction_id": TRANSACTION})));
        match (&mut self.later, &self.promised) {
            (_, None) => refusal(ErrorCode::InvalidTransactionId),
            (Some((_, times)), Some(_)) if *times > 0 => {
                *times -= 1;
                self.not_yet()
            }
            _ => Ok(self.promised.take().unwrap()),
        }
    }

    fn token(&mut self, exchange: &Exchange) -> Result<Reply, Fault> {
        let Body::Form(form) = &exchange.body else { panic!("the token request is a form") };
        let good = match TokenRequest::parse(form).unwrap() {
            TokenRequest::PreAuthorized { code, tx_code } => {
                assert!(!form.iter().any(|(name, _)| name == "client_id"), "an anonymous client has no identifier");
                let asks = self.offer["grants"][vci::PRE_AUTHORIZED_CODE].get("tx_code").is_some();
                let typed = tx_code.as_ref().map(|code| code.expose().as_str());
                code.expose() == CODE && typed == asks.then_some(TX_CODE)
            }
            TokenRequest::AuthorizationCode { code, redirect_uri, verifier, client_id } => {
                let asked = self.signed_in.as_ref().unwrap();
                let told = |name: &str| asked.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
                code.expose() == CODE
                    && told("redirect_uri") == Some(redirect_uri.as_str())
                    && told("client_id") == Some(client_id.as_str())
                    && told("code_challenge") == Some(challenge_of(verifier.expose()).as_str())
            }
            TokenRequest::Refresh { token, client_id } => {
                assert_eq!(client_id.is_some(), self.signed_in.is_some(), "a client with a name says it");
                self.renews && *token.expose() == format!("{REFRESH}{}", self.renewals)
            }
        };
        if !good {
            return refusal(ErrorCode::InvalidGrant);
        }
        let token_type = if self.binds_tokens { "DPoP" } else { "Bearer" };
        let mut answer = json!({"access_token": TOKEN, "token_type": token_type, "expires_in": 300});
        if self.renews {
            self.renewals += 1;
            answer["refresh_token"] = json!(format!("{REFRESH}{}", self.renewals));
        }
        reply(200, &answer)
    }

    /// The sign-in page, and the person who signs in: what the browser brings back.
    pub fn sign_in(&mut self, url: &Url) -> String {
        let mut asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        if let Some((_, reference)) = asked.iter().find(|(name, _)| name == "request_uri") {
            assert_eq!((reference.as_str(), asked.len()), (REQUEST_URI, 2), "nothing but the reference");
            asked = self.pushed.take().unwrap();
        }
        let state = asked.iter().find(|(name, _)| name == "state").unwrap().1.clone();
        self.signed_in = Some(asked);
        let mut back = Url::parse(REDIRECT_URI).unwrap();
        back.query_pairs_mut().append_pair("code", CODE).append_pair("state", &state).append_pair("iss", ISSUER);
        (self.comes_back)(back.query().unwrap().to_owned())
    }

    /// Checks a proof of possession, where tokens are bound; the refusal if it does not hold.
    fn possession(&self, exchange: &Exchange, token: Option<&str>) -> Option<Result<Reply, Fault>> {
        if !self.binds_tokens {
            assert!(exchange.dpop.is_none(), "no proof where none is asked for");
            return None;
        }
        let proof = Jws::parse(exchange.dpop.as_deref().unwrap()).unwrap();
        proof.verify(&PublicKey::from_jwk(&proof.header["jwk"]).unwrap()).unwrap();
        let claims = proof.claims().unwrap();
        assert_eq!(claims["htu"], exchange.url.as_str());
        assert_eq!(claims.contains_key("ath"), token.is_some());
        let wanted = format!("dpop-{}", exchange.url.path());
        (claims.get("nonce").and_then(Value::as_str) != Some(wanted.as_str())).then(|| {
            let status = if token.is_some() { 401 } else { 400 };
            let refused = reply(status, &json!({"error": "use_dpop_nonce"}));
            refused.map(|reply| Reply { dpop_nonce: Some(wanted), ..reply })
        })
    }

    fn credential(&self, exchange: &Exchange) -> Result<Reply, Fault> {
        assert_eq!(exchange.bearer.as_deref(), Some(TOKEN));
        let Body::Json(body) = &exchange.body else { panic!("the credential request is JSON") };
        let request = CredentialRequest::parse(body.to_string().as_bytes()).unwrap();
        let (Target::Configuration(id) | Target::Identifier(id)) = &request.target;
        let mut credentials = Vec::new();
        let mut first = None;
        for proof in &request.jwt_proofs {
            let Some(key) = self.check_proof(proof) else { return refusal(ErrorCode::InvalidNonce) };
            let key = self.other_holder.clone().unwrap_or(key);
            let first = first.get_or_insert_with(|| key.clone());
            let key = if self.one_key { first.clone() } else { key };
            credentials.push(match id.as_str() {
                "vc+jwt" | "vc+sd-jwt" | "jwt_vc_json" => self.diploma(id, &key),
                id if id.starts_with("badge") => self.badge(&key),
                _ => self.microcredential(&key),
            });
        }
        (self.shuffle)(&mut credentials);
        let response = CredentialResponse { credentials, notification_id: Some(format!("n-{id}")) };
        reply(200, &response.to_json())
    }

    /// OpenID4VCI 1.0, F.4: type, key, audience, nonce and signature; gives the key.
    fn check_proof(&self, proof: &str) -> Option<PublicKey> {
        let proof = Jws::parse(proof).unwrap();
        assert_eq!(proof.header["typ"], vci::PROOF_TYPE);
        let jwk = match (proof.header.get("jwk"), proof.header.get("kid")) {
            (Some(jwk), None) => jwk.clone(),
            (None, Some(kid)) => did_jwk(kid.as_str().unwrap()),
            _ => panic!("exactly one of jwk and kid"),
        };
        let key = PublicKey::from_jwk(&jwk).unwrap();
        proof.verify(&key).unwrap();
        let claims = proof.claims().unwrap();
        assert_eq!(claims["aud"], ISSUER);
        let named = self.signed_in.iter().flatten().find(|(name, _)| name == "client_id");
        let client_id = named.map(|(_, value)| json!(value));
        assert_eq!(claims.get("iss"), client_id.as_ref(), "the name of the client, if it has one (F.1)");
        let expected = self.metadata.get("nonce_endpoint").map(|_| json!(format!("nonce-{}", self.nonces)));
        (claims.get("nonce") == expected.as_ref()).then_some(key)
    }

    /// The key that a proof shows.
    pub fn holder_of(&self, proof: &str) -> PublicKey {
        let proof = Jws::parse(proof).unwrap();
        let jwk = match proof.header.get("jwk") {
            Some(jwk) => jwk.clone(),
            None => did_jwk(proof.header["kid"].as_str().unwrap()),
        };
        let key = PublicKey::from_jwk(&jwk).unwrap();
        proof.verify(&key).unwrap();
        key
    }

    pub fn microcredential(&self, holder: &PublicKey) -> IssuedCredential {
        let mut claims = json!({
            "iss": DID, "vct": VCT, "iat": now().as_second() - 60, "exp": now().as_second() + 86_400 * 365,
            "cnf": {"jwk": holder.to_jwk()}, "given_name": "Noor", "family_name": "Voorbeeld",
            "achievement": {"name": "Water management", "ects": 4.5}
        });
        (self.change)(&mut claims);
        let header = json!({"typ": "dc+sd-jwt", "kid": format!("{DID}#key-1")});
        let disclosable = [vec![PathElement::Name("given_name".into())], vec![PathElement::Name("family_name".into())]];
        let issuance = Issuance { header, claims, disclosable: &disclosable, decoys: 1 };
        let signer = self.forger.as_ref().unwrap_or(&self.key);
        IssuedCredential::Text(sd_jwt::issue(issuance, signer, &self.entropy).unwrap())
    }

    pub fn badge(&self, holder: &PublicKey) -> IssuedCredential {
        let subject = did_of(holder);
        let mut badge = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": {"id": DID, "type": ["Profile"], "name": "Hogeschool Voorbeeld"},
            "validFrom": "2026-02-01T00:00:00Z", "validUntil": "2031-02-01T00:00:00Z", "name": "Water management",
            "credentialSubject": {"id": subject, "type": ["AchievementSubject"], "achievement": {
                "id": "https://issuer.example/achievements/1", "type": ["Achievement"], "name": "Water management",
                "description": "About water", "criteria": {"narrative": "Passed"}}}
        });
        (self.change)(&mut badge);
        let options = ProofOptions {
            verification_method: format!("{DID}#badge"),
            purpose: "assertionMethod".to_owned(),
            created: now(),
            challenge: None,
            domain: None,
        };
        let signed = data_integrity::sign(badge, &options, &self.badge_key).unwrap();
        IssuedCredential::Object(signed.as_object().unwrap().clone())
    }

    /// A W3C credential as a token, bound by its subject.
    pub fn diploma(&self, format: &str, holder: &PublicKey) -> IssuedCredential {
        let mut diploma = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
            "issuer": DID, "validFrom": "2026-02-01T00:00:00Z", "name": "Diploma",
            "credentialSubject": {"id": did_of(holder), "title": "Water management"}});
        (self.change)(&mut diploma);
        let kid = format!("{DID}#key-1");
        let signed = |typ: &str, claims: &Value| {
            let header = json!({"typ": typ, "kid": kid});
            sign_compact(&header, claims.to_string().as_bytes(), &self.key).unwrap()
        };
        IssuedCredential::Text(match format {
            "vc+sd-jwt" => {
                let header = json!({"typ": "vc+sd-jwt", "kid": kid});
                let disclosable = [vec![PathElement::Name("credentialSubject".into()), "title".into()]];
                let issuance = Issuance { header, claims: diploma, disclosable: &disclosable, decoys: 1 };
                sd_jwt::issue(issuance, &self.key, &self.entropy).unwrap()
            }
            "vc+jwt" => signed("vc+jwt", &diploma),
            _ => {
                diploma["@context"] = json!(["https://www.w3.org/2018/credentials/v1"]);
                members(&mut diploma).remove("validFrom");
                members(&mut diploma).remove("issuer");
                signed("JWT", &json!({"iss": DID, "nbf": now().as_second() - 60, "vc": diploma}))
            }
        })
    }

    fn did_document(&self) -> Value {
        let method = |id: &str, key: &IssuerKey| json!({"id": format!("{DID}#{id}"), "type": "JsonWebKey", "controller": DID, "publicKeyJwk": key.public().to_jwk()});
        json!({
            "@context": ["https://www.w3.org/ns/did/v1"], "id": DID,
            "verificationMethod": [method("key-1", &self.key), method("badge", &self.badge_key)],
            "assertionMethod": [format!("{DID}#key-1"), format!("{DID}#badge")]
        })
    }

    /// The paths of all requests so far.
    pub fn paths(&self) -> Vec<&str> {
        self.log.iter().map(|exchange| exchange.url.path()).collect()
    }

    /// How many requests there were of one purpose.
    pub fn count(&self, purpose: Purpose) -> usize {
        self.log.iter().filter(|exchange| exchange.purpose == purpose).count()
    }
}

fn did_of(key: &PublicKey) -> String {
    key.did_jwk()
}

fn did_jwk(kid: &str) -> Value {
    let encoded = kid.strip_prefix("did:jwk:").unwrap().strip_suffix("#0").unwrap();
    serde_json::from_slice(&leerpas_credential::jose::decode_base64url(encoded).unwrap()).unwrap()
}

/// A key that nobody else has.
pub fn stranger() -> HolderKey {
    let entropy = CountingEntropy::default();
    entropy.fill(&mut [0_u8; 9000]);
    HolderKey::make(&entropy)
}

/// A person who says yes to everything, with these codes one after another.
pub fn willing<'a>(codes: &'a [&'a str]) -> impl FnMut(&Question) -> Answer + 'a {
    let mut codes = codes.iter();
    move |question| match question {
        Question::Contact { .. } => Answer::Contact,
        Question::Take(preview) => {
            let code = preview.code.as_ref().and_then(|_| codes.next());
            match (code, preview.wrong_code) {
                (None, true) => Answer::Decline,
                (code, _) => Answer::Take { code: code.map(|code| Secret::new((*code).to_owned())) },
            }
        }
        Question::Keep(_) => Answer::Keep,
        Question::Choose(choosing) => Answer::Choose(vec![choosing.options[0].id.clone()]),
        Question::Redirect | Question::SignIn { .. } => panic!("for the engine and the browser"),
    }
}

/// Plays a journey to its end.
pub fn play(
    issuer: &mut Issuer,
    source: OfferSource,
    copies: u32,
    mut person: impl FnMut(&Question) -> Answer,
) -> Result<Received, ReceiveError> {
    let context = ReceiveContext {
        trust: Arc::new(TrustList::empty()),
        language: Language::Nl,
        resources: Resources::default(),
        copies,
        attestations: Vec::new(),
    };
    play_with(issuer, source, context, &mut person)
}

pub fn play_with(
    issuer: &mut Issuer,
    source: OfferSource,
    context: ReceiveContext,
    person: &mut dyn FnMut(&Question) -> Answer,
) -> Result<Received, ReceiveError> {
    let entropy = CountingEntropy::default();
    let env = Env { now: now(), entropy: &entropy };
    let mut step = Receiving::start(source, context, env)?;
    for _ in 0..60 {
        step = match step {
            Step::Send(exchange, machine) => {
                let answer = issuer.answer(&exchange);
                machine.reply(answer, env)?
            }
            Step::Ask(Question::Redirect, machine) => {
                machine.answer(Answer::Redirect(Url::parse(REDIRECT_URI).unwrap()), env)?
            }
            Step::Ask(Question::SignIn { url, host }, machine) => {
                assert_eq!(host, url.host_str().unwrap());
                machine.answer(Answer::SignedIn(Secret::new(issuer.sign_in(&url))), env)?
            }
            Step::Ask(question, machine) => {
                let answer = person(&question);
                machine.answer(answer, env)?
            }
            Step::Done(received) => return Ok(received),
        };
    }
    panic!("the machine does not come to an end")
}

/// Comes back with what was held; gives what the engine was told to write down on the way, and how it ended.
pub fn come_back(
    issuer: &mut Issuer,
    held: (HeldGrant, Entitlement),
    errand: Errand,
    (renew, now): (bool, Timestamp),
) -> (Vec<HeldGrant>, Result<Returned, ReceiveError>) {
    let mut written = Vec::new();
    let outcome = follow_back(issuer, held, errand, (renew, now), &mut written);
    (written, outcome)
}

/// Comes back until something has arrived; gives what the engine is told to write down, as if the program ended then.
pub fn until_arrived(issuer: &mut Issuer, held: (HeldGrant, Entitlement)) -> Entitlement {
    let entropy = CountingEntropy::default();
    let env = Env { now: now(), entropy: &entropy };
    let (trust, resources) = (Arc::new(TrustList::empty()), Resources::default());
    let context = ReceiveContext { trust, language: Language::Nl, resources, copies: 2, attestations: Vec::new() };
    let mut step = Returning::start(held, Errand::Waiting, false, context, env).unwrap();
    loop {
        step = match step {
            Step::Send(exchange, machine) => machine.reply(issuer.answer(&exchange), env).unwrap(),
            Step::Ask(ReturnQuestion::Arrived(arrived), _) => return *arrived,
            _ => panic!("it arrives before anything is asked"),
        };
    }
}

fn follow_back(
    issuer: &mut Issuer,
    held: (HeldGrant, Entitlement),
    errand: Errand,
    (renew, now): (bool, Timestamp),
    written: &mut Vec<HeldGrant>,
) -> Result<Returned, ReceiveError> {
    let entropy = CountingEntropy::default();
    entropy.fill(&mut [0_u8; 20_000]);
    let env = Env { now, entropy: &entropy };
    let context = ReceiveContext {
        trust: Arc::new(TrustList::empty()),
        language: Language::Nl,
        resources: Resources::default(),
        copies: 2,
        attestations: Vec::new(),
    };
    let mut step = Returning::start(held, errand, renew, context, env)?;
    for _ in 0..60 {
        step = match step {
            Step::Send(exchange, machine) => machine.reply(issuer.answer(&exchange), env)?,
            Step::Ask(ReturnQuestion::Hold(grant), machine) => {
                written.push(*grant);
                machine.answer(ReturnAnswer::Held, env)?
            }
            Step::Ask(ReturnQuestion::Arrived(_), machine) => machine.answer(ReturnAnswer::Held, env)?,
            Step::Ask(ReturnQuestion::Keep(_), machine) => machine.answer(ReturnAnswer::Keep, env)?,
            Step::Done(returned) => return Ok(returned),
        };
    }
    panic!("the machine does not come to an end")
}

/// The usual journey: the issuer's offer by value, one copy, the right code.
pub fn receive(issuer: &mut Issuer) -> Result<Received, ReceiveError> {
    let source = OfferSource::Value(issuer.offer.clone());
    play(issuer, source, 1, willing(&[TX_CODE]))
}

pub fn by_reference() -> OfferSource {
    OfferSource::Reference(Url::parse("https://issuer.example/offer").unwrap())
}

/// An offer that has to be signed in for, and a server that takes that.
pub fn with_sign_in(issuer: &mut Issuer, ids: &[&str]) {
    issuer.offer = json!({"credential_issuer": ISSUER, "credential_configuration_ids": ids,
        "grants": {"authorization_code": {"issuer_state": "eyJhbGciOiJ"}}});
    issuer.server = json!({"issuer": ISSUER, "token_endpoint": "https://issuer.example/token",
        "authorization_endpoint": "https://login.example/authorize",
        "pushed_authorization_request_endpoint": "https://issuer.example/par",
        "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": ["none"]});
}

/// Answers requests to one path in place of the issuer.
pub fn at(path: &'static str, mut answer: impl FnMut() -> Result<Reply, Fault> + 'static) -> Twist {
    Box::new(move |exchange| (exchange.url.path() == path).then(&mut answer))
}

pub fn members(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().unwrap()
}
