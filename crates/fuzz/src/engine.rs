//! One input at a time, within its limits; and the pool of samples that are changed further.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crate::{Chance, Target, World, mutate};

/// How long one input may take (security.md C2).
const SLOWEST: Duration = Duration::from_secs(2);
/// Samples of one pool; the ones that were made go first when it is full.
const LARGEST_POOL: usize = 512;

/// In what way an input broke a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// It panicked.
    Panic,
    /// It took longer than two seconds.
    Slow(Duration),
    /// It broke a rule that holds for every input.
    Rule(String),
}

/// Gives one input to a target; says in what way it was taken.
///
/// # Errors
/// [`Broken`] when it panicked, took too long, or broke a rule.
pub fn try_input(target: &Target, world: &World, input: &[u8]) -> Result<String, Broken> {
    let begun = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(world, input))).map_err(|_| Broken::Panic)?;
    let took = begun.elapsed();
    if took > SLOWEST {
        return Err(Broken::Slow(took));
    }
    outcome.map_err(Broken::Rule)
}

/// The samples of one target, and what was seen of them.
pub struct Pool {
    samples: Vec<Vec<u8>>,
    own: usize,
    ways: BTreeSet<String>,
    chance: Chance,
}

impl Pool {
    /// Begins with these samples.
    pub fn new(samples: Vec<Vec<u8>>, seed: u64) -> Self {
        Self { own: samples.len(), samples, ways: BTreeSet::new(), chance: Chance::new(seed) }
    }

    /// The next input.
    pub fn make(&mut self) -> Vec<u8> {
        let Some(sample) = self.chance.pick(&self.samples).cloned() else { return Vec::new() };
        mutate(&sample, &self.samples, &mut self.chance)
    }

    /// Hears in what way an input was taken; one that was taken in a new way is changed further.
    pub fn heard(&mut self, input: Vec<u8>, way: String) {
        if !self.ways.insert(way) || input.len() > 64 * 1024 {
            return;
        }
        if self.samples.len() < LARGEST_POOL {
            self.samples.push(input);
        } else if self.own < LARGEST_POOL {
            let at = self.own + self.chance.below(LARGEST_POOL - self.own);
            self.samples[at] = input;
        }
    }

    /// In how many ways input was taken so far.
    pub fn ways(&self) -> usize {
        self.ways.len()
    }
}
