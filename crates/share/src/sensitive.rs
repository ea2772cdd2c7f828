//! Claims that deserve a second look. Judged on the device alone, by their names; nobody is told.

use leerpas_core::Weight;
use leerpas_openid::dcql::{Place, Segment};
use serde::Serialize;

/// Why a claim deserves a second look (GDPR, articles 9 and 87; EUDI ARF, RPA_07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// A number that the state or an institution knows the person by.
    Number,
    /// When or where the person was born.
    Birth,
    /// What the person looks like.
    Picture,
    /// Health, or support because of it.
    Health,
    /// Nationality, origin, belief or gender.
    Origin,
    /// Where the person lives or can be reached.
    Contact,
}

/// Names of claims in lower case, without anything but letters; Dutch and English, as European and Dutch credentials
/// have them.
const NAMES: [(Sensitivity, &[&str]); 6] = [
    (
        Sensitivity::Number,
        &[
            "bsn",
            "burgerservicenummer",
            "nationalid",
            "nationalidentifier",
            "personaladministrativenumber",
            "personalidentifier",
            "documentnumber",
            "socialsecuritynumber",
            "studentnumber",
            "studentid",
            "studentnummer",
            "onderwijsnummer",
            "pgn",
            "eckid",
            "eppn",
            "edupersonprincipalname",
            "europeanstudentidentifier",
            "schacpersonaluniquecode",
        ],
    ),
    (
        Sensitivity::Birth,
        &[
            "birthdate",
            "dateofbirth",
            "birthday",
            "birthplace",
            "placeofbirth",
            "birthcountry",
            "birthyear",
            "yearofbirth",
            "ageinyears",
            "agebirthyear",
            "geboortedatum",
            "geboorteplaats",
            "leeftijd",
        ],
    ),
    (
        Sensitivity::Picture,
        &["portrait", "photo", "picture", "pasfoto", "foto", "biometrictemplateface", "signatureusualmark"],
    ),
    (
        Sensitivity::Health,
        &[
            "health",
            "disability",
            "medical",
            "support",
            "supportneeds",
            "examfacilities",
            "voorziening",
            "voorzieningen",
            "beperking",
        ],
    ),
    (
        Sensitivity::Origin,
        &["nationality", "nationalities", "nationaliteit", "ethnicity", "religion", "gender", "sex", "geslacht"],
    ),
    (
        Sensitivity::Contact,
        &[
            "address",
            "adres",
            "residentaddress",
            "streetaddress",
            "street",
            "postalcode",
            "postcode",
            "phone",
            "phonenumber",
            "mobilephonenumber",
            "telefoonnummer",
            "email",
            "emailaddress",
            "homeaddress",
        ],
    ),
];

/// Types of credentials that are about health as a whole, such as exam facilities of a Dutch institution.
const HEALTH_TYPES: [&str; 2] = ["supportcredential", "disabilitycard"];

/// Why this claim of a credential of these types deserves a second look, if it does.
pub(crate) fn of(place: &Place, types: &[String]) -> Option<Sensitivity> {
    if types.iter().any(|kind| HEALTH_TYPES.iter().any(|health| letters(kind).ends_with(health))) {
        return Some(Sensitivity::Health);
    }
    let mut names = place.0.iter().filter_map(|segment| match segment {
        Segment::Name(name) => Some(letters(name)),
        Segment::Index(_) => None,
    });
    names.find_map(|name| NAMES.iter().find(|(_, known)| known.contains(&name.as_str())).map(|(kind, _)| *kind))
}

/// Names of claims that article 9 of the GDPR is about; where somebody comes from and their gender are not among them.
const SPECIAL: [&str; 2] = ["ethnicity", "religion"];

/// How a claim weighs in the record of what was shared.
pub(crate) fn weight(place: &Place, sensitive: Option<Sensitivity>) -> Weight {
    let named = |segment: &Segment| matches!(segment, Segment::Name(name) if SPECIAL.contains(&letters(name).as_str()));
    match sensitive {
        None => Weight::Plain,
        Some(Sensitivity::Health) => Weight::Special,
        Some(_) if place.0.iter().any(named) => Weight::Special,
        Some(_) => Weight::Sensitive,
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &[&str]) -> Place {
        Place(path.iter().map(|name| Segment::Name((*name).to_owned())).collect())
    }

    #[test]
    fn security_d16_sensitive_claims_are_told_by_their_names() {
        let table: [(&[&str], Option<Sensitivity>); 12] = [
            (&["birth_date"], Some(Sensitivity::Birth)),
            (&["birthdate"], Some(Sensitivity::Birth)),
            (&["credentialSubject", "dateOfBirth"], Some(Sensitivity::Birth)),
            (&["personal_administrative_number"], Some(Sensitivity::Number)),
            (&["bsn"], Some(Sensitivity::Number)),
            (&["student_number"], Some(Sensitivity::Number)),
            (&["address", "city"], Some(Sensitivity::Contact)),
            (&["nationalities"], Some(Sensitivity::Origin)),
            (&["portrait"], Some(Sensitivity::Picture)),
            (&["title"], None),
            (&["ects"], None),
            (&["credentialSubject", "achievement", "name"], None),
        ];
        for (path, expected) in table {
            assert_eq!(of(&place(path), &[]), expected, "{path:?}");
        }
    }

    #[test]
    fn only_what_the_law_protects_in_particular_is_special() {
        for (path, expected) in [
            (&["title"][..], Weight::Plain),
            (&["birth_date"], Weight::Sensitive),
            (&["nationality"], Weight::Sensitive),
            (&["religion"], Weight::Special),
            (&["person", "ethnicity"], Weight::Special),
            (&["support_needs"], Weight::Special),
        ] {
            assert_eq!(weight(&place(path), of(&place(path), &[])), expected, "{path:?}");
        }
    }

    #[test]
    fn a_credential_of_support_is_about_health_as_a_whole() {
        for kind in ["https://issuer.example/vct/SupportCredential", "urn:example:SupportCredential"] {
            assert_eq!(of(&place(&["title"]), &[kind.to_owned()]), Some(Sensitivity::Health));
        }
        assert_eq!(of(&place(&["title"]), &["urn:example:microcredential".to_owned()]), None);
    }
}
