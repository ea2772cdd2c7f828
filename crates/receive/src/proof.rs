//! Key proofs: the holder shows the issuer the keys that the copies shall be bound to.

use leerpas_core::{Format, Timestamp};
use leerpas_credential::{
    data_integrity::{self, ProofError, ProofOptions},
    jose::{self, JoseError},
    keys::HolderKey,
};
use leerpas_openid::vci::{CredentialConfiguration, PROOF_TYPE};
use serde_json::{Map, Value, json};

use crate::Unsupported;

/// The cryptosuite of a P-256 key.
const CRYPTOSUITE: &str = "ecdsa-rdfc-2019";

/// How a key is named in a proof, and so in the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BindingMethod {
    /// As a JWK in the header.
    Jwk,
    /// As a `did:jwk` in `kid`.
    DidJwk,
    /// As a `did:jwk` that signs a presentation of nothing (appendix F.2).
    Presentation,
}

impl BindingMethod {
    /// The way that an issuer takes and that suits the format: a W3C credential names its subject by a DID (or, if it is
    /// a token, its key in `cnf`), an SD-JWT VC a key.
    ///
    /// # Errors
    /// [`Unsupported::Binding`] or [`Unsupported::Proof`]: every credential that Leerpas collects is bound to
    /// a key of its own.
    pub(crate) fn choose(configuration: &CredentialConfiguration, format: Format) -> Result<Self, Unsupported> {
        let free = |name: &str| !configuration.attested_proof_types.iter().any(|attested| attested == name);
        let can = |name: &str, algorithms: &Option<Vec<String>>, own: &str| {
            free(name) && algorithms.iter().flatten().any(|algorithm| algorithm == own)
        };
        if !can("jwt", &configuration.jwt_proof_algorithms, "ES256") {
            return match can("di_vp", &configuration.di_vp_proof_algorithms, CRYPTOSUITE) {
                true if takes(configuration, "did:jwk") => Ok(Self::Presentation),
                true => Err(Unsupported::Binding),
                false => Err(no_proof(configuration)),
            };
        }
        let order = match format {
            Format::SdJwtVc => [("jwk", Self::Jwk), ("did:jwk", Self::DidJwk)],
            _ => [("did:jwk", Self::DidJwk), ("jwk", Self::Jwk)],
        };
        order.iter().find(|(name, _)| takes(configuration, name)).map(|(_, method)| *method).ok_or(Unsupported::Binding)
    }
}

fn takes(configuration: &CredentialConfiguration, method: &str) -> bool {
    configuration.binding_methods.iter().any(|taken| taken == method)
}

/// Why no proof can be made.
fn no_proof(configuration: &CredentialConfiguration) -> Unsupported {
    let types = [&configuration.jwt_proof_algorithms, &configuration.di_vp_proof_algorithms];
    let attestation = configuration.other_proof_types.iter().any(|name| name == "attestation");
    match types.iter().any(|offered| offered.is_some()) {
        _ if !configuration.attested_proof_types.is_empty() => Unsupported::Attestation,
        false if attestation => Unsupported::Attestation,
        false if configuration.other_proof_types.is_empty() => Unsupported::Binding,
        _ => Unsupported::Proof,
    }
}

/// A `di_vp` key proof (OpenID4VCI 1.0, appendix F.2): a presentation of nothing that the key signed, for this issuer and
/// nonce.
///
/// # Errors
/// [`ProofError`] if it cannot be signed.
pub(crate) fn presentation(
    key: &HolderKey,
    credential_issuer: &str,
    nonce: Option<&str>,
    now: Timestamp,
) -> Result<Value, ProofError> {
    let holder = key.did_jwk();
    let presentation = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": holder,
    });
    let options = ProofOptions {
        verification_method: format!("{holder}#0"),
        purpose: "authentication".to_owned(),
        created: now,
        challenge: nonce.map(str::to_owned),
        domain: Some(credential_issuer.to_owned()),
    };
    data_integrity::sign(presentation, &options, key)
}

