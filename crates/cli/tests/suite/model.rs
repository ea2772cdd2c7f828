//! The one model that every format is read into, as scripts get it, and the original bytes of each.

use std::path::PathBuf;

use crate::common::Trial;
use serde_json::{Value, json};

/// The names beside the single facts, the same for a card and for a file.
const LISTS: [&str; 9] =
    ["credits", "levels", "languages", "results", "alignments", "evidence", "contents", "totals", "particulars"];

/// A transcript of the European Learning Model in the JSON form of a JAdES seal; the seal is invented.
fn sealed_transcript() -> String {
    let course = |title: &str, points: &str, grade: &str| {
        json!({"type": "LearningAchievement", "title": {"nl": title},
            "provenBy": {"grade": {"type": "Note", "noteLiteral": {"nl": grade}}},
            "creditReceived": {"framework": {"prefLabel": {"en": "ECTS"}}, "point": points}})
    };
    let credential = json!({
        "@context": ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"],
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"], "validFrom": "2025-02-01T00:00:00",
        "issuer": {"id": "https://school.example", "legalName": {"nl": "Hogeschool Voorbeeld"}},
        "credentialSubject": {"id": "urn:p:1", "type": "Person", "fullName": {"nl": "Sam de Vries"}, "hasClaim": [
            {"type": "LearningAchievement", "title": {"nl": "Propedeuse"},
                "specifiedBy": {"eqfLevel": {"id": "http://data.europa.eu/snb/eqf/6"}},
                "hasPart": [course("Meten", "7.5", "8"), course("Wegen", "2.5", "voldaan")]}]}
    });
    json!({"payload": credential.to_string(), "signatures": [{"protected": "e30", "signature": "AA"}]}).to_string()
}

