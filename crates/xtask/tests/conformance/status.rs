//! Withdrawn, on hold, replaced.

use crate::row::{Part, Row, must, should};

/// Token Status List and Bitstring Status List.
pub const PART: Part = Part { id: "STATUS", title: "Token Status List, Bitstring Status List 1.0", rows: ROWS };

const ROWS: &[Row] = &[
    must(
        "TSL 6.2",
        "A credential names list and index.",
        &["token_status_list_6_2_entry", "security_e02_a_malformed_index_is_refused"],
    ).item(&["1.6 M1"]),
    must(
        "TSL 5.1, 8.3",
        "The list is a signed token of its type, for the address that was asked, with its times.",
        &[
            "token_status_list_5_1_iat_must_be_there_and_past",
            "security_e04_e05_a_list_that_is_not_the_issuers_is_no_answer",
        ],
    ).item(&["1.6 M2"]),
    must(
        "TSL 4.1",
        "Values of 1, 2, 4 or 8 bits, lowest bits first, compressed with zlib.",
        &[
            "token_status_list_4_1_one_bit_lowest_first",
            "token_status_list_4_1_two_bits_lowest_first",
            "token_status_list_appendix_long_lists_of_one_two_and_four_bits",
            "token_status_list_appendix_long_list_of_eight_bits",
        ],
    ).item(&["1.6 M4"]),
    must("TSL 8.3", "An index beyond the list is no answer.", &["token_status_list_8_3_each_value_has_its_answer"]).item(&["1.6 M5"]),
    must(
        "TSL 8.3",
        "Nothing is fetched for a credential that does not hold.",
        &["security_e11_e15_b16_nobody_is_asked_for_a_credential_that_does_not_hold"],
    ).item(&["1.6 M6"]),
    must(
        "TSL 7.1",
        "Valid, withdrawn and on hold are told apart.",
        &["token_status_list_8_3_each_value_has_its_answer", "security_e09_on_hold_is_lifted_and_withdrawn_is_final"],
    ).item(&["1.6 M7"]),
    must("TSL 11.1", "What is unpacked is bounded.", &["security_e01_a_bomb_is_refused_at_the_cap"]).item(&["1.6 M8"]),
    should(
        "TSL 8.3, 11.5, 13.7",
        "A known list serves as long as it says.",
        &[
            "security_e06_a_known_list_serves_by_its_own_ttl_and_no_longer",
            "security_e06_a_ttl_counts_within_five_minutes_and_seven_days",
        ],
    ).item(&["1.6 M3", "1.6 M15"]),
    should("TSL 5.2", "The list as a CWT.", &["token_status_list_5_2_a_cwt_is_named_and_not_taken_for_damage"])
        .refused("it belongs to credentials in CBOR, which the wallet does not keep; it is named as such"),
    must(
        "BSL 2.1, 3.2",
        "The entry's type, purpose and index; the purpose is one of the list.",
        &[
            "bitstring_2_1_entries_of_two_purposes",
            "security_e04_a_list_of_another_purpose_is_refused",
            "bitstring_2_2_a_list_may_serve_several_purposes",
        ],
    ).item(&["1.6 M9"]),
    must(
        "BSL 2.2, 3.4",
        "The list is in multibase, compressed with gzip, highest bit first.",
        &["bitstring_2_2_the_multibase_letter_is_needed", "bitstring_2_2_highest_bit_first"],
    ).item(&["1.6 M10", "1.6 M11"]),
    must(
        "BSL 2.2, 3.2",
        "A list is at least 131,072 entries long.",
        &["security_e07_a_list_under_131072_entries_is_refused"],
    ).item(&["1.6 M12"]),
    must(
        "BSL 2.1",
        "Entries of several bits say what each value means.",
        &[
            "bitstring_2_1_wide_entries_say_what_each_value_means",
            "security_e03_bitstring_3_2_values_of_several_bits_stand_highest_bit_first",
        ],
    ).item(&["1.6 M13"]),
    must(
        "BSL 2.1, 2.2",
        "Messages and newer versions are told and decide nothing.",
        &[
            "bitstring_2_2_a_message_is_told_and_does_not_decide",
            "bitstring_2_2_a_newer_version_is_told_and_does_not_decide",
        ],
    ).item(&["1.6 M14"]),
    must(
        "BSL 3.2, 7.2",
        "The list is itself verified, and within its dates.",
        &[
            "bitstring_3_2_the_list_credential_is_verified_and_says_valid_or_revoked",
            "security_e06_a_list_that_ended_is_no_answer_and_tells_from_when_it_is",
        ],
    ).item(&["1.6 M16", "1.6 M17"]),
    should(
        "BSL 6.3, 6.6",
        "Lists are not fetched as a credential is shown, so that the issuer cannot watch.",
        &["presenting_asks_nothing_of_the_issuer", "security_5_3_fifty_cards_on_one_list_make_one_request"],
    ).item(&["1.6 M18"]),
    should(
        "OB",
        "Lists of withdrawn badges of 1EdTech are read.",
        &[
            "open_badges_3_revocation_list_counts_only_from_the_issuers_host",
            "revocation_list_names_what_was_withdrawn",
        ],
    ).item(&["1.6 M19"]),

    should("TSL 8.2", "Redirects of a list are followed.", &["only_status_200_is_an_answer_and_an_unasked_reply_is_refused"])
        .refused("no redirect is followed anywhere: it would take a request to a host that nobody named; such a list could not be checked, and says so"),
    must("TSL 7.1", "A value that is not known is never taken for valid.", &["token_status_list_8_3_each_value_has_its_answer"]),
];
