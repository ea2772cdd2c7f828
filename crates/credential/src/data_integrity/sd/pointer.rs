//! JSON pointers (RFC 6901), and the part of a document that some of them select.

use std::fmt;

use serde_json::{Map, Value};

use crate::{data_integrity::ProofError, jsonld::Origin};

/// A JSON pointer: the names and positions from the top of a document to one value in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// The pointer of these names and positions.
    pub fn of(tokens: impl IntoIterator<Item = String>) -> Self {
        Self(tokens.into_iter().collect())
    }

    /// Reads a pointer (RFC 6901, section 3).
    ///
    /// # Errors
    /// When the text does not begin with a slash and is not empty, or has a tilde that escapes nothing.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let Some(tokens) = text.strip_prefix('/') else {
            return if text.is_empty() { Ok(Self(Vec::new())) } else { Err(ProofError::Pointer) };
        };
        tokens.split('/').map(unescape).collect::<Option<_>>().map(Self).ok_or(ProofError::Pointer)
    }

    /// The names and positions.
    pub fn tokens(&self) -> &[String] {
        &self.0
    }

    /// Whether the value that this points at is the other's, holds it, or is held in it.
    pub(super) fn touches(&self, path: &[String]) -> bool {
        self.0.iter().zip(path).all(|(own, other)| own == other)
    }

    /// The same, no deeper than something that can only be told as a whole.
    pub(super) fn widened<'o>(&self, origins: impl IntoIterator<Item = &'o Origin>) -> Self {
        let whole = origins.into_iter().filter(|origin| origin.whole && self.0.starts_with(&origin.path));
        let shortest = whole.map(|origin| origin.path.len()).min().unwrap_or(self.0.len());
        Self(self.0.iter().take(shortest).cloned().collect())
    }

    /// Whether it leads to a value of this document.
    pub(super) fn leads_into(&self, document: &Value) -> bool {
        step(document, &self.0).is_some()
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|token| write!(f, "/{}", token.replace('~', "~0").replace('/', "~1")))
    }
}

fn unescape(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        let (escaped, rest) = match part.as_bytes().first()? {
            b'0' => ('~', &part[1..]),
            b'1' => ('/', &part[1..]),
            _ => return None,
        };
        plain.push(escaped);
        plain.push_str(rest);
    }
    Some(plain)
}

fn step<'v>(value: &'v Value, tokens: &[String]) -> Option<&'v Value> {
    let Some((first, rest)) = tokens.split_first() else { return Some(value) };
    let inner = match value {
        Value::Object(members) => members.get(first)?,
        Value::Array(items) => items.get(position(first)?)?,
        _ => return None,
    };
    step(inner, rest)
}

/// RFC 6901, section 4: digits without a leading zero.
fn position(token: &str) -> Option<usize> {
    let plain = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    token.parse().ok().filter(|_| plain)
}

/// The part of a document that the pointers select: the values that they point at, and of every object on the way its
/// name, its types and its contexts (ECDSA Cryptosuites 1.0, sections 3.4.11 to 3.4.13). A label that the document
/// itself gives to a nameless node stays too, so that what hangs together still does.
///
/// # Errors
/// When a pointer leads nowhere.
pub(super) fn select(document: &Value, pointers: &[Pointer]) -> Result<Value, ProofError> {
    let tails: Vec<&[String]> = pointers.iter().map(|pointer| pointer.0.as_slice()).collect();
    select_tails(document, &tails).ok_or(ProofError::Pointer)
}

fn select_tails(value: &Value, tails: &[&[String]]) -> Option<Value> {
    if tails.iter().any(|tail| tail.is_empty()) {
        // Pointers beside it select nothing more, but have to lead somewhere too.
        return tails.iter().all(|tail| step(value, tail).is_some()).then(|| value.clone());
    }
    let below = |name: &str| -> Vec<&[String]> {
        let below = tails.iter().filter_map(|tail| tail.split_first());
        below.filter(|(first, _)| *first == name).map(|(_, rest)| rest).collect()
    };
    match value {
        Value::Object(members) => {
            let known = |tail: &&[String]| tail.first().is_some_and(|first| members.contains_key(first));
            if !tails.iter().all(known) {
                return None;
            }
            let mut selected = Map::new();
            for (name, member) in members {
                let tails = below(name);
                if matches!(name.as_str(), "@context" | "id" | "@id" | "type" | "@type") {
                    selected.insert(name.clone(), member.clone());
                } else if !tails.is_empty() {
                    selected.insert(name.clone(), select_tails(member, &tails)?);
                }
            }
            Some(Value::Object(selected))
        }
        Value::Array(items) => {
            let known = |tail: &&[String]| {
                tail.first().and_then(|first| position(first)).is_some_and(|position| position < items.len())
            };
            if !tails.iter().all(known) {
                return None;
            }
            let chosen = items.iter().enumerate().map(|(index, item)| (item, below(&index.to_string())));
            chosen.filter(|(_, tails)| !tails.is_empty()).map(|(item, tails)| select_tails(item, &tails)).collect()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointers(texts: &[&str]) -> Vec<Pointer> {
        texts.iter().map(|text| Pointer::parse(text).unwrap()).collect()
    }

    #[test]
    fn rfc6901_3_tokens_are_escaped_and_read_back() {
        for (text, tokens) in [
            ("", &[][..]),
            ("/", &[""][..]),
            ("/a~1b/c~0d/0", &["a/b", "c~d", "0"]),
            ("/m~01", &["m~1"]),
            ("/é", &["é"]),
        ] {
            let pointer = Pointer::parse(text).unwrap();
            assert_eq!(pointer.tokens(), tokens);
            assert_eq!(pointer.to_string(), text);
        }
        for text in ["a", "/~", "/a~2", "/~é"] {
            assert_eq!(Pointer::parse(text), Err(ProofError::Pointer), "{text}");
        }
    }

    #[test]
    fn vc_di_ecdsa_3_4_13_names_and_types_on_the_way_come_along() {
        let document = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": "urn:a", "type": ["A"], "left": "out",
            "b": [{"id": "urn:b0", "c": 1, "d": 2}, {"type": "B", "c": 3}, {"c": 4}]
        });
        let selected = select(&document, &pointers(&["/b/0/c", "/b/2"])).unwrap();
        let expected = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": "urn:a", "type": ["A"],
            "b": [{"id": "urn:b0", "c": 1}, {"c": 4}]
        });
        assert_eq!(selected, expected);
        assert_eq!(select(&document, &pointers(&[""])).unwrap(), document);
    }

    #[test]
    fn rfc6901_4_a_pointer_that_leads_nowhere_is_refused() {
        let document = json!({"a": [1, {"b": 2}], "c": "text"});
        for text in ["/x", "/a/2", "/a/01", "/a/-", "/a/+1", "/a/1/x", "/c/0", "/a/18446744073709551616"] {
            assert_eq!(select(&document, &pointers(&[text])), Err(ProofError::Pointer), "{text}");
            assert_eq!(select(&document, &pointers(&["", text])), Err(ProofError::Pointer), "{text}");
        }
    }
}
