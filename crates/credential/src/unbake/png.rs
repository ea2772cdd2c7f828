//! PNG (ISO/IEC 15948), as far as its text chunks go.

use std::io::Read;

use flate2::{Crc, read::ZlibDecoder};
use leerpas_core::limits;

use super::{Edition, UnbakeError, check_size, only};

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// Open Badges 3.0 and 2.0.
const KEYWORDS: [&[u8]; 2] = [b"openbadgecredential", b"openbadges"];

/// Takes the badge out of a PNG: the text of its `iTXt` chunk; `tEXt` and `zTXt` of older badges are read as well.
///
/// Every chunk is checked, so that a picture that was cut short or changed anywhere is refused.
///
/// # Errors
/// When it is no PNG, is damaged or too large, or holds no badge or two that differ.
pub fn unbake_png(png: &[u8]) -> Result<Vec<u8>, UnbakeError> {
    let mut found = Vec::new();
    for chunk in chunks(png)? {
        let text = match &chunk.kind {
            b"iTXt" => international_text(chunk.data)?,
            b"tEXt" => plain_text(chunk.data),
            b"zTXt" => compressed_text(chunk.data)?,
            _ => None,
        };
        found.extend(text);
    }
    only(found)
}

/// Puts a badge of Open Badges 3.0 into a PNG, in place of any that is there.
///
/// # Errors
/// When it is no sound PNG.
pub fn bake_png(png: &[u8], badge: &str) -> Result<Vec<u8>, UnbakeError> {
    bake_png_as(png, badge, Edition::V3)
}

/// The same under the names of either edition: one `iTXt` chunk, not compressed.
///
/// # Errors
/// When it is no sound PNG.
pub fn bake_png_as(png: &[u8], badge: &str, edition: Edition) -> Result<Vec<u8>, UnbakeError> {
    let keyword = match edition {
        Edition::V3 => KEYWORDS[0],
        Edition::V2 => KEYWORDS[1],
    };
    let mut baked = SIGNATURE.to_vec();
    for (index, chunk) in chunks(png)?.iter().enumerate() {
        if !KEYWORDS.iter().any(|keyword| chunk.has_keyword(keyword)) {
            push_chunk(&mut baked, chunk.kind, chunk.data);
        }
        if index == 0 {
            // Keyword, not compressed, no language, no translated keyword, text.
            let data = [keyword, b"\0\0\0\0\0", badge.as_bytes()].concat();
            push_chunk(&mut baked, *b"iTXt", &data);
        }
    }
    Ok(baked)
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
}

impl Chunk<'_> {
    fn has_keyword(&self, keyword: &[u8]) -> bool {
        matches!(&self.kind, b"iTXt" | b"tEXt" | b"zTXt") && split(self.data).is_some_and(|(found, _)| found == keyword)
    }
}

/// The chunks of a sound PNG: header first, end last, nothing behind it, every checksum right.
fn chunks(png: &[u8]) -> Result<Vec<Chunk<'_>>, UnbakeError> {
    check_size(png)?;
    let mut rest = png.strip_prefix(SIGNATURE).ok_or(UnbakeError::OtherKind)?;
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let cut_short = UnbakeError::Damaged("it is cut short");
        let (length, after) = rest.split_first_chunk::<4>().ok_or(cut_short.clone())?;
        let length = u32::from_be_bytes(*length) as usize;
        if after.len() < length.saturating_add(8) {
            return Err(cut_short);
        }
        let (body, after) = after.split_at(length + 4);
        let (checksum, after) = after.split_at(4);
        if checksum != crc(body).to_be_bytes() {
            return Err(UnbakeError::Damaged("a checksum is wrong"));
        }
        let (kind, data) = body.split_first_chunk::<4>().ok_or(cut_short)?;
        chunks.push(Chunk { kind: *kind, data });
        rest = after;
        if kind == b"IEND" {
            break;
        }
    }
    match (chunks.first(), chunks.last()) {
        (Some(first), _) if &first.kind != b"IHDR" => Err(UnbakeError::Damaged("it has no header")),
        (Some(first), _) if pixels(first.data) > limits::PIXELS => Err(UnbakeError::TooLarge),
        (_, Some(last)) if &last.kind != b"IEND" => Err(UnbakeError::Damaged("it is cut short")),
        (None, _) => Err(UnbakeError::Damaged("it is cut short")),
        _ if !rest.is_empty() => Err(UnbakeError::Damaged("something follows its end")),
        _ => Ok(chunks),
    }
}

