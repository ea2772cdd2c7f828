use leerpas_core::{Credit, Level};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(format: Format, claims: Value) -> CardFacts {
    facts_of(format, &claims, &TrustList::empty())
}

fn badge() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:hogeschool.example", "type": ["Profile"], "name": "Hogeschool Voorbeeld"},
        "validFrom": "2026-02-01T00:00:00Z", "validUntil": "2031-02-01T00:00:00+01:00",
        "credentialSubject": {"id": "did:example:sam", "type": ["AchievementSubject"],
            "achievement": {"id": "urn:uuid:1", "type": ["Achievement", "EducredentialAchievement"],
                "name": "Microcredential Datastructuren", "description": "# Over\n**Lijsten** en bomen",
                "criteria": {"narrative": "Je maakt een _toets_."}, "inLanguage": "nl_NL", "ECTS": serde_json::from_str::<Value>("4.5").unwrap(),
                "educationProgramIdentifier": 20121350, "participationType": "onsite or blended",
                "assessmentType": "testing", "supervisionType": "onsite with identity verification",
                "alignment": [
                    {"type": ["Alignment"], "targetType": "ext:QualityAssurance", "targetName": "Keurmerk", "targetCode": "AV-1", "targetUrl": "https://a.example"},
                    {"type": ["Alignment"], "targetType": "ext:EQF", "targetName": "EQF level 6", "targetCode": "6", "targetUrl": "https://a.example"},
                    {"type": ["Alignment"], "targetType": "CFItem", "targetName": "Programmeren", "targetUrl": "https://a.example"},
                    {"type": ["Alignment"], "targetType": "ext:LearningOutcome", "targetName": "Kiest een structuur", "targetUrl": "https://a.example"}],
                "resultDescription": [{"id": "https://a.example/r1", "type": ["ResultDescription"], "name": "Eindcijfer", "resultType": "RawScore"}]},
            "result": [{"type": ["Result"], "resultDescription": "https://a.example/r1", "value": "8,5"}]},
        "credentialSchema": [{"id": "https://a.example", "type": "x"}], "proof": {"type": "DataIntegrityProof"}
    })
}

#[test]
fn open_badges_3_with_the_dutch_extension() {
    let facts = read(Format::DataIntegrity, badge());
    assert_eq!(facts.title, "Microcredential Datastructuren");
    assert_eq!(facts.description.as_deref(), Some("Over\nLijsten en bomen"));
    assert_eq!(facts.criteria.as_deref(), Some("Je maakt een toets."));
    assert_eq!(facts.issuer.name, "Hogeschool Voorbeeld");
    assert_eq!(facts.issuer.identifier, "did:web:hogeschool.example");
    assert_eq!(facts.issuer.host.as_deref(), Some("hogeschool.example"));
    assert_eq!(facts.issuer.evidence, Evidence::Claimed);
    assert_eq!(facts.holder_id.as_deref(), Some("did:example:sam"));
    assert_eq!(facts.credit, Some(Credit { amount: "4.5".into(), unit: "ECTS".into() }));
    assert_eq!(facts.level, Some(Level { framework: "EQF".into(), level: "6".into() }));
    assert_eq!(facts.language.as_deref(), Some("nl-NL"));
    assert_eq!(facts.learning_outcomes, ["Kiest een structuur"]);
    assert_eq!(facts.assessment.as_deref(), Some("testing"));
    assert_eq!(facts.supervision.as_deref(), Some("onsite with identity verification"));
    assert_eq!(facts.participation.as_deref(), Some("onsite or blended"));
    assert_eq!(facts.quality.as_deref(), Some("Keurmerk (AV-1)"));
    assert_eq!(facts.programme.as_deref(), Some("20121350"));
    assert_eq!(facts.result.as_deref(), Some("8,5"));
    assert_eq!(facts.skills, ["Programmeren"]);
    assert_eq!(facts.issued, facts.valid_from);
    assert_eq!(facts.valid_from.unwrap().to_string(), "2026-02-01T00:00:00Z");
    assert_eq!(facts.expires.unwrap().to_string(), "2031-01-31T23:00:00Z");
    assert_eq!(
        facts.types,
        [
            "https://www.w3.org/2018/credentials#VerifiableCredential",
            "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
        ]
    );
}

