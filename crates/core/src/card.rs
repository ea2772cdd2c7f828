//! A card: one credential as the learner sees it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Alignment, CardId, Content, Grade, Particular, Party, Work};

/// The format of the original bytes, decided by content and never by a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// SD-JWT VC (draft-ietf-oauth-sd-jwt-vc), compact.
    #[serde(rename = "dc+sd-jwt")]
    SdJwtVc,
    /// W3C credential with a Data Integrity proof; Open Badges 3.0 among them.
    #[serde(rename = "ldp_vc")]
    DataIntegrity,
    /// W3C credential of the data model 2.0 as an SD-JWT (VC-JOSE-COSE, 3.2.1): `typ` is `vc+sd-jwt` and there is no `vct`.
    #[serde(rename = "vc+sd-jwt")]
    W3cSdJwt,
    /// W3C credential of the data model 2.0 as a compact JWS (VC-JOSE-COSE, 3.1.1; Open Badges 3.0, 8.2).
    #[serde(rename = "vc+jwt")]
    JwtVc,
    /// W3C credential of the data model 1.1 as a JWT with the claim `vc` (VCDM 1.1, 6.3.1).
    #[serde(rename = "jwt_vc_json")]
    JwtVc11,
    /// Open Badges 2.0, hosted or signed.
    #[serde(rename = "ob2")]
    OpenBadge2,
    /// European Learning Model version 3, as European Digital Credentials carry it.
    #[serde(rename = "elm")]
    Elm,
}

impl Format {
    /// Whether it is an SD-JWT, of which chosen claims can be shown; of every other format the whole is shown.
    pub fn is_sd_jwt(self) -> bool {
        matches!(self, Self::SdJwtVc | Self::W3cSdJwt)
    }

    /// The word that the command line prints, which is also the wire name where there is one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SdJwtVc => "dc+sd-jwt",
            Self::DataIntegrity => "ldp_vc",
            Self::W3cSdJwt => "vc+sd-jwt",
            Self::JwtVc => "vc+jwt",
            Self::JwtVc11 => "jwt_vc_json",
            Self::OpenBadge2 => "ob2",
            Self::Elm => "elm",
        }
    }
}

/// What the last check said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// Every check passed.
    Valid,
    /// Not yet in its validity period.
    NotYetValid,
    /// Past its validity period.
    Expired,
    /// The issuer withdrew it.
    Revoked,
    /// The issuer put it on hold.
    Suspended,
    /// The signature or its key does not hold.
    Invalid,
    /// A check could not be made.
    Unknown,
}

/// Study load. Kept as the text of the number, because `4.5` must not become `4.499…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The amount in decimal notation, for example `4.5`.
    pub amount: String,
    /// `ECTS`, `SBU` (study load hours of vocational education), `hours`, `credits` without a system, or the issuer's
    /// own word.
    pub unit: String,
}

/// Level in a qualifications framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// `EQF` or `NLQF`.
    pub framework: String,
    /// The level, for example `6` or `4+`.
    pub level: String,
}

/// A picture that came inside the credential; none is ever fetched to show a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// A `data:` URL of a PNG or JPEG that was decoded and written anew.
    pub data_url: String,
    /// What it shows, if the issuer says so.
    pub alt: Option<String>,
}

/// The card as its issuer draws it: an extra beside what Leerpas shows, and no proof of anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendering {
    /// A `data:` URL of an SVG of our own writing: no script, no address, no style sheet. Only for an `<img>`.
    pub data_url: String,
    /// The name that the issuer gives to the kind of card.
    pub alt: Option<String>,
}

