//! The published vectors of Token Status List, and hostile lists of every kind.

use std::{fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use leerpas_core::CardStatus;
use leerpas_credential::status::{
    BitstringList, RevocationList, StatusError, StatusPurpose, TokenList, encode_bitstring, encode_revocation_list,
    encode_token_list,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::io::Write;

fn vector(name: &str) -> Option<String> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = PathBuf::from(std::env::var("LEERPAS_VECTORS").unwrap_or_else(|_| here.to_owned()));
    let text = fs::read_to_string(folder.join("token-status-list").join(name)).ok();
    if text.is_none() {
        println!("skipped: no vectors");
    }
    text
}

/// The JSON in a published example, its long text joined over lines.
fn example(name: &str) -> Option<Map<String, Value>> {
    let text = vector(name)?;
    let json: String = text[text.find('{').unwrap()..].lines().map(str::trim).collect();
    let list: Value = serde_json::from_str(&json).unwrap();
    Some(Map::from_iter([("status_list".to_owned(), list)]))
}

fn list(claim: &Value) -> Result<TokenList, StatusError> {
    TokenList::from_claims(&Map::from_iter([("status_list".to_owned(), claim.clone())]))
}

#[test]
fn token_status_list_4_1_one_bit_lowest_first() {
    let Some(claims) = example("status_list_encoding_json.md") else { return };
    let list = TokenList::from_claims(&claims).unwrap();
    let expected = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    assert_eq!(list.len(), 16);
    for (index, value) in expected.into_iter().enumerate() {
        assert_eq!(list.value(index as u64), Ok(value), "{index}");
    }
    assert_eq!(list.value(16), Err(StatusError::OutOfRange));
}

#[test]
fn token_status_list_4_1_two_bits_lowest_first() {
    let Some(claims) = example("status_list_encoding2_json.md") else { return };
    let list = TokenList::from_claims(&claims).unwrap();
    for (index, value) in [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3].into_iter().enumerate() {
        assert_eq!(list.value(index as u64), Ok(value), "{index}");
    }
    assert_eq!(list.status(3), Ok(CardStatus::Unknown));
    assert_eq!(list.status(1), Ok(CardStatus::Suspended));
}

const POSITIONS: [u64; 11] = [0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345];

#[test]
fn token_status_list_appendix_long_lists_of_one_two_and_four_bits() {
    for (name, values) in [
        ("status_list_encoding1_long_json.md", [1; 11]),
        ("status_list_encoding2_long_json.md", [1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 3]),
    ] {
        let Some(claims) = example(name) else { return };
        let list = TokenList::from_claims(&claims).unwrap();
        assert_eq!(list.len(), 1 << 20);
        for (position, value) in POSITIONS.into_iter().zip(values) {
            assert_eq!(list.value(position), Ok(value), "{name} {position}");
        }
        let set = (0..1 << 20).filter(|index| list.value(*index) != Ok(0)).count();
        assert_eq!(set, POSITIONS.len(), "{name}");
    }
    let Some(claims) = example("status_list_encoding4_json.md") else { return };
    let list = TokenList::from_claims(&claims).unwrap();
    for (position, value) in [
        (0, 1),
        (1993, 2),
        (35460, 3),
        (459495, 4),
        (595669, 5),
        (754353, 6),
        (845645, 7),
        (923232, 8),
        (924445, 9),
        (934534, 10),
        (1004534, 11),
        (1000345, 12),
        (1030203, 13),
        (1030204, 14),
        (1030205, 15),
    ] {
        assert_eq!(list.value(position), Ok(value), "{position}");
    }
}

#[test]
fn token_status_list_appendix_long_list_of_eight_bits() {
    let Some(claims) = example("status_list_encoding8_json.md") else { return };
    let list = TokenList::from_claims(&claims).unwrap();
    assert_eq!(list.len(), 1 << 20);
    assert_eq!(list.value(233478), Ok(0));
    assert_eq!(list.value(52451), Ok(1));
    assert_eq!(list.value(576778), Ok(2));
    assert_eq!(list.value(513575), Ok(3));
}

#[test]
fn security_e03_other_sizes_than_1_2_4_8_are_refused() {
    for bits in [json!(0), json!(3), json!(16), json!("1"), json!(null), json!(-1), json!(1.5)] {
        let claim = json!({"bits": bits, "lst": "eNrbuRgAAhcBXQ"});
        assert_eq!(list(&claim), Err(StatusError::List("bits")));
    }
    assert_eq!(encode_token_list(3, &[]), Err(StatusError::List("bits")));
    assert_eq!(encode_token_list(2, &[4]), Err(StatusError::List("value")));
}

#[test]
fn security_e01_a_bomb_is_refused_at_the_cap() {
    let zeros = vec![0_u8; 1024 * 1024];
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..40 {
        zlib.write_all(&zeros).unwrap();
        gzip.write_all(&zeros).unwrap();
    }
    let claim = json!({"bits": 1, "lst": URL_SAFE_NO_PAD.encode(zlib.finish().unwrap())});
    assert_eq!(list(&claim), Err(StatusError::TooLarge));
    let encoded = format!("u{}", URL_SAFE_NO_PAD.encode(gzip.finish().unwrap()));
    assert_eq!(BitstringList::from_credential(&bitstring(&encoded)), Err(StatusError::TooLarge));
}

#[test]
fn a_damaged_list_is_refused() {
    for lst in ["", "eNrb", "AAAA", "eNrbuRgAAhcBX!", "eNrbuRgAAhcBXQ=="] {
        assert!(list(&json!({"bits": 1, "lst": lst})).is_err(), "{lst}");
    }
    assert_eq!(TokenList::from_claims(&Map::new()), Err(StatusError::List("status_list")));
}

fn bitstring(encoded: &str) -> Value {
    json!({"type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": encoded}})
}

