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
        GeneralNameRef, X509, X509KeyUsage, X509StoreContext, X509VerifyResult,
        store::{X509Store, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};
use serde_json::Value;

use super::{
    ChainError, der,
    known::{self, CHAINS, PROVED, ROOTS},
};
use crate::{jose::encode_base64url, keys::PublicKey};

/// Certificates of one chain at most: leaf and four authorities.
const LONGEST: usize = 5;

/// The certificates of an `x5c` header, leaf first. Nothing about them is proved before [`Chain::verify`].
#[derive(Clone)]
pub struct Chain {
    certificates: Vec<X509>,
    leaf_der: Vec<u8>,
    leaf_key: PublicKey,
    /// The names of the leaf, and whether each is a DNS name.
    names: Vec<(String, bool)>,
    name: known::Name,
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

    /// The entries of an `x5c` header for certificates in PEM, leaf first. A root at the end stays out (HAIP 1.0, section 5).
    ///
    /// # Errors
    /// When there is no certificate in it.
    pub fn x5c_from_pem(pem: &str) -> Result<Vec<String>, ChainError> {
        let mut certificates = X509::stack_from_pem(pem.as_bytes()).map_err(|_| ChainError::Unreadable)?;
        let is_root = |certificate: &X509| certificate.issued(certificate) == X509VerifyResult::OK;
        if certificates.len() > 1 && certificates.last().is_some_and(is_root) {
            certificates.pop();
        }
        if certificates.is_empty() {
            return Err(ChainError::Unreadable);
        }
        let ders = certificates.iter().map(|one| one.to_der().map(|der| STANDARD.encode(der)));
        ders.collect::<Result<_, _>>().map_err(|_| ChainError::Unreadable)
    }

    /// Reads certificates in DER, leaf first.
    ///
    /// # Errors
    /// As [`Chain::from_x5c`].
    pub fn from_der(ders: &[Vec<u8>]) -> Result<Self, ChainError> {
        let name = known::name(ders.iter().map(Vec::as_slice));
        if let Some(chain) = CHAINS.get(&name) {
            return Ok(chain);
        }
        let mut certificates = Vec::new();
        for der in ders {
            certificates.push(X509::from_der(der).map_err(|_| ChainError::Unreadable)?);
        }
        let leaf = certificates.first().ok_or(ChainError::Unreadable)?;
        let leaf_key = public_key(leaf)?;
        let names = names(leaf);
        let chain = Self { leaf_der: ders[0].clone(), leaf_key, certificates, names, name };
        CHAINS.put(name, chain.clone());
        Ok(chain)
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
        self.names.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Whether the leaf's subject alternative name has this DNS name (RFC 5280, 4.2.1.6), compared without regard to
    /// case. A wildcard is equal to nothing.
    pub fn has_dns_name(&self, name: &str) -> bool {
        self.names.iter().any(|(known, is_dns)| *is_dns && known.eq_ignore_ascii_case(name))
    }

    /// Whether the leaf was issued for this issuer: an equal URI name, or a DNS name equal to the host of an https
    /// URL or of a did:web. A wildcard is equal to nothing.
    pub fn covers(&self, identifier: &str) -> bool {
        let host = crate::did::host_of(identifier);
        self.names
            .iter()
            .any(|(name, _)| name == identifier || host.as_deref().is_some_and(|h| h.eq_ignore_ascii_case(name)))
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
        let pair = known::name([&self.name[..], &roots.name]);
        if PROVED.get(&pair).is_some_and(|(after, before)| (after + 1..before).contains(&now.as_second())) {
            return Ok(());
        }
        let (result, dates) =
            self.run(roots, now).map_err(|_| ChainError::Broken("the library refused the chain".to_owned()))?;
        judge(result)?;
        if let Some(dates) = dates {
            PROVED.put(pair, dates);
        }
        Ok(())
    }

    /// OpenSSL's answer, and the time in which all certificates of the way to the root hold.
    fn run(&self, roots: &Roots, now: Timestamp) -> Result<Answer, openssl::error::ErrorStack> {
        let store = roots.store(now)?;
        let mut rest = Stack::new()?;
        for certificate in &self.certificates[1..] {
            rest.push(certificate.clone())?;
        }
        let mut context = X509StoreContext::new()?;
        context.init(&store, self.leaf(), &rest, |context| {
            context.verify_cert()?;
            Ok((context.error(), context.chain().and_then(known::dates)))
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

type Answer = (X509VerifyResult, Option<(i64, i64)>);

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
    /// Of all of them in their order.
    name: known::Name,
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

    /// The certificates of several texts in PEM, each with one or more.
    ///
    /// # Errors
    /// When there is none in one of them.
    pub fn from_pems(pems: &[String]) -> Result<Self, ChainError> {
        let name = known::name(pems.iter().map(String::as_bytes));
        if let Some(roots) = ROOTS.get(&name) {
            return Ok(roots);
        }
        let mut roots = Self::default();
        pems.iter().try_for_each(|pem| roots.add_pem(pem))?;
        ROOTS.put(name, roots.clone());
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
        let Ok(der) = certificate.to_der() else { return };
        let name = known::name([&self.name[..], &der]);
        if self.known.insert(der) {
            self.certificates.push(certificate);
            self.name = name;
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

/// The DNS names and URIs of a certificate, and whether each is a DNS name.
fn names(certificate: &X509) -> Vec<(String, bool)> {
    let Some(names) = certificate.subject_alt_names() else { return Vec::new() };
    let read = |name: &GeneralNameRef| {
        let dns = name.dnsname().map(|name| (name.to_owned(), true));
        dns.or_else(|| name.uri().map(|uri| (uri.to_owned(), false)))
    };
    names.iter().filter_map(read).collect()
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
