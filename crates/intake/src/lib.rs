//! The one door: bytes, text, a picture or a link comes in, and what it is comes out as an [`Arrival`].
//!
//! Nothing is fetched, opened or verified here, and nothing is believed: the content decides, never a
//! file name or a label. What this room lets through, the rooms behind it still parse with suspicion.
//!
//! The way back is here too: text to a QR code ([`qr_svg`], [`qr_modules`], [`qr_data_url`]), a request that fits one
//! ([`pack_request`]), and an answer as many ([`Frames`], [`Collector`]).

mod arrival;
mod error;
mod european;
mod frames;
mod link;
mod packed;
mod picture;
mod png;
mod qr;
mod svg;
mod text;

pub use arrival::{Arrival, Input, OfferSource, RequestSource};
pub use error::IntakeError;
pub use frames::{Collected, Collector, FRAME, Frames};
pub use packed::{PackError, pack_request};
pub use picture::read_qr;
pub use qr::{QrError, QrModules, qr_data_url, qr_film, qr_modules, qr_png, qr_svg};

use leerpas_core::limits;

/// Decides what something is.
///
/// # Errors
/// [`IntakeError`] says which rule was broken; nothing has been fetched or kept.
pub fn read(input: Input<'_>) -> Result<Arrival, IntakeError> {
    match input {
        Input::Text(text) => text::read(text, limits::PASTE),
        Input::File { bytes, .. } => read_file(bytes),
    }
}

/// Tells files apart by how they begin. A polyglot is what its beginning says.
fn read_file(bytes: &[u8]) -> Result<Arrival, IntakeError> {
    if bytes.is_empty() {
        return Err(IntakeError::Empty);
    }
    if png::is_png(bytes) {
        return match png::badge(bytes)? {
            Some(()) => Ok(Arrival::Credential(bytes.to_vec())),
            None => picture::read(bytes),
        };
    }
    if picture::is_jpeg(bytes) {
        return picture::read(bytes);
    }
    if let Some(what) = known_stranger(bytes) {
        return Err(IntakeError::NotRecognised { what });
    }
    error::within(bytes.len(), limits::FILE)?;
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(IntakeError::NotRecognised { what: "a file that is neither a picture nor text" });
    };
    if svg::is_xml(text) {
        if !european::is_credential(text) {
            svg::badge(text)?;
        }
        return Ok(Arrival::Credential(bytes.to_vec()));
    }
    text::read(text, limits::FILE)
}

/// Files that people drop and that Leerpas does not read, named so that the answer can name them.
fn known_stranger(bytes: &[u8]) -> Option<&'static str> {
    let starts: [(&[u8], &str); 9] = [
        (b"GIF8", "a GIF picture"),
        (b"BM", "a BMP picture"),
        (b"II*\0", "a TIFF picture"),
        (b"MM\0*", "a TIFF picture"),
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1f\x8b", "a compressed file"),
        (b"\xff\xfe", "text that is not UTF-8"),
        (b"\xfe\xff", "text that is not UTF-8"),
    ];
    let inside = |at: usize, word: &[u8]| bytes.get(at..at + word.len()) == Some(word);
    if inside(0, b"RIFF") && inside(8, b"WEBP") {
        return Some("a WebP picture");
    }
    if inside(4, b"ftyp") {
        return Some("an AVIF, HEIC or video file");
    }
    starts.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what)
}