#[test]
fn bitstring_2_2_highest_bit_first() {
    let encoded = encode_bitstring(131_072, &[0, 9, 131_071]).unwrap();
    let list = BitstringList::from_credential(&bitstring(&encoded)).unwrap();
    assert_eq!(list.len(), 131_072);
    for index in [0, 9, 131_071] {
        assert_eq!(list.status(index, StatusPurpose::Revocation), Ok(CardStatus::Revoked));
    }
    for index in [1, 7, 8, 10, 131_070] {
        assert_eq!(list.status(index, StatusPurpose::Revocation), Ok(CardStatus::Valid));
    }
    assert_eq!(list.status(131_072, StatusPurpose::Revocation), Err(StatusError::OutOfRange));
    assert_eq!(list.status(u64::MAX, StatusPurpose::Revocation), Err(StatusError::OutOfRange));
}

#[test]
fn bitstring_a_list_of_one_set_bit_at_the_start_begins_with_0x80() {
    // The highest bit of the first byte is entry 0: the byte is 0x80 and not 0x01.
    let encoded = encode_bitstring(131_072, &[0]).unwrap();
    let mut bytes = Vec::new();
    let compressed = URL_SAFE_NO_PAD.decode(&encoded[1..]).unwrap();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(compressed.as_slice()), &mut bytes).unwrap();
    assert_eq!((bytes[0], bytes.len()), (0x80, 16_384));
}

#[test]
fn security_e04_a_list_of_another_purpose_is_refused() {
    let list = BitstringList::from_credential(&bitstring(&encode_bitstring(0, &[]).unwrap())).unwrap();
    assert_eq!(list.status(0, StatusPurpose::Suspension), Err(StatusError::OtherPurpose));
}

#[test]
fn security_e07_a_list_under_131072_entries_is_refused() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&[0; 16_383]).unwrap();
    let encoded = format!("u{}", URL_SAFE_NO_PAD.encode(gzip.finish().unwrap()));
    assert_eq!(BitstringList::from_credential(&bitstring(&encoded)), Err(StatusError::TooShort));
}

#[test]
fn bitstring_2_2_the_multibase_letter_is_needed() {
    let encoded = encode_bitstring(0, &[]).unwrap();
    assert_eq!(BitstringList::from_credential(&bitstring(&encoded[1..])), Err(StatusError::List("encodedList")));
    let old = json!({"type": ["VerifiableCredential", "StatusList2021Credential"],
        "credentialSubject": {"type": "StatusList2021", "statusPurpose": "revocation", "encodedList": &encoded[1..]}});
    assert!(BitstringList::from_credential(&old).is_ok());
}

#[test]
fn revocation_list_names_what_was_withdrawn() {
    let json = encode_revocation_list("https://school.example/r", "did:web:school.example", &["urn:uuid:1"]);
    let list = RevocationList::from_json(&json).unwrap();
    assert_eq!(list.status("urn:uuid:1"), CardStatus::Revoked);
    assert_eq!(list.status("urn:uuid:2"), CardStatus::Valid);
    assert_eq!(list.issuer(), Some("did:web:school.example"));
    for other in [json!({}), json!([]), json!({"revokedCredential": {}}), json!({"revokedCredential": [{"x": 1}]})] {
        assert!(RevocationList::from_json(&other).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_encoded_is_read_back(bits in prop::sample::select(vec![1_u8, 2, 4, 8]), seed in prop::collection::vec(any::<u8>(), 1..300)) {
        let values: Vec<u8> = seed.iter().map(|value| (u16::from(*value) % (1 << bits)) as u8).collect();
        let list = list(&encode_token_list(bits, &values).unwrap()).unwrap();
        for (index, value) in values.iter().enumerate() {
            prop_assert_eq!(list.value(index as u64), Ok(*value));
        }
    }

    #[test]
    fn no_text_makes_a_list_panic(text in ".{0,80}", index in any::<u64>(), bits in any::<u8>()) {
        if let Ok(list) = list(&json!({"bits": bits, "lst": text})) {
            let _ = list.status(index);
        }
        let _ = BitstringList::from_credential(&bitstring(&text));
    }
}
