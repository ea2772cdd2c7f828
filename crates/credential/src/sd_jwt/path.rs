//! Where a claim is.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One step into a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PathElement {
    /// Into the member of this name.
    Name(String),
    /// Into the array element at this place, counted from 0 in the processed claims.
    Index(usize),
}

/// The way to a claim from the top.
pub type ClaimPath = Vec<PathElement>;

impl fmt::Display for PathElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

impl From<&str> for PathElement {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for PathElement {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// The path with its steps joined by `.`.
pub fn display_path(path: &[PathElement]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// The value at the end of a path, if it is there.
pub fn value_at<'a>(claims: &'a Value, path: &[PathElement]) -> Option<&'a Value> {
    path.iter().try_fold(claims, |value, element| match element {
        PathElement::Name(name) => value.as_object()?.get(name),
        PathElement::Index(index) => value.as_array()?.get(*index),
    })
}