/// A `jwt` key proof (OpenID4VCI 1.0, appendix F.1). `iss` is the name of the client where it has one; an anonymous one
/// has none.
///
/// # Errors
/// [`JoseError`] if it cannot be signed.
pub(crate) fn jwt(
    key: &HolderKey,
    method: BindingMethod,
    credential_issuer: &str,
    (client_id, nonce): (Option<&str>, Option<&str>),
    now: Timestamp,
) -> Result<String, JoseError> {
    let mut header = Map::new();
    header.insert("typ".into(), json!(PROOF_TYPE));
    header.insert("alg".into(), json!("ES256"));
    match method {
        BindingMethod::Jwk => header.insert("jwk".into(), key.public().to_jwk()),
        BindingMethod::DidJwk | BindingMethod::Presentation => {
            header.insert("kid".into(), json!(format!("{}#0", key.did_jwk())))
        }
    };
    let mut claims = Map::new();
    claims.insert("aud".into(), json!(credential_issuer));
    claims.insert("iat".into(), json!(now.as_second()));
    for (name, value) in [("iss", client_id), ("nonce", nonce)] {
        if let Some(value) = value {
            claims.insert(name.into(), json!(value));
        }
    }
    let payload = Value::Object(claims).to_string();
    jose::sign_compact(&Value::Object(header), payload.as_bytes(), key)
}

#[cfg(test)]
mod tests {
    use leerpas_core::CountingEntropy;
    use leerpas_credential::jose::Jws;

    use super::*;

    fn configuration(extra: Value) -> CredentialConfiguration {
        let mut value = json!({"format": "dc+sd-jwt"});
        value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        CredentialConfiguration::parse(value).unwrap()
    }

