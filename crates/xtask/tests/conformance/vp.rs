//! The learner's wallet as it shows.

use crate::row::{Part, Row, must, should};

/// OpenID4VP 1.0, the wallet.
pub const PART: Part = Part { id: "VP", title: "OpenID for Verifiable Presentations 1.0, the wallet", rows: ROWS };

const ROWS: &[Row] = &[
    must(
        "5",
        "A request object has its type in the header, or it is refused.",
        &["rfc9101_10_8_typ_of_the_request_object"],
    ).item(&["1.2 M1"]),
    must(
        "5",
        "The issuer in a request object means nothing.",
        &["vp_5_the_issuer_of_a_request_object_means_nothing"],
    ).item(&["1.2 M2"]),
    must(
        "5.10.1",
        "The client identifier of the link and of the object are the same, prefix and all.",
        &[
            "oid4vp_1final_wallet_negative_test_mismatched_client_id",
            "rfc9101_6_3_a_link_that_contradicts_its_object_is_refused",
        ],
    ).item(&["1.2 M3"]),
    must(
        "5.10.1",
        "Only the parameters inside a request object count.",
        &[
            "vp_5_10_1_what_stands_beside_the_request_object_counts_for_nothing",
            "rfc9101_6_3_a_link_that_contradicts_its_object_is_refused",
        ],
    ).item(&["1.2 M4"]),
    must(
        "5.1",
        "The method of fetching is get or post, in small letters.",
        &["vp_5_1_request_uri_method_is_case_sensitive"],
    ).item(&["1.2 M5"]),
    must(
        "5.10",
        "A fetch by POST sends the wallet's metadata and a nonce, as a form.",
        &["oid4vp_1final_wallet_request_uri_method_post"],
    ).item(&["1.2 M7"]),
    must(
        "5.10.1",
        "A nonce that was sent comes back in the object, or it ends.",
        &["vp_5_10_1_wallet_nonce_must_come_back"],
    ).item(&["1.2 M8"]),
    must("5.10", "A request is fetched over https only.", &["a_request_uri_that_is_not_https_is_refused"]).item(&["1.2 M9"]),
    must("5.1", "A request asks either by DCQL or by scope.", &["vp_5_1_exactly_one_of_dcql_query_and_scope"]).item(&["1.2 M12"]),
    must(
        "5.2",
        "There is a nonce, of characters that fit a URL.",
        &["oid4vp_1final_wallet_negative_test_missing_nonce"],
    ).item(&["1.2 M13"]),
    must("5.2", "The state is of characters that fit a URL.", &["vp_5_2_state_is_url_safe"]).item(&["1.2 M14"]),
    must(
        "5",
        "Parameters that are not known are passed over.",
        &["vp_5_iss_and_what_is_unknown_are_ignored", "what_the_request_says_of_others_is_ignored_and_never_fetched"],
    ).item(&["1.2 M15"]),
    must(
        "5.1, 8.4, 8.5",
        "Transaction data that are not known, or broken, refuse the request.",
        &[
            "oid4vp_1final_wallet_negative_test_unknown_transaction_data_type",
            "vp_8_5_malformed_transaction_data_is_refused",
            "security_d18_transaction_data_that_is_not_known_is_refused",
        ],
    ).item(&["1.2 M16"]),
    must(
        "B.3.3",
        "Transaction data for a card without a holder's proof refuse the request.",
        &["vp_b_3_3_a_card_without_a_holders_proof_confirms_nothing"],
    ).item(&["1.2 M17"]),
    should(
        "5.10.1, 8.2",
        "Redirects of a request or of an answer are not followed.",
        &[
            "d06_d11_a_redirect_is_a_reply_and_is_not_followed",
            "what_is_no_request_object_is_refused_and_no_redirect_is_followed",
        ],
    ).item(&["1.2 S18"]),
    should(
        "15.6, 15.8",
        "Requests say nothing about the person or the machine.",
        &["a_request_says_what_it_must_and_nothing_else"],
    ).item(&["1.2 S19"]),
    must(
        "5.1, 5.11",
        "What others say about the requester is passed over when its form is not known, and believed only when it verifies.",
        &[
            "vp_5_1_verifier_info_of_unknown_format_or_form_is_passed_over",
            "vp_5_1_a_registration_that_verifies_is_shown",
            "security_d19_a_registration_that_does_not_verify_is_as_if_it_were_not_there",
        ],
    ).item(&["1.2 M20", "1.2 M21"]),
    must(
        "5.1",
        "Members of the client's metadata that the standard does not name are passed over.",
        &["vp_5_iss_and_what_is_unknown_are_ignored"],
    ).item(&["1.2 M22"]),
    must(
        "5.9.2",
        "A name without prefix is one that was registered before.",
        &["vp_5_9_2_a_name_without_prefix_must_be_on_the_trust_list"],
    ).item(&["1.2 M24"]),
    must(
        "5.9.3",
        "redirect_uri: not signed, and equal to where the answer goes, which may be left out.",
        &[
            "vp_5_9_3_an_address_that_is_left_out_is_that_of_the_identifier",
            "oid4vp_1final_wallet_negative_test_response_uri_not_client_id",
            "a_signed_request_under_redirect_uri_is_refused",
            "an_unsigned_request_under_redirect_uri_is_only_claimed",
        ],
    ).item(&["1.2 M25"]),
    must(
        "5.9.3",
        "x509_san_dns: a name of the certificate, which is also the host of the answer.",
        &["vp_5_9_3_x509_san_dns_is_a_name_of_the_certificate_and_the_host_of_the_answer"],
    ).item(&["1.2 M26"]),
    must(
        "5.9.3",
        "x509_hash: the hash of the certificate, whose chain is trusted.",
        &["openid4vp_5_9_3_x509_hash_certificate_must_fit_and_be_trusted"],
    ).item(&["1.2 M27"]),
    must(
        "5.9.3",
        "decentralized_identifier: a key of the DID document signs.",
        &["a_verifier_under_did_web_is_proved_by_its_document", "a_verifier_under_did_jwk_proves_a_key_and_no_name"],
    ).item(&["1.2 M28"]),
    must(
        "5.9.3, 12",
        "verifier_attestation: a listed party attests the key that signs.",
        &[
            "vp_12_a_key_that_a_listed_party_attests_proves_the_requester",
            "vp_12_an_attestation_that_does_not_hold_proves_nothing",
        ],
    ).item(&["1.2 M29"]),
    must(
        "5.9.3",
        "openid_federation: a chain leads to a known anchor, and its metadata alone count.",
        &[
            "vp_5_9_3_openid_federation_is_proved_up_to_a_known_anchor",
            "vp_5_9_3_what_the_federation_does_not_vouch_for_is_refused",
        ],
    ).item(&["1.2 M30"]),
    must(
        "5.9.3",
        "origin: never taken from a request.",
        &["security_d03_origin_is_refused_before_anything_is_fetched", "vp_5_9_3_every_prefix_but_origin_is_known"],
    ).item(&["1.2 M31"]),
    must(
        "5.9.1, 5.9.2",
        "A prefix that is not known is refused.",
        &["oid4vp_1final_wallet_negative_test_invalid_client_id_prefix"],
    ),
    must(
        "14.8, B.3.6",
        "The whole identifier with its prefix is the audience of every presentation.",
        &["vp_14_1_2_the_audience_is_the_full_client_id_under_each_prefix"],
    ).item(&["1.2 M32"]),
    must(
        "6.1",
        "Query identifiers are unique and of the allowed characters.",
        &["dcql_6_1_ids_are_unique_and_of_the_allowed_characters"],
    ).item(&["1.2 M33"]),
    must(
        "6.1",
        "Each query says its format and what its format asks; an empty meta asks for any kind.",
        &["dcql_6_1_meta_is_required_and_of_the_format", "dcql_6_1_an_empty_meta_asks_for_any_kind_of_the_format"],
    ).item(&["1.2 M34"]),
    must(
        "6",
        "Members of a query that are not known are passed over.",
        &["dcql_6_unknown_members_are_ignored_and_defaults_hold"],
    ).item(&["1.2 M35"]),
    must(
        "6.3, 6.4.1",
        "Sets of claims need claims with identifiers.",
        &["dcql_6_3_claim_sets_need_claims_with_ids_that_exist"],
    ).item(&["1.2 M36", "1.2 M37"]),
    must(
        "7.1.1",
        "A path takes a member by text, all elements by null, one element by number.",
        &["dcql_7_1_1_string_null_and_index_select_member_all_and_element"],
    ).item(&["1.2 M38"]),
    must(
        "7.1.1",
        "A wrong container ends it; what is missing drops out; an empty selection is no match.",
        &[
            "dcql_7_1_1_wrong_container_aborts",
            "dcql_7_1_1_missing_elements_drop_out_and_an_empty_selection_is_an_error",
        ],
    ).item(&["1.2 M39"]),
    must(
        "6.4.1",
        "Without claims nothing that can be hidden is shown.",
        &["dcql_6_4_1_without_claims_nothing_selective_is_given"],
    ).item(&["1.2 M40"]),
    must(
        "6.4.1",
        "A card that lacks an asked claim is not given.",
        &["dcql_6_4_1_a_card_that_lacks_one_claim_is_no_candidate"],
    ).item(&["1.2 M41", "1.2 M43"]),
    must(
        "6.4.1",
        "Of several sets the first that can be met is put forward.",
        &["dcql_6_4_1_first_satisfiable_claim_set_is_proposed"],
    ).item(&["1.2 M42"]),
    must("6.3, 6.4.1", "A value matches by its type and itself.", &["dcql_6_4_1_values_match_by_type_and_value"]).item(&["1.2 M45"]),
    must(
        "6.4.2",
        "A needed set that is not met gives nothing; optional sets stay optional.",
        &[
            "dcql_6_4_2_an_unmet_required_set_gives_nothing_and_optional_sets_stay_optional",
            "dcql_6_2_sets_name_known_queries_and_decide_what_is_enough",
        ],
    ).item(&["1.2 M44"]),
    must(
        "15.4.1",
        "What does not match sounds like any refusal, and only after the person acted.",
        &[
            "security_d32_nothing_that_fits_waits_for_the_person_and_then_sounds_like_any_no",
            "vp_8_5_a_no_says_access_denied_and_nothing_more",
        ],
    ).item(&["1.2 M46"]),
    must(
        "6.1, 8.1",
        "One presentation for a query, or several where it says so.",
        &[
            "vp_8_1_without_multiple_one_presentation_and_no_more",
            "vp_6_1_multiple_takes_as_many_cards_as_the_person_gives",
        ],
    ).item(&["1.2 M47"]),
    must(
        "8.1",
        "Optional queries that were not answered are not in the answer.",
        &["oid4vp_1final_wallet_optional_credential_set"],
    ).item(&["1.2 M48", "1.2 M49"]),
    must(
        "6.1, B.3",
        "Where the holder must prove themselves, a card without a key is no candidate.",
        &[
            "dcql_6_1_holder_binding_is_needed_unless_the_verifier_says_otherwise",
            "a_card_without_key_is_shared_only_where_no_binding_is_asked",
        ],
    ).item(&["1.2 M50"]),
    must(
        "B.1.1",
        "Types of W3C credentials are compared fully expanded.",
        &["vp_b_1_1_all_types_of_one_list_are_needed", "type_iris_are_the_expanded_types"],
    ).item(&["1.2 M51"]),
    must(
        "6.1.1.1",
        "Trusted authorities by the identifier of their key.",
        &["dcql_6_1_1_1_an_authority_is_known_by_the_identifier_of_its_key", "dcql_6_1_1_type_and_values_are_required"],
    ).item(&["1.2 M52"]),
    should(
        "6.1.1.2, 6.1.1.3",
        "Trusted authorities by trusted list and by federation.",
        &["security_d20_lists_and_federations_are_identifiers_and_rule_nobody_out"],
    )
    .refused("the wallet does not fetch lists that a stranger names; they rule nobody out, and the verifier decides").item(&["1.2 S53"]),
    must(
        "8.2",
        "The answer is posted as a form with the state.",
        &["vp_8_what_a_wallet_writes_is_what_a_verifier_reads", "exactly_what_the_plan_shows_is_sent"],
    ).item(&["1.2 M54"]),
    must(
        "8.2",
        "An address to go back to beside one to answer at is refused, and a verifier that is proved hears invalid_request.",
        &[
            "oid4vp_1final_wallet_negative_test_redirect_uri_with_direct_post",
            "vp_8_5_a_proved_requester_hears_one_word_and_its_state",
        ],
    ).item(&["1.2 M55"]),
    must(
        "8.2",
        "An address to go on to, in the reply, is offered.",
        &["openid4vp_8_2_only_an_https_address_to_go_on_is_offered", "vp_8_2_a_json_200_confirms"],
    ).item(&["1.2 M56"]),
    must(
        "8.3, 8.3.1",
        "An encrypted answer uses a key of the verifier that fits, and names it.",
        &[
            "oid4vp_1final_wallet_alternate_happy_flow_direct_post_jwt",
            "oid4vp_1final_wallet_ignores_unusable_encryption_key",
        ],
    ).item(&["1.2 M57", "1.2 M58"]),
    must(
        "8.3",
        "The encryption is one that the verifier lists; A128GCM where it lists none.",
        &["vp_8_3_encryption_defaults_to_a128gcm_and_prefers_256"],
    ).item(&["1.2 M59"]),
    must("8.3", "What was to be encrypted never goes in clear.", &["direct_post_jwt_never_falls_back_to_clear"]),
    must(
        "8.4, B.3.3.1",
        "The hash of transaction data is over the text as it came, and signed.",
        &[
            "vp_b_3_3_1_the_hash_is_over_the_text_as_it_came",
            "vp_8_4_a_statement_is_shown_and_its_hash_signed_by_one_card",
        ],
    ).item(&["1.2 M62"]),
    must(
        "14.1.2, B.3.6",
        "The key binding names audience, nonce, a fresh time and the hash of what is shown.",
        &[
            "rfc9901_4_3_the_key_binding_names_audience_and_nonce",
            "rfc9901_7_3_sd_hash_ties_the_key_binding_to_the_selection",
        ],
    ).item(&["1.2 M61"]),
    must(
        "B.1.3.2.5",
        "A presentation with an embedded proof has the nonce as challenge and the identifier as domain.",
        &["openid4vp_b_1_3_challenge_and_domain_are_this_request_s"],
    ).item(&["1.2 M64"]),
    must(
        "B.1.3.1.5",
        "A presentation as a JWT has nonce and audience.",
        &["openid4vp_14_1_a_jwt_presentation_answers_this_request_for_this_verifier_by_this_holder"],
    ).item(&["1.2 M65"]),
    must(
        "8.5",
        "No match, refused and not proved are one word to the verifier.",
        &["vp_8_5_a_no_says_access_denied_and_nothing_more"],
    ).item(&["1.2 M66"]),
    should(
        "8.5",
        "Where the request itself is at fault, a verifier that is proved hears which word of the standard fits.",
        &[
            "vp_8_5_each_broken_rule_has_its_word",
            "vp_8_5_a_proved_requester_hears_one_word_and_its_state",
            "vp_8_5_whoever_is_not_proved_or_goes_elsewhere_hears_nothing",
        ],
    ),

    must("8.5", "Another method of fetching has an error of its own.", &["vp_5_1_request_uri_method_is_case_sensitive"])
        .refused("the method stands in a link whose sender is not known yet, and the address for an error is in the request that is then not fetched; the link is refused, and nobody is told")
        .item(&["1.2 M6"]),
    must("5.10", "A fetch by POST asks for a request object by its media type, says two things and no more, and no algorithm where nothing is signed.", &["vp_5_10_a_fetch_by_post_says_two_things_and_no_more"]).item(&["1.2 M10", "1.2 M11"]),
    must("8.5", "A client that was registered before and sends its metadata anew is refused as invalid_client.", &["vp_5_9_2_a_name_without_prefix_must_be_on_the_trust_list", "vp_8_5_each_broken_rule_has_its_word"]).item(&["1.2 M23"]),
    should("8.3.1", "An error is encrypted where answers are, and in clear where that cannot be.", &["vp_8_3_1_an_error_is_encrypted_where_answers_are_and_clear_where_that_cannot_be"]).item(&["1.2 S60"]),
    must("B.3.3.1", "The algorithm of the hashes is named where the request listed some, and only there.", &["vp_8_4_a_statement_is_shown_and_its_hash_signed_by_one_card"]).item(&["1.2 M63"]),
    should("5.9.3", "An unsigned request object is fetched under redirect_uri.", &["a_signed_request_under_redirect_uri_is_refused"])
        .refused("what is fetched is signed (5.10.1), and that prefix has no key; such a request comes as plain parameters"),
    must("5.1", "A key in the client's metadata proves no signature of a request.", &["vp_5_1_a_key_in_the_clients_metadata_proves_nobody"]),
    must("5.1", "Of several cards that could confirm a statement, one does.", &["vp_5_1_of_several_cards_that_could_confirm_one_does"]),
    should("6.1", "A claim that is asked for twice is given once.", &["dcql_6_1_a_claim_that_is_asked_for_twice_is_given_once"]),
    must("5.10.2", "Whatever goes wrong as a request is fetched ends it.", &["what_is_no_request_object_is_refused_and_no_redirect_is_followed"]),
    should("6.2", "What a set of credentials is for, which earlier texts let a verifier say, is shown in the person's language and decides nothing.", &["dcql_6_2_a_purpose_of_earlier_texts_is_a_text_or_one_for_each_language", "dcql_6_2_the_purpose_of_a_credential_set_is_shown_in_the_language_of_the_person_and_decides_nothing", "dcql_6_2_the_purpose_of_a_credential_set_is_in_the_plan"]),
    must("6.1", "Where a query takes several cards the verifier judges each; where it takes one, two are not sent.", &["vp_6_1_two_cards_answer_one_query_and_the_desk_judges_each", "vp_6_1_where_one_card_is_asked_for_two_are_not_sent"]),
    should("5.5", "A scope is another name of the query that the trust list gives for it, at that requester; any other is refused by its word.", &["vp_5_5_a_scope_stands_for_the_query_that_the_trust_list_gives_for_it", "vp_5_5_a_scope_that_nobody_agreed_on_is_refused", "vp_5_5_a_scope_is_refused_by_its_name"]),
];
