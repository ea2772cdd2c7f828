use super::*;

const HASH: &str = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";
const NOW: i64 = 1_795_000_000;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn good() -> Value {
    json!({"client_id": HASH, "response_type": "vp_token", "response_mode": "direct_post",
        "response_uri": "https://desk.example/answer", "nonce": "n-0S6_WzA2Mj", "state": "af0ifjsldkj",
        "aud": SELF_ISSUED_AUDIENCE, "iat": NOW, "exp": NOW + 300,
        "dcql_query": {"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]},
        "client_metadata": {"client_name": "Werkplaats", "vp_formats_supported": {"dc+sd-jwt": {}}},
        "leerpas_purpose": "Sollicitatie", "leerpas_retention": "30 dagen", "unknown": {"is": "ignored"}})
}

fn read(object: &Value) -> Result<AuthorizationRequest, RequestError> {
    let client_id = ClientId::parse(HASH).unwrap();
    AuthorizationRequest::from_object(object.as_object().unwrap(), &client_id, &[], None, now())
}

fn changed(name: &str, value: Value) -> Result<AuthorizationRequest, RequestError> {
    let mut object = good();
    object[name] = value;
    read(&object)
}

fn without(name: &str) -> Result<AuthorizationRequest, RequestError> {
    let mut object = good();
    object.as_object_mut().unwrap().remove(name);
    read(&object)
}

#[track_caller]
fn invalid(result: Result<AuthorizationRequest, RequestError>) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), leerpas_core::ErrorKind::RequestInvalid, "{error}");
}

#[track_caller]
fn unsupported(result: Result<AuthorizationRequest, RequestError>) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), leerpas_core::ErrorKind::RequestUnsupported, "{error}");
}

#[test]
fn oid4vp_1final_wallet_happy_flow_request_is_read() {
    let request = read(&good()).unwrap();
    assert_eq!(request.response_mode, ResponseMode::DirectPost);
    assert_eq!(request.purpose.as_deref(), Some("Sollicitatie"));
    assert_eq!(request.retention.as_deref(), Some("30 dagen"));
    assert_eq!(request.client_metadata.client_name.as_deref(), Some("Werkplaats"));
    assert!(!request.is_expired(now()));
    assert!(request.is_expired(Timestamp::from_second(NOW + 361).unwrap()));
}

#[test]
fn oid4vp_1final_wallet_negative_test_mismatched_client_id() {
    invalid(changed("client_id", json!("x509_hash:Avo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk")));
    invalid(changed("client_id", json!(HASH.trim_start_matches("x509_hash:"))));
    invalid(without("client_id"));
}

#[test]
fn rfc9101_6_3_a_link_that_contradicts_its_object_is_refused() {
    let object = good();
    let id = ClientId::parse(HASH).unwrap();
    let with = |name: &str, value: &str| {
        let outside = [(name.to_owned(), value.to_owned())];
        AuthorizationRequest::from_object(object.as_object().unwrap(), &id, &outside, None, now())
    };
    invalid(with("nonce", "another-nonce"));
    invalid(with("response_uri", "https://evil.example/"));
    assert!(with("nonce", "n-0S6_WzA2Mj").is_ok());
    assert!(with("only_outside", "ignored").is_ok());
}

#[test]
fn oid4vp_1final_wallet_negative_test_missing_nonce() {
    invalid(without("nonce"));
    for bad in
        [json!(""), json!("a"), json!("x".repeat(1_000_000)), json!("nönce-nönce"), json!("with blank "), json!(7)]
    {
        invalid(changed("nonce", bad));
    }
}

#[test]
fn vp_5_2_state_is_url_safe() {
    for bad in [json!(""), json!("a b"), json!("é"), json!(1)] {
        invalid(changed("state", bad));
    }
    assert!(without("state").is_ok());
}

#[test]
fn oid4vp_1final_wallet_negative_test_redirect_uri_with_direct_post() {
    invalid(changed("redirect_uri", json!("https://desk.example/back")));
}