/// What every format is read into. What does not fit stays visible through `claims`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFacts {
    /// The name of the achievement or credential.
    pub title: String,
    /// What it says about itself.
    pub description: Option<String>,
    /// The format of the original.
    pub format: Format,
    /// The `vct` of an SD-JWT VC, or the type IRIs of a W3C credential.
    pub types: Vec<String>,
    /// Who issued it.
    pub issuer: Party,
    /// The name of the person it is about, if it holds one.
    pub holder_name: Option<String>,
    /// The identifier of the subject: a DID, or the JWK thumbprint of the `cnf` key.
    pub holder_id: Option<String>,
    /// Date of issue.
    pub issued: Option<Timestamp>,
    /// Date from which it holds.
    pub valid_from: Option<Timestamp>,
    /// Date until which it holds.
    pub expires: Option<Timestamp>,
    /// Study load.
    pub credit: Option<Credit>,
    /// Level.
    pub level: Option<Level>,
    /// Language of instruction, a BCP 47 tag.
    pub language: Option<String>,
    /// What the learner knows and can do now.
    pub learning_outcomes: Vec<String>,
    /// The criteria, as plain text.
    pub criteria: Option<String>,
    /// How it was assessed.
    pub assessment: Option<String>,
    /// How the assessment was supervised.
    pub supervision: Option<String>,
    /// How one took part.
    pub participation: Option<String>,
    /// The quality label or accreditation.
    pub quality: Option<String>,
    /// Programme number in a register.
    pub programme: Option<String>,
    /// The result or grade.
    pub result: Option<String>,
    /// Skills and alignments, as names.
    pub skills: Vec<String>,
    /// Every study load that is named, the main one first.
    #[serde(default)]
    pub credits: Vec<Credit>,
    /// Every level that is named, the main one first.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// Every language of instruction, as BCP 47 tags.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Every result, with its scale.
    #[serde(default)]
    pub results: Vec<Grade>,
    /// What it is set against, with framework and code.
    #[serde(default)]
    pub alignments: Vec<Alignment>,
    /// The work that it rests on.
    #[serde(default)]
    pub evidence: Vec<Work>,
    /// The parts of a diploma, a transcript or a comprehensive record, each followed by its own parts.
    #[serde(default)]
    pub contents: Vec<Content>,
    /// Further facts.
    #[serde(default)]
    pub particulars: Vec<Particular>,
    /// The picture.
    pub picture: Option<Picture>,
    /// Names that the issuer gives to claims, in its order (OpenID4VCI 1.0, appendix B.3).
    #[serde(default)]
    pub labels: Vec<ClaimLabel>,
    /// The issuer's own picture of the whole card, made safe (SD-JWT VC Type Metadata, `rendering`).
    #[serde(default)]
    pub rendering: Option<Rendering>,
    /// The identifier that its issuer gave to a W3C credential: under one issuer, a newer one with it is the same card.
    #[serde(default)]
    pub identifier: Option<String>,
    /// Every claim, in the order of the original, without what only machines need.
    pub claims: serde_json::Value,
}

impl CardFacts {
    /// Facts with a title, a format and an issuer, and nothing else.
    pub fn new(title: impl Into<String>, format: Format, issuer: Party) -> Self {
        Self {
            title: title.into(),
            description: None,
            format,
            types: Vec::new(),
            issuer,
            holder_name: None,
            holder_id: None,
            issued: None,
            valid_from: None,
            expires: None,
            credit: None,
            level: None,
            language: None,
            learning_outcomes: Vec::new(),
            criteria: None,
            assessment: None,
            supervision: None,
            participation: None,
            quality: None,
            programme: None,
            result: None,
            skills: Vec::new(),
            credits: Vec::new(),
            levels: Vec::new(),
            languages: Vec::new(),
            results: Vec::new(),
            alignments: Vec::new(),
            evidence: Vec::new(),
            contents: Vec::new(),
            particulars: Vec::new(),
            picture: None,
            labels: Vec::new(),
            rendering: None,
            identifier: None,
            claims: serde_json::Value::Object(serde_json::Map::new()),
        }
    }
}

/// The name of one claim in one language, as the issuer gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimLabel {
    /// The path, joined with `.`; `*` stands for every element of an array.
    pub path: String,
    /// A BCP 47 tag, empty where the issuer names no language.
    pub locale: String,
    /// The name.
    pub name: String,
}

/// One credential in the vault, as lists and views need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its name in this vault.
    pub id: CardId,
    /// What it says.
    pub facts: CardFacts,
    /// What the last check said.
    pub status: CardStatus,
    /// When that check was made.
    pub checked: Timestamp,
    /// When it came into the vault.
    pub received: Timestamp,
    /// How many copies with a key of their own there are; 0 for a badge that came as a file.
    pub copies: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What version 0.1.0 stored. A vault of that version opens in every later one.
    const STORED: &str = r#"{"title":"Datastructuren","description":null,"format":"dc+sd-jwt","types":["urn:eudi:micro_credential:1"],
        "issuer":{"name":"Hogeschool Voorbeeld","identifier":"https://school.example","host":"school.example","evidence":"listed"},
        "holder_name":"Sam","holder_id":null,"issued":"2026-02-01T00:00:00Z","valid_from":null,"expires":null,
        "credit":{"amount":"4.5","unit":"ECTS"},"level":{"framework":"EQF","level":"6"},"language":"nl-NL",
        "learning_outcomes":["Kiest"],"criteria":null,"assessment":"testing","supervision":null,"participation":null,
        "quality":null,"programme":null,"result":"8,5","skills":["Programmeren"],"picture":null,"labels":[],"claims":{"ECTS":4.5}}"#;

    #[test]
    fn a_card_that_the_first_version_stored_still_reads() {
        let facts: CardFacts = serde_json::from_str(STORED).unwrap();
        assert_eq!((facts.title.as_str(), facts.result.as_deref()), ("Datastructuren", Some("8,5")));
        assert!(facts.credits.is_empty() && facts.contents.is_empty() && facts.particulars.is_empty());
        let again: CardFacts = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
        assert_eq!(again, facts);
    }
}
