//! A link that another program opened and whose turn has not come: the vault is locked, or something else is on the screen.

use std::{
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use leerpas_core::{ErrorKind, Failure, Timestamp};

use crate::{Hand, Input, Progress, VaultState, Wallet, session::asks_for_cards};

/// How long a link waits before it is put away unseen, in seconds.
pub const LINK_WAITS_SECONDS: i64 = 600;

/// How often it is looked whether that time is over: a computer that slept has to be told too.
const LOOKS_EVERY: Duration = Duration::from_secs(20);

/// Whether a link waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// None does.
    No,
    /// One does; nothing of it was fetched.
    Yes,
    /// One did, too long: it is gone.
    TooLate,
}

/// Room for one link: a newer one takes the place of one that nobody has looked at yet, so that a page that opens a
/// thousand of them fills nothing.
#[derive(Default)]
pub(crate) struct Mailbox {
    link: Option<(String, Timestamp)>,
    too_late: bool,
    /// The link of the session that runs, as long as nothing of it was used up.
    looked_at: Option<String>,
    /// The link of the offer that was taken last: a sign-in for it can begin again with the same.
    begun: Option<String>,
}

impl Mailbox {
    fn put(&mut self, link: String, came: Timestamp) {
        self.link = Some((link, came));
        self.too_late = false;
    }

    /// Puts away what has waited too long. A clock that was set back says nothing about how long that was.
    fn tidy(&mut self, now: Timestamp) {
        let waited = |came: Timestamp| now.as_second() - came.as_second();
        if self.link.as_ref().is_some_and(|(_, came)| !(0..LINK_WAITS_SECONDS).contains(&waited(*came))) {
            self.link = None;
            self.too_late = true;
        }
    }
}

impl Wallet {
    /// Lets a link wait. Nothing is read or fetched of it.
    pub fn let_wait(&self, link: String) {
        self.mailbox().put(link, self.world.clock.now());
    }

    /// Whether a link waits.
    pub fn waiting_link(&self) -> Waiting {
        let mut mailbox = self.mailbox();
        mailbox.tidy(self.world.clock.now());
        match (&mailbox.link, mailbox.too_late) {
            (Some(_), _) => Waiting::Yes,
            (None, true) => Waiting::TooLate,
            (None, false) => Waiting::No,
        }
    }

    /// Waits as long as a link does; whether it was put away unseen in the end.
    pub async fn waited_in_vain(&self) -> bool {
        while self.waiting_link() == Waiting::Yes {
            tokio::time::sleep(LOOKS_EVERY).await;
        }
        self.waiting_link() == Waiting::TooLate
    }

    /// Begins with the link that waits, if the vault is open and the screen is free: what a person looks at is never
    /// replaced, not even the end of something; a request also takes the screen of a sign-in that waits. `None` when there is none or its turn has not come.
    ///
    /// # Errors
    /// As [`Wallet::arrive`].
    pub async fn take_up(&self) -> Option<Result<Progress, Failure>> {
        let idle = matches!(*self.progress.borrow(), Progress::Idle);
        if !matches!(self.state(), Ok(VaultState::Open)) || !(idle || self.shows_sign_in()) {
            return None;
        }
        let (link, came) = {
            let mut mailbox = self.mailbox();
            mailbox.tidy(self.world.clock.now());
            // While a browser is awaited, its page may ask for a card; anything else waits for the end of the sign-in.
            mailbox.link.take_if(|(link, _)| idle || asks_for_cards(&Input::Text(link.clone())))?
        };
        let outcome = self.arrive(Input::Text(link.clone()), Hand::Program).await;
        if outcome.as_ref().is_err_and(|failure| matches!(failure.kind, ErrorKind::Busy | ErrorKind::Locked)) {
            let mut mailbox = self.mailbox();
            if mailbox.link.is_none() {
                mailbox.put(link, came);
            }
            return None;
        }
        Some(outcome)
    }

    /// Remembers the link that the person looks at, or that there is none any more.
    pub(crate) fn remember_link(&self, link: Option<String>) {
        self.mailbox().looked_at = link;
    }

    /// The link that the person looks at is being used up.
    pub(crate) fn begin_link(&self) {
        let mut mailbox = self.mailbox();
        mailbox.begun = mailbox.looked_at.take();
    }

    /// The link of the offer that was taken last, once.
    pub(crate) fn begun_link(&self) -> Option<String> {
        self.mailbox().begun.take()
    }

    /// Lets the link of an offer wait again, unless a newer one does.
    pub(crate) fn offer_again(&self, link: Option<String>) {
        let now = self.world.clock.now();
        let mut mailbox = self.mailbox();
        if let Some(link) = link.filter(|_| mailbox.link.is_none()) {
            mailbox.put(link, now);
        }
    }

    /// Locking takes the link off the screen: it waits like any other, unless a newer one does.
    pub(crate) fn put_back(&self) {
        let now = self.world.clock.now();
        let mut mailbox = self.mailbox();
        if let Some(link) = mailbox.looked_at.take()
            && mailbox.link.is_none()
        {
            mailbox.put(link, now);
        }
    }

    /// The person has seen that a link was too late.
    pub fn seen_too_late(&self) {
        self.mailbox().too_late = false;
    }

    fn mailbox(&self) -> MutexGuard<'_, Mailbox> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_h05_a_link_waits_ten_minutes_and_no_longer() {
        let came = Timestamp::UNIX_EPOCH;
        let after = |seconds| Timestamp::from_second(seconds).unwrap();
        for (seconds, still) in [(0, true), (599, true), (600, false), (86_400, false), (-1, false)] {
            let mut mailbox = Mailbox::default();
            mailbox.put("openid4vp://?a".to_owned(), came);
            mailbox.tidy(after(seconds));
            assert_eq!((mailbox.link.is_some(), mailbox.too_late), (still, !still), "{seconds}");
        }
    }

    #[test]
    fn security_h01_of_a_thousand_links_one_waits() {
        let mut mailbox = Mailbox::default();
        for number in 0..1000 {
            mailbox.put(format!("openid4vp://?n={number}"), Timestamp::UNIX_EPOCH);
        }
        assert_eq!(mailbox.link.map(|(link, _)| link).as_deref(), Some("openid4vp://?n=999"));
    }
}
