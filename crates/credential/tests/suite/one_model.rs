//! One model out of every format: what a card says of each published sample, so that nothing of substance is lost.

use std::{fs, path::PathBuf};

use leerpas_core::{CardFacts, Content, Credit, Format, Level, totals};
use leerpas_credential::{facts::facts_of, json, read::read, trust::TrustList};
use serde_json::Value;

fn vectors() -> Option<PathBuf> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = PathBuf::from(std::env::var("LEERPAS_VECTORS").unwrap_or_else(|_| here.to_owned()));
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        println!("skipped: no vectors");
    }
    found
}

/// The facts of every file of a folder, by the start of its name.
fn facts_in(folder: &str) -> Option<Vec<(String, CardFacts)>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(vectors()?.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let facts = files.into_iter().map(|file| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let credential = read(&fs::read(&file).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, credential.facts(&TrustList::empty()))
    });
    Some(facts.collect())
}

fn credit(credit: Option<&Credit>) -> String {
    credit.map_or("-".to_owned(), |credit| format!("{} {}", credit.amount, credit.unit))
}

fn level(level: Option<&Level>) -> String {
    level.map_or("-".to_owned(), |level| format!("{} {}", level.framework, level.level))
}

/// Title, issuer, study load, level, language, programme, result; then how many outcomes, skills, pieces of evidence.
fn line(facts: &CardFacts) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    format!(
        "{} | {} | {} | {} | {} | {} | {} | {} {} {}",
        facts.title,
        facts.issuer.name,
        credit(facts.credit.as_ref()),
        level(facts.level.as_ref()),
        text(&facts.language),
        text(&facts.programme),
        text(&facts.result),
        facts.learning_outcomes.len(),
        facts.skills.len(),
        facts.evidence.len()
    )
}

fn entry(content: &Content) -> String {
    let date = content.date.map_or("-".to_owned(), |date| date.to_string()[..10].to_owned());
    let result = content.result.as_deref().unwrap_or("-");
    format!(
        "{}{} | {} | {} | {result} | {date}",
        "> ".repeat(content.depth as usize),
        content.title,
        credit(content.credit.as_ref()),
        level(content.level.as_ref())
    )
}

/// Compares line by line, so that a failure shows the file.
fn hold(folder: &str, expected: &[(&str, &str)]) {
    let Some(found) = facts_in(folder) else { return };
    let lines: Vec<(String, String)> = found.iter().map(|(name, facts)| (name.clone(), line(facts))).collect();
    assert_eq!(lines.len(), expected.len(), "{folder}: every file has its line: {lines:#?}");
    for ((name, line), (start, expected)) in lines.iter().zip(expected) {
        assert!(name.starts_with(start), "{name} is not {start}");
        assert_eq!(line, expected, "{name}");
    }
}

#[test]
fn dutch_1_8_microcredentials_keep_title_load_level_language_programme_and_result() {
    hold(
        "dutch/dc4eu-microcredential",
        &[
            (
                "mbob_eo",
                "Microcredential Oogcontact maken zonder creepy te kijken | MBO Beek | 240 SBU | EQF 4 | nl-NL | 20121343 | 8.0 | 0 0 0",
            ),
            (
                "mbob_ht",
                "Microcredential Frietje perfectie schillen | MBO Beek | 240 SBU | EQF 4 | nl-NL | 20121346 | 8.0 | 0 0 0",
            ),
            ("mbob_zw_ssb", "Dekbed schudden voor gevorderden | MBO Beek | 240 SBU | EQF 4 | nl-NL | - | 8.0 | 0 0 0"),
            (
                "mbob_zw_td",
                "Basis miauw en blaf interpretatie | MBO Beek | 240 SBU | EQF 4 | nl-NL | 20121341 | 8.0 | 0 0 0",
            ),
            (
                "theed_microcredential_embedded",
                "Minor: Jedi Mind Control and Advanced Meditation Practices | Naboo Theed University | 3.0 ECTS | EQF 4 | en-EN | - | 8.5 | 0 0 0",
            ),
            (
                "theed_microcredential_full_ho",
                "Minor: Jedi Mind Control and Advanced Meditation Practices | Naboo Theed University | 3.0 ECTS | EQF 4 | en-EN | - | 8.5 | 0 0 0",
            ),
            (
                "theed_microcredential_full_mbo",
                "Droid Maintenance and Repair | Naboo Theed University | 500 SBU | EQF 4 | en-EN | - | 8.0 | 0 0 0",
            ),
            (
                "theed_microcredential_minimal",
                "Minor: Jedi Mind Control and Advanced Meditation Practices | Naboo Theed University | 3.0 ECTS | EQF 4 | en-EN | - | 8.5 | 0 0 0",
            ),
            (
                "uvh_at_microcredential_full_1",
                "Microcredential Basisomzetting Kat naar Koffiezetapparaat | Universiteit van Harderwijk | 3.0 ECTS | EQF 4 | nl-NL | 20121350 | 8.5 | 0 0 0",
            ),
            (
                "uvh_at_microcredential_full_2",
                "Microcredential Terugverandering zonder Wroeging | Universiteit van Harderwijk | 3.5 ECTS | EQF 4 | nl-NL | 20121351 | 8.5 | 0 0 0",
            ),
            (
                "uvh_fvhz",
                "Microcredential Argumenteren over Onzinnige Zaken | Universiteit van Harderwijk | 4.5 ECTS | EQF 4 | nl-NL | 20121354 | 8.5 | 0 0 0",
            ),
        ],
    );
}

