use leerpas_core::{CountingEntropy, Secret};
use serde_json::json;

use super::*;

fn p256() -> IssuerKey {
    IssuerKey::make_p256(&CountingEntropy::default())
}

#[test]
fn a_key_survives_each_of_its_spellings() {
    let entropy = CountingEntropy::default();
    for key in [IssuerKey::make_p256(&entropy), IssuerKey::make_ed25519(&entropy)] {
        let public = key.public();
        assert_eq!(PublicKey::from_jwk(&public.to_jwk()).unwrap(), public);
        assert_eq!(PublicKey::from_multikey(&public.to_multikey().unwrap()).unwrap(), public);
        let again = IssuerKey::from_pem(key.to_pem().unwrap().expose()).unwrap();
        assert_eq!(again.public(), public);
        public.verify(public.algorithm(), b"x", &again.sign(b"x")).unwrap();
    }
    let holder = HolderKey::make(&entropy);
    assert_eq!(HolderKey::from_secret(&holder.secret()).unwrap().public(), holder.public());
    assert_eq!(holder.did_jwk(), holder.public().did_jwk());
    assert!(!format!("{holder:?}").contains("secret"));
}

#[test]
fn rfc7638_3_1_thumbprint_of_the_example() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
        tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO\
        pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let key = PublicKey::from_jwk(&json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256"})).unwrap();
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(key.algorithm(), Algorithm::Rs256);
    assert_eq!(key.to_multikey(), None);
}

#[test]
fn security_a01_a02_only_listed_algorithms_exist() {
    for name in ["none", "None", "NONE", "nOnE", "HS256", "HS512", "", "es256", "RS1", "ES256K", "PS256"] {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
    assert_eq!(Algorithm::from_name("ES256"), Some(Algorithm::Es256));
}

#[test]
fn security_a07_every_bad_ecdsa_signature_is_refused() {
    let key = p256();
    let (public, good) = (key.public(), key.sign(b"message"));
    assert_eq!(good.len(), 64);
    public.verify(Algorithm::Es256, b"message", &good).unwrap();
    assert_eq!(public.verify(Algorithm::EdDsa, b"message", &good), Err(SignatureError::WrongAlgorithm));
    let refused = |bytes: &[u8]| {
        assert_eq!(public.verify(Algorithm::Es256, b"message", bytes), Err(SignatureError::Invalid));
    };
    for index in 0..64 {
        let mut bad = good.clone();
        bad[index] ^= 1;
        refused(&bad);
    }
    refused(&good[..63]);
    refused(&[&good[..], &[0]].concat());
    refused(&[]);
    refused(&[0; 64]);
    refused(&[&[0; 32], &good[32..]].concat());
    refused(&[&good[..32], &[0; 32]].concat());
    refused(&[0xff; 64]);
    let der = p256::ecdsa::Signature::from_slice(&good).unwrap().to_der();
    refused(der.as_bytes());
}

#[test]
fn security_a08_a_point_off_its_curve_is_refused() {
    let good = p256().public().to_jwk();
    let with = |name: &str, value: serde_json::Value| {
        let mut jwk = good.clone();
        jwk[name] = value;
        PublicKey::from_jwk(&jwk).unwrap_err()
    };
    let zeros = crate::jose::encode_base64url(&[0; 32]);
    assert_eq!(with("x", json!(zeros)), KeyError::NotOnCurve);
    assert_eq!(with("x", json!(crate::jose::encode_base64url(&[1; 31]))), KeyError::Malformed);
    assert_eq!(with("y", json!(crate::jose::encode_base64url(&[1; 33]))), KeyError::Malformed);
    assert_eq!(with("x", json!(format!("{}=", good["x"].as_str().unwrap()))), KeyError::Malformed);
    assert_eq!(with("crv", json!("P-384")), KeyError::Malformed);
    assert_eq!(with("crv", json!("secp256k1")), KeyError::Unsupported);
    assert_eq!(with("alg", json!("HS256")), KeyError::Unsupported);
    assert_eq!(with("kty", json!("oct")), KeyError::Unsupported);
}

#[test]
fn security_a09_ed25519_small_order_and_second_encodings_are_refused() {
    assert_eq!(PublicKey::from_ed25519_bytes(&[0; 32]).unwrap_err(), KeyError::NotOnCurve);
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(PublicKey::from_ed25519_bytes(&identity).unwrap_err(), KeyError::NotOnCurve);
    let mut second = [0xff; 32];
    (second[0], second[31]) = (0xee, 0x7f);
    assert_eq!(PublicKey::from_ed25519_bytes(&second).unwrap_err(), KeyError::NotOnCurve);
    let key = IssuerKey::make_ed25519(&CountingEntropy::default());
    let mut signature = key.sign(b"x");
    // S + L is the same number modulo L, and a second signature if it were let through.
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0_u16;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        (*byte, carry) = ((sum & 0xff) as u8, sum >> 8);
    }
    assert_eq!(key.public().verify(Algorithm::EdDsa, b"x", &signature), Err(SignatureError::Invalid));
}

