//! The rows of the project's catalogue of hostile input, for offers (C), requests (D), links and codes (H) and the desk
//! (J), and of what a computer does to a program (R), each with the tests that show it; and docs/hostile-input.md, which is
//! made of them.

use std::{collections::BTreeMap, env, fs, path::Path};

use crate::{root, scan};

/// A row: its number, what comes in, the tests, and what is otherwise than the catalogue asks.
type Row = (&'static str, &'static str, &'static [&'static str], &'static str);

const D_OBJECTS: &str = "security_d_a_signed_request_with_one_thing_wrong_changes_nothing";
const D_NAMES: &str = "security_d_a_request_under_a_wrong_name_or_from_a_wrong_place_changes_nothing";
const D_REPLIES: &str = "security_d_a_request_object_that_is_none_changes_nothing";
const C_OFFERS: &str = "security_c_an_offer_with_one_thing_wrong_changes_nothing";
const C_ISSUERS: &str = "security_c_an_institution_that_breaks_a_rule_changes_nothing";
const LINKS: &str = "security_h02_h10_h12_h13_what_is_no_link_of_a_wallet_is_refused_and_nothing_is_asked";

const GROUPS: &[(&str, &str, &[Row])] = &[
    ("C", "Offers and institutions", OFFERS),
    ("D", "Requests and requesters", REQUESTS),
    ("H", "Links and QR codes", CODES),
    ("J", "The employer's desk", DESK),
    ("R", "What the computer does to it", RELIABILITY),
];