#[test]
fn dutch_1_8_every_microcredential_says_how_it_was_assessed_and_by_what_scale() {
    for folder in ["dutch/dc4eu-microcredential", "dutch/edubadges-demo"] {
        for (name, facts) in facts_in(folder).into_iter().flatten() {
            assert_eq!(facts.supervision.as_deref(), Some("onsite with identity verification"), "{name}");
            assert!(facts.assessment.is_some() && facts.criteria.is_some() && facts.description.is_some(), "{name}");
            assert_eq!(facts.participation.as_deref(), Some("onsite or blended"), "{name}");
            let grade = &facts.results[0];
            assert_eq!((grade.scale.as_deref(), grade.required.as_deref()), (Some("1–10"), Some("6")), "{name}");
            assert!(grade.name.is_some(), "{name}");
            assert!(facts.particulars.iter().any(|fact| fact.name == "identity_checked"), "{name}");
            if let Some(label) =
                facts.alignments.iter().find(|each| each.kind.as_deref() == Some("ext:QualityAssurance"))
            {
                assert!(label.code.is_some() && label.address.is_some() && label.description.is_some(), "{name}");
                assert!(facts.quality.unwrap().starts_with(&label.name), "{name}");
            }
        }
    }
}

#[test]
fn dutch_8_badges_of_the_edubadges_demonstration() {
    hold(
        "dutch/edubadges-demo",
        &[
            (
                "mbo_eo_eov_extracurricular",
                "Extracurriculair Stage bij het luchtverkopersgilde | MBO Beek | 120 SBU | EQF 3 | nl-NL | 20121344 | 7.5 | 0 0 0",
            ),
            (
                "mbo_eo_eov_regular",
                "Diploma master in subtiele verkoopkunst | MBO Beek | 3000 SBU | EQF 5 | nl-NL | 20121345 | 8.8 | 0 0 0",
            ),
            (
                "theed_extracurricular",
                "Lightsaber Dueling Techniques | Naboo Theed University | 13 hours | EQF 3 | en-US | - | 7.5 | 0 0 0",
            ),
            (
                "theed_microcredential",
                "Droid Maintenance and Repair | Naboo Theed University | 500 SBU | EQF 4 | en-EN | - | 8.0 | 0 0 0",
            ),
            (
                "uvh_fvhz",
                "Microcredential Argumenteren over Onzinnige Zaken | Universiteit van Harderwijk | 4.5 ECTS | EQF 4 | nl-NL | 20121354 | 8.5 | 0 0 0",
            ),
        ],
    );
}

