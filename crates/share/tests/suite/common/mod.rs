//! A small world for tests: an authority, an issuer, a desk, a learner with cards. Everybody is invented.
#![allow(missing_docs, reason = "for tests only")]

use std::sync::Arc;

use leerpas_core::{
    CardId, CardStatus, CountingEntropy, Env, Exchange, Format, Language, Machine, Reply, Step, Timestamp,
};
use leerpas_credential::{
    data_integrity::{
        self, ProofOptions,
        sd::{Pointer, sign_base},
    },
    jose,
    keys::{HolderKey, IssuerKey, Signer},
    read,
    sd_jwt::{ClaimPath, Issuance, PathElement, issue},
    trust::{Institution, TrustList},
    x509::{Chain, TrialAuthority},
};
use leerpas_share::{Answer, HeldCard, HeldKey, Plan, Question, ShareContext, ShareError, Shared, Sharing};
use serde_json::{Value, json};

pub const NOW: i64 = 1_795_000_000;
pub const VCT: &str = "urn:example:microcredential";
pub const ISSUER: &str = "https://delta.example";
pub const REQUEST_URI: &str = "https://desk.example/request/1";
pub const RESPONSE_URI: &str = "https://desk.example/response/1";
pub const NONCE: &str = "n-0S6_WzA2Mj-fresh";

