use leerpas_core::{CountingEntropy, Format};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    jose::sign_compact,
    keys::IssuerKey,
    sd_jwt::{Issuance, issue},
};

fn sign(header: Value, payload: Value) -> String {
    let key = IssuerKey::make_p256(&CountingEntropy::default());
    sign_compact(&header, payload.to_string().as_bytes(), &key).unwrap()
}

fn sd_jwt() -> String {
    let entropy = CountingEntropy::default();
    let disclosable = [vec!["name".into()]];
    let issuance = Issuance {
        header: json!({"typ": "dc+sd-jwt"}),
        claims: json!({"iss": "https://a.example", "vct": "v", "name": "Sanne"}),
        disclosable: &disclosable,
        decoys: 0,
    };
    issue(issuance, &IssuerKey::make_p256(&entropy), &entropy).unwrap()
}

fn badge() -> Value {
    json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:a.example"}, "credentialSubject": {"id": "did:jwk:x"}})
}

fn format(text: &str) -> Result<Format, ReadError> {
    read(text.as_bytes()).map(|credential| credential.format())
}

#[test]
fn the_content_decides_the_format() {
    assert_eq!(format(&sd_jwt()), Ok(Format::SdJwtVc));
    assert_eq!(format(&format!("\u{feff} {}\n", sd_jwt())), Ok(Format::SdJwtVc));
    assert_eq!(format(&badge().to_string()), Ok(Format::DataIntegrity));
    let presentation = json!({"type": "VerifiablePresentation", "verifiableCredential": [badge()]});
    assert!(read(presentation.to_string().as_bytes()).unwrap().is_presentation());
    assert_eq!(format(&sign(json!({"typ": "JWT"}), badge())), Ok(Format::JwtVc));
    assert_eq!(format(&sign(json!({}), json!({"iss": "x", "vc": badge()}))), Ok(Format::JwtVc11));
    let assertion =
        json!({"type": "Assertion", "recipient": {"type": "email"}, "badge": {"issuer": "https://a.example"}});
    assert_eq!(format(&assertion.to_string()), Ok(Format::OpenBadge2));
    assert_eq!(format(&sign(json!({}), assertion)), Ok(Format::OpenBadge2));
}

#[test]
fn what_was_read_can_be_looked_at() {
    let text = sd_jwt();
    let credential = read(text.as_bytes()).unwrap();
    assert_eq!(credential.original(), text.as_bytes());
    assert_eq!((credential.types(), credential.issuer()), (vec!["v".to_owned()], Some("https://a.example")));
    assert!(credential.selectable(&["name".into()]) && !credential.selectable(&["vct".into()]));
    let credential = read(badge().to_string().as_bytes()).unwrap();
    assert_eq!(
        (credential.holder_ids(), credential.issuer()),
        (vec!["did:jwk:x".to_owned()], Some("did:web:a.example"))
    );
    assert!(credential.types().iter().any(|kind| kind.ends_with("VerifiableCredential")));
}

#[test]
fn security_a15_a_token_of_another_kind_is_no_credential() {
    for typ in ["kb+jwt", "statuslist+jwt", "openid4vci-proof+jwt", "oauth-authz-req+jwt", "application/statuslist+jwt"]
    {
        let token = sign(json!({"typ": typ}), badge());
        assert_eq!(format(&token), Err(ReadError::OtherToken), "{typ}");
        assert_eq!(format(&format!("{token}~")), Err(ReadError::OtherToken), "{typ}");
    }
    assert_eq!(format(&sign(json!({"typ": "JWT"}), json!({"iss": "a", "sub": "b"}))), Err(ReadError::OtherToken));
}

#[test]
fn security_b17_a_presentation_holds_one_credential_and_no_presentation() {
    for content in [
        json!([]),
        json!([badge(), badge()]),
        json!(["text"]),
        json!([{"type": "VerifiablePresentation", "verifiableCredential": [badge()]}]),
        json!(null),
    ] {
        let presentation = json!({"type": "VerifiablePresentation", "verifiableCredential": content});
        assert_eq!(format(&presentation.to_string()), Err(ReadError::PresentationContent));
    }
}

#[test]
fn security_a27_rfc9901_8_the_json_forms_of_jws_and_sd_jwt_are_refused_by_name() {
    let token = sd_jwt();
    let parts: Vec<&str> = token.split(['.', '~']).collect();
    let signature =
        json!({"protected": parts[0], "signature": parts[2], "header": {"alg": "none", "disclosures": [parts[3]]}});
    let flattened = json!({"payload": parts[1], "protected": parts[0], "signature": parts[2],
        "header": {"disclosures": [parts[3]], "kb_jwt": "a.b.c"}});
    let general = json!({"payload": parts[1], "signatures": [signature, signature]});
    for form in [flattened, general] {
        assert_eq!(format(&form.to_string()), Err(ReadError::JsonSerialization));
    }
}