const OFFERS: &[Row] = &[
    ("C01", "An offer by value and by reference at once, twice, or not at all.", &[C_OFFERS], ""),
    (
        "C02",
        "Addresses that are not https, or lead into a private network, in every spelling.",
        &[
            C_OFFERS,
            "c02_private_addresses_are_refused_in_every_spelling",
            "c02_a_name_that_changes_its_mind_is_vetted_each_time_and_the_vetted_address_is_the_one_used",
            "security_c02_an_issuer_at_an_address_that_is_none_of_the_open_internet_gets_no_request",
        ],
        "",
    ),
    (
        "C03",
        "Any offer before the person agreed to look: nothing is fetched.",
        &[
            "security_c03_nothing_is_fetched_before_the_person_agreed",
            "c03_nothing_is_fetched_for_a_link_that_another_program_opened",
        ],
        "",
    ),
    (
        "C04",
        "Metadata for another issuer, by case, slash, path or port.",
        &[C_ISSUERS, "security_c04_metadata_that_differ_in_case_slash_path_or_port_are_refused"],
        "",
    ),
    (
        "C05",
        "An honest server with a stranger's endpoint, or the other way round.",
        &[
            "security_c05_hosts_that_differ_are_all_named_beforehand",
            "security_c05_tokens_go_to_no_other_server_than_the_one_that_gave_them",
            "security_c05_c06_c07_another_authorization_server_is_refused",
        ],
        "",
    ),
    (
        "C06",
        "An authorization server that the issuer does not name.",
        &["security_c05_c06_c07_another_authorization_server_is_refused"],
        "",
    ),
    (
        "C07",
        "Metadata or an answer of another authorization server.",
        &[
            "security_c05_c06_c07_another_authorization_server_is_refused",
            "security_c07_c08_an_answer_of_another_sign_in_or_server_gets_no_token",
        ],
        "",
    ),
    (
        "C08",
        "A wrong, missing or used state, a code of another sign-in, a server without S256.",
        &[
            "security_c07_c08_an_answer_of_another_sign_in_or_server_gets_no_token",
            "security_c08_a_server_that_cannot_protect_the_code_is_not_used",
            "security_c08_what_is_repeated_mixed_or_too_long_is_refused",
        ],
        "",
    ),
    ("C09", "Strangers at the door on loopback.", &["security_c09_only_the_browser_at_the_right_address_is_heard"], ""),
    (
        "C10",
        "Words about a code that are long, marked up or misleading; an empty object.",
        &["security_c10_the_words_about_the_code_are_short_and_plain_and_its_host_is_named"],
        "",
    ),
    (
        "C11",
        "A wrong code, for ever, or one that was used.",
        &["security_c11_three_wrong_codes_end_it", "c11_a_wrong_code_is_asked_for_again_and_the_right_one_still_works"],
        "",
    ),
    (
        "C12",
        "A token answer that is a page or breaks a rule.",
        &[C_ISSUERS, "security_c12_token_responses_that_break_a_rule_are_refused"],
        "",
    ),
    (
        "C13",
        "A nonce that cannot be had: no proof is sent without it.",
        &[C_ISSUERS, "security_c13_no_proof_is_ever_sent_without_a_nonce_that_is_advertised"],
        "",
    ),
    (
        "C14",
        "A nonce of a megabyte, the same one for ever, or one that is always refused.",
        &[
            "security_c14_a_nonce_that_is_refused_for_ever_is_tried_twice",
            "security_c14_the_same_nonce_for_ever_is_the_issuers_own_affair_and_a_nonce_of_a_megabyte_is_refused",
        ],
        "",
    ),
    (
        "C15",
        "A credential for another key, now or later.",
        &[
            C_ISSUERS,
            "security_c15_a_credential_bound_to_another_holder_or_to_nobody_is_refused",
            "security_c15_what_comes_later_for_another_key_is_refused_and_no_key_is_left",
        ],
        "",
    ),
    (
        "C16",
        "Another type or format than was offered.",
        &[C_ISSUERS, "security_c16_a_credential_of_another_type_or_format_than_offered_is_refused"],
        "",
    ),
    (
        "C17",
        "Fewer, more or repeated copies, or copies that can be linked.",
        &[
            "security_c17_more_or_repeated_copies_are_refused",
            "security_c17_copies_that_share_a_status_entry_are_said_to_be_linkable",
        ],
        "",
    ),
    (
        "C18",
        "Handed out later: pending for ever, odd intervals, gone, the program started anew.",
        &[
            "security_c18_a_card_that_comes_later_survives_a_restart_and_is_seen_before_it_is_kept",
            "security_c18_what_is_pending_for_ever_can_be_given_up_and_leaves_nothing",
            "security_c18_an_interval_that_makes_no_sense_is_brought_within_bounds",
        ],
        "",
    ),
    (
        "C19",
        "A notification that fails or leads to another host.",
        &["security_c19_a_notification_on_another_host_is_not_sent_because_the_token_would_go_along"],
        "",
    ),
    (
        "C20",
        "Metadata that are huge, endless in number or full of trackers.",
        &[
            C_ISSUERS,
            "security_c20_metadata_that_are_too_many_too_long_or_point_elsewhere",
            "security_c20_metadata_that_are_too_large_have_their_own_name",
        ],
        "",
    ),
    (
        "C21",
        "A response for another key, or not encrypted though asked.",
        &["security_c21_a_response_that_is_not_encrypted_or_for_another_key_is_refused"],
        "",
    ),
    (
        "C22",
        "TLS that does not hold: run out, another name, signed by itself, too old.",
        &["c22_a_certificate_that_does_not_hold_is_refused", "c22_tls_1_1_is_refused"],
        "",
    ),
    (
        "C23",
        "A server that always wants another nonce.",
        &[
            "security_c23_a_server_that_always_wants_another_nonce_is_given_up",
            "security_c23_a_server_that_never_has_enough_nonces_is_given_up",
        ],
        "",
    ),
    (
        "C24",
        "A credential cut short anywhere, or without end.",
        &[C_ISSUERS, "security_c24_a_credential_response_cut_short_anywhere_is_never_half_kept"],
        "",
    ),
    (
        "C25",
        "The same offer twice, at once and after success.",
        &["security_c25_the_same_offer_twice_makes_one_card_and_the_second_time_says_so"],
        "",
    ),
    (
        "C26",
        "Fresh copies that say less or hold shorter.",
        &["security_c26_a_refill_that_says_something_else_or_holds_shorter_is_refused"],
        "",
    ),
    (
        "C27",
        "Signed metadata that do not hold: no falling back.",
        &["security_c27_signed_metadata_that_break_a_rule_are_refused_without_falling_back"],
        "",
    ),
];

