//! Our own tables of terms, compared with the published JSON-LD contexts: every sample must come out as the same
//! quads. The published files are test data and are read where they lie.

use std::{fs, path::PathBuf};

use leerpas_credential::jsonld::{Contexts, HashAlgorithm, JsonLdError, canonicalise, canonicalise_with, type_iris};
use serde_json::{Value, json};

const OB: &str = "https://purl.imsglobal.org/spec/ob/v3p0";
const CLR: &str = "https://purl.imsglobal.org/spec/clr/v2p0";
const DUTCH: &str =
    "https://raw.githubusercontent.com/educredentials/obv3-examples/refs/heads/main/contexts/educredential.json";

fn vectors() -> Option<PathBuf> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = PathBuf::from(std::env::var("LEERPAS_VECTORS").unwrap_or_else(|_| here.to_owned()));
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        println!("skipped: no vectors");
    }
    found
}

fn read(path: PathBuf) -> Value {
    serde_json::from_slice(&fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

/// The contexts as published, over ours.
fn published(vectors: &std::path::Path) -> Contexts {
    let mut contexts = Contexts::known().clone();
    for (url, file) in [
        ("context.json", "ob-v3p0.json"),
        ("context-3.0.1.json", "ob-v3p0-3.0.1.json"),
        ("context-3.0.2.json", "ob-v3p0-3.0.2.json"),
        ("context-3.0.3.json", "ob-v3p0-3.0.3.json"),
        ("extensions.json", "ob-v3p0-extensions.json"),
    ] {
        contexts = contexts.with(&format!("{OB}/{url}"), &read(vectors.join("contexts").join(file))).unwrap();
    }
    for (url, file) in [("context.json", "clr-v2p0.json"), ("context-2.0.1.json", "clr-v2p0-2.0.1.json")] {
        contexts = contexts.with(&format!("{CLR}/{url}"), &read(vectors.join("contexts").join(file))).unwrap();
    }
    contexts
}

fn samples(vectors: &std::path::Path) -> Vec<(String, Value)> {
    let folders = ["open-badges-3", "dutch/edubadges-demo", "dutch/dc4eu-microcredential", "dutch/dc4eu-openbadge"];
    let mut samples = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(vectors.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "json") {
                samples.push((path.display().to_string(), read(path)));
            }
        }
    }
    assert!(samples.len() > 25);
    samples
}

/// The Dutch samples name a schema validator of 1EdTech and leave out the context that defines it, so that as they
/// stand nobody could sign them; with that context they are complete.
fn completed(sample: &Value) -> Value {
    let extensions = json!(format!("{OB}/extensions.json"));
    let mut completed = sample.clone();
    let contexts = completed["@context"].as_array_mut().unwrap();
    if !contexts.contains(&extensions) {
        contexts.push(extensions);
    }
    completed
}

