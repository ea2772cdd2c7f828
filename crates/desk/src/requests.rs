//! The open requests: who may see the result, whether the request was fetched, whether it was answered. State
//! without input or output; each step is taken under one lock, so that two answers cannot both be the first.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::{Entropy, Timestamp};
use serde_json::Value;
use subtle::ConstantTimeEq;

/// How long a result can be seen after the answer, in seconds.
pub const RESULT_SECONDS: i64 = 900;
/// Requests that are kept at a time; the oldest makes way.
pub const KEPT: usize = 256;

/// Where a request stands.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Nobody answered yet.
    Waiting,
    /// An answer came and is being judged. To the browser that is still waiting.
    Judging,
    /// Answered and judged; the result as the API gives it.
    Answered(Value),
    /// The wallet said no, or had nothing that fits. The two look the same (OpenID4VP 1.0, 8.5).
    Declined,
    /// Nobody answered in time.
    Expired,
}

/// The names of one request for the browser. They differ from the name in the link, so that who sees the link knows
/// neither (OpenID4VP 1.0, 13.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// In the API.
    pub id: String,
    /// The cookie of the browser that asked.
    pub cookie: String,
}

/// Why a browser does not see a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// There is none of this name, or it was forgotten.
    Unknown,
    /// Another browser asked.
    Forbidden,
}

/// All open requests, by their name in the link; `P` is what the verifier keeps about one.
#[derive(Debug)]
pub struct Requests<P> {
    open: HashMap<String, Open<P>>,
    made: u64,
}

#[derive(Debug)]
struct Open<P> {
    names: Names,
    pending: P,
    state: State,
    expires: Timestamp,
    forget: Timestamp,
    number: u64,
}

impl Names {
    /// Draws two names of 128 random bits.
    pub fn make(entropy: &dyn Entropy) -> Self {
        let word = || {
            let mut bytes = [0_u8; 16];
            entropy.fill(&mut bytes);
            URL_SAFE_NO_PAD.encode(bytes)
        };
        Self { id: word(), cookie: word() }
    }
}

impl<P> Default for Requests<P> {
    fn default() -> Self {
        Self { open: HashMap::new(), made: 0 }
    }
}

impl<P> Requests<P> {
    /// Opens a request. The oldest makes way when there are too many.
    pub fn open(&mut self, names: Names, link_name: &str, pending: P, expires: Timestamp, now: Timestamp) {
        self.forget_old(now);
        if self.open.len() >= KEPT
            && let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.number).map(|(name, _)| name.clone())
        {
            self.open.remove(&oldest);
        }
        let forget = later(expires, RESULT_SECONDS);
        let open = Open { names, pending, state: State::Waiting, expires, forget, number: self.made };
        self.made += 1;
        self.open.insert(link_name.to_owned(), open);
    }

    /// What the browser that asked may see.
    ///
    /// # Errors
    /// [`Hidden`], with or without the request.
    pub fn see(&mut self, id: &str, cookie: Option<&str>, now: Timestamp) -> Result<(State, Timestamp), Hidden> {
        self.forget_old(now);
        let open = self.open.values().find(|open| open.names.id == id).ok_or(Hidden::Unknown)?;
        let right = cookie.is_some_and(|cookie| bool::from(cookie.as_bytes().ct_eq(open.names.cookie.as_bytes())));
        if !right {
            return Err(Hidden::Forbidden);
        }
        let state = match &open.state {
            State::Waiting if open.expires <= now => State::Expired,
            state => state.clone(),
        };
        Ok((state, open.expires))
    }

    /// The name in the link of a request that the browser made.
    ///
    /// # Errors
    /// [`Hidden`], with or without the request.
    pub fn link_name(&mut self, id: &str, cookie: Option<&str>, now: Timestamp) -> Result<String, Hidden> {
        self.see(id, cookie, now)?;
        let named = self.open.iter().find(|(_, open)| open.names.id == id);
        named.map(|(name, _)| name.clone()).ok_or(Hidden::Unknown)
    }

    /// Lets the verifier act on a request that waits, in one step: hand it out, or take an answer. What `act` gives
    /// back says whether it is being judged, is ended or goes on waiting. Nothing where no such request waits.
    pub fn act<T>(&mut self, link_name: &str, now: Timestamp, act: impl FnOnce(&mut P) -> (State, T)) -> Option<T> {
        self.forget_old(now);
        let open = self.open.get_mut(link_name).filter(|open| open.state == State::Waiting)?;
        let (state, result) = act(&mut open.pending);
        if state != State::Waiting {
            open.forget = later(now, RESULT_SECONDS);
        }
        open.state = state;
        Some(result)
    }

    /// Ends a request that was being judged with its result, which is kept for a quarter of an hour.
    pub fn finish(&mut self, link_name: &str, state: State, now: Timestamp) {
        if let Some(open) = self.open.get_mut(link_name)
            && open.state == State::Judging
        {
            open.state = state;
            open.forget = later(now, RESULT_SECONDS);
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
        self.open.retain(|_, open| open.forget > now);
    }
}

