//! Words to find cards by.

use leerpas_core::CardFacts;
use serde_json::Value;

/// More text of one card than this is not indexed, in bytes.
const LARGEST: usize = 64 * 1024;
/// A word longer than this is a key or a picture and nothing to search for, in bytes.
const LONGEST_WORD: usize = 100;

/// What one card is found by, folded.
pub(crate) struct Words {
    /// The title, which counts most.
    pub(crate) title: String,
    /// The name of the issuer.
    pub(crate) issuer: String,
    /// Everything else that a person can read on it.
    pub(crate) rest: String,
}

/// Collects the words of a card.
pub(crate) fn words(facts: &CardFacts) -> Words {
    let mut rest = String::new();
    let texts = [
        &facts.description,
        &facts.holder_name,
        &facts.criteria,
        &facts.assessment,
        &facts.supervision,
        &facts.participation,
        &facts.quality,
        &facts.programme,
        &facts.result,
        &facts.language,
        &facts.issuer.host,
    ];
    for text in texts.into_iter().flatten().chain(&facts.learning_outcomes).chain(&facts.skills) {
        add(&mut rest, text);
    }
    for credit in facts.credit.iter().chain(&facts.credits) {
        add(&mut rest, &credit.unit);
    }
    for level in facts.level.iter().chain(&facts.levels) {
        add(&mut rest, &format!("{} {}", level.framework, level.level));
    }
    add_learning(&mut rest, facts);
    add_values(&mut rest, &facts.claims);
    let folded = |text: &str| {
        let mut words = String::new();
        add(&mut words, text);
        words
    };
    Words { title: folded(&facts.title), issuer: folded(&facts.issuer.name), rest }
}

/// What the claims may hold in a form that no one searches for, such as a token within a record.
fn add_learning(words: &mut String, facts: &CardFacts) {
    for content in &facts.contents {
        add(words, &content.title);
        content.issuer.iter().for_each(|issuer| add(words, issuer));
    }
    for alignment in &facts.alignments {
        add(words, &alignment.name);
        [&alignment.framework, &alignment.code].into_iter().flatten().for_each(|text| add(words, text));
    }
    for work in &facts.evidence {
        [&work.name, &work.narrative, &work.genre].into_iter().flatten().for_each(|text| add(words, text));
    }
    for grade in &facts.results {
        grade.name.iter().chain([&grade.value]).for_each(|text| add(words, text));
    }
    facts.particulars.iter().for_each(|particular| add(words, &particular.value));
}

/// Turns what a person typed into a query of FTS5 in which nothing is an operator: every word, quoted,
/// as the start of a word (SQLite documentation, "FTS5 Full-text Query Syntax"). `None` when nothing in
/// it is a word.
pub(crate) fn query(typed: &str) -> Option<String> {
    let mut query = String::new();
    // As the tokenizer does: letters, digits and the marks on them are words, all else is between.
    for word in fold(typed).split(|c: char| !(c.is_alphanumeric() || is_mark(c))) {
        if word.chars().any(char::is_alphanumeric) {
            if !query.is_empty() {
                query.push(' ');
            }
            query.push('"');
            query.push_str(word);
            query.push_str("\"*");
        }
        if query.len() > LARGEST {
            break;
        }
    }
    Some(query).filter(|query| !query.is_empty())
}

/// The letters that Unicode does not take apart into a base and a mark, so that `remove_diacritics` of
/// the tokenizer leaves them: a keyboard without them should find them too.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ł' | 'Ł' => folded.push('l'),
            'ø' | 'Ø' => folded.push('o'),
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'ħ' | 'Ħ' => folded.push('h'),
            'ŧ' | 'Ŧ' => folded.push('t'),
            'ı' => folded.push('i'),
            'ß' | 'ẞ' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ĳ' | 'Ĳ' => folded.push_str("ij"),
            'þ' | 'Þ' => folded.push_str("th"),
            // Would end the text for SQLite.
            '\0' => folded.push(' '),
            other => folded.push(other),
        }
    }
    folded
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

fn add(words: &mut String, text: &str) {
    for word in text.split_whitespace().filter(|word| word.len() <= LONGEST_WORD) {
        if words.len() + word.len() > LARGEST {
            return;
        }
        words.push_str(&fold(word));
        words.push(' ');
    }
}

/// Depth is bounded: `serde_json` reads at most 128 levels.
fn add_values(words: &mut String, value: &Value) {
    match value {
        Value::String(text) => add(words, text),
        Value::Number(number) => add(words, &number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| add_values(words, value)),
        Value::Object(members) => members.values().for_each(|value| add_values(words, value)),
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn i15_operators_are_words_or_nothing() {
        assert_eq!(query("a AND b"), Some("\"a\"* \"AND\"* \"b\"*".to_owned()));
        assert_eq!(query("NEAR(a b, 3)"), Some("\"NEAR\"* \"a\"* \"b\"* \"3\"*".to_owned()));
        assert_eq!(query("title:x -y ^z \"q*"), Some("\"title\"* \"x\"* \"y\"* \"z\"* \"q\"*".to_owned()));
        for nothing in ["", "  ", "\"", "*", "'; --", "%_%", "()", "\u{301}", "\0"] {
            assert_eq!(query(nothing).filter(|q| q.contains(['%', '(', ';', '\0'])), None, "{nothing}");
        }
        assert_eq!(query("\"*:^()-+"), None);
    }

    #[test]
    fn a_course_of_a_diploma_its_framework_and_its_evidence_are_found() {
        use leerpas_core::{Alignment, Content, Evidence, Format, Grade, Particular, Party, Work};
        let issuer =
            Party { name: "ArtEZ".to_owned(), identifier: "did:x".to_owned(), host: None, evidence: Evidence::Claimed };
        let mut facts = CardFacts::new("Diploma", Format::Elm, issuer);
        facts.contents = vec![Content { title: "Bouwfysica".to_owned(), ..Content::default() }];
        facts.alignments = vec![Alignment { framework: Some("ESCO".to_owned()), ..Alignment::default() }];
        facts.evidence = vec![Work { name: Some("Maquette".to_owned()), ..Work::default() }];
        facts.results = vec![Grade { value: "cum laude".to_owned(), ..Grade::default() }];
        facts.particulars = vec![Particular { name: "role".to_owned(), value: "Architect".to_owned() }];
        let rest = words(&facts).rest;
        for word in ["Bouwfysica", "ESCO", "Maquette", "laude", "Architect"] {
            assert!(rest.contains(word), "{word}");
        }
    }

    #[test]
    fn letters_that_do_not_come_apart_are_folded() {
        assert_eq!(fold("Łódź Århus København Đorđe Straße"), "lódź Århus Kobenhavn dorde Strasse");
    }

    proptest! {
        #[test]
        fn a_query_is_quoted_words_only(typed: String) {
            for word in query(&typed).iter().flat_map(|query| query.split(' ')) {
                let inner = word.strip_prefix('"').and_then(|word| word.strip_suffix("\"*"));
                prop_assert!(inner.is_some_and(|inner| !inner.contains('"') && !inner.is_empty()), "{}", word);
            }
        }
    }
}
