//! A sign-in that waits for the browser, while something else may be answered: the page at which a person signs in can
//! ask for another card first, and only this wallet can show it.
//!
//! There is still one session on the screen. The sign-in is set aside as long as it waits, lets a request have its turn,
//! and goes on by itself once the browser is back and the screen is free of questions. The end of what was answered
//! meanwhile gives way to it: whoever comes back from their browser has gone on there.

//!
//! Locking the vault does not end it either: who signs in may take longer than Leerpas waits for a key or a click. The
//! machine then puts down what came out of the vault, and nothing of it goes on, or is said, until the vault is open
//! again. What stays in memory, and why that is little, says [`Receiving::put_down`]. A code that comes meanwhile is kept
//! for as long as a code holds at most, and wiped.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use leerpas_core::{ActivityId, ErrorKind, Failure, Machine as _, Purpose, Secret};
use leerpas_net::Door;
use leerpas_receive::{Answer as MachineAnswer, ReceiveContext, Receiving};
use tokio::{
    sync::{MutexGuard as Held, oneshot, watch},
    time::timeout,
};

use crate::{
    Hand, Progress, Wallet, Work,
    coming_back::await_paste,
    failure,
    receiving::told,
    session::{Session, Turn},
    unfinished::Line,
};

/// How long a code is kept that the browser brings while the vault is locked: no code holds for longer than ten minutes
/// (RFC 6749, 4.1.2).
const CODE_KEPT: Duration = Duration::from_secs(600);

/// The place of the sign-in that waits.
#[derive(Default)]
pub(crate) struct Aside {
    waits: Mutex<Option<Waits>>,
    /// Held from the moment that the browser is awaited until the action of the person that awaits it is over.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// How often one was taken up again after unlocking.
    woken: watch::Sender<u64>,
}

struct Waits {
    host: String,
    machine: Receiving,
    line: Option<Line>,
    /// The offer that it is about, to begin again.
    link: Option<String>,
    /// The person gave it up: the line comes along.
    stop: oneshot::Sender<Option<Line>>,
    /// The vault is locked.
    asleep: bool,
    /// It was at some time.
    slept: bool,
}

/// A receiving of which the browser has its turn.
pub(crate) struct SigningIn {
    pub(crate) machine: Receiving,
    pub(crate) door: Door,
    /// The host of the page.
    pub(crate) host: String,
    pub(crate) line: Option<Line>,
}

impl Aside {
    /// What waits from here on, until what is returned is dropped.
    fn wait(&self, waits: Waits) -> Waiting<'_> {
        *self.lock() = Some(waits);
        Waiting(self)
    }

    /// The host of the sign-in that waits; nobody is told while the vault is locked.
    pub(crate) fn host(&self) -> Option<String> {
        self.lock().as_ref().filter(|waits| !waits.asleep).map(|waits| waits.host.clone())
    }

    /// Whether one waits, also while the vault is locked.
    pub(crate) fn is_there(&self) -> bool {
        self.lock().is_some()
    }

    /// Whether one waits while the vault is locked.
    pub(crate) fn is_asleep(&self) -> bool {
        self.lock().as_ref().is_some_and(|waits| waits.asleep)
    }

    /// The line of the log of the one that waits while the vault is locked.
    pub(crate) fn line(&self) -> Option<ActivityId> {
        let waits = self.lock();
        let waits = waits.as_ref().filter(|waits| waits.asleep)?;
        waits.line.as_ref().map(|line| line.activity.id.clone())
    }

    /// Ends the waiting, because the person gave it up.
    pub(crate) fn stop(&self) {
        if let Some(waits) = self.lock().take() {
            // Whoever waited has gone already: then there is nothing left to stop.
            let _ = waits.stop.send(waits.line);
        }
    }

    /// Locking: it waits on without anything out of the vault. Whether one does.
    pub(crate) fn put_down(&self) -> bool {
        let mut waits = self.lock();
        let Some(waits) = waits.as_mut() else { return false };
        waits.machine.put_down();
        (waits.asleep, waits.slept) = (true, true);
        true
    }

    fn take_up(&self, context: ReceiveContext) {
        if let Some(waits) = self.lock().as_mut() {
            waits.machine.take_up(context);
            waits.asleep = false;
        }
        self.woken.send_modify(|count| *count += 1);
    }

    /// The one that waits, to go on with it, unless the vault is locked.
    fn take_awake(&self) -> Option<Waits> {
        self.lock().take_if(|waits| !waits.asleep)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waits>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that a sign-in waits, as long as it is there.
struct Waiting<'a>(&'a Aside);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}