#[test]
fn claims_are_kept_in_order_without_what_only_machines_need() {
    let facts = read(Format::DataIntegrity, badge());
    let names: Vec<_> = facts.claims.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["issuer", "validFrom", "validUntil", "credentialSubject"]);
    let achievement = &facts.claims["credentialSubject"]["achievement"];
    assert_eq!(achievement["ECTS"].to_string(), "4.5");
    assert!(achievement.get("type").is_none());
}

#[test]
fn sd_jwt_vc_with_nested_claims() {
    let mut claims = badge();
    let achievement = claims["credentialSubject"]["achievement"].as_object_mut().unwrap();
    achievement.remove("alignment");
    achievement.insert("eqfLevel".into(), json!(6));
    achievement.insert("learningOutcome".into(), json!(["Kiest", "Bewijst"]));
    claims["vct"] = json!("https://localhost:8443/vct/microcredential");
    claims["iss"] = json!("https://localhost:8443");
    claims["given_name"] = json!("Sam");
    claims["family_name"] = json!("Jansen");
    claims["iat"] = json!(1_769_904_000);
    let facts = read(Format::SdJwtVc, claims);
    assert_eq!(facts.types, ["https://localhost:8443/vct/microcredential"]);
    assert_eq!(facts.holder_name.as_deref(), Some("Sam Jansen"));
    assert_eq!(facts.level, Some(Level { framework: "EQF".into(), level: "6".into() }));
    assert_eq!(facts.learning_outcomes, ["Kiest", "Bewijst"]);
    assert_eq!(facts.issuer.identifier, "https://localhost:8443");
    assert_eq!(facts.issuer.name, "Hogeschool Voorbeeld");
    assert_eq!(facts.issued.unwrap().to_string(), "2026-02-01T00:00:00Z");
    assert!(facts.claims.get("vct").is_none() && facts.claims.get("given_name").is_some());
}

#[test]
fn sd_jwt_vc_with_flat_european_names() {
    let facts = read(
        Format::SdJwtVc,
        json!({
            "vct": "urn:eudi:micro_credential:1", "iss": "https://school.example", "title": "Zorg en techniek",
            "awarding_body": "ROC Voorbeeld", "learning_outcomes": "- Eén\n- Twee", "ects_credits": "4,5",
            "eqf_level": "http://data.europa.eu/snb/eqf/4", "type_of_assessment": "portfolio",
            "form_of_participation": "online", "quality_assurance": {"name": "Keurmerk"}, "grade_achieved": "goed",
            "language": "nl", "education_programme_identifier": ["00123", 56823], "date_of_issuing": "2026-02-01",
            "name": "Sam Jansen", "given_name": "Sam", "family_name": "Jansen"
        }),
    );
    assert_eq!(facts.title, "Zorg en techniek");
    assert_eq!(facts.issuer.name, "ROC Voorbeeld");
    assert_eq!(facts.learning_outcomes, ["Eén", "Twee"]);
    assert_eq!(facts.credit, Some(Credit { amount: "4.5".into(), unit: "ECTS".into() }));
    assert_eq!(facts.level, Some(Level { framework: "EQF".into(), level: "4".into() }));
    assert_eq!(facts.quality.as_deref(), Some("Keurmerk"));
    assert_eq!(facts.result.as_deref(), Some("goed"));
    assert_eq!(facts.programme.as_deref(), Some("00123, 56823"));
    assert_eq!(facts.issued.unwrap().to_string(), "2026-02-01T00:00:00Z");
}

