//! The claims path pointer (OpenID4VP 1.0, section 7): how a query names a place in a credential.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

use super::QueryError;

/// Longest pointer that is taken, in elements; a credential is never nested deeper.
pub const MAX_PATH: usize = leerpas_core::limits::JSON_DEPTH;
/// Highest index that is taken: no array in a credential may be longer.
pub const MAX_INDEX: usize = 100_000;

/// One element of a [`ClaimsPathPointer`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PointerElement {
    /// A string: the member of this name.
    Name(String),
    /// `null`: every element of an array.
    All,
    /// A non-negative integer: the element at this index.
    Index(usize),
}

/// A pointer as a query has it: not empty, elements of three kinds (OpenID4VP 1.0, 7).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimsPathPointer(Vec<PointerElement>);

/// One element of a [`Place`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// The member of this name.
    Name(String),
    /// The element at this index.
    Index(usize),
}

/// Exactly one place in a JSON document: what a pointer selects, with every wildcard filled in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place(pub Vec<Segment>);

/// Why a pointer selects nothing (OpenID4VP 1.0, 7.1.1: "abort processing and return an error").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SelectError {
    /// A string met something that is no object, or an index or `null` something that is no array.
    #[error("the path does not fit the shape of the credential")]
    WrongContainer,
    /// Nothing is there.
    #[error("the path leads nowhere")]
    Empty,
}

impl ClaimsPathPointer {
    /// Reads a pointer from its JSON array.
    ///
    /// # Errors
    /// [`QueryError`] when it is no array, empty, deeper than [`MAX_PATH`], or holds anything but
    /// strings, `null` and integers from 0 to [`MAX_INDEX`].
    pub fn parse(value: &Value) -> Result<Self, QueryError> {
        let elements = value.as_array().ok_or(QueryError::Rule("a claim path must be an array"))?;
        if elements.is_empty() {
            return Err(QueryError::Rule("a claim path must not be empty"));
        }
        if elements.len() > MAX_PATH {
            return Err(QueryError::TooMany { what: "elements in a claim path", limit: MAX_PATH });
        }
        elements.iter().map(parse_element).collect::<Result<_, _>>().map(Self)
    }

    /// The elements, first to last.
    pub fn elements(&self) -> &[PointerElement] {
        &self.0
    }

    /// Every place that this pointer selects in a document, in the document's order (OpenID4VP 1.0, 7.1.1).
    ///
    /// # Errors
    /// [`SelectError`] when the document has another shape, or nothing is there.
    pub fn select<'v>(&self, root: &'v Value) -> Result<Vec<(Place, &'v Value)>, SelectError> {
        let mut selected = vec![(Place::default(), root)];
        for element in &self.0 {
            let mut next = Vec::with_capacity(selected.len());
            for (place, value) in selected {
                step(element, &place, value, &mut next)?;
            }
            if next.is_empty() {
                return Err(SelectError::Empty);
            }
            selected = next;
        }
        Ok(selected)
    }

    /// Whether anything that this pointer selects passes the test; the same answer as by [`Self::select`], without
    /// noting where it is.
    pub fn selects(&self, root: &Value, mut test: impl FnMut(&Value) -> bool) -> bool {
        selects(&self.0, root, &mut test) == Ok(true)
    }
}

/// Whether one of the values that the pointer selects passes the test; every branch is walked to its end, since a wrong
/// container anywhere ends the processing (OpenID4VP 1.0, 7.1.1).
fn selects(
    elements: &[PointerElement],
    value: &Value,
    test: &mut dyn FnMut(&Value) -> bool,
) -> Result<bool, SelectError> {
    let Some((first, rest)) = elements.split_first() else { return Ok(test(value)) };
    match first {
        PointerElement::Name(name) => {
            let members = value.as_object().ok_or(SelectError::WrongContainer)?;
            members.get(name).map_or(Ok(false), |inner| selects(rest, inner, test))
        }
        PointerElement::Index(index) => {
            let items = value.as_array().ok_or(SelectError::WrongContainer)?;
            items.get(*index).map_or(Ok(false), |inner| selects(rest, inner, test))
        }
        PointerElement::All => {
            let items = value.as_array().ok_or(SelectError::WrongContainer)?;
            items.iter().try_fold(false, |found, inner| Ok(selects(rest, inner, test)? || found))
        }
    }
}

impl fmt::Display for ClaimsPathPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, element) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            match element {
                PointerElement::Name(name) => f.write_str(name)?,
                PointerElement::All => f.write_str("*")?,
                PointerElement::Index(index) => write!(f, "{index}")?,
            }
        }
        Ok(())
    }
}

impl Place {
    /// The value at this place, if there is one.
    pub fn in_document<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(root, |value, segment| match segment {
            Segment::Name(name) => value.as_object()?.get(name),
            Segment::Index(index) => value.as_array()?.get(*index),
        })
    }

    /// Whether `other` is this place or lies inside it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    fn with(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }
}

impl fmt::Display for Place {
    /// Joined with `.`, as the log, the window and `--without` have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            match segment {
                Segment::Name(name) => f.write_str(name)?,
                Segment::Index(index) => write!(f, "{index}")?,
            }
        }
        Ok(())
    }
}