impl Wallet {
    /// The host at which the person signs in, as long as their browser is awaited from there and the vault is open; also
    /// while something else is on the screen.
    pub fn sign_in_waits(&self) -> Option<String> {
        self.aside.host()
    }

    /// Whether a sign-in waits for the browser, and for the vault to be opened again. Says nothing of where.
    pub fn sign_in_sleeps(&self) -> bool {
        self.aside.is_asleep()
    }

    /// Whether the waiting for the browser is what is on the screen.
    pub(crate) fn shows_sign_in(&self) -> bool {
        self.aside.host().is_some() && is_waiting(&self.progress.borrow())
    }

    /// What is on the screen when nothing else is.
    pub(crate) fn at_rest(&self) -> Progress {
        match self.aside.host() {
            Some(_) => Progress::Working(Work::There(Purpose::Authorization)),
            None => Progress::Idle,
        }
    }

    /// Takes up a sign-in that waited while the vault was locked: it is on the screen again.
    pub(crate) async fn wake_sign_in(&self) {
        if !self.aside.is_asleep() {
            return;
        }
        match self.receive_context().await {
            Ok(context) => {
                self.aside.take_up(context);
                self.progress.send_replace(self.at_rest());
            }
            // That is told elsewhere, and must not keep anyone from their cards.
            Err(failure) => {
                tracing::warn!(kind = failure.kind.as_str(), "a sign-in could not be taken up again");
                self.aside.stop();
            }
        }
    }

    /// Waits for the browser without holding the screen, then goes on.
    pub(crate) async fn sign_in(&self, signing_in: SigningIn, session: Held<'_, Session>) -> Result<Progress, Failure> {
        let SigningIn { machine, door, host, line } = signing_in;
        let _turn = self.aside.turn.lock().await;
        let belongs = machine.answer_test();
        let (stop, mut stopped) = oneshot::channel();
        let link = self.begun_link();
        let waiting = self.aside.wait(Waits { host, machine, line, link, stop, asleep: false, slept: false });
        self.progress.send_replace(self.at_rest());
        drop(session);
        let pasted = await_paste(&self.awaited, door.url());
        let brought = tokio::select! {
            Ok(query) = pasted => Ok(Secret::new(query)),
            answer = door.answer(belongs) => answer.map(Secret::new).map_err(|e| no_door(&e)),
            line = &mut stopped => return self.gave_up(line.unwrap_or_default()).await,
        };
        // What is on the screen comes to its end first, and the vault is open.
        let (mut session, waits, brought) = tokio::select! {
            on = self.turn_of_sign_in(brought, CODE_KEPT) => on,
            line = &mut stopped => return self.gave_up(line.unwrap_or_default()).await,
        };
        drop(waiting);
        let Waits { machine, line, link, slept, .. } = waits;
        let turn = match brought {
            Ok(query) => self.signed_in(machine, query, line.clone()).await,
            Err(failure) => Err(failure),
        };
        let turn = turn.map_err(|failure| if slept { self.too_late(failure, link) } else { failure });
        self.end_line(line, &turn).await;
        self.take_turn(&mut session, turn)
    }

    /// Waits until nothing else is on the screen and the vault is open. A code that came while the vault was locked is
    /// kept so long and no longer.
    async fn turn_of_sign_in(
        &self,
        mut brought: Result<Secret<String>, Failure>,
        kept: Duration,
    ) -> (Held<'_, Session>, Waits, Result<Secret<String>, Failure>) {
        let mut woken = self.aside.woken.subscribe();
        loop {
            let session = self.free_screen().await;
            // Before it is known to be awake: a lock that comes from here on stops the action.
            self.begin_action();
            if let Some(waits) = self.aside.take_awake() {
                return (session, waits, brought);
            }
            drop(session);
            // The engine lives longer than this wait: it holds the sender.
            if brought.is_err() {
                let _ = woken.changed().await;
            } else if timeout(kept, woken.changed()).await.is_err() {
                brought = Err(late());
            }
        }
    }

