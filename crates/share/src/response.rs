//! Making the answer and reading what the requester says to it (OpenID4VP 1.0, 8).

use leerpas_core::{ErrorKind, Exchange, Fault, Format, Outcome, Purpose, Reply, Timestamp, Url};
use leerpas_credential::{
    jose,
    keys::PublicKey,
    present::{present_data_integrity, present_jwt, present_part, present_sd_jwt_confirming},
    read,
    sd_jwt::SdJwt,
};
use leerpas_openid::dcql::Place;
use leerpas_openid::vp::{
    AuthorizationRequest, AuthorizationResponse, ClientMetadata, RequestError, ResponseMode, TRANSACTION_HASH,
    TransactionData, VpToken,
};
use serde_json::Value;

use crate::{
    HeldKey, ShareError,
    approval::{Approval, Approved},
    card::Disclosure,
};

/// How sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) outcome: Outcome,
    pub(crate) error: Option<ErrorKind>,
    pub(crate) redirect_uri: Option<Url>,
}

/// The first key of the requester that is really a key on its curve.
///
/// # Errors
/// [`RequestError::Invalid`] when there is none: an encrypted answer never falls back to clear.
pub(crate) fn encryption_key(metadata: &ClientMetadata) -> Result<&Value, RequestError> {
    metadata
        .encryption_keys()
        .iter()
        .find(|jwk| matches!(PublicKey::from_jwk(jwk), Ok(PublicKey::P256(_))))
        .ok_or(RequestError::Invalid("an encrypted answer without a key to encrypt to"))
}

/// An answer on its way.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// Over the network.
    Post(Box<Exchange>),
    /// As pictures: the encrypted answer, a compact JWE.
    Frames(String),
}

/// The delivery of what was approved.
///
/// # Errors
/// [`ShareError`]: a key or copy that is missing or is not what was shown, or a presentation that cannot be made.
pub(crate) fn answer(
    request: &AuthorizationRequest,
    approval: &Approval,
    keys: &[HeldKey],
    now: Timestamp,
) -> Result<Delivery, ShareError> {
    let mut entries: Vec<(String, Vec<Value>)> = Vec::new();
    for approved in &approval.presentations {
        let made = presentation(request, approved, keys, now)?;
        match entries.iter_mut().find(|(query, _)| *query == approved.query) {
            Some((_, list)) => list.push(made),
            None => entries.push((approved.query.clone(), vec![made])),
        }
    }
    let vp_token = VpToken::new(entries);
    let (clear, payload) = match &request.definition {
        Some(definition) => {
            let state = request.state.as_deref();
            (definition.to_form(&vp_token, state), definition.to_payload(&vp_token, state))
        }
        None => {
            let response = AuthorizationResponse::Presentations { vp_token, state: request.state.clone() };
            (response.to_form(), response.to_payload())
        }
    };
    let form = match request.response_mode {
        ResponseMode::DirectPost => clear,
        ResponseMode::DirectPostJwt => encrypted(&payload, &request.client_metadata)?.to_form(),
        ResponseMode::Frames => return sealed(&payload, &request.client_metadata).map(Delivery::Frames),
    };
    let exchange = Exchange::post_form(Purpose::Response, request.post_address()?.clone(), form);
    Ok(Delivery::Post(Box::new(exchange)))
}

fn sealed(payload: &Value, metadata: &ClientMetadata) -> Result<String, ShareError> {
    let enc = metadata.content_encryption().ok_or(ShareError::Presenting("no encryption in common"))?;
    jose::encrypt(payload.to_string().as_bytes(), encryption_key(metadata)?, enc.as_str())
        .map_err(|_| ShareError::Presenting("the answer could not be encrypted"))
}

/// The exchange that says no (8.5). It holds nothing of the person; whether no card fitted or the person did not want to
/// looks the same. None where no network is asked for: the person says it.
pub(crate) fn refusal(request: &AuthorizationRequest) -> Option<Exchange> {
    let response_uri = request.response_uri.clone()?;
    let form = error("access_denied", request.state.clone(), request.response_mode, &request.client_metadata);
    Some(Exchange::post_form(Purpose::Response, response_uri, form))
}

