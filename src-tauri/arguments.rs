//! The few words that the window's program understands. Anything else is refused and never reaches the web view.

use std::path::PathBuf;

/// The words that were given.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// `--profile DIR`: where the vault lies.
    pub profile: Option<PathBuf>,
    /// `--trial DIR`: trust the trial institution whose `ca.pem` and `trust.json` lie there, let addresses
    /// of this machine through, and keep the vault there too.
    pub trial: Option<PathBuf>,
    /// A link that was opened.
    pub link: Option<String>,
}

impl Arguments {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// With the word that it does not know.
    pub fn read(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut read = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--profile" => read.profile = Some(words.next().ok_or("--profile needs a folder")?.into()),
                "--trial" => read.trial = Some(words.next().ok_or("--trial needs a folder")?.into()),
                _ if is_link(&word) && read.link.is_none() => read.link = Some(word),
                _ => return Err(format!("unknown word: {}", word.chars().take(80).collect::<String>())),
            }
        }
        Ok(read)
    }
}

/// What our kinds of links begin with, without the colon.
pub const SCHEMES: [&str; 4] = ["openid-credential-offer", "openid4vp", "haip-vci", "haip-vp"];

/// Whether a word is a link of one of our schemes and within the cap on links.
pub fn is_link(word: &str) -> bool {
    word.len() <= leerpas_core::limits::LINK
        && SCHEMES.iter().any(|scheme| word.strip_prefix(scheme).is_some_and(|rest| rest.starts_with(':')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments, String> {
        Arguments::read(words.iter().map(|w| (*w).to_owned()))
    }

    #[test]
    fn a_link_and_a_folder_are_understood() {
        let read = read(&["--trial", "/t", "openid4vp://?client_id=x"]).unwrap();
        assert_eq!(read.trial, Some("/t".into()));
        assert_eq!(read.link.as_deref(), Some("openid4vp://?client_id=x"));
    }

    #[test]
    fn words_for_a_browser_engine_are_refused() {
        for word in
            ["--no-sandbox", "--remote-debugging-port=9", "@file", "/etc/passwd", "http://x", "javascript:1", ""]
        {
            assert!(read(&[word]).is_err(), "{word}");
        }
        assert!(read(&["openid4vp://a", "openid4vp://b"]).is_err(), "two links");
        assert!(read(&["--profile"]).is_err());
        let long = format!("openid4vp://{}", "a".repeat(9000));
        assert!(read(&[&long]).is_err());
    }

    #[test]
    fn security_h03_h04_a_second_start_is_heard_like_the_first_and_says_no_more() {
        // Whoever starts the program, by hand, from a page or over the bus: the same few words.
        for words in [
            &["openid4vp://a", "--no-sandbox"][..],
            &["--profile"],
            &["--trial", "/t", "--remote-debugging-port=9222"],
            &["@arguments"],
            &["../vault.db"],
            &["file:///etc/passwd"],
            &["OPENID4VP://a b\u{0}"],
            &["haip://a"],
            &["--link=openid4vp://a"],
        ] {
            assert!(read(words).is_err(), "{words:?}");
        }
        assert_eq!(read(&[]).unwrap(), Arguments::default());
    }
}
