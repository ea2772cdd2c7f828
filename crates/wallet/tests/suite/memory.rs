//! What is left in the memory of the process once the vault is locked (security.md R19), and what grows when it is opened
//! and locked again and again (R21). In a process of its own, because the others of this program hold the same words.
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use crate::common::{Place, link, take};
use crate::learner::{asked, yes};
use crate::verifier::Verifier;
use leerpas_core::{OsEntropy, Secret, SystemClock};
use leerpas_vault::{KdfParameters, Vault};
use leerpas_wallet::{Hand, Page, Wallet, World, WorldOptions};

const FOLDER: &str = "LEERPAS_TEST_MEMORY_FOLDER";
const LINK: &str = "LEERPAS_TEST_MEMORY_LINK";

fn options(folder: &Path) -> WorldOptions {
    WorldOptions {
        allow_loopback: true,
        tls_roots: vec![folder.join("ca.pem")],
        trust: vec![folder.join("trust.json")],
        ..WorldOptions::default()
    }
}

/// The next line of standard input, read past every buffer that would keep it.
fn heard() -> Secret<String> {
    let mut input = fs::File::open("/dev/stdin").unwrap();
    let (mut byte, mut text) = ([0_u8; 1], Vec::with_capacity(256));
    while input.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
        text.push(byte[0]);
    }
    Secret::new(String::from_utf8(text).unwrap())
}

fn say(what: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\nnow {what}").unwrap();
    out.flush().unwrap();
}

/// The process that is looked into: opens a vault, shows a card, shares it, and locks.
#[tokio::test(flavor = "multi_thread")]
async fn holder() {
    let (Ok(folder), Ok(request)) = (env::var(FOLDER), env::var(LINK)) else { return };
    let folder = PathBuf::from(folder);
    let wallet = Wallet::new(folder.join("profile"), World::prepare(options(&folder)).unwrap());
    wallet.unlock(heard()).await.unwrap();
    let cards = wallet.cards(None, Page::ALL).await.unwrap();
    let shown = wallet.card(&cards[0].id).await.unwrap();
    let prompt = asked(&wallet, &request).await;
    let ended = wallet.answer(yes(&prompt)).await.unwrap();
    say("open");
    drop(heard());
    drop((cards, shown, prompt, ended));
    wallet.dismiss().await;
    wallet.lock().await;
    say("locked");
    drop(heard());
}

/// The process that is opened and locked again and again. It says how much it holds after some rounds.
#[tokio::test(flavor = "multi_thread")]
async fn soaker() {
    let (Ok(folder), Err(_)) = (env::var(FOLDER), env::var(LINK)) else { return };
    let folder = PathBuf::from(folder);
    let wallet = Wallet::new(folder.join("profile"), World::prepare(options(&folder)).unwrap());
    let passphrase = heard();
    for round in 1..=200 {
        wallet.unlock(Secret::new(passphrase.expose().clone())).await.unwrap();
        for card in wallet.cards(None, Page::ALL).await.unwrap() {
            wallet.card(&card.id).await.unwrap();
        }
        let refused = wallet.arrive(link("openid4vp://?client_id=x"), Hand::Person).await;
        assert!(refused.is_err());
        wallet.dismiss().await;
        wallet.lock().await;
        if round == 40 || round == 200 {
            say(&format!("{} {}", fs::read_dir("/proc/self/fd").unwrap().count(), resident()));
        }
    }
}

/// Memory that is in use by this process, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

