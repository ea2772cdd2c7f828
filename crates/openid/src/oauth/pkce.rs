//! Proof Key for Code Exchange (RFC 7636): the code of a sign-in is worth nothing to whoever overhears it.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::{Entropy, Secret};
use sha2::{Digest, Sha256};

/// A verifier and its challenge; for one sign-in.
pub struct Pkce {
    verifier: Secret<String>,
}

impl Pkce {
    /// Makes one from 256 random bits (RFC 7636, 4.1).
    pub fn make(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0_u8; 32];
        entropy.fill(&mut bytes);
        Self { verifier: Secret::new(URL_SAFE_NO_PAD.encode(bytes)) }
    }

    /// What the token request shows.
    pub fn verifier(&self) -> &Secret<String> {
        &self.verifier
    }

    /// What the authorization request shows, by the method `S256`.
    pub fn challenge(&self) -> String {
        challenge_of(self.verifier.expose())
    }
}

impl fmt::Debug for Pkce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pkce(…)")
    }
}

/// The `S256` challenge of a verifier (RFC 7636, 4.2).
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use leerpas_core::CountingEntropy;

    use super::*;

    #[test]
    fn rfc7636_appendix_b_the_challenge_of_the_example() {
        let challenge = challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn rfc7636_4_1_a_verifier_has_43_characters_and_is_used_once() {
        let entropy = CountingEntropy::default();
        let (one, other) = (Pkce::make(&entropy), Pkce::make(&entropy));
        assert_eq!(one.verifier().expose().len(), 43);
        assert_ne!(one.challenge(), other.challenge());
        assert_eq!(format!("{one:?}"), "Pkce(…)");
    }
}
