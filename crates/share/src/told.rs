//! What a requester told besides its name and its query: for the person's own record of what they agreed to.

use leerpas_core::{Language, Timestamp, Told};
use leerpas_openid::vp::AuthorizationRequest;

use crate::Registration;

/// Keeps what the request says and nothing that it does not say; what is registered counts before what the requester says of
/// itself. `asked` is when the person was shown it, in `language`.
pub(crate) fn of(
    request: &AuthorizationRequest,
    registration: Option<&Registration>,
    asked: Option<Timestamp>,
    language: Language,
) -> Told {
    let spoken = request.purposes.iter().find(|(_, text)| request.purpose.as_ref() == Some(text));
    let metadata = &request.client_metadata;
    Told {
        asked,
        language: Some(language),
        purpose_language: spoken.map(|(language, _)| *language),
        retention: request.retention.clone(),
        policy: registration.and_then(|found| found.policy.clone()).or_else(|| metadata.policy.clone()),
        terms: metadata.terms.clone(),
        contacts: metadata.contacts.clone(),
    }
}
