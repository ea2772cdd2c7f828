//! The program is killed in the middle of things: what may have left is in the log, and nothing is there by half.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use crate::common::{Place, holdings, link, phrase, take};
use crate::verifier::{Employer, Then, Verifier};
use leerpas_core::{Activity, ActivityKind, CardStatus, ErrorKind, Outcome, Secret};
use leerpas_sandbox::{Misbehave, Place as Where};
use leerpas_wallet::{Answer, Choice, End, Hand, Page, Progress, Prompt, Wallet, World, WorldOptions};

const FOLDER: &str = "LEERPAS_TEST_INTERRUPTED_FOLDER";
const LINK: &str = "LEERPAS_TEST_INTERRUPTED_LINK";
const CODE: &str = "LEERPAS_TEST_INTERRUPTED_CODE";

/// The program that is killed: this test file again, told so by the environment. It says yes to everything but to
/// keeping a card, and says what it is doing.
#[tokio::test(flavor = "multi_thread")]
async fn victim() {
    let (Ok(folder), Ok(request), Ok(code)) = (env::var(FOLDER), env::var(LINK), env::var(CODE)) else { return };
    let folder = PathBuf::from(folder);
    let wallet = Wallet::new(folder.join("profile"), World::prepare(options(&folder)).unwrap());
    wallet.unlock(phrase()).await.unwrap();
    let mut watched = wallet.watch();
    tokio::spawn(async move {
        while watched.changed().await.is_ok() {
            if let Progress::Working(work) = &*watched.borrow_and_update() {
                say(&format!("{work:?}"));
            }
        }
    });
    let mut progress = wallet.arrive(link(&request), Hand::Person).await.unwrap();
    loop {
        let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
        let answer = match *prompt {
            Prompt::Contact { .. } => Answer::Take { code: None },
            Prompt::Frames(_) => Answer::Shown { read: true },
            Prompt::Offer(offer) => Answer::Take { code: offer.code.map(|_| Secret::new(code.clone())) },
            Prompt::Share(prompt) => {
                Answer::Share { fingerprint: prompt.plan.fingerprint.clone(), choice: Choice::default() }
            }
            Prompt::SignIn { .. } | Prompt::Choose(_) => panic!("this offer needs no sign-in"),
            // The person looks at the cards when it happens.
            Prompt::Review(_) => {
                say("review");
                std::future::pending().await
            }
        };
        progress = wallet.answer(answer).await.unwrap();
    }
}

fn say(what: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\nnow {what}").unwrap();
    out.flush().unwrap();
}

fn options(folder: &std::path::Path) -> WorldOptions {
    WorldOptions {
        allow_loopback: true,
        tls_roots: vec![folder.join("ca.pem")],
        trust: vec![folder.join("trust.json")],
        ..WorldOptions::default()
    }
}

