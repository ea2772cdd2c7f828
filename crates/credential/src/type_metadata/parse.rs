//! Type metadata as it comes (draft-13, sections 6.2, 8 and 9).

use std::collections::BTreeSet;

use leerpas_core::limits;
use serde_json::{Map, Value};

use super::{ClaimRule, Disclosure, Display, Image, MetadataError, Simple, Step, TypeMetadata};
use crate::json;

/// Longest name that is taken over, in characters.
const NAME: usize = 200;

impl TypeMetadata {
    /// Reads metadata that was fetched for a type.
    ///
    /// # Errors
    /// When it is too large, no unambiguous JSON, that of another type, or has a member of another shape: what is not
    /// understood is not used by half.
    pub fn parse(bytes: &[u8], vct: &str) -> Result<Self, MetadataError> {
        if bytes.len() > limits::TYPE_METADATA {
            return Err(MetadataError::TooLarge);
        }
        let Value::Object(members) = json::parse(bytes)? else { return Err(MetadataError::Shape("metadata")) };
        if text(&members, "vct")?.as_deref() != Some(vct) {
            return Err(MetadataError::OtherType);
        }
        let extends = text(&members, "extends")?;
        let integrity = text(&members, "extends#integrity")?;
        let display: Vec<Display> =
            objects(members.get("display"), "display")?.into_iter().map(display).collect::<Result<_, _>>()?;
        let claims = objects(members.get("claims"), "claims")?;
        if claims.len() > limits::TYPE_CLAIMS {
            return Err(MetadataError::TooLarge);
        }
        let claims: Vec<ClaimRule> = claims.into_iter().map(claim).collect::<Result<_, _>>()?;
        let (mut paths, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for rule in &claims {
            if !paths.insert(&rule.path) || rule.svg_id.as_ref().is_some_and(|id| !ids.insert(id)) {
                return Err(MetadataError::Twice);
            }
        }
        Ok(Self { vct: vct.to_owned(), extends: extends.map(|address| (address, integrity)), display, claims })
    }
}

fn display(members: &Map<String, Value>) -> Result<Display, MetadataError> {
    let name = name(text(members, "name")?.ok_or(MetadataError::Shape("display"))?);
    let rendering = match members.get("rendering") {
        None => None,
        Some(Value::Object(rendering)) => Some(rendering),
        Some(_) => return Err(MetadataError::Shape("rendering")),
    };
    let mut templates = Vec::new();
    let mut simple = None;
    if let Some(rendering) = rendering {
        let mut ranked = Vec::new();
        for template in objects(rendering.get("svg_templates"), "svg_templates")? {
            ranked.push((rank(template), image(template)?));
        }
        // A stable sort: of two that fit alike, the issuer's first.
        ranked.sort_by_key(|(rank, _)| *rank);
        templates = ranked.into_iter().map(|(_, image)| image).collect();
        simple = match rendering.get("simple") {
            None => None,
            Some(Value::Object(members)) => Some(Simple {
                logo: match members.get("logo") {
                    None => None,
                    Some(Value::Object(logo)) => Some(image(logo)?),
                    Some(_) => return Err(MetadataError::Shape("logo")),
                },
                background: text(members, "background_color")?,
                ink: text(members, "text_color")?,
            }),
            Some(_) => return Err(MetadataError::Shape("simple")),
        };
    }
    Ok(Display { locale: locale(members)?, name, templates, simple })
}

/// How badly a template fits: a card lies, on a light ground, with ordinary contrast (section 8.1.2.1).
fn rank(template: &Map<String, Value>) -> u8 {
    let other = |name: &str, wanted: &str| {
        let value = template.get("properties").and_then(|properties| properties.get(name)).and_then(Value::as_str);
        u8::from(value.is_some_and(|value| value != wanted))
    };
    other("orientation", "landscape") * 4 + other("color_scheme", "light") * 2 + other("contrast", "normal")
}

fn image(members: &Map<String, Value>) -> Result<Image, MetadataError> {
    let uri = text(members, "uri")?.ok_or(MetadataError::Shape("uri"))?;
    Ok(Image { uri, integrity: text(members, "uri#integrity")? })
}

fn claim(members: &Map<String, Value>) -> Result<ClaimRule, MetadataError> {
    let Some(Value::Array(steps)) = members.get("path") else { return Err(MetadataError::Shape("path")) };
    let path: Vec<Step> = steps.iter().map(step).collect::<Option<_>>().ok_or(MetadataError::Shape("path"))?;
    if path.is_empty() || path.len() > limits::JSON_DEPTH {
        return Err(MetadataError::Shape("path"));
    }
    let disclosure = match text(members, "sd")?.as_deref() {
        None | Some("allowed") => Disclosure::Allowed,
        Some("always") => Disclosure::Always,
        Some("never") => Disclosure::Never,
        Some(_) => return Err(MetadataError::Shape("sd")),
    };
    let mandatory = match members.get("mandatory") {
        None => false,
        Some(Value::Bool(mandatory)) => *mandatory,
        Some(_) => return Err(MetadataError::Shape("mandatory")),
    };
    let svg_id = text(members, "svg_id")?;
    if svg_id.as_deref().is_some_and(|id| !is_svg_id(id)) {
        return Err(MetadataError::Shape("svg_id"));
    }
    let mut labels = Vec::new();
    for display in objects(members.get("display"), "display")? {
        // Drafts before 10 called the name of a claim by other words; one without a name says nothing.
        if let Some(label) = text(display, "label")?.or(text(display, "name")?) {
            labels.push((locale(display)?, name(label)));
        }
    }
    Ok(ClaimRule { path, mandatory, disclosure, svg_id, labels })
}

fn step(step: &Value) -> Option<Step> {
    match step {
        Value::String(name) => Some(Step::Name(name.clone())),
        Value::Number(index) => usize::try_from(index.as_u64()?).ok().map(Step::Index),
        Value::Null => Some(Step::Every),
        _ => None,
    }
}

/// Letters, digits and underscores, and no digit at the front (section 9.4).
fn is_svg_id(id: &str) -> bool {
    !id.starts_with(|c: char| c.is_ascii_digit())
        && !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `locale`, which was called `lang` up to draft-12.
fn locale(members: &Map<String, Value>) -> Result<String, MetadataError> {
    Ok(text(members, "locale")?.or(text(members, "lang")?).unwrap_or_default())
}

fn name(text: String) -> String {
    text.chars().filter(|c| !c.is_control()).take(NAME).collect()
}

fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, MetadataError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(MetadataError::Shape(name)),
    }
}

fn objects<'a>(value: Option<&'a Value>, name: &'static str) -> Result<Vec<&'a Map<String, Value>>, MetadataError> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_object().ok_or(MetadataError::Shape(name))).collect()
        }
        Some(_) => Err(MetadataError::Shape(name)),
    }
}
