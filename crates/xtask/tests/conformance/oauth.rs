//! Signing in, and names of keys.

use crate::row::{Part, Row, must, should};

/// OAuth for a native app, and DIDs.
pub const PART: Part =
    Part { id: "AUTH", title: "OAuth for native apps (RFC 8252, 7636, 9126, 9207, 9449) and DIDs", rows: ROWS };

const ROWS: &[Row] = &[
    must(
        "8252 8.12",
        "The person signs in with their own browser; never inside the window.",
        &[
            "only_the_bridge_of_the_window_knows_tauri",
            "the_content_policy_allows_our_own_files_and_our_own_commands_only",
        ],
    )
    .item(&["1.9 M1", "1.9 M6"]),
    must(
        "8252 7.3",
        "The browser comes back to 127.0.0.1, at a port of the moment.",
        &[
            "security_c09_only_the_browser_at_the_right_address_is_heard",
            "rfc8252_7_3_only_the_port_differs_between_two_doors",
            "rfc6749_10_12_what_has_another_state_answers_another_sign_in",
        ],
    )
    .item(&["1.9 M2"]),
    must(
        "7636 4.1, 4.2",
        "PKCE always, with S256.",
        &[
            "rfc7636_4_1_a_verifier_has_43_characters_and_is_used_once",
            "rfc7636_appendix_b_the_challenge_of_the_example",
        ],
    )
    .item(&["1.9 M3"]),
    must(
        "6749 10.12",
        "The state of the sign-in comes back, and is taken once.",
        &[
            "rfc6749_4_1_2_a_code_is_taken_for_this_sign_in_only",
            "security_c07_c08_an_answer_of_another_sign_in_or_server_gets_no_token",
        ],
    )
    .item(&["1.9 M4"]),
    must(
        "9207 2.4",
        "The answer names the server, also with an error.",
        &["rfc9207_2_4_security_c07_another_server_is_refused_also_with_an_error"],
    )
    .item(&["1.9 M5"]),
    must(
        "9126 2.2, 4",
        "A pushed request gives a reference, which is used once.",
        &[
            "rfc9126_4_the_browser_carries_nothing_but_the_reference",
            "a_refused_push_ends_before_the_browser_is_opened",
        ],
    )
    .item(&["1.9 M7"]),
    must(
        "9449 4.2",
        "A proof has its type, method, address without query, time, and the token's hash.",
        &[
            "rfc9449_4_2_a_proof_is_for_one_method_one_address_and_one_token",
            "rfc9449_4_2_a_proof_is_signed_by_the_key_that_it_names",
        ],
    )
    .item(&["1.9 M8"]),
    must(
        "9449 8, 9",
        "A nonce of the server is taken, and the request repeated, not for ever.",
        &[
            "rfc9449_8_tokens_are_bound_to_a_key_and_each_server_gets_its_nonce",
            "security_c23_a_server_that_always_wants_another_nonce_is_given_up",
        ],
    )
    .item(&["1.9 M9"]),
    should(
        "9449 5",
        "A bound token that nobody asked for is not used.",
        &["rfc9449_5_a_bound_token_that_nobody_asked_for_is_not_used"],
    ),
    must(
        "6749 5.1, 5.2",
        "A token response has its type; errors are told by their word.",
        &[
            "rfc6749_5_1_token_type_is_required_and_its_case_does_not_matter",
            "security_c12_token_responses_that_break_a_rule_are_refused",
        ],
    ),
    must(
        "did:key, did:jwk",
        "The key is in the name; Ed25519, P-256 and P-384.",
        &[
            "did_key_begins_with_the_kind_of_its_key",
            "did_key_and_did_jwk_carry_their_key",
            "security_b20_a_did_with_a_private_or_broken_key_is_refused",
        ],
    )
    .item(&["1.9 M11", "1.9 M12"]),
    must(
        "did:web 2.5.2",
        "The document is fetched over https, from the path or the well-known place.",
        &[
            "did_web_2_5_2_the_address_of_the_document",
            "security_b19_a_document_of_another_did_is_refused",
            "security_b19_no_address_is_made_of_a_hostile_did_web",
        ],
    )
    .item(&["1.9 M13"]),
    should(
        "did:webvh",
        "Log, hashes, keys announced beforehand and witnesses are held.",
        &[
            "did_webvh_a_log_that_holds_gives_the_last_document",
            "did_webvh_scid_and_entry_hashes_bind_every_byte",
            "did_webvh_pre_rotation_lets_only_announced_keys_in",
            "did_webvh_witnesses_reach_their_threshold",
        ],
    )
    .item(&["1.9 S14"]),
    must(
        "DID 5.3",
        "A key serves the purposes for which it is listed.",
        &["did_core_5_3_a_key_serves_the_purposes_that_list_it"],
    ),
    must(
        "9449 4.2, 5",
        "Each flow at an issuer has a key of its own, which stays with its tokens.",
        &["rfc9449_4_2_each_flow_has_a_key_of_its_own", "rfc9449_5_tokens_are_renewed_with_proof_of_the_same_key"],
    )
    .item(&["1.9 M10"]),
    must(
        "ATTEST 5.1, 5.2, 6.3",
        "An attestation names client, key and end; its proof names client, server and challenge.",
        &[
            "attestation_07_5_1_what_is_no_attestation_of_this_key_is_not_taken",
            "attestation_07_5_2_a_proof_names_the_client_the_server_and_the_challenge",
            "attestation_07_6_3_the_client_is_named_as_its_attestation_names_it",
        ],
    ),
    must(
        "ATTEST 6.2, 8, 8.1",
        "Where a server gives challenges one is fetched for each proof, and a newer one takes its place.",
        &[
            "attestation_07_8_a_challenge_is_a_short_text",
            "attestation_07_8_without_a_challenge_endpoint_there_is_none_and_a_newer_one_takes_the_place_of_an_older",
            "attestation_07_6_2_a_server_that_is_never_content_is_given_up",
        ],
    ),
    must(
        "ATTEST 5.1, 11.1",
        "An attestation goes to the server that it is for, and only where that lets nobody else in.",
        &[
            "attestation_07_11_1_an_attestation_goes_to_the_server_that_it_is_for_and_nowhere_else",
            "attestation_07_11_1_where_anybody_is_let_in_nothing_is_attested",
            "attestation_07_5_1_the_key_is_made_here_for_one_server_and_attested_there",
        ],
    ),
    must(
        "Attestation-Based Client Authentication 07, 9",
        "Whoever lets in attested programs alone holds each rule of an attested request, and a request that is not let in spends nothing.",
        &[
            "attestation_07_9_each_rule_of_an_attested_request_is_held",
            "attestation_07_9_tokens_of_another_type_or_signer_are_none",
            "attestation_07_9_bad_proofs_are_refused_over_the_wire_and_spend_nothing",
            "attestation_07_6_1_two_headers_of_one_name_are_none",
        ],
    ),
    should(
        "Attestation-Based Client Authentication 07, 12.1",
        "A proof is good once, and so is a challenge.",
        &["attestation_07_12_1_a_proof_is_good_once_and_so_is_a_challenge"],
    ),
    must(
        "Attestation-Based Client Authentication 07, 6.2",
        "A request that is sent back for a fresh challenge is tried again with it, and where only an attestation helps the person is told whose.",
        &[
            "attestation_07_6_2_a_server_that_wants_another_challenge_gets_it_once_and_the_card_comes",
            "attestation_07_6_2_a_server_that_is_never_content_is_given_up",
            "attestation_07_a_newcomer_is_refused_then_approved_and_collects",
            "attestation_07_an_approved_program_signs_in_and_proves_its_key_before_and_after_a_lock",
        ],
    ),
    should(
        "Attestation-Based Client Authentication 07, 11.1",
        "While the wallet is locked nobody holds the key of an attestation, and the window never sees it.",
        &[
            "attestation_07_locked_meanwhile_no_key_is_held_and_the_same_attestation_goes_on",
            "attestation_07_the_window_sees_the_public_key_and_the_dates_and_no_more",
        ],
    ),
    should(
        "Attestation-Based Client Authentication 07, 10.1",
        "The algorithms of proofs that a server names are heeded before anything is sent.",
        &["attestation_07_10_1_a_server_that_takes_no_proof_of_this_program_is_told_apart_before_anything_is_sent"],
    ),
];