#[test]
fn an_eduid_is_titled_by_its_type_and_not_by_the_person() {
    for organisation in ["schac_home_organisation", "schac_home_organization"] {
        let facts = read(
            Format::SdJwtVc,
            json!({"vct": "urn:example:edu_id:1", "name": "Sam Jansen", "given_name": "Sam", "family_name": "Jansen", organisation: "uvh.example"}),
        );
        assert_eq!(facts.title, "edu id");
        assert_eq!(facts.holder_name.as_deref(), Some("Sam Jansen"));
        assert_eq!(facts.issuer.name, "uvh.example");
    }
}

#[test]
fn dutch_9_1_9_spellings_are_tolerated() {
    let level =
        |claims: Value| read(Format::SdJwtVc, claims).level.map(|level| format!("{} {}", level.framework, level.level));
    assert_eq!(level(json!({"nlqf_level": "4+"})).as_deref(), Some("NLQF 4+"));
    assert_eq!(level(json!({"EQF": 6})).as_deref(), Some("EQF 6"));
    assert_eq!(level(json!({"level": "NLQF 5"})).as_deref(), Some("NLQF 5"));
    assert_eq!(level(json!({"level": "advanced"})), None);
    assert_eq!(level(json!({"eqf_level": 12})), None);
    for name in ["educationProgramIdentifier", "education_programme_identifier", "EducationProgrammeIdentifier"] {
        assert_eq!(read(Format::SdJwtVc, json!({name: "00042"})).programme.as_deref(), Some("00042"));
    }
    let credit =
        |claims: Value| read(Format::SdJwtVc, claims).credit.map(|credit| format!("{} {}", credit.amount, credit.unit));
    for (claims, expected) in [
        (json!({"ects": 3}), Some("3 ECTS")),
        (json!({"ECTS": serde_json::from_str::<Value>("3.0").unwrap()}), Some("3.0 ECTS")),
        (json!({"SBU": 240}), Some("240 SBU")),
        (json!({"time_investment": 13}), Some("13 hours")),
        (json!({"credits": "5 EC"}), Some("5 ECTS")),
        (json!({"creditsAvailable": 36}), Some("36 credits")),
        (json!({"ects": "veel"}), None),
        (json!({"ects": -1}), None),
        (json!({"ects": serde_json::from_str::<Value>("1e3").unwrap()}), None),
    ] {
        assert_eq!(credit(claims).as_deref(), expected);
    }
}

#[test]
fn open_badges_2_of_edubadges() {
    let facts = read(
        Format::OpenBadge2,
        json!({
            "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://school.example/a/1",
            "issuedOn": "2026-02-01T10:00:00+01:00", "expires": "2031-02-01T10:00:00+01:00", "grade_achieved": "8",
            "recipient": {"type": "id", "hashed": true, "identity": "sha256$00"}, "verification": {"type": "hosted"},
            "badge": {"type": "BadgeClass", "name": "Mentor", "description": "Begeleidt", "criteria": {"narrative": "Doe het"},
                "issuer": {"id": "https://school.example/i/1", "name": "ROC Voorbeeld"},
                "participation": "blended", "assessmentType": "written_exam", "assessmentSupervised": true, "assessmentIdVerified": false,
                "extensions:ECTSExtension": {"type": ["Extension", "extensions:ECTSExtension"], "ECTS": serde_json::from_str::<Value>("2.5").unwrap()},
                "extensions:EQFExtension": {"EQF": 6}, "extensions:LearningOutcomeExtension": {"LearningOutcome": "Kan begeleiden"},
                "extensions:LanguageExtension": {"Language": "nl_NL"},
                "extensions:EducationProgramIdentifierExtension": {"EducationProgramIdentifier": [56823]},
                "alignment": [{"targetName": "Begeleiden", "targetUrl": "https://a.example"}]}
        }),
    );
    assert_eq!(facts.title, "Mentor");
    assert_eq!(facts.issuer.name, "ROC Voorbeeld");
    assert_eq!(facts.credit, Some(Credit { amount: "2.5".into(), unit: "ECTS".into() }));
    assert_eq!(facts.level, Some(Level { framework: "EQF".into(), level: "6".into() }));
    assert_eq!(facts.language.as_deref(), Some("nl-NL"));
    assert_eq!(facts.learning_outcomes, ["Kan begeleiden"]);
    assert_eq!(facts.programme.as_deref(), Some("56823"));
    assert_eq!(facts.supervision.as_deref(), Some("supervised with no identity verification"));
    assert_eq!(facts.result.as_deref(), Some("8"));
    assert_eq!(facts.skills, ["Begeleiden"]);
    assert_eq!(facts.issued.unwrap().to_string(), "2026-02-01T09:00:00Z");
    assert_eq!(facts.expires.unwrap().to_string(), "2031-02-01T09:00:00Z");
}

