//! QR codes in pictures.

use std::{
    collections::HashSet,
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::{DynamicImage, GrayImage, ImageFormat, ImageReader, Luma};
use leerpas_core::limits;
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, RXingResult, Reader,
    common::HybridBinarizer,
    qrcode::cpp_port::{QrReader, detector::FindFinderPatterns},
};

use crate::{Arrival, IntakeError, error::within, png, text};

/// Codes that are looked for in one picture.
const CODES: usize = 20;
/// Finder patterns, true and seeming, in a picture that is looked into: twenty codes have sixty.
const PATTERNS: usize = 300;
/// Memory that decoding may take, in bytes: the cap on pixels at eight bytes each, and some room.
const MEMORY: u64 = limits::PIXELS * 8 + 16 * 1024 * 1024;

/// Whether bytes begin as a JPEG does.
pub(crate) fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8, 0xff])
}

/// Reads the QR codes in a picture and decides what they are. Codes for other programs are left aside as
/// long as there is one for us.
pub(crate) fn read(bytes: &[u8]) -> Result<Arrival, IntakeError> {
    let mut found = Vec::new();
    let mut first_error = None;
    for code in read_qr(bytes)? {
        match text::read(&code, limits::PASTE) {
            Ok(arrival) if !found.contains(&arrival) => found.push(arrival),
            Ok(_) => {}
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match (found.len(), found.pop()) {
        (1, Some(only)) => Ok(only),
        (_, Some(last)) => {
            found.push(last);
            Ok(Arrival::Several(found))
        }
        (_, None) => Err(first_error.unwrap_or(IntakeError::NoBadgeInPicture)),
    }
}

/// Reads the texts of the QR codes in a PNG or JPEG, each once, at least one and at most twenty.
///
/// # Errors
/// When it is no such picture, is above the caps, is damaged, or holds no QR code.
pub fn read_qr(bytes: &[u8]) -> Result<Vec<String>, IntakeError> {
    let picture = decode(bytes)?;
    let codes = codes(picture);
    if codes.is_empty() { Err(IntakeError::NoBadgeInPicture) } else { Ok(codes) }
}

fn decode(bytes: &[u8]) -> Result<GrayImage, IntakeError> {
    within(bytes.len(), limits::QR_IMAGE)?;
    let format = match bytes {
        [] => return Err(IntakeError::Empty),
        _ if png::is_png(bytes) => ImageFormat::Png,
        _ if is_jpeg(bytes) => ImageFormat::Jpeg,
        _ => return Err(IntakeError::NotRecognised { what: "a file that is no PNG or JPEG picture" }),
    };
    let damaged = IntakeError::Damaged { what: "its pixels cannot be read" };
    let reader = || ImageReader::with_format(Cursor::new(bytes), format);
    // The size is in the head of the file; nothing is set aside for pixels before it is known to be fine.
    let (width, height) = guarded(|| reader().into_dimensions().ok()).ok_or(damaged.clone())?;
    if u64::from(width) * u64::from(height) > limits::PIXELS {
        return Err(IntakeError::TooManyPixels { limit: limits::PIXELS });
    }
    let mut reader = reader();
    let mut memory = image::Limits::default();
    memory.max_alloc = Some(MEMORY);
    reader.limits(memory);
    guarded(|| reader.decode().ok()).map(grey).ok_or(damaged)
}

/// Grey levels, with what is transparent on white: many codes are black on nothing.
fn grey(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let picture = picture.into_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [grey, alpha] = picture.get_pixel(x, y).0.map(u16::from);
        Luma([((grey * alpha + 255 * (255 - alpha)) / 255) as u8])
    })
}

/// Finds a code, paints it white, and looks again; each text once.
fn codes(mut picture: GrayImage) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for _ in 0..CODES {
        let Some(code) = guarded(|| detect(&picture)) else { break };
        let text = code.getText().to_owned();
        if !found.contains(&text) {
            found.push(text);
        }
        if !cover(&mut picture, &code) {
            break;
        }
    }
    found
}

/// Looks for one code, dark on light first and light on dark then.
fn detect(picture: &GrayImage) -> Option<RXingResult> {
    let hints = DecodeHints {
        TryHarder: Some(true),
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        ..DecodeHints::default()
    };
    let (width, height) = picture.dimensions();
    let source = Luma8Source::new_with_slice(picture, width, height).ok()?;
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    for turn in 0..2 {
        if turn == 1 {
            bitmap.invert();
        }
        // The decoder tries finder patterns in threes, which a picture made of nothing else would turn
        // into minutes.
        if FindFinderPatterns(bitmap.get_black_matrix(), true, 0).len() <= PATTERNS
            && let Ok(code) = QrReader.decode_with_hints(&mut bitmap, &hints)
        {
            return Some(code);
        }
    }
    None
}

/// Paints over the rectangle that a code stands in. Says whether it painted anything.
fn cover(picture: &mut GrayImage, code: &RXingResult) -> bool {
    let (mut left, mut top, mut right, mut bottom) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
    for point in code.getPoints() {
        (left, right) = (left.min(point.x), right.max(point.x));
        (top, bottom) = (top.min(point.y), bottom.max(point.y));
    }
    // The points are the corners; a little more, so that no edge of a finder pattern is left.
    let margin = (right - left).max(bottom - top) * 0.05 + 1.0;
    let clamp = |value: f32, most: u32| value.clamp(0.0, most as f32) as u32;
    let (width, height) = picture.dimensions();
    let (left, right) = (clamp(left - margin, width), clamp(right + margin, width));
    let (top, bottom) = (clamp(top - margin, height), clamp(bottom + margin, height));
    for y in top..bottom {
        for x in left..right {
            picture.put_pixel(x, y, Luma([255]));
        }
    }
    left < right && top < bottom
}

/// Runs a decoder that is not ours on a stranger's bytes: a panic in there is "cannot be read".
fn guarded<T>(decoder: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(decoder)).unwrap_or_default()
}
