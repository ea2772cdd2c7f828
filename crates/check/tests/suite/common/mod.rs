//! The verifier's side of the small world that the holder's tests use, and the way between the two.

#[path = "../../../../share/tests/suite/common/mod.rs"]
#[allow(dead_code, reason = "the suite of sharing uses the rest")]
mod world;

use std::sync::Arc;

use leerpas_check::{AnswerError, Answered, Ask, JudgeContext, Judgement, Judging, Pending, VerifierIdentity};
use leerpas_core::{Exchange, Machine, Step, Url};
use leerpas_credential::{
    jose::Jws,
    keys::{HolderKey, IssuerKey},
    report::{CheckName, CheckResult},
    verify::Resources,
};
use leerpas_openid::{dcql::DcqlQuery, vp::ResponseMode};
use leerpas_share::{Answer, Choice};
use serde_json::{Value, json};
pub use world::{NONCE, NOW, RESPONSE_URI, World, badge_query, card, form, held_key, object, sd_jwt_query, sent};

pub const FORM: &str = "application/x-www-form-urlencoded";

/// A desk that asked, and a learner with a key.
pub struct Desk {
    pub world: World,
    pub key: HolderKey,
    pub pending: Pending,
}

impl Desk {
    pub fn asking(query: Value, mode: ResponseMode) -> Self {
        let world = World::new();
        let key = HolderKey::make(&world.entropy);
        let pending = ask(&world, query, mode);
        Self { world, key, pending }
    }

    /// Asks once more, in the same world.
    pub fn ask_anew(&mut self, query: Value, mode: ResponseMode) {
        self.pending = ask(&self.world, query, mode);
    }

    /// Asks in clear for title and study load of a microcredential.
    pub fn in_clear() -> Self {
        Self::asking(sd_jwt_query(json!([{"path": ["title"]}, {"path": ["ects"]}])), ResponseMode::DirectPost)
    }

    /// The claims of the request object, as anybody who fetches it reads them.
    pub fn request(&mut self) -> Value {
        let jwt = self.pending.request_object(None, self.world.time()).unwrap();
        Value::Object(Jws::parse(&jwt).unwrap().claims().unwrap())
    }

    /// The whole way of an honest wallet: link, request, plan, approval, answer.
    pub fn wallet(&mut self, original: &[u8], choice: &Choice) -> Exchange {
        let link = Url::parse(&self.pending.link()).unwrap();
        let parameters: Vec<_> = link.query_pairs().into_owned().collect();
        let (fetch, sharing) = sent(self.world.begin(&parameters).unwrap());
        assert_eq!(fetch.url, *self.pending.request_uri());
        let jwt = self.pending.request_object(None, self.world.time()).unwrap();
        let step = sharing.reply(Ok(object(&jwt)), self.world.env()).unwrap();
        let (plan, sharing) = self.world.cards(step, vec![card("a", original)]).unwrap();
        let approval = plan.approve(&plan.fingerprint, choice).unwrap();
        let key = HolderKey::from_secret(&self.key.secret()).unwrap();
        let keys = vec![held_key("a", key, original)];
        let (exchange, _) = sent(sharing.answer(Answer::Share { approval, keys }, self.world.env()).unwrap());
        assert_eq!(exchange.url, *self.pending.response_uri());
        exchange
    }

    pub fn accept(&mut self, body: &str) -> Result<Answered, AnswerError> {
        self.pending.accept(FORM, body.as_bytes(), self.world.time())
    }

    /// Posts presentations of query `mc` in clear and judges them.
    pub fn judge_in_clear(&mut self, request: &Value, presentation: &str) -> Judgement {
        let token = json!({"mc": [presentation]}).to_string();
        let body = encode(&[("vp_token", token.as_str()), ("state", request["state"].as_str().unwrap())]);
        self.judge(&body)
    }

    pub fn judge(&mut self, body: &str) -> Judgement {
        match self.accept(body).unwrap() {
            Answered::Presented(presented) => {
                match Judging::start(*presented, context(&self.world), self.world.env()).unwrap() {
                    Step::Done(judgement) => judgement,
                    other => panic!("nothing has to be fetched here: {other:?}"),
                }
            }
            Answered::Declined { error } => panic!("declined with {error}"),
        }
    }
}

pub fn context(world: &World) -> JudgeContext {
    JudgeContext { trust: Arc::clone(&world.trust), resources: Resources::default(), network: false }
}

pub fn identity(world: &World) -> Arc<VerifierIdentity> {
    let signer = IssuerKey::from_pem(world.desk.to_pem().unwrap().expose()).unwrap();
    Arc::new(VerifierIdentity::new(signer, world.desk_x5c.clone(), "Werkplaats").unwrap())
}

pub fn ask(world: &World, query: Value, response_mode: ResponseMode) -> Pending {
    let query = DcqlQuery::parse(&query).unwrap();
    let ask = Ask { query, purpose: Some("Sollicitatie".to_owned()), retention: None, response_mode };
    ask.open(identity(world), &Url::parse("https://desk.example/wallet/").unwrap(), world.env()).unwrap()
}

/// A form as it goes over the wire.
pub fn encode<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let mut url = Url::parse("https://desk.example/").unwrap();
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap().to_owned()
}

pub fn body(exchange: &Exchange) -> String {
    encode(&form(exchange))
}

/// The names of the checks that failed.
pub fn failed(judgement: &Judgement) -> Vec<CheckName> {
    let checks = judgement.presentations.iter().flat_map(|judged| &judged.report.checks);
    checks.filter(|check| check.result == CheckResult::Fail).map(|check| check.name).collect()
}
