//! The modules of the conformance suite of the OpenID Foundation, which cannot run without its own server: each has
//! a test of its name here.

use crate::row::{Part, Row, must};

/// By name.
pub const PART: Part =
    Part { id: "OIDF", title: "Modules of the OpenID Foundation's conformance suite, by name", rows: ROWS };

const ROWS: &[Row] = &[
    must("wallet", "happy-flow", &["oid4vp_1final_wallet_happy_flow_names_the_proved_requester", "oid4vp_1final_wallet_happy_flow_request_is_read"]),
    must("wallet", "alternate-happy-flow", &["oid4vp_1final_wallet_alternate_happy_flow_direct_post_jwt"]),
    must("wallet", "request-uri-method-post", &["oid4vp_1final_wallet_request_uri_method_post"]),
    must("wallet", "fewer-claims-than-available", &["oid4vp_1final_wallet_fewer_claims_than_available"]),
    must("wallet", "optional-credential-set", &["oid4vp_1final_wallet_optional_credential_set"]),
    must("wallet", "no-claims-in-dcql-query", &["oid4vp_1final_wallet_no_claims_in_dcql_query"]),
    must("wallet", "ignores-unusable-encryption-key", &["oid4vp_1final_wallet_ignores_unusable_encryption_key"]),
    must("wallet", "negative-test-invalid-request-object-signature", &["oid4vp_1final_wallet_negative_test_invalid_request_object_signature"]),
    must("wallet", "negative-test-mismatched-client-id", &["oid4vp_1final_wallet_negative_test_mismatched_client_id"]),
    must("wallet", "negative-test-redirect-uri-with-direct-post", &["oid4vp_1final_wallet_negative_test_redirect_uri_with_direct_post"]),
    must("wallet", "negative-test-missing-nonce", &["oid4vp_1final_wallet_negative_test_missing_nonce"]),
    must("wallet", "negative-test-invalid-client-id-prefix", &["oid4vp_1final_wallet_negative_test_invalid_client_id_prefix"]),
    must("wallet", "negative-test-unknown-transaction-data-type", &["oid4vp_1final_wallet_negative_test_unknown_transaction_data_type"]),
    must("wallet", "negative-test-response-uri-not-client-id", &["oid4vp_1final_wallet_negative_test_response_uri_not_client_id"]),
    must("wallet", "negative-test-required-non-matching-credential", &["oid4vp_1final_wallet_negative_test_required_non_matching_credential"]),
    must("wallet", "negative-test-wrong-expected-origins", &["security_d03_origin_is_refused_before_anything_is_fetched"]).refused("it belongs to the Digital Credentials API of browsers, which the wallet does not speak; an origin in a request is refused"),
    must("verifier", "happy-flow", &["oid4vp_1final_verifier_happy_flow_sd_jwt", "oid4vp_1final_verifier_happy_flow_ldp_vc"]),
    must("verifier", "request-uri-method-post", &["oid4vp_1final_verifier_request_uri_method_post"]),
    must("verifier", "request-uri-fetched-twice", &["oid4vp_1final_verifier_request_uri_fetched_twice"]),
    must("verifier", "minimal-cnf-jwk", &["oid4vp_1final_verifier_minimal_cnf_jwk"]),
    must("verifier", "invalid-kb-jwt-signature", &["oid4vp_1final_verifier_invalid_kb_jwt_signature"]),
    must("verifier", "invalid-credential-signature", &["oid4vp_1final_verifier_invalid_credential_signature"]),
    must("verifier", "invalid-sd-hash", &["oid4vp_1final_verifier_invalid_sd_hash"]),
    must("verifier", "invalid-kb-jwt-nonce", &["oid4vp_1final_verifier_invalid_kb_jwt_nonce"]),
    must("verifier", "invalid-kb-jwt-aud", &["oid4vp_1final_verifier_invalid_kb_jwt_aud"]),
    must("verifier", "invalid-session-transcript", &[]).refused("it belongs to ISO 18013-5, which the desk does not ask for"),
    must("verifier", "kb-jwt-iat-in-past, kb-jwt-iat-in-future", &["oid4vp_1final_verifier_kb_jwt_iat_in_past", "oid4vp_1final_verifier_kb_jwt_iat_in_future"]),
    must("wallet, issuance", "credential-issuance, by code", &["a_microcredential_is_collected_verified_and_bound_to_a_key_of_its_own"]),
    must("wallet, issuance", "credential-issuance, by sign-in", &["oid4vci_1_0_wallet_test_credential_issuance_with_a_pushed_sign_in"]),
    must("wallet, issuance", "credential-issuance-notification", &["openid4vci_11_the_issuer_hears_what_became_of_it"]),
    must("wallet, issuance", "credential-issuance, deferred", &["security_c18_a_card_that_comes_later_survives_a_restart_and_is_seen_before_it_is_kept"]),
    must("wallet, issuance", "credential-issuance, encrypted", &["vci_10_a_card_is_collected_with_request_and_response_encrypted"]),
    must("wallet, issuance", "client-attestation-challenge", &["oid4vci_1_0_wallet_test_client_attestation_challenge"]),
    must("wallet, issuance", "credential-issuance, mdoc", &[]).refused("no credential of learning has that form"),
];