#[test]
fn every_sample_gives_the_same_quads_as_with_the_published_contexts() {
    let Some(vectors) = vectors() else { return };
    let published = published(&vectors);
    let mut compared = 0;
    for (name, sample) in samples(&vectors) {
        let ours = canonicalise(&sample);
        let theirs = canonicalise_with(&sample, &published, HashAlgorithm::Sha256);
        assert_eq!(ours, theirs, "{name}");
        let ours = canonicalise(&completed(&sample)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let theirs = canonicalise_with(&completed(&sample), &published, HashAlgorithm::Sha256);
        assert_eq!(Ok(ours), theirs, "{name}");
        compared += 1;
    }
    assert!(compared > 25, "only {compared} samples");
}

#[test]
fn every_sample_under_every_edition_gives_the_same_quads_or_the_same_refusal() {
    let Some(vectors) = vectors() else { return };
    let published = published(&vectors);
    for (name, sample) in samples(&vectors) {
        for edition in ["context.json", "context-3.0.1.json", "context-3.0.2.json", "context-3.0.3.json"] {
            let mut sample = completed(&sample);
            sample["@context"][1] = json!(format!("{OB}/{edition}"));
            let ours = canonicalise(&sample);
            let theirs = canonicalise_with(&sample, &published, HashAlgorithm::Sha256);
            assert_eq!(ours, theirs, "{name} under {edition}");
        }
    }
}

/// Every term of every scope of a context, used once with a text, numbers, a boolean and a node.
fn every_term(context: &Value, base: &str, url: &str) -> Vec<Value> {
    let scopes = context["@context"].as_object().unwrap();
    let everywhere = scopes.iter().filter(|(name, _)| name.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut uses: Vec<(&str, &str)> = everywhere.map(|(term, _)| ("Profile", term.as_str())).collect();
    for (kind, definition) in scopes {
        let inner = definition.get("@context").and_then(Value::as_object).into_iter().flatten();
        uses.extend(inner.map(|(term, _)| (kind.as_str(), term.as_str())));
        if kind.starts_with(|c: char| c.is_ascii_uppercase()) {
            uses.push((kind, "name"));
        }
    }
    uses.retain(|(_, term)| !["id", "type", "xsd", "@protected"].contains(term));
    let id = "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11";
    let values =
        json!(["https://school.example/x", 4, 4.5, true, {"id": "urn:uuid:7e2fd2a1-7f6a-4d4f-8d8a-0d5f3f6b9c01"}]);
    uses.into_iter()
        .map(|(kind, term)| json!({"@context": [base, url], "id": id, "type": [kind], term: values}))
        .collect()
}

#[test]
fn every_term_of_every_edition_means_what_the_published_context_says() {
    let Some(vectors) = vectors() else { return };
    let published = published(&vectors);
    for (folder, edition, file, base) in [
        (OB, "context.json", "ob-v3p0.json", "https://www.w3.org/2018/credentials/v1"),
        (OB, "context-3.0.1.json", "ob-v3p0-3.0.1.json", "https://www.w3.org/2018/credentials/v1"),
        (OB, "context-3.0.2.json", "ob-v3p0-3.0.2.json", "https://www.w3.org/ns/credentials/v2"),
        (OB, "context-3.0.3.json", "ob-v3p0-3.0.3.json", "https://www.w3.org/ns/credentials/v2"),
        (CLR, "context.json", "clr-v2p0.json", "https://www.w3.org/2018/credentials/v1"),
        (CLR, "context.json", "clr-v2p0.json", "https://www.w3.org/ns/credentials/v2"),
        (CLR, "context-2.0.1.json", "clr-v2p0-2.0.1.json", "https://www.w3.org/ns/credentials/v2"),
    ] {
        let url = format!("{folder}/{edition}");
        for document in every_term(&read(vectors.join("contexts").join(file)), base, &url) {
            let ours = canonicalise(&document);
            assert_eq!(ours, canonicalise_with(&document, &published, HashAlgorithm::Sha256), "{document}");
        }
    }
}

#[test]
fn w3c_contexts_in_the_program_are_the_published_ones() {
    let Some(vectors) = vectors() else { return };
    let mut published = Contexts::known().clone();
    for (url, file) in [
        ("https://www.w3.org/2018/credentials/v1", "2018-credentials-v1.jsonld"),
        ("https://www.w3.org/ns/credentials/v2", "credentials-v2.jsonld"),
        ("https://w3id.org/security/suites/ed25519-2020/v1", "security-suites-ed25519-2020-v1.jsonld"),
    ] {
        assert!(published.knows(url));
        published = published.with(url, &read(vectors.join("contexts").join(file))).unwrap();
    }
    for (name, sample) in samples(&vectors) {
        let theirs = canonicalise_with(&sample, &published, HashAlgorithm::Sha256);
        assert_eq!(canonicalise(&sample), theirs, "{name}");
    }
}

fn dutch() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", format!("{OB}/context-3.0.3.json"), DUTCH],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": {
            "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11",
            "type": ["Achievement", "EducredentialAchievement"], "name": "Datastructuren",
            "ECTS": 4.5, "identityChecked": true, "educationProgramIdentifier": 20121350,
            "participationType": "onsite or blended", "assessmentType": "application of a skill",
            "supervisionType": "onsite with identity verification"
        }}
    })
}

#[test]
fn the_dutch_terms_have_the_published_iris_faults_included() {
    let n_quads = canonicalise(&dutch()).unwrap();
    let glossary = "https://edubadges.nl/static/obv3-glossary.html";
    for line in [
        format!("<{glossary}#ects> \"4.5E0\"^^<xsd:integer> ."),
        format!("<{glossary}#identityChecked> \"true\"^^<xsd:boolean> ."),
        format!("<{glossary}#educationProgramIdentifier> \"20121350\"^^<xsd:number> ."),
        format!("<{glossary}#participationType> <{glossary}#participation-type-onsite-or-blended> ."),
        format!(
            "<{glossary}#assessmentType> <https://eduabages.nl/static/obv3-glossary.html#assessment-type-application-of-a-skill> ."
        ),
        format!("<{glossary}#supervisionType> <{glossary}#supervision-type-onsite-with-identity-verification> ."),
    ] {
        assert!(n_quads.contains(&line), "{line}\n{n_quads}");
    }
    let mut other = dutch();
    other["credentialSubject"]["achievement"]["assessmentType"] = json!("tasting");
    assert!(matches!(canonicalise(&other), Err(JsonLdError::RelativeIri { .. })), "{:?}", canonicalise(&other));
}

