//! Codes, access tokens and nonces: what was given out, to what it entitles, and until when. State without
//! input or output, so that the rules can be read and tested in one place.

use std::collections::{HashMap, VecDeque};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::{Entropy, Timestamp};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// Life of a code from the page of fresh offers, in seconds.
const CODE_SECONDS: i64 = 600;
/// Life of an access token, in seconds. Short, because it is a bearer token.
pub const TOKEN_SECONDS: i64 = 300;
/// Life of a nonce, in seconds.
const NONCE_SECONDS: i64 = 300;
/// Wrong transaction codes after which a single-use code is spent.
const WRONG_TRIES: u8 = 3;
/// How many codes, tokens or nonces are kept at a time; the oldest makes way.
const KEPT: usize = 4_096;

/// How often a pre-authorized code can be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Once and within ten minutes, as OpenID4VCI 1.0, 3.5 asks.
    Once,
    /// As long as the sandbox runs: for the codes that it prints when it starts, so that something can be
    /// tried more than once with the same link. A trial only; no institution should do this.
    Again,
}

/// Why no access token was given (OpenID4VCI 1.0, 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The code is unknown, spent or has run out, or the transaction code is wrong.
    #[error("the code is not valid, or the transaction code is wrong")]
    InvalidGrant,
    /// A transaction code is needed and none came, or one came and none is needed.
    #[error("a transaction code is missing or was not asked for")]
    InvalidRequest,
}

#[derive(Debug)]
struct Code {
    entitles: Vec<String>,
    tx_code: Option<String>,
    times: Use,
    wrong: u8,
    expires: Option<Timestamp>,
}

#[derive(Debug)]
struct Token {
    entitles: Vec<String>,
    named: bool,
    expires: Timestamp,
}

/// Everything that was given out.
#[derive(Debug, Default)]
pub struct Grants {
    codes: Kept<Code>,
    tokens: Kept<Token>,
    nonces: Kept<Timestamp>,
}

