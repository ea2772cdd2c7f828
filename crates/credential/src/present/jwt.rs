//! Presentations as a JWT: `vp+jwt` for the data model 2.0, the claim `vp` for 1.1.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::PresentError;
use crate::{
    jose::sign_compact,
    keys::HolderKey,
    read::{self, Body, DataModel},
    verify::is_bound_to,
};

const CONTEXT_1: &str = "https://www.w3.org/2018/credentials/v1";
const CONTEXT_2: &str = "https://www.w3.org/ns/credentials/v2";
/// How long the presentation holds, in seconds: a verifier that has it for longer has no use for it any more.
const LIFETIME: i64 = 300;

/// Presents a W3C credential in a JWT that the holder signs (ES256) for one audience and nonce. A credential of the data
/// model 1.1 comes in the claim `vp` (VCDM 1.1, section 6.3.1; OpenID4VP 1.0, appendix B.1.3.1), every other one in a
/// `vp+jwt` of the data model 2.0 (VC-JOSE-COSE, section 3.1.2): a token within an envelope, a credential with a Data
/// Integrity proof as it is. Whole credentials: these have no selective disclosure. The audience is the verifier's full
/// client identifier.
///
/// # Errors
/// When the original is no W3C credential as a JWT or with a Data Integrity proof, or is bound to another key.
pub fn present_jwt(
    original: &[u8],
    key: &HolderKey,
    audience: &str,
    nonce: &str,
    now: Timestamp,
) -> Result<String, PresentError> {
    let credential = read::read(original)?;
    if credential.is_presentation() {
        return Err(PresentError::Format);
    }
    let (content, model) = match credential.body() {
        Body::Jwt { jws, model: DataModel::V1, .. } => (json!(jws.compact()), DataModel::V1),
        Body::Jwt { jws, model: DataModel::V2, .. } => (enveloped("application/vc+jwt", &jws.compact()), DataModel::V2),
        Body::DataIntegrity { credential, .. } => (credential.clone(), DataModel::V2),
        Body::SdJwt(_) | Body::W3cSdJwt(_) | Body::OpenBadge2 { .. } | Body::Elm { .. } => {
            return Err(PresentError::Format);
        }
    };
    if !is_bound_to(&credential, &key.public()) {
        return Err(PresentError::OtherKey);
    }
    let holder = key.did_jwk();
    let kid = format!("{holder}#0");
    let (issued, until) = (now.as_second(), now.as_second().saturating_add(LIFETIME));
    let (header, claims) = match model {
        DataModel::V1 => (
            json!({"typ": "JWT", "kid": kid}),
            json!({"iss": holder, "aud": audience, "nonce": nonce, "iat": issued, "nbf": issued, "exp": until, "vp": {
                "@context": [CONTEXT_1], "type": ["VerifiablePresentation"], "verifiableCredential": [content]}}),
        ),
        DataModel::V2 => (
            json!({"typ": "vp+jwt", "cty": "vp", "kid": kid}),
            json!({"@context": [CONTEXT_2], "type": ["VerifiablePresentation"], "holder": holder, "iss": holder,
                "aud": audience, "nonce": nonce, "iat": issued, "exp": until, "verifiableCredential": [content]}),
        ),
    };
    Ok(sign_compact(&header, claims.to_string().as_bytes(), key)?)
}

/// A secured credential as VCDM 2.0, section 4.13, wraps it.
fn enveloped(media_type: &str, token: &str) -> Value {
    json!({"@context": CONTEXT_2, "id": format!("data:{media_type},{token}"), "type": "EnvelopedVerifiableCredential"})
}
