//! The compact form (RFC 9901, section 4) taken apart and put together again.

use leerpas_core::limits;
use serde_json::Value;

use super::{
    ClaimPath, HashAlgorithm, PathElement, SdJwtError,
    process::{Disclosed, Disclosure, process},
    value_at,
};
use crate::{jose::Jws, json};

/// An SD-JWT that keeps all rules of processing. Its signature was not looked at yet.
#[derive(Debug, Clone)]
pub struct SdJwt {
    token: String,
    jws: Jws,
    hash: HashAlgorithm,
    disclosures: Vec<Disclosure>,
    key_binding: Option<String>,
    claims: Value,
    disclosed: Vec<Disclosed>,
}

impl SdJwt {
    /// Takes the compact form apart and processes it (RFC 9901, section 7.1, steps 1, 3 and 4).
    ///
    /// # Errors
    /// When any of those rules is broken; each has its own [`SdJwtError`].
    pub fn parse(token: &str) -> Result<Self, SdJwtError> {
        if token.len() > limits::CREDENTIAL {
            return Err(SdJwtError::Form);
        }
        let mut parts = token.split('~');
        let jws = Jws::parse(parts.next().unwrap_or_default())?;
        let mut texts: Vec<&str> = parts.collect();
        // What follows the last `~` is the key binding or nothing; without any `~` this is a plain JWS.
        let last = texts.pop().ok_or(SdJwtError::Form)?;
        if texts.len() > limits::DISCLOSURES {
            return Err(SdJwtError::TooMany);
        }
        let Value::Object(payload) = json::parse(&jws.payload).map_err(crate::jose::JoseError::Json)? else {
            return Err(SdJwtError::Jose(crate::jose::JoseError::NotAnObject));
        };
        let hash = match payload.get("_sd_alg") {
            None => HashAlgorithm::Sha256,
            Some(name) => name.as_str().and_then(HashAlgorithm::from_name).ok_or(SdJwtError::HashAlgorithm)?,
        };
        let mut disclosures =
            texts.into_iter().map(|text| Disclosure::parse(text, hash)).collect::<Result<Vec<_>, _>>()?;
        let (claims, disclosed) = process(payload, &mut disclosures)?;
        let key_binding = (!last.is_empty()).then(|| last.to_owned());
        Ok(Self { token: token.to_owned(), jws, hash, disclosures, key_binding, claims, disclosed })
    }

    /// The processed claims: disclosures put in place, all digests and `_sd_alg` taken out.
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// The issuer-signed part.
    pub fn jws(&self) -> &Jws {
        &self.jws
    }

    /// The hash that digests and `sd_hash` are made with.
    pub fn hash(&self) -> HashAlgorithm {
        self.hash
    }

    /// The key binding JWT, if one came along.
    pub fn key_binding(&self) -> Option<&str> {
        self.key_binding.as_deref()
    }

    /// What `sd_hash` covers: everything up to and with the last `~` (RFC 9901, section 4.3.1).
    pub fn without_key_binding(&self) -> &str {
        let cut = self.key_binding.as_ref().map_or(0, String::len);
        &self.token[..self.token.len() - cut]
    }

    /// The paths of everything that came by a disclosure.
    pub fn disclosed_paths(&self) -> impl Iterator<Item = &ClaimPath> {
        self.disclosed.iter().map(|disclosed| &disclosed.path)
    }

    /// Whether exactly this claim has a disclosure of its own, so that it can be shown or kept back alone.
    pub fn selectable(&self, path: &[PathElement]) -> bool {
        self.disclosed.iter().any(|disclosed| disclosed.path == path)
    }

    /// The SD-JWT with only those disclosures that the paths need, without key binding; ends with `~`. A path takes
    /// along what encloses it and all that it encloses. Paths that need no disclosure change nothing.
    ///
    /// # Errors
    /// [`SdJwtError::NoSuchClaim`] when a path leads nowhere.
    pub fn present(&self, disclose: &[ClaimPath]) -> Result<String, SdJwtError> {
        if disclose.iter().any(|path| value_at(&self.claims, path).is_none()) {
            return Err(SdJwtError::NoSuchClaim);
        }
        let mut needed = vec![false; self.disclosures.len()];
        for disclosed in &self.disclosed {
            if disclose.iter().any(|path| path.starts_with(&disclosed.path) || disclosed.path.starts_with(path)) {
                needed[disclosed.disclosure] = true;
                // What lies within can only be reached through what encloses it.
                disclosed.within.iter().for_each(|outer| needed[*outer] = true);
            }
        }
        let issuer_signed = self.token.split('~').next().unwrap_or_default();
        let mut token = format!("{issuer_signed}~");
        for (disclosure, _) in self.disclosures.iter().zip(needed).filter(|(_, needed)| *needed) {
            token.push_str(disclosure.text());
            token.push('~');
        }
        Ok(token)
    }
}
