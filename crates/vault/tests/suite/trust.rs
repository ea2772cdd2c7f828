//! Institutions that the person trusts stay, and go when the person says so.

use crate::common::{at, create, open};
use leerpas_vault::{TrustSigner, TrustedInstitution};
use serde_json::json;

fn one(id: &str, signer: Option<&str>) -> TrustedInstitution {
    TrustedInstitution {
        id: id.to_owned(),
        added: at(1),
        signer: signer.map(str::to_owned),
        institution: json!({"name": {"nl": "Hogeschool Voorbeeld"}}),
    }
}

#[test]
fn what_the_person_trusts_is_there_after_a_lock_and_gone_after_a_removal() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.trust(&one("a", None)).unwrap();
    vault.trust(&one("a", None)).unwrap();
    drop(vault);
    let mut vault = open(folder.path());
    assert_eq!(vault.trusted().unwrap(), [one("a", None)]);
    assert!(vault.distrust("a").unwrap());
    assert!(!vault.distrust("a").unwrap());
    assert_eq!(vault.trusted().unwrap(), []);
}

#[test]
fn a_signed_list_takes_the_place_of_the_one_before_and_of_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let signer =
        |sequence| TrustSigner { thumbprint: "s".to_owned(), jwk: json!({"kty": "EC"}), sequence, expires: at(9) };
    vault.trust(&one("own", None)).unwrap();
    vault.trust_list(&signer(1), &[one("a", Some("s")), one("b", Some("s"))]).unwrap();
    vault.trust_list(&signer(2), &[one("b", Some("s"))]).unwrap();
    let ids: Vec<_> = vault.trusted().unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(ids, ["b", "own"]);
    vault.distrust("b").unwrap();
    assert_eq!(vault.trust_signer("s").unwrap(), Some(signer(2)), "no older list comes back");
    assert_eq!(vault.trust_signer("t").unwrap(), None);
}
