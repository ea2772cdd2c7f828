//! The status lists as they lie at their addresses. They are made when somebody asks, and anew once they would say something
//! else or have lain for a while, as the files of an institution are.

use std::collections::BTreeMap;

use leerpas_core::Timestamp;

/// How long a list lies there, in seconds: half of the time for which it may be used without asking again.
const SECONDS: i64 = 30;

/// A list, ready to be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedList {
    /// What it is.
    pub media_type: &'static str,
    /// The signed list.
    pub body: String,
}

/// Lists by their number, with the time at which each was made.
#[derive(Debug, Default)]
pub struct Published(BTreeMap<u8, (Timestamp, PublishedList)>);

impl Published {
    /// The list of this number, if there is one that is not old.
    pub fn get(&self, number: u8, now: Timestamp) -> Option<PublishedList> {
        let (made, list) = self.0.get(&number)?;
        let age = now.as_second().saturating_sub(made.as_second());
        (0..SECONDS).contains(&age).then(|| list.clone())
    }

    /// Publishes a list.
    pub fn put(&mut self, number: u8, made: Timestamp, list: PublishedList) {
        self.0.insert(number, (made, list));
    }

    /// Takes all of them away, because something else is to be said from now on.
    pub fn take_away(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_lies_there_for_a_while_and_until_it_says_something_else() {
        let at = |second| Timestamp::from_second(1_790_000_000 + second).unwrap();
        let list = PublishedList { media_type: "application/statuslist+jwt", body: "a.b.c".to_owned() };
        let mut published = Published::default();
        assert_eq!(published.get(1, at(0)), None);
        published.put(1, at(0), list.clone());
        assert_eq!(published.get(1, at(SECONDS - 1)), Some(list));
        assert_eq!(published.get(2, at(0)), None, "another list");
        assert_eq!(published.get(1, at(SECONDS)), None);
        assert_eq!(published.get(1, at(-1)), None, "a clock that was put back");
        published.take_away();
        assert_eq!(published.get(1, at(0)), None);
    }
}
