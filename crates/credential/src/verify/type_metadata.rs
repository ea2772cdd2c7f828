//! Whether a credential is built as its type says (SD-JWT VC draft-13, sections 6 to 9).

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use leerpas_core::{Purpose, Url, limits};
use serde_json::Value;
use url::Host;

use super::{
    Binding,
    evaluate::{Found, Look},
};
use crate::{
    jose::decode_base64url,
    read::Body,
    report::{Check, CheckName, Reason},
    sd_jwt::SdJwt,
    type_metadata::{Described, Image, IntegrityError, MetadataError, TypeMetadata, check_integrity, contradiction},
};

const NAME: CheckName = CheckName::TypeMetadata;
/// How long metadata is taken as it is while the network may be used.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Pictures that are fetched for one credential.
const PICTURES: usize = 3;

/// What came of looking for metadata.
enum Metadata<'a> {
    /// The type has none: it is no address, and none came along.
    None,
    /// It cannot be had; the time of an older one.
    Unavailable(&'static str, Option<Timestamp>),
    /// It breaks a rule.
    Invalid(MetadataError),
    /// It is not what the credential was signed with.
    Changed,
    /// It is here.
    Bytes(std::borrow::Cow<'a, [u8]>, Option<Timestamp>),
}

/// Looks at the metadata of an SD-JWT VC that somebody receives or looks at. A presentation is left alone: it holds
/// back claims by right, and asking for metadata then would tell the issuer when a credential is shown.
///
/// Nothing is asked for unless the credential is `sound` apart from this: a forgery sends nobody anywhere.
pub(super) fn check(look: &mut Look<'_>, sound: bool) -> Option<(Check, Option<Described>)> {
    let Body::SdJwt(sd_jwt) = look.credential.body() else { return None };
    let vct = sd_jwt.claims().get("vct")?.as_str()?;
    if !sound || matches!(look.policy.binding, Binding::Presentation { .. }) || !sd_jwt.claims().is_object() {
        return None;
    }
    let signed = sd_jwt.claims().get("vct#integrity").and_then(Value::as_str);
    let (metadata, at) = match whole(look, sd_jwt, vct, signed) {
        Ok(Some(found)) => found,
        Ok(None) => return None,
        Err(check) => return Some((check, None)),
    };
    if let Some(why) = contradiction(&metadata, sd_jwt) {
        return Some((Check::fail(NAME, Reason::MetadataContradicted, why).known_at(at), None));
    }
    let (pictures, odd) = pictures(look, &metadata);
    let described = Described { metadata, pictures };
    let check = if odd {
        Check::warn(NAME, Reason::MetadataInvalid, "a picture that the metadata names has another hash")
    } else {
        Check::pass(NAME, format!("built as {vct} says"))
    };
    Some((check.known_at(at), Some(described)))
}

/// The metadata of the type with all that it extends; `None` where the type has none.
fn whole(
    look: &mut Look<'_>,
    sd_jwt: &SdJwt,
    vct: &str,
    signed: Option<&str>,
) -> Result<Option<(TypeMetadata, Option<Timestamp>)>, Check> {
    let mut whole: Option<TypeMetadata> = None;
    let mut seen: Vec<String> = Vec::new();
    let mut oldest = None;
    let mut next = Some((vct.to_owned(), signed.map(str::to_owned)));
    while let Some((address, integrity)) = next.take() {
        if seen.contains(&address) || seen.len() >= limits::TYPE_CHAIN {
            return Err(left_aside(MetadataError::Chain));
        }
        let (bytes, at) = match one(look, sd_jwt, &address, integrity.as_deref()) {
            Metadata::None if whole.is_none() => return Ok(None),
            Metadata::None => return Err(unavailable(&address, "it is no https address", None)),
            Metadata::Unavailable(why, at) => return Err(unavailable(&address, why, at)),
            Metadata::Invalid(error) => return Err(left_aside(error)),
            // The chain is the issuer's word only where the credential signs its beginning.
            Metadata::Changed if signed.is_some() => {
                let why = format!("{address} is not what the credential was signed with");
                return Err(Check::fail(NAME, Reason::MetadataChanged, why));
            }
            Metadata::Changed => {
                return Err(Check::warn(NAME, Reason::MetadataChanged, format!("{address} has another hash")));
            }
            Metadata::Bytes(bytes, at) => (bytes, at),
        };
        oldest = match (oldest, at) {
            (Some(one), Some(other)) => Some(std::cmp::min::<Timestamp>(one, other)),
            (one, other) => one.or(other),
        };
        let found = TypeMetadata::parse(&bytes, &address).map_err(left_aside)?;
        next.clone_from(&found.extends);
        whole = Some(match whole {
            None => found,
            Some(child) => child.extending(found).map_err(left_aside)?,
        });
        seen.push(address);
    }
    Ok(whole.map(|metadata| (metadata, oldest)))
}

/// The metadata of one type: that which came along in the header `vctm`, else that at its address.
fn one<'a>(look: &mut Look<'a>, sd_jwt: &SdJwt, address: &str, integrity: Option<&str>) -> Metadata<'a> {
    let found = match glued(sd_jwt, address) {
        Some(bytes) => Metadata::Bytes(bytes.into(), None),
        None => fetched(look, address, "application/json"),
    };
    match (&found, integrity) {
        (Metadata::Bytes(bytes, _), Some(expected)) => match check_integrity(expected, bytes) {
            Ok(()) => found,
            Err(IntegrityError::Mismatch) => Metadata::Changed,
            Err(IntegrityError::Unreadable) => Metadata::Invalid(MetadataError::Shape("#integrity")),
        },
        _ => found,
    }
}

