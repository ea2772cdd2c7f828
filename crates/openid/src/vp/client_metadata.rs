//! What the verifier says about itself (OpenID4VP 1.0, 5.1 `client_metadata`, and 8.3).

use leerpas_core::{Format, Url};
use serde_json::{Map, Value};

use super::RequestError;
use crate::{address, dcql::QueryFormat, text};

/// Longest name that is shown.
const MAX_NAME: usize = 200;
/// Keys in one set.
const MAX_KEYS: usize = 16;
/// Ways to reach a verifier that are kept, and the longest of them.
const MAX_CONTACTS: usize = 4;
const MAX_CONTACT: usize = 200;
/// Longest address of a page that is kept.
const MAX_PAGE: usize = 1000;

/// How the content of an encrypted answer is enciphered (RFC 7518, 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentEncryption {
    /// AES-GCM with a key of 128 bits: what holds when the verifier names none.
    A128Gcm,
    /// AES-GCM with a key of 256 bits.
    A256Gcm,
}

impl ContentEncryption {
    /// The name in the `enc` header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }
}

/// The members that Leerpas reads; all others are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientMetadata {
    /// The name that the verifier gives itself, made safe to show. A claim and no more.
    pub client_name: Option<String>,
    /// Where the verifier says what it does with personal data (RFC 7591, 2 `policy_uri`): https. For the person's own
    /// record of what they were told; nothing is fetched there and nothing follows from it.
    pub policy: Option<Url>,
    /// Where its terms are (RFC 7591, 2 `tos_uri`): https. As `policy`.
    pub terms: Option<Url>,
    /// How it can be reached (RFC 7591, 2 `contacts`), made safe to show. As `policy`.
    pub contacts: Vec<String>,
    encryption_keys: Vec<Value>,
    enc_values: Option<Vec<String>>,
    formats: Option<Map<String, Value>>,
}

impl ClientMetadata {
    /// Reads the metadata.
    ///
    /// # Errors
    /// [`RequestError::Invalid`] when a member that is read has another shape, or a key set holds a
    /// private key.
    pub fn parse(value: &Value) -> Result<Self, RequestError> {
        let map = value.as_object().ok_or(RequestError::Invalid("client_metadata must be an object"))?;
        Ok(Self {
            client_name: map
                .get("client_name")
                .and_then(Value::as_str)
                .map(|name| text::plain(name, MAX_NAME))
                .filter(|name| !name.is_empty()),
            policy: map.get("policy_uri").and_then(page),
            terms: map.get("tos_uri").and_then(page),
            contacts: map.get("contacts").map(contacts).unwrap_or_default(),
            encryption_keys: map.get("jwks").map_or(Ok(Vec::new()), encryption_keys)?,
            enc_values: map.get("encrypted_response_enc_values_supported").map(words).transpose()?,
            formats: match map.get("vp_formats_supported") {
                None => None,
                Some(Value::Object(formats)) => Some(formats.clone()),
                Some(_) => return Err(RequestError::Invalid("vp_formats_supported must be an object")),
            },
        })
    }

    /// Keys that an answer can be encrypted to: P-256, `alg` ECDH-ES, `use` absent or `enc` (8.3). Keys of
    /// other kinds are passed over. Whether the point lies on the curve is for whoever encrypts to check.
    pub fn encryption_keys(&self) -> &[Value] {
        &self.encryption_keys
    }

    /// The encryption to use: the stronger of those that both know; A128GCM when none is named (8.3).
    pub fn content_encryption(&self) -> Option<ContentEncryption> {
        let Some(values) = &self.enc_values else { return Some(ContentEncryption::A128Gcm) };
        [ContentEncryption::A256Gcm, ContentEncryption::A128Gcm]
            .into_iter()
            .find(|enc| values.iter().any(|v| v == enc.as_str()))
    }

    /// Whether the verifier takes presentations in this format with the ES256 and `ecdsa-rdfc-2019` that
    /// Leerpas signs with. One that lists no formats or algorithms takes all (appendix B).
    pub fn accepts(&self, format: Format) -> bool {
        let Some(formats) = &self.formats else { return true };
        // Drafts called an SD-JWT VC what now is a W3C credential as an SD-JWT.
        let older = (format == Format::SdJwtVc).then(|| formats.get(Format::W3cSdJwt.as_str())).flatten();
        let Some(details) = formats.get(format.as_str()).or(older) else { return false };
        let lists = |member: &str, word: &str| match details.get(member) {
            Some(Value::Array(list)) => list.iter().any(|v| v == word),
            _ => true,
        };
        match format {
            Format::SdJwtVc | Format::W3cSdJwt => lists("kb-jwt_alg_values", "ES256"),
            Format::JwtVc | Format::JwtVc11 => lists("alg_values", "ES256"),
            Format::DataIntegrity => {
                lists("proof_type_values", "DataIntegrityProof") && lists("cryptosuite_values", "ecdsa-rdfc-2019")
            }
            _ => false,
        }
    }
}