#[test]
fn elm_under_a_seal_is_kept_and_shown_and_never_called_valid() {
    let trial = Trial::start();
    let file = trial.path("cijferlijst.jsonld");
    std::fs::write(&file, sealed_transcript()).unwrap();
    let path = file.to_str().unwrap();

    let verified = trial.json(&["verify", path]);
    assert_eq!((verified.code, &verified.json["verdict"]), (4, &json!("unknown")), "{verified:?}");
    assert_eq!(verified.json["format"], "elm");
    let facts = &verified.json["facts"];
    assert_eq!((&facts["title"], &facts["holder_name"]), (&json!("Propedeuse"), &json!("Sam de Vries")));

    let kept = trial.json(&["import", path]);
    assert_eq!(kept.code, 0, "{kept:?}");
    let id = kept.json["cards"][0]["id"].as_str().unwrap().to_owned();
    let card = trial.json(&["card", &id]).json["card"].clone();
    for name in LISTS {
        assert_eq!(card[name], facts[name], "{name}");
    }
    let titles: Vec<_> = card["contents"].as_array().unwrap().iter().map(|part| part["title"].clone()).collect();
    assert_eq!(titles, ["Meten", "Wegen"]);
    assert_eq!(card["totals"], json!([{"amount": "10", "unit": "ECTS"}]));
    assert_eq!(card["levels"], json!([{"framework": "EQF", "level": "6"}]));
    let signature = card["checks"].as_array().unwrap().iter().find(|check| check["name"] == "signature").unwrap();
    assert_eq!((&signature["result"], &signature["reason"]), (&json!("unknown"), &json!("seal_not_checked")));
    assert_eq!(card["status"], "unknown");
    let raw = trial.command(&["card", &id, "--raw"]).output().unwrap().stdout;
    assert_eq!(raw, std::fs::read(&file).unwrap());
    assert_eq!(
        trial.json(&["cards", "--query", "Wegen"]).json["cards"].as_array().unwrap().len(),
        1,
        "a part is found"
    );

    // It is shown as a file and in no other way: nothing that somebody asks for is answered with it.
    let asked = trial.ask(r#"{"template":"badge"}"#);
    let ran = trial.json(&["present", &asked.link, "--approve"]);
    assert_eq!((ran.code, ran.kind()), (7, "nothing_fits"), "{ran:?}");
}

/// A certificate of version 2 of the learning model, in XML; the seal is invented.
const SEALED_XML: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="no"?><europassCredential
    xmlns="http://data.europa.eu/snb" xmlns:cred="http://data.europa.eu/europass/model/credentials/w3c#"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#" cred:id="urn:credential:1" xsdVersion="0.10.0">
  <cred:validFrom>2024-07-01T00:00:00+02:00</cred:validFrom><cred:issuer idref="urn:epass:org:1"/>
  <title><text lang="nl">Bewijs</text></title>
  <credentialSubject id="urn:epass:person:1"><fullName><text lang="nl">Sam de Vries</text></fullName><achievements>
    <learningAchievement id="urn:epass:learningAchievement:1"><title><text lang="nl">Meten in de zorg</text></title>
      <specifiedBy idref="urn:epass:learningSpecification:1"/></learningAchievement></achievements></credentialSubject>
  <learningSpecificationReferences><learningSpecification id="urn:epass:learningSpecification:1">
    <hasECTSCreditPoints>4.5</hasECTSCreditPoints></learningSpecification></learningSpecificationReferences>
  <agentReferences><organization id="urn:epass:org:1"><prefLabel><text lang="nl">Hogeschool Voorbeeld</text></prefLabel>
    </organization></agentReferences>
  <proof><ds:Signature><ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature></proof></europassCredential>"#;

#[test]
fn elm_2_in_xml_is_kept_and_shown_and_leaves_as_the_file_that_it_was() {
    let trial = Trial::start();
    let file = trial.path("bewijs.xml");
    std::fs::write(&file, SEALED_XML).unwrap();
    let path = file.to_str().unwrap();
    let verified = trial.json(&["verify", path]);
    assert_eq!((verified.code, &verified.json["verdict"]), (4, &json!("unknown")), "{verified:?}");
    assert_eq!(verified.json["format"], "elm");
    let signature =
        verified.json["checks"].as_array().unwrap().iter().find(|check| check["name"] == "signature").unwrap();
    assert_eq!((&signature["result"], &signature["reason"]), (&json!("unknown"), &json!("seal_not_checked")));
    let kept = trial.json(&["import", path]);
    assert_eq!(kept.code, 0, "{kept:?}");
    let id = kept.json["cards"][0]["id"].as_str().unwrap().to_owned();
    let card = trial.json(&["card", &id]).json["card"].clone();
    assert_eq!((&card["title"], &card["issuer"]), (&json!("Meten in de zorg"), &json!("Hogeschool Voorbeeld")));
    assert_eq!(card["credits"], json!([{"amount": "4.5", "unit": "ECTS"}]));
    let raw = trial.command(&["card", &id, "--raw"]).output().unwrap().stdout;
    assert_eq!(raw, SEALED_XML.as_bytes());
}

#[test]
fn elm_without_a_seal_or_in_xml_of_another_kind_is_refused_by_name() {
    let trial = Trial::start();
    let sealed: Value = serde_json::from_str(&sealed_transcript()).unwrap();
    let cases = [
        ("bare.jsonld", sealed["payload"].as_str().unwrap().to_owned(), "credential_not_genuine"),
        ("elm.xml", "<loq:x xmlns:loq=\"http://data.europa.eu/snb/model/elm/\"/>".to_owned(), "credential_unsupported"),
    ];
    for (name, text, kind) in cases {
        let file = trial.path(name);
        std::fs::write(&file, text).unwrap();
        let ran = trial.json(&["import", file.to_str().unwrap()]);
        assert_eq!((ran.code, ran.kind()), (3, kind), "{name}: {ran:?}");
    }
}

#[test]
fn the_original_bytes_of_every_format_come_back() {
    let root = std::env::var_os("LEERPAS_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    if !root.is_dir() {
        println!("skipped: no vectors");
        return;
    }
    let trial = Trial::start();
    let mut formats = Vec::new();
    for name in [
        "open-badges-3/simple.json",
        "open-badges-3/simple-jwt.png",
        "open-badges-3/simple-json.svg",
        "open-badges-2/basic-assertion.json",
        "open-badges-2/simple-badge.png",
    ] {
        let file = root.join(name);
        let ran = trial.json(&["import", file.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{name}: {ran:?}");
        let card = &ran.json["cards"][0];
        formats.push(card["format"].as_str().unwrap().to_owned());
        let raw = trial.command(&["card", card["id"].as_str().unwrap(), "--raw"]).output().unwrap().stdout;
        assert_eq!(raw, std::fs::read(&file).unwrap(), "{name}");
        let whole = trial.json(&["card", card["id"].as_str().unwrap()]).json["card"].clone();
        assert!(LISTS.iter().all(|list| whole[*list].is_array()), "{name}");
    }
    assert_eq!(formats, ["ldp_vc", "vc+jwt", "ldp_vc", "ob2", "ob2"]);
}
