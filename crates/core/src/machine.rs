//! How a protocol is written here: a value that says its next step and is consumed by the answer.

use jiff::Timestamp;

use crate::{Entropy, Exchange, Fault, Reply};

/// What a machine may know of the world at one step.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The time, sampled once for this step.
    pub now: Timestamp,
    /// Chance.
    pub entropy: &'a dyn Entropy,
}

/// What a machine wants next.
#[derive(Debug)]
pub enum Step<M: Machine> {
    /// Carry this out, then call [`Machine::reply`] on the machine.
    Send(Box<Exchange>, M),
    /// Put this to the person, then call [`Machine::answer`] on the machine.
    Ask(M::Question, M),
    /// The end.
    Done(M::Outcome),
}

/// A protocol without input or output of its own. Failure is the `Err` of each step; a machine that
/// failed is gone.
pub trait Machine: Sized {
    /// What only the person can say.
    type Question;
    /// What the person said.
    type Answer;
    /// What is left at the end.
    type Outcome;
    /// Why it stopped.
    type Error;

    /// Takes what came back for the last [`Step::Send`].
    ///
    /// # Errors
    /// When the reply breaks a rule of the protocol, or there was none.
    fn reply(self, reply: Result<Reply, Fault>, env: Env<'_>) -> Result<Step<Self>, Self::Error>;

    /// Takes what the person said to the last [`Step::Ask`].
    ///
    /// # Errors
    /// When the answer does not fit the question.
    fn answer(self, answer: Self::Answer, env: Env<'_>) -> Result<Step<Self>, Self::Error>;
}