/// The form of an error: encrypted where answers are to be, and in clear where that cannot be (8.3.1).
pub(crate) fn error(
    word: &str,
    state: Option<String>,
    mode: ResponseMode,
    metadata: &ClientMetadata,
) -> Vec<(String, String)> {
    let response = AuthorizationResponse::Error { error: word.to_owned(), state };
    let encrypted = match mode {
        ResponseMode::DirectPost | ResponseMode::Frames => None,
        ResponseMode::DirectPostJwt => encrypted(&response.to_payload(), metadata).ok(),
    };
    encrypted.unwrap_or(response).to_form()
}

fn encrypted(payload: &Value, metadata: &ClientMetadata) -> Result<AuthorizationResponse, ShareError> {
    sealed(payload, metadata).map(|jwe| AuthorizationResponse::Encrypted { jwe })
}

/// What the reply to an answer means. A 4xx is the requester's word that it took nothing; everything else
/// but a JSON 200 leaves open whether it has the answer.
pub(crate) fn ending(reply: Result<Reply, Fault>) -> Ending {
    let end = |outcome, error| Ending { outcome, error, redirect_uri: None };
    match reply {
        Err(fault) if fault.may_have_arrived() => end(Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)),
        Err(fault) => end(Outcome::Failed, Some(fault.kind())),
        Ok(reply) if (400..500).contains(&reply.status) => end(Outcome::Failed, Some(ErrorKind::ResponseRefused)),
        Ok(reply) => match confirmation(&reply) {
            Some(redirect_uri) => Ending { outcome: Outcome::Done, error: None, redirect_uri },
            None => end(Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)),
        },
    }
}

/// A 200 with a JSON object (8.2), and where it wants the person to go on.
fn confirmation(reply: &Reply) -> Option<Option<Url>> {
    if reply.status != 200 || reply.media_type.as_deref() != Some("application/json") {
        return None;
    }
    let members = leerpas_openid::json::read_object(&reply.body).ok()?;
    let text = members.get("redirect_uri").and_then(Value::as_str);
    // The parser drops line breaks silently, so that they are looked for before it.
    let plain = text.filter(|text| text.bytes().all(|b| b.is_ascii_graphic()));
    Some(plain.and_then(safe_redirect))
}

/// An https address without a user name; a fragment is allowed, because the requester may put its code there.
fn safe_redirect(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    let ok =
        url.scheme() == "https" && url.host_str().is_some() && url.username().is_empty() && url.password().is_none();
    ok.then_some(url)
}

fn presentation(
    request: &AuthorizationRequest,
    approved: &Approved,
    keys: &[HeldKey],
    now: Timestamp,
) -> Result<Value, ShareError> {
    let held = &approved.candidate.held;
    let client_id = request.client_id.as_str();
    let key = keys.iter().find(|key| key.card == held.id);
    let original: &[u8] = key.map_or(&held.original, |key| &key.original);
    let Disclosure { paths, selective, .. } = same_as_shown(approved, original)?;
    match (held.format, key) {
        (Format::SdJwtVc | Format::W3cSdJwt, Some(key)) => {
            let hashes: Vec<String> = approved.confirms.iter().map(TransactionData::hash).collect();
            let named = approved.confirms.iter().any(|data| data.names_hashes).then_some(TRANSACTION_HASH);
            let bound_to = (client_id, request.nonce.as_str());
            present_sd_jwt_confirming(original, &paths, &key.key, bound_to, (&hashes, named), now)
                .map(Value::String)
                .map_err(|_| ShareError::Presenting("the SD-JWT could not be presented"))
        }
        _ if !approved.confirms.is_empty() => Err(ShareError::Presenting("this card cannot confirm anything")),
        (Format::DataIntegrity, Some(key)) if selective => {
            present_part(original, &paths, &key.key, client_id, &request.nonce, now)
                .map_err(|_| ShareError::Presenting("the part of the credential could not be presented"))
        }
        (Format::DataIntegrity, Some(key)) => {
            present_data_integrity(&[original], &key.key, client_id, &request.nonce, now)
                .map_err(|_| ShareError::Presenting("the badge could not be presented"))
        }
        (Format::JwtVc | Format::JwtVc11, Some(key)) => present_jwt(original, &key.key, client_id, &request.nonce, now)
            .map(Value::String)
            .map_err(|_| ShareError::Presenting("the credential could not be presented")),
        (_, None) if approved.holder_binding || held.holder_bound => Err(ShareError::OtherCopy),
        (Format::SdJwtVc | Format::W3cSdJwt, None) => {
            let text = std::str::from_utf8(original).map_err(|_| ShareError::OtherCopy)?;
            let sd_jwt = SdJwt::parse(text.trim_ascii()).map_err(|_| ShareError::OtherCopy)?;
            sd_jwt.present(&paths).map(Value::String).map_err(|_| ShareError::OtherCopy)
        }
        (Format::DataIntegrity, None) if selective => {
            let part = read::read(original).ok().and_then(|badge| badge.part(&paths).ok());
            part.ok_or(ShareError::OtherCopy)
        }
        // Read rather than copied, because the badge may be inside a picture.
        (Format::DataIntegrity, None) => {
            read::read(original).map(|badge| badge.claims().clone()).map_err(|_| ShareError::OtherCopy)
        }
        (Format::JwtVc | Format::JwtVc11, None) => {
            let token = read::read(original).ok().and_then(|credential| credential.token());
            token.map(Value::String).ok_or(ShareError::OtherCopy)
        }
        _ => Err(ShareError::Presenting("this format cannot be presented")),
    }
}