impl ClientMetadata {
    /// Whether one of the formats that are asked for can be presented to this verifier at all, whoever holds what
    /// (OpenID4VP 1.0, 8.5 `vp_formats_not_supported`).
    pub(super) fn accepts_any<'f>(&self, mut asked: impl Iterator<Item = &'f QueryFormat>) -> bool {
        asked.any(|format| matches!(format, QueryFormat::Known(known) if self.accepts(*known)))
    }
}

/// The address of a page, without the place on it. What is no such address is as if it were not there.
fn page(value: &Value) -> Option<Url> {
    let text = value.as_str().filter(|text| text.len() <= MAX_PAGE)?;
    address::https(text.split('#').next()?).ok()
}

fn contacts(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    let shown = list.iter().filter_map(Value::as_str).map(|contact| text::plain(contact, MAX_CONTACT));
    shown.filter(|contact| !contact.is_empty()).take(MAX_CONTACTS).collect()
}

fn encryption_keys(jwks: &Value) -> Result<Vec<Value>, RequestError> {
    let keys = jwks.get("keys").and_then(Value::as_array).ok_or(RequestError::Invalid("jwks must hold keys"))?;
    if keys.len() > MAX_KEYS {
        return Err(RequestError::Invalid("jwks holds too many keys"));
    }
    if keys.iter().any(|key| ["d", "p", "q", "k"].iter().any(|private| key.get(private).is_some())) {
        return Err(RequestError::Invalid("jwks holds a private key"));
    }
    Ok(keys.iter().filter(|key| is_usable(key)).cloned().collect())
}

fn is_usable(key: &Value) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let coordinate = |name: &str| text(name).is_some_and(|v| v.len() == 43);
    text("kty") == Some("EC")
        && text("crv") == Some("P-256")
        && text("alg") == Some("ECDH-ES")
        && key.get("use").is_none_or(|purpose| purpose == "enc")
        && key.get("kid").is_none_or(Value::is_string)
        && coordinate("x")
        && coordinate("y")
}

