//! SD-JWT and SD-JWT VC.

use crate::row::{Part, Row, must, should};

/// RFC 9901 and the drafts of SD-JWT VC.
pub const PART: Part = Part { id: "SD", title: "RFC 9901 (SD-JWT) and SD-JWT VC", rows: ROWS };

const ROWS: &[Row] = &[
    must(
        "9901 7.1",
        "The algorithm is on a list; none and shared secrets are not.",
        &[
            "security_a01_a02_a_missing_or_unlisted_alg_is_refused",
            "security_a01_a02_no_key_of_the_issuer_is_ever_a_shared_secret",
        ],
    )
    .item(&["1.5 M1"]),
    must(
        "9901 7.1",
        "The issuer's signature holds.",
        &[
            "oid4vp_1final_verifier_invalid_credential_signature",
            "security_a14_a_credential_by_another_key_than_the_issuers_is_not_genuine",
        ],
    )
    .item(&["1.5 M2"]),
    must(
        "9901 7.1",
        "The hash is one that is known.",
        &["rfc9901_7_1_3a_the_hash_must_be_known", "security_a16_an_unknown_hash_is_refused"],
    )
    .item(&["1.5 M3"]),
    must(
        "9901 7.1",
        "A disclosure has three items for a member, two for an element, in its own place.",
        &[
            "rfc9901_7_1_3c_a_disclosure_has_its_shape_and_place",
            "security_a17_a_disclosure_of_another_shape_or_with_a_reserved_name_is_refused",
        ],
    )
    .item(&["1.5 M4"]),
    must(
        "9901 7.1",
        "Reserved names and names that are there already are refused.",
        &["rfc9901_7_1_3c_reserved_names_are_refused", "rfc9901_7_1_3c_a_disclosure_may_not_overwrite_a_claim"],
    )
    .item(&["1.5 M5"]),
    must(
        "9901 7.1",
        "No digest stands twice.",
        &["rfc9901_7_1_duplicate_digest_is_refused", "security_a18_a_digest_that_occurs_twice_is_refused"],
    )
    .item(&["1.5 M6"]),
    must(
        "9901 7.1",
        "A disclosure without a digest is refused.",
        &[
            "rfc9901_7_1_unreferenced_disclosure_is_refused",
            "security_a19_a_disclosure_without_digest_twice_or_of_another_credential_is_refused",
        ],
    )
    .item(&["1.5 M7"]),
    must(
        "9901 7.1",
        "What was not disclosed leaves no trace; disclosures within disclosures are followed.",
        &["rfc9901_7_1_disclosed_claims_take_their_places", "rfc9901_7_1_digests_stand_only_where_they_may"],
    )
    .item(&["1.5 M8", "1.5 M9"]),
    must(
        "9901 7.1",
        "After that the times are checked.",
        &["a_credential_outside_its_dates_is_refused", "security_a13_the_leeway_is_sixty_seconds_on_both_sides"],
    )
    .item(&["1.5 M10"]),
    must(
        "9901 7.3",
        "Whether a key binding is needed is the verifier's word.",
        &["rfc9901_7_3_a_key_binding_is_needed_by_policy_and_never_by_what_was_sent"],
    )
    .item(&["1.5 M11"]),
    must(
        "9901 4.3, 7.3",
        "A key binding has its type, a time in the window, nonce, audience and the hash of what is shown.",
        &[
            "rfc9901_7_3_a_key_binding_proves_key_content_time_nonce_and_audience",
            "security_a23_a_key_binding_of_another_shape_is_refused",
            "security_a24_a_key_binding_that_is_right_in_everything_but_its_signature_is_refused",
        ],
    )
    .item(&["1.5 M12"]),
    must(
        "9901 7.2",
        "A holder shows what the paths need and no more.",
        &["rfc9901_7_2_a_presentation_holds_what_the_paths_need_and_no_more"],
    ),
    must(
        "9901 7.2",
        "An issuer sends no key binding along.",
        &["security_a22_an_issuer_that_sends_a_key_binding_is_refused"],
    ),
    should(
        "9901 8",
        "The JSON form is taken too.",
        &["security_a27_rfc9901_8_the_json_forms_of_jws_and_sd_jwt_are_refused_by_name"],
    )
    .refused("no issuer and no protocol of the wallet uses it; it is refused by its name"),
    must(
        "VC 3.2.1, 3.2.2.1",
        "The type of the token and the type of the credential are there.",
        &["sd_jwt_vc_format_rules_are_kept", "security_a15_a_token_of_another_kind_is_no_credential"],
    )
    .item(&["1.5 M13", "1.5 M14"]),
    must(
        "VC 3.2.2.2",
        "What decides validity is never kept back.",
        &["security_a21_what_decides_may_not_be_kept_back"],
    )
    .item(&["1.5 M15"]),
    must(
        "VC 3.5, 5.1, 5.3",
        "The issuer's key comes in a chain, or from the issuer's metadata, which name the same issuer.",
        &[
            "sd_jwt_vc_5_metadata_at_the_well_known_address_gives_the_key",
            "sd_jwt_vc_metadata_path_goes_between_host_and_path",
        ],
    )
    .item(&["1.5 M17", "1.5 M18"]),
    must(
        "VC 7",
        "Metadata of a type count only with the hash that was signed.",
        &[
            "sd_jwt_vc_7_metadata_that_was_not_signed_with_it_fails",
            "sd_jwt_vc_6_3_3_metadata_that_came_along_needs_no_network",
        ],
    )
    .item(&["1.5 M20"]),
    must("VC 6.4, 10.3", "A type that extends itself ends.", &["security_a28_a_circle_of_types_ends"])
        .item(&["1.5 M21"]),
    must(
        "VC 8.1.2.2",
        "A drawing is drawn without scripts and without anything from elsewhere; values are escaped.",
        &[
            "sd_jwt_vc_8_1_2_2_placeholders_become_escaped_values",
            "security_f05_what_acts_is_left_out",
            "security_f06_only_pictures_from_within_are_kept_and_written_anew",
        ],
    )
    .item(&["1.5 M22"]),
    must(
        "VC 9.3, 9.4, 9.5.1",
        "A credential against the rules of its type is refused.",
        &[
            "sd_jwt_vc_9_a_credential_against_the_rules_of_its_type_fails",
            "metadata_that_breaks_a_rule_is_left_aside_whole",
        ],
    )
    .item(&["1.5 M23"]),
    must(
        "VC 10.1, 10.4",
        "Metadata are fetched over https, bounded, from no private network.",
        &[
            "security_a28_a_type_in_a_private_network_or_of_a_forgery_is_never_asked",
            "c02_a_name_that_changes_its_mind_is_vetted_each_time_and_the_vetted_address_is_the_one_used",
        ],
    )
    .item(&["1.5 M24"]),
    must(
        "VC 3.2.2.2",
        "A chain of certificates stands in for the name of the issuer.",
        &["sd_jwt_vc_3_2_2_2_a_chain_stands_in_for_the_name_of_the_issuer"],
    )
    .item(&["1.5 M16"]),
    must(
        "VC 10.2",
        "An issuer may be a DID, by our own rule: its document lists the key for assertions.",
        &["sd_jwt_vc_10_2_an_issuer_may_be_a_did_whose_document_lists_the_key"],
    )
    .item(&["1.5 M19"]),
];
