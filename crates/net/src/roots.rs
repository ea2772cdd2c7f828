//! Whose word counts for a server: the authorities of the system, and those that the policy adds.

use std::sync::Arc;

use rustls::{
    CipherSuite, ClientConfig, RootCertStore,
    client::Resumption,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use crate::PolicyError;

/// TLS 1.2 or later, and HTTP/1.1 over it, with a certificate that holds. A session is never taken up again: what a server
/// hands out for that would tell it later who comes back.
pub(crate) fn tls(extra_roots_pem: &[Vec<u8>]) -> Result<ClientConfig, PolicyError> {
    let roots = read(extra_roots_pem)?;
    let mut provider = aws_lc_rs::default_provider();
    // First what browsers ask for first. Keys and certificates have the strength of 128 bits, so that a longer key of the
    // cipher adds none, and a longer hash with it only costs time.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    let provider = Arc::new(provider);
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| PolicyError::Tls { reason: error.to_string() })?;
    let config = match Verifier::new_with_extra_roots(roots, provider) {
        Ok(verifier) => config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)),
        // A system without any authority of its own, and none was added: nothing can be reached, but a wallet still opens.
        Err(_) => config.with_root_certificates(RootCertStore::empty()),
    };
    let mut config = config.with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates of each text, which has one or more.
fn read(pems: &[Vec<u8>]) -> Result<Vec<CertificateDer<'static>>, PolicyError> {
    let mut roots = Vec::new();
    for (index, pem) in pems.iter().enumerate() {
        let none = || PolicyError::Root { position: index + 1 };
        let found: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| none())?;
        let mut tried = RootCertStore::empty();
        if found.is_empty() || found.iter().any(|root| tried.add(root.clone()).is_err()) {
            return Err(none());
        }
        roots.extend(found);
    }
    Ok(roots)
}
