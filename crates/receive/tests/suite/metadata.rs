//! Metadata of an issuer that are signed (OpenID4VCI 1.0, 12.2.3), and what is asked for before a code is spent.

use std::sync::Arc;

use crate::issuer::*;
use leerpas_core::{CountingEntropy, ErrorKind, Header, Language, Purpose, Reply};
use leerpas_credential::{
    data_integrity,
    jose::sign_compact,
    keys::{IssuerKey, Signer},
    trust::TrustList,
    verify::Resources,
};
use leerpas_openid::vci::{CredentialRequest, IssuedCredential};
use leerpas_receive::{OfferSource, ReceiveContext, ReceiveError, Received};
use serde_json::{Value, json};

const TYP: &str = "openidvci-issuer-metadata+jwt";
const PATH: &str = "/.well-known/openid-credential-issuer/tenant";

/// The token that an issuer signs its metadata with.
fn token(metadata: &Value, typ: &str, signer: &dyn Signer) -> String {
    sign_compact(&json!({"typ": typ}), metadata.to_string().as_bytes(), signer).unwrap()
}

/// What the issuer signs: its metadata, and about whom and when.
fn signed_claims(issuer: &Issuer) -> Value {
    let mut claims = issuer.metadata.clone();
    claims["sub"] = json!(ISSUER);
    claims["iat"] = json!(now().as_second() - 10);
    claims
}

/// Plays a journey with a trust list that pins this key to the issuer.
fn with_key(issuer: &mut Issuer, key: &IssuerKey) -> Result<Received, ReceiveError> {
    let list = json!({"version": 1, "institutions":
        [{"name": {"nl": "Hogeschool"}, "identifiers": [ISSUER, DID], "keys": [key.public().to_jwk()]}]});
    let context = ReceiveContext {
        trust: Arc::new(TrustList::from_json(list.to_string().as_bytes()).unwrap()),
        language: Language::Nl,
        resources: Resources::default(),
        copies: 1,
        attestations: Vec::new(),
    };
    let source = OfferSource::Value(issuer.offer.clone());
    play_with(issuer, source, context, &mut willing(&[TX_CODE]))
}

fn serve(issuer: &mut Issuer, media_type: &'static str, body: String) {
    issuer.twist = at(PATH, move || Ok(Reply::new(200, Some(media_type), body.clone().into_bytes())));
}

fn key() -> IssuerKey {
    IssuerKey::make_p256(&CountingEntropy::default())
}

#[test]
fn vci_12_2_3_metadata_signed_with_a_key_of_the_trust_list_are_used() {
    let (mut issuer, key) = (Issuer::new(), key());
    let signed = token(&signed_claims(&issuer), TYP, &key);
    serve(&mut issuer, "application/jwt", signed);
    assert_eq!(with_key(&mut issuer, &issuer_key(&key)).unwrap().cards.len(), 1);
    assert!(issuer.log[0].accept.starts_with("application/jwt"));
}

fn issuer_key(key: &IssuerKey) -> IssuerKey {
    IssuerKey::from_pem(key.to_pem().unwrap().expose()).unwrap()
}

#[test]
fn security_c27_signed_metadata_that_break_a_rule_are_refused_without_falling_back() {
    let own = key();
    let other = IssuerKey::make_ed25519(&CountingEntropy::default());
    let claims = signed_claims(&Issuer::new());
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        token(&changed, TYP, &own)
    };
    let good = token(&claims, TYP, &own);
    let second = now().as_second();
    let unsigned = {
        let encode = leerpas_credential::jose::encode_base64url;
        let header = json!({"alg": "none", "typ": TYP}).to_string();
        format!("{}.{}.", encode(header.as_bytes()), encode(claims.to_string().as_bytes()))
    };
    let mac = {
        let encode = leerpas_credential::jose::encode_base64url;
        let header = json!({"alg": "HS256", "typ": TYP}).to_string();
        format!("{}.{}.AAAA", encode(header.as_bytes()), encode(claims.to_string().as_bytes()))
    };
    let rows = [
        ("another key", token(&claims, TYP, &other), ErrorKind::IssuerMetadataInvalid),
        ("another type", token(&claims, "JWT", &own), ErrorKind::IssuerMetadataInvalid),
        ("none", unsigned, ErrorKind::IssuerMetadataInvalid),
        ("a MAC", mac, ErrorKind::IssuerMetadataInvalid),
        ("about another", with("sub", json!("https://other.example")), ErrorKind::IssuerMismatch),
        ("about nobody", with("sub", Value::Null), ErrorKind::IssuerMismatch),
        ("of another", with("credential_issuer", json!("https://other.example")), ErrorKind::IssuerMismatch),
        ("without a date", with("iat", Value::Null), ErrorKind::IssuerMetadataInvalid),
        ("of the future", with("iat", json!(second + 900)), ErrorKind::IssuerMetadataInvalid),
        ("out of date", with("exp", json!(second - 900)), ErrorKind::IssuerMetadataInvalid),
        ("cut short", good[..good.len() - 9].to_owned(), ErrorKind::IssuerMetadataInvalid),
        ("plain JSON under the label", claims.to_string(), ErrorKind::IssuerMetadataInvalid),
        ("empty", String::new(), ErrorKind::IssuerMetadataInvalid),
    ];
    for (name, body, kind) in rows {
        let mut issuer = Issuer::new();
        serve(&mut issuer, "application/jwt", body);
        let error = with_key(&mut issuer, &own).unwrap_err();
        assert_eq!((error.kind(), error.step()), (kind, "metadata"), "{name}: {error}");
        assert_eq!(issuer.log.len(), 1, "{name}: nothing unsigned was asked for afterwards");
    }
}

