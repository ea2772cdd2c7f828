use std::{fs, path::PathBuf};

use leerpas_core::{CountingEntropy, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::{
    jose::sign_compact,
    keys::{HolderKey, IssuerKey},
};

fn key() -> IssuerKey {
    IssuerKey::make_p256(&CountingEntropy::default())
}

/// A token with this payload and these disclosures, whatever rules they break.
fn token(payload: Value, disclosures: &[&str]) -> String {
    let jwt = sign_compact(&json!({"typ": "dc+sd-jwt"}), payload.to_string().as_bytes(), &key()).unwrap();
    disclosures.iter().fold(format!("{jwt}~"), |token, disclosure| format!("{token}{disclosure}~"))
}

fn disclosure(content: Value) -> (String, String) {
    let text = encode_base64url(content.to_string().as_bytes());
    let digest = HashAlgorithm::Sha256.digest(&text);
    (text, digest)
}

fn error(payload: Value, disclosures: &[&str]) -> SdJwtError {
    SdJwt::parse(&token(payload, disclosures)).unwrap_err()
}

fn path(elements: &[&str]) -> ClaimPath {
    elements.iter().map(|element| element.parse().map_or_else(|_| (*element).into(), PathElement::Index)).collect()
}

#[test]
fn rfc9901_4_2_3_digest_of_the_example() {
    let text = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
    assert_eq!(HashAlgorithm::Sha256.digest(text), "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY");
}

#[test]
fn rfc9901_7_1_disclosed_claims_take_their_places() {
    let (inner, inner_digest) = disclosure(json!(["s", "locality", "Utrecht"]));
    let (outer, outer_digest) = disclosure(json!(["s", "address", {"_sd": [inner_digest], "country": "NL"}]));
    let (element, element_digest) = disclosure(json!(["s", "NL"]));
    let payload = json!({"_sd_alg": "sha-256", "_sd": [outer_digest, "decoy"], "nationalities": [{"...": "hidden"}, {"...": element_digest}]});
    let sd_jwt = SdJwt::parse(&token(payload, &[&element, &inner, &outer])).unwrap();
    assert_eq!(*sd_jwt.claims(), json!({"nationalities": ["NL"], "address": {"country": "NL", "locality": "Utrecht"}}));
    assert!(sd_jwt.selectable(&path(&["address", "locality"])));
    assert!(!sd_jwt.selectable(&path(&["address", "country"])));
    assert!(sd_jwt.selectable(&path(&["nationalities", "0"])));
    assert!(!sd_jwt.selectable(&path(&["nationalities"])));
}

#[test]
fn rfc9901_7_2_a_presentation_holds_what_the_paths_need_and_no_more() {
    let (inner, inner_digest) = disclosure(json!(["s", "locality", "Utrecht"]));
    let (outer, outer_digest) = disclosure(json!(["s", "address", {"_sd": [inner_digest]}]));
    let (name, name_digest) = disclosure(json!(["s", "name", "Sanne"]));
    let all = SdJwt::parse(&token(json!({"_sd": [outer_digest, name_digest]}), &[&outer, &inner, &name])).unwrap();
    let shown = |paths: &[ClaimPath]| SdJwt::parse(&all.present(paths).unwrap()).unwrap().claims().clone();
    assert_eq!(shown(&[]), json!({}));
    assert_eq!(shown(&[path(&["address", "locality"])]), json!({"address": {"locality": "Utrecht"}}));
    assert_eq!(shown(&[path(&["address"])]), json!({"address": {"locality": "Utrecht"}}));
    assert_eq!(shown(&[path(&["name"])]), json!({"name": "Sanne"}));
    assert_eq!(all.present(&[path(&["phone"])]).unwrap_err(), SdJwtError::NoSuchClaim);
}

#[test]
fn rfc9901_4_the_form_must_be_right() {
    let good = token(json!({}), &[]);
    SdJwt::parse(&good).unwrap();
    assert_eq!(SdJwt::parse(good.trim_end_matches('~')).unwrap_err(), SdJwtError::Form);
    let jwt = good.trim_end_matches('~');
    assert_eq!(SdJwt::parse(&format!("{jwt}~~")).unwrap_err(), SdJwtError::Form);
    assert!(matches!(SdJwt::parse("~"), Err(SdJwtError::Jose(_))));
    assert!(matches!(SdJwt::parse(&format!("{jwt}~a b~")), Err(SdJwtError::Jose(JoseError::Encoding))));
}

#[test]
fn rfc9901_7_1_3a_the_hash_must_be_known() {
    for bad in [json!("md5"), json!("sha-1"), json!("SHA-256"), json!(256), json!(null)] {
        assert_eq!(error(json!({"_sd_alg": bad}), &[]), SdJwtError::HashAlgorithm);
    }
    let text = encode_base64url(b"[\"s\",\"a\",1]");
    for (name, hash) in [("sha-384", HashAlgorithm::Sha384), ("sha-512", HashAlgorithm::Sha512)] {
        let sd_jwt = SdJwt::parse(&token(json!({"_sd_alg": name, "_sd": [hash.digest(&text)]}), &[&text])).unwrap();
        assert_eq!(*sd_jwt.claims(), json!({"a": 1}));
    }
}

#[test]
fn rfc9901_7_1_3c_a_disclosure_has_its_shape_and_place() {
    for bad in [
        json!([]),
        json!(["s"]),
        json!(["s", "n", 1, 2]),
        json!([1, "n", 1]),
        json!(["s", 2, 1]),
        json!({}),
        json!("s"),
    ] {
        let (text, digest) = disclosure(bad.clone());
        assert_eq!(error(json!({"_sd": [digest]}), &[&text]), SdJwtError::DisclosureShape, "{bad}");
    }
    let (pair, pair_digest) = disclosure(json!(["s", "value"]));
    assert_eq!(error(json!({"_sd": [pair_digest]}), &[&pair]), SdJwtError::DisclosureShape);
    let (triple, triple_digest) = disclosure(json!(["s", "name", "value"]));
    assert_eq!(error(json!({"a": [{"...": triple_digest}]}), &[&triple]), SdJwtError::DisclosureShape);
}

#[test]
fn rfc9901_7_1_3c_reserved_names_are_refused() {
    for name in ["_sd", "..."] {
        let (text, digest) = disclosure(json!(["s", name, "x"]));
        assert_eq!(error(json!({"_sd": [digest]}), &[&text]), SdJwtError::ReservedName);
    }
}

#[test]
fn rfc9901_7_1_3c_a_disclosure_may_not_overwrite_a_claim() {
    for name in ["iss", "cnf", "exp", "vct"] {
        let (text, digest) = disclosure(json!(["s", name, "x"]));
        assert_eq!(error(json!({name: "plain", "_sd": [digest]}), &[&text]), SdJwtError::ClaimExists);
    }
    let (one, one_digest) = disclosure(json!(["s", "a", 1]));
    let (two, two_digest) = disclosure(json!(["t", "a", 2]));
    assert_eq!(error(json!({"_sd": [one_digest, two_digest]}), &[&one, &two]), SdJwtError::ClaimExists);
}

#[test]
fn rfc9901_7_1_duplicate_digest_is_refused() {
    let (text, digest) = disclosure(json!(["s", "a", 1]));
    assert_eq!(error(json!({"_sd": [digest, digest]}), &[&text]), SdJwtError::DuplicateDigest);
    assert_eq!(error(json!({"_sd": ["d"], "x": {"_sd": ["d"]}}), &[]), SdJwtError::DuplicateDigest);
    assert_eq!(error(json!({"_sd": ["d"], "x": [{"...": "d"}]}), &[]), SdJwtError::DuplicateDigest);
    let (outer, outer_digest) = disclosure(json!(["s", "b", {"_sd": [digest]}]));
    assert_eq!(error(json!({"_sd": [digest, outer_digest]}), &[&text, &outer]), SdJwtError::DuplicateDigest);
    assert_eq!(error(json!({"_sd": [digest]}), &[&text, &text]), SdJwtError::DuplicateDigest);
}

#[test]
fn rfc9901_7_1_unreferenced_disclosure_is_refused() {
    let (text, digest) = disclosure(json!(["s", "a", 1]));
    assert_eq!(error(json!({}), &[&text]), SdJwtError::Unreferenced);
    let (outer, _) = disclosure(json!(["s", "b", {"_sd": [digest]}]));
    assert_eq!(error(json!({}), &[&outer, &text]), SdJwtError::Unreferenced);
}

#[test]
fn rfc9901_7_1_digests_stand_only_where_they_may() {
    assert_eq!(error(json!({"_sd": "d"}), &[]), SdJwtError::DigestShape);
    assert_eq!(error(json!({"_sd": [1]}), &[]), SdJwtError::DigestShape);
    assert_eq!(error(json!({"a": [{"...": "d", "x": 1}]}), &[]), SdJwtError::DigestShape);
    assert_eq!(error(json!({"a": [{"...": 1}]}), &[]), SdJwtError::DigestShape);
    assert_eq!(error(json!({"a": {"...": "d"}}), &[]), SdJwtError::DigestShape);
}

#[test]
fn security_a25_too_many_or_too_deep_is_refused() {
    let texts: Vec<(String, String)> = (0..1_001).map(|n| disclosure(json!(["s", n.to_string(), n]))).collect();
    let digests: Vec<&String> = texts.iter().map(|(_, digest)| digest).collect();
    let sent: Vec<&str> = texts.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(error(json!({"_sd": digests}), &sent), SdJwtError::TooMany);
    let mut chain = vec![disclosure(json!(["s", "n", 0]))];
    for _ in 0..30 {
        let digest = chain.last().unwrap().1.clone();
        chain.push(disclosure(json!(["s", "n", {"_sd": [digest]}])));
    }
    let top = chain.last().unwrap().1.clone();
    let sent: Vec<&str> = chain.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(error(json!({"_sd": [top]}), &sent), SdJwtError::TooMany);
}

#[test]
fn security_a29_the_order_of_disclosures_means_nothing() {
    let (one, one_digest) = disclosure(json!(["s", "a", 1]));
    let (two, two_digest) = disclosure(json!(["s", "b", 2]));
    let payload = json!({"_sd": [one_digest, two_digest]});
    let there = SdJwt::parse(&token(payload.clone(), &[&one, &two])).unwrap();
    let back = SdJwt::parse(&token(payload, &[&two, &one])).unwrap();
    assert_eq!(there.claims(), back.claims());
}

fn bound() -> (SdJwt, HolderKey, Timestamp) {
    let (text, digest) = disclosure(json!(["s", "a", 1]));
    let holder = HolderKey::make(&CountingEntropy::default());
    (SdJwt::parse(&token(json!({"_sd": [digest]}), &[&text])).unwrap(), holder, "2026-11-24T12:00:00Z".parse().unwrap())
}

#[test]
fn rfc9901_7_3_a_key_binding_proves_key_content_time_nonce_and_audience() {
    let (sd_jwt, holder, now) = bound();
    let sent = KeyBinding::append(&sd_jwt, &holder, "x509_hash:abc", "n-1", now).unwrap();
    let presented = SdJwt::parse(&sent).unwrap();
    let expected = KeyBindingExpectation { nonce: Some("n-1"), audience: Some("x509_hash:abc"), now };
    let verify = |expected| KeyBinding::verify(&presented, &holder.public(), expected);
    assert_eq!(verify(expected), Ok(()));
    assert_eq!(verify(KeyBindingExpectation { nonce: Some("n-2"), ..expected }), Err(KeyBindingError::Nonce));
    assert_eq!(verify(KeyBindingExpectation { audience: Some("abc"), ..expected }), Err(KeyBindingError::Audience));
    for (seconds, outcome) in
        [(360, Ok(())), (361, Err(KeyBindingError::Time)), (-60, Ok(())), (-61, Err(KeyBindingError::Time))]
    {
        let now = Timestamp::from_second(now.as_second() + seconds).unwrap();
        assert_eq!(verify(KeyBindingExpectation { now, ..expected }), outcome, "{seconds}");
    }
    let other = HolderKey::make(&leerpas_core::OsEntropy);
    assert_eq!(KeyBinding::verify(&presented, &other.public(), expected), Err(KeyBindingError::Signature));
    assert_eq!(KeyBinding::verify(&sd_jwt, &holder.public(), expected), Err(KeyBindingError::Malformed));
}

#[test]
fn rfc9901_7_3_sd_hash_ties_the_key_binding_to_the_selection() {
    let (sd_jwt, holder, now) = bound();
    let less = SdJwt::parse(&sd_jwt.present(&[]).unwrap()).unwrap();
    let of_all = KeyBinding::append(&sd_jwt, &holder, "v", "n", now).unwrap();
    let moved = format!("{}{}", less.without_key_binding(), of_all.rsplit('~').next().unwrap());
    let opened = KeyBinding::open(&SdJwt::parse(&moved).unwrap(), &holder.public(), now);
    assert_eq!(opened, Err(KeyBindingError::SdHash));
}

#[test]
fn security_a23_a_key_binding_of_another_shape_is_refused() {
    let (sd_jwt, holder, now) = bound();
    let hash = sd_jwt.hash().digest(sd_jwt.without_key_binding());
    let open = |typ: &str, claims: Value| {
        let jwt = sign_compact(&json!({"typ": typ}), claims.to_string().as_bytes(), &holder).unwrap();
        let sent = format!("{}{jwt}", sd_jwt.without_key_binding());
        KeyBinding::open(&SdJwt::parse(&sent).unwrap(), &holder.public(), now).map(|_| ())
    };
    let good = json!({"iat": now.as_second(), "aud": "v", "nonce": "n", "sd_hash": hash});
    assert_eq!(open("kb+jwt", good.clone()), Ok(()));
    assert_eq!(open("JWT", good.clone()), Err(KeyBindingError::Type));
    for (name, bad) in [("iat", json!("1")), ("aud", json!(["v"])), ("nonce", json!(1)), ("sd_hash", json!(null))] {
        let mut claims = good.clone();
        claims[name] = bad;
        assert_eq!(open("kb+jwt", claims), Err(KeyBindingError::Malformed), "{name}");
    }
}

/// The paths of a frame of the vectors: `_sd` lists what is disclosable at a level, members lead deeper.
fn disclosable(frame: &Value, claims: &Value, at: &ClaimPath, found: &mut Vec<ClaimPath>) {
    let is_array = value_at(claims, at).is_some_and(Value::is_array);
    let step = |name: &str| if is_array { PathElement::Index(name.parse().unwrap()) } else { PathElement::from(name) };
    for (name, deeper) in frame.as_object().into_iter().flatten() {
        match name.as_str() {
            "_sd" => {
                for name in deeper.as_array().unwrap() {
                    let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
                    found.push([&at[..], &[step(&name)]].concat());
                }
            }
            "_sd_decoy" => {}
            name => disclosable(deeper, claims, &[&at[..], &[step(name)]].concat(), found),
        }
    }
}

/// The paths that a presentation frame says `true` to.
fn presented(frame: &Value, claims: &Value, at: &ClaimPath, found: &mut Vec<ClaimPath>) {
    for (name, wanted) in frame.as_object().into_iter().flatten() {
        // One vector also names what is not there.
        let Some(here) = value_at(claims, at) else { return };
        let step =
            if here.is_array() { PathElement::Index(name.parse().unwrap()) } else { PathElement::from(name.as_str()) };
        let deeper = [&at[..], &[step]].concat();
        match wanted {
            Value::Bool(true) if value_at(claims, &deeper).is_some() => found.push(deeper),
            Value::Object(_) => presented(wanted, claims, &deeper, found),
            _ => {}
        }
    }
}

#[test]
fn published_vectors_round_trip() {
    let root = std::env::var("LEERPAS_VECTORS")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    let Ok(files) = fs::read_dir(root.join("sd-jwt")) else {
        println!("skipped: no vectors");
        return;
    };
    let mut count = 0;
    for file in files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json")) {
        let case: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let mut paths = Vec::new();
        disclosable(&case["disclosureFrame"], &case["claims"], &Vec::new(), &mut paths);
        let issuance = Issuance {
            header: json!({"typ": "dc+sd-jwt"}),
            claims: case["claims"].clone(),
            disclosable: &paths,
            decoys: 2,
        };
        let issued = issue(issuance, &key(), &CountingEntropy::default()).unwrap();
        let all = SdJwt::parse(&issued).unwrap();
        all.jws().verify(&key().public()).unwrap();
        assert_eq!(*all.claims(), case["claims"], "{}", file.display());
        assert_eq!(all.disclosed_paths().count(), paths.len(), "{}", file.display());
        let mut wanted = Vec::new();
        presented(&case["presentationFrames"], &case["claims"], &Vec::new(), &mut wanted);
        let shown = SdJwt::parse(&all.present(&wanted).unwrap()).unwrap();
        // One vector expects that an object of which nothing is shown disappears; RFC 9901 has no such rule.
        let expected = match file.file_name().and_then(|name| name.to_str()) {
            Some("array_none_disclosed.json") => json!({"is_over": {}}),
            _ => case["presentedClaims"].clone(),
        };
        assert_eq!(*shown.claims(), expected, "{}", file.display());
        count += 1;
    }
    assert!(count >= 17, "{count} vectors");
}
