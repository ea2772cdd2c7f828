//! Changes to samples: of single bytes, and of what the bytes stand for.

use std::io::{Read as _, Write as _};

use flate2::{
    Compression, Crc,
    read::{GzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};
use leerpas_credential::jose::{decode_base64url, encode_base64url};
use serde_json::{Map, Value};

use crate::Chance;

/// No sample grows beyond this, in bytes: the caps on input are tested elsewhere, and small input is fast.
const LARGEST: usize = 256 * 1024;
/// How deep a text within a text within a text is looked into.
const DEPTH: usize = 4;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Pieces that parsers look for, and numbers at which they turn.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\u0000",
    "\\ud800",
    ":",
    ",",
    ".",
    "~",
    "#",
    "?",
    "%00",
    "%",
    "&",
    "=",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "18446744073709551616",
    "9007199254740993",
    "1.5",
    "@context",
    "@id",
    "@type",
    "@graph",
    "_sd",
    "...",
    "_sd_alg",
    "alg",
    "none",
    "HS256",
    "cnf",
    "crit",
    "b64",
    "did:",
    "did:web:",
    "did:jwk:",
    "did:key:z",
    "..",
    "https://",
    "http://127.0.0.1",
    "<svg",
    "<!DOCTYPE",
    "<!ENTITY",
    "&#x0;",
    "openbadges",
    "iTXt",
    "\u{202e}",
    "\u{0}",
    "\u{feff}",
    "eyJ",
    "proof",
    "status_list",
    "credentialStatus",
];

/// A sample with one to four changes. `others` are samples to take pieces from.
pub fn mutate(sample: &[u8], others: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for _ in 0..=chance.below(4) {
        bytes = once(&bytes, others, chance, 0);
        bytes.truncate(LARGEST);
    }
    bytes
}

fn once(bytes: &[u8], others: &[Vec<u8>], chance: &mut Chance, depth: usize) -> Vec<u8> {
    if depth < DEPTH && chance.percent(80) {
        let changed = if bytes.starts_with(PNG) {
            picture(bytes, others, chance, depth)
        } else {
            document(bytes, others, chance, depth).or_else(|| token(bytes, others, chance, depth))
        };
        if let Some(changed) = changed.or_else(|| squeezed(bytes, others, chance, depth)) {
            return changed;
        }
    }
    raw(bytes, others, chance)
}

/// A change without regard to what the bytes stand for.
fn raw(bytes: &[u8], others: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let at = chance.below(changed.len() + 1);
    let end = (at + 1 + chance.below(32)).min(changed.len());
    match chance.below(9) {
        0 if at < changed.len() => changed[at] ^= 1 << chance.below(8),
        1 if at < changed.len() => changed[at] = chance.number() as u8,
        2 => drop(changed.drain(at.min(end)..end)),
        3 => changed.truncate(at),
        4 => {
            let piece = changed.get(at..end).unwrap_or_default().repeat(1 + chance.below(200));
            changed.splice(at..at, piece);
        }
        5 => {
            let word = chance.pick(WORDS).copied().unwrap_or_default();
            changed.splice(at..at, word.bytes());
        }
        6 => {
            let other = chance.pick(others).map(Vec::as_slice).unwrap_or_default();
            let from = chance.below(other.len() + 1);
            changed.truncate(at);
            changed.extend_from_slice(other.get(from..).unwrap_or_default());
        }
        7 => {
            let word = chance.pick(&["[", "{\"a\":", "<g>", "~", "."]).copied().unwrap_or_default();
            changed.splice(at..at, word.repeat(1 + chance.below(300)).into_bytes());
        }
        _ => changed.insert(at, chance.number() as u8),
    }
    changed
}

/// A change within a JSON document.
fn document(bytes: &[u8], others: &[Vec<u8>], chance: &mut Chance, depth: usize) -> Option<Vec<u8>> {
    if !matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return None;
    }
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    let mut place = chance.below(nodes(&value));
    let donor = chance.pick(others).and_then(|other| serde_json::from_slice(other).ok());
    change_node(
        &mut value,
        &mut place,
        &mut |node, chance| change(node, donor.as_ref(), others, chance, depth),
        chance,
    );
    let mut text = value.to_string();
    // A member twice is something that no document in memory can hold.
    if chance.percent(5)
        && let Some(member) = value.as_object().and_then(|map| map.iter().next())
    {
        text = format!("{{{}:{},{}", Value::String(member.0.clone()), member.1, text.get(1..).unwrap_or_default());
    }
    Some(text.into_bytes())
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(members) => members.values().map(nodes).sum(),
        _ => 0,
    }
}

/// Goes to the node of this number, and changes it.
fn change_node(
    value: &mut Value,
    place: &mut usize,
    change: &mut dyn FnMut(&mut Value, &mut Chance),
    chance: &mut Chance,
) -> bool {
    if *place == 0 {
        change(value, chance);
        return true;
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| change_node(item, place, change, chance)),
        Value::Object(members) => members.values_mut().any(|member| change_node(member, place, change, chance)),
        _ => false,
    }
}