#[test]
fn vci_12_2_3_a_signature_of_nobody_known_is_refused_and_not_asked_for() {
    let (mut issuer, key) = (Issuer::new(), key());
    let signed = token(&signed_claims(&issuer), TYP, &key);
    serve(&mut issuer, "application/jwt", signed);
    let error = receive(&mut issuer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IssuerMetadataInvalid);
    assert_eq!(issuer.log[0].accept, "application/json");
    // Signed metadata never pass for plain ones.
    let mut issuer = Issuer::new();
    let signed = token(&signed_claims(&issuer), TYP, &key);
    serve(&mut issuer, "application/json", signed);
    assert!(with_key(&mut issuer, &key).is_err());
}

#[test]
fn vci_12_2_2_the_languages_of_the_program_go_along_and_nothing_of_the_system() {
    let mut issuer = Issuer::new();
    receive(&mut issuer).unwrap();
    for exchange in &issuer.log {
        let expected = match exchange.purpose {
            Purpose::Metadata => vec![(Header::AcceptLanguage, "nl, en;q=0.5".to_owned())],
            _ => Vec::new(),
        };
        assert_eq!(exchange.headers, expected, "{exchange:?}");
    }
}

#[test]
fn haip_4_5_an_attestation_that_is_wanted_is_said_before_a_code_is_spent() {
    // Keys that somebody attests are nowhere to be had; an attestation of the program its institution may give.
    type Case = (ErrorKind, fn(&mut Issuer));
    let wanted: [Case; 3] = [
        (ErrorKind::AttestationNeeded, |issuer| {
            let known = &mut issuer.metadata["credential_configurations_supported"]["mc"];
            known["proof_types_supported"]["jwt"]["key_attestations_required"] = json!({});
        }),
        (ErrorKind::AttestationNeeded, |issuer| {
            let known = &mut issuer.metadata["credential_configurations_supported"]["mc"];
            known["proof_types_supported"] = json!({"attestation": {"proof_signing_alg_values_supported": ["ES256"]}});
        }),
        (ErrorKind::ApprovalNeeded, |issuer| {
            with_sign_in(issuer, &["mc"]);
            issuer.server["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
        }),
    ];
    for (kind, twist) in wanted {
        let mut issuer = Issuer::new();
        twist(&mut issuer);
        let error = receive(&mut issuer).unwrap_err();
        assert_eq!((error.kind(), error.step()), (kind, "metadata"));
        assert_eq!(issuer.count(Purpose::Token) + issuer.count(Purpose::Authorization), 0);
    }
}

#[test]
fn vci_f_2_a_badge_is_collected_with_a_presentation_as_proof() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["badge"], None);
    let known = &mut issuer.metadata["credential_configurations_supported"]["badge"];
    known["proof_types_supported"] = json!({"di_vp": {"proof_signing_alg_values_supported": ["ecdsa-rdfc-2019"]}});
    let mut inner = Issuer::new();
    issuer.badge_key = issuer_key(&inner.badge_key);
    issuer.twist = Box::new(move |exchange| match exchange.url.path() {
        "/nonce" => Some(inner.answer(exchange)),
        "/credential" => {
            let leerpas_core::Body::Json(body) = &exchange.body else { panic!("JSON") };
            let request = CredentialRequest::parse(body.to_string().as_bytes()).unwrap();
            let presentation = &request.di_vp_proofs[0];
            let holder = presentation["holder"].as_str().unwrap();
            let method = presentation["proof"]["verificationMethod"].as_str().unwrap();
            assert_eq!(method.split('#').next(), Some(holder));
            assert_eq!(presentation["proof"]["domain"], ISSUER);
            assert_eq!(presentation["proof"]["challenge"], "nonce-1");
            let document = leerpas_credential::did::DidDocument::resolve_local(holder).unwrap().unwrap();
            let key = document.key(method, leerpas_credential::did::Purpose::Authentication).unwrap();
            let proofs = data_integrity::proofs(presentation).unwrap();
            data_integrity::verify_proof(presentation, &proofs[0], &key).unwrap();
            let IssuedCredential::Object(badge) = inner.badge(&key) else { panic!("an object") };
            Some(reply(200, &json!({"credentials": [{"credential": badge}]})))
        }
        _ => None,
    });
    assert_eq!(receive(&mut issuer).unwrap().cards.len(), 1);
}
