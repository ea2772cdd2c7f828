//! Proof of possession with each use of a token (RFC 9449): a token that was stolen is of no use.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::{Method, Timestamp, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The `typ` of a proof (RFC 9449, 4.2).
pub const DPOP_TYPE: &str = "dpop+jwt";
/// The error word of a server that wants its nonce in the proof (RFC 9449, 8).
pub const USE_DPOP_NONCE: &str = "use_dpop_nonce";

/// What one proof says. Whoever has the key signs it with `typ` [`DPOP_TYPE`] and the public key as `jwk`.
#[derive(Debug, Clone, Copy)]
pub struct DpopProof<'a> {
    /// The method of the request that it goes with.
    pub method: Method,
    /// Where that request goes.
    pub url: &'a Url,
    /// Makes the proof one of a kind.
    pub id: &'a str,
    /// Now.
    pub issued: Timestamp,
    /// The nonce that the server gave last.
    pub nonce: Option<&'a str>,
    /// The access token that goes along, if one does.
    pub token: Option<&'a str>,
}

impl DpopProof<'_> {
    /// The claims (RFC 9449, 4.2): the address without query and fragment, the token as its hash.
    pub fn claims(&self) -> Value {
        let mut target = self.url.clone();
        target.set_query(None);
        target.set_fragment(None);
        let method = match self.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let mut claims = json!({"jti": self.id, "htm": method, "htu": target.as_str(), "iat": self.issued.as_second()});
        if let Some(nonce) = self.nonce {
            claims["nonce"] = json!(nonce);
        }
        if let Some(token) = self.token {
            claims["ath"] = json!(URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
        }
        claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc9449_4_2_a_proof_is_for_one_method_one_address_and_one_token() {
        let url = Url::parse("https://issuer.example/credential?x=1#y").unwrap();
        let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
        let proof = DpopProof {
            method: Method::Post,
            url: &url,
            id: "e1j3V_bKic8-LAEB",
            issued: Timestamp::from_second(1_562_262_618).unwrap(),
            nonce: Some("n"),
            token: Some(token),
        };
        let claims = proof.claims();
        assert_eq!(claims["htm"], "POST");
        assert_eq!(claims["htu"], "https://issuer.example/credential");
        // The hash of the example in section 7.1.
        assert_eq!(claims["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
        assert_eq!(claims["nonce"], "n");
        let bare = DpopProof { nonce: None, token: None, method: Method::Get, ..proof }.claims();
        assert!(bare.get("ath").is_none() && bare.get("nonce").is_none() && bare["htm"] == "GET");
    }
}
