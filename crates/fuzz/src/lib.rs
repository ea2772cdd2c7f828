//! Fuzzing: changed and broken input for everything that reads strangers' bytes, with rules that hold for any input.
//!
//! A [`Target`] is a plain function in [`TARGETS`]. It gets bytes and says either in what way they were taken, or which of
//! its rules they broke: that a changed credential never passes as the issuer's, that what was read and written is read
//! alike, that putting things in order changes nothing. Input is made from whole samples of our own ([`World`]) by changes
//! that know the formats ([`mutate`](fn@mutate)): within JSON, within the parts of a token, within a compressed list, within
//! a picture.
//!
//! What earns a sample its place among those to be changed further is that it was taken in a way that was new. There is no
//! look inside the program, so that it runs with the same compiler as everything else. Each run is told a number and makes
//! the same input from the same number.

mod chance;
mod engine;
mod mutate;
mod targets;
mod world;

pub use chance::Chance;
pub use engine::{Broken, Pool, try_input};
pub use mutate::mutate;
pub use targets::{TARGETS, Target, Verdict};
pub use world::World;
