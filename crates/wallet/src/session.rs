//! The one session: what arrived, where it stands, what the person said.

use leerpas_core::{ErrorKind, Failure};
use leerpas_intake::Arrival;
use tokio::sync::MutexGuard;

use crate::{
    Answer, End, Hand, Input, Progress, Prompt, Wallet, Work, coming_back::bring_back, failure, frames::Showing,
    importing::Pending, later::Homecoming, receiving::Receipt, sharing::Handover,
};

/// The session, while it is the person's turn. While something is fetched or sent, the lock around it is held.
pub(crate) enum Session {
    /// Nothing is going on.
    None,
    /// An offer.
    Receiving(Box<Receipt>),
    /// Files of which one holds only the address of a badge.
    Visiting(Vec<Vec<u8>>),
    /// Files.
    Importing(Vec<Pending>),
    /// A request.
    Sharing(Box<Handover>),
    /// A card that was waited for.
    ComingBack(Box<Homecoming>),
    /// An answer as pictures.
    Showing(Box<Showing>),
}

/// Where a session goes after one step.
pub(crate) enum Turn {
    /// The person is asked.
    Ask(Prompt, Session),
    /// It is over.
    End(End),
}

impl Wallet {
    /// Takes what came in and begins a session with it.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] while another session runs: it is not touched; but a request has its turn while a sign-in waits
    /// for the browser. [`ErrorKind::Locked`]. Otherwise the failure that ended the session at once.
    pub async fn arrive(&self, input: Input, hand: Hand) -> Result<Progress, Failure> {
        self.arrive_several(vec![input], hand).await
    }

    /// Takes several files at once; with one input it is [`Wallet::arrive`].
    ///
    /// # Errors
    /// As [`Wallet::arrive`]; several at once must all be credentials.
    pub async fn arrive_several(&self, inputs: Vec<Input>, hand: Hand) -> Result<Progress, Failure> {
        if let ([Input::Text(text)], Hand::Person) = (inputs.as_slice(), hand)
            && bring_back(&self.awaited, text)
        {
            return Ok(self.progress.borrow().clone());
        }
        // While a sign-in waits, a request has its turn: the page of the institution may ask for a card first.
        let mut session = match inputs.as_slice() {
            [input] if asks_for_cards(input) => self.screen()?,
            _ => self.free_session()?,
        };
        self.begin_action();
        self.end_flow();
        self.with_vault(|_| Ok(())).await?;
        self.progress.send_replace(Progress::Working(Work::Here));
        let link = match inputs.as_slice() {
            [Input::Text(text)] => Some(text.clone()),
            _ => None,
        };
        let turn = self.begin(inputs, hand).await;
        let progress = self.take_turn(&mut session, turn);
        self.remember_link(link.filter(|_| matches!(*session, Session::Receiving(_) | Session::Sharing(_))));
        progress
    }

    /// Takes what the person said to the question that is open.
    ///
    /// # Errors
    /// [`ErrorKind::NoSession`] when there is none or the answer does not fit it; otherwise the failure that ended
    /// the session.
    pub async fn answer(&self, answer: Answer) -> Result<Progress, Failure> {
        let mut session = self.session.try_lock().map_err(|_| failure::busy())?;
        self.begin_action();
        if !matches!(answer, Answer::Take { .. }) {
            self.remember_link(None);
        }
        let turn = match std::mem::replace(&mut *session, Session::None) {
            Session::None => return Err(failure::no_session()),
            Session::Receiving(receipt) if matches!(answer, Answer::SignIn) => match receipt.signing_in() {
                Ok(signing_in) => return self.sign_in(signing_in, session).await,
                Err(receipt) => self.answer_offer(*receipt, answer).await,
            },
            Session::Receiving(receipt) => self.answer_offer(*receipt, answer).await,
            Session::Visiting(files) => self.answer_visit(files, answer).await,
            Session::Importing(pending) => self.answer_import(pending, answer).await,
            Session::Sharing(handover) => self.answer_request(*handover, answer).await,
            Session::ComingBack(homecoming) => self.answer_homecoming(*homecoming, answer).await,
            Session::Showing(showing) => self.answer_frames(*showing, answer).await,
        };
        self.take_turn(&mut session, turn)
    }

