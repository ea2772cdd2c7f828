//! An answer as a row of QR codes, of which any sufficient part gives it back (RaptorQ, RFC 6330).
//!
//! [`Frames`] cuts a token into texts for QR codes that a screen shows one after the other; [`Collector`] puts them
//! together again, whatever the order, whatever was missed. There are more frames than are needed, so that a reader
//! that misses some never waits for a certain one. A frame proves nothing: what comes together must still be decrypted
//! with the key of the one request that it answers. `docs/offline.md` describes the form.

mod collector;

use std::panic::{AssertUnwindSafe, catch_unwind};

use data_encoding::BASE32_NOPAD;
use flate2::Crc;
use raptorq::{Encoder, ObjectTransmissionInformation};
use sha2::{Digest, Sha256};

pub use collector::{Collected, Collector};

use crate::{PackError, packed};

/// How a frame begins.
pub const FRAME: &str = "LEERPAS:1A/";
/// Largest answer, packed, in bytes: half a minute at five frames a second.
pub const MAX_PACKED: usize = 64 * 1024;
/// What an answer may be after unpacking, in bytes.
const MAX_TOKEN: usize = 1024 * 1024;
/// Bytes of the answer in one frame. With these a code has 73 squares along each side, which a camera of a laptop
/// reads from a screen at arm's length; an answer that would need too many gets 101.
const SYMBOL: usize = 304;
const LARGE_SYMBOL: usize = 600;
/// From this size on, frames are the larger ones.
const LARGE: usize = 24 * 1024;
/// Frames beyond twice what is needed.
const SPARE: usize = 8;
/// Bytes before the symbol: four of the answer's hash, its length, the symbol's size and its number.
const HEAD: usize = 4 + 4 + 2 + 2;
/// Bytes after it: CRC-32.
const TAIL: usize = 4;

/// The frames of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frames {
    /// The texts, each for one QR code, to be shown over and over in this order.
    pub texts: Vec<String>,
    /// How many of them a reader needs, give or take two.
    pub needed: usize,
}

impl Frames {
    /// Cuts a token in compact form into frames.
    ///
    /// # Errors
    /// [`PackError`]: no token, or one that is too large to be shown.
    pub fn of(token: &str) -> Result<Self, PackError> {
        let packed = packed::pack(token)?;
        if packed.len() > MAX_PACKED {
            return Err(PackError::TooLarge);
        }
        let size = if packed.len() > LARGE { LARGE_SYMBOL } else { SYMBOL };
        let plan = Plan::of(packed.len(), size).ok_or(PackError::Malformed)?;
        let needed = packed.len().div_ceil(size);
        let spare = u32::try_from(needed + SPARE).unwrap_or(u32::MAX);
        // The library asserts where it is asked for what it cannot do; that would be a fault of ours.
        let packets =
            catch_unwind(AssertUnwindSafe(|| Encoder::new(&packed, plan.information()).get_encoded_packets(spare)))
                .map_err(|_| PackError::Malformed)?;
        let name = name_of(&packed);
        let texts = packets.into_iter().filter_map(|packet| {
            let (id, symbol) = packet.split();
            let number = u16::try_from(id.encoding_symbol_id()).ok()?;
            Some(Frame { name, plan, number, symbol }.to_text())
        });
        Ok(Self { texts: texts.collect(), needed })
    }
}

/// How an answer is cut: its length and the size of a symbol, both within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    length: u32,
    symbol: u16,
}

impl Plan {
    fn of(length: usize, symbol: usize) -> Option<Self> {
        let fits = (1..=MAX_PACKED).contains(&length) && [SYMBOL, LARGE_SYMBOL].contains(&symbol);
        let length = u32::try_from(length).ok().filter(|_| fits)?;
        Some(Self { length, symbol: u16::try_from(symbol).ok()? })
    }

    /// One block without sub-blocks (RFC 6330, 4.4.1.2): an answer is small.
    fn information(self) -> ObjectTransmissionInformation {
        ObjectTransmissionInformation::new(u64::from(self.length), self.symbol, 1, 1, 8)
    }

    fn needed(self) -> usize {
        self.length.div_ceil(u32::from(self.symbol)) as usize
    }
}

/// One frame, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    name: [u8; 4],
    plan: Plan,
    number: u16,
    symbol: Vec<u8>,
}

impl Frame {
    fn to_text(&self) -> String {
        let mut bytes = Vec::with_capacity(HEAD + self.symbol.len() + TAIL);
        bytes.extend(self.name);
        bytes.extend(self.plan.length.to_be_bytes());
        bytes.extend(self.plan.symbol.to_be_bytes());
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(&self.symbol);
        let sum = checksum(&bytes);
        bytes.extend(sum);
        format!("{FRAME}{}", BASE32_NOPAD.encode(&bytes))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let start = text.get(..FRAME.len())?;
        // Longer than the longest frame: nothing of it is looked at.
        if !start.eq_ignore_ascii_case(FRAME) || text.len() > FRAME.len() + (HEAD + LARGE_SYMBOL + TAIL) * 2 {
            return None;
        }
        let body = text.get(FRAME.len()..)?.to_ascii_uppercase();
        let bytes = BASE32_NOPAD.decode(body.as_bytes()).ok()?;
        let (content, sum) = bytes.split_last_chunk::<TAIL>()?;
        if *sum != checksum(content) {
            return None;
        }
        let (name, rest) = content.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (size, rest) = rest.split_first_chunk::<2>()?;
        let (number, symbol) = rest.split_first_chunk::<2>()?;
        let plan = Plan::of(u32::from_be_bytes(*length) as usize, usize::from(u16::from_be_bytes(*size)))?;
        let right = symbol.len() == usize::from(plan.symbol);
        right.then(|| Self { name: *name, plan, number: u16::from_be_bytes(*number), symbol: symbol.to_vec() })
    }
}

fn checksum(bytes: &[u8]) -> [u8; TAIL] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes()
}

/// What the frames of one answer have in common. Tells answers apart; proves nothing.
fn name_of(packed: &[u8]) -> [u8; 4] {
    let hash = Sha256::digest(packed);
    [hash[0], hash[1], hash[2], hash[3]]
}

#[cfg(test)]
mod tests;
