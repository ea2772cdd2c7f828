//! What a command has to say: to a person on standard error and output, to a script as one JSON object.

use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
};

use leerpas_core::{ErrorKind, Failure, Language};
use serde_json::{Value, json};

use crate::views::plain;

/// What a command has to say.
pub struct Spoken {
    /// For `--json`.
    pub json: Value,
    /// For a person, on standard output.
    pub text: String,
    /// Bytes that go out as they are, and then nothing else does.
    pub raw: Option<Vec<u8>>,
    /// How the program ends.
    pub exit: u8,
}

impl Spoken {
    /// Says this and ends well.
    pub fn done(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into(), raw: None, exit: 0 }
    }

    /// Has nothing more to say.
    pub fn silent() -> Self {
        Self { json: Value::Null, text: String::new(), raw: Some(Vec::new()), exit: 0 }
    }

    /// Prints it and gives the exit code.
    pub fn print(self, as_json: bool) -> ExitCode {
        let printed = match self.raw {
            Some(bytes) => std::io::stdout().write_all(&bytes),
            // As one piece: standard output looks for the end of a line in each that it gets.
            None if as_json => std::io::stdout().write_all(format!("{}\n", self.json).as_bytes()),
            None if self.text.is_empty() => Ok(()),
            None => writeln!(std::io::stdout(), "{}", self.text.trim_end()),
        };
        // A reader that went away, as `head` does, is no fault.
        drop(printed);
        ExitCode::from(self.exit)
    }
}

/// Tells of progress, to a person only.
pub fn tell(text: &str) {
    // Nobody may be there to hear it.
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// One object on standard output; a reader that went away is no fault.
fn say(json: &Value) {
    drop(writeln!(std::io::stdout(), "{json}"));
}

/// Prints a failure and gives its exit code.
pub fn failed(failure: &Failure, as_json: bool) -> ExitCode {
    if as_json {
        say(&error_json(failure));
    } else {
        tell(&format!("leerpas: {} [{} at {}]", failure.message, failure.kind.as_str(), failure.step));
        if let Some(server) = &failure.approver {
            // No command to paste: the address is a stranger's text.
            tell(&format!(
                "Its institution can attest this program: leerpas attestations --help. The server is {}",
                plain(server)
            ));
        }
    }
    ExitCode::from(failure.kind.exit_code())
}

/// The JSON of a failure.
pub fn error_json(failure: &Failure) -> Value {
    let mut error = json!({"kind": failure.kind.as_str(), "message": failure.message, "step": failure.step});
    if let Some(server) = &failure.approver {
        error["approver"] = json!(server);
    }
    json!({ "error": error })
}

/// Prints what is wrong with the words of the call. `--help` and `--version` are no mistakes.
pub fn wrong_words(complaint: &clap::Error) -> ExitCode {
    let is_question = !complaint.use_stderr();
    if !is_question && std::env::args().any(|word| word == "--json") {
        let first = complaint.to_string().lines().next().unwrap_or_default().to_owned();
        say(&error_json(&Failure::new(ErrorKind::Usage, "arguments", first)));
    } else if complaint.print().is_err() {
        return ExitCode::from(2);
    }
    ExitCode::from(if is_question { 0 } else { 2 })
}

/// The language of card texts: Dutch where the environment says so, else English.
pub fn language() -> Language {
    let tag = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    if tag.starts_with("nl") { Language::Nl } else { Language::En }
}

/// Whether somebody can be asked something.
pub fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
