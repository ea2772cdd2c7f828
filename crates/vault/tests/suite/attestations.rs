//! Attestations are kept sealed, one for each authorization server.

use crate::common::{at, create, open};
use leerpas_core::Secret;
use leerpas_vault::AttestationRecord;

fn record(server: &str, secret: &str) -> AttestationRecord {
    AttestationRecord { server: server.to_owned(), made: at(1), secret: Secret::new(secret.as_bytes().to_vec()) }
}

#[test]
fn an_attestation_is_kept_for_its_server_alone_and_goes_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.put_attestation(&record("https://as.example", "first")).unwrap();
    vault.put_attestation(&record("https://other.example", "canary-of-another")).unwrap();
    vault.put_attestation(&record("https://as.example", "second")).unwrap();
    drop(vault);

    let mut vault = open(folder.path());
    let kept: Vec<_> = vault
        .attestations()
        .unwrap()
        .into_iter()
        .map(|one| (one.server, String::from_utf8(one.secret.expose().clone()).unwrap()))
        .collect();
    let expected = [("https://as.example", "second"), ("https://other.example", "canary-of-another")];
    assert_eq!(kept, expected.map(|(server, secret)| (server.to_owned(), secret.to_owned())));
    assert!(vault.remove_attestation("https://as.example").unwrap());
    assert!(!vault.remove_attestation("https://as.example").unwrap(), "gone");
    assert_eq!(vault.attestations().unwrap().len(), 1);
}
