//! Words that another party wrote and a person will read.

/// Makes a stranger's words safe to show as plain text: controls, line breaks and characters that turn
/// the direction of writing or cannot be seen become nothing or a space, and no more than `cap`
/// characters remain (security: a name must not be able to rearrange the line that it stands in).
pub fn plain(text: &str, cap: usize) -> String {
    let mut words = String::new();
    for character in text.chars() {
        if hidden(character) {
            continue;
        }
        let character = if character.is_whitespace() || character.is_control() { ' ' } else { character };
        if character == ' ' && (words.is_empty() || words.ends_with(' ')) {
            continue;
        }
        words.push(character);
    }
    words.truncate(words.trim_end().len());
    match words.char_indices().nth(cap) {
        Some((end, _)) => words[..end].trim_end().to_owned(),
        None => words,
    }
}

/// Invisible and direction-changing characters (Unicode Standard Annex 9, and the format characters
/// that are used to disguise names). The joiners that scripts need stay.
fn hidden(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_hides_text_is_taken_out() {
        assert_eq!(plain("Bank\u{202E}evil\u{200B}", 100), "Bankevil");
        assert_eq!(plain("  a\r\n\tb\u{0007}  ", 100), "a b");
        assert_eq!(plain("Universiteit Fryslân – É", 100), "Universiteit Fryslân – É");
    }

    #[test]
    fn the_cap_counts_characters() {
        assert_eq!(plain(&"é".repeat(10_000), 300).chars().count(), 300);
        assert_eq!(plain("abc def", 4), "abc");
        assert_eq!(plain("", 4), "");
    }
}
