//! Chains and roots.

use std::{collections::BTreeSet, fmt};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use leerpas_core::limits;
use openssl::{
    ec::EcKeyRef,
    nid::Nid,
    pkey::{Id, Public},
    stack::Stack,
    x509::{
        X509, X509KeyUsage, X509StoreContext, X509VerifyResult,
        store::{X509Store, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};
use serde_json::Value;

use super::{ChainError, der};
use crate::{jose::encode_base64url, keys::PublicKey};

/// Certificates of one chain at most: leaf and four authorities.
const LONGEST: usize = 5;

/// The certificates of an `x5c` header, leaf first. Nothing about them is proved before [`Chain::verify`].
#[derive(Clone)]
pub struct Chain {
    certificates: Vec<X509>,
    leaf_der: Vec<u8>,
    leaf_key: PublicKey,
}

impl Chain {
    /// Reads an `x5c` header: an array of standard base64 DER (RFC 7515, section 4.1.6).
    ///
    /// # Errors
    /// When it is no such array, is empty or has over five members, or the leaf's key is not supported.
    pub fn from_x5c(x5c: &Value) -> Result<Self, ChainError> {
        let items =
            x5c.as_array().filter(|items| (1..=LONGEST).contains(&items.len())).ok_or(ChainError::Unreadable)?;
        let mut ders = Vec::new();
        for item in items {
            let text = item.as_str().filter(|t| t.len() <= limits::CREDENTIAL).ok_or(ChainError::Unreadable)?;
            ders.push(STANDARD.decode(text).map_err(|_| ChainError::Unreadable)?);
        }
        Self::from_der(&ders)
    }

    /// Reads certificates in DER, leaf first.
    ///
    /// # Errors
    /// As [`Chain::from_x5c`].
    pub fn from_der(ders: &[Vec<u8>]) -> Result<Self, ChainError> {
        let mut certificates = Vec::new();
        for der in ders {
            certificates.push(X509::from_der(der).map_err(|_| ChainError::Unreadable)?);
        }
        let leaf = certificates.first().ok_or(ChainError::Unreadable)?;
        let leaf_key = public_key(leaf)?;
        Ok(Self { leaf_der: ders[0].clone(), leaf_key, certificates })
    }

    /// The public key of the leaf.
    pub fn leaf_key(&self) -> PublicKey {
        self.leaf_key.clone()
    }

    /// SHA-256 of the leaf in DER, base64url: what `x509_hash` names (OpenID4VP 1.0, section 5.9.3).
    pub fn leaf_sha256_base64url(&self) -> String {
        encode_base64url(digest(&SHA256, &self.leaf_der).as_ref())
    }

    /// The DNS names and URIs of the leaf's subject alternative name, as they stand there.
    pub fn names(&self) -> Vec<String> {
        let Some(names) = self.leaf().subject_alt_names() else { return Vec::new() };
        names.iter().filter_map(|name| name.dnsname().or_else(|| name.uri())).map(str::to_owned).collect()
    }

    /// Whether the leaf's subject alternative name has this DNS name (RFC 5280, 4.2.1.6), compared without regard to
    /// case. A wildcard is equal to nothing.
    pub fn has_dns_name(&self, name: &str) -> bool {
        let Some(names) = self.leaf().subject_alt_names() else { return false };
        names.iter().filter_map(|known| known.dnsname()).any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether the leaf was issued for this issuer: an equal URI name, or a DNS name equal to the host of an https
    /// URL or of a did:web. A wildcard is equal to nothing.
    pub fn covers(&self, identifier: &str) -> bool {
        let host = crate::did::host_of(identifier);
        self.names()
            .iter()
            .any(|name| name == identifier || host.as_deref().is_some_and(|h| h.eq_ignore_ascii_case(name)))
    }

    /// The KeyIdentifiers of the authorities that signed these certificates, as they name them (RFC 5280, 4.2.1.1).
    pub fn authority_key_identifiers(&self) -> Vec<Vec<u8>> {
        let named = self.certificates.iter().filter_map(|certificate| certificate.authority_key_id());
        named.map(|identifier| identifier.as_slice().to_vec()).collect()
    }

    /// The common name of the leaf.
    pub fn common_name(&self) -> Option<String> {
        self.subject(Nid::COMMONNAME)
    }

    /// The organisation of the leaf.
    pub fn organisation(&self) -> Option<String> {
        self.subject(Nid::ORGANIZATIONNAME)
    }

    /// The organisation identifier of the leaf (ETSI EN 319 412-1, 5.1.4), such as `NTRNL-12345678`: under which a register
    /// has it.
    pub fn organisation_identifier(&self) -> Option<String> {
        // 2.5.4.97, for which there is no constant.
        self.subject(Nid::from_raw(1089))
    }

    /// Checks the chain (RFC 5280, section 6) at the given time, with these roots as the only anchors. A root that came
    /// along in the header is of no use and no harm.
    ///
    /// # Errors
    /// When the leaf is an authority or signed itself, the chain ends at none of the roots, a date or another rule
    /// does not hold. [`ChainError::NotTrusted`] alone means that a root may be missing here.
    pub fn verify(&self, roots: &Roots, now: Timestamp) -> Result<(), ChainError> {
        let leaf = self.leaf();
        // An unreadable constraint is treated as the worst case.
        if der::is_authority(&self.leaf_der).unwrap_or(true)
            || leaf.key_usage().is_some_and(|usage| usage.contains(X509KeyUsage::KEY_CERT_SIGN))
        {
            return Err(ChainError::LeafIsAuthority);
        }
        if leaf.subject_name().try_cmp(leaf.issuer_name()).is_ok_and(std::cmp::Ordering::is_eq) {
            return Err(ChainError::SelfSigned);
        }
        let result =
            self.run(roots, now).map_err(|_| ChainError::Broken("the library refused the chain".to_owned()))?;
        judge(result)
    }

    fn run(&self, roots: &Roots, now: Timestamp) -> Result<X509VerifyResult, openssl::error::ErrorStack> {
        let store = roots.store(now)?;
        let mut rest = Stack::new()?;
        for certificate in &self.certificates[1..] {
            rest.push(certificate.clone())?;
        }
        let mut context = X509StoreContext::new()?;
        context.init(&store, self.leaf(), &rest, |context| {
            context.verify_cert()?;
            Ok(context.error())
        })
    }

    fn leaf(&self) -> &X509 {
        &self.certificates[0]
    }

    fn subject(&self, nid: Nid) -> Option<String> {
        let entry = self.leaf().subject_name().entries_by_nid(nid).next()?;
        entry.data().to_string().ok()
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chain({} of {})", self.leaf_sha256_base64url(), self.certificates.len())
    }
}

/// Root certificates.
#[derive(Clone, Default)]
pub struct Roots {
    certificates: Vec<X509>,
    known: BTreeSet<Vec<u8>>,
}

impl Roots {
    /// Reads one or more certificates in PEM.
    ///
    /// # Errors
    /// When there is none.
    pub fn from_pem(pem: &str) -> Result<Self, ChainError> {
        let mut roots = Self::default();
        roots.add_pem(pem)?;
        Ok(roots)
    }

    /// Adds one or more certificates in PEM.
    ///
    /// # Errors
    /// When there is none.
    pub fn add_pem(&mut self, pem: &str) -> Result<(), ChainError> {
        let certificates = X509::stack_from_pem(pem.as_bytes()).map_err(|_| ChainError::Unreadable)?;
        if certificates.is_empty() {
            return Err(ChainError::Unreadable);
        }
        for certificate in certificates {
            self.add(certificate);
        }
        Ok(())
    }

    /// Takes in other roots.
    pub fn merge(&mut self, other: Self) {
        for certificate in other.certificates {
            self.add(certificate);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    fn add(&mut self, certificate: X509) {
        if certificate.to_der().is_ok_and(|der| self.known.insert(der)) {
            self.certificates.push(certificate);
        }
    }

    fn store(&self, now: Timestamp) -> Result<X509Store, openssl::error::ErrorStack> {
        let mut builder = X509StoreBuilder::new()?;
        for certificate in &self.certificates {
            builder.add_cert(certificate.clone())?;
        }
        let mut param = X509VerifyParam::new()?;
        param.set_time(now.as_second());
        param.set_depth(LONGEST as i32);
        // 112 bits of strength: no SHA-1, no RSA under 2048.
        param.set_auth_level(2);
        // A listed authority is an anchor whether or not it signed itself.
        param.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        builder.set_param(&param)?;
        Ok(builder.build())
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.certificates.len())
    }
}

/// OpenSSL's answer in our words; the numbers are those of `X509_V_ERR_…` in x509_vfy.h.
fn judge(result: X509VerifyResult) -> Result<(), ChainError> {
    match result.as_raw() {
        0 => Ok(()),
        // unable to get (local) issuer, self-signed in chain or leaf, unable to verify the first, untrusted
        2 | 18 | 19 | 20 | 21 | 27 => Err(ChainError::NotTrusted),
        // not yet valid, has expired
        9 | 10 => Err(ChainError::Dates),
        _ => Err(ChainError::Broken(result.error_string().to_owned())),
    }
}

fn public_key(certificate: &X509) -> Result<PublicKey, ChainError> {
    let key = certificate.public_key().map_err(|_| ChainError::Key)?;
    match key.id() {
        Id::EC => {
            let key = key.ec_key().map_err(|_| ChainError::Key)?;
            ec_point(&key)
        }
        Id::ED25519 => PublicKey::from_ed25519_bytes(&key.raw_public_key().map_err(|_| ChainError::Key)?)
            .map_err(|_| ChainError::Key),
        Id::RSA => {
            let key = key.rsa().map_err(|_| ChainError::Key)?;
            PublicKey::from_rsa_numbers(key.n().to_vec(), key.e().to_vec()).map_err(|_| ChainError::Key)
        }
        _ => Err(ChainError::Key),
    }
}

fn ec_point(key: &EcKeyRef<Public>) -> Result<PublicKey, ChainError> {
    let mut context = openssl::bn::BigNumContext::new().map_err(|_| ChainError::Key)?;
    let point = key
        .public_key()
        .to_bytes(key.group(), openssl::ec::PointConversionForm::UNCOMPRESSED, &mut context)
        .map_err(|_| ChainError::Key)?;
    match key.group().curve_name() {
        Some(Nid::X9_62_PRIME256V1) => PublicKey::from_p256_sec1(&point).map_err(|_| ChainError::Key),
        Some(Nid::SECP384R1) => PublicKey::from_p384_sec1(&point).map_err(|_| ChainError::Key),
        _ => Err(ChainError::Key),
    }
}
