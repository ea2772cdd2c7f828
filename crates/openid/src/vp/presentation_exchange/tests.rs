use leerpas_core::ErrorKind;

use super::*;

const VCT: &str = "https://issuer.dev.eduid.nl/vct/eduid";

fn definition(fields: Value) -> Value {
    json!({"id": "def-1", "purpose": "Toegang", "input_descriptors": [
        {"id": "eduid card", "format": {"vc+sd-jwt": {"sd-jwt_alg_values": ["ES256"]}},
            "constraints": {"limit_disclosure": "required", "fields": fields}}]})
}

fn query(definition: &Value) -> Result<Value, ErrorKind> {
    match PresentationDefinition::translate(definition) {
        Ok((_, query)) => Ok(query.as_json()["credentials"].clone()),
        Err(error) => Err(error.kind()),
    }
}

fn vct() -> Value {
    json!({"path": ["$.vct"], "filter": {"type": "string", "const": VCT}})
}

#[test]
fn pex_2_a_dutch_definition_becomes_a_query() {
    let asked = json!([vct(), {"path": ["$.given_name"]}, {"path": ["$['address']['city']", "$.x"]},
        {"path": ["$.eduperson_affiliation"], "filter": {"type": "array", "contains": {"enum": ["student", "staff"]}}}]);
    assert_eq!(
        query(&definition(asked)).unwrap(),
        json!([{"id": "d0", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "claims": [
            {"id": "c1", "path": ["given_name"]}, {"id": "c2", "path": ["address", "city"]},
            {"id": "c3", "path": ["eduperson_affiliation", null], "values": ["student", "staff"]}]}])
    );
    let (read, _) = PresentationDefinition::translate(&definition(json!([vct()]))).unwrap();
    assert_eq!(read.purpose.as_deref(), Some("Toegang"));
}

#[test]
fn pex_2_what_is_optional_may_be_left_out() {
    let asked = json!([vct(), {"path": ["$.name"]}, {"path": ["$.email"], "optional": true}]);
    let query = query(&definition(asked)).unwrap();
    assert_eq!(query[0]["claim_sets"], json!([["c1", "c2", "type"], ["c1", "type"]]));
}

#[test]
fn pex_2_a_badge_is_asked_for_by_its_short_type() {
    let asked = json!({"id": "x", "format": {"ldp_vc": {"proof_type": ["DataIntegrityProof"]}}, "input_descriptors": [
        {"id": "b", "constraints": {"fields": [{"path": ["$.type"], "filter":
            {"type": "array", "contains": {"type": "string", "pattern": "^OpenBadgeCredential$"}}}]}}]});
    assert_eq!(query(&asked).unwrap()[0]["meta"], json!({"type_values": [[TYPES[1].1]]}));
}

#[test]
fn pex_2_what_dcql_cannot_say_is_refused() {
    for fields in [
        json!([]),
        json!([{"path": ["$.name"]}]),
        json!([vct(), {"path": ["$..name"]}]),
        json!([vct(), {"path": ["$.a[?(@.b)]"]}]),
        json!([vct(), {"path": ["$.age"], "filter": {"type": "integer", "minimum": 18}}]),
        json!([vct(), {"path": ["$.age"], "predicate": "required"}]),
        json!([{"path": ["$.vct"], "filter": {"pattern": "eduid"}}]),
        json!([{"path": ["$.vct"], "filter": {"pattern": "^a|b$"}}]),
    ] {
        assert_eq!(query(&definition(fields.clone())), Err(ErrorKind::RequestUnsupported), "{fields}");
    }
    let mut several = definition(json!([vct()]));
    several["submission_requirements"] = json!([{"rule": "pick", "count": 1, "from": "A"}]);
    assert_eq!(query(&several), Err(ErrorKind::RequestUnsupported));
    let mut mdoc = definition(json!([vct()]));
    mdoc["input_descriptors"][0]["format"] = json!({"mso_mdoc": {}});
    assert_eq!(query(&mdoc), Err(ErrorKind::RequestUnsupported));
}

#[test]
fn pex_2_what_is_malformed_is_refused() {
    let good = definition(json!([vct()]));
    let descriptor = good["input_descriptors"][0].clone();
    for bad in [
        json!(null),
        json!([]),
        json!({"id": "x"}),
        json!({"id": "x", "input_descriptors": []}),
        json!({"id": "", "input_descriptors": [descriptor]}),
        json!({"id": "x", "input_descriptors": [descriptor, descriptor]}),
        json!({"id": "x", "input_descriptors": vec![descriptor.clone(); 33]}),
        definition(json!("x")),
        definition(json!([vct(), {"path": []}])),
        definition(json!([vct(), {"path": ["$.a"], "filter": 7}])),
    ] {
        assert_eq!(query(&bad), Err(ErrorKind::RequestInvalid), "{bad}");
    }
}

