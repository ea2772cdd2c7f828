//! Requesters that a federation vouches for (OpenID4VP 1.0, 5.9.3; OpenID Federation 1.0).

use std::collections::BTreeMap;

use crate::common::{NOW, World, card, link, object, reply, sent};
use leerpas_core::{ErrorKind, Evidence, Machine, Step};
use leerpas_credential::{
    keys::{HolderKey, IssuerKey, Signer},
    trust::Institution,
};
use leerpas_share::{Plan, ShareError};
use serde_json::{Value, json};

const ENTITY: &str = "https://desk.example";
const MIDDLE: &str = "https://surf.example";
const ANCHOR: &str = "https://anchor.example";
const ID: &str = "openid_federation:https://desk.example";

/// A desk under an intermediate under an anchor.
struct Federation {
    world: World,
    keys: BTreeMap<&'static str, IssuerKey>,
    /// The key that signs requests.
    desk: IssuerKey,
    /// What each address has: who signs it, and the claims.
    pages: BTreeMap<String, (&'static str, Value)>,
}

impl Federation {
    fn new() -> Self {
        let mut world = World::new();
        let keys: BTreeMap<_, _> =
            [ENTITY, MIDDLE, ANCHOR].into_iter().map(|id| (id, IssuerKey::make_p256(&world.entropy))).collect();
        let desk = IssuerKey::make_p256(&world.entropy);
        let mut trust = (*world.trust).clone();
        trust
            .add(Institution {
                name: [("nl".to_owned(), "Anker".to_owned())].into(),
                identifiers: vec![ANCHOR.to_owned(), Signer::public(&keys[ANCHOR]).did_jwk()],
                brin: None,
                domains: Vec::new(),
                roots_pem: Vec::new(),
                keys: Vec::new(),
                logo: None,
                scopes: Default::default(),
                own: false,
                until: None,
            })
            .unwrap();
        world.trust = trust.into();
        let set = |key: &IssuerKey| json!({"keys": [Signer::public(key).to_jwk()]});
        let statement = |issuer: &'static str, subject: &str, more: Value| {
            let mut claims = json!({"iss": issuer, "sub": subject, "iat": NOW - 10, "exp": NOW + 1000,
                "jwks": set(&keys[subject])});
            claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            (issuer, claims)
        };
        let own = |id: &str| format!("{id}/.well-known/openid-federation");
        let above = |id: &str, subject: &str| {
            let encoded = subject.replace(':', "%3A").replace('/', "%2F");
            format!("{id}/fetch?sub={encoded}")
        };
        let superior = |id: &str| json!({"federation_entity": {"federation_fetch_endpoint": format!("{id}/fetch")}});
        let verifier = json!({"openid_credential_verifier": {"jwks": set(&desk), "client_name": "Werkplaats",
            "vp_formats_supported": {"dc+sd-jwt": {}}}});
        let pages = BTreeMap::from([
            (own(ENTITY), statement(ENTITY, ENTITY, json!({"authority_hints": [MIDDLE], "metadata": verifier}))),
            (
                own(MIDDLE),
                statement(MIDDLE, MIDDLE, json!({"authority_hints": [ANCHOR], "metadata": superior(MIDDLE)})),
            ),
            (above(MIDDLE, ENTITY), statement(MIDDLE, ENTITY, json!({}))),
            (own(ANCHOR), statement(ANCHOR, ANCHOR, json!({"metadata": superior(ANCHOR)}))),
            (above(ANCHOR, MIDDLE), statement(ANCHOR, MIDDLE, json!({"constraints": {"max_path_length": 1}}))),
        ]);
        Self { world, keys, desk, pages }
    }

    fn plan(&self, change: impl FnOnce(&mut Value)) -> Result<Plan, ShareError> {
        let world = &self.world;
        let claims = world.claims(|claims| {
            claims["client_id"] = json!(ID);
            claims["client_metadata"] = json!({"client_name": "Not this", "vp_formats_supported": {}});
            change(claims);
        });
        let jwt = world.signed(&json!({"typ": "oauth-authz-req+jwt"}), &claims, &self.desk);
        let (_, sharing) = sent(world.begin(&link(ID))?);
        let mut step = sharing.reply(Ok(object(&jwt)), world.env())?;
        let mut exchanges = 0;
        while let Step::Send(exchange, sharing) = step {
            exchanges += 1;
            assert!(exchanges <= 12, "the way up has an end");
            let answer = match self.pages.get(exchange.url.as_str()) {
                Some((signer, claims)) => {
                    let header = json!({"typ": "entity-statement+jwt"});
                    let body = world.signed(&header, claims, &self.keys[signer]);
                    reply(200, "application/entity-statement+jwt", &body)
                }
                None => reply(404, "text/html", ""),
            };
            step = sharing.reply(Ok(answer), world.env())?;
        }
        let key = HolderKey::make(&world.entropy);
        world.cards(step, vec![card("a", &world.sd_jwt(&key, |_| {}))]).map(|(plan, _)| plan)
    }

