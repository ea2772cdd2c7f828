//! Reading JSON from a stranger: bounded in depth before the parser sees it, and member by member after.

use std::fmt;

use leerpas_core::{Nesting, Url, limits};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::address::{self, AddressError};

/// Why bytes are not the JSON that was expected. Names members and never their values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonError {
    /// Not JSON at all (RFC 8259).
    #[error("this is not JSON")]
    Syntax,
    /// Nested deeper than [`limits::JSON_DEPTH`].
    #[error("this JSON is nested deeper than {} levels", limits::JSON_DEPTH)]
    TooDeep,
    /// JSON, and not an object.
    #[error("a JSON object was expected")]
    NotAnObject,
    /// A member that must be there is not.
    #[error("the member {0} is missing")]
    Missing(String),
    /// A member is of the wrong type, empty where it must not be, or out of its range.
    #[error("the member {name} is not {expected}")]
    Wrong {
        /// The path of the member.
        name: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// A member holds an address that is not used.
    #[error("the member {name}: {error}")]
    Address {
        /// The path of the member.
        name: String,
        /// What is wrong with the address.
        error: AddressError,
    },
}

/// Reads any JSON value.
///
/// # Errors
/// [`JsonError::TooDeep`] before anything is parsed, [`JsonError::Syntax`] after.
pub fn read(bytes: &[u8]) -> Result<Value, JsonError> {
    if Nesting::of(bytes).depth > limits::JSON_DEPTH {
        return Err(JsonError::TooDeep);
    }
    serde_json::from_slice(bytes).map_err(|_| JsonError::Syntax)
}

/// Reads a JSON object.
///
/// # Errors
/// As [`read`], and [`JsonError::NotAnObject`].
pub fn read_object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match read(bytes)? {
        Value::Object(members) => Ok(members),
        _ => Err(JsonError::NotAnObject),
    }
}

/// Reads a JSON object, and of one `member`, which is an object too, the `chosen` members alone: what an issuer describes
/// may be long, and an offer is about one thing of it. With how many members that one has.
///
/// Nothing unless it is just that, with each of them there; then [`read_object`] tells what it is.
pub fn read_object_choosing(bytes: &[u8], member: &str, chosen: &[String]) -> Option<(Map<String, Value>, usize)> {
    if Nesting::of(bytes).depth > limits::JSON_DEPTH {
        return None;
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let (members, count) = Choosing { member: Some(member), chosen }.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    let within = members.get(member)?.as_object()?;
    chosen.iter().all(|name| within.contains_key(name)).then_some((members, count))
}

/// Reads an object: of its `member` the chosen ones alone, or, within that, those alone.
struct Choosing<'a> {
    /// The member of which something is chosen; none within it.
    member: Option<&'a str>,
    chosen: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Choosing<'_> {
    type Value = (Map<String, Value>, usize);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Choosing<'_> {
    type Value = (Map<String, Value>, usize);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Self { member, chosen } = self;
        let (mut members, mut count) = (Map::new(), 0);
        while let Some(name) = map.next_key::<String>()? {
            let value = match member {
                Some(member) if name == member => {
                    let (within, all) = map.next_value_seed(Choosing { member: None, chosen })?;
                    count = all;
                    Value::Object(within)
                }
                Some(_) => map.next_value()?,
                None => {
                    count += 1;
                    if !chosen.contains(&name) {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    map.next_value()?
                }
            };
            members.insert(name, value);
        }
        Ok((members, count))
    }
}

