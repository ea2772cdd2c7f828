//! How much each caller may ask of a public desk, so that one of them cannot keep it from the others. State without input or
//! output.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
};

use leerpas_core::Timestamp;

/// What one call costs, in milliseconds: in the long run a caller makes 20 in a second.
const COST: i64 = 50;
/// What a caller may be ahead, in milliseconds: 200 calls at once. Behind one address may be a whole office.
const AHEAD: i64 = 200 * COST;
/// What one call costs at most, in calls.
pub const DEAREST: i64 = 10;
/// Callers that are told apart at a time. Those beyond share what one has.
const KNOWN: usize = 65_536;

/// Where a call comes from. Whoever has an IPv6 address has a whole /64 of them, so that these are one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// An IPv4 address.
    V4([u8; 4]),
    /// The first half of an IPv6 address.
    V6([u8; 8]),
    /// The proxy did not say, or there are too many to tell apart.
    Unknown,
}

/// When each caller has paid for its calls.
#[derive(Debug, Default)]
pub struct Callers {
    /// The time, in milliseconds, at which what was asked is paid for. One that lies behind us says nothing.
    paid: HashMap<Caller, i64>,
    swept: i64,
}

impl Caller {
    /// Reads an entry of `X-Forwarded-For`: an address, and with some proxies a port.
    pub fn read(entry: &str) -> Self {
        let entry = entry.trim();
        let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
        let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
        let address = entry.parse::<IpAddr>().ok().or_else(with_port).or_else(bracketed);
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address.octets()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
            None => Self::Unknown,
        }
    }
}

impl Callers {
    /// Whether this caller may make one more call now, which costs as much as so many. One that may not has not made it.
    pub fn admit(&mut self, caller: Caller, calls: i64, now: Timestamp) -> bool {
        let now = now.as_millisecond();
        let caller = if self.paid.contains_key(&caller) || self.has_room(now) { caller } else { Caller::Unknown };
        let paid = self.paid.entry(caller).or_insert(now);
        // Nobody can be further ahead than this: the clock was set back.
        if *paid > now + AHEAD + DEAREST * COST {
            *paid = now;
        }
        let from = (*paid).max(now);
        let admitted = from - now < AHEAD;
        if admitted {
            *paid = from + calls.clamp(1, DEAREST) * COST;
        }
        admitted
    }

    /// Forgets who has paid, at most once a second, when there are many.
    fn has_room(&mut self, now: i64) -> bool {
        if self.paid.len() >= KNOWN && (now - self.swept).abs() >= 1000 {
            self.swept = now;
            self.paid.retain(|_, paid| *paid > now && *paid <= now + AHEAD + DEAREST * COST);
        }
        self.paid.len() < KNOWN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + millisecond).unwrap()
    }

    fn admitted(callers: &mut Callers, caller: Caller, calls: usize, now: Timestamp) -> usize {
        (0..calls).filter(|_| callers.admit(caller, 1, now)).count()
    }

    #[test]
    fn security_j22_a_thousand_calls_in_a_second_are_cut_and_others_are_not() {
        let mut callers = Callers::default();
        let (loud, quiet) = (Caller::read("203.0.113.7"), Caller::read("203.0.113.8"));
        let mut passed = 0;
        for millisecond in 0..10_000 {
            passed += usize::from(callers.admit(loud, 1, at(millisecond)));
            if millisecond % 600 == 0 {
                assert!(callers.admit(quiet, 1, at(millisecond)), "{millisecond}");
            }
        }
        assert!((400..=402).contains(&passed), "200 at once and 20 a second: {passed}");
        assert_eq!(admitted(&mut callers, loud, 300, at(30_000)), 200, "after a rest it may again");
    }

    #[test]
    fn security_j22_one_house_is_one_caller_and_a_mapped_address_is_the_address() {
        assert_eq!(Caller::read("2001:db8:1:2:3:4:5:6"), Caller::read("[2001:db8:1:2::9]:443"));
        assert_eq!(Caller::read("[2001:db8:1:2::9]"), Caller::read("2001:db8:1:2::"));
        assert_ne!(Caller::read("2001:db8:1:2::1"), Caller::read("2001:db8:1:3::1"));
        assert_eq!(Caller::read("::ffff:203.0.113.7"), Caller::read(" 203.0.113.7:80 "));
        for nonsense in ["", "unknown", "_hidden", "203.0.113", "203.0.113.7.", "[::1", "203.0.113.7 203.0.113.8"] {
            assert_eq!(Caller::read(nonsense), Caller::Unknown, "{nonsense}");
        }
    }

    #[test]
    fn security_j22_the_memory_for_callers_is_bounded_and_who_is_known_stays_so() {
        let mut callers = Callers::default();
        let honest = Caller::read("203.0.113.7");
        assert!(callers.admit(honest, 1, at(0)));
        for number in 0..2 * KNOWN as u64 {
            callers.admit(Caller::V6(number.to_be_bytes()), 1, at(10));
        }
        assert!(callers.paid.len() <= KNOWN + 1);
        assert!(callers.admit(honest, 1, at(20)), "it was there before them");
        // Those beyond had one share together, and a moment later there is room.
        assert!(callers.admit(Caller::read("203.0.113.9"), 1, at(2_000)));
        assert!(callers.paid.len() < 3);
    }

    #[test]
    fn security_j22_what_is_much_work_may_be_asked_for_less_often() {
        let mut callers = Callers::default();
        let caller = Caller::read("203.0.113.7");
        let judged = (0..100).filter(|_| callers.admit(caller, DEAREST, at(0))).count();
        assert_eq!(judged, 20);
        assert!(!callers.admit(caller, 1, at(0)));
        assert!(callers.admit(caller, 1, at(DEAREST * COST)));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let mut callers = Callers::default();
        let caller = Caller::read("203.0.113.7");
        assert_eq!(admitted(&mut callers, caller, 200, at(3_600_000)), 200);
        assert!(!callers.admit(caller, 1, at(3_600_000)));
        assert!(callers.admit(caller, 1, at(0)));
    }
}
