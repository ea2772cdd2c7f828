//! Rows of the list of hostile inputs to OpenID4VCI that are settled before or around the credential.

use crate::issuer::*;
use leerpas_core::{ErrorKind, Purpose, limits};
use leerpas_openid::vci::{CONFIGURATIONS, NAME};
use leerpas_receive::{Answer, OfferPreview, OfferSource, Question};
use serde_json::{Map, Value, json};

/// What the person is shown of an offer; nothing is taken.
fn preview(issuer: &mut Issuer) -> Result<OfferPreview, ErrorKind> {
    let mut shown = None;
    let source = OfferSource::Value(issuer.offer.clone());
    let outcome = play(issuer, source, 1, |question| match question {
        Question::Contact { .. } => Answer::Contact,
        Question::Take(preview) => {
            shown = Some(preview.clone());
            Answer::Decline
        }
        _ => panic!("nothing was taken"),
    });
    outcome.map_err(|error| error.kind())?;
    Ok(shown.unwrap())
}

#[test]
fn security_c02_an_issuer_at_an_address_that_is_none_of_the_open_internet_gets_no_request() {
    for address in
        ["http://issuer.example", "file:///etc/passwd", "data:text/plain,x", "https://name:pw@issuer.example"]
    {
        let mut offer = Issuer::new().offer;
        offer["credential_issuer"] = json!(address);
        let mut issuer = Issuer::new();
        let outcome = play(&mut issuer, OfferSource::Value(offer), 1, willing(&[]));
        let kind = outcome.unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::InsecureAddress | ErrorKind::AddressRefused), "{address}: {kind:?}");
        assert!(issuer.log.is_empty(), "{address}");
    }
}

#[test]
fn security_c04_metadata_that_differ_in_case_slash_path_or_port_are_refused() {
    for near in [
        "https://issuer.example/tenant/",
        "https://issuer.example/Tenant",
        "https://issuer.example:443/tenant",
        "https://ISSUER.example/tenant",
        "https://issuer.example",
    ] {
        let mut issuer = Issuer::new();
        issuer.metadata["credential_issuer"] = json!(near);
        assert_eq!(preview(&mut issuer).unwrap_err(), ErrorKind::IssuerMismatch, "{near}");
        assert_eq!(issuer.count(Purpose::Token), 0);
    }
}

#[test]
fn security_c10_the_words_about_the_code_are_short_and_plain_and_its_host_is_named() {
    let rows = [
        (json!({"description": format!("\u{202E}<b>{}</b>", "Enter your bank code. ".repeat(500))}), None),
        (json!({"length": 0}), None),
        (json!({"length": 1_000_000_000_u64}), None),
        (json!({"length": -1}), None),
        (json!({"length": 6}), Some(6)),
        (json!({}), None),
    ];
    for (tx_code, length) in rows {
        let mut issuer = Issuer::new();
        issuer.offer = offer_of(&["mc"], Some(tx_code.clone()));
        let code = preview(&mut issuer).unwrap().code.expect("it is asked for");
        assert_eq!((code.length, code.host.as_str()), (length, "issuer.example"), "{tx_code}");
        let shown = code.description.unwrap_or_default();
        assert!(shown.chars().count() <= limits::TX_CODE_DESCRIPTION && !shown.contains('\u{202E}'), "{tx_code}");
    }
}

#[test]
fn security_c20_metadata_that_are_too_many_too_long_or_point_elsewhere() {
    let mut issuer = Issuer::new();
    let one = issuer.metadata["credential_configurations_supported"]["mc"].clone();
    let many: Map<String, Value> = (0..=CONFIGURATIONS).map(|n| (format!("c{n}"), one.clone())).collect();
    issuer.metadata["credential_configurations_supported"] = many.into();
    assert_eq!(preview(&mut issuer).unwrap_err(), ErrorKind::IssuerMetadataInvalid);

    let mut issuer = Issuer::new();
    let long = format!("\u{202E}{}", "n".repeat(100_000));
    let logo = json!({"uri": "https://tracker.example/logo.svg"});
    let script = json!({"uri": "data:image/svg+xml,<svg onload='alert(1)'/>"});
    issuer.metadata["display"] = json!([{"name": long, "logo": logo}]);
    let known = &mut issuer.metadata["credential_configurations_supported"]["mc"];
    known["credential_metadata"]["display"] = json!([{"name": long, "logo": script, "background_image": logo}]);
    let shown = preview(&mut issuer).unwrap();
    for name in shown.titles.iter().chain([&shown.issuer.name]) {
        assert!(name.chars().count() <= NAME && !name.contains('\u{202E}'));
    }
    let hosts = issuer.log.iter().filter_map(|exchange| exchange.url.host_str());
    assert!(hosts.into_iter().all(|host| host == "issuer.example"), "no picture was fetched");
}

#[test]
fn security_c20_metadata_that_are_too_large_have_their_own_name() {
    let mut issuer = Issuer::new();
    issuer.twist = at("/.well-known/openid-credential-issuer/tenant", || {
        Err(leerpas_core::Fault::TooLarge { host: "issuer.example".to_owned(), limit: 1024 * 1024 })
    });
    assert_eq!(preview(&mut issuer).unwrap_err(), ErrorKind::ReplyTooLarge);
}

#[test]
fn security_c14_the_same_nonce_for_ever_is_the_issuers_own_affair_and_a_nonce_of_a_megabyte_is_refused() {
    let mut issuer = Issuer::new();
    issuer.twist = at("/nonce", || reply(200, &json!({"c_nonce": "n".repeat(1024 * 1024)})));
    let error = receive(&mut issuer).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::ReplyUnreadable, "nonce"));
    assert_eq!(issuer.count(Purpose::Credential), 0, "no proof goes out without a nonce");
    // The same of a draft, where it comes along with the token.
    let mut issuer = Issuer::new();
    members(&mut issuer.metadata).remove("nonce_endpoint");
    issuer.twist = at("/token", || {
        reply(200, &json!({"access_token": TOKEN, "token_type": "bearer", "c_nonce": "n".repeat(1024 * 1024)}))
    });
    assert_eq!(receive(&mut issuer).unwrap().edition.as_str(), "1.0", "as if it had given none");
}
