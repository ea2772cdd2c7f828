//! What goes by light in a room without a network: a request in one QR code, and an answer in many.

use data_encoding::BASE32_NOPAD;
use flate2::Crc;
use leerpas_intake::{Arrival, Collected, Collector, FRAME, Frames, Input, PackError, pack_request, read};

use super::{Verdict, rule, way};
use crate::World;

/// How a packed request begins (`docs/offline.md`).
const REQUEST: &str = "LEERPAS:1Q/";
/// Bytes of a frame before its symbol: name, length, size, number.
const HEAD: usize = 12;
/// The two sizes of a symbol.
const SIZES: [usize; 2] = [304, 600];
/// Frames of one input that are looked at.
const FRAMES: usize = 400;

/// The packed bytes of two requests: one as a desk makes it, and one with nothing in its parts.
pub(super) fn packed_samples(world: &World) -> Vec<Vec<u8>> {
    let tokens = [world.request.as_slice(), b"..", b"e30.e30.AA"];
    let codes = tokens.iter().filter_map(|token| pack_request(std::str::from_utf8(token).ok()?).ok());
    codes.filter_map(|code| BASE32_NOPAD.decode(code.strip_prefix(REQUEST)?.as_bytes()).ok()).collect()
}

/// The request in a code is read as one, and the code that it makes says the same.
pub(super) fn packed(_: &World, input: &[u8]) -> Verdict {
    let text = match std::str::from_utf8(input) {
        Ok(text) if text.starts_with(REQUEST) => text.to_owned(),
        _ => format!("{REQUEST}{}", BASE32_NOPAD.encode(input)),
    };
    let source = match read(Input::Text(&text)) {
        Err(error) => return Ok(way(&error)),
        Ok(Arrival::Request(source)) => source,
        Ok(_) => return Err("a packed request is taken for something else".to_owned()),
    };
    let token = source.request.clone().ok_or("a packed request holds none")?;
    rule(source.request_uri.is_none(), "a packed request is to be fetched")?;
    let again = pack_request(&token).map_err(|_| "a request that was unpacked cannot be packed".to_owned())?;
    // What somebody else packed less well may be longer than what is read here, never the reverse.
    match read(Input::Text(&again)) {
        Ok(Arrival::Request(same)) => rule(same == source, "a request that was packed again is another one")?,
        _ => return Err("a request that was packed again cannot be read".to_owned()),
    }
    Ok("a request".to_owned())
}

/// The frames of an answer without their checksums, in order, backwards, and with every third missing.
pub(super) fn frames_samples(world: &World) -> Vec<Vec<u8>> {
    let answer = std::str::from_utf8(&world.jwe).unwrap_or_default();
    let long = format!("{}.{}", "QUJD".repeat(900), "eHl6".repeat(300));
    let mut samples = Vec::new();
    for token in [answer, &long] {
        let Ok(frames) = Frames::of(token) else { continue };
        let bodies: Vec<Vec<u8>> = frames.texts.iter().filter_map(|text| body_of(text)).collect();
        samples.push(bodies.concat());
        samples.push(bodies.iter().rev().flatten().copied().collect());
        samples.push((0..).zip(&bodies).filter(|(at, _)| at % 3 != 1).flat_map(|(_, body)| body.clone()).collect());
    }
    samples.push(world.jwe.clone());
    samples
}

/// Frames with a right checksum, whatever they hold: an answer comes together, or nothing does. What came together can be
/// cut again and comes back to the letter.
pub(super) fn frames(_: &World, input: &[u8]) -> Verdict {
    let mut collector = Collector::default();
    let mut ways = [0_usize; 4];
    for body in cut(input) {
        let text = text_of(body);
        let collected = collector.take(&text);
        let (have, need) = collector.progress();
        rule(have <= need, "more frames are there than are needed")?;
        match collected {
            Collected::Foreign => ways[0] += 1,
            Collected::Known => ways[1] += 1,
            Collected::More => ways[2] += 1,
            Collected::Whole(token) => {
                ways[3] += 1;
                rule(collector.take(&text) == Collected::Known, "an answer comes together twice of the same frame")?;
                round(&token)?;
            }
        }
    }
    // And as what was read of a screen: no line of it may upset anything.
    for line in String::from_utf8_lossy(input).lines().take(FRAMES) {
        collector.take(line);
    }
    if let Ok(text) = std::str::from_utf8(input) {
        round(text)?;
    }
    Ok(format!("{:?}", ways.map(|count| count.min(2))))
}

/// A token that can be shown comes back to the letter from the frames that nobody needs but where others were missed.
fn round(token: &str) -> Result<(), String> {
    let frames = match Frames::of(token) {
        Ok(frames) => frames,
        Err(PackError::Malformed | PackError::TooLarge) => return Ok(()),
    };
    let mut collector = Collector::default();
    let back = frames.texts.iter().rev().find_map(|text| match collector.take(text) {
        Collected::Whole(back) => Some(back),
        _ => None,
    });
    rule(back.as_deref() == Some(token), "an answer comes back as another one, or not at all")
}

/// The frames in the bytes, each as long as its own size says.
fn cut(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut bodies = Vec::new();
    while bodies.len() < FRAMES && bytes.len() > HEAD {
        let said = usize::from(u16::from_be_bytes([bytes[8], bytes[9]]));
        let size = SIZES.into_iter().find(|size| *size == said).unwrap_or(SIZES[0]);
        let (body, rest) = bytes.split_at((HEAD + size).min(bytes.len()));
        bodies.push(body);
        bytes = rest;
    }
    bodies
}

fn text_of(body: &[u8]) -> String {
    let mut crc = Crc::new();
    crc.update(body);
    format!("{FRAME}{}", BASE32_NOPAD.encode(&[body, &crc.sum().to_be_bytes()].concat()))
}

fn body_of(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE32_NOPAD.decode(text.strip_prefix(FRAME)?.as_bytes()).ok()?;
    bytes.split_last_chunk::<4>().map(|(body, _)| body.to_vec())
}