fn pixels(header: &[u8]) -> u64 {
    match header {
        [a, b, c, d, e, f, g, h, ..] => {
            u64::from(u32::from_be_bytes([*a, *b, *c, *d])) * u64::from(u32::from_be_bytes([*e, *f, *g, *h]))
        }
        _ => u64::MAX,
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn push_chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let body = [&kind, data].concat();
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    png.extend(&body);
    png.extend(crc(&body).to_be_bytes());
}

/// What stands before the first zero byte, and what after it.
fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|byte| *byte == 0)?;
    Some((&data[..end], &data[end + 1..]))
}

/// The text after one of our keywords.
fn ours(data: &[u8]) -> Option<&[u8]> {
    split(data).filter(|(keyword, _)| KEYWORDS.contains(keyword)).map(|(_, rest)| rest)
}

fn international_text(data: &[u8]) -> Result<Option<Vec<u8>>, UnbakeError> {
    let Some(rest) = ours(data) else { return Ok(None) };
    let malformed = UnbakeError::Damaged("a text chunk is malformed");
    let [compressed @ (0 | 1), 0, rest @ ..] = rest else { return Err(malformed) };
    let (_, rest) = split(rest).ok_or(malformed.clone())?;
    let (_, text) = split(rest).ok_or(malformed)?;
    let text = if *compressed == 1 { inflate(text)? } else { bounded(text)? };
    Ok(Some(text))
}

fn plain_text(data: &[u8]) -> Option<Vec<u8>> {
    ours(data).filter(|text| text.len() <= limits::PNG_TEXT).map(<[u8]>::to_vec)
}

fn compressed_text(data: &[u8]) -> Result<Option<Vec<u8>>, UnbakeError> {
    match ours(data) {
        None => Ok(None),
        Some([0, text @ ..]) => inflate(text).map(Some),
        Some(_) => Err(UnbakeError::Damaged("a text chunk is malformed")),
    }
}

fn bounded(text: &[u8]) -> Result<Vec<u8>, UnbakeError> {
    if text.len() > limits::PNG_TEXT { Err(UnbakeError::TooLarge) } else { Ok(text.to_vec()) }
}

