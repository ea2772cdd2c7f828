//! Links and text: what is taken, and how everything else is turned away.

use leerpas_core::{ErrorKind, Url, limits};
use leerpas_intake::{Arrival, Input, IntakeError, OfferSource, RequestSource, read};
use serde_json::json;

const OFFER: &str = "%7B%22credential_issuer%22%3A%22https%3A%2F%2Fi.example%22%7D";

fn text(text: &str) -> Result<Arrival, IntakeError> {
    read(Input::Text(text))
}

fn kind(input: &str) -> ErrorKind {
    text(input).map(|arrival| panic!("{input} was taken as {arrival:?}")).unwrap_err().kind()
}

fn request(input: &str) -> RequestSource {
    match text(input) {
        Ok(Arrival::Request(request)) => request,
        other => panic!("{input}: {other:?}"),
    }
}

#[test]
fn openid4vci_4_1_2_an_offer_by_value() {
    let offer = Arrival::Offer(OfferSource::Value(json!({"credential_issuer": "https://i.example"})));
    for start in [
        "openid-credential-offer://?",
        "OpenID-Credential-Offer://?",
        "openid-credential-offer:?",
        "openid-credential-offer:///?",
        "openid-credential-offer://credential_offer?",
        "openid-credential-offer://?unknown=1&",
        "haip-vci://?",
        "https://wallet.example/open?",
        "https://wallet.example/open?lang=nl&",
    ] {
        assert_eq!(text(&format!("{start}credential_offer={OFFER}")), Ok(offer.clone()), "{start}");
    }
}

#[test]
fn openid4vci_4_1_3_an_offer_by_reference() {
    let reference = Url::parse("https://i.example/offers/1?x=y").unwrap();
    for start in ["openid-credential-offer://?", "haip-vci://?", "https://wallet.example/?"] {
        let link = format!("{start}credential_offer_uri=https%3A%2F%2Fi.example%2Foffers%2F1%3Fx%3Dy");
        assert_eq!(text(&link), Ok(Arrival::Offer(OfferSource::Reference(reference.clone()))), "{start}");
    }
}

#[test]
fn an_offer_as_pasted_json() {
    let offer =
        "\u{feff}\r\n {\"credential_issuer\":\"https://i.example\",\r\n\"credential_configuration_ids\":[\"a\"]}\n";
    assert!(
        matches!(text(offer), Ok(Arrival::Offer(OfferSource::Value(value))) if value["credential_issuer"] == "https://i.example")
    );
}

#[test]
fn openid4vp_5_a_request_keeps_its_parameters_in_order() {
    let query = "client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fdesk.example%2Fr%2F1&request_uri_method=post&x=1";
    for start in [
        "openid4vp://?",
        "OPENID4VP://?",
        "openid4vp:?",
        "openid4vp:///?",
        "haip-vp://?",
        "eudi-openid4vp://authorize?",
        "https://w.example/?",
    ] {
        let request = request(&format!("{start}{query}"));
        assert_eq!(request.client_id.as_deref(), Some("x509_hash:abc"));
        assert_eq!(request.request_uri.as_ref().map(Url::as_str), Some("https://desk.example/r/1"));
        assert_eq!(request.request_uri_method.as_deref(), Some("post"));
        assert_eq!(request.request, None);
        let names: Vec<_> = request.parameters.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["client_id", "request_uri", "request_uri_method", "x"]);
        assert_eq!(request.parameter("x"), Some("1"));
    }
    let by_value =
        request("openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fd.example&nonce=n&response_type=vp_token");
    assert_eq!((by_value.parameter("nonce"), &by_value.request_uri), (Some("n"), &None));
}

#[test]
fn openid4vci_4_1_value_and_reference_together_are_refused() {
    let link =
        format!("openid-credential-offer://?credential_offer={OFFER}&credential_offer_uri=https%3A%2F%2Fi.example");
    assert_eq!(kind(&link), ErrorKind::OfferInvalid);
}

#[test]
fn rfc9101_5_request_and_request_uri_together_are_refused() {
    assert_eq!(
        kind("openid4vp://?client_id=a&request=e.e.e&request_uri=https%3A%2F%2Fd.example"),
        ErrorKind::RequestInvalid
    );
}

#[test]
fn c02_d06_references_that_are_not_https_are_insecure() {
    for scheme in ["http", "HTTP", "file", "ftp", "data"] {
        let offer = format!("openid-credential-offer://?credential_offer_uri={scheme}%3A%2F%2Fi.example%2F1");
        assert_eq!(kind(&offer), ErrorKind::InsecureAddress, "{scheme}");
        let request = format!("openid4vp://?client_id=a&request_uri={scheme}%3A%2F%2Fd.example%2F1");
        assert_eq!(kind(&request), ErrorKind::InsecureAddress, "{scheme}");
    }
    assert_eq!(kind("http://w.example/?credential_offer_uri=https%3A%2F%2Fi.example"), ErrorKind::InsecureAddress);
    assert_eq!(kind("openid4vp://?request_uri=https%3A%2F%2Fa%3Ab%40d.example"), ErrorKind::AddressRefused);
}