#[test]
fn edubadges_study_load_quality_and_several_programmes_are_read() {
    let badge = |extensions: Value| {
        let mut badge = json!({"type": "BadgeClass", "name": "Mbo-certificaat", "qualityAssuranceName": "Kwaliteitskader",
            "issuer": {"id": "https://school.example/i/1", "name": "ROC Voorbeeld"}});
        for (name, value) in extensions.as_object().unwrap() {
            let extension = format!("extensions:{name}Extension");
            badge[&extension] = json!({"@context": "https://school.example/context.json",
                "type": ["Extension", extension], name: value});
        }
        read(Format::OpenBadge2, json!({"type": "Assertion", "id": "https://school.example/a/1", "badge": badge}))
    };
    let facts = badge(json!({"StudyLoad": 240, "EducationProgramIdentifier": [56823, "01234"], "EQF": "4"}));
    assert_eq!(facts.credit, Some(Credit { amount: "240".into(), unit: "SBU".into() }));
    assert_eq!(facts.programme.as_deref(), Some("56823, 01234"), "a leading zero belongs to the number");
    assert_eq!(facts.level, Some(Level { framework: "EQF".into(), level: "4".into() }));
    assert_eq!(facts.quality.as_deref(), Some("Kwaliteitskader"));
    let facts = badge(
        json!({"TimeInvestment": 12, "EducationProgramIdentifier": 56823, "LearningOutcome": "Kan <b>meten</b>"}),
    );
    assert_eq!(facts.credit, Some(Credit { amount: "12".into(), unit: "hours".into() }));
    assert_eq!(facts.programme.as_deref(), Some("56823"));
    assert_eq!(facts.learning_outcomes, ["Kan meten"]);
    let strange = badge(json!({"EQF": 9, "ECTS": "veel", "Language": "<script>", "StudyLoad": {"a": 1}}));
    assert_eq!((strange.level, strange.credit, strange.language), (None, None, None));
}

#[test]
fn open_badges_2_by_address_only_is_still_a_card() {
    let facts = read(Format::OpenBadge2, json!({"type": "Assertion", "badge": "https://school.example/b/1"}));
    assert_eq!(facts.title, "https://school.example/b/1");
    // The stub of a revoked badge.
    let facts = read(Format::OpenBadge2, json!({"id": "https://school.example/a/1", "revoked": true}));
    assert_eq!(facts.title, "https://school.example/a/1");
}

#[test]
fn the_picture_inside_is_shown_and_its_bytes_are_no_claim() {
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(4, 4).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, png.into_inner());
    let mut claims = badge();
    claims["credentialSubject"]["achievement"]["image"] =
        json!({"id": format!("data:image/png;base64,{encoded}"), "type": "Image", "caption": "Een ster"});
    let facts = read(Format::DataIntegrity, claims);
    assert_eq!(facts.picture.unwrap().alt.as_deref(), Some("Een ster"));
    assert!(facts.claims["credentialSubject"]["achievement"].get("image").is_none());
    let mut claims = badge();
    claims["image"] = json!({"id": "https://a.example/badge.png", "type": "Image"});
    assert_eq!(read(Format::DataIntegrity, claims).picture, None);
}

