//! Text to QR code (ISO/IEC 18004).

use std::fmt::Write;

use leerpas_core::ErrorKind;
use qrcode::{EcLevel, QrCode, Version, bits::Bits};
use thiserror::Error;

/// Light modules around a code (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// Why there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QrError {
    /// More than the largest code holds: about 2,900 bytes. Give a reference instead.
    #[error("the text is too long for a QR code")]
    TooLong,
}

impl QrError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::InputTooLarge
    }
}

/// A code as squares, without the light border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrModules {
    /// Squares along each side.
    pub size: usize,
    /// Row after row, `size * size` of them, true where dark.
    pub dark: Vec<bool>,
}

/// Makes a code that survives 15 % of damage, or 7 % where the text is too long for that.
///
/// # Errors
/// When the text is too long.
pub fn qr_modules(text: &str) -> Result<QrModules, QrError> {
    let code = encode(text, EcLevel::M).or_else(|| encode(text, EcLevel::L)).ok_or(QrError::TooLong)?;
    let size = code.width();
    Ok(QrModules { size, dark: code.into_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect() })
}

/// Draws a code as an SVG document: one module is one unit, with the light border of four. Black on white
/// whatever the colours around it, without scripts, styles or anything from elsewhere, so that it fits
/// under a strict content security policy.
///
/// # Errors
/// When the text is too long.
pub fn qr_svg(text: &str) -> Result<String, QrError> {
    let QrModules { size, dark } = qr_modules(text)?;
    let mut path = String::new();
    for (y, row) in dark.chunks(size).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] {
                // Writing to a String does not fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    let side = size + 2 * QUIET;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// The same as the address of an image: `data:image/svg+xml,…`, percent-encoded (RFC 2397).
///
/// # Errors
/// When the text is too long.
pub fn qr_data_url(text: &str) -> Result<String, QrError> {
    let mut url = "data:image/svg+xml,".to_owned();
    for byte in qr_svg(text)?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' | b'=' => {
                url.push(char::from(byte));
            }
            _ => {
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    Ok(url)
}

/// The smallest code that holds the text.
fn encode(text: &str, level: EcLevel) -> Option<QrCode> {
    if text.is_ascii() {
        return QrCode::with_error_correction_level(text, level).ok();
    }
    // The library would take some UTF-8 for Shift JIS and write it in kanji mode. So: bytes, and a mark
    // that they are UTF-8 (ECI 26).
    (1..=40).find_map(|version| {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_eci_designator(26).ok()?;
        bits.push_byte_data(text.as_bytes()).ok()?;
        bits.push_terminator(level).ok()?;
        QrCode::with_bits(bits, level).ok()
    })
}