#[test]
fn type_iris_are_the_expanded_types() {
    assert_eq!(
        type_iris(&dutch()).unwrap(),
        [
            "https://www.w3.org/2018/credentials#VerifiableCredential",
            "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"
        ]
    );
}

fn small() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", format!("{OB}/context-3.0.3.json")],
        "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11", "type": ["VerifiableCredential"],
        "name": "Voorbeeld", "credentialSubject": {"type": ["AchievementSubject"], "creditsEarned": 1}
    })
}

#[test]
fn security_b01_what_no_context_defines_is_refused_by_name() {
    assert!(canonicalise(&small()).is_ok());
    let mut with = small();
    with["credentialSubject"]["gpa"] = json!(9);
    assert_eq!(canonicalise(&with), Err(JsonLdError::UndefinedTerm { term: "gpa".into() }));
    let mut with = small();
    with["type"] = json!(["VerifiableCredential", "Diploma"]);
    assert_eq!(canonicalise(&with), Err(JsonLdError::RelativeIri { iri: "Diploma".into() }));
    for keyword in ["@graph", "@included", "@reverse", "@nest", "@index", "@vocab", "@base", "@foo", "@json"] {
        let mut with = small();
        with[keyword] = json!([]);
        assert_eq!(canonicalise(&with), Err(JsonLdError::Keyword { keyword: keyword.into() }), "{keyword}");
    }
}

#[test]
fn security_b02_a_relative_identifier_is_refused() {
    for id in ["badge-1", "/badge-1", "#x", "", "http//x", "urn :x", "did:", ":x"] {
        let mut with = small();
        with["id"] = json!(id);
        let result = canonicalise(&with);
        if id == "did:" {
            continue; // an IRI with an empty path, as RFC 3986 has it
        }
        assert!(result.is_err(), "{id}: {result:?}");
    }
    let mut with = small();
    with["credentialSubject"]["source"] = json!("a school");
    assert_eq!(canonicalise(&with), Err(JsonLdError::RelativeIri { iri: "a school".into() }));
}

#[test]
fn security_b03_an_unknown_context_is_refused_by_its_address() {
    let v2 = "https://www.w3.org/ns/credentials/v2";
    for url in [
        "https://school.example/context.json",
        "https://www.w3.org/ns/credentials/v2#",
        "https://www.w3.org/ns/credentials/v2?x",
        "http://www.w3.org/ns/credentials/v2",
        "https://schema.org/",
        "v2",
    ] {
        let mut with = small();
        with["@context"] = json!([v2, url]);
        assert_eq!(canonicalise(&with), Err(JsonLdError::UnknownContext { url: url.into() }));
        let mut with = small();
        with["credentialSubject"]["@context"] = json!(url);
        assert_eq!(canonicalise(&with), Err(JsonLdError::UnknownContext { url: url.into() }));
    }
}

#[test]
fn security_b04_a_written_out_context_is_refused() {
    let v2 = "https://www.w3.org/ns/credentials/v2";
    for inline in [
        json!({"@vocab": "https://school.example/"}),
        json!({"name": "https://schema.org/x"}),
        json!(null),
        json!([v2]),
        json!(1),
    ] {
        let mut with = small();
        with["@context"] = json!([v2, inline]);
        assert_eq!(canonicalise(&with), Err(JsonLdError::InlineContext));
    }
}

#[test]
fn security_b17_depth_and_size_are_bounded() {
    let mut deep = json!({"id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11"});
    for _ in 0..70 {
        deep = json!({"endorsement": deep});
    }
    let mut with = small();
    with["endorsement"] = deep;
    assert_eq!(canonicalise(&with), Err(JsonLdError::TooLarge));
    let mut with = small();
    with["endorsement"] = json!(vec![json!({"name": "x"}); 10_000]);
    assert_eq!(canonicalise(&with), Err(JsonLdError::TooLarge));
    // As deep as the cap allows is no trouble.
    let mut deep = json!({"type": "Profile", "name": "x"});
    for _ in 0..58 {
        deep = json!({"type": "Profile", "endorsement": deep});
    }
    let mut with = small();
    with["endorsement"] = deep;
    canonicalise(&with).unwrap();
}