    /// A sign-in that failed because the vault was locked for too long begins again with the same offer, once the person has
    /// read that.
    fn too_late(&self, failure: Failure, link: Option<String>) -> Failure {
        let expired = failure.kind == ErrorKind::OfferExpired && failure.step == "token";
        if !expired && failure.kind != ErrorKind::SignInLate {
            return failure;
        }
        self.offer_again(link);
        late()
    }

    /// The person gave it up.
    async fn gave_up(&self, line: Option<Line>) -> Result<Progress, Failure> {
        let turn = Err(failure::cancelled());
        self.end_line(line, &turn).await;
        // Whatever took the screen in the meantime keeps it.
        match self.session.try_lock() {
            Ok(mut session) if matches!(*session, Session::None) => self.take_turn(&mut session, turn),
            _ => Err(failure::cancelled()),
        }
    }

    async fn signed_in(&self, machine: Receiving, query: Secret<String>, line: Option<Line>) -> Result<Turn, Failure> {
        let step = machine.answer(MachineAnswer::SignedIn(query), self.world.env()).map_err(|e| told(&e))?;
        self.receive(step, Hand::Program, line).await
    }

    /// Waits until nobody is asked anything and nothing else is fetched or sent.
    async fn free_screen(&self) -> Held<'_, Session> {
        let mut progress = self.progress.subscribe();
        loop {
            // The engine lives longer than this wait: it holds the sender.
            let _ =
                progress.wait_for(|now| matches!(now, Progress::Idle | Progress::Ended(_)) || is_waiting(now)).await;
            let session = self.session.lock().await;
            if matches!(*session, Session::None) {
                return session;
            }
            drop(session);
            let _ = progress.changed().await;
        }
    }
}

fn is_waiting(progress: &Progress) -> bool {
    matches!(progress, Progress::Working(Work::There(Purpose::Authorization)))
}

pub(crate) fn no_door(error: &std::io::Error) -> Failure {
    Failure::new(ErrorKind::Internal, "authorization", format!("the browser has no way back: {error}"))
}

fn late() -> Failure {
    Failure::new(ErrorKind::SignInLate, "authorization", "the answer of the browser came too long ago")
}

#[cfg(test)]
mod tests {
    use leerpas_core::{Env, OsEntropy, Step, Timestamp};
    use leerpas_receive::OfferSource;
    use serde_json::json;
    use tokio::time::sleep;

    use super::*;
    use crate::{World, WorldOptions};

    fn context() -> ReceiveContext {
        let trust = std::sync::Arc::new(leerpas_credential::trust::TrustList::empty());
        let language = leerpas_core::Language::Nl;
        ReceiveContext { trust, language, resources: Default::default(), copies: 1, attestations: Vec::new() }
    }

    #[tokio::test]
    async fn r11_a_code_that_comes_while_locked_is_not_kept_for_longer_than_a_code_holds() {
        let folder = tempfile::tempdir().unwrap();
        let wallet = Wallet::new(folder.path(), World::prepare(WorldOptions::default()).unwrap());
        let offer = json!({"credential_issuer": "https://issuer.example", "credential_configuration_ids": ["x"],
            "grants": {"authorization_code": {}}});
        for (locked_for, still) in [(0, true), (400, false)] {
            let env = Env { now: Timestamp::UNIX_EPOCH, entropy: &OsEntropy };
            let Step::Ask(_, machine) = Receiving::start(OfferSource::Value(offer.clone()), context(), env).unwrap()
            else {
                panic!("the first step is a question")
            };
            let (stop, _stopped) = oneshot::channel();
            let host = "issuer.example".to_owned();
            let waits = Waits { host, machine, line: None, link: None, stop, asleep: true, slept: true };
            let _waiting = wallet.aside.wait(waits);
            let brought = Ok(Secret::new("code=c&state=s".to_owned()));
            let unlocked = async {
                sleep(Duration::from_millis(locked_for)).await;
                wallet.aside.take_up(context());
            };
            let kept = Duration::from_millis(100);
            let ((_session, _, brought), ()) = tokio::join!(wallet.turn_of_sign_in(brought, kept), unlocked);
            assert_eq!(brought.as_ref().is_ok(), still);
            assert!(still || brought.unwrap_err().kind == ErrorKind::SignInLate);
        }
    }
}
