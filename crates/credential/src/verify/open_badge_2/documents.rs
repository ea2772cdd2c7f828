//! The documents of an Open Badge 2.0, each at its own address.

use jiff::{SignedDuration, Timestamp};
use leerpas_core::{Purpose, Url};
use serde_json::Value;

use crate::{
    json,
    read::claims::id_of,
    report::Reason,
    verify::{
        Resources,
        evaluate::{Found, Look},
    },
};

const ACCEPT: &str = "application/ld+json, application/json";
/// Badge classes and profiles of issuers change seldom.
const PROFILE_FRESH: SignedDuration = SignedDuration::from_hours(24);
/// An assertion may be withdrawn at any time.
const ASSERTION_FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Why a document was not had.
pub(super) struct Missing {
    /// What to say.
    pub(super) reason: Reason,
    /// In English, with the address.
    pub(super) detail: String,
    /// The address answered, and with something that cannot be the document: that is a refusal, not a gap.
    pub(super) wrong: bool,
    /// The address says that it is gone for good (RFC 9110, section 15.5.11).
    pub(super) gone: bool,
    /// When an older one was fetched.
    pub(super) known_at: Option<Timestamp>,
}

/// A document as its address gives it.
pub(super) struct Document {
    pub(super) url: Url,
    pub(super) value: Value,
    pub(super) known_at: Option<Timestamp>,
}

pub(super) fn assertion(look: &mut Look<'_>, id: &str) -> Result<Document, Missing> {
    fetch(look, id, "Assertion", ASSERTION_FRESH)
}

pub(super) fn badge_class(look: &mut Look<'_>, id: &str) -> Result<Document, Missing> {
    fetch(look, id, "BadgeClass", PROFILE_FRESH)
}

/// The profile of an issuer, which has several class names (`Issuer`, `Profile`, and extensions of both).
pub(super) fn profile(look: &mut Look<'_>, id: &str) -> Result<Document, Missing> {
    fetch(look, id, "", PROFILE_FRESH)
}

pub(super) fn key(look: &mut Look<'_>, id: &str) -> Result<Document, Missing> {
    fetch(look, id, "", PROFILE_FRESH)
}

/// What stands at an address must name that address, byte for byte: else one page could speak for all.
fn fetch(look: &mut Look<'_>, id: &str, class: &str, lifetime: SignedDuration) -> Result<Document, Missing> {
    let missing = |reason, detail: String| Missing { reason, detail, wrong: false, gone: false, known_at: None };
    let url = Url::parse(id).map_err(|_| missing(Reason::Malformed, "an id is no address".to_owned()))?;
    let fresh = |fetched: Timestamp, now: Timestamp| now.duration_since(fetched) <= lifetime;
    match look.document(&url, Purpose::Badge, ACCEPT, fresh) {
        Found::Nothing(why, known_at) => {
            let (reason, words) = match look.refusal(&url) {
                Some(410) => (Reason::Revoked, "the issuer says that it is gone"),
                Some(300..400) => (Reason::Moved, "the address leads on to another one"),
                Some(404) => (Reason::NotHosted, "there is nothing public at this address"),
                _ => (Reason::NotHosted, why),
            };
            let gone = look.refusal(&url) == Some(410);
            Err(Missing { gone, known_at, ..missing(reason, format!("{url}: {words}")) })
        }
        Found::Document(resource, known_at) => {
            let Ok(value @ Value::Object(_)) = json::parse(&resource.bytes) else {
                return Err(missing(Reason::NotHosted, format!("{url}: what stands there is no JSON object")));
            };
            if !is(&value, id, class) {
                let detail = format!("{url}: what stands there is another document");
                return Err(Missing { wrong: true, ..missing(Reason::OtherDocument, detail) });
            }
            Ok(Document { url, value, known_at })
        }
    }
}

fn is(document: &Value, id: &str, class: &str) -> bool {
    let classes = document.get("type").or_else(|| document.get("@type")).map(strings).unwrap_or_default();
    document.get("id").and_then(Value::as_str) == Some(id) && (class.is_empty() || classes.contains(&class))
}

/// A text or a list of texts as a list.
pub(super) fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The assertion with its badge class and issuer inside, as far as they were fetched; of a hosted one, the issuer's own
/// copy. For showing only: nothing is proved by it.
pub(in crate::verify) fn assemble(resources: &Resources, assertion: &Value, is_signed: bool) -> Value {
    let at = |id: Option<&str>, class: &str| {
        let id = id?;
        let document = json::parse(&resources.get(&Url::parse(id).ok()?)?.bytes).ok()?;
        is(&document, id, class).then_some(document)
    };
    let id = assertion.get("id").and_then(Value::as_str);
    let hosted = at(id.filter(|_| !is_signed), "Assertion").filter(|hosted| hosted.get("badge").is_some());
    let mut whole = hosted.unwrap_or_else(|| assertion.clone());
    if let Some(badge) = at(whole.get("badge").and_then(id_of), "BadgeClass") {
        whole["badge"] = badge;
    }
    if let Some(badge) = whole.get_mut("badge").and_then(Value::as_object_mut)
        && let Some(issuer) = at(badge.get("issuer").and_then(id_of), "")
    {
        badge.insert("issuer".to_owned(), issuer);
    }
    whole
}