#[test]
fn open_badges_3_samples_of_both_data_models() {
    for folder in ["dutch/dc4eu-openbadge", "open-badges-3"] {
        for (name, facts) in facts_in(folder).into_iter().flatten() {
            assert!(!facts.title.is_empty() && !facts.issuer.name.is_empty() && facts.valid_from.is_some(), "{name}");
            if !name.starts_with("complete") {
                continue;
            }
            let values: Vec<_> = facts.results.iter().map(|grade| grade.value.as_str()).collect();
            assert_eq!(values, ["A", "Mastery", "Completed"], "{name}");
            assert_eq!(facts.results[0].scale.as_deref(), Some("D, C, B, A"), "{name}");
            assert_eq!(facts.results[0].required.as_deref(), Some("C"), "{name}");
            let frameworks = facts.alignments.iter().filter(|each| each.framework.is_some() && each.code.is_some());
            assert_eq!(frameworks.count(), 2, "{name}");
            assert_eq!(facts.evidence.len(), 3, "{name}: two works and what connects them");
            assert!(facts.evidence[1].address.as_deref().unwrap().starts_with("https://github.com/"), "{name}");
            assert_eq!(facts.evidence[1].genre.as_deref(), Some("Research"), "{name}");
            let names: Vec<_> = facts.particulars.iter().map(|fact| fact.name.as_str()).collect();
            let expected = [
                "achievement_type",
                "field_of_study",
                "specialization",
                "activity_start",
                "activity_end",
                "term",
                "role",
                "licence",
                "course_code",
                "awarded_by",
            ];
            assert_eq!(names, expected, "{name}");
        }
    }
}

#[test]
fn open_badges_2_by_address_keep_their_evidence() {
    for (name, facts) in facts_in("open-badges-2").into_iter().flatten() {
        assert_eq!(facts.format, Format::OpenBadge2, "{name}");
        assert!(!facts.title.is_empty() && facts.issued.is_some(), "{name}");
        assert_eq!(facts.evidence.len(), usize::from(!name.ends_with("png")), "{name}");
    }
}

#[test]
fn elm_diplomas_and_transcripts() {
    hold(
        "dutch/dc4eu-diploma",
        &[
            (
                "HE-ToR-5e8ec53c",
                "Lääketieteellinen perusta | Centria-ammattikorkeakoulu | 5 ECTS | EQF 5 | fi | - | 4 | 0 0 0",
            ),
            (
                "HE-ToR-76a57e78",
                "External integration, Axe making, Trade in the west, … | The Blue lärosäte | - | - | - | - | - | 0 0 0",
            ),
            ("HE-ToR-8a03692f", "Testing, Fire Safety | University of Oslo | - | - | - | - | - | 0 0 0"),
            (
                "HE-ToR-d5b6a158",
                "HBO Bachelor Opleiding tot leraar voortgezet onderwijs van de tweede graad in Engels Propedeuse bachelor (Teacher Education in English), HAVO, VO_HAVO | Christelijke Hogeschool Windesheim | - | - | - | - | - | 0 0 0",
            ),
            (
                "HE-ToR-marit",
                "Bachelor Programme in Nursing, Bachelor Programme in Social Work, Bachelor's Programme in Business Administration, … | The Blue lärosäte | - | - | - | - | - | 0 0 0",
            ),
            ("HE-diploma-9ad88a95", "HBO Master Architectuur | ArtEZ | - | EQF 7 | - | 44336 | passed | 0 0 0"),
            (
                "HE-diploma-d1f071a2",
                "HBO Bachelor Opleiding tot leraar voortgezet onderwijs van de tweede graad in Engels Propedeuse bachelor (Teacher Education in English), HAVO, VO_HAVO | Christelijke Hogeschool Windesheim | - | - | - | - | - | 0 0 0",
            ),
            (
                "HE-diploma-fb6b7ba8",
                "Mbo Sport en bewegen (Sport- en bewegingscoördinator/Operationeel sport- en bewegingsmanager) | ROC van Amsterdam | - | EQF 4 | - | 95293 | passed | 0 0 0",
            ),
            ("UPSEC-CERT", "A level | Test-Gymnasium | - | EQF 4 | - | - | passed | 0 0 0"),
        ],
    );
    for (name, facts) in facts_in("dutch/dc4eu-diploma").into_iter().flatten() {
        assert_eq!(facts.format, Format::Elm, "{name}");
        assert!(facts.holder_name.is_some() && facts.issued.is_some() && facts.valid_from.is_some(), "{name}");
    }
}

