use super::{
    super::{CredentialOffer, CredentialResponse, Grant, IssuedCredential, IssuerMetadata, PathPart, TokenResponse},
    *,
};

const ISSUER: &str = "https://issuer.example";

fn metadata(extra: Value) -> IssuerMetadata {
    let mut value = json!({"credential_issuer": ISSUER, "credential_endpoint": "https://issuer.example/c"});
    value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    IssuerMetadata::parse(value.to_string().as_bytes(), ISSUER).unwrap()
}

fn shown(value: Value) -> CredentialConfiguration {
    CredentialConfiguration::parse(value).unwrap()
}

#[test]
fn draft_11_an_offer_by_its_older_names_asks_for_the_same() {
    let older = json!({"credential_issuer": ISSUER, "credentials": ["mc"],
        "grants": {PRE_AUTHORIZED_CODE: {"pre-authorized_code": "abc", "user_pin_required": true}}});
    let offer = CredentialOffer::parse(&older).unwrap();
    assert_eq!(offer.credential_configuration_ids, ["mc"]);
    let Ok(Grant::PreAuthorized(grant)) = offer.grant() else { panic!("authorised beforehand") };
    assert!(grant.tx_code.is_some() && offer.grants.asks_for_pin);
    let without = json!({"credential_issuer": ISSUER, "credentials": ["mc"],
        "grants": {PRE_AUTHORIZED_CODE: {"pre-authorized_code": "abc", "user_pin_required": false}}});
    let Ok(Grant::PreAuthorized(grant)) = CredentialOffer::parse(&without).unwrap().grant() else { panic!() };
    assert!(grant.tx_code.is_none());
    // What is described in the offer itself has no name in the metadata.
    let inline = json!({"credential_issuer": ISSUER, "credentials": [{"format": "jwt_vc_json"}]});
    assert!(CredentialOffer::parse(&inline).is_err());
}

#[test]
fn draft_11_the_code_goes_along_under_both_names() {
    let request = TokenRequest::PreAuthorized { code: "c".to_owned().into(), tx_code: Some("1234".to_owned().into()) };
    let names = |pin| token_form(&request, pin).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(false), ["grant_type", "pre-authorized_code", "tx_code"]);
    assert_eq!(names(true), ["grant_type", "pre-authorized_code", "tx_code", "user_pin"]);
}

#[test]
fn draft_12_metadata_by_older_names_are_read() {
    let entry = json!({"format": "jwt_vc_json", "id": "badge", "types": ["VerifiableCredential", "OpenBadgeCredential"],
        "cryptographic_binding_methods_supported": ["did"], "cryptographic_suites_supported": ["ES256"]});
    for older in [json!([entry]), json!({"badge": entry})] {
        let read = metadata(json!({"credentials_supported": older, "authorization_server": "https://as.example"}));
        assert_eq!(read.authorization_servers, ["https://as.example"]);
        let one = read.configuration("badge").unwrap();
        assert_eq!(one.types, ["VerifiableCredential", "OpenBadgeCredential"]);
        assert_eq!(one.binding_methods, ["did", "did:jwk"]);
        assert_eq!(one.jwt_proof_algorithms, Some(vec!["ES256".to_owned()]));
        assert_eq!(read.edition(one), Edition::Draft13);
    }
}

#[test]
fn draft_13_claims_by_name_become_claims_by_path() {
    let one = shown(json!({"format": "vc+sd-jwt", "vct": "urn:a",
        "claims": {"given_name": {"display": [{"name": "Voornaam", "locale": "nl"}], "mandatory": true},
            "address": {"street": {}, "city": {"display": [{"name": "Plaats"}]}}}}));
    let mut paths: Vec<_> = one.claims.iter().map(|claim| PathPart::join(&claim.path)).collect();
    paths.sort();
    assert_eq!(paths, ["address.city", "address.street", "given_name"]);
    let name = one.claims.iter().find(|claim| claim.mandatory).unwrap();
    assert_eq!(name.display[0].name, "Voornaam");
    assert_eq!(one.edition, Edition::Draft13);
    let w3c = shown(json!({"format": "jwt_vc_json", "credential_definition": {"type": ["VerifiableCredential"],
        "credentialSubject": {"achievement": {"name": {"display": [{"name": "Name"}]}}}}}));
    assert_eq!(PathPart::join(&w3c.claims[0].path), "credentialSubject.achievement.name");
}

#[test]
fn claims_nested_without_end_stop_at_a_bound() {
    let mut deep = json!({"x": {}});
    for _ in 0..50 {
        deep = json!({"x": deep});
    }
    let one = shown(json!({"format": "vc+sd-jwt", "claims": deep}));
    assert_eq!(one.claims[0].path.len(), NESTING);
}