#[test]
fn oid4vp_1final_wallet_negative_test_unknown_transaction_data_type() {
    // {"type":"payment"}
    unsupported(changed("transaction_data", json!(["eyJ0eXBlIjoicGF5bWVudCJ9"])));
    invalid(changed("transaction_data", json!("nonsense")));
}

#[test]
fn other_response_types_and_modes_are_refused() {
    for kind in ["code", "vp_token id_token", "id_token", "VP_TOKEN", " vp_token"] {
        unsupported(changed("response_type", json!(kind)));
    }
    invalid(without("response_type"));
    for mode in ["fragment", "query", "dc_api", "dc_api.jwt", "Direct_Post", "form_post"] {
        unsupported(changed("response_mode", json!(mode)));
    }
    unsupported(without("response_mode"));
}

#[test]
fn vp_5_1_exactly_one_of_dcql_query_and_scope() {
    invalid(changed("scope", json!("openid")));
    invalid(without("dcql_query"));
    let mut scoped = good();
    scoped.as_object_mut().unwrap().remove("dcql_query");
    scoped["scope"] = json!("microcredential");
    assert_eq!(read(&scoped), Err(RequestError::Scope));
}

#[test]
fn vp_5_5_a_scope_is_refused_by_its_name() {
    assert_eq!(RequestError::Scope.kind(), leerpas_core::ErrorKind::RequestScope);
    assert_eq!(RequestError::Scope.word(), Some("invalid_scope"));
}

#[test]
fn vp_8_5_each_broken_rule_has_its_word() {
    let mdoc = json!({"credentials": [{"id": "a", "format": "mso_mdoc", "meta": {"doctype_value": "x"}}]});
    let table: &[(&str, Value, Option<&str>)] = &[
        ("nonce", json!(""), Some("invalid_request")),
        ("dcql_query", json!({}), Some("invalid_request")),
        ("scope", json!("openid"), Some("invalid_request")),
        ("response_type", json!("code"), Some("unsupported_response_type")),
        ("transaction_data", json!(["eyJ0eXBlIjoicGF5bWVudCJ9"]), Some("invalid_transaction_data")),
        ("transaction_data", json!([]), Some("invalid_transaction_data")),
        ("dcql_query", mdoc, Some("vp_formats_not_supported")),
        ("client_metadata", json!({"vp_formats_supported": {"mso_mdoc": {}}}), Some("vp_formats_not_supported")),
        ("aud", json!("https://other.example"), Some("invalid_request")),
        // What is over, goes elsewhere or is not what was asked for, is answered by nobody.
        ("exp", json!(NOW - 100), None),
        ("response_uri", json!("http://desk.example/"), None),
        ("client_id", json!("x509_san_dns:desk.example"), None),
    ];
    for (name, value, word) in table {
        assert_eq!(changed(name, value.clone()).unwrap_err().word(), *word, "{name}");
    }
    assert_eq!(RequestError::KnownBeforehand.word(), Some("invalid_client"));
}

#[test]
fn presentation_definition_is_called_an_old_protocol() {
    let mut object = good();
    object.as_object_mut().unwrap().remove("dcql_query");
    object["presentation_definition_uri"] = json!("https://desk.example/definition");
    let error = read(&object).unwrap_err();
    assert!(error.to_string().contains("old protocol"));
    invalid(changed("presentation_definition", json!({"id": "x"})));
}

#[test]
fn the_response_address_is_plain_https() {
    assert_eq!(changed("response_uri", json!("http://desk.example/")), Err(RequestError::Insecure));
    for bad in ["https://a@desk.example/", "https://desk.example/#x", "desk", "", "https://"] {
        invalid(changed("response_uri", json!(bad)));
    }
    invalid(without("response_uri"));
}

