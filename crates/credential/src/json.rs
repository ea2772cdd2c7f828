//! JSON as it must be where a signature covers it: one meaning per text.

mod jcs;

pub use jcs::canonical;

use leerpas_core::{Nesting, limits};
use serde_json::Value;
use thiserror::Error;

/// Why a text was refused as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonError {
    /// Not JSON (RFC 8259), or text that is no Unicode.
    #[error("not JSON")]
    Syntax,
    /// The same member name twice in one object: readers would disagree on which one counts.
    #[error("a member name occurs twice in one object")]
    DuplicateMember,
    /// Nested deeper than [`limits::JSON_DEPTH`].
    #[error("nested too deep")]
    TooDeep,
    /// A number that no double can hold, such as `1e400`; where a canonical form is wanted also one that none holds
    /// exactly.
    #[error("a number is out of range")]
    Number,
}

/// Reads one JSON text strictly (RFC 8259; RFC 7515, section 4 for the member names).
///
/// # Errors
/// When it is not JSON, repeats a member name, nests deeper than the cap, or holds a number out of range.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    let Nesting { depth, colons } = Nesting::of(bytes);
    if depth > limits::JSON_DEPTH {
        return Err(JsonError::TooDeep);
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|_| JsonError::Syntax)?;
    // A repeated name is silently overwritten by the parser; then there are fewer members than colons.
    if members(&value)? != colons { Err(JsonError::DuplicateMember) } else { Ok(value) }
}

fn members(value: &Value) -> Result<usize, JsonError> {
    Ok(match value {
        Value::Object(map) => {
            let mut count = map.len();
            for child in map.values() {
                count += members(child)?;
            }
            count
        }
        Value::Array(items) => {
            let mut count = 0;
            for child in items {
                count += members(child)?;
            }
            count
        }
        Value::Number(number) if number.as_f64().is_none_or(|n| !n.is_finite()) => return Err(JsonError::Number),
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_text_is_read_as_it_is() {
        let value = parse(br#"{"a": {"b": [1, {"c": "x:y\":"}]}, "d": 4.50}"#).unwrap();
        assert_eq!(value["d"].to_string(), "4.50");
    }

    #[test]
    fn security_a11_ambiguous_json_is_refused() {
        assert_eq!(parse(br#"{"iss":"a","iss":"b"}"#), Err(JsonError::DuplicateMember));
        assert_eq!(parse(br#"{"iss":"a","\u0069ss":"b"}"#), Err(JsonError::DuplicateMember));
        assert_eq!(parse(br#"{"x":{"$serde_json::private::Number":"1"}}"#), Err(JsonError::DuplicateMember));
        assert_eq!(parse(br#"{"x":"\ud800"}"#), Err(JsonError::Syntax));
        assert_eq!(parse(b"{\"x\":NaN}"), Err(JsonError::Syntax));
        assert_eq!(parse(b"{\"x\":1e400}"), Err(JsonError::Number));
        assert_eq!(parse(b"{\"x\":\"\xff\"}"), Err(JsonError::Syntax));
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(parse(deep.as_bytes()), Err(JsonError::TooDeep));
    }
}
