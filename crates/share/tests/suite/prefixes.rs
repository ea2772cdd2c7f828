//! Every way in which a requester may name itself (OpenID4VP 1.0, 5.9).

use crate::common::{ISSUER, NOW, RESPONSE_URI, World, card, link, object, sent};
use leerpas_core::{ErrorKind, Evidence, Machine, Step};
use leerpas_credential::{
    keys::{HolderKey, IssuerKey, Signer},
    trust::{Institution, TrustList},
};
use leerpas_openid::{dcql::DcqlQuery, vp::RequestError};
use leerpas_share::{Plan, Question, ShareError, Sharing};
use serde_json::{Value, json};

/// From a link with this identifier to the plan, with this request object as the reply.
fn plan(world: &World, client_id: &str, jwt: &str) -> Result<Plan, ShareError> {
    let key = HolderKey::make(&world.entropy);
    let cards = vec![card("a", &world.sd_jwt(&key, |_| {}))];
    let (_, sharing) = sent(world.begin(&link(client_id))?);
    world.cards(sharing.reply(Ok(object(jwt)), world.env())?, cards).map(|(plan, _)| plan)
}

fn signed(world: &World, client_id: &str, change: impl FnOnce(&mut Value)) -> String {
    world.request(|claims| {
        claims["client_id"] = json!(client_id);
        change(claims);
    })
}

fn kind(result: Result<Plan, ShareError>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn vp_5_9_3_x509_san_dns_is_a_name_of_the_certificate_and_the_host_of_the_answer() {
    let world = World::new();
    let id = "x509_san_dns:desk.example";
    let plan_of = |id: &str, change: fn(&mut Value)| plan(&world, id, &signed(&world, id, change));
    let good = plan_of(id, |_| {}).unwrap();
    assert_eq!((good.requester.identifier.as_str(), good.requester.evidence), (id, Evidence::Proved));
    assert_eq!(kind(plan_of("x509_san_dns:evil.example", |_| {})), ErrorKind::RequestNotGenuine);
    assert_eq!(kind(plan_of("x509_san_dns:sub.desk.example", |_| {})), ErrorKind::RequestNotGenuine);
    for other in ["https://evil.example/a", "https://a.desk.example/"] {
        let jwt = signed(&world, id, |claims| claims["response_uri"] = json!(other));
        assert_eq!(kind(plan(&world, id, &jwt)), ErrorKind::RequestWrongAddress);
    }
    let mut late = World::new();
    late.now = NOW + 2 * 366 * 86_400;
    assert_eq!(kind(plan(&late, id, &signed(&late, id, |_| {}))), ErrorKind::RequestNotGenuine);
    let strangers = World::of_strangers();
    assert_eq!(kind(plan(&world, id, &signed(&strangers, id, |_| {}))), ErrorKind::RequestNotGenuine);
}

#[test]
fn vp_5_9_2_a_name_without_prefix_must_be_on_the_trust_list() {
    let mut world = World::new();
    let id = "werkplaats-noord";
    let unknown = Sharing::start(&link(id), world.context(), world.env()).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::RequestUnsupported);
    let mut trust = (*world.trust).clone();
    let institution = |roots_pem: Vec<String>| Institution {
        name: [("nl".to_owned(), "Werkplaats Noord".to_owned())].into(),
        identifiers: vec![id.to_owned()],
        brin: None,
        domains: vec!["desk.example".to_owned()],
        roots_pem,
        keys: Vec::new(),
        logo: None,
        scopes: Default::default(),
        own: false,
        until: None,
    };
    trust.add(institution(vec![world.authority.certificate_pem().to_owned()])).unwrap();
    world.trust = trust.into();
    let good = plan(&world, id, &signed(&world, id, |_| {})).unwrap();
    assert_eq!((good.requester.name.as_str(), good.requester.evidence), ("Werkplaats Noord", Evidence::Listed));
    // 5.1: what it says about itself was settled beforehand.
    let twice = signed(&world, id, |claims| claims["client_metadata"] = json!({"client_name": "Other"}));
    assert_eq!(kind(plan(&world, id, &twice)), ErrorKind::RequestInvalid);
    let elsewhere = signed(&world, id, |claims| claims["response_uri"] = json!("https://evil.example/a"));
    assert_eq!(kind(plan(&world, id, &elsewhere)), ErrorKind::RequestWrongAddress);
    // Another requester under the same authority does not become it.
    let header = json!({"typ": "oauth-authz-req+jwt", "x5c": world.issuer_x5c});
    let claims = world.claims(|claims| {
        claims["client_id"] = json!(id);
        claims["response_uri"] = json!("https://delta.example/a");
    });
    let stolen = world.signed(&header, &claims, &world.issuer);
    assert_eq!(kind(plan(&world, id, &stolen)), ErrorKind::RequestWrongAddress);
    // Without roots of its own it could be impersonated under any.
    let mut trust = TrustList::empty();
    trust.add_root_pem(world.authority.certificate_pem()).unwrap();
    trust.add(institution(Vec::new())).unwrap();
    world.trust = trust.into();
    assert_eq!(kind(plan(&world, id, &signed(&world, id, |_| {}))), ErrorKind::RequestNotGenuine);
}

