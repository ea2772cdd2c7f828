//! A card as a file: what the issuer made, byte for byte; or, for an Open Badge, baked into its own picture.

use leerpas_core::{CardId, ErrorKind, Failure, Format};
use leerpas_credential::{
    bake::{Baked, bake},
    read::{Unverified, read},
};

use crate::Wallet;

/// Characters of a file name without its ending.
const NAME: usize = 60;
/// Names that Windows keeps for itself, whatever follows them.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// How a card leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it came.
    Original,
    /// As a picture with the badge inside.
    Picture,
}

/// A card as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// A name that is safe on every system, with its ending; made from the title.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether the file shows claims that could be kept back one by one when sharing: an SD-JWT with all of its
    /// disclosures. Say so before it leaves.
    pub shows_everything: bool,
}

impl Wallet {
    /// The card as a file. Nothing is written.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::CardNotFound`]; [`ErrorKind::Usage`] when a picture is wanted of a
    /// card that is no Open Badge or has none.
    pub async fn export(&self, id: &CardId, form: Form) -> Result<Export, Failure> {
        let original = self.original(id).await?;
        let (card, _) = self.card(id).await?;
        let credential = read(&original).map_err(|e| Failure::new(e.kind(), "export", e.to_string()))?;
        export(credential, &card.facts.title, form)
    }
}

fn export(credential: Unverified, title: &str, form: Form) -> Result<Export, Failure> {
    let came_as = ending(credential.original());
    let is_picture = matches!(came_as, "png" | "svg");
    let (bytes, ending) = match form {
        Form::Picture if !is_picture => match bake(&credential) {
            Some(Baked::Png(bytes)) => (bytes, "png"),
            Some(Baked::Svg(bytes)) => (bytes, "svg"),
            None => {
                let words = "this card has no picture that a badge could be put into";
                return Err(Failure::new(ErrorKind::Usage, "export", words));
            }
        },
        // A picture goes out as it came in, to the last byte (security.md F15).
        _ => (credential.original().to_vec(), came_as),
    };
    let shows_everything = matches!(credential.format(), Format::SdJwtVc | Format::W3cSdJwt);
    Ok(Export { name: format!("{}.{ending}", file_name(title)), bytes, shows_everything })
}

/// What kind of file the bytes are, by how they begin.
fn ending(bytes: &[u8]) -> &'static str {
    let start = bytes.trim_ascii_start().first();
    match start {
        _ if bytes.starts_with(b"\x89PNG") => "png",
        Some(b'<') if bytes.windows(4).any(|four| four == b"<svg") => "svg",
        Some(b'<') => "xml",
        Some(b'{') => "json",
        _ if bytes.contains(&b'~') => "sd-jwt",
        _ => "jwt",
    }
}

/// A title as a file name: letters and digits of every script, and no sign that a system gives a meaning to.
pub(crate) fn file_name(title: &str) -> String {
    let kept: String = title.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    let name: String = words.join("-").chars().take(NAME).collect();
    let name = name.trim_matches('-');
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
    if name.is_empty() || RESERVED.contains(&stem.as_str()) {
        format!("kaart-{name}").trim_matches('-').to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_safe_on_every_system() {
        for (title, name) in [
            ("Datastructuren & algoritmen", "Datastructuren-algoritmen"),
            ("../../etc/passwd", "etc-passwd"),
            ("C:\\Users\\x.exe", "C-Users-x-exe"),
            ("con", "kaart-con"),
            ("LPT1", "kaart-LPT1"),
            ("", "kaart"),
            ("\u{202e}gnp.exe", "gnp-exe"),
            ("Cafécultuur ✓", "Cafécultuur"),
            (".hidden", "hidden"),
        ] {
            assert_eq!(file_name(title), name, "{title}");
        }
        assert_eq!(file_name(&"é".repeat(500)).chars().count(), NAME);
    }

    #[test]
    fn the_ending_says_what_is_in_the_file() {
        for (bytes, wanted) in [
            (&b"\x89PNG\r\n"[..], "png"),
            (b" <svg/>", "svg"),
            (b"<?xml version=\"1.0\"?><europassCredential/>", "xml"),
            (b"\n{}", "json"),
            (b"a.b.c~d~", "sd-jwt"),
            (b"a.b.c", "jwt"),
        ] {
            assert_eq!(ending(bytes), wanted);
        }
    }
}