#[test]
fn elm_contents_keep_load_level_result_and_date_at_every_depth() {
    let Some(found) = facts_in("dutch/dc4eu-diploma") else { return };
    let contents = |start: &str| &found.iter().find(|(name, _)| name.starts_with(start)).unwrap().1.contents;
    let lines = |start: &str| contents(start).iter().map(entry).collect::<Vec<_>>();
    let sums = |start: &str| totals(contents(start)).iter().map(|sum| credit(Some(sum))).collect::<Vec<_>>();
    assert_eq!(
        lines("HE-ToR-76a57e78"),
        [
            "External integration | 30.0 ECTS | - | 5 | 2019-12-11",
            "Axe making | 6.0 ECTS | - | G | 2019-12-12",
            "Trade in the west | 15.0 ECTS | - | 5 | 2019-12-16",
            "External integration, conti | 30.0 ECTS | - | G | 2019-12-11",
        ]
    );
    assert_eq!(sums("HE-ToR-76a57e78"), ["81 ECTS"]);
    assert_eq!(
        lines("HE-ToR-8a03692f"),
        ["Testing | 20 ECTS | EQF 7 | A | 2019-07-15", "Fire Safety | 0 ECTS | EQF 6 | Bestått | 2015-12-15"]
    );
    assert_eq!(
        lines("HE-diploma-fb6b7ba8"),
        ["Engels | - | - | 8 | -", "Nederlandse taal 3F | - | - | 7 | -", "rekenen 3F | - | - | 6 | -",]
    );
    assert_eq!(contents("HE-diploma-d1f071a2").len(), 43);
    assert_eq!(contents("HE-ToR-marit").len(), 12);
    assert_eq!(sums("HE-ToR-marit"), ["157.5 ECTS"]);
    let abitur = lines("UPSEC-CERT");
    assert_eq!(abitur.len(), 32);
    assert_eq!(abitur[3], "> > Erziehungswissenschaft 1. Halbjahr | 14 gradingSchemeSubjectPoints | - | passed | -");
    assert_eq!(sums("UPSEC-CERT"), Vec::<String>::new(), "points of a scheme are no study load");
}

#[test]
fn elm_claims_are_all_there_and_short_enough_to_read() {
    let Some(found) = facts_in("dutch/dc4eu-diploma") else { return };
    for (name, facts) in &found {
        let text = facts.claims.to_string();
        assert!(text.len() < 40_000, "{name}: {}", text.len());
        for noise in ["ConceptScheme", "urn:epass", "prefLabel", "inScheme", "noteFormat"] {
            assert!(!text.contains(noise), "{name}: {noise}");
        }
        for content in &facts.contents {
            let title = Value::from(content.title.as_str()).to_string();
            assert!(text.contains(title.trim_matches('"')), "{name}: {title}");
        }
    }
    // What no card has a place for stays among the claims: here how all of a year did.
    let oslo = &found.iter().find(|(name, _)| name.starts_with("HE-ToR-8a03692f")).unwrap().1;
    assert!(oslo.claims.to_string().contains("resultDistribution"));
}

#[test]
fn dutch_2_4_people_of_the_pilots_are_named_and_their_post_is_no_title() {
    let Some(folder) = vectors() else { return };
    let mut seen = 0;
    for file in fs::read_dir(folder.join("dutch/sandbox-personas")).unwrap() {
        let document = json::parse(&fs::read(file.unwrap().path()).unwrap()).unwrap();
        let mut claims = document["claims"].clone();
        let kind = document["type"].as_str().unwrap();
        claims["vct"] = Value::from(format!("urn:example:{kind}"));
        let facts = facts_of(Format::SdJwtVc, &claims, &TrustList::empty());
        assert_eq!(facts.title, kind, "{kind}");
        if claims.get("given_name").is_some() {
            assert!(facts.holder_name.is_some(), "{kind}");
        }
        if let Some(home) = claims.get("schac_home_organisation") {
            assert_eq!(Value::from(facts.issuer.name), *home, "{kind}");
        }
        seen += 1;
    }
    assert_eq!(seen, 9);
}
