//! Finding a claim that issuers spell in many ways.

use serde_json::Value;

use super::text;

/// Entries of one list that a card shows.
const ENTRIES: usize = 50;

/// Objects to look in, the most telling first.
pub(super) struct Scope<'a>(Vec<&'a Value>);

impl<'a> Scope<'a> {
    pub(super) fn new(objects: impl IntoIterator<Item = &'a Value>) -> Self {
        Self(objects.into_iter().filter(|object| object.is_object()).collect())
    }

    /// The first claim of one of these names, in the order of the names, then of the objects.
    pub(super) fn get(&self, names: &[&str]) -> Option<&'a Value> {
        names.iter().find_map(|name| {
            // Worked out only once a claim can be it at all: most credentials have none of the names that are looked for.
            let mut wanted = None;
            let mut is_it = |found: &str| {
                starts_alike(found, name) && spelling(found) == *wanted.get_or_insert_with(|| spelling(name))
            };
            self.0.iter().find_map(|object| {
                let mut members = object.as_object()?.iter();
                members.find(|(found, value)| is_it(found) && !value.is_null()).map(|(_, value)| value)
            })
        })
    }

    /// The same as text; `value`, `name` or `title` of an object.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        let value = first(self.get(names)?)?;
        text::of(Some(value))
            .or_else(|| ["value", "name", "title"].into_iter().find_map(|name| text::of(value.get(name))))
    }

    /// The same as a short text.
    pub(super) fn label(&self, names: &[&str]) -> Option<String> {
        self.text(names).map(|found| text::label(&found))
    }

    /// The same as a list of texts: of an array each entry, of a text its lines if they are bullets.
    pub(super) fn list(&self, names: &[&str]) -> Vec<String> {
        self.get(names).map(entries).unwrap_or_default()
    }
}

/// The first element of an array; anything else as it is.
pub(super) fn first(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(items) => items.first(),
        Value::Null => None,
        other => Some(other),
    }
}

/// One value or an array of them, as many as a card shows of one list.
pub(super) fn all(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    at_most(value, ENTRIES)
}

/// The same with a limit of its own.
pub(super) fn at_most(value: Option<&Value>, limit: usize) -> impl Iterator<Item = &Value> {
    let (items, one): (&[Value], Option<&Value>) = match value {
        Some(Value::Array(items)) => (items, None),
        other => (&[], other),
    };
    items.iter().chain(one).take(limit)
}

/// One text or an array of them.
pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    all(value).filter_map(Value::as_str).map(text::label).collect()
}

fn entries(value: &Value) -> Vec<String> {
    let texts = all(Some(value)).filter_map(|entry| {
        text::of(Some(entry)).or_else(|| {
            ["name", "title", "targetName", "description"].into_iter().find_map(|name| text::of(entry.get(name)))
        })
    });
    let mut entries: Vec<String> = texts.flat_map(|entry| bullets(&entry)).filter(|entry| !entry.is_empty()).collect();
    entries.truncate(ENTRIES);
    entries
}

/// A text that is a list of bullets is a list; any other is one entry.
fn bullets(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let items: Option<Vec<&str>> = lines.iter().map(|line| line.strip_prefix(['-', '*', '•'])).collect();
    match items {
        Some(items) if items.len() > 1 => items.into_iter().map(|item| text::line(item, 1_000)).collect(),
        _ => vec![text::narrative(text)],
    }
}

/// Whether two names can have one spelling at all: working that out for every name takes longer than all else. No spelling
/// changes one of the first four letters, which is held by a test. A name with letters beyond ASCII is left to the
/// spelling itself.
fn starts_alike(found: &str, name: &str) -> bool {
    fn first(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).take(4)
    }
    !found.is_ascii() || first(found).eq(first(name))
}

/// One spelling of a name: no case, no dashes, American where English has two.
fn spelling(name: &str) -> String {
    let plain: String = name.chars().take(80).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    plain
        .replace("programme", "program")
        .replace("organisation", "organization")
        .replace("enrolment", "enrollment")
        .replace("cancelled", "canceled")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_spelling_start_alike() {
        let alike = [
            ("programme_name", "programName"),
            ("organisation", "Organization"),
            ("the-organisation", "theOrganization"),
            ("enrolment_date", "enrollmentDate"),
            ("Cancelled", "canceled"),
            ("programme", "program"),
            ("i_s_s", "iss"),
        ];
        for (one, other) in alike {
            assert_eq!(spelling(one), spelling(other));
            assert!(starts_alike(one, other) && starts_alike(other, one), "{one} {other}");
        }
        // Each word that a spelling changes keeps its first four letters.
        for word in ["programme", "organisation", "enrolment", "cancelled"] {
            assert_eq!(spelling(word)[..4], word[..4]);
        }
        assert!(!starts_alike("iss", "issuer_name"));
    }
}