/// Makes sure that a copy shows what the person saw: the same places, and the same values where the person
/// was asked. Copies of one card differ in key, subject, dates of issue and list entry, and in nothing else.
fn same_as_shown(approved: &Approved, original: &[u8]) -> Result<Disclosure, ShareError> {
    let shown = &approved.candidate.held;
    let of_copy = Disclosure::of(original, &approved.places).ok_or(ShareError::OtherCopy)?;
    if *shown.original == *original {
        return Ok(of_copy);
    }
    let of_shown = Disclosure::of(&shown.original, &approved.places).ok_or(ShareError::OtherCopy)?;
    let subject = |place: &Place| matches!(place.to_string().as_str(), "sub" | "credentialSubject.id");
    let same = of_copy.format == of_shown.format
        && of_copy.extra_places() == of_shown.extra_places()
        && of_copy.asked.iter().zip(&of_shown.asked).all(|(copy, shown)| copy == shown || subject(&copy.0));
    if same { Ok(of_copy) } else { Err(ShareError::OtherCopy) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, media_type: &str, body: &str) -> Result<Reply, Fault> {
        Ok(Reply::new(status, Some(media_type), body.as_bytes().to_vec()))
    }

    #[test]
    fn vp_8_2_a_json_200_confirms() {
        let done = ending(reply(200, "application/json", r#"{"redirect_uri":"https://desk.example/r#code=1"}"#));
        assert_eq!(done.outcome, Outcome::Done);
        assert_eq!(done.redirect_uri.unwrap().as_str(), "https://desk.example/r#code=1");
        assert_eq!(ending(reply(200, "application/json", "{}")).outcome, Outcome::Done);
    }

    #[test]
    fn a_dangerous_redirect_is_dropped() {
        for bad in [
            "javascript:alert(1)",
            "file:///etc",
            "smb://x/",
            "openid4vp://x",
            "//desk.example",
            "http://desk.example/",
            "https://a:b@desk.example/",
            "https://desk.example/\\n",
            "https://desk\\n.example/",
        ] {
            let body = format!(r#"{{"redirect_uri":"{bad}"}}"#);
            let end = ending(reply(200, "application/json", &body));
            assert_eq!((end.outcome, end.redirect_uri), (Outcome::Done, None), "{bad}");
        }
    }

    #[test]
    fn what_confirms_nothing_is_uncertain_and_never_failed() {
        for odd in [
            reply(200, "text/html", "<p>ok"),
            reply(500, "application/json", "{}"),
            reply(200, "application/json", "[]"),
            reply(307, "text/html", ""),
            reply(204, "", ""),
            Err(Fault::Interrupted { host: "h".into() }),
            Err(Fault::TimedOut { host: "h".into(), seconds: 60, sent: true }),
            Err(Fault::TooLarge { host: "h".into(), limit: 1 }),
        ] {
            let end = ending(odd);
            assert_eq!((end.outcome, end.error), (Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)));
        }
    }

    #[test]
    fn a_refusal_and_a_message_that_never_left_have_failed() {
        let refused = ending(reply(400, "application/json", r#"{"error":"invalid_request"}"#));
        assert_eq!((refused.outcome, refused.error), (Outcome::Failed, Some(ErrorKind::ResponseRefused)));
        let unsent = ending(Err(Fault::Unreachable { host: "h".into(), reason: "no route".into() }));
        assert_eq!((unsent.outcome, unsent.error), (Outcome::Failed, Some(ErrorKind::Unreachable)));
    }
}
