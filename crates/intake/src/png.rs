//! Whether a PNG carries a badge (Open Badges 3.0, 5.3.1; Open Badges 2.0 baking). Only the frame of the
//! file is walked: no pixel and no text is inflated here.

use leerpas_core::limits;

use crate::{IntakeError, error::within};

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

/// Whether bytes begin as a PNG does.
pub(crate) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}

/// Finds a badge in a PNG. `None` is a whole picture without one.
///
/// Breaking off is damage whether a badge was seen or not: it may have stood in the part that is gone.
pub(crate) fn badge(bytes: &[u8]) -> Result<Option<()>, IntakeError> {
    within(bytes.len(), limits::QR_IMAGE)?;
    let damaged = |what| IntakeError::Damaged { what };
    let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
    let (mut badges, mut sound) = (0, true);
    loop {
        let chunk = Chunk::split(rest).ok_or(damaged("it ends before its end mark"))?;
        sound &= chunk.is_sound();
        if chunk.is_badge() {
            badges += 1;
        }
        rest = chunk.rest;
        if chunk.kind == b"IEND" {
            break;
        }
    }
    match badges {
        0 => Ok(None),
        1 => {
            within(bytes.len(), limits::BADGE_IMAGE)?;
            if !sound {
                return Err(damaged("a checksum does not fit"));
            }
            // A plain picture with something behind it is harmless; a badge must be one thing only.
            if !rest.is_empty() {
                return Err(damaged("something follows its end mark"));
            }
            Ok(Some(()))
        }
        _ => Err(IntakeError::SeveralBadges),
    }
}

/// One chunk (PNG, third edition, 5.3): length, type, data, checksum.
struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    /// Type and data, which the checksum is over.
    summed: &'a [u8],
    checksum: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn split(bytes: &'a [u8]) -> Option<Self> {
        let (length, bytes) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (summed, bytes) = bytes.split_at_checked(length.checked_add(4)?)?;
        let (checksum, rest) = bytes.split_at_checked(4)?;
        let (kind, data) = summed.split_at(4);
        Some(Self { kind, data, summed, checksum, rest })
    }

    fn is_badge(&self) -> bool {
        matches!(self.kind, b"iTXt" | b"tEXt" | b"zTXt")
            && matches!(self.data.split(|byte| *byte == 0).next(), Some(b"openbadges" | b"openbadgecredential"))
    }

    fn is_sound(&self) -> bool {
        self.checksum == crc32(self.summed).to_be_bytes()
    }
}

/// The checksum of PNG (third edition, annex D; the polynomial of ISO 3309).
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut value = index as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        table
    };
    !bytes.iter().fold(u32::MAX, |sum, byte| TABLE[usize::from(sum as u8 ^ byte)] ^ (sum >> 8))
}