const REQUESTS: &[Row] = &[
    (
        "D01",
        "Signed under `redirect_uri`, or answered elsewhere than under its name.",
        &[D_NAMES, "security_d01_an_address_that_is_not_the_client_id_is_refused"],
        "",
    ),
    (
        "D02",
        "A certificate that does not fit the name, the hash or the date; a forged signature.",
        &[D_REPLIES, "security_d02_a_certificate_that_does_not_fit_is_refused"],
        "",
    ),
    ("D03", "The prefix `origin`.", &[D_NAMES, "security_d03_origin_is_refused_before_anything_is_fetched"], ""),
    (
        "D04",
        "An unknown prefix, in capitals, after a space, within a path; a name that is not registered.",
        &[D_NAMES],
        "",
    ),
    (
        "D05",
        "Not signed where it should be; signed for another name; `alg` none.",
        &[D_OBJECTS, D_NAMES, D_REPLIES],
        "",
    ),
    (
        "D06",
        "A request object by http, behind a redirect, in a private network, too large, of another type.",
        &[D_NAMES, D_REPLIES, "security_d06_no_redirect_is_followed_and_nothing_but_a_request_object_is_read"],
        "",
    ),
    (
        "D07",
        "`request_uri_method` in another case; a `wallet_nonce` that is not ours.",
        &[D_NAMES, "oid4vp_1final_wallet_request_uri_method_post"],
        "",
    ),
    (
        "D08",
        "Another type or audience, run out, from the future, valid for years.",
        &[D_OBJECTS, "security_d08_an_object_of_another_type_is_refused"],
        "",
    ),
    (
        "D09",
        "A nonce that is missing, empty, short, huge, beyond ASCII or was answered.",
        &[D_OBJECTS, "security_d09_a_nonce_that_was_answered_is_not_answered_again"],
        "",
    ),
    ("D10", "Two addresses, an unknown mode, another type of response.", &[D_OBJECTS], ""),
    (
        "D11",
        "An answer by http, to a private network, with a user or a fragment, or behind a redirect.",
        &[
            D_OBJECTS,
            "d06_d11_a_redirect_is_a_reply_and_is_not_followed",
            "security_d11_d25_what_nobody_confirms_may_have_been_shared_and_is_not_sent_again",
        ],
        "",
    ),
    (
        "D12",
        "Asks in two ways, or not at all.",
        &[D_OBJECTS, D_NAMES, "security_d12_two_ways_of_asking_at_once_are_refused"],
        "Presentation Exchange is answered as far as Dutch verifiers use it, and not refused as old.",
    ),
    ("D13", "Queries that are none.", &[D_OBJECTS, "security_d13_queries_that_are_none_are_refused"], ""),
    (
        "D14",
        "The same request with other values, fifty times.",
        &[
            "security_d14_a_no_to_a_hit_a_miss_and_a_lack_is_the_same_and_takes_the_same_time",
            "security_d14_every_no_is_the_same_to_the_byte_and_waits_for_the_person",
        ],
        "",
    ),
    ("D15", "No claims at all.", &["security_d15_without_claims_only_what_cannot_be_hidden_goes"], ""),
    ("D16", "Everything, for a newsletter.", &["security_d16_asking_for_everything_lists_and_flags_it"], ""),
    ("D17", "No proof of the holder.", &["security_d17_an_answer_that_anybody_could_use_again_is_told"], ""),
    (
        "D18",
        "Transaction data of an unknown kind.",
        &[D_OBJECTS, "security_d18_transaction_data_that_is_not_known_is_refused"],
        "",
    ),
    (
        "D19",
        "A registration that is forged or of an unknown kind.",
        &["security_d19_a_registration_that_does_not_verify_is_as_if_it_were_not_there"],
        "",
    ),
    (
        "D20",
        "Authorities with addresses.",
        &["security_d20_lists_and_federations_are_identifiers_and_rule_nobody_out"],
        "",
    ),
    ("D21", "To be encrypted to nobody, to a private or weak key, or not at all.", &[D_OBJECTS], ""),
    (
        "D22",
        "A request that has run out or was answered.",
        &[
            "security_h16_d22_a_link_that_was_answered_says_when_whether_the_request_is_gone_or_comes_again",
            "security_d22_the_same_request_has_the_same_name_and_a_fresh_one_another",
        ],
        "",
    ),
    (
        "D23",
        "A real desk's link, sent on by a stranger.",
        &[
            "security_d23_a_relayed_link_names_the_real_desk_first_and_its_result_stays_there",
            "security_d23_on_one_device_the_answer_is_released_in_the_browser_that_asked",
            "security_d23_across_devices_nothing_is_released_without_the_code_that_is_told",
            "security_d23_a_short_code_is_for_one_request_few_tries_and_five_minutes",
            "security_d23_a_code_that_came_out_elsewhere_opens_nothing_by_itself",
            "security_d23_an_answer_whose_code_was_not_found_is_dropped_and_not_only_hidden",
            "security_d23_the_log_says_of_a_request_in_a_picture_that_it_was_made_on_another_screen",
            "a link that a stranger passed on shows the stranger nothing, and a code before its time is said to be none",
            "security_j03_d23_no_response_code_goes_out_and_only_the_browser_that_asked_sees_a_result",
        ],
        "On one device prevented by a desk under a public address; across devices, where the code can be talked out of somebody, and with other verifiers, reduced. A desk on its own machine is reached from there alone and gives no code.",
    ),
    (
        "D24",
        "An address to go on to that is no plain https.",
        &["security_d24_only_a_plain_https_address_to_go_on_is_offered"],
        "",
    ),
    (
        "D25",
        "A page, an error, silence or a reset after the answer went out.",
        &[
            "security_d11_d25_what_nobody_confirms_may_have_been_shared_and_is_not_sent_again",
            "r10_security_d25_a_requester_in_trouble_ends_the_request_and_what_went_out_is_told",
        ],
        "",
    ),
    (
        "D26",
        "What the other side says of its refusal.",
        &["security_d26_what_the_other_side_says_of_its_refusal_goes_nowhere"],
        "",
    ),
    (
        "D27",
        "Several cards that fit, some of which do not hold.",
        &["security_d27_the_person_picks_and_what_does_not_hold_is_shown_as_such"],
        "",
    ),
    (
        "D28",
        "A host that looks like another.",
        &[
            "security_d28_a_host_that_looks_like_another_one_is_told",
            "security_d28_the_plan_says_when_the_host_could_be_taken_for_another",
        ],
        "",
    ),
    (
        "D29",
        "A name that a site gives itself.",
        &["security_d29_a_name_that_the_site_gives_itself_is_only_claimed"],
        "",
    ),
    ("D30", "A sign-in beside it; unknown members.", &[D_OBJECTS], ""),
    (
        "D31",
        "A yes that comes after hours.",
        &[
            "security_d31_a_yes_that_comes_too_late_sends_nothing",
            "r8_security_d31_a_clock_that_jumps_in_the_middle_leaves_nothing_by_half",
        ],
        "",
    ),
    (
        "D32",
        "A card that the person does not have.",
        &["security_d32_nothing_that_fits_waits_for_the_person_and_then_sounds_like_any_no"],
        "",
    ),
    ("D33", "An optional extra, pushed.", &["security_d33_what_a_set_does_not_require_is_not_taken_along"], ""),
];