fn start(place: &Place, request: &str, code: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["interrupted::victim", "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, place.folder.path())
        .env(LINK, request)
        .env(CODE, code)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills the program (SIGKILL) as soon as it says that it is doing this.
async fn kill_at(mut child: Child, what: &'static str) {
    tokio::task::spawn_blocking(move || {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let reached = lines.any(|line| line == format!("now {what}"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(reached, "it ended before {what}");
    })
    .await
    .unwrap();
}

async fn shared(wallet: &Wallet) -> Vec<Activity> {
    let mut log = wallet.activities().await.unwrap();
    log.retain(|line| line.kind == ActivityKind::Shared);
    log
}

/// Every card checks out against the institution, and every key is there once.
async fn assert_whole(wallet: &Wallet, cards: usize, keys: usize) {
    assert_eq!(holdings(wallet).await, (cards, keys));
    for card in wallet.cards(None, Page::ALL).await.unwrap() {
        let (checked, report) = wallet.check_again(&card.id).await.unwrap();
        assert_eq!(checked.status, CardStatus::Valid, "{report:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_an_answer_is_on_its_way_the_log_says_that_it_may_have_been_shared() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
    let (cards, keys) = holdings(&wallet).await;
    wallet.lock().await;
    drop(wallet);
    let verifier = Verifier::start(place.folder.path(), "Werkplaats").await;
    verifier.then(Then::Silent);

    for round in 1..=3 {
        let mut child = start(&place, &verifier.ask(|_| {}), "");
        verifier.wait_for_answers(round).await;
        child.kill().unwrap();
        child.wait().unwrap();

        let wallet = place.wallet().await;
        let log = shared(&wallet).await;
        assert_eq!(log.len(), round);
        assert_eq!(log[0].outcome, Outcome::Uncertain, "{:?}", log[0]);
        assert_eq!(wallet.take_broken_off(), log[..1], "what was broken off is told");
        assert_eq!(log[0].party.as_ref().unwrap().name, "Werkplaats");
        assert_eq!(log[0].purpose.as_deref(), Some("Een klus aan de dijk"));
        assert!(log[0].claims.iter().any(|claim| claim.path == "given_name"), "{:?}", log[0]);
        assert_eq!((log[0].cards.len(), log[0].titles.len()), (1, 1));
        assert_whole(&wallet, cards, keys).await;
        wallet.lock().await;
    }
    assert_eq!(verifier.answers().len(), 3, "nothing is sent again by itself");

    // The next one works, and shows what the party may have.
    verifier.then(Then::thanks());
    let wallet = place.wallet().await;
    let progress = wallet.arrive(link(&verifier.ask(|_| {})), Hand::Person).await.unwrap();
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::Share(prompt) = *prompt else { panic!("{prompt:?}") };
    assert_eq!(prompt.before.iter().map(|before| before.times).collect::<Vec<_>>(), [3]);
    wallet.dismiss().await;
    let end = take(&wallet, &verifier.ask(|_| {}), "").await.unwrap();
    assert!(matches!(end, End::Shared { outcome: Outcome::Done, .. }), "{end:?}");
    let desk = Employer::start(place.folder.path()).await;
    let asked = desk.ask("microcredential").await;
    take(&wallet, &asked.link, "").await.unwrap();
    assert_eq!(desk.result(&asked).await["verdict"], "valid");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_yes_nothing_is_in_the_log() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
    let (cards, keys) = holdings(&wallet).await;
    wallet.lock().await;
    let verifier = Verifier::start(place.folder.path(), "Werkplaats").await;
    let mut child = start(&place, &verifier.ask_in_silence(), "");
    verifier.wait_for_fetches(1).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let wallet = place.wallet().await;
    assert_eq!((shared(&wallet).await.len(), verifier.answers().len()), (0, 0));
    assert_whole(&wallet, cards, keys).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_a_card_is_on_its_way_nothing_is_half_kept() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    take(&wallet, &sandbox.offers["badge"], &sandbox.tx_code).await.unwrap();
    let (cards, keys) = holdings(&wallet).await;
    let mut lines = wallet.activities().await.unwrap().len();
    wallet.lock().await;
    drop(wallet);
    for (silent, moment, accepted) in [
        (Some(Where::Metadata), "There(Metadata)", false),
        (Some(Where::Token), "There(Token)", true),
        (Some(Where::Nonce), "There(Nonce)", true),
        (Some(Where::Credential), "There(Credential)", true),
        (None, "review", true),
    ] {
        sandbox.misbehave(silent.map(Misbehave::Silent));
        let child = start(&place, &sandbox.offers["microcredential"], &sandbox.tx_code);
        kill_at(child, moment).await;
        sandbox.misbehave(None);

        let wallet = place.wallet().await;
        assert_whole(&wallet, cards, keys).await;
        let log = wallet.activities().await.unwrap();
        lines += usize::from(accepted);
        assert_eq!(log.len(), lines, "{moment}: {log:?}");
        let told = wallet.take_broken_off();
        assert_eq!(told.len(), usize::from(accepted), "{moment}: told once, after unlocking");
        for line in &told {
            assert_eq!(line, &log[0]);
            assert_eq!((line.kind, line.outcome), (ActivityKind::Received, Outcome::Failed), "{moment}");
            assert_eq!(line.error, Some(ErrorKind::Interrupted), "{moment}");
            assert!(line.party.is_some() && !line.titles.is_empty() && line.cards.is_empty(), "{line:?}");
        }
        wallet.lock().await;
        wallet.unlock(phrase()).await.unwrap();
        assert_eq!(wallet.take_broken_off(), [], "{moment}");
        wallet.lock().await;
    }
    // The same offer can be taken after all.
    let wallet = place.wallet().await;
    let end = take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
    assert!(matches!(end, End::Kept(_)), "{end:?}");
    assert_eq!(holdings(&wallet).await.0, cards + 1);
}