/// A later time; the end of time where the clock stands there already.
pub fn later(now: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use leerpas_core::OsEntropy;
    use serde_json::json;

    use super::*;

    fn start() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn with_one() -> (Requests<u32>, Names) {
        let mut requests = Requests::default();
        let names = Names::make(&OsEntropy);
        requests.open(names.clone(), "link", 0, later(start(), 300), start());
        (requests, names)
    }

    #[test]
    fn only_the_browser_that_asked_sees_a_request() {
        let (mut requests, names) = with_one();
        let see = |requests: &mut Requests<u32>, id: &str, cookie: Option<&str>| {
            requests.see(id, cookie, start()).map(|(state, _)| state)
        };
        assert_eq!(see(&mut requests, &names.id, Some(&names.cookie)), Ok(State::Waiting));
        assert_eq!(see(&mut requests, &names.id, None), Err(Hidden::Forbidden));
        assert_eq!(see(&mut requests, &names.id, Some("x")), Err(Hidden::Forbidden));
        assert_eq!(see(&mut requests, &names.id, Some(&names.id)), Err(Hidden::Forbidden));
        assert_eq!(see(&mut requests, "link", Some(&names.cookie)), Err(Hidden::Unknown));
    }

    #[test]
    fn a_request_is_answered_once_and_the_first_answer_stands() {
        let (mut requests, names) = with_one();
        assert_eq!(requests.act("link", start(), |pending| (State::Waiting, *pending)), Some(0));
        assert_eq!(requests.act("link", start(), |_| (State::Judging, 1)), Some(1));
        assert_eq!(requests.act("link", start(), |_| (State::Judging, 2)), None);
        requests.finish("link", State::Answered(json!(1)), start());
        assert_eq!(requests.act("link", start(), |_| (State::Judging, 3)), None);
        requests.finish("link", State::Declined, start());
        let (state, _) = requests.see(&names.id, Some(&names.cookie), start()).unwrap();
        assert_eq!(state, State::Answered(json!(1)));
    }

    #[test]
    fn a_request_expires_and_is_forgotten() {
        let (mut requests, names) = with_one();
        let expired = later(start(), 300);
        let (state, _) = requests.see(&names.id, Some(&names.cookie), expired).unwrap();
        assert_eq!(state, State::Expired);
        let gone = later(expired, RESULT_SECONDS);
        assert_eq!(requests.see(&names.id, Some(&names.cookie), gone), Err(Hidden::Unknown));
        assert_eq!(requests.act("link", gone, |_| (State::Judging, ())), None);
    }

    #[test]
    fn a_result_is_forgotten_a_quarter_of_an_hour_after_the_answer() {
        let (mut requests, names) = with_one();
        requests.act("link", start(), |_| (State::Declined, ()));
        assert!(requests.see(&names.id, Some(&names.cookie), later(start(), RESULT_SECONDS - 1)).is_ok());
        assert!(requests.see(&names.id, Some(&names.cookie), later(start(), RESULT_SECONDS)).is_err());
    }

    #[test]
    fn requests_are_bounded_and_the_oldest_makes_way() {
        let (mut requests, first) = with_one();
        for number in 0..KEPT {
            requests.open(Names::make(&OsEntropy), &number.to_string(), 0, later(start(), 300), start());
        }
        assert_eq!(requests.open.len(), KEPT);
        assert_eq!(requests.see(&first.id, Some(&first.cookie), start()), Err(Hidden::Unknown));
    }

    #[test]
    fn names_are_128_bits_and_different() {
        let names = Names::make(&OsEntropy);
        assert_ne!(names.id, names.cookie);
        assert_eq!(names.cookie.len(), 22);
    }
}