#[test]
fn a_credential_may_have_several_loads_levels_and_languages() {
    let facts = read(
        Format::SdJwtVc,
        json!({
            "title": "Zorg", "ects": 5, "SBU": 140, "time_investment": 140, "eqf_level": 4, "nlqf_level": "4+",
            "language": ["nl", "en-GB", "nl"], "type_of_assessment": "portfolio",
            "prerequisites_needed_to_enrol": "Mbo 3", "integration_stackability_options": "Telt mee voor de opleiding"
        }),
    );
    let credits: Vec<_> = facts.credits.iter().map(|credit| format!("{} {}", credit.amount, credit.unit)).collect();
    assert_eq!(credits, ["5 ECTS", "140 SBU", "140 hours"]);
    assert_eq!(facts.credit.as_ref(), facts.credits.first());
    let levels: Vec<_> = facts.levels.iter().map(|level| format!("{} {}", level.framework, level.level)).collect();
    assert_eq!(levels, ["EQF 4", "NLQF 4+"]);
    assert_eq!((facts.languages, facts.language.as_deref()), (vec!["nl".to_owned(), "en-GB".to_owned()], Some("nl")));
    let named: Vec<_> = facts.particulars.iter().map(|fact| fact.name.as_str()).collect();
    assert_eq!(named, ["entry_requirements", "stackability"]);
}

#[test]
fn the_lists_hold_what_the_single_facts_say() {
    let facts = read(
        Format::OpenBadge2,
        json!({"type": "Assertion", "narrative": "Zo ging het", "grade_achieved": "8",
        "evidence": [{"id": "https://a.example/w", "name": "Werkstuk", "genre": "Film"}],
        "badge": {"name": "B", "extensions:ECTSExtension": {"ECTS": 3}, "extensions:EQFExtension": {"EQF": 4},
            "alignment": [{"targetName": "Zorgen", "targetFramework": "CompetentNL", "targetCode": "1.2"}]}}),
    );
    assert_eq!((facts.credits.len(), facts.levels.len(), facts.results[0].value.as_str()), (1, 1, "8"));
    assert_eq!(facts.alignments[0].framework.as_deref(), Some("CompetentNL"));
    let works: Vec<_> = facts.evidence.iter().map(|work| (work.name.as_deref(), work.narrative.as_deref())).collect();
    assert_eq!(works, [(Some("Werkstuk"), None), (None, Some("Zo ging het"))]);
}

#[test]
fn a_comprehensive_learner_record_is_titled_by_itself_and_lists_its_parts() {
    let inner = |name: &str, ects: u32, issuer: &str| {
        json!({"type": ["VerifiableCredential", "OpenBadgeCredential"], "issuer": {"id": "did:web:a.example", "name": issuer},
            "awardedDate": "2025-07-01T00:00:00Z",
            "credentialSubject": {"result": [{"value": "8"}],
                "achievement": {"id": format!("urn:x:{name}"), "name": name, "achievementType": "Course", "ECTS": ects}}})
    };
    let payload = crate::jose::encode_base64url(inner("Getekend", 2, "Elders").to_string().as_bytes());
    let facts = read(
        Format::DataIntegrity,
        json!({
            "type": ["VerifiableCredential", "ClrCredential"], "name": "Dossier van Sam",
            "issuer": {"id": "did:web:a.example", "name": "ROC Voorbeeld"},
            "credentialSubject": {
                "verifiableCredential": [
                    inner("Meten", 5, "ROC Voorbeeld"),
                    {"type": "EnvelopedVerifiableCredential", "id": format!("data:application/vc+jwt,e30.{payload}.x")},
                    {"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,stuk"}
                ],
                "achievement": [{"id": "urn:x:Meten", "name": "Meten"}, {"id": "urn:x:los", "name": "Los vak", "SBU": 80}]
            }
        }),
    );
    assert_eq!((facts.title.as_str(), facts.credit), ("Dossier van Sam", None));
    let parts: Vec<_> = facts.contents.iter().map(|part| (part.title.as_str(), part.issuer.as_deref())).collect();
    assert_eq!(parts, [("Meten", None), ("Getekend", Some("Elders")), ("Los vak", None)]);
    assert_eq!((facts.contents[0].result.as_deref(), facts.contents[0].kind.as_deref()), (Some("8"), Some("Course")));
    let sums: Vec<_> =
        leerpas_core::totals(&facts.contents).into_iter().map(|sum| sum.amount + " " + &sum.unit).collect();
    assert_eq!(sums, ["7 ECTS", "80 SBU"]);
}