#[test]
fn security_b20_private_parts_and_weak_keys_are_refused() {
    let mut jwk = p256().public().to_jwk();
    jwk["d"] = json!("AAAA");
    assert_eq!(PublicKey::from_jwk(&jwk).unwrap_err(), KeyError::PrivatePart);
    let weak = vec![0xff; 64];
    assert_eq!(PublicKey::from_rsa_numbers(weak, vec![1, 0, 1]).unwrap_err(), KeyError::TooWeak);
    assert_eq!(PublicKey::from_rsa_numbers(vec![0xff; 256], vec![3]).unwrap_err(), KeyError::TooWeak);
    let multikey = p256().public().to_multikey().unwrap();
    for bad in ["", "z", "zzz", &multikey[1..], &format!("{multikey}1"), &format!("m{}", &multikey[1..])] {
        assert!(PublicKey::from_multikey(bad).is_err(), "{bad}");
    }
    let secp256k1 = format!("z{}", bs58::encode([&[0xe7, 0x01][..], &[2; 33]].concat()).into_string());
    assert_eq!(PublicKey::from_multikey(&secp256k1).unwrap_err(), KeyError::Unsupported);
}

#[test]
fn a_secret_that_is_no_key_is_refused() {
    for bad in [vec![], vec![0; 32], vec![0xff; 32], vec![1; 31]] {
        assert_eq!(HolderKey::from_secret(&Secret::new(bad)).unwrap_err(), KeyError::Malformed);
    }
    assert!(matches!(IssuerKey::from_pem("-----BEGIN PRIVATE KEY-----\n"), Err(KeyError::Malformed)));
}

#[test]
fn open_badges_8_2_rs256_is_verified_from_2048_bits() {
    let made = |bits| {
        let rsa = openssl::rsa::Rsa::generate(bits).unwrap();
        let numbers = (rsa.n().to_vec(), rsa.e().to_vec());
        (openssl::pkey::PKey::from_rsa(rsa).unwrap(), numbers)
    };
    let (private, (n, e)) = made(2048);
    let public = PublicKey::from_rsa_numbers(n, e).unwrap();
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &private).unwrap();
    let signature = signer.sign_oneshot_to_vec(b"x").unwrap();
    public.verify(Algorithm::Rs256, b"x", &signature).unwrap();
    assert_eq!(public.verify(Algorithm::Rs256, b"y", &signature), Err(SignatureError::Invalid));
    assert_eq!(public.verify(Algorithm::Rs256, b"x", &[]), Err(SignatureError::Invalid));
    assert_eq!(public.verify(Algorithm::Es256, b"x", &signature), Err(SignatureError::WrongAlgorithm));
    let (_, (n, e)) = made(1024);
    assert_eq!(PublicKey::from_rsa_numbers(n, e).unwrap_err(), KeyError::TooWeak);
}
