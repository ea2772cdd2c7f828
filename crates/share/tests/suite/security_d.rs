//! Hostile requests: what comes in, what it is called, and that nothing goes out.

use crate::common::{NOW, World, card, link, object, sent};
use leerpas_core::{ErrorKind, Machine};
use leerpas_credential::keys::HolderKey;
use serde_json::{Value, json};

type Change = fn(&mut Value);
type Parameters<'p> = &'p [(&'p str, &'p str)];

/// How a request ends that comes signed by the desk. No step but the fetch of the object ever sends anything.
fn ends(world: &World, change: Change) -> Option<ErrorKind> {
    let (_, sharing) = sent(world.begin(&link(&world.client_id())).unwrap());
    let key = HolderKey::make(&world.entropy);
    let cards = vec![card("a", &world.sd_jwt(&key, |_| {}))];
    let step = match sharing.reply(Ok(object(&world.request(change))), world.env()) {
        Ok(step) => step,
        Err(error) => return Some(error.kind()),
    };
    world.cards(step, cards).err().map(|error| error.kind())
}

#[test]
fn security_d_hostile_request_objects() {
    let table: &[(&str, Change, ErrorKind)] = &[
        ("d05 client_id", |c| c["client_id"] = json!("x509_san_dns:desk.example"), ErrorKind::RequestInvalid),
        ("d08 aud", |c| c["aud"] = json!("https://other.example"), ErrorKind::RequestInvalid),
        ("d08 expired", |c| c["exp"] = json!(NOW - 100), ErrorKind::RequestExpired),
        ("d08 iat in an hour", |c| c["iat"] = json!(NOW + 3_600), ErrorKind::RequestInvalid),
        ("d08 exp in ten years", |c| c["exp"] = json!(NOW + 315_360_000), ErrorKind::RequestInvalid),
        ("d09 nonce empty", |c| c["nonce"] = json!(""), ErrorKind::RequestInvalid),
        ("d09 nonce of one", |c| c["nonce"] = json!("a"), ErrorKind::RequestInvalid),
        ("d09 nonce of half a megabyte", |c| c["nonce"] = json!("a".repeat(500_000)), ErrorKind::RequestInvalid),
        ("d09 nonce not ASCII", |c| c["nonce"] = json!("nönce-nönce"), ErrorKind::RequestInvalid),
        ("d10 redirect_uri", |c| c["redirect_uri"] = json!("https://desk.example/"), ErrorKind::RequestInvalid),
        ("d10 mode", |c| c["response_mode"] = json!("fragment"), ErrorKind::RequestUnsupported),
        ("d10 type", |c| c["response_type"] = json!("code"), ErrorKind::RequestUnsupported),
        ("d11 http", |c| c["response_uri"] = json!("http://desk.example/"), ErrorKind::InsecureAddress),
        ("d11 user name", |c| c["response_uri"] = json!("https://a:b@desk.example/"), ErrorKind::RequestInvalid),
        ("d11 fragment", |c| c["response_uri"] = json!("https://desk.example/#a"), ErrorKind::RequestInvalid),
        ("d11 other host", |c| c["response_uri"] = json!("https://10.0.0.1/"), ErrorKind::RequestWrongAddress),
        ("d13 same id twice", |c| duplicate(c, "mc"), ErrorKind::RequestInvalid),
        ("d13 illegal id", |c| c["dcql_query"]["credentials"][0]["id"] = json!("a b"), ErrorKind::RequestInvalid),
        ("d13 no entries", |c| c["dcql_query"]["credentials"] = json!([]), ErrorKind::RequestInvalid),
        ("d13 negative index", |c| path(c, json!(["a", -1])), ErrorKind::RequestInvalid),
        ("d13 fraction", |c| path(c, json!(["a", 1.5])), ErrorKind::RequestInvalid),
        ("d13 huge index", |c| path(c, json!(["a", 1_000_000_000_u64])), ErrorKind::RequestInvalid),
        ("d13 deep path", |c| path(c, json!(vec!["a"; 1_000])), ErrorKind::RequestInvalid),
        ("d13 empty path", |c| path(c, json!([])), ErrorKind::RequestInvalid),
        ("d21 no key", |c| encrypted(c, json!({})), ErrorKind::RequestInvalid),
        ("d21 private key", |c| encrypted(c, json!({"keys": [{"kty": "EC", "d": "AA"}]})), ErrorKind::RequestInvalid),
        ("d21 alg none", |c| encrypted(c, json!({"keys": [{"kty": "EC", "alg": "none"}]})), ErrorKind::RequestInvalid),
        ("d30 sign-in", |c| c["response_type"] = json!("vp_token id_token"), ErrorKind::RequestUnsupported),
    ];
    let world = World::new();
    for (id, change, kind) in table {
        assert_eq!(ends(&world, *change), Some(*kind), "{id}");
    }
    assert_eq!(ends(&world, |c| c["unknown"] = json!({"d30": true})), None, "what is unknown is ignored");
}

fn duplicate(claims: &mut Value, id: &str) {
    let query = claims["dcql_query"]["credentials"][0].clone();
    assert_eq!(query["id"], id);
    claims["dcql_query"]["credentials"].as_array_mut().unwrap().push(query);
}

fn path(claims: &mut Value, path: Value) {
    claims["dcql_query"]["credentials"][0]["claims"][0]["path"] = path;
}

fn encrypted(claims: &mut Value, jwks: Value) {
    claims["response_mode"] = json!("direct_post.jwt");
    claims["client_metadata"] = json!({"jwks": jwks});
}

#[test]
fn security_d_hostile_links() {
    let world = World::new();
    let hash = world.client_id();
    let table: &[(&str, Parameters<'_>, ErrorKind)] = &[
        (
            "d01 signed",
            &[("client_id", "redirect_uri:https://a.example/"), ("request", "a.b.c")],
            ErrorKind::RequestInvalid,
        ),
        ("d04 unknown prefix", &[("client_id", "new:desk"), ("request", "a.b.c")], ErrorKind::RequestInvalid),
        ("d04 not registered", &[("client_id", "desk"), ("request", "a.b.c")], ErrorKind::RequestUnsupported),
        ("d05 unsigned", &[("client_id", &hash), ("response_type", "vp_token")], ErrorKind::RequestUnsigned),
        ("d06 http", &[("client_id", &hash), ("request_uri", "http://desk.example/")], ErrorKind::InsecureAddress),
        (
            "d07 method",
            &[("client_id", &hash), ("request_uri", "https://desk.example/"), ("request_uri_method", "POST")],
            ErrorKind::RequestInvalid,
        ),
    ];
    for (id, parameters, kind) in table {
        let owned: Vec<_> = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(world.begin(&owned).unwrap_err().kind(), *kind, "{id}");
    }
}
