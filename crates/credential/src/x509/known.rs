//! What was worked out of certificates before: read chains, read roots, and which chain held under which roots.
//!
//! An institution signs every card with the same few certificates, and reading and proving those takes longer than the
//! card's own signature. Everything is kept under the hash of the bytes that it was worked out of, so that nothing here
//! can go stale: other bytes have another name. That a chain held is kept with the time in which all its certificates do,
//! and counts in that time alone; that one did not hold is never kept.

use std::{collections::BTreeMap, sync::Mutex};

use aws_lc_rs::digest::{Context, SHA256};
use openssl::{
    asn1::{Asn1Time, Asn1TimeRef},
    stack::StackRef,
    x509::X509,
};

use super::{Chain, Roots};

/// The name of what was worked out: a hash.
pub(super) type Name = [u8; 32];

/// Chains that were read.
pub(super) static CHAINS: Known<Chain> = Known::new();
/// Roots that were read from the same texts.
pub(super) static ROOTS: Known<Roots> = Known::new();
/// Chains that held under roots, with the seconds after which and before which they do.
pub(super) static PROVED: Known<(i64, i64)> = Known::new();

/// A bounded table; when it is full it begins anew.
pub(super) struct Known<V>(Mutex<BTreeMap<Name, V>>);

impl<V: Clone> Known<V> {
    /// How many are kept: more than a desk meets in a day.
    const MOST: usize = 256;

    const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    pub(super) fn get(&self, name: &Name) -> Option<V> {
        self.0.lock().ok()?.get(name).cloned()
    }

    pub(super) fn put(&self, name: Name, value: V) {
        if let Ok(mut known) = self.0.lock() {
            if known.len() >= Self::MOST {
                known.clear();
            }
            known.insert(name, value);
        }
    }
}

/// The hash of these parts, each with its length before it.
pub(super) fn name<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Name {
    let mut name = Context::new(&SHA256);
    for part in parts {
        name.update(&part.len().to_be_bytes());
        name.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(name.finish().as_ref());
    hash
}

/// The time in which all of these certificates hold: after the one second and before the other.
pub(super) fn dates(certificates: &StackRef<X509>) -> Option<(i64, i64)> {
    let mut dates = (i64::MIN, i64::MAX);
    for certificate in certificates {
        dates.0 = dates.0.max(seconds(certificate.not_before())?);
        dates.1 = dates.1.min(seconds(certificate.not_after())?);
    }
    Some(dates)
}

fn seconds(time: &Asn1TimeRef) -> Option<i64> {
    let since = Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    Some(i64::from(since.days) * 86_400 + i64::from(since.secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_never_grows_beyond_its_bound() {
        let known = Known::new();
        for number in 0..3 * Known::<usize>::MOST {
            known.put(name([&number.to_be_bytes()[..]]), number);
            assert!(known.0.lock().unwrap().len() <= Known::<usize>::MOST);
            assert_eq!(known.get(&name([&number.to_be_bytes()[..]])), Some(number));
        }
        assert_eq!(known.get(&name([&b"other"[..]])), None);
    }

    #[test]
    fn parts_that_are_cut_elsewhere_have_another_name() {
        assert_ne!(name([&b"ab"[..], b"c"]), name([&b"a"[..], b"bc"]));
    }
}
