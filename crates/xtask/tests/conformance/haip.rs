//! What HAIP asks on top.

use crate::row::{Part, Row, must, should};

/// HAIP 1.0.
pub const PART: Part =
    Part { id: "HAIP", title: "OpenID4VC High Assurance Interoperability Profile 1.0, the wallet", rows: ROWS };

const ROWS: &[Row] = &[
    must("4", "Collecting by a sign-in in the browser.", &["oid4vci_1_0_wallet_test_credential_issuance_with_a_pushed_sign_in"]).item(&["1.4 M1"]),
    must("4", "The authorization request is pushed, and the browser carries a reference.", &["rfc9126_4_the_browser_carries_nothing_but_the_reference"]).item(&["1.4 M2"]),
    must("4", "PKCE with S256.", &["rfc7636_appendix_b_the_challenge_of_the_example", "security_c08_a_server_that_cannot_protect_the_code_is_not_used"]).item(&["1.4 M3"]),
    must("4", "DPoP, with nonces of both servers.", &["rfc9449_8_tokens_are_bound_to_a_key_and_each_server_gets_its_nonce"]).item(&["1.4 M4"]),
    must("4", "The answer of the sign-in names the server that was asked.", &["rfc9207_2_4_security_c07_another_server_is_refused_also_with_an_error"]).item(&["1.4 M5"]),
    must("4.2, 4.3", "A credential is asked for by its scope.", &["openid4vci_5_1_scopes_details_and_issuer_state_go_along"]).item(&["1.4 M6"]),
    must("4.3, 4.4.1", "The wallet proves what it is at the pushed request and the token endpoint, where an institution attested it for its server; else an issuer that asks for it is named as not supported.", &["oid4vci_1_0_wallet_test_client_attestation_challenge", "haip_4_5_an_attestation_that_is_wanted_is_said_before_a_code_is_spent"]).item(&["1.4 M7", "1.4 M8"]),
    must("4.5.1", "Keys are attested.", &[]).refused("as above: the keys of a desktop are in no certified device, and nobody attests them").item(&["1.4 M9", "1.4 M22"]),
    must("4.2", "Offers are taken from this machine and from another one.", &["openid4vci_4_1_2_an_offer_by_value", "an_offer_and_a_request_come_as_pictures_of_qr_codes_too"]).item(&["1.4 M11"]),
    should("4.2, 5.1", "Offers under haip-vci, requests under haip-vp.", &["haip_4_2_offers_and_requests_come_under_the_schemes_of_the_profile"]),
    must("4.1", "Pictures of issuers are shown, SVG and PNG, from data and https addresses.", &["security_f06_only_pictures_from_within_are_kept_and_written_anew", "a_picture_with_another_hash_or_none_is_not_shown"]).refused("an SVG of a credential's type is drawn by us and PNG is shown; pictures from a stranger's host tell it who looks, so they need a hash").item(&["1.4 M10"]),
    must("5, 5.1", "The request is signed, by reference, under the hash of its certificate.", &["openid4vp_5_9_3_x509_hash_certificate_must_fit_and_be_trusted", "a_request_by_value_with_an_x509_hash_id_and_no_signature_is_refused"]).item(&["1.4 M12", "1.4 M13"]),
    must("5", "The answer is encrypted with ECDH-ES on P-256, and with A256GCM where both are offered.", &["haip_5_an_answer_is_encrypted_with_the_stronger_of_both", "oid4vp_1final_wallet_alternate_happy_flow_direct_post_jwt", "vp_8_3_encryption_defaults_to_a128gcm_and_prefers_256"]).item(&["1.4 M14", "1.4 S15"]),
    must("5.1", "An address to go on to is offered to the person.", &["openid4vp_8_2_only_an_https_address_to_go_on_is_offered"]).item(&["1.4 M16"]),
    must("5", "DCQL, with authorities by the identifier of their key.", &["haip_5_a_card_is_put_forward_only_for_an_authority_behind_its_certificates"]).item(&["1.4 M17"]),
    must("5", "A verifier offers both encryptions for the answer.", &["haip_5_the_desk_offers_both_encryptions_under_a_key_with_a_name"]).item(&["1.3 M15"]),
    must("7, 8", "ES256 and SHA-256 for everything.", &["security_a07_ecdsa_p256_and_p384_as_jose_encodes_them", "rfc9901_4_2_3_digest_of_the_example", "haip_5_what_the_profile_needs_of_a_wallet_is_said_to_a_verifier_that_asks"]).item(&["1.4 M18"]),
    must("6.1.1", "The issuer's key comes in a chain without root, and the first certificate is not its own issuer.", &["security_a14_a_leaf_that_is_an_authority_or_its_own_issuer_is_refused", "security_a14_a_certificate_for_other_names_is_not_the_issuers"]).item(&["1.4 M19"]),
    must("6.1, 6.1.1.1", "The holder's key is in the credential, and a bound credential is shown with a key binding.", &["rfc9901_4_3_the_key_binding_names_audience_and_nonce", "security_c15_a_credential_bound_to_another_holder_or_to_nobody_is_refused"]).item(&["1.4 M20"]),
    must("6.1", "Status by a Token Status List, whose key comes in a chain too.", &["token_status_list_8_3_each_value_has_its_answer", "security_e04_e05_a_list_that_is_not_the_issuers_is_no_answer"]).item(&["1.4 M21"]),
];
