//! An issuer, a holder, and whole samples of everything that they make.

use std::sync::Arc;

use flate2::{Compression, Crc, write::ZlibEncoder};
use leerpas_core::{CountingEntropy, Env, Secret, Timestamp};
use leerpas_credential::{
    data_integrity::{self, ProofOptions},
    jose::{DecryptionKey, encrypt, sign_compact},
    jsonld,
    keys::{HolderKey, IssuerKey},
    read::read,
    sd_jwt::{Issuance, issue},
    status::{encode_bitstring, encode_revocation_list, encode_token_list},
    trust::TrustList,
    unbake::{bake_png, bake_svg},
    verify::{Binding, Policy, Resources, Verification},
};
use serde_json::{Value, json};
use std::io::Write as _;

/// What was encrypted into the sample of a JWE.
pub(crate) const PLAINTEXT: &[u8] = br#"{"vp_token":{"a":["x"]},"state":"s"}"#;

/// An issuer, a holder, and their samples. The same keys in every run.
pub struct World {
    pub(crate) now: Timestamp,
    pub(crate) issuer: IssuerKey,
    pub(crate) decryption: Option<DecryptionKey>,
    pub(crate) trust: Arc<TrustList>,
    entropy: CountingEntropy,
    /// An SD-JWT VC, whole.
    pub(crate) sd_jwt: Vec<u8>,
    /// A W3C credential as a JWT.
    pub(crate) jwt: Vec<u8>,
    /// A badge with a Data Integrity proof.
    pub(crate) badge: Vec<u8>,
    /// The same badge within a PNG.
    pub(crate) png: Vec<u8>,
    /// The same badge within an SVG.
    pub(crate) svg: Vec<u8>,
    /// A JWE to [`World::decryption`].
    pub(crate) jwe: Vec<u8>,
    /// A signed request object.
    pub(crate) request: Vec<u8>,
    /// The N-Quads of the badge without its proof, and the claims of the two tokens: what the issuer really said.
    pub(crate) said: Said,
}

/// What the issuer really said.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) badge: String,
    pub(crate) sd_jwt: Value,
    pub(crate) jwt: Value,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// Makes the samples. One that cannot be made stays empty, and the tests say so.
    pub fn new() -> Self {
        let entropy = CountingEntropy::default();
        let now: Timestamp = Timestamp::from_second(1_790_000_000).unwrap_or(Timestamp::UNIX_EPOCH);
        let issuer = IssuerKey::make_p256(&entropy);
        let badge_key = IssuerKey::make_ed25519(&entropy);
        let holder = HolderKey::make(&entropy);
        let decryption = DecryptionKey::from_private(&Secret::new(vec![7; 32])).ok();
        let sd_jwt = sd_jwt(&issuer, &holder, now, &entropy).unwrap_or_default().into_bytes();
        let jwt = jwt(&issuer).unwrap_or_default().into_bytes();
        let badge = badge(&badge_key, now).map(|badge| badge.to_string()).unwrap_or_default();
        let png = bake_png(&empty_png(), &badge).unwrap_or_default();
        let empty_svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>"#;
        let svg = bake_svg(empty_svg, &badge).unwrap_or_default().into_bytes();
        let jwe = decryption.as_ref().and_then(|key| encrypt(PLAINTEXT, &key.public_jwk("k"), "A256GCM").ok());
        let request = request(&issuer);
        let mut world = Self {
            now,
            issuer,
            decryption,
            trust: Arc::new(TrustList::empty()),
            entropy,
            sd_jwt,
            jwt,
            badge: badge.into_bytes(),
            png,
            svg,
            jwe: jwe.unwrap_or_default().into_bytes(),
            request: request.unwrap_or_default().into_bytes(),
            said: Said::default(),
        };
        let claims = |bytes: &[u8]| read(bytes).map(|read| read.claims().clone()).unwrap_or_default();
        world.said.sd_jwt = claims(&world.sd_jwt);
        world.said.jwt = claims(&world.jwt);
        world.said.badge = meaning(&claims(&world.badge)).unwrap_or_default();
        world
    }

    /// What a machine may know.
    pub(crate) fn env(&self) -> Env<'_> {
        Env { now: self.now, entropy: &self.entropy }
    }

    /// Whether a credential is valid, by what is in it alone.
    pub fn is_valid(&self, bytes: &[u8]) -> Option<leerpas_credential::report::Report> {
        let policy = Policy {
            trust: Arc::clone(&self.trust),
            binding: Binding::NotAsked,
            resources: Resources::default(),
            network: false,
            issuer: None,
            identities: Vec::new(),
        };
        match Verification::start(read(bytes).ok()?, policy, self.env()).ok()? {
            leerpas_core::Step::Done(checked) => Some(checked.report),
            _ => None,
        }
    }

    /// Status lists as JSON: a token's claims, a list credential of each kind, the list of 1EdTech.
    pub(crate) fn lists(&self) -> Vec<Vec<u8>> {
        let bits = encode_bitstring(0, &[7, 94_567]).unwrap_or_default();
        let credential = |kind: &str, encoded: &str| {
            json!({"id": "https://a.example/l", "type": ["VerifiableCredential", format!("{kind}Credential")],
                "issuer": "did:web:a.example", "validUntil": "2027-01-01T00:00:00Z",
                "credentialSubject": {"type": kind, "statusPurpose": ["revocation", "message"], "ttl": 300_000,
                    "encodedList": encoded}})
        };
        let mut lists: Vec<Value> = [1, 2, 4, 8]
            .into_iter()
            .filter_map(|size| encode_token_list(size, &[0, 1, 1, 0, 1]).ok())
            .map(|list| json!({"sub": "https://a.example/l", "iat": 1, "ttl": 300, "status_list": list}))
            .collect();
        lists.push(credential("BitstringStatusList", &bits));
        lists.push(credential("StatusList2021", bits.trim_start_matches('u')));
        lists.push(credential("RevocationList2020", bits.trim_start_matches('u')));
        lists.push(encode_revocation_list("https://a.example/r", "did:web:a.example", &["urn:uuid:1"]));
        let entry = |kind: &str| {
            json!({"type": kind, "statusPurpose": "message", "statusSize": 1, "statusListIndex": "7",
                "statusListCredential": "https://a.example/l", "revocationListIndex": "7",
                "revocationListCredential": "https://a.example/l",
                "statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x1", "message": "b"}]})
        };
        lists.push(json!({"id": "urn:x:1", "status": {"status_list": {"idx": 7, "uri": "https://a.example/l"}},
            "credentialStatus": [entry("BitstringStatusListEntry"), entry("RevocationList2020Status"),
                {"type": "1EdTechRevocationList", "id": "https://a.example/r"}]}));
        lists.iter().map(|list| list.to_string().into_bytes()).collect()
    }
}