#[test]
fn security_b11_graphs_made_to_be_slow_are_given_up() {
    let nodes: Vec<Value> = (0..12)
        .map(|from| {
            let others: Vec<Value> =
                (0..12).filter(|to| *to != from).map(|to| json!({"id": format!("_:n{to}")})).collect();
            json!({"id": format!("_:n{from}"), "endorsement": others})
        })
        .collect();
    let mut with = small();
    with["endorsement"] = json!(nodes);
    let started = std::time::Instant::now();
    assert_eq!(canonicalise(&with), Err(JsonLdError::TooMuchWork));
    println!("clique: {:?}", started.elapsed());
    // A fan of nodes that are all alike, once below one parent and once below two that are alike themselves.
    let fan = json!({"type": ["AchievementSubject"], "result": vec![json!({"type": "Result", "value": "8"}); 700]});
    let mut with = small();
    with["credentialSubject"] = json!([fan]);
    assert!(canonicalise(&with).is_ok());
    with["credentialSubject"] = json!([fan, fan]);
    let started = std::time::Instant::now();
    assert!(matches!(canonicalise(&with), Err(JsonLdError::TooMuchWork)));
    println!("twin fans: {:?}", started.elapsed());
    // Long lists of the same values, as grades come, are no trouble.
    let mut with = small();
    let description = json!({"type": "ResultDescription", "name": "x", "resultType": "x", "allowedValue": ["A", "B", "C", "D", "E", "F", "G", "H"]});
    with["credentialSubject"]["achievement"] =
        json!({"type": "Achievement", "name": "x", "resultDescription": [description, description, description]});
    canonicalise(&with).unwrap();
}

#[test]
fn security_b12_numbers_are_written_as_json_ld_asks() {
    // JSON-LD 1.1 API, 8.6: a double from 1e21 on and with a fraction, an integer else.
    let credits = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#creditsEarned";
    for (text, lexical) in [
        ("5.5", "5.5E0"),
        ("0.5", "5.0E-1"),
        ("1e21", "1.0E21"),
        ("42", "4.2E1"),
        ("1e-7", "1.0E-7"),
        ("100.25", "1.0025E2"),
    ] {
        let mut with = small();
        with["credentialSubject"]["creditsEarned"] = serde_json::from_str(text).unwrap();
        let n_quads = canonicalise(&with).unwrap();
        let typed = format!("<{credits}> \"{lexical}\"^^<http://www.w3.org/2001/XMLSchema#float>");
        let plain = format!("<{credits}> \"{text}\"^^");
        println!("{text}: {}", n_quads.lines().find(|line| line.contains(credits)).unwrap());
        assert!(n_quads.contains(&typed.replace("http:", "https:")) || n_quads.contains(&plain), "{n_quads}");
    }
}

#[test]
fn security_b12_hostile_numbers_never_stop_the_program() {
    for text in
        ["1e400", "-0", "-0.0", "9007199254740993", "1e99999999999999999999", "0.1234567890123456789012345", "1E+5"]
    {
        let mut with = small();
        let Ok(number) = serde_json::from_str::<Value>(text) else { continue };
        with["credentialSubject"]["creditsEarned"] = number;
        println!("{text}: {:?}", canonicalise(&with).map(|n_quads| n_quads.lines().last().map(str::to_owned)));
    }
}