#[test]
fn each_edition_is_known_by_its_content_and_1_0_is_left_alone() {
    let now = json!({"format": "dc+sd-jwt", "vct": "urn:a", "credential_metadata": {"display": [{"name": "A"}]},
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}}});
    let members = |value: &Value| value.as_object().unwrap().clone();
    assert_eq!(configuration(members(&now)), (members(&now), Edition::Final));
    let draft_15 =
        json!({"format": "dc+sd-jwt", "vct": "urn:a", "claims": [{"path": ["a"]}], "display": [{"name": "A"}]});
    assert_eq!(configuration(members(&draft_15)).1, Edition::Draft15);
    let draft_13 = json!({"format": "vc+sd-jwt", "vct": "urn:a"});
    assert_eq!(configuration(members(&draft_13)).1, Edition::Draft13);
    let w3c = json!({"format": "vc+sd-jwt", "credential_definition": {"type": ["VerifiableCredential"]}});
    assert_eq!(configuration(members(&w3c)).1, Edition::Final);
    // Whoever has a nonce endpoint speaks draft 15 at least.
    let entries = json!({"a": draft_13});
    let nonce = "https://issuer.example/n";
    let with = metadata(json!({"credential_configurations_supported": entries, "nonce_endpoint": nonce}));
    assert_eq!(with.edition(with.configuration("a").unwrap()), Edition::Draft15);
    let without = metadata(json!({"credential_configurations_supported": entries}));
    assert_eq!(without.edition(without.configuration("a").unwrap()), Edition::Draft13);
}

#[test]
fn draft_13_and_15_the_request_has_the_members_of_its_edition() {
    let configuration = shown(json!({"format": "vc+sd-jwt", "vct": "urn:a"}));
    let request = |target, proofs: &[&str]| CredentialRequest {
        target,
        jwt_proofs: proofs.iter().map(|proof| (*proof).to_owned()).collect(),
        di_vp_proofs: Vec::new(),
    };
    let by_configuration = request(Target::Configuration("mc".to_owned()), &["p"]);
    let written = |edition| credential_request(&by_configuration, &configuration, edition);
    let proof = json!({"proof_type": "jwt", "jwt": "p"});
    assert_eq!(written(Edition::Final), by_configuration.to_json());
    assert_eq!(written(Edition::Draft15), json!({"credential_configuration_id": "mc", "proof": proof}));
    assert_eq!(written(Edition::Draft13), json!({"format": "vc+sd-jwt", "vct": "urn:a", "proof": proof}));
    let named = request(Target::Identifier("one".to_owned()), &["p"]);
    let named = credential_request(&named, &configuration, Edition::Draft13);
    assert_eq!(named, json!({"credential_identifier": "one", "proof": proof}));
    let w3c = shown(json!({"format": "ldp_vc",
        "credential_definition": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]}}));
    let several = request(Target::Configuration("mc".to_owned()), &["p", "q"]);
    assert_eq!(
        credential_request(&several, &w3c, Edition::Draft13),
        json!({"format": "ldp_vc", "proofs": {"jwt": ["p", "q"]}, "credential_definition":
            {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]}})
    );
}

#[test]
fn draft_13_and_14_a_response_with_bare_credentials_is_read() {
    let read = |value: Value| CredentialResponse::parse(value.to_string().as_bytes()).unwrap().credentials;
    assert_eq!(read(json!({"credential": "a~", "c_nonce": "n"})), [IssuedCredential::Text("a~".into())]);
    assert_eq!(read(json!({"credentials": ["a~", "b~"]})).len(), 2);
    let badge = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]});
    let badge_read = IssuedCredential::Object(badge.as_object().unwrap().clone());
    assert_eq!(read(json!({"credential": badge})), std::slice::from_ref(&badge_read));
    assert_eq!(read(json!({"credentials": [badge]})), [badge_read]);
}

#[test]
fn draft_13_a_nonce_comes_with_the_token_the_credential_or_the_error() {
    assert_eq!(nonce(br#"{"error":"invalid_proof","c_nonce":"n1","c_nonce_expires_in":9}"#).as_deref(), Some("n1"));
    for none in [&b"<html>"[..], b"{}", br#"{"c_nonce":5}"#, br#"{"c_nonce":"a\nb"}"#, br#"{"c_nonce":""}"#] {
        assert_eq!(nonce(none), None);
    }
    let long = json!({"c_nonce": "n".repeat(1_000_000)}).to_string();
    assert_eq!(nonce(long.as_bytes()), None, "security C14");
    // Its token response may say for which configuration without naming credentials.
    let token = json!({"access_token": "t", "token_type": "bearer", "c_nonce": "n",
        "authorization_details": [{"type": "openid_credential", "credential_configuration_id": "mc"}]});
    assert!(TokenResponse::parse(token.to_string().as_bytes()).unwrap().authorized.is_empty());
}