#[test]
fn rfc9101_6_times_and_audience_of_the_object() {
    assert_eq!(changed("exp", json!(NOW - 61)), Err(RequestError::Expired));
    assert!(changed("exp", json!(NOW - 59)).is_ok());
    invalid(changed("exp", json!(NOW + 10 * 365 * 86_400)));
    invalid(changed("exp", json!("tomorrow")));
    invalid(changed("iat", json!(NOW + 3_600)));
    invalid(changed("nbf", json!(NOW + 3_600)));
    invalid(changed("aud", json!("https://other.example")));
    invalid(changed("aud", json!([])));
    assert!(without("aud").is_ok());
    assert!(without("exp").is_ok());
    assert!(changed("exp", json!(i64::MAX)).is_err());
}

#[test]
fn vp_5_10_1_wallet_nonce_must_come_back() {
    let id = ClientId::parse(HASH).unwrap();
    let mut object = good();
    let read =
        |object: &Value| AuthorizationRequest::from_object(object.as_object().unwrap(), &id, &[], Some("sent"), now());
    invalid(read(&object));
    object["wallet_nonce"] = json!("other");
    invalid(read(&object));
    object["wallet_nonce"] = json!("sent");
    assert!(read(&object).is_ok());
}

#[test]
fn direct_post_jwt_never_falls_back_to_clear() {
    let with = |metadata: Value| {
        let mut object = good();
        object["response_mode"] = json!("direct_post.jwt");
        object["client_metadata"] = metadata;
        read(&object)
    };
    let key = json!({"kty": "EC", "crv": "P-256", "alg": "ECDH-ES",
        "x": "YO4epjifD-KWeq1sL2tNmm36BhXnkJ0He-WqMYrp9Fk", "y": "Hekpm0zfK7C-YccH5iBjcIXgf6YdUvNUac_0At55Okk"});
    invalid(with(json!({})));
    invalid(with(json!({"jwks": {"keys": []}})));
    let mut none = key.clone();
    none["alg"] = json!("none");
    invalid(with(json!({"jwks": {"keys": [none]}})));
    unsupported(with(json!({"jwks": {"keys": [key]}, "encrypted_response_enc_values_supported": ["A128CBC-HS256"]})));
    assert!(with(json!({"jwks": {"keys": [key]}})).is_ok());
}

#[test]
fn oid4vp_1final_wallet_negative_test_response_uri_not_client_id() {
    let plain = |response_uri: &str| {
        let query = good()["dcql_query"].to_string();
        let parameters = [
            ("client_id", "redirect_uri:https://desk.example/answer"),
            ("response_type", "vp_token"),
            ("response_mode", "direct_post"),
            ("response_uri", response_uri),
            ("nonce", "n-0S6_WzA2Mj"),
            ("dcql_query", &query),
        ];
        let owned: Vec<_> = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let id = ClientId::parse(&owned[0].1).unwrap();
        AuthorizationRequest::from_parameters(id, &owned)
    };
    assert!(plain("https://desk.example/answer").is_ok());
    assert_eq!(plain("https://desk.example/other"), Err(RequestError::WrongAddress));
}

