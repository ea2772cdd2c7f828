//! `slots.json`: the vault key, wrapped once per way of opening.
//!
//! The header says the version, the vault and the slots. A checksum tells damage from a wrong
//! passphrase before any passphrase is tried; a MAC under the vault key over the whole header makes
//! the header as hard to forge as the vault itself. Each slot is also bound to its vault and kind.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, Mac};
use leerpas_core::{Entropy, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    KdfParameters, RecoveryKey, VaultError,
    files::SLOTS,
    kdf,
    sealing::{Key, derive, seal, unseal},
};

const FORMAT: &str = "leerpas-vault";
const VERSION: u32 = 1;
/// Far more than three slots need, in bytes.
const LARGEST: u64 = 64 * 1024;

/// A way of opening the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// A passphrase; every vault has one.
    Passphrase,
    /// The recovery key; every vault has one.
    RecoveryKey,
    /// A secret in the keychain of the operating system: any program of this user may read it.
    Keychain,
}

impl SlotKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::RecoveryKey => "recovery_key",
            Self::Keychain => "keychain",
        }
    }
}

/// What `slots.json` holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slots {
    header: Header,
    /// SHA-256 of the header.
    checksum: String,
    /// HMAC-SHA-256 of the header under a key from the vault key.
    mac: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    vault: String,
    made: Timestamp,
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slot {
    kind: SlotKind,
    /// For the passphrase alone.
    kdf: Option<Kdf>,
    /// The vault key, sealed.
    wrapped: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kdf {
    algorithm: String,
    cost: KdfParameters,
    salt: String,
}

impl Slots {
    /// Slots for a new vault, with none in it yet.
    pub(crate) fn new(vault: String, made: Timestamp) -> Self {
        let header = Header { format: FORMAT.to_owned(), version: VERSION, vault, made, slots: Vec::new() };
        Self { header, checksum: String::new(), mac: String::new() }
    }

    /// Reads the file and checks all that can be checked without the vault key.
    ///
    /// # Errors
    /// [`VaultError::Foreign`], [`VaultError::Damaged`], [`VaultError::Newer`],
    /// [`VaultError::KdfOutOfBounds`], [`VaultError::Storage`].
    pub(crate) fn read(path: &Path) -> Result<Self, VaultError> {
        if std::fs::metadata(path)?.len() > LARGEST {
            return Err(VaultError::Foreign { file: SLOTS });
        }
        Self::parse(&std::fs::read(path)?)
    }

    fn parse(bytes: &[u8]) -> Result<Self, VaultError> {
        let damaged = |what| VaultError::Damaged { file: SLOTS, what };
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else {
            return Err(if was_ours(bytes) { damaged("cut short or changed") } else { foreign() });
        };
        if value.pointer("/header/format").and_then(serde_json::Value::as_str) != Some(FORMAT) {
            return Err(if was_ours(bytes) { damaged("changed") } else { foreign() });
        }
        let version = value.pointer("/header/version").and_then(serde_json::Value::as_i64);
        if let Some(found) = version.filter(|&found| found > i64::from(VERSION)) {
            return Err(VaultError::Newer { file: SLOTS, found, known: i64::from(VERSION) });
        }
        // From the text again: it refuses names that occur twice, which a Value hides.
        let slots: Self = serde_json::from_slice(bytes).map_err(|_| damaged("a part is missing or unknown"))?;
        if slots.header.version != VERSION || slots.checksum != slots.compute_checksum()? {
            return Err(damaged("the checksum does not hold"));
        }
        for (index, slot) in slots.header.slots.iter().enumerate() {
            let twice = slots.header.slots[..index].iter().any(|other| other.kind == slot.kind);
            if twice || (slot.kind == SlotKind::Passphrase) != slot.kdf.is_some() {
                return Err(damaged("the slots contradict each other"));
            }
            if let Some(kdf) = &slot.kdf {
                kdf.cost.check()?;
            }
        }
        Ok(slots)
    }

    /// The identifier of the vault.
    pub(crate) fn vault(&self) -> &str {
        &self.header.vault
    }

    /// The ways of opening.
    pub(crate) fn kinds(&self) -> Vec<SlotKind> {
        self.header.slots.iter().map(|slot| slot.kind).collect()
    }

    /// Whether there is a slot of this kind.
    pub(crate) fn has(&self, kind: SlotKind) -> bool {
        self.slot(kind).is_some()
    }

    /// The cost figures of the passphrase slot.
    pub(crate) fn cost(&self) -> KdfParameters {
        self.slot(SlotKind::Passphrase)
            .and_then(|slot| slot.kdf.as_ref())
            .map_or(KdfParameters::DEFAULT, |kdf| kdf.cost)
    }

    /// Puts the passphrase slot in, in place of the one before.
    pub(crate) fn put_passphrase(
        &mut self,
        vault_key: &Key,
        passphrase: &Secret<String>,
        cost: KdfParameters,
        entropy: &dyn Entropy,
    ) -> Result<(), VaultError> {
        let mut salt = [0_u8; 16];
        entropy.fill(&mut salt);
        let key = kdf::stretch(passphrase, &salt, cost)?;
        let kdf = Kdf { algorithm: "argon2id".to_owned(), cost, salt: BASE64.encode(salt) };
        self.put(vault_key, SlotKind::Passphrase, &key, Some(kdf))
    }

    /// Puts the recovery slot in, in place of the one before.
    pub(crate) fn put_recovery_key(&mut self, vault_key: &Key, recovery: &RecoveryKey) -> Result<(), VaultError> {
        self.put(vault_key, SlotKind::RecoveryKey, &recovery.key(), None)
    }

    /// Puts the keychain slot in, in place of the one before.
    pub(crate) fn put_keychain(&mut self, vault_key: &Key, secret: &Key) -> Result<(), VaultError> {
        self.put(vault_key, SlotKind::Keychain, &keychain_key(secret), None)
    }

    /// Takes the keychain slot out.
    pub(crate) fn remove_keychain(&mut self, vault_key: &Key) -> Result<(), VaultError> {
        self.header.slots.retain(|slot| slot.kind != SlotKind::Keychain);
        self.sign(vault_key)
    }

    /// The vault key by passphrase.
    pub(crate) fn open_with_passphrase(&self, passphrase: &Secret<String>) -> Result<Key, VaultError> {
        let damaged = VaultError::Damaged { file: SLOTS, what: "no passphrase slot" };
        let Some(kdf) = self.slot(SlotKind::Passphrase).and_then(|slot| slot.kdf.as_ref()) else {
            return Err(damaged);
        };
        let salt = BASE64.decode(&kdf.salt).ok().filter(|salt| salt.len() == 16 && kdf.algorithm == "argon2id");
        let salt = salt.ok_or(VaultError::Damaged { file: SLOTS, what: "the passphrase slot" })?;
        let key = kdf::stretch(passphrase, &salt, kdf.cost)?;
        self.open(SlotKind::Passphrase, &key)?.ok_or(VaultError::WrongPassphrase)
    }

    /// The vault key by recovery key.
    pub(crate) fn open_with_recovery_key(&self, recovery: &RecoveryKey) -> Result<Key, VaultError> {
        self.open(SlotKind::RecoveryKey, &recovery.key())?.ok_or(VaultError::WrongRecoveryKey)
    }

    /// The vault key by the secret of the keychain; `None` when that secret is not the right one.
    pub(crate) fn open_with_keychain(&self, secret: &Key) -> Result<Option<Key>, VaultError> {
        self.open(SlotKind::Keychain, &keychain_key(secret))
    }

    /// The bytes of the file.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, VaultError> {
        to_json(self)
    }

    fn slot(&self, kind: SlotKind) -> Option<&Slot> {
        self.header.slots.iter().find(|slot| slot.kind == kind)
    }

    fn put(&mut self, vault_key: &Key, kind: SlotKind, key: &Key, kdf: Option<Kdf>) -> Result<(), VaultError> {
        let wrapped = BASE64.encode(seal(key, &self.place(kind), vault_key.expose()));
        self.header.slots.retain(|slot| slot.kind != kind);
        self.header.slots.push(Slot { kind, kdf, wrapped });
        self.sign(vault_key)
    }

    fn open(&self, kind: SlotKind, key: &Key) -> Result<Option<Key>, VaultError> {
        let Some(slot) = self.slot(kind) else { return Ok(None) };
        let damaged = VaultError::Damaged { file: SLOTS, what: "a slot" };
        let Ok(sealed) = BASE64.decode(&slot.wrapped) else { return Err(damaged) };
        let Some(opened) = unseal(key, &self.place(kind), &sealed) else { return Ok(None) };
        let Ok(bytes) = <[u8; 32]>::try_from(opened.expose().as_slice()) else { return Err(damaged) };
        let vault_key = Secret::new(bytes);
        self.verify(&vault_key)?;
        Ok(Some(vault_key))
    }

    fn place(&self, kind: SlotKind) -> [&str; 4] {
        ["slot", "1", &self.header.vault, kind.as_str()]
    }

    fn sign(&mut self, vault_key: &Key) -> Result<(), VaultError> {
        self.checksum = self.compute_checksum()?;
        self.mac = BASE64.encode(self.mac_under(vault_key)?.finalize().into_bytes());
        Ok(())
    }

    fn verify(&self, vault_key: &Key) -> Result<(), VaultError> {
        let forged = VaultError::Damaged { file: SLOTS, what: "it was changed without the vault key" };
        let Ok(mac) = BASE64.decode(&self.mac) else { return Err(forged) };
        self.mac_under(vault_key)?.verify_slice(&mac).map_err(|_| forged)
    }

    fn compute_checksum(&self) -> Result<String, VaultError> {
        Ok(BASE64.encode(Sha256::digest(to_json(&self.header)?)))
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    fn mac_under(&self, vault_key: &Key) -> Result<Hmac<Sha256>, VaultError> {
        let key = derive(vault_key.expose(), "slots/v1");
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(key.expose()).expect("every length");
        Ok(mac.chain_update(to_json(&self.header)?))
    }
}

fn keychain_key(secret: &Key) -> Key {
    derive(secret.expose(), "kek-keychain/v1")
}

fn foreign() -> VaultError {
    VaultError::Foreign { file: SLOTS }
}

/// Whether bytes that cannot be read look like the rest of a file of ours. An empty one does: that is
/// what a full disk leaves.
fn was_ours(bytes: &[u8]) -> bool {
    const START: &[u8] = b"{\"header\":{\"format\":\"leerpas-vault\"";
    let alike = bytes.iter().zip(START).filter(|(found, ours)| found == ours).count();
    alike * 4 >= bytes.len().min(START.len()) * 3
}

/// Compact JSON with the fields in the order of the type: the same header always gives the same bytes.
fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, VaultError> {
    serde_json::to_vec(value).map_err(|_| VaultError::Internal { what: "the slots do not serialise".to_owned() })
}

#[cfg(test)]
mod tests {
    use leerpas_core::{CountingEntropy, OsEntropy};

    use super::*;
    use crate::sealing::draw;

    fn phrase(text: &str) -> Secret<String> {
        text.to_owned().into()
    }

    fn sample(vault: &str) -> (Slots, Key, RecoveryKey) {
        let chance = CountingEntropy::default();
        let (key, recovery) = (draw(&chance), RecoveryKey::draw(&chance));
        let mut slots = Slots::new(vault.to_owned(), Timestamp::UNIX_EPOCH);
        slots.put_passphrase(&key, &phrase("correct horse"), KdfParameters::FLOOR, &OsEntropy).unwrap();
        slots.put_recovery_key(&key, &recovery).unwrap();
        (slots, key, recovery)
    }

    #[test]
    fn each_slot_gives_the_vault_key_after_a_round_trip() {
        let (slots, key, recovery) = sample("a");
        let slots = Slots::parse(&slots.to_bytes().unwrap()).unwrap();
        assert_eq!(slots.open_with_passphrase(&phrase("correct horse")).unwrap().expose(), key.expose());
        assert_eq!(slots.open_with_recovery_key(&recovery).unwrap().expose(), key.expose());
        assert!(matches!(slots.open_with_passphrase(&phrase("correct hors")), Err(VaultError::WrongPassphrase)));
        let other = RecoveryKey::draw(&OsEntropy);
        assert!(matches!(slots.open_with_recovery_key(&other), Err(VaultError::WrongRecoveryKey)));
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_noticed_before_a_passphrase_is_tried() {
        let bytes = sample("a").0.to_bytes().unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            // The MAC is not covered by the checksum; it is checked once the vault key is there.
            let in_mac = at >= bytes.len() - 48;
            match Slots::parse(&changed) {
                Err(VaultError::Damaged { .. } | VaultError::Newer { .. }) => {}
                Ok(_) if in_mac => {}
                other => panic!("byte {at}: {other:?}"),
            }
            let cut = Slots::parse(&bytes[..at]);
            assert!(matches!(cut, Err(VaultError::Damaged { .. })), "cut at {at}: {cut:?}");
        }
    }

    #[test]
    fn foreign_files_are_told_from_damaged_ones() {
        for text in
            ["PK\u{3}\u{4} a zip file of some kind, long enough", "{\"name\":\"package\"}", "[]", "null", "7777777"]
        {
            assert!(matches!(Slots::parse(text.as_bytes()), Err(VaultError::Foreign { .. })), "{text}");
        }
    }

    #[test]
    fn a_newer_version_is_named() {
        let text = String::from_utf8(sample("a").0.to_bytes().unwrap()).unwrap();
        let newer = text.replace("\"version\":1", "\"version\":2,\"more\":true");
        assert!(matches!(Slots::parse(newer.as_bytes()), Err(VaultError::Newer { found: 2, known: 1, .. })));
    }

    #[test]
    fn i12_a_header_with_other_costs_is_refused() {
        let (slots, ..) = sample("a");
        for cost in [
            KdfParameters { memory_kib: 8, ..KdfParameters::FLOOR },
            KdfParameters { memory_kib: 64 * 1024 * 1024, ..KdfParameters::FLOOR },
        ] {
            let mut edited = slots.clone();
            edited.header.slots[0].kdf.as_mut().unwrap().cost = cost;
            edited.checksum = edited.compute_checksum().unwrap();
            let read = Slots::parse(&edited.to_bytes().unwrap());
            assert!(matches!(read, Err(VaultError::KdfOutOfBounds { .. })), "{read:?}");
        }
    }

    #[test]
    fn i12_a_header_edited_with_a_fitting_checksum_fails_its_mac() {
        let (mut slots, ..) = sample("a");
        slots.header.made = Timestamp::MAX;
        slots.checksum = slots.compute_checksum().unwrap();
        let read = Slots::parse(&slots.to_bytes().unwrap()).unwrap();
        let opened = read.open_with_passphrase(&phrase("correct horse"));
        assert!(matches!(opened, Err(VaultError::Damaged { .. })), "{opened:?}");
    }

    #[test]
    fn i12_a_slot_from_another_vault_opens_nothing() {
        let (mut slots, ..) = sample("a");
        let (other, ..) = sample("b");
        slots.header.slots = other.header.slots;
        slots.checksum = slots.compute_checksum().unwrap();
        let opened = slots.open_with_passphrase(&phrase("correct horse"));
        assert!(matches!(opened, Err(VaultError::WrongPassphrase)), "{opened:?}");
    }

    #[test]
    fn a_slot_twice_or_a_name_twice_is_refused() {
        let (mut slots, key, _) = sample("a");
        let again = slots.header.slots[1].clone();
        slots.header.slots.push(again);
        slots.sign(&key).unwrap();
        assert!(matches!(Slots::parse(&slots.to_bytes().unwrap()), Err(VaultError::Damaged { .. })));
        let text = String::from_utf8(sample("a").0.to_bytes().unwrap()).unwrap();
        let twice = text.replace("\"vault\":\"a\"", "\"vault\":\"a\",\"vault\":\"b\"");
        assert!(matches!(Slots::parse(twice.as_bytes()), Err(VaultError::Damaged { .. })));
    }
}