#[test]
fn security_a27_json_serialisations_and_everything_else_are_refused() {
    for text in [
        "",
        "   ",
        "hello",
        "<html><body>login</body></html>",
        "{}",
        "[]",
        "{\"payload\":\"e30\",\"signatures\":[]}",
        "openid-credential-offer://?x",
        "https://a.example/x",
        "a.b.c",
        "\u{0}",
    ] {
        assert!(format(text).is_err(), "{text}");
    }
    assert_eq!(read(&[0xff, 0xfe]).unwrap_err(), ReadError::NotACredential);
    assert_eq!(read(b"\x89PNG\r\n\x1a\n").unwrap_err().kind().exit_code(), 3);
    let big = format!("{{\"type\":\"VerifiableCredential\",\"x\":\"{}\"}}", "a".repeat(1024 * 1024));
    assert_eq!(format(&big), Err(ReadError::TooLarge));
}

proptest! {
    #[test]
    fn no_input_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_token_like_text_makes_it_panic(text in "[A-Za-z0-9_.~-]{0,200}") {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn no_change_of_a_good_token_makes_it_panic(at in 0_usize..400, byte in any::<u8>()) {
        let mut bytes = sd_jwt().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = read(&bytes).map(|credential| credential.types());
    }
}

#[test]
fn security_f05_an_svg_is_read_for_its_badge_and_never_drawn() {
    let badge =
        r#"{"type":["VerifiableCredential"],"issuer":"https://a.example","credentialSubject":{"id":"did:a:b"}}"#;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:ob=\"https://purl.imsglobal.org/ob/v3p0\" onload=\"alert(1)\">\
         <script>alert(1)</script><style>*{{}}</style><foreignObject><body/></foreignObject><use href=\"#a\"/>\
         <image href=\"file:///etc/passwd\"/><set/><animate/><ob:credential><![CDATA[{badge}]]></ob:credential></svg>"
    );
    let credential = read(svg.as_bytes()).unwrap();
    assert_eq!(credential.claims()["issuer"], "https://a.example");
    let facts = credential.facts(&crate::trust::TrustList::empty());
    assert_eq!(facts.picture, None, "drawing one takes an interpreter");
    assert!(!serde_json::to_string(&facts).unwrap().contains("alert"));
}

fn elm() -> Value {
    json!({"type": ["VerifiableCredential", "EuropeanDigitalCredential"], "credentialSubject": {"id": "urn:p:1", "hasClaim": []}})
}

#[test]
fn elm_is_known_by_its_type_in_the_clear_and_inside_a_jades_seal() {
    assert_eq!(format(&elm().to_string()), Ok(Format::Elm));
    let signature = json!([{"protected": "e30", "header": {"etsiU": []}, "signature": "AA"}]);
    let as_text = json!({"payload": elm().to_string(), "signatures": signature});
    assert_eq!(format(&as_text.to_string()), Ok(Format::Elm));
    let encoded = crate::jose::encode_base64url(elm().to_string().as_bytes());
    let flattened = json!({"payload": encoded, "protected": "e30", "signature": "AA"});
    assert_eq!(format(&flattened.to_string()), Ok(Format::Elm));
    // A seal around anything else is the JSON form of a JWS, and nothing of a seal is no credential.
    for other in [
        json!({"payload": "{}", "signatures": signature}),
        json!({"payload": badge().to_string(), "signatures": signature}),
    ] {
        assert_eq!(format(&other.to_string()), Err(ReadError::JsonSerialization));
    }
    assert_eq!(format(&json!({"payload": elm().to_string()}).to_string()), Err(ReadError::NotACredential));
    let twice = json!({"payload": "{\"type\":1,\"type\":2}", "signatures": signature});
    assert!(matches!(format(&twice.to_string()), Err(ReadError::Json(_))));
}

#[test]
fn other_xml_of_the_learning_model_is_named_and_not_called_no_credential() {
    let xml = "<?xml version=\"1.0\"?><VerifiableCredential xmlns=\"http://data.europa.eu/snb/model/elm/\"/>";
    let error = read(xml.as_bytes()).unwrap_err();
    assert_eq!((error.kind(), error), (ErrorKind::CredentialUnsupported, ReadError::ElmXml));
    assert_eq!(read(b"<html></html>").unwrap_err(), ReadError::NotACredential);
}