pub struct World {
    pub authority: TrialAuthority,
    pub issuer: IssuerKey,
    pub issuer_x5c: Vec<String>,
    pub badge_issuer: IssuerKey,
    pub desk: IssuerKey,
    pub desk_x5c: Vec<String>,
    pub trust: Arc<TrustList>,
    pub entropy: CountingEntropy,
    pub now: i64,
    _dir: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        Self::with_chance(CountingEntropy::default())
    }

    /// The same names, other keys.
    pub fn of_strangers() -> Self {
        let entropy = CountingEntropy::default();
        leerpas_core::Entropy::fill(&entropy, &mut [0; 256]);
        Self::with_chance(entropy)
    }

    fn with_chance(entropy: CountingEntropy) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env = Env { now: Timestamp::from_second(NOW).unwrap(), entropy: &entropy };
        let authority = TrialAuthority::ensure(dir.path(), env).unwrap();
        let (issuer, issuer_x5c) =
            authority.issue_signer("Hogeschool Delta", "Hogeschool Delta", &["delta.example"], &[ISSUER], env).unwrap();
        let (desk, desk_x5c) =
            authority.issue_signer("desk.example", "Werkplaats BV", &["desk.example"], &[], env).unwrap();
        let badge_issuer = IssuerKey::make_ed25519(&entropy);
        let mut trust = TrustList::empty();
        trust
            .add(Institution {
                name: [("nl".to_owned(), "Hogeschool Delta".to_owned())].into(),
                identifiers: [&issuer, &badge_issuer]
                    .iter()
                    .filter_map(|key| key.public().did_key())
                    .chain([ISSUER.to_owned()])
                    .collect(),
                brin: None,
                domains: vec!["delta.example".to_owned()],
                roots_pem: vec![authority.certificate_pem().to_owned()],
                keys: Vec::new(),
                logo: None,
                scopes: Default::default(),
                own: false,
                until: None,
            })
            .unwrap();
        let trust = Arc::new(trust);
        Self { authority, issuer, issuer_x5c, badge_issuer, desk, desk_x5c, trust, entropy, now: NOW, _dir: dir }
    }

    pub fn env(&self) -> Env<'_> {
        Env { now: self.time(), entropy: &self.entropy }
    }

    pub fn time(&self) -> Timestamp {
        Timestamp::from_second(self.now).unwrap()
    }

    pub fn context(&self) -> ShareContext {
        ShareContext { trust: Arc::clone(&self.trust), language: Language::Nl }
    }

    pub fn client_id(&self) -> String {
        format!("x509_hash:{}", Chain::from_x5c(&json!(self.desk_x5c)).unwrap().leaf_sha256_base64url())
    }

    /// A microcredential as SD-JWT VC, bound to this key.
    pub fn sd_jwt(&self, key: &HolderKey, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut claims = json!({
            "iss": ISSUER, "vct": VCT, "iat": NOW - 1000, "exp": NOW + 1_000_000,
            "cnf": {"jwk": key.public().to_jwk()},
            "name": "Noor de Wit", "title": "Watermanagement", "ects": 5,
            "address": {"city": "Sneek", "country": "NL"},
            "outcomes": ["Meten", "Rekenen", "Schrijven"],
        });
        change(&mut claims);
        let path = |parts: &[&str]| parts.iter().map(|p| PathElement::from(*p)).collect::<ClaimPath>();
        let mut disclosable =
            vec![path(&["name"]), path(&["title"]), path(&["ects"]), path(&["address"]), path(&["address", "city"])];
        disclosable.extend((0..3).map(|i| vec!["outcomes".into(), PathElement::Index(i)]));
        let header = json!({"typ": "dc+sd-jwt", "x5c": self.issuer_x5c});
        let issuance = Issuance { header, claims, disclosable: &disclosable, decoys: 1 };
        issue(issuance, &self.issuer, &self.entropy).unwrap().into_bytes()
    }

    /// An Open Badge 3.0 with an `eddsa-rdfc-2022` proof, about this key.
    pub fn badge(&self, key: &HolderKey, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let did = self.badge_issuer.public().did_key().unwrap();
        let mut badge = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "id": "urn:uuid:6a1f2c2e-8f4b-4a3e-9b1d-0c5a4e1f7a10",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": {"id": did, "type": ["Profile"], "name": "Hogeschool Delta"},
            "validFrom": "2026-01-01T00:00:00Z",
            "name": "Watermanagement",
            "credentialSubject": {"id": key.did_jwk(), "type": ["AchievementSubject"], "achievement": {
                "id": "urn:uuid:0c5a4e1f-8f4b-4a3e-9b1d-6a1f2c2e7a10", "type": ["Achievement"],
                "name": "Watermanagement", "description": "Meten en rekenen aan water.",
                "criteria": {"narrative": "Toets gehaald."}}},
        });
        change(&mut badge);
        let multikey = did.trim_start_matches("did:key:").to_owned();
        let options = ProofOptions {
            verification_method: format!("{did}#{multikey}"),
            purpose: "assertionMethod".to_owned(),
            created: self.time(),
            challenge: None,
            domain: None,
        };
        data_integrity::sign(badge, &options, &self.badge_issuer).unwrap().to_string().into_bytes()
    }

    /// An Open Badge 3.0 with results and an `ecdsa-sd-2023` base proof of the issuer's P-256 key, about this key. The
    /// name of the achievement is mandatory.
    pub fn badge_in_parts(&self, key: &HolderKey, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let did = self.issuer.public().did_key().unwrap();
        let mut badge: Value = serde_json::from_slice(&self.badge(key, |_| {})).unwrap();
        badge.as_object_mut().unwrap().remove("proof");
        badge["issuer"]["id"] = json!(did);
        badge["credentialSubject"]["result"] = json!([
            {"type": ["Result"], "value": "8", "status": "Completed"}, {"type": ["Result"], "value": "6"}]);
        change(&mut badge);
        let options = ProofOptions {
            verification_method: format!("{did}#{}", did.trim_start_matches("did:key:")),
            purpose: "assertionMethod".to_owned(),
            created: self.time(),
            challenge: None,
            domain: None,
        };
        let mandatory = [Pointer::parse("/credentialSubject/achievement/name").unwrap()];
        sign_base(badge, &options, &mandatory, &self.issuer, &self.entropy).unwrap().to_string().into_bytes()
    }

    /// A request object of the desk, changed at will, and signed.
    pub fn request(&self, change: impl FnOnce(&mut Value)) -> String {
        let header = json!({"typ": "oauth-authz-req+jwt", "x5c": self.desk_x5c});
        self.signed(&header, &self.claims(change), &self.desk)
    }

    pub fn claims(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut claims = json!({
            "client_id": self.client_id(), "response_type": "vp_token", "response_mode": "direct_post",
            "response_uri": RESPONSE_URI, "nonce": NONCE, "state": "s-1", "aud": "https://self-issued.me/v2",
            "iat": NOW, "exp": NOW + 300, "leerpas_purpose": "Sollicitatie", "leerpas_retention": "30 dagen",
            "dcql_query": sd_jwt_query(json!([{"path": ["title"]}, {"path": ["ects"]}])),
        });
        change(&mut claims);
        claims
    }

    pub fn signed(&self, header: &Value, claims: &Value, signer: &dyn Signer) -> String {
        jose::sign_compact(header, claims.to_string().as_bytes(), signer).unwrap()
    }

    /// From link to plan, with this request object as the reply.
    pub fn plan(&self, jwt: &str, cards: Vec<HeldCard>) -> Result<(Plan, Sharing), ShareError> {
        let step = self.begin(&link(&self.client_id()))?;
        let Step::Send(_, sharing) = step else { panic!("a request object is fetched") };
        self.cards(sharing.reply(Ok(object(jwt)), self.env())?, cards)
    }

    pub fn begin(&self, parameters: &[(String, String)]) -> Result<Step<Sharing>, ShareError> {
        match Sharing::start(parameters, self.context(), self.env())? {
            Step::Ask(Question::Contact { .. }, sharing) => sharing.answer(Answer::Contact, self.env()),
            other => Ok(other),
        }
    }

    pub fn cards(&self, step: Step<Sharing>, cards: Vec<HeldCard>) -> Result<(Plan, Sharing), ShareError> {
        let step = match step {
            // The requester is told that it cannot be answered; then it ends as if nobody had been.
            Step::Send(_, sharing) if sharing.refusing().is_some() => {
                sharing.reply(Ok(reply(200, "application/json", "{}")), self.env())?
            }
            step => step,
        };
        let Step::Ask(Question::Cards, sharing) = step else { panic!("cards are asked for, not {step:?}") };
        match sharing.answer(Answer::Cards(cards), self.env())? {
            Step::Ask(Question::Share(plan), sharing) => Ok((*plan, sharing)),
            other => panic!("a plan, not {other:?}"),
        }
    }
}

