//! The employer's desk.

use crate::row::{Part, Row, must, should};

/// OpenID4VP 1.0, the verifier.
pub const PART: Part = Part { id: "DESK", title: "OpenID for Verifiable Presentations 1.0, the verifier", rows: ROWS };

const ROWS: &[Row] = &[
    must(
        "5.2, 14.1",
        "Nonce and state are fresh for each request, at least 128 bits.",
        &["nonces_states_and_ids_never_repeat"],
    )
    .item(&["1.3 M1"]),
    must(
        "14.3.2",
        "An answer needs the state of its request.",
        &["an_answer_to_another_request_is_refused_and_spoils_nothing"],
    )
    .item(&["1.3 M2"]),
    should(
        "14.3.3",
        "The result is for the browser that asked, behind a second random value.",
        &["names_are_128_bits_and_different"],
    )
    .item(&["1.3 M4"]),
    must(
        "8.6",
        "A presentation that lacks a good signature counts for nothing.",
        &["oid4vp_1final_verifier_invalid_credential_signature"],
    )
    .item(&["1.3 M5", "1.3 M11"]),
    must(
        "8.6, 14.1.2",
        "Holder, nonce and audience are checked, as the query asks and not as the wallet sent.",
        &[
            "oid4vp_1final_verifier_invalid_kb_jwt_nonce",
            "oid4vp_1final_verifier_invalid_kb_jwt_aud",
            "holder_binding_is_decided_by_policy_and_not_by_presence",
        ],
    )
    .item(&["1.3 M6"]),
    must(
        "8.6, 14.9",
        "Claims that were asked for are there; the wallet's own choice is never relied on.",
        &["missing_claims_and_other_values_fail_and_surplus_is_dropped"],
    )
    .item(&["1.3 M7", "1.3 M12"]),
    must(
        "8.6",
        "The rules of sets are held: what is needed is there.",
        &["a_query_that_has_no_answer_is_missed", "vp_8_6_missing_foreign_and_surplus_entries_are_refused"],
    )
    .item(&["1.3 M8"]),
    must(
        "8.6",
        "Trust in the issuer, dates and status have verdicts of their own.",
        &["untrusted_expired_and_self_made_give_different_words"],
    )
    .item(&["1.3 M9", "1.3 M10"]),
    must(
        "14.1.2",
        "A presentation for another nonce spoils the whole answer.",
        &["oid4vp_1final_verifier_invalid_kb_jwt_nonce"],
    )
    .item(&["1.3 M13"]),
    must(
        "8.3",
        "The key for the answer is made for this request, with algorithm and name.",
        &["vp_8_3_each_request_has_a_key_of_its_own_with_alg_and_kid"],
    )
    .item(&["1.3 M14"]),
    must(
        "5.9.3, HAIP 5",
        "The request is signed under the hash of the certificate; root left out.",
        &[
            "haip_5_the_desk_offers_both_encryptions_and_signs_under_x509_hash_by_reference",
            "a_verifier_needs_the_key_of_its_certificate",
        ],
    )
    .item(&["1.3 M16"]),
    must(
        "5.10, 5.10.1",
        "The request is fetched by GET or POST; the wallet's nonce comes back.",
        &["oid4vp_1final_verifier_request_uri_method_post", "openid4vp_5_10_a_wallet_nonce_is_echoed"],
    ),
    should(
        "15.4.2",
        "What was not asked for is dropped and not kept.",
        &[
            "missing_claims_and_other_values_fail_and_surplus_is_dropped",
            "an_answer_is_judged_and_only_what_was_asked_for_is_kept",
        ],
    ),
    should(
        "15.3",
        "The request says why, and how long the answer is kept.",
        &["openid4vp_5_the_request_object_is_signed_typed_and_says_why"],
    )
    .item(&["1.3 S17"]),
    should(
        "13.3, 14.2",
        "The wallet sends the browser back with a code that is good in that browser alone.",
        &[
            "vp_13_3_the_response_code_is_asked_for_with_the_session_and_fresh_for_each_answer",
            "security_j03_a_response_code_that_is_guessed_used_missing_or_of_another_browser_is_refused",
            "security_d23_on_one_device_the_answer_is_released_in_the_browser_that_asked",
            "on_its_own_machine_the_desk_needs_no_code_and_gives_none",
        ],
    )
    .item(&["1.3 M3"]),
    must(
        "6",
        "A query that somebody puts together is one that a wallet takes.",
        &[
            "openid4vp_6_every_choice_is_a_query_that_a_wallet_takes",
            "openid4vp_6_every_template_is_a_query_that_a_wallet_takes",
        ],
    ),
    must(
        "8.2",
        "Only the form that was asked for is an answer, and the first counts.",
        &["security_j10_only_one_plain_form_is_an_answer", "j01_of_fifty_answers_at_once_exactly_one_is_taken"],
    ),
    must(
        "8.3",
        "An answer that does not decrypt with the key of its request is refused, and the request stays open.",
        &["security_j12_an_answer_to_the_key_of_another_request_or_cut_short_is_refused"],
    ),
    should(
        "15.1",
        "The person gets a receipt of what they agreed to: the wallet writes it, from what the request tells.",
        &[
            "ts27560_an_answer_to_the_desk_has_a_receipt_that_names_claims_and_holds_the_value_of_none",
            "dpv_27560_8_every_field_that_must_be_there_is_there",
        ],
    )
    .item(&["1.3 S18"]),
    must(
        "5.10.1",
        "A request is handed out again until it is answered or has run out.",
        &["oid4vp_1final_verifier_request_uri_fetched_twice", "a_request_is_handed_out_until_it_is_answered"],
    ),
    must(
        "5.9.3",
        "Under a DID the request is signed with a key of the document at the desk's own address, and names it.",
        &["vp_5_9_3_a_request_under_a_did_is_signed_with_a_key_of_its_document_and_its_answer_judged"],
    ),
    must(
        "8.6",
        "An answer for the desk under its other identifier is for somebody else.",
        &["vp_8_6_an_answer_for_the_desk_under_its_other_name_is_for_somebody_else"],
    ),
    must(
        "5",
        "A reason in several languages is shown in the one that the person reads.",
        &[
            "vp_5_a_reason_in_several_languages_is_shown_in_the_one_that_the_person_reads",
            "a_reason_is_said_in_each_language_and_several_cards_may_be_asked_for",
        ],
    ),
    must(
        "HAIP 5.1",
        "The reply to an answer says where the person goes on.",
        &["haip_5_1_the_desk_tells_the_wallet_where_its_person_goes_on"],
    ),
    must(
        "5.9.3",
        "Under x509_san_dns the desk asks by a name of its certificate, which is where the answer goes.",
        &["vp_5_9_3_a_request_under_the_name_in_the_certificate_goes_back_to_that_host_and_is_judged"],
    ),
];