    /// Puts an ended session away, or gives up the one that waits for an answer. Nothing is sent. A sign-in that was set
    /// aside for it is on the screen then.
    pub async fn dismiss(&self) -> Progress {
        self.cancel();
        if !self.aside.is_there() {
            // One that was just given up writes that down first.
            drop(self.aside.turn.lock().await);
        }
        let mut session = self.session.lock().await;
        self.end_flow();
        self.remember_link(None);
        match std::mem::replace(&mut *session, Session::None) {
            Session::Receiving(receipt) => self.give_up_offer(*receipt).await,
            left => self.leave(left).await,
        }
        let next = self.at_rest();
        self.progress.send_replace(next.clone());
        next
    }

    /// The session, for something new. A sign-in that waits keeps it.
    pub(crate) fn free_session(&self) -> Result<MutexGuard<'_, Session>, Failure> {
        let session = self.screen()?;
        if self.sign_in_waits().is_some() { Err(failure::busy()) } else { Ok(session) }
    }

    /// The session, for what may have its turn while a sign-in waits.
    fn screen(&self) -> Result<MutexGuard<'_, Session>, Failure> {
        let session = self.session.try_lock().map_err(|_| failure::busy())?;
        if matches!(*session, Session::None) { Ok(session) } else { Err(failure::busy()) }
    }

    pub(crate) fn take_turn(&self, session: &mut Session, turn: Result<Turn, Failure>) -> Result<Progress, Failure> {
        if !matches!(turn, Ok(Turn::Ask(..))) {
            self.end_flow();
        }
        let progress = match turn {
            Ok(Turn::Ask(prompt, next)) => {
                *session = next;
                Progress::Ask(Box::new(prompt))
            }
            Ok(Turn::End(end)) => Progress::Ended(Box::new(end)),
            Err(failure) => {
                let end =
                    if failure.kind == ErrorKind::Declined { End::Declined } else { End::Failed(failure.clone()) };
                self.progress.send_replace(Progress::Ended(Box::new(end)));
                return Err(failure);
            }
        };
        self.progress.send_replace(progress.clone());
        Ok(progress)
    }

    async fn begin(&self, inputs: Vec<Input>, hand: Hand) -> Result<Turn, Failure> {
        let mut credentials = Vec::new();
        let several = inputs.len() > 1;
        for input in inputs {
            let elsewhere = is_picture(&input);
            match (recognise(&input)?, several) {
                (Arrival::Credential(bytes), _) => credentials.push(bytes),
                (Arrival::Offer(source), false) => return self.begin_offer(source, hand).await,
                (Arrival::Request(source), false) => return self.begin_request(source, hand, elsewhere).await,
                _ => {
                    let words = "one offer or request at a time; several at once must all be badges";
                    return Err(Failure::new(ErrorKind::NotRecognised, "input", words));
                }
            }
        }
        self.begin_import(credentials).await
    }
}

/// Whether it is a request to show cards.
pub(crate) fn asks_for_cards(input: &Input) -> bool {
    matches!(recognise(input), Ok(Arrival::Request(_)))
}

/// Whether it is a picture: a file that is no text.
fn is_picture(input: &Input) -> bool {
    matches!(input, Input::File { bytes, .. } if std::str::from_utf8(bytes).is_err())
}

fn recognise(input: &Input) -> Result<Arrival, Failure> {
    let read = match input {
        Input::Text(text) => leerpas_intake::read(leerpas_intake::Input::Text(text)),
        Input::File { name, bytes } => leerpas_intake::read(leerpas_intake::Input::File { name, bytes }),
    };
    read.map_err(|e| Failure::new(e.kind(), "input", e.to_string()))
}
