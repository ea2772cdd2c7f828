//! An answer as pictures is on the screen, and the person goes away without a word: the log says what nobody can know.

use crate::common::{Place, link, phrase, take};
use crate::verifier::{Asked, Employer};
use leerpas_core::{Activity, ActivityKind, ErrorKind, Outcome};
use leerpas_sandbox::Sandbox;
use leerpas_wallet::{Answer, Choice, End, FramesPrompt, Hand, Progress, Prompt, Wallet};

struct Room {
    place: Place,
    _sandbox: Sandbox,
    wallet: Wallet,
    desk: Employer,
}

async fn room() -> Room {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
    let desk = Employer::start(place.folder.path()).await;
    // The desk wrote itself into the list of the trial.
    drop(wallet);
    let wallet = place.wallet().await;
    Room { place, _sandbox: sandbox, wallet, desk }
}

/// Says yes, so that the pictures are on the screen.
async fn showing(room: &Room) -> (Asked, FramesPrompt) {
    let asked = room.desk.ask_offline("microcredential").await;
    let mut progress = room.wallet.arrive(link(&asked.link), Hand::Person).await.unwrap();
    loop {
        let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
        let answer = match *prompt {
            Prompt::Contact { .. } => Answer::Take { code: None },
            Prompt::Share(prompt) => {
                Answer::Share { fingerprint: prompt.plan.fingerprint.clone(), choice: Choice::default() }
            }
            Prompt::Frames(frames) => return (asked, frames),
            other => panic!("{other:?}"),
        };
        progress = room.wallet.answer(answer).await.unwrap();
    }
}

async fn shared(wallet: &Wallet) -> Vec<Activity> {
    let mut log = wallet.activities().await.unwrap();
    log.retain(|line| line.kind == ActivityKind::Shared);
    log
}

fn is_uncertain(line: &Activity) {
    assert_eq!((line.outcome, line.error), (Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)), "{line:?}");
    assert!(line.claims.iter().any(|claim| claim.path == "given_name"), "{line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_pictures_that_the_person_puts_away_may_have_been_read() {
    let room = room().await;
    let (_, frames) = showing(&room).await;
    assert!(frames.texts.len() > frames.needed);
    let log = shared(&room.wallet).await;
    assert_eq!((log.len(), log[0].outcome), (1, Outcome::Started), "written down before the first picture is shown");

    assert!(matches!(room.wallet.dismiss().await, Progress::Idle));
    let log = shared(&room.wallet).await;
    assert_eq!(log.len(), 1);
    is_uncertain(&log[0]);
    // The question is gone with the pictures.
    let late = room.wallet.answer(Answer::Shown { read: true }).await.unwrap_err();
    assert_eq!(late.kind, ErrorKind::NoSession);
    is_uncertain(&shared(&room.wallet).await[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_pictures_that_a_lock_takes_off_the_screen_may_have_been_read_and_were() {
    let room = room().await;
    let (asked, frames) = showing(&room).await;
    room.wallet.lock().await;
    assert!(matches!(*room.wallet.watch().borrow(), Progress::Idle), "nothing is left on the screen");
    let late = room.wallet.answer(Answer::Shown { read: true }).await.unwrap_err();
    assert_eq!(late.kind, ErrorKind::NoSession);

    room.wallet.unlock(phrase()).await.unwrap();
    let log = shared(&room.wallet).await;
    assert_eq!(log.len(), 1);
    is_uncertain(&log[0]);
    assert_eq!(room.wallet.take_broken_off(), [], "it was ended before the lock, not found afterwards");
    // Somebody did film the screen: the desk has what the log says that it may have.
    room.desk.bring(&asked, &frames.texts).await;
    assert_eq!(room.desk.result(&asked).await["state"], "answered");
    // The same request is not answered again, whoever shows it.
    let again = room.wallet.arrive(link(&asked.link), Hand::Person).await;
    let kind = match again {
        Err(failure) => failure.kind,
        Ok(Progress::Ask(prompt)) => panic!("{prompt:?}"),
        Ok(other) => panic!("{other:?}"),
    };
    assert_eq!(kind, ErrorKind::RequestAnswered);
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_pictures_on_the_screen_when_the_program_ends_are_told_at_the_next_start() {
    let room = room().await;
    showing(&room).await;
    // Without a word: as when the power goes.
    let Room { place, wallet, _sandbox, .. } = room;
    drop(wallet);
    let wallet = place.wallet().await;
    let log = shared(&wallet).await;
    assert_eq!((log.len(), log[0].outcome), (1, Outcome::Uncertain));
    assert_eq!(wallet.take_broken_off(), log);
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_pictures_of_which_the_person_says_that_they_were_read_are_shared() {
    let room = room().await;
    showing(&room).await;
    let ended = room.wallet.answer(Answer::Shown { read: true }).await.unwrap();
    let Progress::Ended(end) = ended else { panic!("{ended:?}") };
    assert!(matches!(*end, End::Shared { outcome: Outcome::Done, .. }), "{end:?}");
    room.wallet.dismiss().await;
    let log = shared(&room.wallet).await;
    assert_eq!((log.len(), log[0].outcome, log[0].error), (1, Outcome::Done, None), "leaving changes nothing any more");
}
