//! An answer that leaves by the screen: shown as pictures until the person says whether they were read.

use std::sync::Arc;

use leerpas_core::{ActivityId, ErrorKind, Failure, Machine as _, Outcome, Party, Step};
use leerpas_intake::{Frames, QrModules, qr_film, qr_modules};
use leerpas_share::{Answer as MachineAnswer, Sharing};

use crate::{
    Answer, Prompt, Wallet, failure,
    session::{Session, Turn},
    sharing::{Origin, end_of, told},
};

/// How long each picture is shown, in milliseconds: a camera that takes fifteen pictures a second sees each one whole
/// at least twice, also where the screen and the camera change in the middle of one another.
pub const FRAME_MILLISECONDS: u32 = 200;

/// Pictures to show, one after the other and over and over.
#[derive(Debug, Clone)]
pub struct FramesPrompt {
    /// Who is to read them.
    pub party: Party,
    /// What the pictures say, each a text for one QR code. Encrypted to that party.
    pub texts: Arc<Vec<String>>,
    /// The pictures.
    pub codes: Arc<Vec<QrModules>>,
    /// How many of them a reader needs, give or take two.
    pub needed: usize,
}

impl FramesPrompt {
    /// The pictures as one that moves, an SVG document.
    pub fn to_svg(&self) -> String {
        qr_film(&self.codes, FRAME_MILLISECONDS)
    }
}

/// Pictures that are being shown.
pub(crate) struct Showing {
    machine: Sharing,
    activity: ActivityId,
}

impl Wallet {
    /// Writes down what is about to be shown, and shows it. From here on the log says what became of it.
    pub(crate) async fn show_frames(
        &self,
        machine: Sharing,
        answer: String,
        copies: Vec<i64>,
        origin: Origin,
    ) -> Result<Turn, Failure> {
        let intent = machine.intent().cloned().ok_or_else(|| failure::internal("response", "nothing to show"))?;
        let party = intent.party.clone();
        let made = tokio::task::spawn_blocking(move || -> Result<_, Failure> {
            let fail = |kind, error: String| Failure::new(kind, "response", error);
            let frames = Frames::of(&answer).map_err(|e| fail(e.kind(), e.to_string()))?;
            let codes: Result<Vec<_>, _> = frames.texts.iter().map(|text| qr_modules(text)).collect();
            Ok((codes.map_err(|e| fail(e.kind(), e.to_string()))?, frames))
        });
        let (codes, Frames { texts, needed }) = made.await.map_err(|e| failure::broken("response", &e))??;
        let activity = self.write_intent(intent, copies, Origin { fetched: None, elsewhere: origin.elsewhere }).await?;
        let prompt = FramesPrompt { party, texts: Arc::new(texts), codes: Arc::new(codes), needed };
        let showing = Showing { machine, activity };
        Ok(Turn::Ask(Prompt::Frames(prompt), Session::Showing(Box::new(showing))))
    }

    /// Goes on after the pictures. A no, too, comes too late to be one: they may have been read.
    pub(crate) async fn answer_frames(&self, showing: Showing, answer: Answer) -> Result<Turn, Failure> {
        let read = matches!(answer, Answer::Shown { read: true });
        let Showing { machine, activity } = showing;
        let Step::Done(shared) =
            machine.answer(MachineAnswer::Shown { read }, self.world.env()).map_err(|e| told(&e))?
        else {
            return Err(failure::internal("response", "the pictures were shown and there is no end to it"));
        };
        let (outcome, error) = (shared.outcome, shared.error);
        self.with_vault(move |vault| vault.end_activity(&activity, outcome, error)).await?;
        Ok(Turn::End(end_of(shared)?))
    }

    /// Puts a session away that the person left. Pictures that were on the screen may have been read.
    pub(crate) async fn leave(&self, session: Session) {
        let Session::Showing(showing) = session else { return };
        let (outcome, error) = (Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed));
        let activity = showing.activity;
        // Where that fails, the next unlocking finds an activity that was started and says the same of it.
        if let Err(failure) = self.with_vault(move |vault| vault.end_activity(&activity, outcome, error)).await {
            tracing::warn!(kind = failure.kind.as_str(), "an activity stays open until the next unlocking");
        }
    }
}
