//! The documents that tell a wallet how to collect: issuer, authorization server, types.

use serde_json::{Map, Value, json};

use crate::{
    catalogue::{COURSES, Course, HOME},
    showpieces::{PARTS_COURSE, STYLED_COURSE},
};

/// The type of the trial's microcredentials. A name that stays the same at every port, so that a verifier can
/// ask for it before it has seen one.
pub const VCT: &str = "urn:leerpas:microcredential:1";
/// Proofs, and so copies, that one credential request may have.
pub const BATCH: usize = 5;
/// The contexts of a badge, in their order.
pub const BADGE_CONTEXTS: [&str; 4] = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    // Defines the type of `credentialSchema`.
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
    "https://raw.githubusercontent.com/educredentials/obv3-examples/refs/heads/main/contexts/educredential.json",
];

/// In which form a course is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// SD-JWT VC.
    Microcredential,
    /// Open Badges 3.0 with a Data Integrity proof.
    Badge,
    /// SD-JWT VC that brings along, signed, what its type says and how the card is to be drawn.
    Styled,
    /// Open Badges 3.0 of which the holder can leave out parts.
    Parts,
}

impl Form {
    /// The identifier of the credential configuration of a course in this form.
    pub fn configuration(self, course: &Course) -> String {
        match self {
            Self::Microcredential => format!("microcredential.{}", course.id),
            Self::Badge => format!("badge.{}", course.id),
            Self::Styled => format!("styled.{}", course.id),
            Self::Parts => format!("parts.{}", course.id),
        }
    }

    /// Whether a course of the institution is given out in this form: the two that show something special, for one course
    /// each.
    fn is_given_out(self, course: &Course) -> bool {
        match self {
            Self::Microcredential | Self::Badge => true,
            Self::Styled => course.id == STYLED_COURSE,
            Self::Parts => course.id == PARTS_COURSE,
        }
    }

    /// Reads an identifier of a credential configuration.
    pub fn of_configuration(id: &str) -> Option<(Self, &'static Course)> {
        let (form, course) = id.split_once('.')?;
        let form = match form {
            "microcredential" => Self::Microcredential,
            "badge" => Self::Badge,
            "styled" => Self::Styled,
            "parts" => Self::Parts,
            _ => return None,
        };
        Course::find(course).filter(|course| course.is_ours() && form.is_given_out(course)).map(|course| (form, course))
    }
}

/// One claim: its path, its names, and whether the holder chooses to show it.
struct Claim {
    path: &'static [&'static str],
    nl: &'static str,
    en: &'static str,
}

const SUBJECT: &str = "credentialSubject";
const ACHIEVEMENT: &str = "achievement";

/// The claims of the microcredential in the order of display. `*` stands for every element of an array.
const CLAIMS: &[Claim] = &[
    Claim { path: &[SUBJECT, ACHIEVEMENT, "name"], nl: "Naam", en: "Name" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "description"], nl: "Omschrijving", en: "Description" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "ECTS"], nl: "Studiepunten (ECTS)", en: "Credits (ECTS)" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "eqfLevel"], nl: "Niveau (EQF)", en: "Level (EQF)" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "learningOutcome"], nl: "Leeruitkomsten", en: "Learning outcomes" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "learningOutcome", "*"], nl: "Leeruitkomst", en: "Learning outcome" },
    Claim { path: &["given_name"], nl: "Voornaam", en: "First name" },
    Claim { path: &["family_name"], nl: "Achternaam", en: "Last name" },
    Claim { path: &["birthdate"], nl: "Geboortedatum", en: "Date of birth" },
    Claim { path: &[SUBJECT, "result"], nl: "Resultaat", en: "Result" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "inLanguage"], nl: "Taal", en: "Language" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "criteria"], nl: "Eisen", en: "Criteria" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "assessmentType"], nl: "Toetsing", en: "Assessment" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "supervisionType"], nl: "Toezicht", en: "Supervision" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "identityChecked"], nl: "Identiteit gecontroleerd", en: "Identity checked" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "participationType"], nl: "Deelname", en: "Participation" },
    Claim {
        path: &[SUBJECT, ACHIEVEMENT, "educationProgramIdentifier"],
        nl: "Nummer van de opleiding",
        en: "Programme number",
    },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "alignment"], nl: "Keurmerk en niveau", en: "Quality label and level" },
    Claim { path: &[SUBJECT, ACHIEVEMENT, "image"], nl: "Afbeelding", en: "Picture" },
];

/// The paths that get a disclosure of their own, without those that end in `*`.
pub fn disclosable() -> impl Iterator<Item = &'static [&'static str]> {
    CLAIMS.iter().map(|claim| claim.path).filter(|path| path.last() != Some(&"*"))
}

