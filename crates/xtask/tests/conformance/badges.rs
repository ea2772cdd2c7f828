//! Badges, records and European diplomas.

use crate::row::{Part, Row, must, should};

/// Open Badges, CLR and ELM.
pub const PART: Part = Part { id: "OB", title: "Open Badges 3.0 and 2.0, CLR 2.0, ELM 3", rows: ROWS };

const ROWS: &[Row] = &[
    must("cert: displayer", "Title, picture, description, issuer, date and status of a badge are shown.", &["open_badges_3_samples_of_both_data_models", "open_badges_3_with_the_dutch_extension"]).item(&["1.8 M1"]),
    must("cert: displayer", "Valid, run out and withdrawn samples of both data models end as they should.", &["published_samples_of_open_badges_3_end_as_they_should", "open_badges_8_3_good_samples_of_the_2_0_data_model_verify", "open_badges_8_3_good_samples_of_the_1_1_data_model_verify"]).item(&["1.8 M3", "1.8 M12"]),
    must("8.3", "Embedded proofs with eddsa-rdfc-2022.", &["open_badges_8_3_a_changed_proof_value_does_not_verify"]).item(&["1.8 M4"]),
    must("8.2", "Badges as JWT, RS256 from 2,048 bits.", &["open_badges_8_2_rs256_is_verified_from_2048_bits", "open_badges_8_2_a_jws_with_its_own_key_holds_and_stays_untied"]).item(&["1.8 M5", "1.8 M16"]),
    must("9.1", "The rules of the schema are held; the subject is somebody.", &["open_badges_9_1_each_member_that_the_schema_asks_for_is_missed", "open_badges_9_1_a_subject_without_id_has_an_identifier"]).item(&["1.8 M9"]),
    must("9.1", "One good proof of the issuer is enough, and one that fails is never silent.", &["vc_di_4_5_each_proof_of_a_set_verifies_by_itself", "security_b09_another_proof_of_the_issuer_that_fails_is_never_silent", "security_b09_a_strangers_proof_never_stands_in_for_the_issuers"]).item(&["1.8 M10"]),
    should("9.1", "A newer version is fetched once, after the proof.", &["open_badges_9_1_a_newer_version_is_said_and_not_fetched"]).refused("the newer version is said and the person fetches it; nothing is fetched unbidden").item(&["1.8 S11"]),
    must("9.3", "The recipient is compared with what the learner says of themselves.", &["a_badge_names_the_learner_once_the_learner_says_so", "open_badges_2_0_identity_hash_with_and_without_salt_and_in_the_clear"]).item(&["1.8 M13", "1.8 M27"]),
    must("9.2", "Endorsements are verified like badges, and say what they endorse.", &["open_badges_9_2_endorsements_are_verified_like_the_badge_and_named", "open_badges_3_an_endorsement_as_a_jwt_is_read"]).item(&["1.8 M14", "1.8 M28"]),
    must("5.3.1", "A badge in a PNG comes out, once, from its own chunk.", &["open_badges_5_3_1_what_is_baked_comes_out", "security_f02_two_badges_that_differ_are_refused"]).item(&["1.8 M17"]),
    must("5.3.2", "A badge in an SVG comes out.", &["open_badges_5_3_2_what_is_baked_comes_out"]).item(&["1.8 M18"]),
    must("5.3", "A badge is exported inside its picture and comes in again as the same.", &["open_badges_5_3_a_badge_is_baked_into_its_own_picture_and_comes_out_as_it_went_in", "security_f15_what_is_exported_comes_in_again_as_the_same_card_with_the_same_verdict"]).item(&["1.8 M7"]),
    must("cert: host", "The interface of a badge host (discovery, credentials, profile).", &[]).refused("it is for programs that publish badges on a server and for those that such programs trust with a secret; a learner's own program has neither, and takes badges as files, pictures, links and by OpenID4VCI").item(&["1.8 M8"]),
    must("10", "Two badges with the same issuer and identifier are one; the newer stays.", &["open_badges_3_equality_a_newer_issue_takes_the_place_of_the_older_and_the_person_is_told", "open_badges_3_equality_an_older_issue_changes_nothing_and_the_person_is_told", "open_badges_3_equality_another_identifier_or_issuer_is_another_badge", "open_badges_3_equality_names_are_compared_without_percent_encoding_and_blanks"]).item(&["1.8 M20"]),
    must("CLR", "A record is verified, and each credential in it.", &["clr_2_0_the_record_and_each_credential_in_it_are_verified", "clr_2_0_one_content_that_does_not_hold_fails_the_record", "clr_2_0_records_in_records_and_their_number_are_bounded"]).item(&["1.8 M24"]),
    must("OB 2.0", "Hosted: the issuer's copy is fetched and decides.", &["open_badges_2_0_hosted_the_issuers_copy_is_fetched_and_shown", "security_f10_a_wrong_id_is_another_badge"]).item(&["1.8 M25"]),
    must("OB 2.0", "Signed: the key is one that the issuer lists; withdrawn badges are listed.", &["open_badges_2_0_signed_the_key_is_one_that_the_issuer_lists", "security_f11_a_wrong_key_a_revoked_badge_and_a_key_out_of_reach"]).item(&["1.8 M26"]),
    must("OB 2.0", "An issuer speaks for its own addresses only.", &["open_badges_2_0_an_issuer_speaks_only_for_the_addresses_that_it_names"]),
    must("ELM 3", "European diplomas are shown in full, and a seal is never called checked.", &["elm_fills_every_place_of_the_card", "elm_a_seal_is_not_checked_and_never_valid", "elm_diplomas_and_transcripts"]).item(&["1.8 M29"]),
    must("ELM 3", "The seal of a European diploma is checked.", &["elm_a_seal_is_not_checked_and_never_valid"]).refused("it needs the trusted lists of the Union and the advanced form of signatures; the card says that the seal was not checked"),

    must("cert: displayer", "A badge is verified again when the viewer asks for it.", &["a_badge_names_the_learner_once_the_learner_says_so"]).item(&["1.8 M2"]),
    must("cert: host", "Badges come in as pictures and as files.", &["open_badges_5_3_a_baked_png_and_svg_verify_as_the_json_inside", "open_badges_5_3_a_baked_jws_comes_out_whole"]).item(&["1.8 M6"]),
    must("8.2", "What the token and the credential in it both say agrees.", &["open_badges_8_2_a_jws_with_its_own_key_holds_and_stays_untied", "vcdm_1_1_6_3_1_what_stands_in_both_places_must_agree"]).item(&["1.8 M15"]),
    must("2.0 baking", "Pictures of the older edition have its own words.", &["open_badges_2_0_baking_uses_the_names_of_that_edition", "open_badges_2_baked_png_gives_its_assertion"]).item(&["1.8 M19"]),
    must("context 3.0.3", "Of two files under one address both are known, and the newer is tried first.", &["ob3_trap_1_a_badge_signed_under_the_older_of_two_contexts_of_one_address_verifies", "open_badges_3_0_3_the_older_of_two_files_never_says_more_than_the_newer"]).item(&["1.8 M21"]),
    must("8.5", "A key in the fragment of an address can be tried and says nothing of whose it is; a bare did:key names its one key.", &["ob3_trap_2_a_key_in_the_fragment_of_an_address_can_be_tried_and_says_nothing_of_whose_it_is", "ob3_trap_2_a_did_key_without_fragment_names_its_one_key"]).item(&["1.8 M22"]),
    must("8.3", "A list of one proof is that proof.", &["ob3_trap_3_an_array_of_one_proof_is_that_proof_and_an_empty_one_is_none"]).item(&["1.8 M23"]),
    must("OB 2.1", "Badges of 2.1, which have the shape of 2.0, are read and verified, hosted, signed and baked.", &["open_badges_2_1_hosted_is_read_shown_and_verified_like_2_0", "open_badges_2_1_signed_is_verified_like_2_0_and_may_be_withdrawn", "open_badges_2_1_a_badge_baked_into_a_picture_comes_out"]),
    must("ELM 2", "European diplomas in XML are read into the same places, and a seal is never called checked.", &["elm_2_in_xml_fills_the_places_of_the_card", "elm_2_in_xml_what_has_no_place_on_the_card_is_among_its_claims", "elm_2_in_xml_a_seal_is_not_checked_and_without_one_it_is_not_signed", "elm_2_in_xml_is_kept_and_shown_and_leaves_as_the_file_that_it_was"]),
    must("ELM 2", "No definition, entity, circle or multiplication of references is followed.", &["security_f07_elm_2_definitions_entities_and_depth_are_refused", "security_elm_2_references_in_circles_and_references_that_multiply_end", "security_elm_2_names_of_the_document_become_no_members_that_a_check_reads"]),
    must("10", "What nobody proved never takes the place of a proved card.", &["security_a_file_that_nobody_proved_never_takes_the_place_of_a_proved_card"]),
];