/// The members of one object, with the path that leads to it, so that errors can name what is wrong.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Members<'a> {
    /// The members of a value at the top of a message.
    ///
    /// # Errors
    /// [`JsonError::NotAnObject`].
    pub fn of(value: &'a Value) -> Result<Self, JsonError> {
        value.as_object().map(Self::new).ok_or(JsonError::NotAnObject)
    }

    /// The members of an object at the top of a message.
    pub fn new(members: &'a Map<String, Value>) -> Self {
        Self { members, path: String::new() }
    }

    /// The path of a member, for an error.
    pub fn name(&self, member: &str) -> String {
        if self.path.is_empty() { member.to_owned() } else { format!("{}.{member}", self.path) }
    }

    /// An error that says what a member should have been.
    pub fn wrong(&self, member: &str, expected: &'static str) -> JsonError {
        JsonError::Wrong { name: self.name(member), expected }
    }

    /// The member as it is; `null` counts as absent.
    pub fn get(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member).filter(|value| !value.is_null())
    }

    /// The object inside a member.
    ///
    /// # Errors
    /// [`JsonError::Wrong`] if it is there and no object.
    pub fn object(&self, member: &str) -> Result<Option<Members<'a>>, JsonError> {
        let Some(value) = self.get(member) else { return Ok(None) };
        let members = value.as_object().ok_or_else(|| self.wrong(member, "an object"))?;
        Ok(Some(Members { members, path: self.name(member) }))
    }

    /// Names and values of all members, in the order that the map keeps.
    pub fn iter(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.members.iter()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// A text that may be absent; an empty one is as wrong as a number.
    ///
    /// # Errors
    /// [`JsonError::Wrong`].
    pub fn text(&self, member: &str) -> Result<Option<&'a str>, JsonError> {
        let Some(value) = self.get(member) else { return Ok(None) };
        match value.as_str() {
            Some(text) if !text.is_empty() => Ok(Some(text)),
            _ => Err(self.wrong(member, "a text")),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// [`JsonError::Missing`] or [`JsonError::Wrong`].
    pub fn required_text(&self, member: &str) -> Result<&'a str, JsonError> {
        self.text(member)?.ok_or_else(|| JsonError::Missing(self.name(member)))
    }

    /// An https address that may be absent.
    ///
    /// # Errors
    /// [`JsonError::Wrong`] or [`JsonError::Address`].
    pub fn address(&self, member: &str) -> Result<Option<Url>, JsonError> {
        let Some(text) = self.text(member)? else { return Ok(None) };
        match address::https(text) {
            Ok(url) => Ok(Some(url)),
            Err(error) => Err(JsonError::Address { name: self.name(member), error }),
        }
    }

    /// An https address that must be there.
    ///
    /// # Errors
    /// [`JsonError::Missing`], [`JsonError::Wrong`] or [`JsonError::Address`].
    pub fn required_address(&self, member: &str) -> Result<Url, JsonError> {
        self.address(member)?.ok_or_else(|| JsonError::Missing(self.name(member)))
    }

    /// A list of texts; absent is an empty list.
    ///
    /// # Errors
    /// [`JsonError::Wrong`].
    pub fn texts(&self, member: &str) -> Result<Vec<String>, JsonError> {
        let Some(value) = self.get(member) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.wrong(member, "a list of texts"))?;
        items
            .iter()
            .map(|item| match item.as_str() {
                Some(text) if !text.is_empty() => Ok(text.to_owned()),
                _ => Err(self.wrong(member, "a list of texts")),
            })
            .collect()
    }

    /// A whole number of zero or more.
    ///
    /// # Errors
    /// [`JsonError::Wrong`].
    pub fn count(&self, member: &str) -> Result<Option<u64>, JsonError> {
        let Some(value) = self.get(member) else { return Ok(None) };
        value.as_u64().map(Some).ok_or_else(|| self.wrong(member, "a whole number of zero or more"))
    }

    /// True or false; absent is `None`.
    ///
    /// # Errors
    /// [`JsonError::Wrong`].
    pub fn flag(&self, member: &str) -> Result<Option<bool>, JsonError> {
        let Some(value) = self.get(member) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.wrong(member, "true or false"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_nested_too_deep_is_refused_before_it_is_parsed() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(nested(limits::JSON_DEPTH).as_bytes()).is_ok());
        assert_eq!(read(nested(limits::JSON_DEPTH + 1).as_bytes()), Err(JsonError::TooDeep));
        assert_eq!(read("[".repeat(1_000_000).as_bytes()), Err(JsonError::TooDeep));
    }

    #[test]
    fn brackets_inside_a_text_do_not_count_as_nesting() {
        let text = format!("[\"{}\\\"{}\"]", "[".repeat(500), "{".repeat(500));
        assert!(read(text.as_bytes()).is_ok());
    }

    #[test]
    fn a_page_is_not_json() {
        assert_eq!(read(b"<!doctype html><p>hello"), Err(JsonError::Syntax));
        assert_eq!(read_object(b"[]"), Err(JsonError::NotAnObject));
    }

    #[test]
    fn an_error_names_the_member_and_not_its_value() {
        let value = read(br#"{"a":{"b":17}}"#).unwrap();
        let error = Members::of(&value).unwrap().object("a").unwrap().unwrap().required_text("b").unwrap_err();
        assert_eq!(error.to_string(), "the member a.b is not a text");
    }

    #[test]
    fn numbers_keep_their_text() {
        let value = read(br#"{"ects":4.50}"#).unwrap();
        assert_eq!(value["ects"].to_string(), "4.50");
    }
}