pub fn sd_jwt_query(claims: Value) -> Value {
    json!({"credentials": [{"id": "mc", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "claims": claims}]})
}

pub fn badge_query(claims: Value) -> Value {
    json!({"credentials": [{"id": "badge", "format": "ldp_vc", "claims": claims, "meta": {"type_values":
        [["https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"]]}}]})
}

/// A card made of an original, as the vault would hand it in.
pub fn card(id: &str, original: &[u8]) -> HeldCard {
    let read = read::read(original).unwrap();
    HeldCard {
        id: id.parse::<CardId>().unwrap(),
        title: format!("Kaart {id}"),
        format: read.format(),
        types: read.types(),
        claims: Arc::new(read.claims().clone()),
        original: original.into(),
        status: CardStatus::Valid,
        holder_bound: !matches!(read.format(), Format::OpenBadge2 | Format::Elm),
        authorities: read.authority_key_identifiers(),
    }
}

pub fn held_key(id: &str, key: HolderKey, original: &[u8]) -> HeldKey {
    HeldKey { card: id.parse().unwrap(), key, original: original.to_vec() }
}

pub fn link(client_id: &str) -> Vec<(String, String)> {
    vec![("client_id".to_owned(), client_id.to_owned()), ("request_uri".to_owned(), REQUEST_URI.to_owned())]
}

pub fn object(jwt: &str) -> Reply {
    reply(200, "application/oauth-authz-req+jwt", jwt)
}

pub fn reply(status: u16, media_type: &str, body: &str) -> Reply {
    Reply::new(status, Some(media_type), body.as_bytes().to_vec())
}

/// The exchange of a step, and the machine behind it.
#[track_caller]
pub fn sent(step: Step<Sharing>) -> (Exchange, Sharing) {
    match step {
        Step::Send(exchange, sharing) => (*exchange, sharing),
        other => panic!("an exchange, not {other:?}"),
    }
}

#[track_caller]
pub fn done(step: Step<Sharing>) -> Shared {
    match step {
        Step::Done(shared) => shared,
        other => panic!("the end, not {other:?}"),
    }
}

pub fn form(exchange: &Exchange) -> Vec<(String, String)> {
    match &exchange.body {
        leerpas_core::Body::Form(form) => form.clone(),
        other => panic!("a form, not {other:?}"),
    }
}