fn change(node: &mut Value, donor: Option<&Value>, others: &[Vec<u8>], chance: &mut Chance, depth: usize) {
    match chance.below(10) {
        0 => *node = Value::Null,
        1 => *node = odd_value(chance),
        2 => *node = Value::Array(vec![node.take(); 1 + chance.below(3)]),
        3 => {
            for _ in 0..chance.below(80) {
                *node = Value::Array(vec![node.take()]);
            }
        }
        4 => {
            if let Some(donor) = donor {
                let mut place = chance.below(nodes(donor));
                let mut donor = donor.clone();
                change_node(&mut donor, &mut place, &mut |taken, _| *node = taken.take(), chance);
            }
        }
        5 | 6 => match node {
            Value::Object(members) => change_members(members, chance),
            Value::Array(items) if !items.is_empty() => {
                let at = chance.below(items.len());
                if chance.percent(50) { drop(items.remove(at)) } else { items.push(items[at].clone()) }
            }
            other => *other = odd_value(chance),
        },
        _ => match node {
            Value::String(text) => {
                *text = String::from_utf8_lossy(&once(text.as_bytes(), others, chance, depth + 1)).into_owned();
            }
            Value::Number(_) => *node = odd_value(chance),
            Value::Object(members) => change_members(members, chance),
            _ => *node = odd_value(chance),
        },
    }
}

fn change_members(members: &mut Map<String, Value>, chance: &mut Chance) {
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = chance.pick(&names) else { return };
    match chance.below(4) {
        0 => drop(members.shift_remove(name)),
        1 => {
            let value = members.get(name).cloned().unwrap_or_default();
            members.insert(chance.pick(WORDS).copied().unwrap_or_default().to_owned(), value);
        }
        2 => {
            // The same members in another order.
            let value = members.shift_remove(name).unwrap_or_default();
            members.insert(name.clone(), value);
        }
        _ => drop(members.insert(name.clone(), odd_value(chance))),
    }
}

fn odd_value(chance: &mut Chance) -> Value {
    const ODD: &[&str] = &[
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "0",
        "-1",
        "1.5",
        "1e308",
        "-0",
        "18446744073709551615",
        "9223372036854775807",
        "253402300800",
        "\"0\"",
        "\"did:web:a%2fb\"",
        "\"https://a.example/\\u0000\"",
        "{\"@id\":\"_:b0\"}",
        "[[]]",
        "{\"...\":\"x\"}",
        "\"\\u202e\"",
        "99999999999999999999999999",
    ];
    chance.pick(ODD).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// A change within the parts of a compact token, or of its disclosures.
fn token(bytes: &[u8], others: &[Vec<u8>], chance: &mut Chance, depth: usize) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let separator = if text.contains('~') { '~' } else { '.' };
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    if !text.contains(separator) || !text.chars().all(is_part) {
        return None;
    }
    let mut parts: Vec<String> = text.split(separator).map(str::to_owned).collect();
    let at = chance.below(parts.len());
    match chance.below(8) {
        0 => drop(parts.remove(at)),
        1 => parts.insert(at, parts[at].clone()),
        2 => {
            let other = chance.below(parts.len());
            parts.swap(at, other);
        }
        _ if separator == '~' && at == 0 => {
            parts[0] = String::from_utf8_lossy(&once(parts[0].as_bytes(), others, chance, depth + 1)).into_owned();
        }
        _ => {
            let inner = decode_base64url(&parts[at]).ok()?;
            parts[at] = encode_base64url(&once(&inner, others, chance, depth + 1));
        }
    }
    Some(parts.join(&separator.to_string()).into_bytes())
}

/// A change within something that is base64url of something compressed, as status lists are.
fn squeezed(bytes: &[u8], others: &[Vec<u8>], chance: &mut Chance, depth: usize) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (prefix, rest) = text.strip_prefix('u').map_or(("", text), |rest| ("u", rest));
    let compressed = decode_base64url(rest).ok()?;
    let mut inner = Vec::new();
    let is_gzip = compressed.starts_with(&[0x1f, 0x8b]);
    if is_gzip {
        GzDecoder::new(compressed.as_slice()).take(LARGEST as u64).read_to_end(&mut inner).ok()?;
    } else {
        ZlibDecoder::new(compressed.as_slice()).take(LARGEST as u64).read_to_end(&mut inner).ok()?;
    }
    let changed = if chance.percent(5) {
        // A small text that inflates to more than anybody wants.
        vec![0; 20 * 1024 * 1024]
    } else {
        once(&inner, others, chance, depth + 1)
    };
    let packed = if is_gzip {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&changed).ok()?;
        encoder.finish().ok()?
    } else {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&changed).ok()?;
        encoder.finish().ok()?
    };
    Some(format!("{prefix}{}", encode_base64url(&packed)).into_bytes())
}

/// A change within a chunk of a PNG, with a checksum that fits again.
fn picture(bytes: &[u8], others: &[Vec<u8>], chance: &mut Chance, depth: usize) -> Option<Vec<u8>> {
    let mut chunks: Vec<([u8; 4], Vec<u8>)> = Vec::new();
    let mut rest = bytes.get(PNG.len()..)?;
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (kind, after) = after.split_first_chunk::<4>()?;
        chunks.push((*kind, after.get(..length)?.to_vec()));
        rest = after.get(length.checked_add(4)?..)?;
    }
    if chunks.is_empty() {
        return None;
    }
    let at = chance.below(chunks.len());
    match chance.below(6) {
        0 => drop(chunks.remove(at)),
        1 => chunks.insert(at, chunks[at].clone()),
        2 => {
            let other = chance.below(chunks.len());
            chunks.swap(at, other);
        }
        3 => {
            let kinds = [*b"iTXt", *b"tEXt", *b"zTXt", *b"IDAT", *b"IHDR"];
            chunks[at].0 = chance.pick(&kinds).copied().unwrap_or_default();
        }
        _ => chunks[at].1 = once(&chunks[at].1, others, chance, depth + 2),
    }
    let mut png = PNG.to_vec();
    for (kind, data) in &chunks {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        png.extend_from_slice(&u32::try_from(data.len()).ok()?.to_be_bytes());
        png.extend_from_slice(kind);
        png.extend_from_slice(data);
        png.extend_from_slice(&crc.sum().to_be_bytes());
    }
    Some(png)
}
