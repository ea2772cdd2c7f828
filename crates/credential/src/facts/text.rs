//! Foreign text, made fit to show: cut, without mark-up, without characters that steer the screen.

use serde_json::Value;

/// Characters of a label, and of a narrative (security: what one screen shows of one text).
const LABEL: usize = 200;
const NARRATIVE: usize = 4_000;

/// A short text on one line.
pub(super) fn label(text: &str) -> String {
    line(text, LABEL)
}

/// A text on one line, cut at so many characters.
pub(super) fn line(text: &str, length: usize) -> String {
    let visible: String = text.chars().take(length * 4).filter(|c| is_shown(*c) || c.is_whitespace()).collect();
    let joined = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&joined, length)
}

/// A long text with its paragraphs, Markdown and HTML mark-up taken out. Links and pictures leave their words only:
/// the profile forbids them, and an address is not for clicking here.
pub(super) fn narrative(text: &str) -> String {
    let bounded: String = text.chars().take(NARRATIVE * 4).filter(|c| is_shown(*c) || *c == '\n').collect();
    let mut lines: Vec<String> = Vec::new();
    for line in bounded.lines() {
        let line = plain_line(line);
        // One empty line between paragraphs is enough.
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    cut(lines.join("\n").trim(), NARRATIVE)
}

/// The text of a value: a string; a number as it is written; of several languages the Dutch, else the English, else
/// the first (VCDM 2.0, 11.1 language objects, and plain maps of language to text).
pub(super) fn of(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => {
            let in_language =
                |tag| items.iter().find(|item| language_of(item).is_some_and(|found| found.starts_with(tag)));
            let chosen = in_language("nl").or_else(|| in_language("en")).or_else(|| items.first())?;
            if chosen.is_array() { return None } else { of(Some(chosen))? }
        }
        Value::Object(members) => {
            let chosen = members.get("@value").or_else(|| members.get("nl")).or_else(|| members.get("en"))?;
            chosen.as_str()?.to_owned()
        }
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

fn language_of(item: &Value) -> Option<&str> {
    item.get("@language").and_then(Value::as_str)
}

/// Control characters and those that turn the direction of text could make a claim read as another one.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

/// One line without the marks of headings, quotes, emphasis, code, links, pictures and HTML.
fn plain_line(line: &str) -> String {
    let line = line.trim();
    let line = line.trim_start_matches('>').trim_start();
    let line = match line.trim_start_matches('#') {
        heading if heading.starts_with(' ') => heading.trim(),
        _ => line,
    };
    let (bullet, line) = match line.strip_prefix(['*', '+', '-']).filter(|rest| rest.starts_with(' ')) {
        Some(item) => ("- ", item.trim_start()),
        None => ("", line),
    };
    if line.len() >= 3 && line.chars().all(|c| matches!(c, '-' | '*' | '_' | '=')) {
        return String::new();
    }
    let text = inline(line);
    format!("{bullet}{}", text.trim())
}

fn inline(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let before = plain.chars().next_back();
        rest = match c {
            '\\' if after.starts_with(|c: char| c.is_ascii_punctuation()) => {
                plain.push_str(&after[..1]);
                &after[1..]
            }
            '!' if after.starts_with('[') => after,
            '[' => match link(after) {
                Some((words, behind)) => {
                    plain.push_str(words);
                    behind
                }
                None => {
                    plain.push(c);
                    after
                }
            },
            '<' => match after
                .find('>')
                .filter(|_| after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!'))
            {
                Some(end) => &after[end + 1..],
                None => {
                    plain.push(c);
                    after
                }
            },
            '`' => after,
            '*' | '_' => {
                let run = rest.len() - rest.trim_start_matches(c).len();
                let behind = &rest[run..];
                // A mark stands at the edge of a word; `3 * 4` and `snake_case` have none.
                let open =
                    before.is_none_or(|b| !b.is_alphanumeric()) && behind.starts_with(|c: char| !c.is_whitespace());
                let close = before.is_some_and(|b| !b.is_whitespace())
                    && behind.chars().next().is_none_or(|b| !b.is_alphanumeric());
                if !(open || close) {
                    plain.push_str(&rest[..run]);
                }
                behind
            }
            _ => {
                plain.push(c);
                after
            }
        };
    }
    plain
}

/// The words of `words](address)`, and what follows.
fn link(text: &str) -> Option<(&str, &str)> {
    let (words, rest) = text.split_once("](")?;
    let (_, behind) = rest.split_once(')')?;
    (!words.contains('[')).then_some((words, behind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markdown_becomes_plain_text() {
        let markdown = "# Eisen\nDe student **toont** een _goed_ `plan`.\n\n\n> Citaat\n* een\n+ twee\n---\n3 * 4, snake_case \\*ster\\*";
        assert_eq!(
            narrative(markdown),
            "Eisen\nDe student toont een goed plan.\n\nCitaat\n- een\n- twee\n\n3 * 4, snake_case *ster*"
        );
    }

    #[test]
    fn security_f12_links_pictures_and_html_leave_their_words_only() {
        let hostile = "Zie [de school](https://evil.example) ![logo](https://evil.example/p.png)<script>alert(1)</script><b onclick=\"x\">vet</b> 3 < 4 [los]";
        assert_eq!(narrative(hostile), "Zie de school logoalert(1)vet 3 < 4 [los]");
    }

    #[test]
    fn characters_that_steer_the_screen_are_dropped() {
        assert_eq!(label("Naam\u{202e}gnirevlok\u{0}\r\n x\u{feff}"), "Naamgnirevlok x");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(label(&"a".repeat(1_000)).chars().count(), LABEL + 1);
        assert!(narrative(&"a\n".repeat(100_000)).chars().count() <= NARRATIVE + 1);
    }

    #[test]
    fn of_several_languages_dutch_is_taken() {
        use serde_json::json;
        let value = json!([{"@value": "Name", "@language": "en"}, {"@value": "Naam", "@language": "nl-NL"}]);
        assert_eq!(of(Some(&value)).as_deref(), Some("Naam"));
        assert_eq!(of(Some(&json!({"en": "Name"}))).as_deref(), Some("Name"));
        assert_eq!(of(Some(&json!(["x", "y"]))).as_deref(), Some("x"));
        for nothing in [json!(null), json!({}), json!([]), json!(""), json!(true), json!([[["x"]]])] {
            assert_eq!(of(Some(&nothing)), None);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}", marks in "[\\[\\]()!<>*_`#>\\\\ aé\n-]{0,80}") {
            narrative(&text);
            narrative(&marks);
            label(&marks);
        }
    }
}
