//! A certificate authority to try things with: it gives the sandbox and the desk certificates that nothing in the
//! world trusts but a run that was told to. Certificates by rcgen.

use std::{
    fs,
    io::{self, Write},
    net::IpAddr,
    path::Path,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_core::{Entropy, Env, ErrorKind, Secret, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber,
};
use thiserror::Error;

use super::{Chain, Roots};
use crate::keys::IssuerKey;

const CERTIFICATE_FILE: &str = "ca.pem";
const KEY_FILE: &str = "ca-key.pem";
const NAME: &str = "Leerpas trial authority (trust nowhere)";
const DAY: u64 = 24 * 60 * 60;
/// How long certificates hold, in days; the authority outlives what it issues.
const LEAF_DAYS: u64 = 365;
const AUTHORITY_DAYS: u64 = 5 * 365;

/// Why the trial authority could not be had.
#[derive(Debug, Error)]
pub enum TrialError {
    /// The folder or one of its two files cannot be read or written.
    #[error("the certificate folder: {0}")]
    Storage(#[from] io::Error),
    /// The files hold no certificate or no key, or the two do not belong together.
    #[error("{CERTIFICATE_FILE} and {KEY_FILE} do not belong together or cannot be read")]
    Damaged,
    /// A name that no certificate can hold.
    #[error("a name cannot be put into a certificate")]
    Name,
    /// The library could not make the certificate.
    #[error("the certificate could not be made")]
    Making,
}

impl TrialError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Storage(_) | Self::Damaged => ErrorKind::StorageFailed,
            Self::Name => ErrorKind::Usage,
            Self::Making => ErrorKind::Internal,
        }
    }
}

/// The authority. Its private key lies in a file that only its owner may read.
pub struct TrialAuthority {
    certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl TrialAuthority {
    /// Reads `ca.pem` and `ca-key.pem` from the folder, or makes and writes them where there are none or where the
    /// certificate does not hold at `env.now`. The folder is made if it is missing.
    ///
    /// # Errors
    /// When the disk refuses, or the files are damaged.
    pub fn ensure(dir: &Path, env: Env<'_>) -> Result<Self, TrialError> {
        let (certificate, key) = (dir.join(CERTIFICATE_FILE), dir.join(KEY_FILE));
        if certificate.exists() && key.exists() {
            let known = Self::from_pem(fs::read_to_string(certificate)?, &Secret::new(fs::read_to_string(&key)?))?;
            if known.holds_at(env)? {
                return Ok(known);
            }
        }
        let (certificate_pem, key_pem) = make_authority(env)?;
        fs::create_dir_all(dir)?;
        write_private(dir, KEY_FILE, key_pem.expose().as_bytes())?;
        write_private(dir, CERTIFICATE_FILE, certificate_pem.as_bytes())?;
        Self::from_pem(certificate_pem, &key_pem)
    }

    /// The authority's certificate, to be added to the roots of a run.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Issues a TLS server certificate for a year. Gives the chain (the leaf alone) and its private key, both in PEM.
    ///
    /// # Errors
    /// When a name cannot be put into a certificate.
    pub fn issue_server(
        &self,
        names: &[&str],
        ips: &[IpAddr],
        env: Env<'_>,
    ) -> Result<(String, Secret<String>), TrialError> {
        let mut params = leaf_params(names.first().copied().unwrap_or(NAME), None, env)?;
        params.subject_alt_names = dns_names(names)?;
        params.subject_alt_names.extend(ips.iter().copied().map(SanType::IpAddress));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key_pem = IssuerKey::make_p256(env.entropy).to_pem().map_err(|_| TrialError::Making)?;
        let certificate = self.issue(&params, &key_pem)?;
        Ok((certificate.pem(), key_pem))
    }

    /// Issues a certificate for signing credentials or requests, for a year. Gives the key, and the `x5c` array with the
    /// leaf alone: the root stays out (HAIP 1.0, section 5).
    ///
    /// # Errors
    /// When a name cannot be put into a certificate.
    pub fn issue_signer(
        &self,
        common_name: &str,
        organisation: &str,
        dns: &[&str],
        uris: &[&str],
        env: Env<'_>,
    ) -> Result<(IssuerKey, Vec<String>), TrialError> {
        let key = IssuerKey::make_p256(env.entropy);
        let x5c = self.certify_signer(&key, common_name, organisation, dns, uris, env)?;
        Ok((key, x5c))
    }

    /// As [`TrialAuthority::issue_signer`], for a P-256 key that exists already.
    ///
    /// # Errors
    /// When a name cannot be put into a certificate, or the key cannot be certified.
    pub fn certify_signer(
        &self,
        key: &IssuerKey,
        common_name: &str,
        organisation: &str,
        dns: &[&str],
        uris: &[&str],
        env: Env<'_>,
    ) -> Result<Vec<String>, TrialError> {
        let mut params = leaf_params(common_name, Some(organisation), env)?;
        params.subject_alt_names = dns_names(dns)?;
        for uri in uris {
            params.subject_alt_names.push(SanType::URI((*uri).try_into().map_err(|_| TrialError::Name)?));
        }
        let key_pem = key.to_pem().map_err(|_| TrialError::Making)?;
        let certificate = self.issue(&params, &key_pem)?;
        Ok(vec![STANDARD.encode(certificate.der())])
    }

    fn issue(&self, params: &CertificateParams, key_pem: &Secret<String>) -> Result<rcgen::Certificate, TrialError> {
        let key = KeyPair::from_pem(key_pem.expose()).map_err(|_| TrialError::Making)?;
        params.signed_by(&key, &self.issuer).map_err(|_| TrialError::Making)
    }

    fn from_pem(certificate_pem: String, key_pem: &Secret<String>) -> Result<Self, TrialError> {
        let key = KeyPair::from_pem(key_pem.expose()).map_err(|_| TrialError::Damaged)?;
        let certificate = openssl::x509::X509::from_pem(certificate_pem.as_bytes()).map_err(|_| TrialError::Damaged)?;
        let public =
            certificate.public_key().and_then(|key| key.public_key_to_der()).map_err(|_| TrialError::Damaged)?;
        if public != rcgen::PublicKeyData::subject_public_key_info(&key) {
            return Err(TrialError::Damaged);
        }
        // The subject is always the same, so the issuer can be put together again without reading it.
        Ok(Self { certificate_pem, issuer: Issuer::new(authority_params(), key) })
    }

    /// Tries the authority on a throw-away leaf, which asks every rule at once.
    fn holds_at(&self, env: Env<'_>) -> Result<bool, TrialError> {
        let (_, x5c) = self.issue_signer("probe", NAME, &[], &[], env)?;
        let chain = Chain::from_x5c(&x5c.into()).map_err(|_| TrialError::Making)?;
        let roots = Roots::from_pem(&self.certificate_pem).map_err(|_| TrialError::Damaged)?;
        Ok(chain.verify(&roots, env.now).is_ok())
    }
}

impl std::fmt::Debug for TrialAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrialAuthority")
    }
}