#[test]
fn rdfc10_control_characters_are_escaped() {
    let mut with = small();
    with["name"] = json!("a\tb\u{1}c\u{7f}d\ne\"f\\g\rh\u{8}i\u{c}j\u{b}k é 😀");
    let n_quads = canonicalise(&with).unwrap();
    assert!(n_quads.contains(r#""a\tb\u0001c\u007Fd\ne\"f\\g\rh\bi\fj\u000Bk é 😀""#), "{n_quads}");
}

#[test]
fn a_typed_boolean_keeps_its_type() {
    let mut with = small();
    with["credentialSubject"]["identifier"] = json!([{"type": "IdentityObject", "hashed": true, "identityHash": "x"}]);
    let n_quads = canonicalise(&with).unwrap();
    assert!(n_quads.contains("#hashed> \"true\"^^<https://www.w3.org/2001/XMLSchema#boolean>"), "{n_quads}");
}

#[test]
fn a_text_with_a_broken_language_tag_is_refused() {
    let mut with = small();
    with["name"] = json!({"@value": "Voorbeeld", "@language": "nl"});
    assert!(canonicalise(&with).unwrap().contains("\"Voorbeeld\"@nl"));
    with["name"] = json!({"@value": "Voorbeeld", "@language": "not a tag"});
    assert!(canonicalise(&with).is_err());
}

#[test]
fn security_b17_the_largest_document_that_is_taken_is_done_in_seconds() {
    let mut with = small();
    let profile = json!({"type": ["Profile"], "name": "x", "address": {"type": ["Address"], "addressCountry": "NL"}});
    let profiles: Vec<Value> = (0..900)
        .map(|number| {
            let mut profile = profile.clone();
            profile["name"] = json!(format!("x{number}"));
            profile
        })
        .collect();
    with["endorsement"] = json!(profiles);
    let started = std::time::Instant::now();
    assert!(canonicalise(&with).unwrap().lines().count() > 5_000);
    println!("{:?}", started.elapsed());
}

/// One address, two published files: the later one adds two terms. A badge without them is the same under both, and one
/// with them is not covered by a signature under the older: so the newer one alone gives every answer there is.
#[test]
fn open_badges_3_0_3_the_older_of_two_files_never_says_more_than_the_newer() {
    let Some(vectors) = vectors() else { return };
    let url = format!("{OB}/context-3.0.3.json");
    let mut older = read(vectors.join("contexts/ob-v3p0-3.0.3.json"));
    for term in ["endorsementJwt", "jti"] {
        older["@context"].as_object_mut().unwrap().remove(term).unwrap();
    }
    let older = Contexts::known().with(&url, &older).unwrap();
    let under_older = |document: &Value| canonicalise_with(document, &older, HashAlgorithm::Sha256);
    for (name, sample) in samples(&vectors) {
        let completed = completed(&sample);
        if !completed.to_string().contains("endorsementJwt") {
            assert_eq!(under_older(&completed), canonicalise(&completed), "{name}");
        }
    }
    for (term, value) in [("endorsementJwt", json!(["a.b.c"])), ("jti", json!("urn:uuid:1"))] {
        let mut with = small();
        with[term] = value;
        assert!(canonicalise(&with).unwrap().contains(term), "{term}");
        assert_eq!(under_older(&with), Err(JsonLdError::UndefinedTerm { term: term.into() }));
    }
}

#[test]
fn a_context_with_what_is_not_understood_is_not_taken() {
    for context in [
        json!({"@language": "nl"}),
        json!({"@base": "https://x.example/"}),
        json!({"@import": "https://x.example/c"}),
        json!({"@propagate": false}),
        json!({"a": {"@reverse": "https://x.example/a"}}),
        json!({"a": {"@id": "https://x.example/a", "@container": "@index"}}),
        json!({"a": {"@id": "https://x.example/a", "@container": "@language"}}),
        json!({"a": {"@id": "https://x.example/a", "@nest": "b"}}),
        json!({"a": "@nest"}),
        json!({"a": "@value"}),
        json!({"a": {"@id": "https://x.example/a", "@context": "https://x.example/c"}}),
        json!("https://x.example/c"),
    ] {
        let taken = Contexts::known().with("https://x.example/context", &json!({"@context": context}));
        assert!(matches!(taken, Err(JsonLdError::Processing { .. })), "{context}");
    }
}

#[test]
fn json_ld_5_1_2_a_literal_in_a_graph_of_its_own_is_a_loss() {
    let with = json!({
        "@context": "https://www.w3.org/2018/credentials/v1", "type": ["VerifiableCredential"], "proof": 5
    });
    assert_eq!(canonicalise(&with), Err(JsonLdError::DataLoss { term: "proof".into() }));
}

#[test]
fn json_ld_4_1_2_a_protected_term_keeps_its_meaning() {
    let evil = Contexts::known()
        .with("https://x.example/evil", &json!({"@context": {"name": "https://x.example/name"}}))
        .unwrap();
    let mut with = small();
    with["@context"].as_array_mut().unwrap().push(json!("https://x.example/evil"));
    let refused = canonicalise_with(&with, &evil, HashAlgorithm::Sha256);
    assert_eq!(refused, Err(JsonLdError::Processing { reason: "protected term redefinition".into() }));
}
