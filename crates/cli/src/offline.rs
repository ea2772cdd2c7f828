//! `present --offline`: an answer as pictures, for a room without a network.

use std::{io::Write as _, path::Path};

use leerpas_core::{ErrorKind, Failure};
use leerpas_wallet::{Answer, FramesPrompt, SharePrompt, Wallet};
use serde_json::json;

use crate::{
    spoken::{Spoken, is_interactive, tell},
    views,
    wallet::{agreed, shared},
};

/// Refuses a file that is there already, before the request is answered: it can be answered once.
///
/// # Errors
/// [`ErrorKind::Usage`].
pub fn refuse_taken(file: Option<&Path>) -> Result<(), Failure> {
    match file.filter(|file| file.exists()) {
        Some(file) => {
            let words = format!("{}: there is a file already; nothing was shared", file.display());
            Err(Failure::new(ErrorKind::Usage, "offline", words))
        }
        None => Ok(()),
    }
}

/// Writes the pictures, asks whether they were read where somebody can say so, and ends.
pub async fn show(
    wallet: &Wallet,
    frames: &FramesPrompt,
    prompt: &SharePrompt,
    file: Option<&Path>,
) -> Result<Spoken, Failure> {
    let file = file.filter(|file| file.as_os_str() != "-");
    if let Some(file) = file
        && let Err(error) = write(frames, file)
    {
        wallet.dismiss().await;
        let words = format!("{}: {error}; it may have been shown", file.display());
        return Err(Failure::new(ErrorKind::Usage, "offline", words));
    }
    let lines = frames.texts.iter().map(|text| format!("{text}\n")).collect::<String>();
    let question =
        format!("Show the pictures to {}. Did they read them? Type yes if so: ", views::plain(&frames.party.name));
    let read = match file {
        Some(file) => {
            tell(&format!("{} pictures are in {}.", frames.texts.len(), file.display()));
            is_interactive() && agreed(&question)?
        }
        None => false,
    };
    let mut spoken = shared(wallet.answer(Answer::Shown { read }).await?, prompt)?;
    if let Some(members) = spoken.json.as_object_mut() {
        members.insert("frames".to_owned(), json!(*frames.texts));
        members.insert("needed".to_owned(), json!(frames.needed));
    }
    if file.is_none() {
        tell(&spoken.text);
        spoken.text = lines;
    }
    Ok(spoken)
}

/// One moving picture, or a line for each picture. A file that is there is never written over.
fn write(frames: &FramesPrompt, file: &Path) -> std::io::Result<()> {
    let is_svg = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
    let content = if is_svg { frames.to_svg() } else { frames.texts.iter().map(|text| format!("{text}\n")).collect() };
    let mut out = std::fs::File::create_new(file)?;
    out.write_all(content.as_bytes())?;
    out.sync_all()
}