fn make_authority(env: Env<'_>) -> Result<(String, Secret<String>), TrialError> {
    let key_pem = IssuerKey::make_p256(env.entropy).to_pem().map_err(|_| TrialError::Making)?;
    let key = KeyPair::from_pem(key_pem.expose()).map_err(|_| TrialError::Making)?;
    let mut params = authority_params();
    set_dates(&mut params, env.now, AUTHORITY_DAYS)?;
    params.serial_number = Some(serial(env.entropy));
    let certificate = params.self_signed(&key).map_err(|_| TrialError::Making)?;
    Ok((certificate.pem(), key_pem))
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(common_name: &str, organisation: Option<&str>, env: Env<'_>) -> Result<CertificateParams, TrialError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    if let Some(organisation) = organisation {
        params.distinguished_name.push(DnType::OrganizationName, organisation);
    }
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    params.serial_number = Some(serial(env.entropy));
    set_dates(&mut params, env.now, LEAF_DAYS)?;
    Ok(params)
}

fn dns_names(names: &[&str]) -> Result<Vec<SanType>, TrialError> {
    names.iter().map(|name| Ok(SanType::DnsName((*name).try_into().map_err(|_| TrialError::Name)?))).collect()
}

/// From a day before `now`, so that clocks may differ, for so many days.
fn set_dates(params: &mut CertificateParams, now: Timestamp, days: u64) -> Result<(), TrialError> {
    let now = u64::try_from(now.as_second()).map_err(|_| TrialError::Making)?;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(now.saturating_sub(DAY));
    params.not_after = epoch + Duration::from_secs(now.saturating_add(days * DAY));
    Ok(())
}

/// A positive number of 127 random bits (RFC 5280, section 4.1.2.2).
fn serial(entropy: &dyn Entropy) -> SerialNumber {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    SerialNumber::from_slice(&bytes)
}

/// Writes beside and renames, so that no half a file is ever found; readable by the owner alone.
fn write_private(dir: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let new = dir.join(format!("{name}.new"));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(new, dir.join(name))
}
