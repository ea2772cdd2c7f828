//! An answer as pictures, in a shape that is small enough to cross at once.

use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_wallet::{FRAME_MILLISECONDS, FramesPrompt};

use crate::{cards::party, view::FramesView};

/// The pictures.
pub fn frames(frames: &FramesPrompt) -> FramesView {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    FramesView {
        party: party(&frames.party),
        size: number(frames.codes.first().map_or(0, |code| code.size)),
        codes: frames.codes.iter().map(|code| STANDARD.encode(packed(&code.dark))).collect(),
        needed: number(frames.needed),
        milliseconds: FRAME_MILLISECONDS,
    }
}

/// Eight squares in a byte, the first in the highest bit.
fn packed(dark: &[bool]) -> Vec<u8> {
    let byte = |eight: &[bool]| (0..).zip(eight).fold(0_u8, |byte, (at, dark)| byte | (u8::from(*dark) << (7 - at)));
    dark.chunks(8).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_come_eight_in_a_byte_the_first_in_the_highest_bit() {
        let mut dark = vec![false; 17];
        (dark[0], dark[9], dark[16]) = (true, true, true);
        assert_eq!(packed(&dark), [0b1000_0000, 0b0100_0000, 0b1000_0000]);
    }
}
