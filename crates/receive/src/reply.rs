//! From an HTTP reply to the body that a protocol step may read.

use leerpas_core::{Fault, Reply};
use leerpas_openid::vci::ErrorResponse;

use crate::{ReceiveError, error::At};

/// The body of a successful JSON reply.
///
/// # Errors
/// [`ReceiveError::Fault`], [`ReceiveError::Redirected`] for every 3xx, [`ReceiveError::Refused`] for every
/// other status that is no success, and [`ReceiveError::NotJson`] if the reply says that it is something else.
pub(crate) fn body(reply: Result<Reply, Fault>, step: At) -> Result<Vec<u8>, ReceiveError> {
    let reply = reply.map_err(|fault| ReceiveError::Fault { step, fault })?;
    match reply.status {
        200..300 if is_json(&reply) => Ok(reply.body),
        200..300 => Err(ReceiveError::NotJson { step }),
        300..400 => Err(ReceiveError::Redirected { step }),
        status => {
            let code = ErrorResponse::parse(&reply.body).map(|response| response.error);
            Err(ReceiveError::Refused { step, status, code })
        }
    }
}

/// JSON by its label, or without any label. A body that only looks like JSON under another label is not read:
/// signed metadata, for one, would then pass for unsigned.
fn is_json(reply: &Reply) -> bool {
    match reply.media_type.as_deref() {
        None => true,
        Some(media_type) => media_type == "application/json" || media_type.ends_with("+json"),
    }
}

#[cfg(test)]
mod tests {
    use leerpas_core::ErrorKind;

    use super::*;

    fn kind(status: u16, media_type: Option<&str>, text: &str) -> Result<Vec<u8>, ErrorKind> {
        let reply = Reply::new(status, media_type, text.as_bytes().to_vec());
        body(Ok(reply), At::Token).map_err(|error| error.kind())
    }

    #[test]
    fn only_a_success_in_json_has_a_body() {
        assert_eq!(kind(200, Some("application/json"), "{}"), Ok(b"{}".to_vec()));
        assert_eq!(kind(200, None, "{}"), Ok(b"{}".to_vec()));
        assert_eq!(kind(200, Some("application/vc+json"), "{}"), Ok(b"{}".to_vec()));
        for media_type in ["text/html", "application/jwt", "text/plain", ""] {
            assert_eq!(kind(200, Some(media_type), "{}"), Err(ErrorKind::ReplyUnreadable), "{media_type}");
        }
    }

    #[test]
    fn a_redirect_is_a_failure_and_is_not_followed() {
        for status in [300, 301, 302, 303, 304, 307, 308] {
            assert_eq!(kind(status, Some("application/json"), "{}"), Err(ErrorKind::OtherSideFailed));
        }
    }

    #[test]
    fn every_other_status_is_a_failure() {
        for status in [100, 199, 400, 401, 404, 418, 429, 500, 503, 599] {
            assert_eq!(kind(status, Some("text/html"), "<html>"), Err(ErrorKind::OtherSideFailed), "{status}");
        }
    }
}