#[test]
fn vp_5_9_3_an_address_that_is_left_out_is_that_of_the_identifier() {
    let query = good()["dcql_query"].to_string();
    let read = |id: &str| {
        let parameters = [
            ("client_id", id),
            ("response_type", "vp_token"),
            ("response_mode", "direct_post"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("dcql_query", &query),
        ];
        let owned: Vec<_> = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        AuthorizationRequest::from_parameters(ClientId::parse(id).unwrap(), &owned)
    };
    let request = read("redirect_uri:https://desk.example/answer").unwrap();
    assert_eq!(request.response_uri.unwrap().as_str(), "https://desk.example/answer");
    assert_eq!(read("redirect_uri:http://desk.example/answer"), Err(RequestError::Insecure));
    invalid(without("response_uri"));
}

#[test]
fn what_a_verifier_builds_is_what_a_wallet_reads() {
    let id = ClientId::parse(HASH).unwrap();
    let query = DcqlQuery::parse(&good()["dcql_query"]).unwrap();
    let uri = Url::parse("https://desk.example/answer").unwrap();
    let object = RequestObject {
        client_id: &id,
        response_uri: Some(&uri),
        response_mode: ResponseMode::DirectPost,
        nonce: "n-0S6_WzA2Mj",
        state: "s-1234567",
        query: &query,
        client_metadata: &json!({}),
        purpose: Some("Sollicitatie"),
        retention: None,
        wallet_nonce: None,
        issued: now(),
        expires: Timestamp::from_second(NOW + 300).unwrap(),
    };
    let request = read(&object.to_claims()).unwrap();
    assert_eq!((request.query, request.purpose.as_deref()), (query, Some("Sollicitatie")));
}

#[test]
fn vp_5_a_reason_in_several_languages_is_shown_in_the_one_that_the_person_reads() {
    let mut claims = good();
    claims[purpose_member(Language::Nl)] = json!("Sollicitatie bij ons");
    claims[purpose_member(Language::En)] = json!("Job\u{202e} application");
    claims["leerpas_purpose#de"] = json!("Bewerbung");
    let request = read(&claims).unwrap();
    assert_eq!(request.purpose.as_deref(), Some("Sollicitatie"), "for whoever reads neither");
    let said = |language| request.clone().in_language(language).purpose.unwrap();
    assert_eq!((said(Language::Nl), said(Language::En)), ("Sollicitatie bij ons".into(), "Job application".into()));
    // Bounded like any text of a stranger, and nothing where it is no text.
    claims[purpose_member(Language::Nl)] = json!("x".repeat(5_000));
    claims[purpose_member(Language::En)] = json!({"not": "a text"});
    let request = read(&claims).unwrap();
    assert!(request.clone().in_language(Language::Nl).purpose.unwrap().chars().count() <= MAX_PURPOSE + 1);
    assert_eq!(request.in_language(Language::En).purpose.as_deref(), Some("Sollicitatie"));
}

#[test]
fn dcql_6_2_the_purpose_of_a_credential_set_is_shown_in_the_language_of_the_person_and_decides_nothing() {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove("leerpas_purpose");
    let id = claims["dcql_query"]["credentials"][0]["id"].clone();
    let sets = |purposes: &[Value]| {
        let set = |purpose: &Value| json!({"options": [[id]], "purpose": purpose});
        purposes.iter().map(set).collect::<Vec<_>>()
    };
    let both = json!({"nl": "Toelating\u{202e} tot de cursus", "en": "Admission to the course"});
    for (purposes, nl, en) in [
        (sets(&[json!("Toelating")]), Some("Toelating"), Some("Toelating")),
        (sets(std::slice::from_ref(&both)), Some("Toelating tot de cursus"), Some("Admission to the course")),
        (
            sets(&[both.clone(), json!({"nl": "Korting"}), both.clone()]),
            Some("Toelating tot de cursus; Korting"),
            Some("Admission to the course; Korting"),
        ),
        (sets(&[json!({"is": {"no": "text"}})]), None, None),
        (sets(&[json!(7), Value::Null]), None, None),
    ] {
        claims["dcql_query"]["credential_sets"] = json!(purposes);
        let request = read(&claims).unwrap();
        let said = |language| request.clone().in_language(language).purpose;
        assert_eq!((said(Language::Nl).as_deref(), said(Language::En).as_deref()), (nl, en), "{purposes:?}");
        let without = DcqlQuery::parse(&json!({"credentials": claims["dcql_query"]["credentials"]})).unwrap();
        assert_eq!(request.query.credentials, without.credentials, "the same is asked for");
    }
    claims["dcql_query"]["credential_sets"] = json!(sets(&[json!({"nl": "x".repeat(5_000)})]));
    let long = read(&claims).unwrap().in_language(Language::Nl).purpose.unwrap();
    assert!(long.chars().count() <= MAX_PURPOSE);
    // What is said of the whole request comes first, in whatever language.
    claims["leerpas_purpose"] = json!("Sollicitatie");
    claims["dcql_query"]["credential_sets"] = json!(sets(&[both]));
    let request = read(&claims).unwrap();
    assert_eq!(request.in_language(Language::En).purpose.as_deref(), Some("Sollicitatie"));
}