/// Metadata that was glued in: base64url texts in the header `vctm` (draft-13, section 6.3.5). The header is signed.
fn glued(sd_jwt: &SdJwt, address: &str) -> Option<Vec<u8>> {
    let documents = sd_jwt.jws().header.get("vctm")?.as_array()?;
    documents.iter().take(limits::TYPE_CHAIN).find_map(|document| {
        let bytes = decode_base64url(document.as_str()?).ok()?;
        let value: Value = crate::json::parse(&bytes).ok()?;
        (value.get("vct").and_then(Value::as_str) == Some(address)).then_some(bytes)
    })
}

fn fetched<'a>(look: &mut Look<'a>, address: &str, accept: &'static str) -> Metadata<'a> {
    // A type that is a name and no address has no metadata to be had.
    let Some(url) = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "https" | "http")) else {
        return Metadata::None;
    };
    // Private networks are refused by `net`; an address in figures has no honest use here (security.md A28).
    if !matches!(url.host(), Some(Host::Domain(_))) || !url.username().is_empty() || url.password().is_some() {
        return Metadata::Unavailable("its address is of a kind that is refused", None);
    }
    match look.document(&url, Purpose::TypeMetadata, accept, |fetched, now| now.duration_since(fetched) <= FRESH) {
        Found::Document(resource, at) => Metadata::Bytes((&resource.bytes[..]).into(), at),
        Found::Nothing(why, at) => Metadata::Unavailable(why, at),
    }
}

/// The pictures that come with metadata, each only with the hash that the metadata gives; and whether one had another.
/// One that cannot be had is missed by nobody.
fn pictures(look: &mut Look<'_>, metadata: &TypeMetadata) -> (BTreeMap<String, Vec<u8>>, bool) {
    let (mut found, mut odd) = (BTreeMap::new(), false);
    for Image { uri, integrity } in metadata.pictures().into_iter().take(PICTURES) {
        let bytes = match (uri.strip_prefix("data:"), integrity) {
            // Only its hash is looked at here; the picture itself is in the metadata already.
            (Some(data), Some(_)) => {
                data.split_once(";base64,").and_then(|(_, data)| STANDARD.decode(data).ok()).map(Into::into)
            }
            (None, Some(_)) => match fetched(look, uri, "image/svg+xml, image/png, image/jpeg") {
                Metadata::Bytes(bytes, _) => Some(bytes),
                _ => None,
            },
            (_, None) => None,
        };
        let (Some(bytes), Some(expected)) = (bytes, integrity) else { continue };
        match check_integrity(expected, &bytes) {
            Ok(()) => {
                found.insert(uri.clone(), bytes.into_owned());
            }
            Err(_) => odd = true,
        }
    }
    (found, odd)
}

fn unavailable(address: &str, why: &str, at: Option<Timestamp>) -> Check {
    Check::warn(NAME, Reason::MetadataUnavailable, format!("{address}: {why}")).known_at(at)
}

fn left_aside(error: MetadataError) -> Check {
    Check::warn(NAME, Reason::MetadataInvalid, error.to_string())
}