#[test]
fn h02_duplicate_keys_are_refused_and_unknown_keys_are_not() {
    for link in [
        "openid4vp://?client_id=a&client_id=b&request_uri=https%3A%2F%2Fd.example",
        "openid4vp://?client_id=a&request_uri=https%3A%2F%2Fd.example&request%5Furi=https%3A%2F%2Fe.example",
        "openid4vp://?client_id=a&x=1&x=1",
        "https://w.example/?client_id=a&client_id=a&request_uri=https%3A%2F%2Fd.example",
    ] {
        assert_eq!(kind(link), ErrorKind::RequestInvalid, "{link}");
    }
    let twice = format!("openid-credential-offer://?credential_offer={OFFER}&credential_offer={OFFER}");
    assert_eq!(kind(&twice), ErrorKind::OfferInvalid);
}

#[test]
fn h02_hidden_bytes_double_encoding_and_size() {
    assert_eq!(kind("openid4vp://?client_id=a%00b&request_uri=https%3A%2F%2Fd.example"), ErrorKind::RequestInvalid);
    assert_eq!(kind("openid4vp://?client_id=%ff%fe"), ErrorKind::RequestInvalid);
    assert_eq!(kind("openid-credential-offer://?credential_offer=%257B%257D"), ErrorKind::OfferInvalid);
    assert_eq!(
        kind("openid-credential-offer://?credential_offer_uri=https%253A%252F%252Fi.example"),
        ErrorKind::OfferInvalid
    );
    assert_eq!(kind("openid-credential-offer://?credential_offer=%5B1%5D"), ErrorKind::OfferInvalid);
    let long = |size: usize| format!("openid4vp://?client_id={}", "a".repeat(size - "openid4vp://?client_id=".len()));
    assert!(text(&long(limits::LINK)).is_ok());
    assert_eq!(text(&long(limits::LINK + 1)), Err(IntakeError::TooLarge { limit: limits::LINK }));
    assert_eq!(text(&long(1024 * 1024)), Err(IntakeError::TooLarge { limit: limits::PASTE }));
    assert_eq!(text(&"x".repeat(50_000_000)), Err(IntakeError::TooLarge { limit: limits::PASTE }));
}

#[test]
fn h03_arguments_of_a_browser_are_no_links() {
    for word in ["--no-sandbox", "--remote-debugging-port=9222", "@file", "/etc/passwd", "C:\\Windows", "-"] {
        assert_eq!(kind(word), ErrorKind::NotRecognised, "{word}");
    }
    assert_eq!(kind("openid4vp://?client_id=a openid4vp://?client_id=b"), ErrorKind::NotRecognised);
}

#[test]
fn h10_codes_for_other_programs_are_named_and_not_taken() {
    for (code, scheme) in [
        ("https://example.org/menu", "https"),
        ("http://example.org/", "http"),
        ("file:///etc/passwd", "file"),
        ("javascript:alert(1)", "javascript"),
        ("WIFI:T:WPA;S:CANARY;P:CANARY;;", "wifi"),
        ("otpauth://totp/CANARY?secret=CANARY", "otpauth"),
        ("mailto:a@example.org", "mailto"),
        ("haip://?client_id=a", "haip"),
        ("BEGIN:VCARD\nFN:CANARY", "begin"),
    ] {
        let error = text(code).unwrap_err();
        assert_eq!(error, IntakeError::OtherCode { scheme }, "{code}");
        assert!(!error.to_string().contains("CANARY") && error.kind() == ErrorKind::NotRecognised);
    }
    // A word before a colon is not repeated unless it is a scheme that we know.
    assert!(!text("canary: what I wrote").unwrap_err().to_string().contains("canary"));
}

#[test]
fn h12_characters_that_look_like_others_are_refused() {
    let link = "openid4vp://?client_id=a&request_uri=https%3A%2F%2Fd.example";
    for stray in [
        link.replace("openid4vp", "ｏｐｅｎｉｄ４ｖｐ"),
        "ｈｔｔｐｓ：//w.example/?credential_offer_uri=x".to_owned(),
        link.replace("client_id", "client\u{200b}_id"),
        link.replace("openid4vp", "openid\u{200b}4vp"),
        link.replace("d.example", "d\u{202e}.example"),
        link.replace('&', "\n&"),
        link.replace('&', " &"),
        link.replace("=a", "=“a”"),
    ] {
        assert_eq!(text(&stray), Err(IntakeError::StrayCharacters), "{stray}");
    }
}

#[test]
fn h12_harmless_edges_are_taken_off() {
    let link = "openid4vp://?client_id=a";
    for wrapped in ["\u{feff}{}", " {}\r\n", "\"{}\"", "“{}”", "\u{200b}{}\u{200b}", "'{}'\n", "\u{202a}{}\u{202c}"]
    {
        assert_eq!(request(&wrapped.replace("{}", link)).client_id.as_deref(), Some("a"), "{wrapped:?}");
    }
}

