//! What can be asked with one click.

use serde_json::{Value, json};

/// The type of a microcredential as an SD-JWT VC.
pub const MICROCREDENTIAL: &str = "urn:leerpas:microcredential:1";
/// The type of a badge as an expanded IRI (OpenID4VP 1.0, appendix B.1.1; Open Badges 3.0 context).
const BADGE: &str = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential";

/// One thing to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// A microcredential with selective disclosure.
    Microcredential,
    /// An Open Badges 3.0 credential, whole.
    Badge,
    /// Either.
    MicrocredentialOrBadge,
}

impl Template {
    /// All, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Microcredential, Self::Badge, Self::MicrocredentialOrBadge];

    /// The name in the API.
    pub fn id(self) -> &'static str {
        match self {
            Self::Microcredential => "microcredential",
            Self::Badge => "badge",
            Self::MicrocredentialOrBadge => "microcredential_or_badge",
        }
    }

    /// Finds one by its name.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.id() == id)
    }

    /// The query (OpenID4VP 1.0, 6).
    pub fn query(self) -> Value {
        match self {
            Self::Microcredential => json!({ "credentials": [microcredential()] }),
            Self::Badge => json!({ "credentials": [badge()] }),
            Self::MicrocredentialOrBadge => json!({
                "credentials": [microcredential(), badge()],
                "credential_sets": [{ "options": [["microcredential"], ["badge"]] }],
            }),
        }
    }

    /// The template as the API lists it, with words for people in both languages.
    pub fn listing(self) -> Value {
        let asks = match self {
            Self::Microcredential => claim_words(),
            Self::Badge => json!([whole()]),
            Self::MicrocredentialOrBadge => {
                let mut asks = claim_words();
                if let Value::Array(asks) = &mut asks {
                    asks.push(whole_instead());
                }
                asks
            }
        };
        let (title, description) = match self {
            Self::Microcredential => (
                json!({ "nl": "Een microcredential", "en": "A microcredential" }),
                json!({
                    "nl": "Een kleine opleiding met studiepunten. De kandidaat deelt alleen wat hier staat.",
                    "en": "A short course with credits. The candidate shares only what is listed here.",
                }),
            ),
            Self::Badge => (
                json!({ "nl": "Een badge", "en": "A badge" }),
                json!({
                    "nl": "Een Open Badge van een opleiding of werkgever.",
                    "en": "An Open Badge from a school or employer.",
                }),
            ),
            Self::MicrocredentialOrBadge => (
                json!({ "nl": "Een microcredential of een badge", "en": "A microcredential or a badge" }),
                json!({
                    "nl": "De kandidaat kiest welke van de twee.",
                    "en": "The candidate chooses which of the two.",
                }),
            ),
        };
        json!({
            "id": self.id(),
            "title": title,
            "description": description,
            "asks": asks,
            "dcql_query": self.query(),
        })
    }
}

/// Title, institution, credit and level are needed; the learner's name and the result are welcome. A wallet takes
/// the first set that the learner agrees to (OpenID4VP 1.0, 6.4.1).
pub fn microcredential() -> Value {
    let achievement = |member: &str| json!(["credentialSubject", "achievement", member]);
    json!({
        "id": "microcredential",
        "format": "dc+sd-jwt",
        "meta": { "vct_values": [MICROCREDENTIAL] },
        "claims": [
            { "id": "title", "path": achievement("name") },
            { "id": "issuer", "path": ["issuer", "name"] },
            { "id": "credit", "path": achievement("ECTS") },
            { "id": "level", "path": achievement("eqfLevel") },
            { "id": "given_name", "path": ["given_name"] },
            { "id": "family_name", "path": ["family_name"] },
            { "id": "result", "path": ["credentialSubject", "result", 0, "value"] },
        ],
        "claim_sets": [
            ["title", "issuer", "credit", "level", "given_name", "family_name", "result"],
            ["title", "issuer", "credit", "level", "given_name", "family_name"],
            ["title", "issuer", "credit", "level", "result"],
            ["title", "issuer", "credit", "level"],
        ],
    })
}

/// A badge is always shown whole; the claims say what the desk keeps of it. Only the title must be there, since
/// badges differ.
pub fn badge() -> Value {
    let achievement = |member: &str| json!(["credentialSubject", "achievement", member]);
    json!({
        "id": "badge",
        "format": "ldp_vc",
        "meta": { "type_values": [[BADGE]] },
        "claims": [
            { "id": "title", "path": achievement("name") },
            { "id": "issuer", "path": ["issuer", "name"] },
            { "id": "credit", "path": achievement("ECTS") },
            { "id": "description", "path": achievement("description") },
            { "id": "criteria", "path": ["credentialSubject", "achievement", "criteria", "narrative"] },
            { "id": "image", "path": ["credentialSubject", "achievement", "image", "id"] },
            { "id": "valid_from", "path": ["validFrom"] },
            { "id": "valid_until", "path": ["validUntil"] },
        ],
        "claim_sets": [
            ["title", "issuer", "credit", "description", "criteria", "image", "valid_from", "valid_until"],
            ["title", "issuer", "description", "criteria"],
            ["title"],
        ],
    })
}

fn claim_words() -> Value {
    json!([
        { "nl": "Titel", "en": "Title", "optional": false },
        { "nl": "Instelling", "en": "Institution", "optional": false },
        { "nl": "Studiepunten", "en": "Credits", "optional": false },
        { "nl": "Niveau", "en": "Level", "optional": false },
        { "nl": "Naam", "en": "Name", "optional": true },
        { "nl": "Resultaat", "en": "Result", "optional": true },
    ])
}

fn whole() -> Value {
    json!({ "nl": "De hele badge", "en": "The whole badge", "optional": false })
}

fn whole_instead() -> Value {
    json!({ "nl": "Of: de hele badge", "en": "Or: the whole badge", "optional": false })
}

#[cfg(test)]
mod tests {
    use leerpas_openid::dcql::DcqlQuery;

    use super::*;

    #[test]
    fn openid4vp_6_every_template_is_a_query_that_a_wallet_takes() {
        for template in Template::ALL {
            DcqlQuery::parse(&template.query()).unwrap();
            assert_eq!(Template::find(template.id()), Some(template));
            for ask in template.listing()["asks"].as_array().unwrap() {
                assert!(ask["nl"].is_string() && ask["en"].is_string());
            }
        }
        assert_eq!(Template::find("diploma"), None);
    }
}