const CODES: &[Row] = &[
    (
        "H01",
        "A thousand links.",
        &["security_h01_a_thousand_links_make_one_question", "security_h01_of_a_thousand_links_one_waits"],
        "",
    ),
    (
        "H02",
        "Names twice, a megabyte, zero bytes, encoded twice.",
        &[
            LINKS,
            "h02_duplicate_keys_are_refused_and_unknown_keys_are_not",
            "h02_hidden_bytes_double_encoding_and_size",
        ],
        "",
    ),
    (
        "H03",
        "Words for a browser engine, several links, files.",
        &[
            "security_h03_h04_a_second_start_is_heard_like_the_first_and_says_no_more",
            "h03_arguments_of_a_browser_are_no_links",
        ],
        "",
    ),
    (
        "H04",
        "A second start with any words.",
        &["security_h03_h04_a_second_start_is_heard_like_the_first_and_says_no_more"],
        "",
    ),
    (
        "H05",
        "A link while locked.",
        &[
            "security_h05_a_link_while_locked_is_held_shown_after_unlocking_and_runs_out",
            "security_h05_a_link_on_the_screen_waits_when_the_vault_locks_until_it_is_used_up",
        ],
        "",
    ),
    (
        "H06",
        "A link during something else.",
        &["security_h06_a_second_link_waits_and_never_replaces_what_is_on_the_screen"],
        "",
    ),
    (
        "H07",
        "Opened by the desktop, from the packaged entry, twice.",
        &[
            "security_h07_the_packaged_entry_hands_each_of_our_links_over",
            "security_h07_the_desktop_finds_the_packaged_entry_and_a_link_arrives_cold_and_warm",
            "the package takes a link that the desktop opens, the first time and again while it runs",
        ],
        "The last one runs the programs of the package, unpacked beside the system; where none has been built it says that it was left out.",
    ),
    (
        "H08",
        "Another program has our links.",
        &[
            "security_h08_what_another_program_has_is_not_taken_by_itself",
            "security_h08_a_program_is_named_as_it_calls_itself",
        ],
        "",
    ),
    (
        "H09",
        "Pictures of every bad kind.",
        &[
            "h09_broken_pictures_and_noise_do_no_harm",
            "h09_a_crafted_grid_of_finder_patterns_is_given_up_in_time",
            "h09_the_largest_picture_that_is_taken_is_read_in_time",
        ],
        "",
    ),
    ("H10", "Codes for other programs.", &[LINKS, "h10_codes_for_other_programs_are_named_and_not_taken"], ""),
    ("H11", "Several codes in one picture.", &["h11_several_codes_are_all_found_and_the_person_picks"], ""),
    (
        "H12",
        "Pasted text with look-alikes and hidden characters.",
        &[LINKS, "h12_characters_that_look_like_others_are_refused", "h12_harmless_edges_are_taken_off"],
        "",
    ),
    (
        "H13",
        "Links without anything in them, or of another scheme.",
        &[LINKS, "h13_a_link_without_anything_in_it_is_invalid"],
        "",
    ),
    (
        "H14",
        "Hosts in odd spellings.",
        &["h14_hosts_are_made_canonical_once_or_refused", "h14_names_that_are_no_names_do_not_parse"],
        "",
    ),
    (
        "H15",
        "A browser that cannot come back.",
        &[
            "security_h15_a_whole_sign_in_by_pasting_the_address_that_the_browser_could_not_open",
            "security_h15_only_the_awaited_address_brings_an_answer_and_only_once",
        ],
        "",
    ),
    (
        "H16",
        "A link that was answered.",
        &["security_h16_d22_a_link_that_was_answered_says_when_whether_the_request_is_gone_or_comes_again"],
        "",
    ),
];