/// A microcredential in the European Learning Model, with all that a card has a place for.
fn elm() -> Value {
    let text = r#"{
        "@context": ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"],
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"], "id": "urn:credential:1",
        "issuer": {"id": "https://hogeschool.example", "type": "Organisation", "legalName": {"en": "School", "nl": "Hogeschool"}},
        "validFrom": "2026-02-01T00:00:00", "issued": "2026-02-01T00:00:00", "validUntil": "2031-02-01T00:00:00",
        "displayParameter": {"title": {"nl": "Bewijs"}},
        "credentialSubject": {"id": "urn:p:1", "type": "Person", "givenName": {"und": "Sam"}, "familyName": {"und": "de Vries"},
            "hasClaim": [{"type": "LearningAchievement", "title": {"nl": "Meten in de zorg"}, "description": {"nl": ["Je leert meten."]},
                "identifier": [{"schemeName": "CREBO", "notation": "01234"}],
                "awardedBy": {"awardingBody": {"legalName": {"nl": "Faculteit Zorg"}}, "awardingDate": "2026-01-15T00:00:00"},
                "provenBy": [{"title": {"nl": "Toets"}, "grade": {"type": "Note", "noteLiteral": {"nl": "8,5"}},
                    "dcType": {"type": "Concept", "prefLabel": {"nl": "schriftelijk"}},
                    "idVerification": {"id": "http://data.europa.eu/snb/supervision-verification/x", "type": "Concept", "prefLabel": {"nl": "ter plaatse"}}}],
                "specifiedBy": {"type": "Qualification", "eqfLevel": {"id": "http://data.europa.eu/snb/eqf/5"},
                    "nqfLevel": [{"id": "https://nlqf.example/nlqf/4+"}],
                    "creditPoint": [{"framework": {"id": "http://data.europa.eu/snb/education-credit/6fcec5c5af"}, "point": "4.5"}],
                    "volumeOfLearning": "P3M", "mode": [{"type": "Concept", "prefLabel": {"nl": "blended"}}],
                    "language": [{"id": "http://publications.europa.eu/resource/authority/language/NLD"}],
                    "accreditation": {"title": {"nl": "NVAO"}},
                    "thematicArea": {"type": "Concept", "notation": "0913", "prefLabel": {"nl": "Verpleging"}},
                    "entryRequirement": {"type": "Note", "noteLiteral": {"nl": "Mbo 4"}},
                    "learningOutcome": [{"title": {"nl": "Kan meten"},
                        "relatedESCOSkill": [{"id": "http://data.europa.eu/esco/skill/1", "type": "Concept", "prefLabel": {"nl": "bloeddruk meten"}}]}]}}]}
    }"#;
    serde_json::from_str(text).unwrap()
}

