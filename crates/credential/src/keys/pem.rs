//! Public keys in PEM (RFC 7468, section 13), as `publicKeyPem` of Open Badges 2.0 has them.

use openssl::{
    bn::BigNumContext,
    ec::PointConversionForm,
    nid::Nid,
    pkey::{Id, PKey},
};

use super::{KeyError, PublicKey};

/// More than an RSA key of 4096 bits takes.
const LONGEST: usize = 8 * 1024;

impl PublicKey {
    /// Reads a `PUBLIC KEY` block; one of the kinds and sizes that a JWK may have.
    ///
    /// # Errors
    /// When it is no such block, or a key that is not accepted.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        // Some profiles write the line breaks as two characters, and `trim` hurts nobody.
        let text = text.trim().replace("\\n", "\n");
        if text.len() > LONGEST || !text.starts_with("-----BEGIN PUBLIC KEY-----") {
            return Err(KeyError::Malformed);
        }
        let key = PKey::public_key_from_pem(text.as_bytes()).map_err(|_| KeyError::Malformed)?;
        match key.id() {
            Id::RSA => {
                let key = key.rsa().map_err(|_| KeyError::Malformed)?;
                Self::from_rsa_numbers(key.n().to_vec(), key.e().to_vec())
            }
            Id::ED25519 => Self::from_ed25519_bytes(&key.raw_public_key().map_err(|_| KeyError::Malformed)?),
            Id::EC => {
                let key = key.ec_key().map_err(|_| KeyError::Malformed)?;
                let mut context = BigNumContext::new().map_err(|_| KeyError::Malformed)?;
                let form = PointConversionForm::UNCOMPRESSED;
                let point = key.public_key().to_bytes(key.group(), form, &mut context);
                let point = point.map_err(|_| KeyError::NotOnCurve)?;
                match key.group().curve_name() {
                    Some(Nid::X9_62_PRIME256V1) => Self::from_p256_sec1(&point),
                    Some(Nid::SECP384R1) => Self::from_p384_sec1(&point),
                    _ => Err(KeyError::Unsupported),
                }
            }
            _ => Err(KeyError::Unsupported),
        }
    }
}

#[cfg(test)]
mod tests {
    use openssl::{ec::EcGroup, ec::EcKey, rsa::Rsa};

    use super::*;

    #[test]
    fn keys_of_the_accepted_kinds_come_out_of_pem() {
        let pem = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let rsa = Rsa::generate(2048).unwrap();
        let text = pem(rsa.public_key_to_pem().unwrap());
        assert_eq!(PublicKey::from_pem(&text).unwrap().algorithm(), crate::keys::Algorithm::Rs256);
        assert!(PublicKey::from_pem(&text.replace('\n', "\\n")).is_ok());
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let ec = EcKey::generate(&group).unwrap();
        let text = pem(ec.public_key_to_pem().unwrap());
        assert_eq!(PublicKey::from_pem(&text).unwrap().algorithm(), crate::keys::Algorithm::Es256);
    }

    #[test]
    fn weak_private_and_strange_keys_are_refused() {
        let weak = Rsa::generate(1024).unwrap();
        let text = String::from_utf8(weak.public_key_to_pem().unwrap()).unwrap();
        assert_eq!(PublicKey::from_pem(&text), Err(KeyError::TooWeak));
        let private = String::from_utf8(weak.private_key_to_pem().unwrap()).unwrap();
        assert_eq!(PublicKey::from_pem(&private), Err(KeyError::Malformed));
        for text in ["", "-----BEGIN PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----"] {
            assert_eq!(PublicKey::from_pem(text), Err(KeyError::Malformed), "{text}");
        }
    }
}
