//! The open requests: who may see the result, whether the request was fetched, whether it was answered. State
//! without input or output; each step is taken under one lock, so that two answers cannot both be the first.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::{Entropy, Env, Timestamp};
use serde_json::Value;
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::{
    callers::Caller,
    gate::{Gate, Landed, WrongCode},
};

/// How long a result can be seen after the answer, in seconds.
pub const RESULT_SECONDS: i64 = 900;
/// Requests that wait for their answer at a time. None of them makes way for another: who is scanning a code keeps it.
pub const WAITING: usize = 4096;
/// Of these, requests of one caller of a public desk.
pub const WAITING_EACH: usize = 64;
/// All results together, in bytes; the oldest make way.
pub const RESULT_BYTES: usize = 48 * 1024 * 1024;

/// Where a request stands.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Nobody answered yet.
    Waiting,
    /// An answer came and is being judged. To the browser that is still waiting.
    Judging,
    /// Answered and judged; the result as the API gives it, in JSON.
    Answered(Arc<str>),
    /// The wallet said no, or had nothing that fits. The two look the same (OpenID4VP 1.0, 8.5).
    Declined,
    /// Nobody answered in time.
    Expired,
    /// Answered, and not released yet: it is not known whether who asked and who answered belong together.
    Held,
    /// Answered, and never to be released.
    Lost,
}

/// The names of one request for the browser. They differ from the name in the link, so that who sees the link knows
/// neither (OpenID4VP 1.0, 13.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// In the API.
    pub id: String,
    /// The cookie of the browser that asked.
    pub cookie: String,
    /// What keeps the answer of a public desk until it is known that it belongs to who asked.
    pub gate: Option<Gate>,
    /// Who asked a public desk.
    pub caller: Option<Caller>,
}

/// Why a browser does not see a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// There is none of this name, or it was forgotten.
    Unknown,
    /// Another browser asked.
    Forbidden,
}

/// Too many requests wait for their answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many requests wait for their answer")]
pub struct Full;

/// All open requests, by their name in the link; `P` is what the verifier keeps about one.
#[derive(Debug)]
pub struct Requests<P> {
    open: HashMap<String, Open<P>>,
    /// The name in the link by the name in the API.
    by_id: HashMap<String, String>,
    /// Results with their size, the oldest first.
    results: VecDeque<(String, usize)>,
    result_bytes: usize,
    waiting: usize,
    swept: Timestamp,
}

#[derive(Debug)]
struct Open<P> {
    names: Names,
    /// Gone once the request is answered or has run out, and the key for its answer with it.
    pending: Option<P>,
    state: State,
    expires: Timestamp,
    forget: Timestamp,
}

impl Names {
    /// Draws two names of 128 random bits.
    pub fn make(entropy: &dyn Entropy) -> Self {
        let word = || {
            let mut bytes = [0_u8; 16];
            entropy.fill(&mut bytes);
            URL_SAFE_NO_PAD.encode(bytes)
        };
        Self { id: word(), cookie: word(), gate: None, caller: None }
    }
}

impl<P> Open<P> {
    /// Whether a browser with this cookie made it.
    fn is_of(&self, cookie: Option<&str>) -> bool {
        cookie.is_some_and(|cookie| bool::from(cookie.as_bytes().ct_eq(self.names.cookie.as_bytes())))
    }

    /// An answer that nobody will see is kept for nobody.
    fn drop_what_is_lost(&mut self, now: Timestamp) {
        if self.is_answered() && self.names.gate.as_ref().is_some_and(|gate| gate.is_lost(now)) {
            self.state = State::Lost;
        }
    }

    /// Whether the wallet gave an answer.
    fn is_answered(&self) -> bool {
        matches!(self.state, State::Judging | State::Answered(_))
    }
}

impl<P> Default for Requests<P> {
    fn default() -> Self {
        Self {
            open: HashMap::new(),
            by_id: HashMap::new(),
            results: VecDeque::new(),
            result_bytes: 0,
            waiting: 0,
            swept: Timestamp::MIN,
        }
    }
}

