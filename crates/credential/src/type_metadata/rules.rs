//! Whether a credential is built as its type says (draft-13, sections 9.1 to 9.3).

use serde_json::Value;

use super::{ClaimRule, Disclosure, Step, TypeMetadata};
use crate::sd_jwt::{ClaimPath, PathElement, SdJwt, value_at};

/// Claims that one rule is held against, so that wildcards within wildcards stay cheap.
const SELECTED: usize = 2_000;

/// The first rule that the whole credential breaks, as a sentence with a path and without a value; `None` is fine.
pub(crate) fn contradiction(metadata: &TypeMetadata, sd_jwt: &SdJwt) -> Option<String> {
    metadata.claims.iter().find_map(|rule| broken(rule, sd_jwt))
}

fn broken(rule: &ClaimRule, sd_jwt: &SdJwt) -> Option<String> {
    let selected = select(sd_jwt.claims(), &rule.path);
    if rule.mandatory && selected.is_empty() {
        return Some(format!("{} is mandatory for its type and not there", join(&rule.path)));
    }
    let within = |path: &ClaimPath| sd_jwt.disclosed_paths().any(|disclosed| path.starts_with(disclosed));
    match rule.disclosure {
        Disclosure::Always if !selected.iter().all(within) => {
            Some(format!("{} must be selectively disclosable and is not", join(&rule.path)))
        }
        Disclosure::Never if selected.iter().any(|path| sd_jwt.selectable(path)) => {
            Some(format!("{} must not be selectively disclosable and is", join(&rule.path)))
        }
        _ => None,
    }
}

/// The claims that a path selects (section 9.1).
pub(super) fn select(claims: &Value, path: &[Step]) -> Vec<ClaimPath> {
    let mut found: Vec<ClaimPath> = vec![Vec::new()];
    for step in path {
        let mut next = Vec::new();
        for path in found {
            let Some(value) = value_at(claims, &path) else { continue };
            let into = |element: PathElement| path.iter().cloned().chain([element]).collect::<ClaimPath>();
            match (step, value) {
                (Step::Name(name), Value::Object(members)) if members.contains_key(name) => {
                    next.push(into(PathElement::Name(name.clone())));
                }
                (Step::Index(index), Value::Array(items)) if *index < items.len() => {
                    next.push(into(PathElement::Index(*index)));
                }
                (Step::Every, Value::Array(items)) => {
                    next.extend((0..items.len()).map(|index| into(PathElement::Index(index))));
                }
                _ => {}
            }
            next.truncate(SELECTED);
        }
        found = next;
    }
    found
}

/// The path with its steps joined by `.`; `*` stands for every element, as in [`leerpas_core::ClaimLabel`].
pub(super) fn join(path: &[Step]) -> String {
    let words: Vec<String> = path
        .iter()
        .map(|step| match step {
            Step::Name(name) => name.clone(),
            Step::Index(index) => index.to_string(),
            Step::Every => "*".to_owned(),
        })
        .collect();
    words.join(".")
}
