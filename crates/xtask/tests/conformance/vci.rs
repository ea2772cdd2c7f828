//! The learner's wallet as it collects.

use crate::row::{Part, Row, must, should};

/// OpenID4VCI 1.0.
pub const PART: Part =
    Part { id: "VCI", title: "OpenID for Verifiable Credential Issuance 1.0, the wallet", rows: ROWS };

const ROWS: &[Row] = &[
    must(
        "4.1",
        "An offer comes by value or by reference, and never as both.",
        &[
            "openid4vci_4_1_2_an_offer_by_value",
            "openid4vci_4_1_3_an_offer_by_reference",
            "openid4vci_4_1_value_and_reference_together_are_refused",
        ],
    ).item(&["1.1 M1"]),
    must(
        "4.1, 4.1.3",
        "An offer by reference is fetched with GET, over https, as JSON.",
        &[
            "an_offer_by_reference_is_fetched_after_the_word",
            "an_offer_by_reference_over_http_is_refused_before_anything_is_sent",
            "an_offer_by_reference_that_is_gone_or_a_page_is_refused",
        ],
    ).item(&["1.1 M2"]),
    must("4.1.1", "Members that are not known are passed over.", &["openid4vci_4_1_1_unknown_members_are_ignored"]).item(&["1.1 M3"]),
    must(
        "4.1.1",
        "The list of configurations is not empty and repeats none.",
        &["openid4vci_4_1_1_configuration_ids_are_neither_empty_nor_repeated"],
    ).item(&["1.1 M4"]),
    must(
        "4.1.1",
        "Without a usable grant the way of collecting follows from the server's metadata.",
        &["openid4vci_4_1_1_the_way_of_collecting_is_that_of_the_offer_or_of_its_server"],
    ).item(&["1.1 M5"]),
    must(
        "13.5",
        "Nothing in an offer is believed: the checks are those of a flow that the wallet starts.",
        &[
            "an_offer_that_breaks_a_rule_is_refused_before_anything_is_sent",
            "a_credential_signed_by_another_key_than_the_issuers_is_refused",
        ],
    ).item(&["1.1 M6"]),
    should(
        "13.5, 15.6",
        "The person agrees before the address of an offer is contacted.",
        &["security_c03_nothing_is_fetched_before_the_person_agreed", "c03_nothing_is_fetched_for_a_link_that_another_program_opened"],
    ).item(&["1.1 S7"]),
    must(
        "4.1.1, 12.2.4",
        "A server that the grant names is one that the issuer lists.",
        &["openid4vci_4_1_1_a_server_that_the_grant_names_must_be_listed", "security_c05_c06_c07_another_authorization_server_is_refused"],
    ).item(&["1.1 M8"]),
    must("4.1.1, 5.1.3", "The issuer's state goes along with the authorization request.", &["openid4vci_5_1_scopes_details_and_issuer_state_go_along"]).item(&["1.1 M9"]),
    must("4.1.1, 6.1", "The code of an offer is sent to the token endpoint as a form.", &["openid4vci_6_1_the_request_is_a_form_that_reads_back"]).item(&["1.1 M10"]),
    must(
        "4.1.1, 6.1",
        "A transaction code is asked for whenever the object is there, also when it is empty, and sent.",
        &["openid4vci_4_1_1_an_empty_tx_code_object_still_means_ask", "a_code_that_is_needed_and_not_given_is_not_sent_empty"],
    ).item(&["1.1 M11"]),
    must("4.1.1", "The hints about the code (text, length, kind of letters) are shown and bounded.", &["hints_about_the_code_are_capped_and_plain"]).item(&["1.1 M12"]),
    should(
        "13.6.2",
        "The person sees which host will get the code before it goes there.",
        &["the_person_sees_issuer_titles_and_where_the_code_goes_before_it_goes", "security_c05_hosts_that_differ_are_all_named_beforehand"],
    ).item(&["1.1 S13"]),
    must("12.1.1", "Offers are taken under the standard's own scheme.", &["openid4vci_4_1_2_an_offer_by_value"]).item(&["1.1 M14"]),
    must(
        "12.2.2",
        "The well-known string goes between host and path.",
        &["openid4vci_12_2_2_the_string_goes_between_host_and_path", "an_identifier_cannot_escape_the_well_known_path"],
    ).item(&["1.1 M15"]),
    must(
        "12.2.4",
        "The issuer in the metadata is the one that was asked, byte for byte.",
        &["openid4vci_12_2_4_the_issuer_is_identical_byte_for_byte", "metadata_for_an_issuer_that_differs_by_one_character_is_refused"],
    ).item(&["1.1 M17"]),
    must("12.2.1", "An issuer is an https address without query and fragment.", &["openid4vci_12_2_1_an_issuer_identifier_has_no_query"]),
    must("13.9", "The server's certificate is checked.", &["c22_a_certificate_that_does_not_hold_is_refused", "c22_tls_1_1_is_refused"]).item(&["1.1 M16"]),
    must("12.2.3", "Signed metadata count only under a signer that is trusted.", &["vci_12_2_3_metadata_signed_with_a_key_of_the_trust_list_are_used", "vci_12_2_3_a_signature_of_nobody_known_is_refused_and_not_asked_for", "security_c27_signed_metadata_that_break_a_rule_are_refused_without_falling_back"]).item(&["1.1 M18", "1.1 M19"]),
    should(
        "12.2.2",
        "The request for metadata says which media type is wanted, and a signed one only where its signer would be known.",
        &["vci_12_2_3_metadata_signed_with_a_key_of_the_trust_list_are_used", "vci_12_2_3_a_signature_of_nobody_known_is_refused_and_not_asked_for"],
    ).item(&["1.1 S20"]),
    should(
        "12.2.2",
        "The request for metadata says the languages of the program, and nothing of the system.",
        &["vci_12_2_2_the_languages_of_the_program_go_along_and_nothing_of_the_system"],
    )
    .item(&["1.1 S21"]),
    must("12.2.4", "The metadata of the authorization server are read from the place of RFC 8414.", &["rfc8414_3_1_the_string_goes_between_host_and_path_without_the_last_slash"]).item(&["1.1 M22"]),
    must("12.2.4", "What is not known in metadata is passed over, and one unreadable configuration harms no other.", &["an_unreadable_configuration_harms_only_itself", "metadata_of_an_issuer_in_the_field_is_read"]).item(&["1.1 M23"]),
    must("B.3", "The order of the claims is the order on the screen.", &["vci_b_3_names_and_claims_come_in_the_issuers_order", "labels_are_those_of_the_issuer_in_its_order"]).item(&["1.1 M27"]),
    must("B.3", "Claims that are described twice, or in ways that contradict each other, end it.", &["vci_b_3_a_claim_described_twice_stops_the_wallet", "vci_b_3_descriptions_that_contradict_each_other_stop_the_wallet"]).item(&["1.1 M28"]),
    should("12.2.4", "Logos of the metadata are shown.", &[])
        .refused("a picture from a stranger's host tells it who looks; only pictures with a hash from a credential's type are shown").item(&["1.1 S25"]),
    must("12.2.4", "A batch size is a number of two or more.", &["openid4vci_12_2_4_a_batch_is_two_or_more"]),
    should("5, 5.1.4", "PKCE with S256, and a pushed request where the server takes one.", &["oid4vci_1_0_wallet_test_credential_issuance_with_a_pushed_sign_in", "security_c08_a_server_that_cannot_protect_the_code_is_not_used"]).item(&["1.1 S29"]),
    must("5.1.1", "Where the issuer names servers, the details of the request name the issuer as their place.", &["openid4vci_5_1_scopes_details_and_issuer_state_go_along"]).item(&["1.1 M30"]),
    should("5.1.2", "A request by scope names the issuer as its resource.", &["openid4vci_5_1_scopes_details_and_issuer_state_go_along"]).item(&["1.1 S31"]),
    must("6.2, 8.2", "Identifiers of the token response are used in the request, and no configuration beside them.", &["openid4vci_6_2_identifiers_of_the_token_response_are_used", "openid4vci_8_2_a_request_names_one_target_and_one_proof_type"]).item(&["1.1 M32", "1.1 M33"]),
    must("6.1, 12.3, F.1", "Without a client identifier the code is used only where the server does not refuse that, and the proof names no issuer.", &["what_leerpas_cannot_do_is_said_before_a_code_is_asked", "openid4vci_f_1_a_proof_names_one_key_and_the_issuer"]).item(&["1.1 M34", "1.1 M35"]),
    should("13.2, 13.10", "Tokens are bound to a key of the wallet where the server can.", &["rfc9449_8_tokens_are_bound_to_a_key_and_each_server_gets_its_nonce"]).item(&["1.1 S36"]),
    must("7.1, 8.2", "A nonce is fetched where the issuer has an endpoint, and stands in every proof.", &["security_c13_no_proof_is_ever_sent_without_a_nonce_that_is_advertised", "an_issuer_without_nonces_gets_a_proof_without_one"]).item(&["1.1 M38"]),
    must("8.3.1.2", "A nonce that is refused is replaced once, and then it ends.", &["openid4vci_8_3_1_an_old_nonce_is_replaced_once", "security_c14_a_nonce_that_is_refused_for_ever_is_tried_twice"]).item(&["1.1 M39"]),
    must("7.2", "A nonce for DPoP is taken from every answer of the server, also from the nonce endpoint.", &["rfc9449_8_tokens_are_bound_to_a_key_and_each_server_gets_its_nonce", "vci_7_2_a_nonce_for_dpop_that_comes_with_the_nonce_spares_a_refusal"]).item(&["1.1 M40"]),
    must("F.1, F.4", "A proof has its type, one way to name the key, the issuer as audience, the time and the nonce.", &["openid4vci_f_1_a_proof_names_one_key_and_the_issuer", "openid4vci_f_4_every_rule_of_a_proof_is_checked"]).item(&["1.1 M41", "1.1 M43"]),
    must("F.1", "The algorithm of a proof is one that the issuer lists.", &["openid4vci_f_1_the_algorithm_must_be_one_that_the_issuer_takes"]).item(&["1.1 M42"]),
    must("8.2, 12.2.4", "A request holds one kind of proof, and no more proofs than a batch may have.", &["openid4vci_8_2_a_request_names_one_target_and_one_proof_type", "a_batch_has_a_key_for_each_copy_and_never_more_than_the_issuer_gives"]).item(&["1.1 M44"]),
    must("8.3", "The answer is a list of credentials, as text or as objects.", &["openid4vci_8_3_text_and_objects_come_as_they_are", "openid4vci_8_3_malformed_responses_are_refused"]).item(&["1.1 M47"]),
    must("8.3, 9.1, 9.2", "A credential that comes later is fetched with the same token, no sooner than the issuer said.", &["vci_9_2_what_is_not_ready_is_asked_for_again_and_then_kept", "vci_8_3_an_institution_is_not_asked_before_it_wants_to_be"]).item(&["1.1 M48"]),
    must("9.3", "A refusal that is final, and a transaction that is not known, end the waiting.", &["vci_9_3_denied_and_unknown_transactions_end_the_waiting_and_nothing_else_does"]).item(&["1.1 M49"]),
    must("8.2, 10", "Where the answer is to be encrypted, so is the request; an answer in clear is then refused.", &["vci_10_both_ways_are_encrypted_where_the_issuer_can", "vci_8_2_a_response_key_never_goes_in_a_request_that_is_not_encrypted", "security_c21_a_response_that_is_not_encrypted_or_for_another_key_is_refused"]).item(&["1.1 M51", "1.1 M52"]),
    must("8.2, 10", "A request is encrypted with the algorithm of the issuer's key and names that key; answers are decrypted with the key of the request.", &["vci_10_a_request_names_the_key_that_it_is_encrypted_for", "vci_10_the_algorithms_are_those_of_the_metadata", "vci_8_2_each_response_has_a_key_of_its_own"]).item(&["1.1 M50"]),
    should("11.1", "The issuer hears what became of a credential: kept, failed, or refused by the person.", &["openid4vci_11_the_issuer_hears_what_became_of_it", "vci_11_1_the_issuer_hears_of_a_failure_also_when_nothing_was_kept_at_all", "openid4vci_11_1_a_notification_names_its_event"]).item(&["1.1 S54"]),
    must("13.5", "A credential is kept only when signature, holder, type and dates hold.", &["a_credential_signed_by_another_key_than_the_issuers_is_refused", "security_c15_a_credential_bound_to_another_holder_or_to_nobody_is_refused", "security_c16_a_credential_of_another_type_or_format_than_offered_is_refused", "a_credential_outside_its_dates_is_refused"]).item(&["1.1 M57"]),
    must("A.1, A.3", "SD-JWT VC, W3C credentials as JWT and with embedded proofs are collected.", &["w3c_tokens_of_both_models_are_collected_in_each_format", "a_badge_is_collected_with_the_holder_as_did_jwk"]).item(&["1.1 M58"]),
    must("A.2", "Credentials of ISO 18013-5 are collected.", &["what_leerpas_cannot_do_is_said_before_a_code_is_asked"]).refused("no Dutch or European credential of learning has that form").item(&["1.1 M59"]),
    must("A.1.2.1, A.1.3.1", "Offers and metadata are read as plain JSON and never as JSON-LD.", &["vci_a_1_what_json_ld_would_expand_is_read_as_it_stands"]).item(&["1.1 M61"]),

    must("12.2.4", "Of two names for one language the first counts.", &["vci_12_2_4_of_two_names_for_one_language_the_first_counts"]).item(&["1.1 M24"]),
    should("12.2.4", "Colours of the metadata are used.", &["sd_jwt_vc_8_1_1_colours_and_logo_are_drawn_by_us"])
        .refused("the window keeps its own colours so that text can be read; a type's own drawing, tied to it by its hash, is shown")
        .item(&["1.1 S26"]),
    must("13.10", "Tokens that are kept lie encrypted.", &["vci_9_what_is_waited_for_survives_a_restart_and_its_secrets_lie_nowhere_readable"]).item(&["1.1 M37"]),
    must(
        "F.2",
        "A presentation with an embedded proof is made where no JWT is taken: for the issuer, with its nonce and the purpose authentication.",
        &["vci_f_2_a_presentation_is_made_where_no_jwt_is_taken", "vci_f_2_a_presentation_names_the_issuer_the_nonce_and_its_purpose", "vci_f_2_a_badge_is_collected_with_a_presentation_as_proof"],
    )
    .item(&["1.1 M45"]),
    must("F.3", "An attestation of keys is given as a proof.", &["haip_4_5_an_attestation_that_is_wanted_is_said_before_a_code_is_spent", "haip_4_5_a_proof_that_needs_an_attestation_is_told_apart"])
        .refused("the keys of a desktop are in no certified device, and nobody attests them; it is said before a code is spent")
        .item(&["1.1 M46"]),
    must("8.3.1.2", "An error is read in clear also where the answer was to be encrypted.", &["vci_8_3_1_an_error_is_read_though_it_is_not_encrypted"]).item(&["1.1 M53"]),
    must("11.1", "Where one copy of a batch fails, the issuer hears that it failed, and nothing is kept.", &["vci_11_1_one_copy_that_fails_is_a_failure_of_all"]).item(&["1.1 M55"]),
    must("11", "The same word again changes nothing.", &["vci_11_the_same_word_again_is_as_good_and_a_strange_name_is_not"]).item(&["1.1 M56"]),
    must("A.1.3", "A token of the older model comes under the name with JSON-LD too.", &["vci_a_1_3_a_token_of_the_older_model_may_be_called_one_with_json_ld"]).item(&["1.1 M60"]),
    should("8.1", "A credential without a key of the holder is collected too.", &["vci_8_1_a_credential_without_a_holder_is_not_collected"])
        .refused("what is bound to nobody can be shown by anybody who once saw it; it is said before a code is spent, and such a badge comes in as a file"),
    must("12.2.3", "Metadata signed under a certificate hold only under a root that counts, and for the host or a name of the issuer.", &["vci_12_2_3_metadata_signed_under_a_certificate_for_the_host_of_the_issuer_are_used", "vci_12_2_3_security_c27_a_certificate_for_another_host_or_under_another_root_is_refused"]),
    should("5", "A card that the page of the sign-in asks for is shown while the sign-in waits.", &["vci_5_the_institution_asks_for_a_card_first_and_the_sign_in_goes_on_by_itself", "r11_locking_takes_the_request_off_the_screen_and_both_go_on_after_unlocking"]),
    should("13", "What refills a card is kept with the card, in one step.", &["r1_killed_at_any_moment_a_card_is_there_with_what_refills_it_and_what_comes_later_or_none_of_them"]),
    must("9.1", "What is asked for later is encrypted as the first request was, for a key of its own.", &["vci_9_1_what_is_asked_for_later_is_encrypted_too"]),
    must("12.2.4", "Addresses of an issuer are https.", &["endpoints_are_https"]),
    must("6.2", "Members of a token response that are not known are passed over.", &["openid4vci_6_2_identifiers_are_read_and_other_details_ignored"]),
    must("8.2, 10", "A request in clear is JSON by its media type, an encrypted one a JWT.", &["vci_8_2_an_encrypted_request_goes_as_a_token_and_extra_headers_only_where_they_are_asked_for"]),
    should("9", "What drafts 11 to 15 hand out later is fetched as they say: with a token of its own, or after the wait beside the error.", &["drafts_11_and_12_a_card_that_comes_later_is_fetched_with_a_token_of_its_own", "drafts_11_and_12_a_token_that_could_not_be_sent_is_refused_and_a_credential_beside_it_is_taken", "drafts_13_to_15_name_the_wait_beside_the_error"]),
    should("5", "A sign-in that takes long waits while the wallet is locked, and goes on after unlocking or says that it took too long.", &["r11_a_sign_in_goes_on_after_a_lock_whether_the_browser_was_back_before_the_person_or_not", "r11_a_sign_in_that_was_left_for_too_long_says_so_and_its_offer_is_at_hand", "r11_a_sign_in_that_slept_can_be_given_up_and_does_not_outlive_the_program", "r11_a_code_that_comes_while_locked_is_not_kept_for_longer_than_a_code_holds"]),
];