/// Every innermost value of a document with its place. Empty objects and arrays count as innermost, so
/// that nothing in the document goes unseen.
pub fn leaves(root: &Value) -> Vec<(Place, &Value)> {
    let mut found = Vec::new();
    let mut open = vec![(Place::default(), root)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Object(map) if !map.is_empty() => {
                open.extend(map.iter().rev().map(|(name, v)| (place.with(Segment::Name(name.clone())), v)));
            }
            Value::Array(list) if !list.is_empty() => {
                open.extend(list.iter().enumerate().rev().map(|(i, v)| (place.with(Segment::Index(i)), v)));
            }
            _ => found.push((place, value)),
        }
    }
    found
}

fn parse_element(element: &Value) -> Result<PointerElement, QueryError> {
    match element {
        Value::String(name) => Ok(PointerElement::Name(name.clone())),
        Value::Null => Ok(PointerElement::All),
        Value::Number(number) => number
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n <= MAX_INDEX)
            .map(PointerElement::Index)
            .ok_or(QueryError::Rule("an index in a claim path must be a small non-negative integer")),
        _ => Err(QueryError::Rule("a claim path holds strings, null and integers only")),
    }
}

fn step<'v>(
    element: &PointerElement,
    place: &Place,
    value: &'v Value,
    next: &mut Vec<(Place, &'v Value)>,
) -> Result<(), SelectError> {
    match element {
        PointerElement::Name(name) => {
            let map = value.as_object().ok_or(SelectError::WrongContainer)?;
            next.extend(map.get(name).map(|v| (place.with(Segment::Name(name.clone())), v)));
        }
        PointerElement::All => {
            let list = value.as_array().ok_or(SelectError::WrongContainer)?;
            next.extend(list.iter().enumerate().map(|(i, v)| (place.with(Segment::Index(i)), v)));
        }
        PointerElement::Index(index) => {
            let list = value.as_array().ok_or(SelectError::WrongContainer)?;
            next.extend(list.get(*index).map(|v| (place.with(Segment::Index(*index)), v)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointed(path: Value, document: &Value) -> Result<Vec<String>, SelectError> {
        let pointer = ClaimsPathPointer::parse(&path).unwrap();
        Ok(pointer.select(document)?.into_iter().map(|(place, _)| place.to_string()).collect())
    }

    #[test]
    fn dcql_7_1_1_string_null_and_index_select_member_all_and_element() {
        let document = json!({"name": "Noor", "courses": [{"title": "A"}, {"title": "B", "ects": 4.5}]});
        assert_eq!(pointed(json!(["name"]), &document).unwrap(), ["name"]);
        assert_eq!(
            pointed(json!(["courses", null, "title"]), &document).unwrap(),
            ["courses.0.title", "courses.1.title"]
        );
        assert_eq!(pointed(json!(["courses", 1, "ects"]), &document).unwrap(), ["courses.1.ects"]);
    }

    #[test]
    fn dcql_7_1_1_wrong_container_aborts() {
        let document = json!({"name": "Noor", "mixed": [{"a": 1}, 7]});
        assert_eq!(pointed(json!(["name", "first"]), &document), Err(SelectError::WrongContainer));
        assert_eq!(pointed(json!(["name", 0]), &document), Err(SelectError::WrongContainer));
        assert_eq!(pointed(json!(["name", null]), &document), Err(SelectError::WrongContainer));
        assert_eq!(pointed(json!(["mixed", null, "a"]), &document), Err(SelectError::WrongContainer));
        assert_eq!(pointed(json!(["mixed", "a"]), &document), Err(SelectError::WrongContainer));
    }

    #[test]
    fn dcql_7_1_1_missing_elements_drop_out_and_an_empty_selection_is_an_error() {
        let document = json!({"courses": [{"title": "A"}, {"ects": 4.5}], "none": []});
        assert_eq!(pointed(json!(["courses", null, "ects"]), &document).unwrap(), ["courses.1.ects"]);
        assert_eq!(pointed(json!(["courses", 9]), &document), Err(SelectError::Empty));
        assert_eq!(pointed(json!(["none", null]), &document), Err(SelectError::Empty));
        assert_eq!(pointed(json!(["family"]), &document), Err(SelectError::Empty));
    }

    #[test]
    fn hostile_pointers_are_refused() {
        let deep = Value::Array(vec![json!("a"); 1000]);
        for bad in [
            json!([]),
            json!("name"),
            json!([-1]),
            json!([1.5]),
            json!([true]),
            json!([1_000_000_000_u64]),
            json!([{}]),
            deep,
        ] {
            assert!(ClaimsPathPointer::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn leaves_miss_nothing() {
        let document = json!({"a": {"b": [1, {"c": null}]}, "d": {}, "e": []});
        let found: Vec<_> = leaves(&document).into_iter().map(|(p, _)| p.to_string()).collect();
        assert_eq!(found, ["a.b.0", "a.b.1.c", "d", "e"]);
    }
}
