//! A sign-in that waits for the browser, while something else may be answered: the page at which a person signs in can
//! ask for another card first, and only this wallet can show it.
//!
//! There is still one session on the screen. The sign-in is set aside as long as it waits, lets a request have its turn,
//! and goes on by itself once the browser is back and the screen is free of questions. The end of what was answered
//! meanwhile gives way to it: whoever comes back from their browser has gone on there.

use std::sync::{Mutex, MutexGuard, PoisonError};

use leerpas_core::{ErrorKind, Failure, Machine as _, Purpose, Secret};
use leerpas_net::Door;
use leerpas_receive::{Answer as MachineAnswer, Receiving};
use tokio::sync::{MutexGuard as Held, oneshot, oneshot::error::RecvError};

use crate::{
    Hand, Progress, Wallet, Work,
    coming_back::await_paste,
    failure,
    receiving::told,
    session::{Session, Turn},
    unfinished::Line,
};

/// The place of the sign-in that waits.
#[derive(Default)]
pub(crate) struct Aside {
    waits: Mutex<Option<Waits>>,
    /// Held from the moment that the browser is awaited until the action of the person that awaits it is over.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

struct Waits {
    host: String,
    stop: oneshot::Sender<Stop>,
}

/// Why a sign-in is not waited for any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The person gave it up.
    Person,
    /// The vault is being locked.
    Lock,
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
    /// A sign-in at this host waits from here on, until what is returned is dropped.
    fn wait(&self, host: String) -> (Waiting<'_>, oneshot::Receiver<Stop>) {
        let (stop, stopped) = oneshot::channel();
        *self.lock() = Some(Waits { host, stop });
        (Waiting(self), stopped)
    }

    /// The host of the sign-in that waits.
    pub(crate) fn host(&self) -> Option<String> {
        self.lock().as_ref().map(|waits| waits.host.clone())
    }

    /// Ends the waiting.
    pub(crate) fn stop(&self, why: Stop) {
        if let Some(waits) = self.lock().take() {
            // Whoever waited has gone already: then there is nothing left to stop.
            let _ = waits.stop.send(why);
        }
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
    /// The host at which the person signs in, as long as their browser is awaited from there; also while something else is
    /// on the screen.
    pub fn sign_in_waits(&self) -> Option<String> {
        self.aside.host()
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

    /// Waits for the browser without holding the screen, then goes on.
    pub(crate) async fn sign_in(&self, signing_in: SigningIn, session: Held<'_, Session>) -> Result<Progress, Failure> {
        let SigningIn { machine, door, host, line } = signing_in;
        let _turn = self.aside.turn.lock().await;
        let (waiting, mut stopped) = self.aside.wait(host);
        self.progress.send_replace(self.at_rest());
        drop(session);
        let pasted = await_paste(&self.awaited, door.url());
        let brought = tokio::select! {
            Ok(query) = pasted => Ok(Secret::new(query)),
            answer = door.answer(|query| machine.is_answered_by(query)) => answer.map(Secret::new).map_err(|e| no_door(&e)),
            why = &mut stopped => return self.gave_up(why, line).await,
        };
        // What is on the screen comes to its end first.
        let mut session = tokio::select! {
            session = self.free_screen() => session,
            why = &mut stopped => return self.gave_up(why, line).await,
        };
        self.begin_action();
        drop(waiting);
        let turn = match brought {
            Ok(query) => self.signed_in(machine, query, line.clone()).await,
            Err(failure) => Err(failure),
        };
        self.end_line(line, &turn).await;
        self.take_turn(&mut session, turn)
    }

    /// Nobody waits for the browser any more. A lock leaves the line of the log open, so that the next unlocking says that
    /// this was broken off.
    async fn gave_up(&self, why: Result<Stop, RecvError>, line: Option<Line>) -> Result<Progress, Failure> {
        if why == Ok(Stop::Lock) {
            return Err(failure::locked());
        }
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