impl Grants {
    /// Makes a pre-authorized code for these credential configurations.
    pub fn offer(
        &mut self,
        entitles: Vec<String>,
        tx_code: Option<String>,
        times: Use,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> String {
        let expires = (times == Use::Once).then(|| later(now, CODE_SECONDS));
        let code = random_word(entropy);
        self.codes.put(code.clone(), Code { entitles, tx_code, times, wrong: 0, expires });
        code
    }

    /// Exchanges a code for an access token.
    ///
    /// # Errors
    /// As in OpenID4VCI 1.0, 6.3. Three wrong transaction codes spend a single-use code.
    pub fn redeem(
        &mut self,
        code: &str,
        tx_code: Option<&str>,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<String, TokenError> {
        let grant = self.codes.get_mut(code).ok_or(TokenError::InvalidGrant)?;
        if grant.expires.is_some_and(|expires| expires <= now) {
            self.codes.take(code);
            return Err(TokenError::InvalidGrant);
        }
        match (&grant.tx_code, tx_code) {
            (None, None) => {}
            (None, Some(_)) | (Some(_), None) => return Err(TokenError::InvalidRequest),
            (Some(right), Some(given)) => {
                if !bool::from(right.as_bytes().ct_eq(given.as_bytes())) {
                    grant.wrong = grant.wrong.saturating_add(1);
                    if grant.times == Use::Once && grant.wrong >= WRONG_TRIES {
                        self.codes.take(code);
                    }
                    return Err(TokenError::InvalidGrant);
                }
            }
        }
        let entitles = grant.entitles.clone();
        if grant.times == Use::Once {
            self.codes.take(code);
        }
        let token = random_word(entropy);
        self.tokens.put(token.clone(), Token { entitles, named: false, expires: later(now, TOKEN_SECONDS) });
        Ok(token)
    }

    /// Makes an access token for what a sign-in entitles to.
    pub fn token_for(&mut self, entitles: Vec<String>, now: Timestamp, entropy: &dyn Entropy) -> String {
        self.token_again(entitles, true, now, entropy)
    }

    /// Makes another access token for what an earlier one entitled to.
    pub fn token_again(&mut self, entitles: Vec<String>, named: bool, now: Timestamp, entropy: &dyn Entropy) -> String {
        let token = random_word(entropy);
        self.tokens.put(token.clone(), Token { entitles, named, expires: later(now, TOKEN_SECONDS) });
        token
    }

    /// Whether the token was given to a client that has a name: then key proofs carry it (OpenID4VCI 1.0, F.1).
    pub fn is_named(&self, token: &str) -> bool {
        self.tokens.get(token).is_some_and(|token| token.named)
    }

    /// The configurations that an access token entitles to, or nothing.
    pub fn entitled(&self, token: &str, now: Timestamp) -> Option<&[String]> {
        self.tokens.get(token).filter(|token| token.expires > now).map(|token| token.entitles.as_slice())
    }

    /// Makes a nonce for key proofs.
    pub fn nonce(&mut self, now: Timestamp, entropy: &dyn Entropy) -> String {
        let nonce = random_word(entropy);
        self.nonces.put(nonce.clone(), later(now, NONCE_SECONDS));
        nonce
    }

    /// Spends a nonce. False when it was never given out, has run out or was spent.
    pub fn spend_nonce(&mut self, nonce: &str, now: Timestamp) -> bool {
        self.nonces.take(nonce).is_some_and(|expires| expires > now)
    }
}

/// 128 random bits in a form that fits everywhere.
pub fn random_word(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A later time; the end of time where the clock stands there already.
pub fn later(now: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

/// A map of at most [`KEPT`] entries: a new one pushes the oldest out.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    entries: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Kept<T> {
    pub(crate) fn put(&mut self, name: String, entry: T) {
        while self.order.len() >= KEPT {
            if let Some(oldest) = self.order.pop_front() {
                self.entries.remove(&oldest);
            }
        }
        self.order.push_back(name.clone());
        self.entries.insert(name, entry);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.entries.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.entries.get_mut(name)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<T> {
        let entry = self.entries.remove(name)?;
        self.order.retain(|kept| kept != name);
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leerpas_core::OsEntropy;

    const CODE: &str = "4711";

    fn start() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn offered(times: Use) -> (Grants, String) {
        let mut grants = Grants::default();
        let code = grants.offer(vec!["x".into()], Some(CODE.into()), times, start(), &OsEntropy);
        (grants, code)
    }

    #[test]
    fn openid4vci_3_5_a_code_is_good_once() {
        let (mut grants, code) = offered(Use::Once);
        let token = grants.redeem(&code, Some(CODE), start(), &OsEntropy).unwrap();
        assert_eq!(grants.entitled(&token, start()), Some(["x".to_owned()].as_slice()));
        assert_eq!(grants.redeem(&code, Some(CODE), start(), &OsEntropy), Err(TokenError::InvalidGrant));
    }

    #[test]
    fn a_printed_trial_code_is_good_again_and_a_wrong_try_does_not_spend_it() {
        let (mut grants, code) = offered(Use::Again);
        for _ in 0..5 {
            assert_eq!(grants.redeem(&code, Some("0000"), start(), &OsEntropy), Err(TokenError::InvalidGrant));
        }
        assert!(grants.redeem(&code, Some(CODE), start(), &OsEntropy).is_ok());
        assert!(grants.redeem(&code, Some(CODE), later(start(), 100_000), &OsEntropy).is_ok());
    }

    #[test]
    fn openid4vci_6_3_wrong_missing_and_needless_transaction_codes() {
        let (mut grants, code) = offered(Use::Once);
        assert_eq!(grants.redeem(&code, None, start(), &OsEntropy), Err(TokenError::InvalidRequest));
        assert_eq!(grants.redeem(&code, Some("471"), start(), &OsEntropy), Err(TokenError::InvalidGrant));
        assert_eq!(grants.redeem(&code, Some("47110"), start(), &OsEntropy), Err(TokenError::InvalidGrant));
        let open = grants.offer(vec!["x".into()], None, Use::Once, start(), &OsEntropy);
        assert_eq!(grants.redeem(&open, Some(CODE), start(), &OsEntropy), Err(TokenError::InvalidRequest));
        assert!(grants.redeem(&open, None, start(), &OsEntropy).is_ok());
    }

    #[test]
    fn three_wrong_transaction_codes_spend_a_single_use_code() {
        let (mut grants, code) = offered(Use::Once);
        for _ in 0..3 {
            assert!(grants.redeem(&code, Some("0000"), start(), &OsEntropy).is_err());
        }
        assert_eq!(grants.redeem(&code, Some(CODE), start(), &OsEntropy), Err(TokenError::InvalidGrant));
    }

    #[test]
    fn codes_tokens_and_nonces_run_out() {
        let (mut grants, code) = offered(Use::Once);
        assert!(grants.redeem(&code, Some(CODE), later(start(), CODE_SECONDS), &OsEntropy).is_err());
        let (mut grants, code) = offered(Use::Once);
        let token = grants.redeem(&code, Some(CODE), start(), &OsEntropy).unwrap();
        assert_eq!(grants.entitled(&token, later(start(), TOKEN_SECONDS)), None);
        let nonce = grants.nonce(start(), &OsEntropy);
        assert!(!grants.spend_nonce(&nonce, later(start(), NONCE_SECONDS)));
    }

    #[test]
    fn openid4vci_7_2_a_nonce_is_good_once() {
        let mut grants = Grants::default();
        let nonce = grants.nonce(start(), &OsEntropy);
        assert!(grants.spend_nonce(&nonce, start()));
        assert!(!grants.spend_nonce(&nonce, start()));
        assert!(!grants.spend_nonce("never given out", start()));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut grants = Grants::default();
        let first = grants.nonce(start(), &OsEntropy);
        for _ in 0..KEPT {
            grants.nonce(start(), &OsEntropy);
        }
        assert_eq!(grants.nonces.entries.len(), KEPT);
        assert!(!grants.spend_nonce(&first, start()));
    }
}