struct Looked {
    child: Child,
    input: ChildStdin,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Looked {
    /// Starts a test of this file again, as a process of its own.
    fn start(test: &str, folder: &Path, request: Option<&str>, passphrase: &str) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .env_remove("RUST_BACKTRACE");
        match request {
            Some(request) => command.env(LINK, request),
            // What it gives back goes back to the system at once, so that what grows is what is held.
            None => command.env("MALLOC_ARENA_MAX", "1").env("MALLOC_MMAP_THRESHOLD_", "131072"),
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut looked = Self { input: child.stdin.take().unwrap(), child, lines: Box::new(lines) };
        looked.tell(passphrase);
        looked
    }

    fn tell(&mut self, line: &str) {
        self.input.write_all(format!("{line}\n").as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    fn hear(&mut self) -> String {
        self.lines.find_map(|line| line.strip_prefix("now ").map(str::to_owned)).unwrap()
    }

    /// Which of these are in the memory that the process can write to. `None` where we may not look.
    fn holds(&self, needles: &[(&'static str, Vec<u8>)]) -> Option<Vec<&'static str>> {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.child.id())).ok()?;
        let mut memory = fs::File::open(format!("/proc/{}/mem", self.child.id())).ok()?;
        let mut found = Vec::new();
        for line in maps.lines().filter(|line| line.contains(" rw")) {
            let (from, to) = line.split(' ').next()?.split_once('-')?;
            let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
            memory.seek(SeekFrom::Start(from)).ok()?;
            let mut bytes = vec![0; usize::try_from(to - from).ok()?];
            // A mapping of a device cannot be read; nothing of ours lies there.
            if memory.read_exact(&mut bytes).is_err() {
                continue;
            }
            found.extend(needles.iter().filter(|(_, needle)| contains(&bytes, needle)).map(|(name, _)| *name));
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }
}

impl Drop for Looked {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let mut rest = bytes;
    // By the library's search for one byte, which is quick also in a test that is not optimised.
    while let Some(at) = rest.iter().position(|byte| *byte == needle[0]) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// A vault with one card, under a passphrase that no program knows; with the private keys of the card.
async fn vault_with_a_card(place: &Place, offer: &str, code: &str) -> (String, Vec<Vec<u8>>, Vec<u8>) {
    let mut random = [0; 12];
    leerpas_core::Entropy::fill(&OsEntropy, &mut random);
    let passphrase: String = random.iter().map(|byte| char::from(b'a' + byte % 26)).collect::<String>() + " in de kast";
    let secret = || Secret::new(passphrase.clone());
    let folder = place.path("profile");
    drop(Vault::create(&folder, &secret(), KdfParameters::FLOOR, &SystemClock, &OsEntropy).unwrap());
    let wallet = Wallet::new(folder.clone(), World::prepare(place.options()).unwrap());
    wallet.unlock(secret()).await.unwrap();
    take(&wallet, offer, code).await.unwrap();
    let card = wallet.cards(None, Page::ALL).await.unwrap().remove(0);
    let original = wallet.original(&card.id).await.unwrap();
    wallet.lock().await;
    let vault = Vault::open_with_passphrase(&folder, &secret()).unwrap();
    let keys = vault.keys().unwrap();
    let keys = keys.iter().map(|key| vault.open_key(&key.id).unwrap().expose().clone()).collect();
    (passphrase, keys, original)
}

#[tokio::test(flavor = "multi_thread")]
async fn r19_after_locking_no_key_no_passphrase_and_no_claim_is_in_memory() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let (passphrase, keys, original) =
        vault_with_a_card(&place, &sandbox.offers["microcredential"], &sandbox.tx_code).await;
    let verifier = Verifier::start(place.folder.path(), "Werkplaats").await;
    let request = verifier.ask(|_| {});
    // As it is kept, and as arithmetic holds it: the last byte first.
    let turned = |key: &Vec<u8>| key.iter().rev().copied().collect();
    let mut needles: Vec<(&'static str, Vec<u8>)> =
        keys.iter().map(|key| ("a private key, last byte first", turned(key))).collect();
    needles.extend(keys.into_iter().map(|key| ("a private key", key)));
    needles.push(("the passphrase", passphrase.clone().into_bytes()));
    needles.push(("the date of birth", b"1994-05-17".to_vec()));
    needles.push(("the family name", b"van Voorbeeld".to_vec()));
    // Long ones too: what is freed loses its first bytes by itself, and keeps the rest.
    let middle = original.len() / 2;
    needles.push(("the middle of the credential", original[middle..middle + 48].to_vec()));
    needles.push(("a part of the description", b"credentialSubject\":{\"achievement".to_vec()));
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    needles.push(("the passphrase in UTF-16", utf16(&passphrase)));
    let looking = tokio::task::spawn_blocking({
        let folder = place.folder.path().to_owned();
        move || {
            let mut looked = Looked::start("memory::holder", &folder, Some(&request), &passphrase);
            assert_eq!(looked.hear(), "open");
            let open = looked.holds(&needles);
            looked.tell("lock");
            assert_eq!(looked.hear(), "locked");
            (open, looked.holds(&needles))
        }
    });
    let (Some(open), Some(locked)) = looking.await.unwrap() else {
        println!("skipped: the memory of another process cannot be read here");
        return;
    };
    // The search finds what is there, or it would show nothing.
    assert!(open.contains(&"the date of birth") && open.contains(&"the family name"), "{open:?}");
    println!("open: {open:?}");
    assert_eq!(locked, Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn r21_opened_and_locked_two_hundred_times_nothing_grows() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let (passphrase, ..) = vault_with_a_card(&place, &sandbox.offers["microcredential"], &sandbox.tx_code).await;
    let folder = place.folder.path().to_owned();
    let [early, late] = tokio::task::spawn_blocking(move || {
        let mut looked = Looked::start("memory::soaker", &folder, None, &passphrase);
        [looked.hear(), looked.hear()].map(|said| {
            let (files, memory) = said.split_once(' ').unwrap();
            (files.parse::<usize>().unwrap(), memory.parse::<usize>().unwrap())
        })
    })
    .await
    .unwrap();
    assert_eq!(early.0, late.0, "open files");
    assert!(late.1 < early.1 + early.1 / 10 + 4_096, "memory in KiB: {early:?} {late:?}");
    let log = fs::metadata(place.path("profile").join("vault.db-wal")).map_or(0, |log| log.len());
    assert!(log < 1024 * 1024, "{log}");
}