const DESK: &[Row] = &[
    (
        "J01",
        "The same answer twice, later, and fifty times at once.",
        &["j01_of_fifty_answers_at_once_exactly_one_is_taken"],
        "",
    ),
    (
        "J02",
        "An unknown or foreign state.",
        &["j02_what_is_no_answer_to_this_request_gets_400_and_the_request_stays_open"],
        "",
    ),
    (
        "J03",
        "A result without its response code.",
        &[
            "security_j03_a_response_code_that_is_guessed_used_missing_or_of_another_browser_is_refused",
            "security_j03_a_response_code_is_128_bits_and_opens_once_where_it_was_asked",
            "security_j03_an_answer_behind_a_gate_is_held_until_its_code_comes_back",
            "on one computer the answer appears in the browser that asked, once the wallet sends its person back",
            "security_j03_d23_no_response_code_goes_out_and_only_the_browser_that_asked_sees_a_result",
        ],
        "A desk that is reached from its own machine alone gives none: its page is plain http, and the wallet goes on to https only.",
    ),
    (
        "J04",
        "Results of another browser; names guessed.",
        &["j04_a_result_is_for_the_browser_that_asked"],
        "The wrong browser gets 403, a name that is none 404.",
    ),
    ("J05", "A token of another shape.", &["security_j05_a_token_of_another_shape_is_refused_whole"], ""),
    (
        "J06",
        "For another verifier or nonce.",
        &["security_j06_j07_j09_bad_presentations_have_their_own_failed_check"],
        "",
    ),
    ("J07", "Without the holder's proof.", &["security_j06_j07_j09_bad_presentations_have_their_own_failed_check"], ""),
    (
        "J08",
        "Fewer claims, others, or more.",
        &["security_j08_what_was_not_asked_for_is_dropped_and_stored_nowhere"],
        "",
    ),
    (
        "J09",
        "Not trusted, run out, withdrawn, unknown, self-made: each has its own verdict.",
        &["security_j06_j07_j09_bad_presentations_have_their_own_failed_check"],
        "",
    ),
    (
        "J10",
        "Bodies of every other kind.",
        &["security_j10_only_one_plain_form_is_an_answer", "j10_bodies_are_capped"],
        "",
    ),
    (
        "J11",
        "Slow and idle connections.",
        &[
            "security_j11_where_all_places_are_taken_who_stands_still_makes_way",
            "security_j11_a_body_that_drips_or_has_no_end_is_refused",
        ],
        "HTTP/2 is not spoken.",
    ),
    (
        "J12",
        "Encrypted to an old key, cut short.",
        &["security_j12_an_answer_to_the_key_of_another_request_or_cut_short_is_refused"],
        "",
    ),
    (
        "J13",
        "Addresses in a credential that lead inside.",
        &["security_j13_no_address_in_a_credential_leads_into_a_private_network"],
        "",
    ),
    ("J14", "Claims that would act on a page.", &["security_j14_claims_of_any_text_are_data_and_never_a_page"], ""),
    (
        "J15",
        "Other sites and host names.",
        &["j15_another_host_name_another_origin_and_another_media_type_are_refused"],
        "",
    ),
    ("J16", "What an answer tells about the program.", &["security_j16_an_answer_tells_nothing_about_the_program"], ""),
    ("J17", "The log, at every level.", &["security_j17_no_log_at_any_level_holds_a_claim_a_nonce_or_a_cookie"], ""),
    (
        "J18",
        "Names, nonces and cookies.",
        &["security_j18_names_nonces_and_cookies_are_128_bits_and_never_the_same"],
        "600 of them in the test, not a million.",
    ),
    (
        "J19",
        "The end of the time that a result is kept.",
        &["security_j19_after_its_time_a_result_is_gone_and_no_file_ever_held_it"],
        "Nothing of an answer is ever written to a disk, so there is nothing to delete there.",
    ),
    (
        "J20",
        "Killed or started anew in the middle.",
        &["security_j20_after_a_restart_an_open_request_is_gone_and_the_wallet_is_told"],
        "",
    ),
    (
        "J21",
        "Clocks that differ or jump.",
        &[
            "security_j21_clocks_may_differ_by_as_much_as_is_written_and_no_more",
            "security_j21_a_clock_that_jumps_ends_what_was_open_and_nothing_else",
        ],
        "",
    ),
    (
        "J22",
        "Many requests at once.",
        &[
            "security_j22_requests_that_wait_are_bounded_and_none_makes_way",
            "security_j22_what_a_caller_says_of_its_address_opens_no_more_than_others_have",
            "security_j22_a_caller_that_asks_too_much_is_refused_whatever_it_says_of_its_address_and_others_are_not",
            "security_j22_one_caller_cannot_take_the_requests_of_all",
            "security_j22_a_thousand_calls_in_a_second_are_cut_and_others_are_not",
            "security_j22_one_house_is_one_caller_and_a_mapped_address_is_the_address",
            "security_j22_the_memory_for_callers_is_bounded_and_who_is_known_stays_so",
            "security_j22_what_is_much_work_may_be_asked_for_less_often",
        ],
        "By address under a public address, where the proxy says it; every caller of a desk on loopback has the same one, and there the bound is for all together.",
    ),
    (
        "J23",
        "The host of a status is down.",
        &["security_j23_while_the_host_of_a_status_is_down_it_is_not_checked_and_the_last_list_is_told"],
        "The verdict stays \"could not be checked\"; the last list is told beside it while its own time lasts.",
    ),
    (
        "J24",
        "Files and pasted text.",
        &["security_j24_what_a_recruiter_pastes_or_drops_is_checked_like_any_answer"],
        "",
    ),
    (
        "J25",
        "The largest answers, many at once.",
        &[
            "security_j25_large_bodies_wait_for_room_and_small_ones_do_not",
            "security_j25_results_together_are_bounded_and_the_oldest_makes_way",
        ],
        "",
    ),
    (
        "J26",
        "The same result, seen twice.",
        &[
            "security_j26_a_result_looks_the_same_however_often_it_is_seen",
            "two tabs, back, forward and refresh show the same, and nothing is sent again",
            "a refresh, the buttons of the browser and a second tab show a result again, and nothing is asked again",
        ],
        "",
    ),
];

