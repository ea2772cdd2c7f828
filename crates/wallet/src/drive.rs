//! Carries out the exchanges that machines ask for, until they are done, ask a person, or the person stops them.

use std::sync::{PoisonError, atomic::Ordering};

use leerpas_core::{ErrorKind, Exchange, Failure, Fault, Machine as _, Purpose, Reply, Step, limits};
use leerpas_credential::{
    read::Unverified,
    verify::{Checked, Policy, Verification},
};
use leerpas_net::Flow;
use tokio::sync::watch;

use crate::{Progress, Wallet, Work, World, failure};

/// Carries out the exchanges of one action of a person: so many at most, and until the person stops it.
pub(crate) struct Carrier {
    world: World,
    flow: Flow,
    left: usize,
    stop: watch::Receiver<u64>,
    /// Where progress is told.
    progress: watch::Sender<Progress>,
    /// Held so that `stop` stays quiet where nobody can stop it.
    _nobody: Option<watch::Sender<u64>>,
}

impl Carrier {
    /// For an action outside a session, that nobody watches.
    pub(crate) fn alone(world: &World) -> Self {
        let (nobody, stop) = watch::channel(0);
        Self {
            world: world.clone(),
            flow: world.client.flow(),
            left: limits::EXCHANGES,
            stop,
            progress: watch::Sender::new(Progress::Idle),
            _nobody: Some(nobody),
        }
    }

    /// Carries out one exchange.
    pub(crate) async fn exchange(&mut self, exchange: Exchange) -> Result<Result<Reply, Fault>, Failure> {
        self.left = self.left.checked_sub(1).ok_or_else(|| {
            let words = format!("this would take more than {} requests", limits::EXCHANGES);
            Failure::new(ErrorKind::OtherSideFailed, "network", words)
        })?;
        // Stopped before anything went out: then nothing did, not even an answer.
        if self.stop.has_changed().unwrap_or(false) {
            return Err(failure::cancelled());
        }
        self.progress.send_replace(Progress::Working(Work::There(exchange.purpose)));
        let (purpose, host) = (exchange.purpose, exchange.url.host_str().unwrap_or_default().to_owned());
        tokio::select! {
            reply = self.flow.run(exchange) => Ok(reply),
            // An answer that is on its way cannot be called back: the log has to say so.
            _ = self.stop.changed() => match purpose {
                Purpose::Response => Ok(Err(Fault::Interrupted { host })),
                _ => Err(failure::cancelled()),
            },
        }
    }

    /// Checks a credential or presentation, fetching what the policy lets it fetch.
    pub(crate) async fn verify(&mut self, credential: Unverified, policy: Policy) -> Result<Checked, Failure> {
        let fail = |e: leerpas_credential::verify::VerifyError| Failure::new(e.kind(), "verify", e.to_string());
        let world = self.world.clone();
        let mut step = Verification::start(credential, policy, world.env()).map_err(fail)?;
        loop {
            step = match step {
                Step::Send(exchange, machine) => {
                    machine.reply(self.exchange(*exchange).await?, world.env()).map_err(fail)?
                }
                Step::Ask(question, _) => match question {},
                Step::Done(checked) => return Ok(checked),
            };
        }
    }
}

impl Wallet {
    /// Ends what is being fetched or sent. What was sent already may have arrived.
    pub fn cancel(&self) {
        // A sign-in that was set aside for something else is not what is meant.
        if self.shows_sign_in() {
            self.aside.stop();
        }
        self.stop.send_modify(|count| *count += 1);
    }

    /// For one action within the session.
    pub(crate) fn carrier(&self) -> Carrier {
        // The actions of one session are one flow.
        let mut flow = self.flow.lock().unwrap_or_else(PoisonError::into_inner);
        Carrier {
            world: self.world.clone(),
            flow: flow.get_or_insert_with(|| self.world.client.flow()).clone(),
            left: limits::EXCHANGES,
            stop: self.stopped(),
            progress: self.progress.clone(),
            _nobody: None,
        }
    }

    /// Closes what the flow of a session kept open: the next session has nothing of it.
    pub(crate) fn end_flow(&self) {
        *self.flow.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Marks the beginning of an action of the person: only what is stopped from here on stops it.
    pub(crate) fn begin_action(&self) {
        self.began.store(*self.stop.borrow(), Ordering::SeqCst);
    }

    /// Changes as soon as the running action is stopped, also when that was before anybody listened.
    pub(crate) fn stopped(&self) -> watch::Receiver<u64> {
        let mut stop = self.stop.subscribe();
        if *stop.borrow_and_update() != self.began.load(Ordering::SeqCst) {
            stop.mark_changed();
        }
        stop
    }
}
