//! Frames in, the answer out.

use std::{
    collections::{BTreeSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
};

use raptorq::{Decoder, EncodingPacket, PayloadId};

use super::{Frame, MAX_TOKEN, Plan, name_of};
use crate::packed;

/// Answers that are collected at a time: one, and room for a stranger's screen in the picture.
const AT_A_TIME: usize = 4;
/// Answers that came together and are remembered.
const DONE: usize = 16;
/// Different frames of one answer that are looked at, as a multiple of what is needed; whoever sends more that do not
/// come together sends nonsense.
const MOST: usize = 6;

/// What a collector says to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collected {
    /// No frame, or a damaged one. Changes nothing.
    Foreign,
    /// It has been there before. Changes nothing.
    Known,
    /// Taken; more are needed.
    More,
    /// Everything is there: the token in compact form. Whether it answers anything is for its reader to find out.
    Whole(String),
}

/// Collects the frames of an answer, and of others that come between, each by itself.
#[derive(Default)]
pub struct Collector {
    /// The oldest first.
    pub(super) collecting: Vec<Collecting>,
    /// Answers that came together, the oldest first: their frames go on being shown for a while.
    done: VecDeque<[u8; 4]>,
}

pub(super) struct Collecting {
    name: [u8; 4],
    plan: Plan,
    decoder: Decoder,
    seen: BTreeSet<u16>,
}

impl Collector {
    /// Takes the text of one QR code.
    pub fn take(&mut self, text: &str) -> Collected {
        let Some(frame) = Frame::parse(text) else { return Collected::Foreign };
        if self.done.contains(&frame.name) {
            return Collected::Known;
        }
        let at = self.place_for(&frame);
        let Some(collecting) = self.collecting.get_mut(at) else { return Collected::Foreign };
        if !collecting.seen.insert(frame.number) {
            return Collected::Known;
        }
        match collecting.take(frame) {
            Ok(None) => Collected::More,
            Ok(Some(token)) => {
                self.done.push_back(self.collecting.remove(at).name);
                if self.done.len() > DONE {
                    self.done.pop_front();
                }
                Collected::Whole(token)
            }
            // Something in between was not of this answer, although it said so: from the start.
            Err(Spoilt) => {
                self.collecting.remove(at);
                Collected::Foreign
            }
        }
    }

    /// How many different frames there are of the answer that is furthest, and how many it needs.
    pub fn progress(&self) -> (usize, usize) {
        let share = |each: &&Collecting| each.seen.len() * 1000 / each.plan.needed().max(1);
        let furthest = self.collecting.iter().max_by_key(share);
        furthest.map_or((0, 0), |each| (each.seen.len().min(each.plan.needed()), each.plan.needed()))
    }

    fn place_for(&mut self, frame: &Frame) -> usize {
        let same = |each: &Collecting| each.name == frame.name && each.plan == frame.plan;
        if let Some(at) = self.collecting.iter().position(same) {
            return at;
        }
        if self.collecting.len() >= AT_A_TIME {
            // The one with the least goes: a stranger's frame does not push out an answer that is nearly there.
            let least = (0..).zip(&self.collecting).min_by_key(|(_, each)| each.seen.len()).map_or(0, |(at, _)| at);
            self.collecting.remove(least);
        }
        let decoder = Decoder::new(frame.plan.information());
        self.collecting.push(Collecting { name: frame.name, plan: frame.plan, decoder, seen: BTreeSet::new() });
        self.collecting.len() - 1
    }
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collector").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

/// The frames do not fit together.
struct Spoilt;

impl Collecting {
    fn take(&mut self, frame: Frame) -> Result<Option<String>, Spoilt> {
        let packet = EncodingPacket::new(PayloadId::new(0, u32::from(frame.number)), frame.symbol);
        // Code that is not ours, on a stranger's bytes: a panic in there is "cannot be read".
        let decoded = catch_unwind(AssertUnwindSafe(|| self.decoder.decode(packet))).map_err(|_| Spoilt)?;
        match decoded {
            Some(packed) if name_of(&packed) == self.name => {
                packed::unpack(&packed, MAX_TOKEN).map(Some).map_err(|_| Spoilt)
            }
            Some(_) => Err(Spoilt),
            None if self.seen.len() > self.plan.needed() * MOST + MOST => Err(Spoilt),
            None => Ok(None),
        }
    }
}
