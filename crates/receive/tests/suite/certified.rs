//! Metadata of an issuer that are signed under a certificate (OpenID4VCI 1.0, 12.2.3): the chain holds under a root that
//! counts, and its leaf is for the issuer's own host or one of its names.

use std::sync::Arc;

use crate::issuer::*;
use leerpas_core::{Env, ErrorKind, Language, OsEntropy, Reply};
use leerpas_credential::{
    jose::sign_compact, keys::IssuerKey, trust::TrustList, verify::Resources, x509::TrialAuthority,
};
use leerpas_receive::{OfferSource, ReceiveContext, ReceiveError, Received, SignedMetadata};
use serde_json::{Value, json};

const TYP: &str = "openidvci-issuer-metadata+jwt";
const PATH: &str = "/.well-known/openid-credential-issuer/tenant";
const HOST: &str = "issuer.example";

/// An authority in a folder of its own.
fn authority() -> (tempfile::TempDir, TrialAuthority) {
    let folder = tempfile::tempdir().unwrap();
    let authority = TrialAuthority::ensure(folder.path(), env()).unwrap();
    (folder, authority)
}

fn env() -> Env<'static> {
    Env { now: now(), entropy: &OsEntropy }
}

/// Plays a journey in which the metadata are signed with this key and come with this chain, with these institutions on the
/// trust list.
fn play_signed(signer: &IssuerKey, x5c: &[String], institutions: Value) -> Result<Received, ReceiveError> {
    let mut issuer = Issuer::new();
    let mut claims = issuer.metadata.clone();
    claims["sub"] = json!(ISSUER);
    claims["iat"] = json!(now().as_second() - 10);
    let token = sign_compact(&json!({"typ": TYP, "x5c": x5c}), claims.to_string().as_bytes(), signer).unwrap();
    issuer.twist = at(PATH, move || Ok(Reply::new(200, Some("application/jwt"), token.clone().into_bytes())));
    let list = json!({"version": 1, "institutions": institutions});
    let context = ReceiveContext {
        trust: Arc::new(TrustList::from_json(list.to_string().as_bytes()).unwrap()),
        language: Language::Nl,
        resources: Resources::default(),
        copies: 1,
        attestations: Vec::new(),
    };
    let source = OfferSource::Value(issuer.offer.clone());
    play_with(&mut issuer, source, context, &mut willing(&[TX_CODE]))
}

fn institution(identifiers: &[&str], root: &TrialAuthority) -> Value {
    json!({"name": {"nl": "Hogeschool"}, "identifiers": identifiers, "roots": [root.certificate_pem()]})
}

fn refusal(outcome: Result<Received, ReceiveError>) -> SignedMetadata {
    match outcome {
        Err(ReceiveError::SignedMetadata(why)) => why,
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn vci_12_2_3_metadata_signed_under_a_certificate_for_the_host_of_the_issuer_are_used() {
    let (_folder, authority) = authority();
    let (signer, x5c) = authority.issue_signer("Hogeschool", "Hogeschool", &[HOST], &[], env()).unwrap();
    let named = json!([institution(&[ISSUER, DID], &authority)]);
    assert_eq!(play_signed(&signer, &x5c, named).unwrap().cards.len(), 1);
    // Also where the certificate names the issuer as a whole and not its host.
    let (signer, x5c) = authority.issue_signer("Hogeschool", "Hogeschool", &[], &[ISSUER], env()).unwrap();
    let named = json!([institution(&[ISSUER, DID], &authority)]);
    assert_eq!(play_signed(&signer, &x5c, named).unwrap().cards.len(), 1);
}

#[test]
fn vci_12_2_3_security_c27_a_certificate_for_another_host_or_under_another_root_is_refused() {
    let ((_one, authority), (_other, stranger)) = (authority(), self::authority());
    let certified = |root: &TrialAuthority, dns: &[&str], uris: &[&str]| {
        root.issue_signer("Hogeschool", "Hogeschool", dns, uris, env()).unwrap()
    };
    let named = json!([institution(&[ISSUER, DID], &authority)]);
    let rows = [
        ("another host", certified(&authority, &["other.example"], &["https://other.example"])),
        ("a host that ends alike", certified(&authority, &["evil-issuer.example"], &[])),
        ("a host above it", certified(&authority, &["example"], &[])),
        ("no name at all", certified(&authority, &[], &[])),
        ("a root that nobody named", certified(&stranger, &[HOST], &[ISSUER])),
    ];
    for (what, (signer, x5c)) in rows {
        assert_eq!(refusal(play_signed(&signer, &x5c, named.clone())), SignedMetadata::Signer, "{what}");
    }
    // The root of another institution of the list does not speak for this one.
    let both = json!([institution(&[ISSUER, DID], &authority), institution(&["https://other.example"], &stranger)]);
    let (signer, x5c) = certified(&stranger, &[HOST], &[ISSUER]);
    assert_eq!(refusal(play_signed(&signer, &x5c, both)), SignedMetadata::Signer);
    // A chain that is good, and a signature that its key did not make.
    let (_, x5c) = certified(&authority, &[HOST], &[]);
    let thief = IssuerKey::make_p256(&OsEntropy);
    let outcome = play_signed(&thief, &x5c, named.clone());
    assert_eq!(refusal(outcome), SignedMetadata::Signature);
    // And no chain that can be read.
    let outcome = play_signed(&thief, &["AAAA".to_owned()], named);
    let error = outcome.err().unwrap();
    assert_eq!((error.kind(), error.step()), (ErrorKind::IssuerMetadataInvalid, "metadata"));
}
