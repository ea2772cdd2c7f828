//! The shape of a JSON text before anybody parses it.

use memchr::memchr2;

/// How deep a text nests and how many members it may have, found in one pass that builds nothing. Of a text that is no
/// JSON it says something all the same; whether it is one, only a parser can tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nesting {
    /// The deepest nesting of brackets outside strings.
    pub depth: usize,
    /// How many colons stand outside strings: in JSON each belongs to one member.
    pub colons: usize,
}

impl Nesting {
    /// Looks through a text.
    pub fn of(json: &[u8]) -> Self {
        let mut found = Self::default();
        let (mut depth, mut at) = (0_usize, 0);
        while let Some(byte) = json.get(at) {
            at += 1;
            match byte {
                b'"' => at = after_string(json, at),
                b'{' | b'[' => {
                    depth += 1;
                    found.depth = found.depth.max(depth);
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                b':' => found.colons += 1,
                _ => {}
            }
        }
        found
    }
}

/// Where the text goes on after a string whose inside begins here, past whatever is escaped.
fn after_string(json: &[u8], mut at: usize) -> usize {
    while let Some(found) = json.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if json[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(json: &str) -> (usize, usize) {
        let Nesting { depth, colons } = Nesting::of(json.as_bytes());
        (depth, colons)
    }

    #[test]
    fn brackets_and_colons_inside_a_string_do_not_count() {
        assert_eq!(shape(r#"{"a": {"b": [1, {"c": "x:y\":[[["}]}, "d": 4.50}"#), (4, 4));
        assert_eq!(shape(r#"["\\", "\\\"", ["]"]]"#), (2, 0));
    }

    #[test]
    fn what_is_no_json_has_a_shape_too() {
        assert_eq!(shape(""), (0, 0));
        assert_eq!(shape("]]]["), (1, 0));
        assert_eq!(shape("[\"["), (1, 0));
        assert_eq!(shape("[\"\\"), (1, 0));
        assert_eq!(shape("[\"[\\"), (1, 0));
    }
}