const RELIABILITY: &[Row] = &[
    (
        "R01",
        "Killed at any write and at any moment: collecting, sharing, importing, deleting, a new passphrase, an upgrade.",
        &[
            "r1_killed_at_any_write_while_collecting_it_is_finished_or_gone",
            "r1_killed_at_any_write_while_sharing_the_log_never_says_less_than_the_desk_has",
            "r1_killed_at_any_write_while_deleting_or_importing_it_is_done_or_not_begun",
            "r1_killed_while_a_passphrase_is_replaced_the_old_or_the_new_one_opens",
            "r1_killed_at_fifty_moments_it_is_finished_or_gone",
        ],
        "There is no backup function, so none is killed.",
    ),
    (
        "R02",
        "The power goes: what was not flushed is gone, torn or noise.",
        &[
            "r2_what_was_kept_survives_a_log_that_is_cut_torn_or_noise_after_it",
            "r2_a_log_that_was_being_emptied_is_emptied_again",
        ],
        "",
    ),
    (
        "R03",
        "A full disk.",
        &[
            "r3_a_disk_that_takes_no_more_leaves_nothing_by_half_and_what_went_out_is_said",
            "i05_a_full_disk_keeps_what_there_is_and_the_next_try_works",
        ],
        "",
    ),
    (
        "R04",
        "A disk that fails, is over its quota, or is read only.",
        &[
            "r4_a_disk_that_fails_at_any_write_leaves_nothing_by_half",
            "r4_a_profile_that_cannot_be_written_is_said_to_be_so_and_stays_as_it_is",
        ],
        "",
    ),
    (
        "R05",
        "Bytes that changed on the disk.",
        &[
            "i01_one_flipped_byte_on_any_page_is_noticed",
            "i01_damaged_pages_never_show_wrong_data",
            "i01_a_truncated_database_is_damaged",
        ],
        "Noticed before anything is shown; undamaged cards are not yet salvaged from a damaged file.",
    ),
    (
        "R06",
        "Too few files, too little memory.",
        &[
            "r6_with_too_few_files_it_says_so_and_the_vault_is_whole",
            "r6_with_too_little_memory_it_ends_and_the_vault_is_whole",
        ],
        "",
    ),
    (
        "R07",
        "A fault of our own at any step.",
        &[
            "r7_a_fault_at_any_step_of_collecting_leaves_nothing_by_half",
            "r7_a_fault_at_any_step_of_sharing_never_makes_the_log_say_less_than_went_out",
            "r7_a_reader_that_went_away_is_no_fault",
        ],
        "",
    ),
    (
        "R08",
        "Clocks that are wrong or jump.",
        &[
            "r8_security_d31_a_clock_that_jumps_in_the_middle_leaves_nothing_by_half",
            "security_j21_a_clock_that_jumps_ends_what_was_open_and_nothing_else",
        ],
        "",
    ),
    (
        "R09",
        "Several programs at once.",
        &[
            "r9_a_second_program_is_told_and_changes_nothing_and_a_killed_one_leaves_no_lock",
            "i07_a_second_instance_is_refused_until_the_first_is_gone",
        ],
        "",
    ),
    (
        "R10",
        "Networks that are slow, silent, endless or gone.",
        &[
            "r10_an_institution_in_trouble_at_any_step_ends_the_offer_and_says_where",
            "r10_every_wait_of_an_offer_ends_at_once_when_the_person_says_so",
            "r10_security_d25_a_requester_in_trouble_ends_the_request_and_what_went_out_is_told",
        ],
        "",
    ),
    (
        "R11",
        "Held up in the middle, as by a computer that slept.",
        &[
            "r11_held_up_at_any_moment_it_goes_on_where_it_was",
            "r11_a_sign_in_goes_on_after_a_lock_whether_the_browser_was_back_before_the_person_or_not",
        ],
        "For less than a second each time in the tests.",
    ),
    (
        "R12",
        "Vaults of older and newer schemas, and a kill during an upgrade.",
        &[
            "r12_a_vault_of_every_older_schema_opens_with_all_that_it_held",
            "r12_killed_at_any_write_of_an_upgrade_the_next_start_finishes_it",
            "i08_a_newer_schema_is_refused_and_stays",
        ],
        "Nothing was released yet, so the older vaults are made by the steps of the schema themselves.",
    ),
    (
        "R13",
        "The keychain of the system, absent, locked or emptied.",
        &["i06_an_unlocked_keychain_opens_and_a_locked_one_does_not"],
        "",
    ),
    ("R14", "A backup, restored elsewhere.", &[], "Not there yet: there is no backup function."),
    (
        "R15",
        "Random and changed input.",
        &["kept_inputs_and_whole_samples_break_nothing"],
        "`cargo xtask fuzz`, part of `cargo xtask test` for 24 seconds; long campaigns were not made.",
    ),
    (
        "R16",
        "Published vectors.",
        &[
            "security_a07_ecdsa_p256_and_p384_as_jose_encodes_them",
            "security_a08_ecdh_p256_through_a_whole_jwe",
            "security_a09_ed25519",
            "security_a26_aes_gcm_beneath_the_jwe",
        ],
        "",
    ),
    (
        "R17",
        "The rules of the standards.",
        &["the_page_is_what_the_tables_say"],
        "docs/conformance.md; the suite of the OpenID Foundation itself was not run.",
    ),
    (
        "R18",
        "Many sessions at the desk.",
        &["j01_of_fifty_answers_at_once_exactly_one_is_taken"],
        "Measured in docs/benchmarks.md, and not for half an hour.",
    ),
    (
        "R19",
        "Memory after locking.",
        &["r19_after_locking_no_key_no_passphrase_and_no_claim_is_in_memory"],
        "Of the engine's process; the web view of the window is a process of its own and was not searched.",
    ),
    (
        "R20",
        "What lies about when everything is logged.",
        &[
            "r20_with_everything_logged_no_secret_and_no_claim_lies_about",
            "r20_a_browser_that_is_started_gets_an_address_and_no_passphrase",
        ],
        "Of the command line; a passphrase in its environment is seen by programs of the same user, as everywhere.",
    ),
    (
        "R21",
        "Opened and locked again and again.",
        &["r21_opened_and_locked_two_hundred_times_nothing_grows"],
        "Two hundred times, not a day long.",
    ),
    (
        "R22",
        "Checks that are changed on purpose, to see that a test fails.",
        &[],
        "Not done: the tool for it is no part of `cargo xtask test`.",
    ),
];