fn inflate(text: &[u8]) -> Result<Vec<u8>, UnbakeError> {
    let mut inflated = Vec::new();
    let mut reader = ZlibDecoder::new(text).take(limits::PNG_TEXT as u64 + 1);
    reader.read_to_end(&mut inflated).map_err(|_| UnbakeError::Damaged("a text chunk cannot be inflated"))?;
    bounded(&inflated)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    /// A picture of one pixel.
    fn pixel() -> Vec<u8> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&[0, 0]).unwrap();
        let mut png = SIGNATURE.to_vec();
        push_chunk(&mut png, *b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
        push_chunk(&mut png, *b"IDAT", &zlib.finish().unwrap());
        push_chunk(&mut png, *b"IEND", &[]);
        png
    }

    fn with(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let mut png = pixel();
        let end = png.split_off(png.len() - 12);
        push_chunk(&mut png, kind, data);
        [png, end].concat()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(bytes).unwrap();
        zlib.finish().unwrap()
    }

    #[test]
    fn open_badges_5_3_1_what_is_baked_comes_out() {
        let baked = bake_png(&pixel(), "{\"naam\": \"Café 😀\"}").unwrap();
        assert_eq!(unbake_png(&baked).unwrap(), "{\"naam\": \"Café 😀\"}".as_bytes());
        let again = bake_png(&baked, "{}").unwrap();
        assert_eq!(unbake_png(&again).unwrap(), b"{}");
    }

    #[test]
    fn open_badges_2_text_chunks_of_older_badges_are_read() {
        let text = with(*b"tEXt", b"openbadges\0https://school.example/1");
        assert_eq!(unbake_png(&text).unwrap(), b"https://school.example/1");
        let text = with(*b"zTXt", &[b"openbadges\0\0", zlib(b"{}").as_slice()].concat());
        assert_eq!(unbake_png(&text).unwrap(), b"{}");
        let text = with(*b"iTXt", &[b"openbadges\0\x01\0\0\0", zlib(b"{}").as_slice()].concat());
        assert_eq!(unbake_png(&text).unwrap(), b"{}");
    }

    #[test]
    fn security_f01_a_text_that_inflates_beyond_the_cap_is_refused() {
        let bomb = zlib(&vec![b'a'; 50 * 1024 * 1024]);
        let itxt = with(*b"iTXt", &[b"openbadgecredential\0\x01\0\0\0", bomb.as_slice()].concat());
        assert_eq!(unbake_png(&itxt), Err(UnbakeError::TooLarge));
        let ztxt = with(*b"zTXt", &[b"openbadges\0\0", bomb.as_slice()].concat());
        assert_eq!(unbake_png(&ztxt), Err(UnbakeError::TooLarge));
    }

    #[test]
    fn security_f02_two_badges_that_differ_are_refused() {
        let baked = with(*b"tEXt", b"openbadges\0{\"a\":1}");
        let mut both = baked.clone();
        let end = both.split_off(both.len() - 12);
        push_chunk(&mut both, *b"iTXt", b"openbadgecredential\0\0\0\0\0{\"a\":2}");
        assert_eq!(unbake_png(&[both, end.clone()].concat()), Err(UnbakeError::Disagree));
        let mut after = pixel();
        push_chunk(&mut after, *b"tEXt", b"openbadges\0{}");
        assert_eq!(unbake_png(&after), Err(UnbakeError::Damaged("something follows its end")));
    }

    #[test]
    fn security_f03_cut_short_at_any_byte_it_is_damaged() {
        let baked = bake_png(&pixel(), "{\"id\": \"urn:uuid:1\"}").unwrap();
        for length in 8..baked.len() {
            assert!(matches!(unbake_png(&baked[..length]), Err(UnbakeError::Damaged(_))), "{length}");
        }
    }

    #[test]
    fn security_f03_changed_at_any_byte_it_is_refused() {
        let baked = bake_png(&pixel(), "{\"id\": \"urn:uuid:1\"}").unwrap();
        for position in 0..baked.len() {
            let mut changed = baked.clone();
            changed[position] ^= 0x20;
            assert!(unbake_png(&changed).is_err(), "{position}");
        }
        assert!(unbake_png(&[baked, b"PK\x03\x04<html>".to_vec()].concat()).is_err());
    }

    #[test]
    fn security_f04_a_huge_header_is_refused_before_decoding() {
        let mut png = SIGNATURE.to_vec();
        push_chunk(&mut png, *b"IHDR", &[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0, 8, 0, 0, 0, 0]);
        push_chunk(&mut png, *b"IEND", &[]);
        assert_eq!(unbake_png(&png), Err(UnbakeError::TooLarge));
        assert_eq!(unbake_png(&vec![0; limits::BADGE_IMAGE + 1]), Err(UnbakeError::TooLarge));
    }

    #[test]
    fn security_f14_a_picture_without_badge_is_only_a_picture() {
        assert_eq!(unbake_png(&pixel()), Err(UnbakeError::NoBadge));
        assert_eq!(unbake_png(b"<html>"), Err(UnbakeError::OtherKind));
        assert_eq!(unbake_png(b""), Err(UnbakeError::OtherKind));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unbake_png(&tail);
            let _ = unbake_png(&[SIGNATURE.as_slice(), &tail].concat());
            let _ = unbake_png(&with(*b"iTXt", &[b"openbadges\0", tail.as_slice()].concat()));
        }
    }
}
