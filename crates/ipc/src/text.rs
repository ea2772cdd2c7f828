//! Values as text, for people.

use leerpas_core::{ClaimLabel, Language};
use serde_json::Value;

/// A scalar as text; anything else as compact JSON.
pub fn of_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(of_value).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Every leaf of a document with its path, in its order. An array of scalars is one leaf.
pub fn leaves(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(value, &mut String::new(), &mut found);
    found
}

fn collect(value: &Value, path: &mut String, found: &mut Vec<(String, String)>) {
    let before = path.len();
    let mut under = |name: &str, value: &Value, path: &mut String| {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        collect(value, path, found);
        path.truncate(before);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| under(name, value, path)),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().enumerate().for_each(|(index, value)| under(&index.to_string(), value, path));
        }
        leaf => found.push((path.clone(), of_value(leaf))),
    }
}

/// The issuer's name for a path, in the person's language if it has one in it.
pub fn label(labels: &[ClaimLabel], path: &str, language: Language) -> Option<String> {
    let fits = |label: &&ClaimLabel| same_path(&label.path, path);
    let in_language = |label: &&ClaimLabel| label.locale.to_ascii_lowercase().starts_with(language.tag());
    labels
        .iter()
        .filter(fits)
        .find(in_language)
        .or_else(|| labels.iter().filter(fits).find(|label| label.locale.is_empty()))
        .or_else(|| labels.iter().find(fits))
        .map(|label| label.name.clone())
}

/// `*` in a label's path stands for any index.
fn same_path(pattern: &str, path: &str) -> bool {
    let (mut a, mut b) = (pattern.split('.'), path.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some("*"), Some(index)) if index.bytes().all(|c| c.is_ascii_digit()) => {}
            (Some(x), Some(y)) if x == y => {}
            // An array of scalars is one leaf, and a label for its elements fits it.
            (Some("*"), None) => return a.next().is_none(),
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn leaves_keep_order_and_numbers_keep_their_text() {
        let document: Value =
            serde_json::from_str(r#"{"b":{"x":4.50},"a":["p","q"],"list":[{"n":1},{"n":2}],"empty":{}}"#).unwrap();
        let found = leaves(&document);
        assert!(found.contains(&("b.x".into(), "4.50".into())), "{found:?}");
        assert!(found.contains(&("a".into(), "p, q".into())));
        assert!(found.contains(&("list.1.n".into(), "2".into())));
    }

    #[test]
    fn a_label_in_the_persons_language_wins() {
        let make =
            |locale: &str, name: &str| ClaimLabel { path: "a.*".into(), locale: locale.into(), name: name.into() };
        let labels = [make("en-US", "Thing"), make("nl-NL", "Ding")];
        assert_eq!(label(&labels, "a.3", Language::Nl).as_deref(), Some("Ding"));
        assert_eq!(label(&labels, "a", Language::En).as_deref(), Some("Thing"));
        assert_eq!(label(&labels, "b", Language::En), None);
        assert_eq!(of_value(&json!(true)), "true");
    }
}
