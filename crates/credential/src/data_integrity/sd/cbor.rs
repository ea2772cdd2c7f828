//! As much of CBOR (RFC 8949) as a proof value has: whole numbers, byte and text strings, arrays and maps.
//!
//! Lengths are definite and as short as they can be (section 4.2.1), so that one value has one form. Byte strings may
//! carry tag 64 (RFC 8746, typed array of bytes), which some signers write.

const UNSIGNED: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// The tag of a typed array of bytes.
const TYPED_BYTES: u64 = 64;

/// Writes values one after the other.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// Begins with these bytes.
    pub(super) fn after(header: &[u8]) -> Self {
        Self(header.to_vec())
    }

    /// The head of an array of so many values.
    pub(super) fn array(&mut self, count: usize) {
        self.head(ARRAY, count as u64);
    }

    /// The head of a map of so many pairs.
    pub(super) fn map(&mut self, count: usize) {
        self.head(MAP, count as u64);
    }

    /// A whole number.
    pub(super) fn unsigned(&mut self, value: u64) {
        self.head(UNSIGNED, value);
    }

    /// A byte string.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// A text string.
    pub(super) fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// What was written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn head(&mut self, major: u8, value: u64) {
        let bytes = value.to_be_bytes();
        let (info, tail) = match value {
            0..=23 => (bytes[7], &bytes[8..]),
            24..=0xff => (24, &bytes[7..]),
            0x100..=0xffff => (25, &bytes[6..]),
            0x1_0000..=0xffff_ffff => (26, &bytes[4..]),
            _ => (27, &bytes[..]),
        };
        self.0.push(major << 5 | info);
        self.0.extend_from_slice(tail);
    }
}

/// Reads values one after the other; `None` for anything else than was asked for.
pub(super) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    /// Reads these bytes.
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// The count of an array.
    pub(super) fn array(&mut self) -> Option<usize> {
        self.count(ARRAY)
    }

    /// The count of a map.
    pub(super) fn map(&mut self) -> Option<usize> {
        self.count(MAP)
    }

    /// A whole number.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        self.head(UNSIGNED)
    }

    /// A byte string, with or without tag 64.
    pub(super) fn bytes(&mut self) -> Option<&'b [u8]> {
        if self.0.first()? >> 5 == TAG && self.head(TAG)? != TYPED_BYTES {
            return None;
        }
        let length = usize::try_from(self.head(BYTES)?).ok()?;
        self.take(length)
    }

    /// A byte string of this length.
    pub(super) fn exactly<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes()?.try_into().ok()
    }

    /// A text string.
    pub(super) fn text(&mut self) -> Option<&'b str> {
        let length = usize::try_from(self.head(TEXT)?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// That nothing follows.
    pub(super) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    /// A count of things that take a byte each at least, so that no input makes us set aside more than it is long.
    fn count(&mut self, major: u8) -> Option<usize> {
        let count = usize::try_from(self.head(major)?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    fn head(&mut self, major: u8) -> Option<u64> {
        let first = *self.take(1)?.first()?;
        if first >> 5 != major {
            return None;
        }
        let (length, shortest) = match first & 31 {
            info @ 0..=23 => return Some(u64::from(info)),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            _ => return None,
        };
        let value = self.take(length)?.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        (value >= shortest).then_some(value)
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc8949_3_whole_numbers_of_every_length_are_read_as_written() {
        for value in [0, 23, 24, 255, 256, 65_535, 65_536, 0xffff_ffff, 0x1_0000_0000, u64::MAX] {
            let mut writer = Writer::default();
            writer.unsigned(value);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.unsigned(), Some(value));
            assert_eq!(reader.end(), Some(()));
        }
    }

    #[test]
    fn rfc8949_4_2_1_a_longer_form_than_needed_is_refused() {
        for bytes in
            [&[0x18, 23][..], &[0x19, 0, 255], &[0x1a, 0, 0, 255, 255], &[0x1b, 0, 0, 0, 0, 255, 255, 255, 255]]
        {
            assert_eq!(Reader::new(bytes).unsigned(), None, "{bytes:?}");
        }
    }

    #[test]
    fn rfc8949_3_2_indefinite_and_cut_values_are_refused() {
        assert_eq!(Reader::new(&[0x5f, 0xff]).bytes(), None);
        assert_eq!(Reader::new(&[0x43, 1, 2]).bytes(), None);
        assert_eq!(Reader::new(&[0x62, 0xff, 0xff]).text(), None);
        assert_eq!(Reader::new(&[0x9a, 0xff, 0xff, 0xff, 0xff]).array(), None);
        assert_eq!(Reader::new(&[]).map(), None);
    }

    #[test]
    fn rfc8746_bytes_may_be_a_typed_array() {
        assert_eq!(Reader::new(&[0xd8, 64, 0x42, 1, 2]).bytes(), Some(&[1, 2][..]));
        assert_eq!(Reader::new(&[0xd8, 65, 0x42, 1, 2]).bytes(), None);
    }
}