    fn methods(methods: &[&str], algorithms: &[&str]) -> CredentialConfiguration {
        configuration(json!({"cryptographic_binding_methods_supported": methods,
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": algorithms}}}))
    }

    #[test]
    fn the_way_of_binding_suits_issuer_and_format() {
        let both = methods(&["did:web", "did:jwk", "jwk"], &["EdDSA", "ES256"]);
        assert_eq!(BindingMethod::choose(&both, Format::SdJwtVc), Ok(BindingMethod::Jwk));
        assert_eq!(BindingMethod::choose(&both, Format::DataIntegrity), Ok(BindingMethod::DidJwk));
        let one = methods(&["did:jwk"], &["ES256"]);
        assert_eq!(BindingMethod::choose(&one, Format::SdJwtVc), Ok(BindingMethod::DidJwk));
    }

    #[test]
    fn every_w3c_token_is_bound_by_a_did_where_the_issuer_takes_one() {
        let (both, key) = (methods(&["jwk", "did:jwk"], &["ES256"]), methods(&["jwk"], &["ES256"]));
        for format in [Format::W3cSdJwt, Format::JwtVc, Format::JwtVc11] {
            assert_eq!(BindingMethod::choose(&both, format), Ok(BindingMethod::DidJwk));
            assert_eq!(BindingMethod::choose(&key, format), Ok(BindingMethod::Jwk));
        }
    }

    #[test]
    fn openid4vci_f_1_the_algorithm_must_be_one_that_the_issuer_takes() {
        let other = methods(&["jwk"], &["EdDSA"]);
        assert_eq!(BindingMethod::choose(&other, Format::SdJwtVc), Err(Unsupported::Proof));
    }

    #[test]
    fn a_credential_that_is_bound_to_nobody_is_not_collected() {
        let free = configuration(json!({}));
        assert_eq!(BindingMethod::choose(&free, Format::SdJwtVc), Err(Unsupported::Binding));
        let foreign = methods(&["cose_key"], &["ES256"]);
        assert_eq!(BindingMethod::choose(&foreign, Format::SdJwtVc), Err(Unsupported::Binding));
    }

    #[test]
    fn openid4vci_f_1_a_proof_names_one_key_and_the_issuer() {
        let key = HolderKey::make(&CountingEntropy::default());
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        for (method, member, absent) in [(BindingMethod::Jwk, "jwk", "kid"), (BindingMethod::DidJwk, "kid", "jwk")] {
            let proof =
                Jws::parse(&jwt(&key, method, "https://issuer.example", (None, Some("n1")), now).unwrap()).unwrap();
            proof.verify(&key.public()).unwrap();
            assert_eq!(proof.header["typ"], "openid4vci-proof+jwt");
            assert!(proof.header.contains_key(member) && !proof.header.contains_key(absent));
            assert!(proof.header.get("jwk").is_none_or(|jwk| jwk.get("d").is_none()));
            let claims = proof.claims().unwrap();
            assert_eq!(claims["aud"], "https://issuer.example");
            assert_eq!(claims["nonce"], "n1");
            assert_eq!(claims["iat"], json!(now.as_second()));
            assert!(!claims.contains_key("iss"), "an anonymous client has no name");
            let named = jwt(&key, method, "https://issuer.example", (Some("leerpas"), None), now).unwrap();
            assert_eq!(Jws::parse(&named).unwrap().claims().unwrap()["iss"], "leerpas");
        }
    }

    #[test]
    fn haip_4_5_a_proof_that_needs_an_attestation_is_told_apart() {
        let attested = |types: Value| {
            configuration(json!({"cryptographic_binding_methods_supported": ["jwk"],
            "proof_types_supported": types}))
        };
        let algorithms = ["ES256"];
        for types in [
            json!({"attestation": {"proof_signing_alg_values_supported": algorithms}}),
            json!({"jwt": {"proof_signing_alg_values_supported": algorithms, "key_attestations_required": {}}}),
            json!({"jwt": {"proof_signing_alg_values_supported": algorithms,
                "key_attestations_required": {"key_storage": ["iso_18045_high"]}}, "attestation": {}}),
        ] {
            assert_eq!(BindingMethod::choose(&attested(types), Format::SdJwtVc), Err(Unsupported::Attestation));
        }
        let besides = json!({"jwt": {"proof_signing_alg_values_supported": algorithms}, "attestation": {}});
        assert_eq!(BindingMethod::choose(&attested(besides), Format::SdJwtVc), Ok(BindingMethod::Jwk));
    }

    #[test]
    fn vci_f_2_a_presentation_is_made_where_no_jwt_is_taken() {
        let takes = |types: Value, method: &str| {
            let one = configuration(json!({"cryptographic_binding_methods_supported": [method],
                "proof_types_supported": types}));
            BindingMethod::choose(&one, Format::DataIntegrity)
        };
        let di_vp = |suite: &str| json!({"di_vp": {"proof_signing_alg_values_supported": [suite]}});
        assert_eq!(takes(di_vp("ecdsa-rdfc-2019"), "did:jwk"), Ok(BindingMethod::Presentation));
        assert_eq!(takes(di_vp("eddsa-rdfc-2022"), "did:jwk"), Err(Unsupported::Proof));
        assert_eq!(takes(di_vp("ecdsa-rdfc-2019"), "did:web"), Err(Unsupported::Binding));
        let mut both = di_vp("ecdsa-rdfc-2019");
        both["jwt"] = json!({"proof_signing_alg_values_supported": ["ES256"]});
        assert_eq!(takes(both, "did:jwk"), Ok(BindingMethod::DidJwk));
    }

    #[test]
    fn vci_f_2_a_presentation_names_the_issuer_the_nonce_and_its_purpose() {
        let key = HolderKey::make(&CountingEntropy::default());
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let made = presentation(&key, "https://issuer.example", Some("n1"), now).unwrap();
        let proofs = data_integrity::proofs(&made).unwrap();
        data_integrity::verify_proof(&made, &proofs[0], &key.public()).unwrap();
        assert_eq!(made["proof"]["proofPurpose"], "authentication");
        assert_eq!(made["proof"]["domain"], "https://issuer.example");
        assert_eq!(made["proof"]["challenge"], "n1");
        let method = made["proof"]["verificationMethod"].as_str().unwrap();
        assert_eq!(made["holder"].as_str(), method.split('#').next());
        let without = presentation(&key, "https://issuer.example", None, now).unwrap();
        assert!(without["proof"].get("challenge").is_none(), "only where the issuer gave one");
    }
}