impl<P> Requests<P> {
    /// Opens a request.
    ///
    /// # Errors
    /// [`Full`] where [`WAITING`] wait already, or [`WAITING_EACH`] of this caller.
    pub fn open(
        &mut self,
        names: Names,
        link_name: &str,
        pending: P,
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<(), Full> {
        self.forget_old(now);
        if self.waiting >= WAITING || names.caller.is_some_and(|caller| self.waiting_of(caller) >= WAITING_EACH) {
            return Err(Full);
        }
        self.waiting += 1;
        self.by_id.insert(names.id.clone(), link_name.to_owned());
        let forget = later(expires, RESULT_SECONDS);
        let open = Open { names, pending: Some(pending), state: State::Waiting, expires, forget };
        self.open.insert(link_name.to_owned(), open);
        Ok(())
    }

    /// What the browser that asked may see.
    ///
    /// # Errors
    /// [`Hidden`], with or without the request.
    pub fn see(&mut self, id: &str, cookie: Option<&str>, now: Timestamp) -> Result<(State, Timestamp), Hidden> {
        let open = self.own(id, cookie, now)?;
        let gate = open.names.gate.as_ref();
        let state = match &open.state {
            State::Waiting if open.expires <= now => State::Expired,
            State::Judging | State::Answered(_) if gate.is_some_and(|gate| !gate.is_open()) => State::Held,
            state => state.clone(),
        };
        Ok((state, open.expires))
    }

    /// Whether a browser with this cookie has a request here, so that it keeps the cookie for the next one.
    pub fn knows(&self, cookie: &str) -> bool {
        self.open.values().any(|open| open.is_of(Some(cookie)))
    }

    /// What the wallet takes to the browser after its answer: the name in the link and the response code.
    pub fn response_code(&self, link_name: &str) -> Option<String> {
        let open = self.open.get(link_name).filter(|open| open.is_answered())?;
        open.names.gate.as_ref().map(|gate| format!("{link_name}.{}", gate.response_code()))
    }

    /// Takes what [`Self::response_code`] gave from a browser, once; with the name in the API for the one that asked. Nothing
    /// for a code that is guessed, or was used.
    pub fn land(&mut self, code: &str, cookie: Option<&str>, env: Env<'_>) -> Option<(Landed, String)> {
        self.forget_old(env.now);
        let (link_name, code) = code.split_once('.')?;
        let open = self.open.get_mut(link_name).filter(|open| open.is_answered() && open.forget > env.now)?;
        let own = open.is_of(cookie);
        let landed = open.names.gate.as_mut()?.land(code, own, env)?;
        Some((landed, open.names.id.clone()))
    }

    /// Takes the short code that was typed where the request was made.
    ///
    /// # Errors
    /// [`Hidden`], with or without the request; inside, [`WrongCode`].
    pub fn open_by(
        &mut self,
        id: &str,
        cookie: Option<&str>,
        typed: &str,
        now: Timestamp,
    ) -> Result<Result<(), WrongCode>, Hidden> {
        let open = self.own(id, cookie, now)?;
        let opened = open.names.gate.as_mut().map_or(Err(WrongCode { tries: 0 }), |gate| gate.open_by(typed, now));
        open.drop_what_is_lost(now);
        Ok(opened)
    }

    /// The request of this name, for the browser that made it.
    fn own(&mut self, id: &str, cookie: Option<&str>, now: Timestamp) -> Result<&mut Open<P>, Hidden> {
        self.forget_old(now);
        let open = self.by_id.get(id).and_then(|link_name| self.open.get_mut(link_name));
        let open = open.filter(|open| open.forget > now).ok_or(Hidden::Unknown)?;
        open.drop_what_is_lost(now);
        if open.is_of(cookie) { Ok(open) } else { Err(Hidden::Forbidden) }
    }

    fn waiting_of(&self, caller: Caller) -> usize {
        let waits = |open: &&Open<P>| open.state == State::Waiting && open.names.caller == Some(caller);
        self.open.values().filter(waits).count()
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
        let open = self.open.get_mut(link_name).filter(|open| open.state == State::Waiting && open.forget > now)?;
        let (state, result) = act(open.pending.as_mut()?);
        if state != State::Waiting {
            open.forget = later(now, RESULT_SECONDS);
            open.pending = None;
            self.waiting = self.waiting.saturating_sub(1);
        }
        open.state = state;
        Some(result)
    }

    /// Ends a request that was being judged with its result, which is kept for a quarter of an hour, or until newer
    /// results need the room.
    pub fn finish(&mut self, link_name: &str, result: &Value, now: Timestamp) {
        let Some(open) = self.open.get_mut(link_name).filter(|open| open.state == State::Judging) else { return };
        let text: Arc<str> = result.to_string().into();
        self.result_bytes = self.result_bytes.saturating_add(text.len());
        self.results.push_back((link_name.to_owned(), text.len()));
        open.state = State::Answered(text);
        open.forget = later(now, RESULT_SECONDS);
        // The newest stays, however large it is.
        while self.result_bytes > RESULT_BYTES && self.results.len() > 1 {
            self.drop_oldest_result();
        }
    }

    fn drop_oldest_result(&mut self) {
        let Some((link_name, bytes)) = self.results.pop_front() else { return };
        self.result_bytes = self.result_bytes.saturating_sub(bytes);
        if let Some(open) = self.open.remove(&link_name) {
            self.by_id.remove(&open.names.id);
        }
    }

    /// Looks through all requests, once a second at most: what is over is not seen in between either.
    fn forget_old(&mut self, now: Timestamp) {
        if now.as_second() == self.swept.as_second() {
            return;
        }
        self.swept = now;
        let (by_id, waiting) = (&mut self.by_id, &mut self.waiting);
        self.open.retain(|_, open| {
            let kept = open.forget > now;
            if open.state == State::Waiting && (open.expires <= now || !kept) {
                open.state = State::Expired;
                open.pending = None;
                *waiting = waiting.saturating_sub(1);
            }
            if !kept {
                by_id.remove(&open.names.id);
            }
            kept
        });
        // Results are forgotten in the order in which they came.
        while self.results.front().is_some_and(|(link_name, _)| !self.open.contains_key(link_name)) {
            self.drop_oldest_result();
        }
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
        requests.open(names.clone(), "link", 0, later(start(), 300), start()).unwrap();
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
        requests.finish("link", &json!(1), start());
        assert_eq!(requests.act("link", start(), |_| (State::Judging, 3)), None);
        requests.finish("link", &json!(2), start());
        let (state, _) = requests.see(&names.id, Some(&names.cookie), start()).unwrap();
        assert_eq!(state, State::Answered("1".into()));
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
    fn security_j22_requests_that_wait_are_bounded_and_none_makes_way() {
        let (mut requests, first) = with_one();
        for number in 1..WAITING {
            requests.open(Names::make(&OsEntropy), &number.to_string(), 0, later(start(), 300), start()).unwrap();
        }
        let one_more = |requests: &mut Requests<u32>, now| {
            requests.open(Names::make(&OsEntropy), "one more", 0, later(now, 300), now)
        };
        assert_eq!(one_more(&mut requests, start()), Err(Full));
        assert!(requests.see(&first.id, Some(&first.cookie), start()).is_ok());
        // An answer gives its place to the next, and so does time.
        requests.act("link", start(), |_| (State::Declined, ()));
        assert_eq!(one_more(&mut requests, start()), Ok(()));
        assert_eq!(one_more(&mut requests, start()), Err(Full));
        assert_eq!(one_more(&mut requests, later(start(), 300)), Ok(()));
        assert_eq!(requests.waiting, 1);
    }

    #[test]
    fn security_j25_results_together_are_bounded_and_the_oldest_makes_way() {
        let mut requests = Requests::default();
        let large = json!("x".repeat(RESULT_BYTES / 4));
        let names: Vec<_> = (0..6).map(|_| Names::make(&OsEntropy)).collect();
        for (number, names) in names.iter().enumerate() {
            let link = number.to_string();
            requests.open(names.clone(), &link, (), later(start(), 300), start()).unwrap();
            requests.act(&link, start(), |()| (State::Judging, ()));
            requests.finish(&link, &large, start());
            assert!(requests.result_bytes <= RESULT_BYTES);
        }
        let kept: Vec<_> =
            names.iter().map(|names| requests.see(&names.id, Some(&names.cookie), start()).is_ok()).collect();
        assert_eq!(kept, [false, false, false, true, true, true]);
        assert_eq!((requests.open.len(), requests.by_id.len(), requests.waiting), (3, 3, 0));
        let later = later(start(), RESULT_SECONDS);
        assert_eq!(requests.see(&names[5].id, Some(&names[5].cookie), later), Err(Hidden::Unknown));
        assert_eq!((requests.open.len(), requests.result_bytes, requests.results.len()), (0, 0, 0));
    }

    #[test]
    fn security_j22_one_caller_holds_no_more_than_its_part_of_the_requests() {
        let mut requests = Requests::default();
        let open = |requests: &mut Requests<u32>, link: &str, caller: &str| {
            let names = Names { caller: Some(Caller::read(caller)), ..Names::make(&OsEntropy) };
            requests.open(names, link, 0, later(start(), 300), start())
        };
        for number in 0..WAITING_EACH {
            open(&mut requests, &number.to_string(), "203.0.113.7").unwrap();
        }
        assert_eq!(open(&mut requests, "more", "203.0.113.7"), Err(Full));
        assert_eq!(open(&mut requests, "other", "203.0.113.8"), Ok(()));
        requests.act("0", start(), |_| (State::Declined, ()));
        assert_eq!(open(&mut requests, "more", "203.0.113.7"), Ok(()));
    }

    #[test]
    fn security_j03_an_answer_behind_a_gate_is_held_until_its_code_comes_back() {
        let mut requests = Requests::default();
        let names = Names { gate: Some(Gate::make(&OsEntropy)), ..Names::make(&OsEntropy) };
        requests.open(names.clone(), "link", 0, later(start(), 300), start()).unwrap();
        let (cookie, env) = (Some(names.cookie.as_str()), Env { now: start(), entropy: &OsEntropy });
        assert_eq!(requests.response_code("link"), None, "nobody answered");
        let early = format!("link.{}", names.gate.as_ref().unwrap().response_code());
        assert_eq!(requests.land(&early, cookie, env), None);
        requests.act("link", start(), |_| (State::Judging, ()));
        let code = requests.response_code("link").unwrap();
        assert_eq!(requests.see(&names.id, cookie, start()).unwrap().0, State::Held);
        requests.finish("link", &json!(1), start());
        assert_eq!(requests.see(&names.id, cookie, start()).unwrap().0, State::Held);
        for wrong in ["", "link", "link.", "link.x", ".", &code.replace("link", "other"), &format!("{code}.")] {
            assert_eq!(requests.land(wrong, cookie, env), None, "{wrong}");
        }
        assert_eq!(requests.land(&code, cookie, env), Some((Landed::Here, names.id.clone())));
        assert_eq!(requests.see(&names.id, cookie, start()).unwrap().0, State::Answered("1".into()));
        assert_eq!(requests.land(&code, cookie, env), None);
        assert!(requests.knows(&names.cookie) && !requests.knows("") && !requests.knows(&names.id));
    }

    #[test]
    fn security_d23_an_answer_whose_code_was_not_found_is_dropped_and_not_only_hidden() {
        let mut requests = Requests::default();
        let names = Names { gate: Some(Gate::make(&OsEntropy)), ..Names::make(&OsEntropy) };
        requests.open(names.clone(), "link", 0, later(start(), 300), start()).unwrap();
        requests.act("link", start(), |_| (State::Judging, ()));
        requests.finish("link", &json!("secret"), start());
        let code = requests.response_code("link").unwrap();
        let (cookie, env) = (Some(names.cookie.as_str()), Env { now: start(), entropy: &OsEntropy });
        assert!(matches!(requests.land(&code, None, env), Some((Landed::Elsewhere { .. }, _))));
        for tries in (0..crate::gate::TRIES).rev() {
            assert_eq!(requests.open_by(&names.id, cookie, "", start()), Ok(Err(WrongCode { tries })));
        }
        assert_eq!(requests.open["link"].state, State::Lost);
        assert_eq!(requests.see(&names.id, cookie, start()).unwrap().0, State::Lost);
        assert_eq!(requests.response_code("link"), None);
    }

    #[test]
    fn names_are_128_bits_and_different() {
        let names = Names::make(&OsEntropy);
        assert_ne!(names.id, names.cookie);
        assert_eq!(names.cookie.len(), 22);
    }
}