    /// What becomes of a request when one statement is changed.
    fn changed(part: &str, change: impl FnOnce(&mut (&'static str, Value))) -> ErrorKind {
        let mut federation = Self::new();
        let page = federation.pages.iter_mut().find(|(url, _)| url.contains(part)).unwrap();
        change(page.1);
        federation.plan(|_| {}).unwrap_err().kind()
    }
}

#[test]
fn vp_5_9_3_openid_federation_is_proved_up_to_a_known_anchor() {
    let plan = Federation::new().plan(|_| {}).unwrap();
    assert_eq!((plan.requester.name.as_str(), plan.requester.evidence), ("desk.example", Evidence::Proved));
    assert!(plan.is_answerable(), "client_metadata of the request, which takes no format, is ignored");
}

#[test]
fn vp_5_9_3_what_the_federation_does_not_vouch_for_is_refused() {
    const FALSE: ErrorKind = ErrorKind::RequestNotGenuine;
    let desk = "desk.example/.well-known";
    assert_eq!(Federation::changed(desk, |page| page.1["sub"] = json!(MIDDLE)), FALSE);
    assert_eq!(Federation::changed(desk, |page| page.1["exp"] = json!(NOW - 100)), FALSE);
    assert_eq!(Federation::changed(desk, |page| page.1["metadata"] = json!({})), FALSE);
    assert_eq!(Federation::changed(desk, |page| page.1["authority_hints"] = json!([])), FALSE);
    assert_eq!(Federation::changed(desk, |page| page.1["authority_hints"] = json!([ENTITY])), FALSE);
    assert_eq!(Federation::changed("surf.example/fetch", |page| page.0 = ENTITY), FALSE, "signed by the desk itself");
    assert_eq!(Federation::changed("surf.example/fetch", |page| page.1["jwks"] = json!({"keys": []})), FALSE);
    assert_eq!(Federation::changed("anchor.example/fetch", |page| page.0 = MIDDLE), FALSE);
    let short = |page: &mut (&'static str, Value)| page.1["constraints"] = json!({"max_path_length": 0});
    assert_eq!(Federation::changed("anchor.example/fetch", short), FALSE);
    let policy = |page: &mut (&'static str, Value)| {
        page.1["metadata_policy"] = json!({"openid_credential_verifier": {"client_name": {"value": "Other"}}});
    };
    assert_eq!(Federation::changed("surf.example/fetch", policy), FALSE);
    let critical = |page: &mut (&'static str, Value)| page.1["metadata_policy_crit"] = json!(["regexp"]);
    assert_eq!(Federation::changed("surf.example/fetch", critical), FALSE);
    let elsewhere = |page: &mut (&'static str, Value)| {
        page.1["metadata"]["openid_credential_verifier"] = json!({"jwks_uri": "https://desk.example/jwks"});
    };
    assert_eq!(
        Federation::changed(desk, elsewhere),
        ErrorKind::RequestUnsupported,
        "keys are not fetched from elsewhere"
    );
    let mut unknown = Federation::new();
    unknown.world.trust = leerpas_credential::trust::TrustList::empty().into();
    assert_eq!(unknown.plan(|_| {}).unwrap_err().kind(), FALSE);
    let mut other_key = Federation::new();
    other_key.desk = IssuerKey::make_p256(&other_key.world.entropy);
    assert_eq!(other_key.plan(|_| {}).unwrap_err().kind(), FALSE);
    let elsewhere = Federation::new().plan(|claims| claims["response_uri"] = json!("https://evil.example/a"));
    assert_eq!(elsewhere.unwrap_err().kind(), ErrorKind::RequestWrongAddress);
}

#[test]
fn a_federation_without_an_end_is_left_after_a_few_levels() {
    let mut federation = Federation::new();
    let mut page = federation.pages.remove(&format!("{ANCHOR}/.well-known/openid-federation")).unwrap();
    federation.world.trust = leerpas_credential::trust::TrustList::empty().into();
    page.1["authority_hints"] = json!([MIDDLE]);
    federation.pages.insert(format!("{ANCHOR}/.well-known/openid-federation"), page);
    assert_eq!(federation.plan(|_| {}).unwrap_err().kind(), ErrorKind::RequestNotGenuine);
}