fn words(value: &Value) -> Result<Vec<String>, RequestError> {
    const RULE: RequestError = RequestError::Invalid("encrypted_response_enc_values_supported must be a list of words");
    let list = value.as_array().filter(|list| !list.is_empty()).ok_or(RULE)?;
    list.iter().map(|word| word.as_str().map(str::to_owned).ok_or(RULE)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key() -> Value {
        json!({"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "kid": "1", "use": "enc",
            "x": "YO4epjifD-KWeq1sL2tNmm36BhXnkJ0He-WqMYrp9Fk", "y": "Hekpm0zfK7C-YccH5iBjcIXgf6YdUvNUac_0At55Okk"})
    }

    #[test]
    fn oid4vp_1final_wallet_ignores_unusable_encryption_key() {
        let mut unusable = [key(), key(), key(), key()];
        unusable[0]["kty"] = json!("RSA");
        unusable[1]["use"] = json!("sig");
        unusable[2]["crv"] = json!("P-521");
        unusable[3]["alg"] = json!("none");
        let mut keys = unusable.to_vec();
        // Kinds of keys that are not there yet, and never will be.
        keys.push(json!({"kty": "AKP", "alg": "ML-KEM-9999", "kid": "pq", "use": "enc", "pub": "AAAA"}));
        keys.push(json!({"kty": "MADE-UP", "alg": "MADE-UP", "kid": "unknown", "use": "enc"}));
        keys.push(key());
        let metadata = ClientMetadata::parse(&json!({"jwks": {"keys": keys}})).unwrap();
        assert_eq!(metadata.encryption_keys(), [key()]);
    }

    #[test]
    fn a_private_key_or_a_broken_set_is_refused() {
        let mut private = key();
        private["d"] = json!("AAAA");
        for jwks in [json!({"keys": [private]}), json!({}), json!([]), json!({"keys": vec![key(); 17]})] {
            assert!(ClientMetadata::parse(&json!({"jwks": jwks})).is_err());
        }
    }

    #[test]
    fn vp_8_3_encryption_defaults_to_a128gcm_and_prefers_256() {
        let chosen = |value: Value| ClientMetadata::parse(&value).unwrap().content_encryption();
        assert_eq!(chosen(json!({})), Some(ContentEncryption::A128Gcm));
        let listed = |list: Value| json!({"encrypted_response_enc_values_supported": list});
        assert_eq!(chosen(listed(json!(["A128GCM", "A256GCM"]))), Some(ContentEncryption::A256Gcm));
        assert_eq!(chosen(listed(json!(["A128CBC-HS256"]))), None);
        assert!(ClientMetadata::parse(&listed(json!([]))).is_err());
    }

    #[test]
    fn a_format_that_is_not_listed_or_cannot_be_signed_is_not_accepted() {
        let accepts = |formats: Value, format| {
            ClientMetadata::parse(&json!({"vp_formats_supported": formats})).unwrap().accepts(format)
        };
        assert!(ClientMetadata::default().accepts(Format::SdJwtVc));
        assert!(accepts(json!({"dc+sd-jwt": {}}), Format::SdJwtVc));
        assert!(!accepts(json!({"dc+sd-jwt": {}}), Format::DataIntegrity));
        assert!(!accepts(json!({"dc+sd-jwt": {"kb-jwt_alg_values": ["ES384"]}}), Format::SdJwtVc));
        assert!(accepts(json!({"jwt_vc_json": {"alg_values": ["ES256", "EdDSA"]}}), Format::JwtVc11));
        assert!(!accepts(json!({"jwt_vc_json": {"alg_values": ["EdDSA"]}}), Format::JwtVc11));
        assert!(!accepts(json!({"jwt_vc_json": {}}), Format::JwtVc));
        assert!(accepts(json!({"vc+jwt": {}}), Format::JwtVc));
        assert!(!accepts(json!({"vc+sd-jwt": {"kb-jwt_alg_values": ["ES384"]}}), Format::W3cSdJwt));
        assert!(!accepts(json!({"ldp_vc": {"cryptosuite_values": ["bbs-2023"]}}), Format::DataIntegrity));
    }

    #[test]
    fn vp_8_5_a_verifier_that_takes_nothing_that_can_be_presented_is_told_apart() {
        let metadata =
            ClientMetadata::parse(&json!({"vp_formats_supported": {"vc+sd-jwt": {}, "mso_mdoc": {}}})).unwrap();
        let (mdoc, badge) = (QueryFormat::Other("mso_mdoc".to_owned()), QueryFormat::Known(Format::DataIntegrity));
        let sd_jwt = QueryFormat::Known(Format::SdJwtVc);
        assert!(!metadata.accepts_any([&mdoc, &badge].into_iter()));
        assert!(metadata.accepts_any([&mdoc, &badge, &sd_jwt].into_iter()), "under its older name");
    }

    #[test]
    fn a_name_is_plain_and_short() {
        let metadata = ClientMetadata::parse(&json!({"client_name": format!("Bank\u{202E}{}", "x".repeat(10_000))}));
        let name = metadata.unwrap().client_name.unwrap();
        assert!(name.starts_with("Bankx") && name.chars().count() == 200);
    }
    #[test]
    fn rfc7591_2_pages_and_contacts_are_kept_where_they_are_what_they_should_be() {
        let told = |value: Value| ClientMetadata::parse(&value).unwrap();
        let whole = told(json!({
            "policy_uri": "https://werk.example/privacy#bewaren", "tos_uri": "https://werk.example/voorwaarden",
            "contacts": ["privacy@werk.example", "\u{202E}", 7, "+31 20 123 45 67"]
        }));
        assert_eq!(whole.policy.unwrap().as_str(), "https://werk.example/privacy");
        assert_eq!(whole.terms.unwrap().as_str(), "https://werk.example/voorwaarden");
        assert_eq!(whole.contacts, ["privacy@werk.example", "+31 20 123 45 67"]);
        for broken in
            [json!("http://werk.example/"), json!("javascript:alert(1)"), json!(1), json!({"nl": "https://a.example"})]
        {
            let metadata = told(json!({"policy_uri": broken, "tos_uri": broken, "contacts": broken}));
            assert_eq!((metadata.policy, metadata.terms, metadata.contacts), (None, None, Vec::new()), "{broken}");
        }
        assert_eq!(told(json!({"contacts": vec!["x".repeat(10_000); 100]})).contacts, vec!["x".repeat(200); 4]);
    }
}
