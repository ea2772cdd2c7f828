//! The register of issued credentials: one status index per copy, one status per credential, and the two
//! kinds of lists made from it.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Write},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use leerpas_core::{Entropy, Timestamp};

/// Entries of every list: the least that Bitstring Status List 1.0, 2.3 allows, so that one index says
/// little about its owner.
pub const ENTRIES: usize = 131_072;
/// Bits per entry in the Token Status List: room for valid, invalid and suspended.
pub const TOKEN_BITS: usize = 2;

/// What the institution says about a credential (Token Status List, 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nothing is wrong with it.
    #[default]
    Valid,
    /// It was withdrawn.
    Revoked,
    /// It is on hold.
    Suspended,
}

impl Standing {
    /// The value in a Token Status List.
    fn token_value(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Revoked => 1,
            Self::Suspended => 2,
        }
    }

    /// The word on the trial page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
        }
    }
}

/// One credential that was given out, with all its copies.
#[derive(Debug)]
pub struct Issued {
    /// The title of the course.
    pub title: &'static str,
    /// When.
    pub at: Timestamp,
    /// The index of each copy.
    pub indices: Vec<usize>,
    /// What is said about it now.
    pub standing: Standing,
}

/// All that was given out since the sandbox started. It holds no name and no key.
#[derive(Debug, Default)]
pub struct Register {
    issued: BTreeMap<u64, Issued>,
    owner: HashMap<usize, u64>,
}

/// Every index is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the status lists are full")]
pub struct Full;

impl Register {
    /// Enters one credential with its copies and gives each copy an index of its own. Indices are drawn at
    /// random, so that neighbours in the list say nothing about each other (Token Status List, 12.5).
    ///
    /// # Errors
    /// When too few indices are left.
    pub fn enter(
        &mut self,
        title: &'static str,
        copies: usize,
        at: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<Vec<usize>, Full> {
        // Half empty at least, so that drawing ends soon.
        if self.owner.len() + copies > ENTRIES / 2 {
            return Err(Full);
        }
        let number = self.issued.keys().next_back().map_or(0, |last| last + 1);
        let mut indices = Vec::with_capacity(copies);
        while indices.len() < copies {
            let mut bytes = [0_u8; 4];
            entropy.fill(&mut bytes);
            let index = usize::try_from(u32::from_be_bytes(bytes)).unwrap_or(0) % ENTRIES;
            if let std::collections::hash_map::Entry::Vacant(place) = self.owner.entry(index) {
                place.insert(number);
                indices.push(index);
            }
        }
        self.issued.insert(number, Issued { title, at, indices: indices.clone(), standing: Standing::Valid });
        Ok(indices)
    }

    /// Sets what is said about the credential to which this index belongs, with all its copies. Gives its
    /// title, or nothing when no credential has the index.
    pub fn set(&mut self, index: usize, standing: Standing) -> Option<&'static str> {
        let issued = self.issued.get_mut(self.owner.get(&index)?)?;
        issued.standing = standing;
        Some(issued.title)
    }

    /// Everything that was given out, the newest first.
    pub fn issued(&self) -> impl Iterator<Item = &Issued> {
        self.issued.values().rev()
    }

    /// The `lst` of a Token Status List with two bits per entry: the lowest bits of a byte come first, zlib,
    /// base64url.
    ///
    /// # Errors
    /// Never in practice: writing to memory does not fail.
    pub fn token_list(&self) -> io::Result<String> {
        let mut bytes = vec![0_u8; ENTRIES * TOKEN_BITS / 8];
        for (index, standing) in self.standings() {
            let bit = index * TOKEN_BITS;
            bytes[bit / 8] |= standing.token_value() << (bit % 8);
        }
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&bytes)?;
        Ok(URL_SAFE_NO_PAD.encode(zlib.finish()?))
    }

    /// The `encodedList` of a Bitstring Status List about one standing: the highest bit of a byte comes first,
    /// gzip, multibase base64url.
    ///
    /// # Errors
    /// Never in practice: writing to memory does not fail.
    pub fn bitstring(&self, about: Standing) -> io::Result<String> {
        let mut bytes = vec![0_u8; ENTRIES / 8];
        for (index, standing) in self.standings() {
            if standing == about {
                bytes[index / 8] |= 0x80 >> (index % 8);
            }
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes)?;
        Ok(format!("u{}", URL_SAFE_NO_PAD.encode(gzip.finish()?)))
    }

    fn standings(&self) -> impl Iterator<Item = (usize, Standing)> {
        self.issued.values().flat_map(|issued| issued.indices.iter().map(|index| (*index, issued.standing)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::{GzDecoder, ZlibDecoder};
    use leerpas_core::OsEntropy;

    use super::*;

    fn with_one(copies: usize) -> (Register, Vec<usize>) {
        let mut register = Register::default();
        let indices = register.enter("A course", copies, Timestamp::UNIX_EPOCH, &OsEntropy).unwrap();
        (register, indices)
    }

    fn inflated_token_list(register: &Register) -> Vec<u8> {
        let packed = URL_SAFE_NO_PAD.decode(register.token_list().unwrap()).unwrap();
        let mut bytes = Vec::new();
        ZlibDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn every_copy_has_an_index_of_its_own_and_a_withdrawal_takes_all_copies() {
        let (mut register, indices) = with_one(5);
        let mut different = indices.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 5);
        assert_eq!(register.set(indices[3], Standing::Revoked), Some("A course"));
        let bytes = inflated_token_list(&register);
        for index in indices {
            assert_eq!((bytes[index / 4] >> (index % 4 * 2)) & 3, 1);
        }
        assert_eq!(bytes.iter().map(|byte| byte.count_ones()).sum::<u32>(), 5);
    }

    #[test]
    fn token_status_list_4_1_the_lowest_bits_come_first() {
        let (mut register, indices) = with_one(1);
        register.set(indices[0], Standing::Suspended);
        let bytes = inflated_token_list(&register);
        assert_eq!(bytes.len(), ENTRIES / 4);
        assert_eq!(bytes[indices[0] / 4], 2 << (indices[0] % 4 * 2));
    }

    #[test]
    fn bitstring_status_list_3_3_the_highest_bit_comes_first_and_the_list_is_16_kb() {
        let (mut register, indices) = with_one(1);
        register.set(indices[0], Standing::Revoked);
        let read = |about| {
            let text = register.bitstring(about).unwrap();
            let packed = URL_SAFE_NO_PAD.decode(text.strip_prefix('u').unwrap()).unwrap();
            let mut bytes = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
            bytes
        };
        let revoked = read(Standing::Revoked);
        assert_eq!(revoked.len(), 16 * 1024);
        assert_eq!(revoked[indices[0] / 8], 0x80 >> (indices[0] % 8));
        assert!(read(Standing::Suspended).iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_suspended_credential_can_be_valid_again_and_an_unknown_index_is_nobodys() {
        let (mut register, indices) = with_one(1);
        register.set(indices[0], Standing::Suspended);
        register.set(indices[0], Standing::Valid);
        assert!(inflated_token_list(&register).iter().all(|byte| *byte == 0));
        assert_eq!(register.set((indices[0] + 1) % ENTRIES, Standing::Revoked), None);
        assert_eq!(register.set(usize::MAX, Standing::Revoked), None);
    }

    #[test]
    fn the_register_says_when_it_is_full() {
        let mut register = Register::default();
        assert_eq!(register.enter("x", ENTRIES, Timestamp::UNIX_EPOCH, &OsEntropy), Err(Full));
    }
}