#[test]
fn pex_2_the_answer_says_where_each_descriptor_finds_its_own() {
    let mut asked = definition(json!([vct()]));
    let mut second = asked["input_descriptors"][0].clone();
    second["id"] = json!("second");
    let (one, _) = PresentationDefinition::translate(&asked).unwrap();
    let token = VpToken::new(vec![("d0".to_owned(), vec![json!("ey~")])]);
    let form = one.to_form(&token, Some("s"));
    let get = |name: &str| form.iter().find(|(n, _)| n == name).unwrap().1.as_str();
    assert_eq!((get("vp_token"), get("state")), ("ey~", "s"));
    let submission: Value = serde_json::from_str(get("presentation_submission")).unwrap();
    assert_eq!(submission["definition_id"], "def-1");
    let map = json!([{"id": "eduid card", "format": "vc+sd-jwt", "path": "$"}]);
    assert_eq!(submission["descriptor_map"], map);
    asked["input_descriptors"].as_array_mut().unwrap().push(second);
    let (two, _) = PresentationDefinition::translate(&asked).unwrap();
    let token = VpToken::new(vec![("d1".to_owned(), vec![json!({"a": 1})]), ("d0".to_owned(), vec![json!("ey~")])]);
    let payload = two.to_payload(&token, None);
    assert_eq!(payload["vp_token"], json!(["ey~", {"a": 1}]));
    let map = &payload["presentation_submission"]["descriptor_map"];
    assert_eq!((map[0]["path"].as_str(), map[1]["path"].as_str()), (Some("$[0]"), Some("$[1]")));
    assert_eq!(map[1]["path_nested"]["path"], "$.verifiableCredential[0]");
}

fn jwt(format: Value) -> Value {
    json!({"id": "x", "input_descriptors": [{"id": "b", "format": format, "constraints": {"fields": [
        {"path": ["$.vc.type"], "filter": {"type": "array", "contains": {"const": "OpenBadgeCredential"}}},
        {"path": ["$.vc.credentialSubject.achievement.name", "$.credentialSubject.achievement.name"]}]}}]})
}

#[test]
fn pex_2_a_credential_as_jwt_is_asked_for_within_its_claim_vc() {
    for format in [json!({"jwt_vc_json": {"alg": ["ES256"]}}), json!({"jwt_vp": {"alg": ["EdDSA", "ES256"]}})] {
        let query = query(&jwt(format)).unwrap();
        assert_eq!(query[0]["format"], "jwt_vc_json");
        assert_eq!(query[0]["meta"], json!({"type_values": [[TYPES[1].1]]}));
        assert_eq!(query[0]["claims"][0]["path"], json!(["credentialSubject", "achievement", "name"]));
    }
    let one_path = json!({"id": "x", "input_descriptors": [{"id": "b", "format": {"jwt_vc": {}}, "constraints": {
        "fields": [{"path": ["$.vc.credentialSubject.name"]}]}}]});
    assert_eq!(query(&one_path).unwrap()[0]["claims"][0]["path"], json!(["credentialSubject", "name"]));
    assert_eq!(query(&jwt(json!({"jwt_vp": {"alg": ["EdDSA"]}}))), Err(ErrorKind::RequestUnsupported));
}

#[test]
fn pex_2_the_answer_as_jwt_names_the_presentation_and_the_credential_in_it() {
    for (asked, of_all, of_one) in
        [("jwt_vc_json", "jwt_vp_json", "jwt_vc_json"), ("jwt_vp", "jwt_vp", "jwt_vc"), ("jwt_vc", "jwt_vp", "jwt_vc")]
    {
        let (definition, _) = PresentationDefinition::translate(&jwt(json!({asked: {}}))).unwrap();
        let token = VpToken::new(vec![("d0".to_owned(), vec![json!("a.b.c")])]);
        let payload = definition.to_payload(&token, None);
        assert_eq!(payload["vp_token"], "a.b.c");
        assert_eq!(
            payload["presentation_submission"]["descriptor_map"][0],
            json!({"id": "b", "format": of_all, "path": "$", "path_nested":
                {"id": "b", "format": of_one, "path": "$.vp.verifiableCredential[0]"}})
        );
    }
}