/// A world whose list has this institution with a scope, and the request of a requester that asks by it.
fn scoped(id: &str, more: impl FnOnce(&mut Institution), change: impl FnOnce(&mut Value)) -> Result<Plan, ShareError> {
    let mut world = World::new();
    let query = world.claims(|_| {})["dcql_query"].clone();
    let mut institution = Institution {
        name: [("nl".to_owned(), "Werkplaats Noord".to_owned())].into(),
        identifiers: vec!["werkplaats-noord".to_owned()],
        brin: None,
        domains: vec!["desk.example".to_owned()],
        roots_pem: vec![world.authority.certificate_pem().to_owned()],
        keys: Vec::new(),
        logo: None,
        scopes: [("nl.noord.vak".to_owned(), query), ("nl.noord.stuk".to_owned(), json!({"credentials": 1}))].into(),
        own: false,
        until: None,
    };
    more(&mut institution);
    let mut trust = (*world.trust).clone();
    trust.add(institution).unwrap();
    world.trust = trust.into();
    let jwt = signed(&world, id, |claims| {
        claims.as_object_mut().unwrap().remove("dcql_query");
        claims["scope"] = json!("nl.noord.vak");
        change(claims);
    });
    plan(&world, id, &jwt)
}

#[test]
fn vp_5_5_a_scope_stands_for_the_query_that_the_trust_list_gives_for_it() {
    let world = World::new();
    let by_query =
        plan(&world, "x509_san_dns:desk.example", &signed(&world, "x509_san_dns:desk.example", |_| {})).unwrap();
    // Known by its name, and known by its certificate.
    for id in ["werkplaats-noord", "x509_san_dns:desk.example"] {
        let plan = scoped(id, |_| {}, |_| {}).unwrap();
        assert_eq!(plan.requester.name, "Werkplaats Noord", "{id}");
        let asked = |plan: &Plan| plan.queries.iter().map(|query| query.id.clone()).collect::<Vec<_>>();
        assert_eq!(asked(&plan), asked(&by_query), "{id}");
        assert!(!plan.queries[0].candidates.is_empty(), "{id}");
    }
}

#[test]
fn the_list_in_the_documentation_is_one_and_its_scope_is_a_query() {
    let page = include_str!("../../../../docs/trust-lists.md");
    let example = page.split("```json").nth(1).unwrap().split("```").next().unwrap();
    // Its certificate is cut short there.
    let mut list: Value = serde_json::from_str(example).unwrap();
    list["institutions"][0]["roots"] = json!([]);
    let list = TrustList::from_json(list.to_string().as_bytes()).unwrap();
    let query = &list.find("did:web:voorbeeld.example").unwrap().scopes["nl.voorbeeld.toelating"];
    assert_eq!(DcqlQuery::parse(query).unwrap().credentials.len(), 1);
}

#[test]
fn vp_5_5_a_scope_that_nobody_agreed_on_is_refused() {
    let id = "x509_san_dns:desk.example";
    let unknown = [
        scoped(id, |_| {}, |claims| claims["scope"] = json!("nl.noord.diploma")),
        scoped(id, |_| {}, |claims| claims["scope"] = json!("nl.noord.vak openid")),
        scoped(id, |_| {}, |claims| claims["scope"] = json!("nl.noord.stuk")),
        // Of another institution.
        scoped(id, |other| other.domains = vec!["elders.example".to_owned()], |_| {}),
    ];
    for refused in unknown {
        assert!(matches!(refused, Err(ShareError::Request(RequestError::Scope))), "{refused:?}");
    }
    // 5.1: one of both.
    let both = scoped(id, |_| {}, |claims| claims["dcql_query"] = json!({"credentials": []}));
    assert_eq!(kind(both), ErrorKind::RequestInvalid);
}

#[test]
fn a_bare_did_of_earlier_texts_is_taken_and_stays_the_audience() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let id = key.did_jwk();
    let claims = world.claims(|claims| {
        claims["client_id"] = json!(id);
        claims["client_id_scheme"] = json!("did");
    });
    let header = json!({"typ": "oauth-authz-req+jwt", "kid": format!("{id}#0")});
    let good = plan(&world, &id, &world.signed(&header, &claims, &key)).unwrap();
    assert_eq!(good.requester.identifier, id);
    let forged = world.signed(&header, &claims, &IssuerKey::make_p256(&world.entropy));
    assert_eq!(kind(plan(&world, &id, &forged)), ErrorKind::RequestNotGenuine);
}

