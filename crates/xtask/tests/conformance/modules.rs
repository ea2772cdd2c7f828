//! The modules of the conformance suite of the OpenID Foundation, which cannot run without its own server: each has
//! a test of its very name here, which does what the module does.

use crate::row::{Part, Row, must};

/// By name.
pub const PART: Part =
    Part { id: "OIDF", title: "Modules of the OpenID Foundation's conformance suite, by name", rows: ROWS };

const ROWS: &[Row] = &[
    must("wallet", "oid4vp-1final-wallet-happy-flow", &["oid4vp_1final_wallet_happy_flow", "oid4vp_1final_wallet_happy_flow_names_the_proved_requester", "oid4vp_1final_wallet_happy_flow_request_is_read"]),
    must("wallet", "oid4vp-1final-wallet-alternate-happy-flow", &["oid4vp_1final_wallet_alternate_happy_flow", "oid4vp_1final_wallet_alternate_happy_flow_without_response_uri", "oid4vp_1final_wallet_alternate_happy_flow_direct_post_jwt"]),
    must("wallet", "oid4vp-1final-wallet-request-uri-method-post", &["oid4vp_1final_wallet_request_uri_method_post"]),
    must("wallet", "oid4vp-1final-wallet-fewer-claims-than-available", &["oid4vp_1final_wallet_fewer_claims_than_available"]),
    must("wallet", "oid4vp-1final-wallet-optional-credential-set", &["oid4vp_1final_wallet_optional_credential_set"]),
    must("wallet", "oid4vp-1final-wallet-no-claims-in-dcql-query", &["oid4vp_1final_wallet_no_claims_in_dcql_query"]),
    must("wallet", "oid4vp-1final-wallet-ignores-unusable-encryption-key", &["oid4vp_1final_wallet_ignores_unusable_encryption_key"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-invalid-request-object-signature", &["oid4vp_1final_wallet_negative_test_invalid_request_object_signature"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-mismatched-client-id", &["oid4vp_1final_wallet_negative_test_mismatched_client_id"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-redirect-uri-with-direct-post", &["oid4vp_1final_wallet_negative_test_redirect_uri_with_direct_post"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-missing-nonce", &["oid4vp_1final_wallet_negative_test_missing_nonce"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-invalid-client-id-prefix", &["oid4vp_1final_wallet_negative_test_invalid_client_id_prefix"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-unknown-transaction-data-type", &["oid4vp_1final_wallet_negative_test_unknown_transaction_data_type"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-response-uri-not-client-id", &["oid4vp_1final_wallet_negative_test_response_uri_not_client_id"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-required-non-matching-credential", &["oid4vp_1final_wallet_negative_test_required_non_matching_credential", "oid4vp_1final_wallet_negative_test_required_non_matching_credential_gives_no_part"]),
    must("wallet", "oid4vp-1final-wallet-negative-test-wrong-expected-origins", &["oid4vp_1final_wallet_negative_test_wrong_expected_origins"]).refused("it belongs to the Digital Credentials API of browsers, which the wallet does not speak; its modes are refused by name"),
    must("verifier", "oid4vp-1final-verifier-happy-flow", &["oid4vp_1final_verifier_happy_flow", "oid4vp_1final_verifier_happy_flow_sd_jwt", "oid4vp_1final_verifier_happy_flow_ldp_vc"]),
    must("verifier", "oid4vp-1final-verifier-request-uri-method-post", &["oid4vp_1final_verifier_request_uri_method_post"]),
    must("verifier", "oid4vp-1final-verifier-request-uri-fetched-twice", &["oid4vp_1final_verifier_request_uri_fetched_twice"]),
    must("verifier", "oid4vp-1final-verifier-minimal-cnf-jwk", &["oid4vp_1final_verifier_minimal_cnf_jwk"]),
    must("verifier", "oid4vp-1final-verifier-invalid-kb-jwt-signature", &["oid4vp_1final_verifier_invalid_kb_jwt_signature"]),
    must("verifier", "oid4vp-1final-verifier-invalid-credential-signature", &["oid4vp_1final_verifier_invalid_credential_signature"]),
    must("verifier", "oid4vp-1final-verifier-invalid-sd-hash", &["oid4vp_1final_verifier_invalid_sd_hash"]),
    must("verifier", "oid4vp-1final-verifier-invalid-kb-jwt-nonce", &["oid4vp_1final_verifier_invalid_kb_jwt_nonce"]),
    must("verifier", "oid4vp-1final-verifier-invalid-kb-jwt-aud", &["oid4vp_1final_verifier_invalid_kb_jwt_aud"]),
    must("verifier", "oid4vp-1final-verifier-invalid-session-transcript", &["oid4vp_1final_verifier_invalid_session_transcript"]).refused("it belongs to ISO 18013-5, which the desk does not ask for; such a presentation is no valid one"),
    must("verifier", "oid4vp-1final-verifier-kb-jwt-iat-in-past", &["oid4vp_1final_verifier_kb_jwt_iat_in_past"]),
    must("verifier", "oid4vp-1final-verifier-kb-jwt-iat-in-future", &["oid4vp_1final_verifier_kb_jwt_iat_in_future"]),
    must("wallet, issuance", "oid4vci-1_0-wallet-test-credential-issuance", &["oid4vci_1_0_wallet_test_credential_issuance", "oid4vci_1_0_wallet_test_credential_issuance_with_a_pushed_sign_in", "security_c18_a_card_that_comes_later_survives_a_restart_and_is_seen_before_it_is_kept", "vci_10_a_card_is_collected_with_request_and_response_encrypted"]),
    must("wallet, issuance", "oid4vci-1_0-wallet-test-credential-issuance-notification", &["oid4vci_1_0_wallet_test_credential_issuance_notification"]),
    must("wallet, issuance", "oid4vci-1_0-wallet-happy-path-with-scopes-without-authorization-details-in-token-response", &["oid4vci_1_0_wallet_happy_path_with_scopes_without_authorization_details_in_token_response"]),
    must("wallet, issuance", "oid4vci-1_0-wallet-test-batch-credential-issuance", &["oid4vci_1_0_wallet_test_batch_credential_issuance"]),
    must("wallet, issuance", "oid4vci-1_0-wallet-test-client-attestation-challenge", &["oid4vci_1_0_wallet_test_client_attestation_challenge"]),
    must("wallet", "oid4vp-1final-wallet-multisigned-one-invalid-signature", &["oid4vp_1final_wallet_multisigned_one_invalid_signature"]).refused("it belongs to the Digital Credentials API of browsers, which the wallet does not speak"),
];
