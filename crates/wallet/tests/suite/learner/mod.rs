//! A learner with a microcredential, and what the learner says to a request.

use leerpas_core::{Activity, ActivityKind, ErrorKind, Failure, Outcome};
use leerpas_sandbox::Sandbox;
use leerpas_wallet::{Answer, Choice, End, Hand, Progress, Prompt, SharePrompt, Wallet};

use crate::{
    common::{Place, link, take},
    verifier::{Employer, Verifier},
};

/// A claim that the requests of these tests welcome and do not need.
pub const OPTIONAL: &str = "given_name";

/// A learner with a microcredential, at an institution that is open.
pub struct Learner {
    pub place: Place,
    pub sandbox: Sandbox,
    pub wallet: Wallet,
}

impl Learner {
    pub async fn new() -> Self {
        let place = Place::new();
        let sandbox = place.sandbox().await;
        let wallet = place.wallet().await;
        take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
        Self { place, sandbox, wallet }
    }

    pub async fn employer(&self) -> Employer {
        Employer::start(self.place.folder.path()).await
    }

    pub async fn verifier(&self, name: &str) -> Verifier {
        Verifier::start(self.place.folder.path(), name).await
    }

    /// From a pasted link to what the person is asked.
    pub async fn asked(&self, request: &str) -> SharePrompt {
        asked(&self.wallet, request).await
    }

    /// Puts away what is open and asks again.
    pub async fn asked_anew(&self, verifier: &Verifier) -> SharePrompt {
        self.wallet.dismiss().await;
        self.asked(&verifier.ask(|_| {})).await
    }

    pub async fn refused(&self, request: &str) -> ErrorKind {
        match self.wallet.arrive(link(request), Hand::Person).await {
            Err(failure) => failure.kind,
            Ok(progress) => panic!("{request} was not refused: {progress:?}"),
        }
    }

    /// Says yes to what is proposed.
    pub async fn share(&self, request: &str) -> Result<End, Failure> {
        let prompt = self.asked(request).await;
        end(self.wallet.answer(yes(&prompt)).await)
    }

    /// What the log says about sharing, newest first.
    pub async fn log(&self) -> Vec<Activity> {
        let mut log = self.wallet.activities().await.unwrap();
        log.retain(|line| line.kind == ActivityKind::Shared);
        log
    }
}

pub async fn asked(wallet: &Wallet, request: &str) -> SharePrompt {
    share_prompt(wallet.arrive(link(request), Hand::Person).await.unwrap())
}

pub fn share_prompt(progress: Progress) -> SharePrompt {
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::Share(prompt) = *prompt else { panic!("{prompt:?}") };
    prompt
}

pub fn yes(prompt: &SharePrompt) -> Answer {
    Answer::Share { fingerprint: prompt.plan.fingerprint.clone(), choice: Choice::default() }
}

pub fn yes_without(prompt: &SharePrompt, path: &str) -> Answer {
    let choice = Choice { without: vec![(prompt.plan.queries[0].id.clone(), path.to_owned())], ..Choice::default() };
    Answer::Share { fingerprint: prompt.plan.fingerprint.clone(), choice }
}

pub fn end(progress: Result<Progress, Failure>) -> Result<End, Failure> {
    match progress? {
        Progress::Ended(end) => Ok(*end),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub fn assert_shared(end: &End, expected: Outcome) {
    assert!(matches!(end, End::Shared { outcome, .. } if *outcome == expected), "{end:?}");
}

/// The disclosures of the last answer, as text.
pub fn disclosed(verifier: &Verifier) -> String {
    let sd_jwt = verifier.last_sd_jwt();
    let parts: Vec<_> = sd_jwt.split('~').collect();
    let [_, disclosures @ .., _] = parts.as_slice() else { panic!("{sd_jwt}") };
    let decode = |part: &&str| String::from_utf8(leerpas_credential::jose::decode_base64url(part).unwrap()).unwrap();
    disclosures.iter().map(decode).collect()
}
