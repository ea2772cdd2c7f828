//! Text to QR code (ISO/IEC 18004).

use std::{fmt::Write, io::Cursor};

use image::{GrayImage, ImageFormat, Luma};
use leerpas_core::ErrorKind;
use qrcode::{EcLevel, QrCode, Version, bits::Bits};
use thiserror::Error;

/// Light modules around a code (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// From so many letters on, a text is long.
const LONG: usize = 1_500;

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

/// Makes a code that survives 15 % of damage, or 7 % where the text is long: larger squares then help a camera more than
/// spare ones.
///
/// # Errors
/// When the text is too long.
pub fn qr_modules(text: &str) -> Result<QrModules, QrError> {
    let level = if text.len() > LONG { EcLevel::L } else { EcLevel::M };
    let code = encode(text, level).ok_or(QrError::TooLong)?;
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
    let modules = qr_modules(text)?;
    let side = modules.size + 2 * QUIET;
    let path = path_of(&modules);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// Draws several codes of one size as an SVG document that shows them one after the other and over and over, each for
/// so many milliseconds (SMIL; no script).
pub fn qr_film(codes: &[QrModules], milliseconds: u32) -> String {
    let side = codes.iter().map(|code| code.size).max().unwrap_or_default() + 2 * QUIET;
    let mut film = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>"
    );
    let share = 1.0 / codes.len().max(1) as f64;
    for (number, code) in codes.iter().enumerate() {
        let (all, begin) = (codes.len() as u64 * u64::from(milliseconds), number as u64 * u64::from(milliseconds));
        // Writing to a String does not fail.
        let _ = write!(
            film,
            "<path visibility=\"hidden\" d=\"{}\"><animate attributeName=\"visibility\" values=\"visible;hidden\" \
             keyTimes=\"0;{share:.6}\" calcMode=\"discrete\" dur=\"{all}ms\" begin=\"{begin}ms\" \
             repeatCount=\"indefinite\"/></path>",
            path_of(code)
        );
    }
    film.push_str("</svg>\n");
    film
}

/// The dark squares as one path, a rectangle for each run in a row.
fn path_of(QrModules { size, dark }: &QrModules) -> String {
    let mut path = String::new();
    for (y, row) in dark.chunks(*size).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] {
                // Writing to a String does not fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    path
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

/// The same as a PNG in black and white, `scale` pixels for each square.
///
/// # Errors
/// When the text is too long.
pub fn qr_png(text: &str, scale: usize) -> Result<Vec<u8>, QrError> {
    let QrModules { size, dark } = qr_modules(text)?;
    let scale = scale.clamp(1, 32);
    let side = u32::try_from((size + 2 * QUIET) * scale).map_err(|_| QrError::TooLong)?;
    let is_dark = |x: u32, y: u32| {
        let at = |pixel: u32| (pixel as usize / scale).checked_sub(QUIET).filter(|at| *at < size);
        at(x).zip(at(y)).is_some_and(|(x, y)| dark.get(y * size + x) == Some(&true))
    };
    let picture = GrayImage::from_fn(side, side, |x, y| Luma([if is_dark(x, y) { 0 } else { 255 }]));
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(|_| QrError::TooLong)?;
    Ok(png.into_inner())
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
