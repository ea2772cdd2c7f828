//! What every reader of XML here has in common: references to characters.

/// The character that a reference names, without its `&` and `;`: the five entities that XML itself defines, and numbered
/// characters (XML 1.0, sections 4.1 and 4.6). No other entity is known, because definitions are refused.
pub(crate) fn character(reference: &str) -> Option<char> {
    let number = |text: &str, radix| u32::from_str_radix(text, radix).ok().and_then(char::from_u32);
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match reference.strip_prefix("#x") {
            Some(hex) => number(hex, 16),
            None => number(reference.strip_prefix('#')?, 10),
        },
    }
}
