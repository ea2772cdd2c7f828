//! Credentials of the W3C.

use crate::row::{Part, Row, must};

/// The data models, embedded proofs and tokens.
pub const PART: Part =
    Part { id: "W3C", title: "Verifiable Credentials 2.0 and 1.1, Data Integrity 1.0, VC-JOSE-COSE", rows: ROWS };

const ROWS: &[Row] = &[
    must("VCDM 4.3", "The base context comes first.", &["security_b04_the_base_context_comes_first"]).item(&["1.7 M1"]),
    must("VCDM 4.4", "Identifiers are whole addresses.", &["security_b02_a_relative_identifier_is_refused"]).item(&["1.7 M3"]),
    must("VCDM 4.7, 4.8", "Subject and issuer are there.", &["security_b14_b18_the_subject_and_issuer_must_be_there"]),
    must("VCDM 4.9", "Dates are real, with a zone, in order.", &["security_b15_only_real_dates_with_a_zone_are_read", "security_a12_a_time_that_cannot_be_read_is_not_valid"]).item(&["1.7 M6"]),
    must("VCDM 4.13", "An enveloped credential is a data address of what it says it is.", &["vcdm_2_0_4_13_an_envelope_is_a_data_url_of_what_it_says"]).item(&["1.7 M8"]),
    must("VCDM 4.10", "A status of a kind that is not known is never taken for valid.", &["an_unknown_kind_is_not_taken_for_valid"]),
    must("VCDM 5.3", "Related resources are compared with their digest when they are used.", &[]).refused("the wallet uses no related resource: nothing of a credential is fetched from an address in it but keys, status and the hashed parts of a type").item(&["1.7 M9"]),
    must("VCDM B.1", "Contexts are fixed files in the program, compared by hash, never fetched.", &["security_b05_every_context_is_the_one_that_was_looked_at", "w3c_contexts_in_the_program_are_the_published_ones", "security_b03_an_unknown_context_is_unknown_and_not_fetched"]).item(&["1.7 M10"]),
    must("DI 2.4.3, 4.6", "A term without meaning is an error, and nothing is lost on the way to the signature.", &["security_b01_an_added_property_without_definition_is_refused", "json_ld_5_1_2_a_literal_in_a_graph_of_its_own_is_a_loss"]).item(&["1.7 M11"]),
    must("DI 2.1.1, 2.1.2, 4.5", "Several proofs: each for itself, or one upon the other.", &["vc_di_4_5_each_proof_of_a_set_verifies_by_itself", "vc_di_4_5_a_chain_holds_when_every_proof_in_it_does", "security_b10_a_missing_or_circular_previous_proof_is_refused_in_the_verdict"]).item(&["1.7 M12"]),
    must("DI 4.4", "Purpose, end, challenge and domain of a proof are checked.", &["security_b06_b07_the_key_must_be_the_issuers_for_this_purpose", "a_data_integrity_presentation_is_checked_for_key_challenge_and_domain"]).item(&["1.7 M13"]),
    must("DI EdDSA", "eddsa-rdfc-2022.", &["vc_di_eddsa_rdfc_2022_alumni", "vc_di_eddsa_rdfc_2022_employment"]).item(&["1.7 M15"]),
    must("DI EdDSA", "eddsa-jcs-2022.", &["vc_di_eddsa_jcs_2022"]),
    must("ECDSA 3.2", "ecdsa-rdfc-2019 on P-256 and P-384.", &["vc_di_ecdsa_rdfc_2019_p256_alumni", "vc_di_ecdsa_rdfc_2019_p384_alumni", "vc_di_ecdsa_rdfc_2019_p384_names_blank_nodes_with_sha_384"]).item(&["1.7 M16"]),
    must("ECDSA 3.3", "ecdsa-jcs-2019.", &["vc_di_ecdsa_jcs_2019_p256", "vc_di_ecdsa_jcs_2019_p384"]),
    must("ECDSA 3.6", "ecdsa-sd-2023: the holder keeps the base proof and shows a derived one.", &["vc_di_ecdsa_sd_2023_employment_base", "vc_di_ecdsa_sd_2023_employment_derived", "security_b22_a_base_proof_never_leaves", "security_b22_a_base_proof_is_refused_where_a_derived_one_belongs"]).item(&["1.7 M17"]),
    must("DI BBS", "bbs-2023.", &["bbs_2023_could_not_be_checked_and_is_named"]).refused("it is a candidate only, and no library for it that was looked at; such a proof could not be checked, and says so"),
    must("RDFC 7.1", "Making canonical gives up a graph that was made to be slow.", &["rdfc10_7_1_a_poison_graph_is_given_up", "security_b11_graphs_made_to_be_slow_are_given_up"]).item(&["1.7 M18"]),
    must("JOSE 3.1.1", "A credential as a JWT has its type, and no vc or vp beside it.", &["vc_jose_cose_3_1_1_no_vc_and_no_vp_beside_a_credential_of_2_0", "vc_jose_cose_3_1_1_typ_and_cty_name_a_credential"]).item(&["1.7 M19", "1.7 M20"]),
    must("JOSE 3.1.2", "A presentation as a JWT is checked for key, nonce, audience and time.", &["vc_jose_cose_3_1_2_and_vcdm_1_1_6_3_1_presentations_are_checked_for_key_nonce_audience_and_time"]),
    must("JOSE 3.2.1", "A credential as an SD-JWT.", &["vc_jose_cose_3_2_1_a_credential_as_an_sd_jwt_is_verified"]).item(&["1.7 M21"]),
    must("JOSE 3.3", "COSE.", &[]).refused("no issuer of learning uses it"),
    must("VCDM-1.1 6.3.1", "In the older model what stands in both places must agree.", &["vcdm_1_1_6_3_1_what_stands_in_both_places_must_agree", "vcdm_1_1_6_3_1_what_stands_only_beside_vc_counts"]).item(&["1.7 M24"]),
    must("VCDM 4.13", "A presentation holds one credential here, and no presentation.", &["security_b17_presentations_do_not_nest_and_hold_one_credential"]).item(&["1.7 M7"]),

    must("VCDM 4.3", "Contexts are taken in their order, and another order is another document.", &["security_b04_the_base_context_comes_first", "vc_di_eddsa_rdfc_2022_alumni"]).item(&["1.7 M2"]),
    must("VCDM 4.10", "An entry of status without a type, or of one that is not known, is never taken for valid.", &["an_unknown_kind_is_not_taken_for_valid"]).item(&["1.7 M4"]),
    must("VCDM 11.1", "Names and descriptions are texts, or texts with their language.", &["of_several_languages_dutch_is_taken"]).item(&["1.7 M5"]),
    must("DI 4.6", "There is no base address: what is relative is refused.", &["security_b02_a_relative_identifier_is_refused"]).item(&["1.7 M14"]),
    must("JOSE 3.1.1", "Tokens are compact.", &["security_a27_rfc9901_8_the_json_forms_of_jws_and_sd_jwt_are_refused_by_name"]).item(&["1.7 M22"]),
    must("JOSE 4.1.1", "Where the issuer is a DID, kid is a DID URL of it.", &["vc_jose_cose_4_1_1_kid_is_a_did_url_of_the_issuer"]).item(&["1.7 M23"]),
];