/// How many rows each group of the catalogue has.
const COUNTS: [usize; 5] = [27, 33, 16, 26, 22];

#[test]
fn every_row_is_there_once_and_in_order() {
    for ((letter, _, rows), count) in GROUPS.iter().zip(COUNTS) {
        let numbers: Vec<_> = rows.iter().map(|(number, ..)| (*number).to_owned()).collect();
        let expected: Vec<_> = (1..=count).map(|number| format!("{letter}{number:02}")).collect();
        assert_eq!(numbers, expected);
    }
}

#[test]
fn every_row_has_tests_that_run_and_name_it() {
    let found = scan::tests(&root());
    let texts = texts(&root().join("crates"));
    let mut faults = Vec::new();
    for (number, _, tests, otherwise) in GROUPS.iter().flat_map(|(_, _, rows)| *rows) {
        // What does not hold is said, and where it is held by something else than a test of its name.
        if tests.is_empty() && !otherwise.starts_with("Not ") {
            faults.push(format!("{number} has no test"));
        }
        let mut named = false;
        for test in *tests {
            match found.get(*test) {
                None => faults.push(format!("{number}: there is no test {test:?}")),
                Some(false) => faults.push(format!("{number}: {test:?} is switched off")),
                Some(true) => {}
            }
            let low = number.to_lowercase().replace("r0", "r");
            // By its own name, or as a row of the table that it goes through.
            let in_table = || {
                let at = format!("fn {test}(");
                texts.values().any(|text| text.contains(&at) && text.contains(&format!("(\"{number} ")))
            };
            named |= test.split('_').any(|part| part == low) || in_table();
        }
        if !named && !number.starts_with('R') {
            faults.push(format!("{number}: none of its tests names it"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_page_of_hostile_input_is_what_the_tables_say() {
    let path = root().join("docs/hostile-input.md");
    let page = page();
    if env::var_os("LEERPAS_WRITE_CONFORMANCE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/hostile-input.md is stale: cargo xtask conformance");
}

fn page() -> String {
    let mut page = "# Hostile input

What strangers can send, and the tests that show what becomes of it: it is refused under its own name, within its limits,
and cards, keys, files and the log are as before, but for one line that says what was not completed and why. Where a row
holds otherwise than one would wish, the last column says so. Rows A, B, E, F, G, I and K, about credentials, files and the
window, are in the names of the tests themselves. Made from crates/xtask/tests/conformance/hostile.rs by
`cargo xtask conformance`; a test keeps the two alike.
"
    .to_owned();
    for (letter, title, rows) in GROUPS {
        page.push_str(&format!(
            "\n## {letter}. {title}\n\n| | what comes in | tests | otherwise |\n|---|---|---|---|\n"
        ));
        for (number, what, tests, otherwise) in *rows {
            let tests: Vec<_> = tests.iter().map(|test| format!("`{test}`")).collect();
            page.push_str(&format!("| {number} | {what} | {} | {otherwise} |\n", tests.join("<br>")));
        }
    }
    page
}

fn texts(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && !path.ends_with("target") {
            found.extend(texts(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.insert(path.display().to_string(), fs::read_to_string(&path).unwrap_or_default());
        }
    }
    found
}
