//! What keeps an answer from whoever only asked. A link can be passed on: then one person asks and another answers, and
//! each believes to be dealing with somebody else. So a public desk releases an answer once it knows that both belong
//! together: by the response code that the wallet was given, in the browser that asked (OpenID4VP 1.0, 13.3), or by a
//! short code that the one who answered tells to the one who asked.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::{Entropy, Env, Timestamp};
use subtle::ConstantTimeEq;

use crate::requests::later;

/// How long the short code can be typed, in seconds.
pub const CODE_SECONDS: i64 = 300;
/// How often a wrong short code may be typed.
pub const TRIES: u8 = 5;
/// Digits of the short code.
const DIGITS: usize = 8;

/// The gate before one answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Gate {
    response_code: String,
    standing: Standing,
}

#[derive(Clone, PartialEq, Eq)]
enum Standing {
    /// The response code was not used yet.
    Closed,
    /// It was used elsewhere, and this is to be typed where the request was made.
    Coded { digits: String, until: Timestamp, tries: u8 },
    /// The answer may be seen.
    Open,
    /// The answer will never be seen.
    Lost,
}

/// Where a response code came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landed {
    /// In the browser that asked.
    Here,
    /// Somewhere else. This code, typed where the request was made, releases the answer.
    Elsewhere {
        /// Eight digits.
        digits: String,
        /// Until when.
        until: Timestamp,
    },
}

/// The short code was wrong, too late, or is not waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongCode {
    /// How often it may be tried again.
    pub tries: u8,
}

impl Gate {
    /// Draws a response code of 128 random bits.
    pub fn make(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0_u8; 16];
        entropy.fill(&mut bytes);
        Self { response_code: URL_SAFE_NO_PAD.encode(bytes), standing: Standing::Closed }
    }

    /// The response code, for the wallet that answered.
    pub fn response_code(&self) -> &str {
        &self.response_code
    }

    /// Whether the answer may be seen.
    pub fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }

    /// Whether the answer will never be seen.
    pub fn is_lost(&self, now: Timestamp) -> bool {
        match &self.standing {
            Standing::Coded { until, .. } => *until <= now,
            standing => *standing == Standing::Lost,
        }
    }

    /// Takes a response code, once. `own` says whether it came from the browser that asked. Nothing for a wrong code, and for
    /// one that was used.
    pub fn land(&mut self, response_code: &str, own: bool, env: Env<'_>) -> Option<Landed> {
        let right = bool::from(response_code.as_bytes().ct_eq(self.response_code.as_bytes()));
        if !right || self.standing != Standing::Closed {
            return None;
        }
        if own {
            self.standing = Standing::Open;
            return Some(Landed::Here);
        }
        let (digits, until) = (draw_digits(env.entropy), later(env.now, CODE_SECONDS));
        self.standing = Standing::Coded { digits: digits.clone(), until, tries: TRIES };
        Some(Landed::Elsewhere { digits, until })
    }

    /// Takes what was typed; anything but a digit in it is for the eye.
    ///
    /// # Errors
    /// [`WrongCode`]. After the last try the answer is lost, and so it is when the time is over.
    pub fn open_by(&mut self, typed: &str, now: Timestamp) -> Result<(), WrongCode> {
        let Standing::Coded { digits, until, tries } = &mut self.standing else { return Err(WrongCode { tries: 0 }) };
        if *until <= now {
            self.standing = Standing::Lost;
            return Err(WrongCode { tries: 0 });
        }
        let typed: String = typed.chars().filter(char::is_ascii_digit).take(DIGITS + 1).collect();
        if bool::from(typed.as_bytes().ct_eq(digits.as_bytes())) {
            self.standing = Standing::Open;
            return Ok(());
        }
        *tries = tries.saturating_sub(1);
        let tries = *tries;
        if tries == 0 {
            self.standing = Standing::Lost;
        }
        Err(WrongCode { tries })
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("open", &self.is_open()).finish_non_exhaustive()
    }
}

/// Eight digits, each as likely as any other to one part in 10^11.
fn draw_digits(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 8];
    entropy.fill(&mut bytes);
    format!("{:0DIGITS$}", u64::from_be_bytes(bytes) % 10_u64.pow(8))
}

#[cfg(test)]
mod tests {
    use leerpas_core::OsEntropy;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn env() -> Env<'static> {
        Env { now: at(0), entropy: &OsEntropy }
    }

    fn elsewhere() -> (Gate, String) {
        let mut gate = Gate::make(&OsEntropy);
        let code = gate.response_code().to_owned();
        let Some(Landed::Elsewhere { digits, until }) = gate.land(&code, false, env()) else { panic!("elsewhere") };
        assert_eq!((digits.len(), until), (8, at(CODE_SECONDS)));
        (gate, digits)
    }

    #[test]
    fn security_j03_a_response_code_is_128_bits_and_opens_once_where_it_was_asked() {
        let mut gate = Gate::make(&OsEntropy);
        let code = gate.response_code().to_owned();
        assert_eq!(code.len(), 22);
        assert_ne!(code, Gate::make(&OsEntropy).response_code());
        for wrong in ["", "x", &code[1..], &format!("{code} ")] {
            assert_eq!(gate.land(wrong, true, env()), None, "{wrong}");
        }
        assert!(!gate.is_open());
        assert_eq!(gate.land(&code, true, env()), Some(Landed::Here));
        assert!(gate.is_open());
        assert_eq!(gate.land(&code, true, env()), None, "once");
        assert_eq!(gate.land(&code, false, env()), None);
        assert!(gate.is_open() && !gate.is_lost(at(10_000)));
    }

    #[test]
    fn security_d23_a_code_that_came_out_elsewhere_opens_nothing_by_itself() {
        let (mut gate, digits) = elsewhere();
        let code = gate.response_code().to_owned();
        assert_eq!(gate.land(&code, true, env()), None, "it was used");
        assert!(!gate.is_open());
        let spaced = format!("{} {}", &digits[..4], &digits[4..]);
        assert_eq!(gate.open_by(&spaced, at(CODE_SECONDS - 1)), Ok(()));
        assert!(gate.is_open());
    }

    #[test]
    fn security_d23_a_short_code_has_few_tries_and_little_time() {
        let (mut gate, digits) = elsewhere();
        let wrong = if digits == "00000000" { "00000001" } else { "00000000" };
        for left in (0..TRIES).rev() {
            assert_eq!(gate.open_by(wrong, at(1)), Err(WrongCode { tries: left }));
        }
        assert!(gate.is_lost(at(1)));
        assert_eq!(gate.open_by(&digits, at(1)), Err(WrongCode { tries: 0 }));

        let (mut late, digits) = elsewhere();
        assert!(!late.is_lost(at(CODE_SECONDS - 1)) && late.is_lost(at(CODE_SECONDS)));
        assert_eq!(late.open_by(&digits, at(CODE_SECONDS)), Err(WrongCode { tries: 0 }));
        assert_eq!(late.open_by(&digits, at(1)), Err(WrongCode { tries: 0 }), "also when the clock goes back");

        let mut early = Gate::make(&OsEntropy);
        assert_eq!(early.open_by("", at(0)), Err(WrongCode { tries: 0 }));
        assert!(!early.is_lost(at(0)), "nothing was asked for yet, so that nothing was wrong");
    }

    #[test]
    fn nothing_secret_is_in_its_words() {
        let (gate, digits) = elsewhere();
        let words = format!("{gate:?}");
        assert!(!words.contains(&digits) && !words.contains(gate.response_code()));
    }
}