#[test]
fn h13_a_link_without_anything_in_it_is_invalid() {
    assert_eq!(kind("openid4vp://"), ErrorKind::RequestInvalid);
    assert_eq!(kind("openid4vp://?"), ErrorKind::RequestInvalid);
    assert_eq!(kind("openid4vp://#client_id=a"), ErrorKind::RequestInvalid);
    assert_eq!(kind("openid-credential-offer://"), ErrorKind::OfferInvalid);
    assert_eq!(kind("openid-credential-offer://?client_id=a"), ErrorKind::OfferInvalid);
}

#[test]
fn h14_hosts_are_made_canonical_once_or_refused() {
    let link = |host: &str| format!("openid4vp://?client_id=a&request_uri=https%3A%2F%2F{host}%2Fr");
    for host in
        ["xn--example-.org", "example.org.xn--", "example.org.", "%5Bfe80%3A%3A1%2525eth0%5D", "", "ex%C3%A4mple.org"]
    {
        assert_eq!(kind(&link(host)), ErrorKind::RequestInvalid, "{host}");
    }
    for (host, canonical) in [("0x7f.1", "127.0.0.1"), ("017700000001", "127.0.0.1"), ("EXAMPLE.org", "example.org")] {
        let request = request(&link(host));
        assert_eq!(request.request_uri.as_ref().and_then(Url::host_str), Some(canonical));
    }
}

#[test]
fn a_credential_is_unwrapped_and_kept() {
    let jwt = "eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2ln";
    let sd_jwt = format!("{jwt}~WyJhIl0~");
    let json = "{\"@context\":[\"x\"],\r\n  \"n\": 4.50}";
    for (pasted, kept) in [
        (jwt.to_owned(), jwt),
        (format!("\"{jwt}\"\n"), jwt),
        (format!("\u{feff}{}", jwt.replace('.', ".\r\n  ")), jwt),
        (sd_jwt.clone(), sd_jwt.as_str()),
        (sd_jwt.replace('~', "\n~"), sd_jwt.as_str()),
        (format!("\u{feff}\n{json}\n"), json),
    ] {
        assert_eq!(text(&pasted), Ok(Arrival::Credential(kept.as_bytes().to_vec())), "{pasted:?}");
        let file = Input::File { name: "x.png", bytes: pasted.as_bytes() };
        assert_eq!(read(file), Ok(Arrival::Credential(kept.as_bytes().to_vec())), "{pasted:?}");
    }
}

#[test]
fn what_only_looks_like_a_credential_is_not_recognised() {
    for pasted in [
        "",
        " \n\u{feff}",
        "{",
        "{}",
        "{\"a\":1}",
        "{\"@context\":",
        "[1]",
        "eye contact",
        "eyJhbGciOiJFUzI1NiJ9",
        "eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ",
        "eyJhbGciOiJFUzI1NiJ9..c2ln",
        "eyJhbGciOiJFUzI1NiJ9.a.b.c",
        "eyJhbGciOiJkaXIifQ.a.b.c.d",
        "eyJhIjoxfQ.eyJhIjoxfQ.c2ln",
        "eyJhbGciOiJFUzI1NiIsInR5cCI6Im9hdXRoLWF1dGh6LXJlcStqd3QifQ.eyJhIjoxfQ.c2ln",
        "<html><body>502</body></html>",
        "<?xml version=\"1.0\"?><diploma/>",
        "just some words",
    ] {
        assert_eq!(kind(pasted), ErrorKind::NotRecognised, "{pasted:?}");
    }
}

#[test]
fn a_european_diploma_in_xml_is_named_as_not_supported_yet() {
    for xml in [
        "<?xml version=\"1.0\"?><VerifiableCredential xmlns=\"http://data.europa.eu/snb/model/elm/\"><id/></VerifiableCredential>",
        "<elmo xmlns=\"https://github.com/emrex-eu/elmo-schemas/tree/v1\"/>",
    ] {
        assert_eq!(kind(xml), ErrorKind::CredentialUnsupported, "{xml}");
    }
}

#[test]
fn json_that_is_nested_too_deep_is_refused_before_it_is_parsed() {
    let deep = |levels: usize| format!("{{\"type\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(text(&deep(limits::JSON_DEPTH)).is_ok());
    assert_eq!(text(&deep(limits::JSON_DEPTH + 1)), Err(IntakeError::TooDeep { limit: limits::JSON_DEPTH }));
    assert_eq!(text(&"{\"a\":".repeat(10_000)), Err(IntakeError::TooDeep { limit: limits::JSON_DEPTH }));
    assert!(text(&format!("{{\"type\":\"{}\"}}", "[".repeat(100))).is_ok(), "brackets in a string do not count");
}

#[test]
fn haip_4_2_offers_and_requests_come_under_the_schemes_of_the_profile() {
    assert!(matches!(text(&format!("haip-vci://?credential_offer={OFFER}")), Ok(Arrival::Offer(_))));
    let query = "client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fdesk.example%2Fr%2F1";
    assert_eq!(request(&format!("haip-vp://?{query}")), request(&format!("openid4vp://?{query}")));
}
