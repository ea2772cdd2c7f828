use leerpas_core::{Format, limits};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{read::read as read_any, trust::TrustList};

const SNB: &str = "xmlns=\"http://data.europa.eu/snb\" xmlns:cred=\"http://data.europa.eu/europass/model/credentials/w3c#\" \
     xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
const SEAL: &str = "<proof><ds:Signature Id=\"id-1\"><ds:SignedInfo/><ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature></proof>";

/// An invented diploma in the shape of those that Europass gave out.
fn diploma(proof: &str) -> String {
    let concept = |name: &str, uri: &str, words: &str| {
        format!(
            "<{name} targetFrameworkUrl=\"http://data.europa.eu/snb/x/25831c2\" uri=\"{uri}\"><targetName>\
             <text content-type=\"text/plain\" lang=\"nl\">{words}</text></targetName></{name}>"
        )
    };
    let words = |name: &str, words: &str| {
        format!(
            "<{name}><text content-type=\"text/plain\" lang=\"en\">{words} (en)</text><text lang=\"nl\">{words}</text></{name}>"
        )
    };
    let course = |number: u32, title: &str, grade: &str| {
        format!(
            "<learningAchievement id=\"urn:epass:learningAchievement:{number}\">{}\
             <wasDerivedFrom id=\"urn:epass:assessment:{number}\">{}<grade>{grade}</grade>\
             <assessedBy idref=\"urn:epass:org:1\"/></wasDerivedFrom>\
             <specifiedBy idref=\"urn:epass:qualification:{number}\"/></learningAchievement>",
            words("title", title),
            words("title", "Tentamen"),
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n\
         <europassCredential {SNB} cred:id=\"urn:credential:1\" xsdVersion=\"0.10.0\">\
         <identifier>2024-17</identifier>{type_}<primaryLanguage>nl</primaryLanguage>\
         <availableLanguages><language>nl</language><language>en</language></availableLanguages>\
         <cred:validFrom>2024-07-01T00:00:00+02:00</cred:validFrom><cred:issued>2024-07-02T10:00:00+02:00</cred:issued>\
         <cred:validUntil>2034-07-01T00:00:00+02:00</cred:validUntil><cred:issuer idref=\"urn:epass:org:1\"/>{title}\
         <credentialSubject id=\"urn:epass:person:1\">{name}<dateOfBirth>2001-04-05</dateOfBirth>\
         <achievements><learningAchievement id=\"urn:epass:learningAchievement:1\">{main}{about}\
         <wasDerivedFrom id=\"urn:epass:assessment:1\">{whole}<grade>8,5</grade>{supervised}\
         <specifiedBy idref=\"urn:epass:asssessmentspec:1\"/></wasDerivedFrom>\
         <wasAwardedBy idref=\"urn:epass:awardingProcess:1\"/>\
         <hasPart>{one}{two}</hasPart><entitlesTo id=\"urn:epass:entitlement:1\">{entitled}</entitlesTo>\
         <specifiedBy idref=\"urn:epass:qualification:1\"/></learningAchievement></achievements></credentialSubject>\
         <learningSpecificationReferences><qualification id=\"urn:epass:qualification:1\">\
         <identifier schemeID=\"CROHO\">34401</identifier>{kind}{subject}<volumeOfLearning>PT1680H</volumeOfLearning>\
         <hasECTSCreditPoints>60</hasECTSCreditPoints>{language}{mode}\
         <entryRequirementsNote><text lang=\"nl\">Een diploma havo</text></entryRequirementsNote>\
         <learningOutcomes><learningOutcome idref=\"urn:epass:learningOutcome:1\"/></learningOutcomes>{eqf}\
         </qualification>\
         <qualification id=\"urn:epass:qualification:2\"><hasECTSCreditPoints>7.5</hasECTSCreditPoints></qualification>\
         <qualification id=\"urn:epass:qualification:3\"><hasECTSCreditPoints>2.5</hasECTSCreditPoints></qualification>\
         </learningSpecificationReferences>\
         <learningOutcomeReferences><learningOutcome id=\"urn:epass:learningOutcome:1\">{outcome}{skill}</learningOutcome>\
         </learningOutcomeReferences>\
         <assessmentSpecificationReferences><assessmentSpecification id=\"urn:epass:asssessmentspec:1\">{written}\
         </assessmentSpecification></assessmentSpecificationReferences>\
         <agentReferences><organization id=\"urn:epass:org:1\"><registration spatialID=\"NL\">12345678</registration>{school}\
         <homepage uri=\"https://hogeschool.example/\"/><logo><content>iVBORw0KGgo=</content></logo></organization>\
         <organization id=\"urn:epass:org:2\">{faculty}<unitOf idref=\"urn:epass:org:1\"/>\
         <hasAccreditation idref=\"acc-1\"/></organization></agentReferences>\
         <awardingProcessReferences><awardingProcess id=\"urn:epass:awardingProcess:1\">\
         <awardingBody idref=\"urn:epass:org:2\"/><date>2024-06-28T00:00:00+02:00</date></awardingProcess>\
         </awardingProcessReferences>\
         <accreditationReferences><accreditation id=\"acc-1\">{nvao}</accreditation></accreditationReferences>\
         {proof}</europassCredential>",
        type_ = concept("type", "http://data.europa.eu/snb/credential/6dff8a0f87", "Diplomasupplement"),
        title = words("title", "Bewijs van afronding"),
        name = words("fullName", "Sam de Vries"),
        main = words("title", "Propedeuse Verpleegkunde"),
        about = words("description", "Het eerste jaar &amp; zijn toetsen."),
        whole = words("title", "Eindoordeel"),
        supervised =
            concept("idVerificationMethod", "http://data.europa.eu/snb/supervision-verification/1", "ter plaatse"),
        one = course(2, "Meten", "8"),
        two = course(3, "Wegen", "voldaan"),
        entitled = words("title", "Toelating tot het tweede jaar"),
        kind = concept("type", "http://data.europa.eu/snb/learning-opportunity/1", "Opleiding"),
        subject = concept("hasISCED-FCode", "http://data.europa.eu/snb/isced-f/0913", "Verpleging"),
        language = concept("language", "http://publications.europa.eu/resource/authority/language/NLD", "Nederlands"),
        mode = concept("mode", "http://data.europa.eu/snb/learning-assessment/1", "blended"),
        eqf = concept("eqfLevel", "http://data.europa.eu/snb/eqf/6", "Niveau 6"),
        outcome = words("prefLabel", "Kan meten"),
        skill = concept("relatedEscoSkill", "http://data.europa.eu/esco/skill/1", "bloeddruk meten"),
        written = concept("type", "http://data.europa.eu/snb/assessment/1", "schriftelijk"),
        school = words("prefLabel", "Hogeschool Delta"),
        faculty = words("prefLabel", "Faculteit Zorg"),
        nvao = words("title", "NVAO"),
    )
}

fn facts(text: &str) -> leerpas_core::CardFacts {
    read_any(text.as_bytes()).unwrap().facts(&TrustList::empty())
}

#[test]
fn elm_2_in_xml_fills_the_places_of_the_card() {
    let facts = facts(&diploma(SEAL));
    assert_eq!((facts.format, facts.title.as_str()), (Format::Elm, "Propedeuse Verpleegkunde"));
    assert_eq!(facts.description.as_deref(), Some("Het eerste jaar & zijn toetsen."));
    assert_eq!(
        (facts.issuer.name.as_str(), facts.issuer.identifier.as_str(), facts.issuer.evidence),
        ("Hogeschool Delta", "https://hogeschool.example/", leerpas_core::Evidence::Claimed)
    );
    assert_eq!(facts.holder_name.as_deref(), Some("Sam de Vries"));
    assert_eq!(
        facts.credit.as_ref().map(|credit| (credit.amount.as_str(), credit.unit.as_str())),
        Some(("60", "ECTS"))
    );
    assert_eq!(facts.level.as_ref().map(|level| (level.framework.as_str(), level.level.as_str())), Some(("EQF", "6")));
    assert_eq!(
        (facts.languages.as_slice(), facts.learning_outcomes.as_slice()),
        (&["nld".to_owned()][..], &["Kan meten".to_owned()][..])
    );
    assert_eq!(
        (facts.assessment.as_deref(), facts.supervision.as_deref()),
        (Some("schriftelijk"), Some("ter plaatse"))
    );
    assert_eq!((facts.participation.as_deref(), facts.quality.as_deref()), (Some("blended"), Some("NVAO")));
    assert_eq!((facts.programme.as_deref(), facts.result.as_deref()), (Some("34401"), Some("8,5")));
    assert_eq!(
        (facts.results[0].name.as_deref(), facts.skills.as_slice()),
        (Some("Eindoordeel"), &["bloeddruk meten".to_owned()][..])
    );
    assert_eq!(facts.valid_from.unwrap().to_string(), "2024-06-30T22:00:00Z");
    assert_eq!(facts.issued.unwrap().to_string(), "2024-07-02T08:00:00Z");
    assert_eq!(facts.expires.unwrap().to_string(), "2034-06-30T22:00:00Z");
    let parts: Vec<_> = facts
        .contents
        .iter()
        .map(|part| {
            (part.title.as_str(), part.result.as_deref(), part.credit.as_ref().map(|credit| credit.amount.as_str()))
        })
        .collect();
    assert_eq!(parts, [("Meten", Some("8"), Some("7.5")), ("Wegen", Some("voldaan"), Some("2.5"))]);
    let named: Vec<_> = facts.particulars.iter().map(|fact| format!("{} {}", fact.name, fact.value)).collect();
    for fact in [
        "awarded_by Faculteit Zorg",
        "awarded_on 2024-06-27T22:00:00Z",
        "duration PT1680H",
        "field_of_study Verpleging",
        "entry_requirements Een diploma havo",
        "achievement_type Opleiding",
    ] {
        assert!(named.iter().any(|known| known == fact), "{fact}: {named:?}");
    }
}

#[test]
fn elm_2_in_xml_what_has_no_place_on_the_card_is_among_its_claims() {
    let facts = facts(&diploma(SEAL));
    let text = facts.claims.to_string();
    for shown in [
        "Bewijs van afronding",
        "Diplomasupplement",
        "Toelating tot het tweede jaar",
        "2001-04-05",
        "2024-17",
        "12345678",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    for machine in ["prefLabel", "targetName", "SignatureValue", "iVBORw0KGgo", "urn:epass"] {
        assert!(!text.contains(machine), "{machine}: {text}");
    }
}

#[test]
fn elm_2_in_xml_issued_for_another_says_who_handed_it_out() {
    let inner = diploma("<proof/>");
    let inner = &inner[inner.find("<europassCredential").unwrap()..];
    let wrapped = |inside: &str, proof: &str| {
        format!(
            "<vp:verifiablePresentation xmlns=\"http://data.europa.eu/snb\" xmlns:vp=\"http://data.europa.eu/snb/vp\" \
             xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" id=\"urn:verifiable:1\"><vp:issuer id=\"urn:epass:org:vp:1\">\
             <prefLabel><text lang=\"nl\">Zegeldienst</text></prefLabel></vp:issuer>{inside}{proof}</vp:verifiablePresentation>"
        )
    };
    let facts = facts(&wrapped(inner, SEAL));
    assert_eq!(facts.issuer.name, "Hogeschool Delta");
    assert_eq!(facts.claims["other"]["handedOutBy"]["legalName"], json!("Zegeldienst"));
    assert!(read(&wrapped(inner, SEAL)).unwrap().1, "the seal around it is one");
    assert!(!read(&wrapped(inner, "<proof/>")).unwrap().1);
    for none_or_two in [String::new(), format!("{inner}{inner}")] {
        assert_eq!(read(&wrapped(&none_or_two, SEAL)).unwrap_err(), ReadError::PresentationContent);
    }
}

#[test]
fn elm_2_in_xml_a_certificate_of_taking_part_without_an_achievement_has_its_title() {
    let text = format!(
        "<europassCredential {SNB}><title><text lang=\"nl\">Bewijs van deelname</text></title><credentialSubject>\
         <activities><activity><title><text lang=\"nl\">Webinar</text></title></activity></activities></credentialSubject>\
         </europassCredential>"
    );
    assert_eq!(facts(&text).title, "Webinar");
    let bare = text.replace("activities", "nothing");
    assert_eq!(facts(&bare).title, "Bewijs van deelname");
}

#[test]
fn elm_2_in_xml_what_is_no_such_credential_is_refused_by_name() {
    for other in [
        "<loq:x xmlns:loq=\"http://data.europa.eu/snb/model/elm/\"/>",
        "<elmo xmlns=\"https://github.com/emrex-eu/elmo-schemas/tree/v1\"/>",
        "<europassCredential xmlns=\"https://elsewhere.example\" about=\"http://data.europa.eu/snb\"/>",
    ] {
        assert_eq!(read_any(other.as_bytes()).unwrap_err(), ReadError::ElmXml, "{other}");
    }
    assert_eq!(read_any(b"<html></html>").unwrap_err(), ReadError::NotACredential);
    let whole = diploma(SEAL);
    for length in [whole.len() / 3, whole.len() - 1] {
        assert!(matches!(read_any(&whole.as_bytes()[..length]), Err(ReadError::Xml(_))), "{length}");
    }
    assert!(matches!(read_any(format!("{whole}<x/>").as_bytes()), Err(ReadError::Xml(_))));
}

#[test]
fn security_f07_elm_2_definitions_entities_and_depth_are_refused() {
    let open = format!("<europassCredential {SNB}>");
    let cases = [
        format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{open}<title>&a;</title></europassCredential>"),
        format!("<!DOCTYPE x SYSTEM \"https://elsewhere.example/x.dtd\">{open}</europassCredential>"),
        format!("{open}<title>&a;</title></europassCredential>"),
        format!("{open}<title lang=\"&a;\"/></europassCredential>"),
    ];
    for case in cases {
        assert!(matches!(read(&case), Err(ReadError::Xml(_))), "{case}");
    }
    let deep = format!("{open}{}{}</europassCredential>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(read(&deep).unwrap_err(), ReadError::TooLarge);
    let many = format!("{open}{}</europassCredential>", "<a/>".repeat(100_000));
    assert_eq!(read(&many).unwrap_err(), ReadError::TooLarge);
    let attributes: String = (0..50_000).map(|n| format!(" a{n}=\"\"")).collect();
    assert_eq!(read(&format!("{open}<a{attributes}/></europassCredential>")).unwrap_err(), ReadError::TooLarge);
    let long = format!("{open}{}</europassCredential>", " ".repeat(limits::CREDENTIAL));
    assert_eq!(read_any(long.as_bytes()).unwrap_err(), ReadError::TooLarge);
}

#[test]
fn security_elm_2_references_in_circles_and_references_that_multiply_end() {
    let within = |references: &str| {
        format!(
            "<europassCredential {SNB}><cred:issuer idref=\"o0\"/><credentialSubject/><agentReferences>{references}\
             </agentReferences></europassCredential>"
        )
    };
    let circle = within(
        "<organization id=\"o0\"><unitOf idref=\"o1\"/></organization><organization id=\"o1\"><unitOf idref=\"o0\"/></organization>",
    );
    let (credential, _) = read(&circle).unwrap();
    assert_eq!(credential["issuer"]["subOrganizationOf"]["subOrganizationOf"], json!({"id": "o0"}));
    // Each names the next ten times: ten to the power of twenty if it were all written out.
    let tenfold: String = (0..20)
        .map(|n| {
            format!("<organization id=\"o{n}\">{}</organization>", format!("<unitOf idref=\"o{}\"/>", n + 1).repeat(10))
        })
        .collect();
    assert_eq!(read(&within(&tenfold)).unwrap_err(), ReadError::TooLarge);
    let long = format!(
        "<organization id=\"o0\">{}</organization><organization id=\"o1\"><x>{}</x></organization>",
        "<unitOf idref=\"o1\"/>".repeat(1_000),
        "x".repeat(900_000)
    );
    assert_eq!(read(&within(&long)).unwrap_err(), ReadError::TooLarge);
    let chain: String =
        (0..500).map(|n| format!("<organization id=\"o{n}\"><unitOf idref=\"o{}\"/></organization>", n + 1)).collect();
    assert!(read(&within(&chain)).is_ok());
    assert!(matches!(read(&within("<organization id=\"o0\"/><organization id=\"o0\"/>")), Err(ReadError::Xml(_))));
    assert_eq!(read(&within("")).unwrap().0["issuer"], json!({}), "a name that leads nowhere says nothing");
}

#[test]
fn security_elm_2_names_of_the_document_become_no_members_that_a_check_reads() {
    let hostile = format!(
        "<europassCredential {SNB} xmlns:x=\"https://elsewhere.example\"><x:title><text lang=\"nl\">Vals</text></x:title>\
         <credentialStatus><id>https://elsewhere.example/list</id></credentialStatus><vct>x</vct><cnf>y</cnf><exp>1</exp>\
         <credentialSubject><fullName><text lang=\"nl\">Sam</text></fullName></credentialSubject></europassCredential>"
    );
    let (credential, sealed) = read(&hostile).unwrap();
    let names: Vec<&String> = credential.as_object().unwrap().keys().collect();
    assert_eq!(names, ["type", "credentialSubject", "displayParameter", "other"]);
    assert!(!sealed && !credential.to_string().contains("Vals"));
    assert_eq!(credential["other"]["vct"], Value::from("x"));
}

#[test]
fn elm_2_a_seal_counts_where_it_belongs() {
    assert!(read(&diploma(SEAL)).unwrap().1);
    assert!(!read(&diploma("<proof></proof>")).unwrap().1);
    let elsewhere = diploma("").replace("<primaryLanguage>", &format!("<x>{SEAL}</x><primaryLanguage>"));
    assert!(!read(&elsewhere).unwrap().1);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[<>/&;\"'a-c=:! \\[\\]-]{0,80}", at in 0_usize..6_000, cut in 0_usize..6_000) {
        let whole = diploma(SEAL);
        let at = (0..=at.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
        let _ = read(&text);
        let _ = read(&format!("{}{text}{}", &whole[..at], &whole[at..]));
        let cut = (0..=cut.min(whole.len())).rev().find(|cut| whole.is_char_boundary(*cut)).unwrap_or(0);
        let _ = read(&whole[..cut]);
    }
}

#[test]
fn security_elm_2_the_largest_document_is_read_in_time_and_stays_small() {
    // As many parts as are taken, each naming what they share.
    let part = "<hasPart><learningAchievement><title><text lang=\"nl\">x</text></title><specifiedBy idref=\"q\"/></learningAchievement></hasPart>";
    let document = format!(
        "<europassCredential {SNB}><credentialSubject><achievements><learningAchievement>{}</learningAchievement></achievements>\
         </credentialSubject><learningSpecificationReferences><qualification id=\"q\"><hasECTSCreditPoints>5</hasECTSCreditPoints>\
         </qualification></learningSpecificationReferences></europassCredential>",
        part.repeat(6_000)
    );
    let begun = std::time::Instant::now();
    let facts = facts(&document);
    assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    assert_eq!(facts.contents.len(), 300);
    assert!(facts.claims.to_string().len() < 4 * limits::CREDENTIAL);
}