/// Credential Issuer Metadata (OpenID4VCI 1.0, 12.2.4).
pub fn credential_issuer(issuer: &str) -> Value {
    let mut configurations = Map::new();
    for course in COURSES.iter().filter(|course| course.is_ours()) {
        let forms = [Form::Microcredential, Form::Badge, Form::Styled, Form::Parts];
        for form in forms.into_iter().filter(|form| form.is_given_out(course)) {
            configurations.insert(form.configuration(course), configuration(form, course));
        }
    }
    json!({
        "credential_issuer": issuer,
        "credential_endpoint": format!("{issuer}/credential"),
        "nonce_endpoint": format!("{issuer}/nonce"),
        "deferred_credential_endpoint": format!("{issuer}/deferred"),
        "notification_endpoint": format!("{issuer}/notification"),
        "batch_credential_issuance": { "batch_size": BATCH },
        "display": [
            { "name": format!("{} (proef)", HOME.name), "locale": "nl" },
            { "name": format!("{} (trial)", HOME.name), "locale": "en" },
        ],
        "credential_configurations_supported": configurations,
    })
}

/// Authorization server metadata (RFC 8414): the issuer is its own.
pub fn authorization_server(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/token"),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "pushed_authorization_request_endpoint": format!("{issuer}/par"),
        "require_pushed_authorization_requests": true,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "grant_types_supported": [
            leerpas_openid::vci::PRE_AUTHORIZED_CODE,
            leerpas_openid::vci::AUTHORIZATION_CODE,
            leerpas_openid::vci::REFRESH_TOKEN,
        ],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": true,
    })
}

/// SD-JWT VC Type Metadata of [`VCT`] (SD-JWT VC, section 6).
pub fn type_metadata() -> Value {
    let claims: Vec<Value> = CLAIMS
        .iter()
        .map(|claim| {
            json!({
                "path": wire_path(claim.path),
                "sd": "always",
                "display": [
                    { "lang": "nl", "locale": "nl", "label": claim.nl },
                    { "lang": "en", "locale": "en", "label": claim.en },
                ],
            })
        })
        .collect();
    json!({
        "vct": VCT,
        "name": "Microcredential",
        "description": "A Dutch microcredential in the trial of Leerpas.",
        "display": [
            { "lang": "nl", "locale": "nl", "name": "Microcredential" },
            { "lang": "en", "locale": "en", "name": "Microcredential" },
        ],
        "claims": claims,
    })
}

fn configuration(form: Form, course: &Course) -> Value {
    let mut configuration = json!({
        "scope": form.configuration(course),
        "cryptographic_binding_methods_supported": [match form {
            Form::Microcredential | Form::Styled => "jwk",
            Form::Badge | Form::Parts => "did:jwk",
        }],
        "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
        "credential_metadata": {
            "display": [
                { "name": course.title, "locale": "nl", "description": course.description },
                { "name": course.title_en, "locale": "en" },
            ],
        },
    });
    match form {
        Form::Microcredential | Form::Styled => {
            configuration["format"] = json!("dc+sd-jwt");
            configuration["vct"] = json!(VCT);
            configuration["credential_signing_alg_values_supported"] = json!(["ES256"]);
            configuration["credential_metadata"]["claims"] = claim_descriptions();
        }
        Form::Badge | Form::Parts => {
            configuration["format"] = json!("ldp_vc");
            configuration["credential_definition"] =
                json!({ "@context": BADGE_CONTEXTS, "type": ["VerifiableCredential", "OpenBadgeCredential"] });
            let cryptosuite = if form == Form::Parts { "ecdsa-sd-2023" } else { "eddsa-rdfc-2022" };
            configuration["credential_signing_alg_values_supported"] = json!([cryptosuite]);
        }
    }
    configuration
}

/// Claims description objects (OpenID4VCI 1.0, appendix B.2).
fn claim_descriptions() -> Value {
    CLAIMS
        .iter()
        .map(|claim| {
            json!({
                "path": wire_path(claim.path),
                "display": [{ "name": claim.nl, "locale": "nl" }, { "name": claim.en, "locale": "en" }],
            })
        })
        .collect()
}

fn wire_path(path: &[&str]) -> Vec<Value> {
    path.iter().map(|part| if *part == "*" { Value::Null } else { json!(part) }).collect()
}

#[cfg(test)]
mod tests {
    use leerpas_core::Language;
    use leerpas_openid::vci::{AuthorizationServerMetadata, IssuerMetadata};

    use super::*;

    const ISSUER: &str = "https://localhost:8443";

    #[test]
    fn openid4vci_12_2_the_metadata_read_as_a_wallet_reads_them() {
        let text = credential_issuer(ISSUER).to_string();
        let metadata = IssuerMetadata::parse(text.as_bytes(), ISSUER).unwrap();
        assert_eq!(metadata.batch_size, Some(5));
        assert!(metadata.unreadable.is_empty());
        assert_eq!(metadata.configurations.len(), 14, "six courses in two forms, and two that show something special");
        let one = metadata.configuration("microcredential.watermanagement").unwrap();
        assert_eq!(one.vct.as_deref(), Some(VCT));
        assert_eq!(one.name(Language::En), Some("Urban water management"));
        assert_eq!(one.claims.len(), CLAIMS.len());
        let server = authorization_server(ISSUER).to_string();
        AuthorizationServerMetadata::parse(server.as_bytes(), ISSUER).unwrap();
    }

    #[test]
    fn only_courses_of_the_institution_itself_are_given_out() {
        assert!(Form::of_configuration("badge.data-analyse").is_some());
        for other in ["badge.warmtepompen", "badge.", "badge", "diploma.data-analyse", ""] {
            assert!(Form::of_configuration(other).is_none(), "{other}");
        }
    }
}
