//! Which category of personal data a claim is, by its name, in the terms of DPV's `pd` (the guide, section 8.3.3.1).

/// Names of claims in lower case, without anything but letters. Only what is plain from the name: anything else is
/// personal data and no more.
const KINDS: [(&str, &[&str]); 12] = [
    ("pd:Name", &["givenname", "familyname", "firstname", "lastname", "fullname", "voornaam", "achternaam"]),
    ("pd:EmailAddress", &["email", "emailaddress"]),
    ("pd:TelephoneNumber", &["phone", "phonenumber", "mobilephonenumber", "telefoonnummer"]),
    ("pd:PhysicalAddress", &["address", "residentaddress", "streetaddress", "postalcode", "postcode", "adres"]),
    ("pd:BirthDate", &["birthdate", "dateofbirth", "birthday", "geboortedatum"]),
    ("pd:BirthPlace", &["birthplace", "placeofbirth", "geboorteplaats"]),
    ("pd:Age", &["ageinyears", "age", "leeftijd"]),
    ("pd:Gender", &["gender", "sex", "geslacht"]),
    ("pd:Nationality", &["nationality", "nationalities", "nationaliteit"]),
    ("pd:Picture", &["portrait", "photo", "picture", "pasfoto", "foto"]),
    ("pd:OfficialID", &["bsn", "burgerservicenummer", "nationalid", "personaladministrativenumber", "documentnumber"]),
    ("pd:EducationQualification", &["achievement", "ects", "eqf", "nlqf", "diploma", "qualification"]),
];

/// The category of the claim at this path.
pub(super) fn of(path: &str) -> &'static str {
    let names: Vec<String> = path.split('.').map(letters).collect();
    let kind = |(_, known): &&(&str, &[&str])| names.iter().any(|name| known.contains(&name.as_str()));
    KINDS.iter().find(kind).map_or("dpv:PersonalData", |(kind, _)| kind)
}

/// Every category there is.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(kind, _)| *kind)
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_where_the_name_is_plain() {
        for (path, kind) in [
            ("given_name", "pd:Name"),
            ("credentialSubject.dateOfBirth", "pd:BirthDate"),
            ("address.city", "pd:PhysicalAddress"),
            ("credentialSubject.achievement.name", "pd:EducationQualification"),
            ("ects", "pd:EducationQualification"),
            ("name", "dpv:PersonalData"),
            ("title", "dpv:PersonalData"),
            ("*", "dpv:PersonalData"),
            ("", "dpv:PersonalData"),
        ] {
            assert_eq!(of(path), kind, "{path}");
        }
    }
}