/// What a W3C credential says, apart from how it is written and proved.
pub(crate) fn meaning(credential: &Value) -> Option<String> {
    let mut credential = credential.clone();
    credential.as_object_mut()?.shift_remove("proof");
    jsonld::canonicalise(&credential).ok()
}

fn sd_jwt(issuer: &IssuerKey, holder: &HolderKey, now: Timestamp, entropy: &CountingEntropy) -> Option<String> {
    let did = issuer.public().did_jwk();
    let claims = json!({"iss": did, "vct": "https://a.example/vct", "iat": now.as_second() - 60,
        "exp": now.as_second() + 86_400, "cnf": {"jwk": holder.public().to_jwk()},
        "family_name": "Voorbeeld", "title": "Datastructuren", "ects": 4, "skills": ["bomen", "lijsten"]});
    let disclosable = [vec!["family_name".into()], vec!["title".into()], vec!["ects".into()]];
    let header = json!({"typ": "dc+sd-jwt", "kid": format!("{did}#0")});
    issue(Issuance { header, claims, disclosable: &disclosable, decoys: 2 }, issuer, entropy).ok()
}

fn request(key: &IssuerKey) -> Option<String> {
    let claims = json!({"client_id": "x509_hash:YWJj", "response_type": "vp_token", "nonce": "n-0S6_WzA2Mj", "state": "s",
        "response_mode": "leerpas_frames.jwt", "dcql_query": {"credentials": [{"id": "a", "format": "dc+sd-jwt",
            "meta": {"vct_values": ["https://a.example/vct"]}}]}});
    sign_compact(&json!({"typ": "oauth-authz-req+jwt"}), claims.to_string().as_bytes(), key).ok()
}

fn unsigned_badge(issuer: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0001",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Hogeschool Delta"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": {
            "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11", "type": ["Achievement"], "name": "Datastructuren",
            "description": "Lijsten en bomen", "criteria": {"narrative": "Toets"}}}})
}

fn jwt(issuer: &IssuerKey) -> Option<String> {
    let did = issuer.public().did_jwk();
    let header = json!({"typ": "vc+jwt", "kid": format!("{did}#0")});
    sign_compact(&header, unsigned_badge(&did).to_string().as_bytes(), issuer).ok()
}

fn badge(key: &IssuerKey, now: Timestamp) -> Option<Value> {
    let did = key.public().did_key()?;
    let fragment = did.strip_prefix("did:key:")?;
    let options = ProofOptions {
        verification_method: format!("{did}#{fragment}"),
        purpose: "assertionMethod".to_owned(),
        created: now,
        challenge: None,
        domain: None,
    };
    data_integrity::sign(unsigned_badge(&did), &options, key).ok()
}

/// A PNG of one grey dot.
fn empty_png() -> Vec<u8> {
    let mut pixels = ZlibEncoder::new(Vec::new(), Compression::fast());
    let _ = pixels.write_all(&[0, 128]);
    let pixels = pixels.finish().unwrap_or_default();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let head = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    for (kind, data) in [(b"IHDR", &head[..]), (b"IDAT", &pixels), (b"IEND", &[])] {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        png.extend_from_slice(&(data.len() as u32).to_be_bytes());
        png.extend_from_slice(kind);
        png.extend_from_slice(data);
        png.extend_from_slice(&crc.sum().to_be_bytes());
    }
    png
}
