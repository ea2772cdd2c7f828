//! Fetching a request object (OpenID4VP 1.0, 5.10).

use leerpas_core::{Exchange, Purpose, Reply, Url};
use leerpas_openid::{address, json, vp::REQUEST_OBJECT_MEDIA_TYPE};
use serde_json::Value;

use crate::ShareError;

/// The exchange that fetches the object; by POST when there is a nonce of ours (5.10.1).
///
/// What the wallet says of itself is the same for every wallet of this kind, so that it identifies nobody.
pub(crate) fn request_object(url: Url, wallet_nonce: Option<&str>) -> Exchange {
    let Some(nonce) = wallet_nonce else {
        return Exchange::get(Purpose::RequestObject, url, REQUEST_OBJECT_MEDIA_TYPE);
    };
    let metadata = serde_json::json!({
        "vp_formats_supported": {
            "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]},
            "vc+sd-jwt": {"sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"], "kb-jwt_alg_values": ["ES256"]},
            "vc+jwt": {"alg_values": ["ES256"]},
            "jwt_vc_json": {"alg_values": ["ES256"]},
            "ldp_vc": {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["ecdsa-rdfc-2019", "ecdsa-sd-2023"]},
        },
        "client_id_prefixes_supported": [
            "x509_hash", "x509_san_dns", "decentralized_identifier", "verifier_attestation", "openid_federation", "redirect_uri", "pre-registered",
        ],
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post", "direct_post.jwt"],
        // Not said where the prefix precludes a signature (5.10.1), and there it is never fetched in this way.
        "request_object_signing_alg_values_supported": ["ES256", "ES384", "EdDSA"],
    });
    let form =
        vec![("wallet_metadata".to_owned(), metadata.to_string()), ("wallet_nonce".to_owned(), nonce.to_owned())];
    let mut exchange = Exchange::post_form(Purpose::RequestObject, url, form);
    exchange.accept = REQUEST_OBJECT_MEDIA_TYPE;
    exchange
}

/// The compact JWS in a reply to [`request_object`].
///
/// # Errors
/// [`ShareError`]: gone, failed, a redirect (never followed), or another media type, such as a page.
pub(crate) fn read_request_object(reply: Reply, url: &Url) -> Result<String, ShareError> {
    expect_success(&reply, url, "a request object")?;
    let unreadable = || ShareError::ReplyUnreadable { host: address::host(url), expected: "a request object" };
    if reply.media_type.as_deref() != Some(REQUEST_OBJECT_MEDIA_TYPE) {
        return Err(unreadable());
    }
    let text = String::from_utf8(reply.body).map_err(|_| unreadable())?;
    let jwt = text.trim_ascii();
    // Anything else than three parts of base64url is no JWS, whatever its label says.
    let is_compact = jwt.split('.').count() == 3
        && jwt.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if is_compact { Ok(jwt.to_owned()) } else { Err(unreadable()) }
}

/// The presentation definition of the old protocol in a reply.
///
/// # Errors
/// As [`read_request_object`].
pub(crate) fn read_definition(reply: &Reply, url: &Url) -> Result<Value, ShareError> {
    const EXPECTED: &str = "a presentation definition";
    expect_success(reply, url, EXPECTED)?;
    json::read(&reply.body).map_err(|_| ShareError::ReplyUnreadable { host: address::host(url), expected: EXPECTED })
}

/// Takes a 200 and names everything else.
pub(crate) fn expect_success(reply: &Reply, url: &Url, expected: &'static str) -> Result<(), ShareError> {
    let host = address::host(url);
    match reply.status {
        200 => Ok(()),
        404 | 409 | 410 => Err(ShareError::Gone { host }),
        status @ 400..=599 => Err(ShareError::OtherSideFailed { host, status }),
        _ => Err(ShareError::ReplyUnreadable { host, expected }),
    }
}
