//! What a person agreed to, written down for that person.

use crate::row::{Part, Row, must, should};

/// Consent records and receipts. The standard itself is not public; the sections are those of DPV's guide to it.
pub const PART: Part = Part {
    id: "RECEIPT",
    title: "Consent records and receipts (ISO/IEC TS 27560:2023 in the terms of DPV 2.3)",
    rows: ROWS,
};

const ROWS: &[Row] = &[
    must(
        "8.1.1, 8.1.2, 8.1.3",
        "A record names its schema, itself and the person, by names that are good in it alone.",
        &[
            "dpv_27560_8_every_field_that_must_be_there_is_there",
            "ts27560_no_title_and_no_identifier_of_the_vault_is_in_a_receipt",
        ],
    ),
    must(
        "8.2.1, 8.2.2",
        "The notice is there, its language, and where the requester says what it does with the data.",
        &[
            "dpv_27560_8_what_the_requester_told_is_there_as_it_told_it",
            "ts27560_the_log_keeps_what_the_requester_told_and_when_it_was_shown",
            "ts27560_what_a_registrar_says_counts_before_what_the_requester_says_of_itself",
            "ts27560_the_address_of_the_notice_is_the_registered_one_where_there_is_one",
            "ts27560_a_request_tells_where_the_verifier_says_what_it_does_and_how_it_is_reached",
            "ts27560_what_learners_would_not_be_told_keeps_the_desk_from_starting",
            "ts27560_what_was_told_is_kept_over_a_restart_and_a_no_has_a_receipt_too",
        ],
    ),
    must(
        "8.3.1, 8.3.2, 8.3.5, 8.3.7, 8.3.8, 8.3.9, 8.3.10",
        "Purpose, controller, recipients, withdrawal, jurisdiction and rights are there.",
        &[
            "dpv_27560_8_every_field_that_must_be_there_is_there",
            "dpv_27560_8_what_the_requester_told_is_there_as_it_told_it",
        ],
    ),
    must(
        "8.3.3, 8.3.3.1, 8.3.3.3, 8.3.3.4",
        "Each claim that was given has its name, category, necessity and weight; its value is nowhere.",
        &[
            "dpv_27560_8_3_3_each_claim_has_its_name_category_weight_and_necessity",
            "dpv_27560_8_3_3_a_card_without_a_named_claim_and_a_refusal_are_said_too",
            "dpv_27560_8_3_3_3_what_could_be_left_out_is_optional_and_what_weighs_is_told",
            "dpv_27560_8_3_3_4_a_whole_document_weighs_what_its_heaviest_claim_does",
            "ts27560_no_value_of_any_claim_is_in_a_receipt",
            "ts27560_an_answer_to_the_desk_has_a_receipt_that_names_claims_and_holds_the_value_of_none",
        ],
    ),
    must(
        "8.3.4.2",
        "Where and how long it is kept is there as told; what was not told is said to be unknown.",
        &["dpv_27560_8_3_what_the_requester_did_not_tell_is_said_to_be_unknown"],
    ),
    must(
        "8.4.1, 8.4.2, 8.4.3, 8.4.4",
        "The parties have name, identifier, role and contact, and it is said how the requester was known.",
        &["dpv_27560_8_every_field_that_must_be_there_is_there", "ts27560_how_the_requester_was_known_is_said"],
    ),
    must(
        "8.5.1, 8.5.2, 8.5.3, 8.5.4, 8.5.5",
        "What was asked and what was answered has state, time, duration and whose word it was.",
        &[
            "dpv_27560_8_5_2_a_yes_is_given_a_no_is_refused_and_each_was_asked_for",
            "dpv_27560_8_3_4_what_may_have_been_shared_says_so",
            "ts27560_an_answer_that_nobody_confirmed_may_have_been_shared",
            "ts27560_a_no_has_a_record_of_who_asked_and_of_nothing_given",
            "ts27560_a_no_to_pictures_that_nobody_hears_is_in_the_log_and_has_a_receipt",
            "ts27560_only_what_a_person_decided_about_has_a_receipt",
        ],
    ),
    must(
        "9.1.1, 9.1.2, 9.1.3, 9.1.4",
        "A receipt has a schema, a name and a date of its own, and the record that it is of.",
        &["dpv_27560_9_1_a_receipt_has_a_name_a_date_and_the_record_that_it_is_of"],
    ),
    must(
        "3",
        "The document is one graph under a context of its own, of words that the vocabulary has.",
        &[
            "dpv_27560_the_document_stands_for_one_graph_and_reads_back_as_the_same",
            "dpv_2_3_every_term_is_one_of_the_vocabulary",
        ],
    ),
    should(
        "8.3.11, 8.3.12, 8.3.13",
        "Services, codes of conduct and impact assessments of the requester are there.",
        &[],
    )
    .refused("no request tells them, and the wallet makes up nothing about anybody"),
    should("10.1", "A receipt that one party gives to another can be verified.", &[]).refused(
        "it is the person's own, and says so; a signature by the wallet would prove nothing that the requester said, and no \
         standard says how a verifier would give one with its reply",
    ),
];