/// A desk with a key that Hogeschool Delta attests.
struct Attested {
    world: World,
    desk: IssuerKey,
    claims: Value,
    header: Value,
}

impl Attested {
    const ID: &'static str = "verifier_attestation:werkplaats";

    fn new() -> Self {
        let world = World::new();
        let desk = IssuerKey::make_p256(&world.entropy);
        let claims = json!({"iss": ISSUER, "sub": "werkplaats", "iat": NOW - 10, "exp": NOW + 1000,
            "cnf": {"jwk": Signer::public(&desk).to_jwk()}, "redirect_uris": [RESPONSE_URI]});
        let header = json!({"typ": "verifier-attestation+jwt", "x5c": world.issuer_x5c});
        Self { world, desk, claims, header }
    }

    fn plan(&self, attester: &dyn Signer, desk: &dyn Signer) -> Result<Plan, ShareError> {
        let attestation = self.world.signed(&self.header, &self.claims, attester);
        let claims = self.world.claims(|claims| claims["client_id"] = json!(Self::ID));
        let header = json!({"typ": "oauth-authz-req+jwt", "jwt": attestation});
        plan(&self.world, Self::ID, &self.world.signed(&header, &claims, desk))
    }

    fn with(name: &str, value: Value) -> ErrorKind {
        let mut attested = Self::new();
        attested.claims[name] = value;
        kind(attested.plan(&attested.world.issuer, &attested.desk))
    }
}

#[test]
fn vp_12_a_key_that_a_listed_party_attests_proves_the_requester() {
    let good = Attested::new();
    let plan = good.plan(&good.world.issuer, &good.desk).unwrap();
    assert_eq!((plan.requester.name.as_str(), plan.requester.evidence), ("werkplaats", Evidence::Proved));
    assert_eq!(plan.attested_by.as_deref(), Some("Hogeschool Delta"), "the name is of its making");
    let (certified, _) = good.world.plan(&good.world.request(|_| {}), Vec::new()).unwrap();
    assert_eq!(certified.attested_by, None);
}

#[test]
fn vp_12_an_attestation_that_does_not_hold_proves_nothing() {
    const FALSE: ErrorKind = ErrorKind::RequestNotGenuine;
    assert_eq!(Attested::with("sub", json!("somebody-else")), FALSE);
    assert_eq!(Attested::with("iss", json!("https://evil.example")), FALSE);
    assert_eq!(Attested::with("exp", json!(NOW - 100)), FALSE);
    assert_eq!(Attested::with("exp", Value::Null), FALSE);
    assert_eq!(Attested::with("iat", json!(NOW + 100)), FALSE);
    assert_eq!(Attested::with("cnf", json!({})), FALSE);
    assert_eq!(Attested::with("redirect_uris", json!("all")), FALSE);
    assert_eq!(Attested::with("redirect_uris", json!(["https://evil.example/a"])), ErrorKind::RequestWrongAddress);
    let mut anywhere = Attested::new();
    anywhere.claims.as_object_mut().unwrap().remove("redirect_uris");
    assert_eq!(kind(anywhere.plan(&anywhere.world.issuer, &anywhere.desk)), FALSE, "any address would do");
    let case = Attested::new();
    let other = IssuerKey::make_p256(&case.world.entropy);
    assert_eq!(kind(case.plan(&other, &case.desk)), FALSE, "signed by somebody else");
    assert_eq!(kind(case.plan(&case.world.issuer, &other)), FALSE, "another key than the attested one");
    let mut typed = Attested::new();
    typed.header["typ"] = json!("jwt");
    assert_eq!(kind(typed.plan(&typed.world.issuer, &typed.desk)), FALSE);
    let mut desk_signs = Attested::new();
    desk_signs.header["x5c"] = json!(desk_signs.world.desk_x5c);
    assert_eq!(kind(desk_signs.plan(&desk_signs.world.desk, &desk_signs.desk)), FALSE, "a certificate of another");
}

#[test]
fn security_d03_origin_is_refused_before_anything_is_fetched() {
    let world = World::new();
    for bad in ["origin:https://desk.example", "X509_SAN_DNS:desk.example", " x509_san_dns:desk.example", "a/x:b"] {
        let error = Sharing::start(&link(bad), world.context(), world.env()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RequestInvalid, "{bad}");
    }
    let step = Sharing::start(&link("x509_san_dns:desk.example"), world.context(), world.env()).unwrap();
    assert!(matches!(step, Step::Ask(Question::Contact { .. }, _)));
}