#[test]
fn elm_fills_every_place_of_the_card() {
    let facts = read(Format::Elm, elm());
    assert_eq!((facts.title.as_str(), facts.description.as_deref()), ("Meten in de zorg", Some("Je leert meten.")));
    assert_eq!(
        (facts.issuer.name.as_str(), facts.issuer.identifier.as_str()),
        ("Hogeschool", "https://hogeschool.example")
    );
    assert_eq!(facts.holder_name.as_deref(), Some("Sam de Vries"));
    assert_eq!(facts.credit, Some(Credit { amount: "4.5".into(), unit: "ECTS".into() }));
    let levels: Vec<_> = facts.levels.iter().map(|level| format!("{} {}", level.framework, level.level)).collect();
    assert_eq!(levels, ["EQF 5", "NLQF 4+"]);
    assert_eq!((facts.languages, facts.learning_outcomes), (vec!["nld".to_owned()], vec!["Kan meten".to_owned()]));
    assert_eq!(
        (facts.assessment.as_deref(), facts.supervision.as_deref()),
        (Some("schriftelijk"), Some("ter plaatse"))
    );
    assert_eq!((facts.participation.as_deref(), facts.quality.as_deref()), (Some("blended"), Some("NVAO")));
    assert_eq!((facts.programme.as_deref(), facts.result.as_deref()), (Some("01234"), Some("8,5")));
    assert_eq!((facts.results[0].name.as_deref(), facts.skills), (Some("Toets"), vec!["bloeddruk meten".to_owned()]));
    assert_eq!(facts.alignments[0].framework.as_deref(), Some("ESCO"));
    let named: Vec<_> = facts.particulars.iter().map(|fact| format!("{} {}", fact.name, fact.value)).collect();
    assert_eq!(
        named,
        [
            "awarded_on 2026-01-15T00:00:00Z",
            "duration P3M",
            "field_of_study Verpleging",
            "awarded_by Faculteit Zorg",
            "entry_requirements Mbo 4"
        ]
    );
    assert_eq!(facts.expires.unwrap().to_string(), "2031-02-01T00:00:00Z");
    assert_eq!(facts.claims["credentialSubject"]["hasClaim"][0]["specifiedBy"]["mode"], json!(["blended"]));
}

#[test]
fn dutch_5_4_elm_inside_an_sd_jwt_vc_is_read_alike() {
    let mut diploma = elm();
    diploma["vct"] = json!("urn:eudi:diploma:1");
    for claims in
        [diploma.clone(), json!({"vct": "urn:eudi:elm:1", "iss": "https://hogeschool.example", "elm": diploma})]
    {
        let facts = read(Format::SdJwtVc, claims);
        assert_eq!((facts.title.as_str(), facts.issuer.name.as_str()), ("Meten in de zorg", "Hogeschool"));
        assert_eq!((facts.holder_name.as_deref(), facts.levels.len()), (Some("Sam de Vries"), 2));
        assert!(facts.types[0].starts_with("urn:eudi:"));
    }
}

#[test]
fn security_elm_parts_within_parts_end() {
    let mut part = json!({"title": {"nl": "diep"}});
    for _ in 0..50 {
        part = json!({"title": {"nl": "laag"}, "hasPart": [part]});
    }
    let many: Vec<Value> = (0..2_000).map(|_| part.clone()).collect();
    let facts = read(Format::Elm, json!({"credentialSubject": {"hasClaim": many}}));
    assert_eq!(facts.contents.len(), 300);
    assert_eq!(facts.contents.iter().map(|content| content.depth).max(), Some(6));
}

/// Any JSON, with the names that matter among its own.
fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("2026-02-30T00:00:00Z")),
    ];
    let names = prop::sample::select(vec![
        "credentialSubject",
        "achievement",
        "alignment",
        "targetType",
        "targetCode",
        "result",
        "value",
        "issuer",
        "badge",
        "image",
        "id",
        "type",
        "name",
        "criteria",
        "narrative",
        "ECTS",
        "eqfLevel",
        "validFrom",
        "exp",
        "cnf",
        "jwk",
        "learningOutcome",
        "extensions:ECTSExtension",
        "resultDescription",
        "identifier",
        "inLanguage",
        "verifiableCredential",
        "hasClaim",
        "hasPart",
        "awardedBy",
        "awardingBody",
        "specifiedBy",
        "provenBy",
        "title",
        "prefLabel",
        "nl",
        "und",
        "creditPoint",
        "point",
        "evidence",
        "@value",
        "@context",
    ]);
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|members| Value::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn no_claims_make_it_panic(claims in hostile()) {
        for format in [Format::SdJwtVc, Format::OpenBadge2, Format::JwtVc, Format::Elm] {
            let facts = facts_of(format, &claims, &TrustList::empty());
            prop_assert!(facts.title.chars().count() <= 201);
        }
    }
}
