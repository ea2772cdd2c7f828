//! Our way from a document to its quads, held against another one: the same canonical form, or both refuse.

mod documents;
mod oracle;
mod pinned;

use std::{collections::BTreeSet, fs, path::PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use self::oracle::Published;
use super::{Contexts, HashAlgorithm, JsonLdError, canonicalise_with, clr, contexts, dutch, open_badges, rdfc};

fn vectors() -> Option<PathBuf> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = PathBuf::from(std::env::var("LEERPAS_VECTORS").unwrap_or_else(|_| here.to_owned()));
    folder.is_dir().then_some(folder)
}

/// One more context, as the W3C vectors use: any word is a term.
const EXAMPLES: &str = "https://www.w3.org/ns/credentials/examples/v2";

fn examples() -> Value {
    json!({"@vocab": "https://www.w3.org/ns/credentials/examples#"})
}

/// What the program knows, for ours and for the other.
fn ours() -> (Contexts, Published) {
    let mut published = Published::default();
    for (url, document) in contexts::shipped() {
        published.insert(&url, &document);
    }
    for (url, context) in open_badges::contexts().into_iter().chain(clr::contexts()).chain([dutch::context()]) {
        published.insert(url, &context);
    }
    published.insert(EXAMPLES, &examples());
    let contexts = Contexts::known().with(EXAMPLES, &json!({"@context": examples()})).unwrap();
    (contexts, published)
}

/// The same, with the files that others published in the place of our tables and of those that `ssi` ships.
fn theirs(vectors: &std::path::Path) -> Published {
    let (_, mut published) = ours();
    for (url, file) in [
        ("https://www.w3.org/2018/credentials/v1", "2018-credentials-v1.jsonld"),
        ("https://www.w3.org/ns/credentials/v2", "credentials-v2.jsonld"),
        ("https://w3id.org/security/suites/ed25519-2020/v1", "security-suites-ed25519-2020-v1.jsonld"),
        ("https://purl.imsglobal.org/spec/ob/v3p0/context.json", "ob-v3p0.json"),
        ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json", "ob-v3p0-3.0.1.json"),
        ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json", "ob-v3p0-3.0.2.json"),
        ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "ob-v3p0-3.0.3.json"),
        ("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json", "ob-v3p0-extensions.json"),
        ("https://purl.imsglobal.org/spec/clr/v2p0/context.json", "clr-v2p0.json"),
        ("https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", "clr-v2p0-2.0.1.json"),
    ] {
        let text = fs::read_to_string(vectors.join("contexts").join(file)).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        published.insert(url, &document["@context"]);
    }
    published
}

/// Every JSON document of the vectors that names contexts, proofs taken off and by themselves.
fn documents(vectors: &std::path::Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["data-integrity", "open-badges-3", "dutch"].iter().map(|folder| vectors.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json")
                && let Ok(document) = serde_json::from_slice::<Value>(&fs::read(&path).unwrap())
                && document.get("@context").is_some()
            {
                found.push((path.display().to_string(), document));
            }
        }
    }
    found
}

fn by_oracle(document: &Value, published: &Published, contexts: &Contexts) -> Result<String, JsonLdError> {
    contexts::check(document, contexts)?;
    let quads = std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(64 * 1024 * 1024);
        deep.spawn_scoped(scope, || oracle::quads(document, published)).unwrap().join()
    });
    let quads = quads.map_err(|_| JsonLdError::Processing { reason: "the processor stopped".to_owned() })??;
    rdfc::canonical_n_quads(&quads, HashAlgorithm::Sha256)
}

/// Where ours refuses on purpose what the other takes, and loses. The document must have one of these at the very term
/// that is named; any other loss that only ours sees is a difference.
fn is_known_strictness(error: &JsonLdError, document: &Value) -> bool {
    let JsonLdError::DataLoss { term } = error else { return false };
    match document {
        Value::Object(members) => {
            members.iter().any(|(name, value)| {
                let is_meant = name == term && (is_lost(value) || is_lost_within(name, value));
                is_meant || is_known_strictness(error, value)
            }) || (term == "the document" && (is_lost(document) || is_no_node(members)))
        }
        Value::Array(items) => items.iter().any(|item| is_known_strictness(error, item)),
        _ => false,
    }
}

/// A text, list or set with members beside it that are lost.
fn is_no_node(members: &serde_json::Map<String, Value>) -> bool {
    ["@value", "@list", "@set"].iter().any(|keyword| members.contains_key(*keyword))
}

/// A keyword of texts at a node, which says nothing there, or a language that is none (BCP 47, section 2.2.9).
fn is_lost(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            let has = |name: &str| members.contains_key(name);
            let tag = members.get("@language").and_then(Value::as_str);
            let is_no_tag = |tag| oxrdf::Literal::new_language_tagged_literal("", tag).is_err();
            (has("@language") || has("@direction")) && !has("@value") || tag.is_some_and(is_no_tag)
        }
        Value::Array(items) => items.iter().any(is_lost),
        _ => false,
    }
}

/// What is no node where each value has a graph of its own, and nothing where there should be a list.
fn is_lost_within(name: &str, value: &Value) -> bool {
    match name {
        "proof" | "verifiableCredential" => true,
        "allowedValue" => *value == Value::Null || value.get("@set").is_some() || value.get("@value").is_some(),
        _ => false,
    }
}

fn same(document: &Value, contexts: &Contexts, published: &Published) -> Result<bool, String> {
    let ours = canonicalise_with(document, contexts, HashAlgorithm::Sha256);
    let other = by_oracle(document, published, contexts);
    match (&ours, &other) {
        (Ok(ours), Ok(other)) if ours == other => Ok(true),
        (Err(_), Err(_)) => Ok(false),
        (Err(error), Ok(_)) if is_known_strictness(error, document) => Ok(false),
        _ => Err(format!("ours:\n{ours:?}\nthe other:\n{other:?}\n{document}")),
    }
}

/// Where, how many, and whether this is the reason.
type Refused = (&'static str, usize, fn(&JsonLdError) -> bool);

/// Why a vector is refused, by both: contexts that are not in the program, a type for which the sample leaves out the
/// context, and more objects than the cap. A file or a reason that is not here is a failure.
const REFUSED: [Refused; 4] = [
    ("data-integrity/", 17, |error| matches!(error, JsonLdError::UnknownContext { .. })),
    ("dutch/dc4eu-diploma/", 9, |error| matches!(error, JsonLdError::UnknownContext { .. } | JsonLdError::TooLarge)),
    ("dutch/", 16, is_without_extensions),
    ("open-badges-3/complete_v1.json", 1, is_without_extensions),
];

fn is_without_extensions(error: &JsonLdError) -> bool {
    *error == JsonLdError::RelativeIri { iri: "1EdTechJsonSchemaValidator2019".to_owned() }
}

#[test]
fn every_vector_has_the_canonical_form_that_another_implementation_gives() {
    let Some(vectors) = vectors() else { return documents::skipped() };
    let (contexts, published) = ours();
    let theirs = theirs(&vectors);
    let (mut held, mut refused) = (0, BTreeSet::new());
    let extensions = json!("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json");
    let completed = documents(&vectors).into_iter().filter_map(|(name, mut document)| {
        // The Dutch samples leave out the context of a type that they use, so that nobody could sign them.
        document["@context"].as_array_mut()?.push(extensions.clone());
        Some((name, document))
    });
    for (name, document) in documents(&vectors).into_iter().chain(completed) {
        for published in [&published, &theirs] {
            match same(&document, &contexts, published) {
                Ok(true) => held += 1,
                Ok(false) => {
                    let error = canonicalise_with(&document, &contexts, HashAlgorithm::Sha256).unwrap_err();
                    let name = PathBuf::from(&name).strip_prefix(&vectors).unwrap().to_str().unwrap().to_owned();
                    let group = REFUSED.iter().position(|(folder, ..)| name.starts_with(folder));
                    assert!(group.is_some_and(|group| REFUSED[group].2(&error)), "{name} is refused: {error}");
                    refused.insert((group, name));
                }
                Err(difference) => panic!("{name}: {difference}"),
            }
        }
    }
    let counts: Vec<usize> =
        (0..REFUSED.len()).map(|at| refused.iter().filter(|(group, _)| *group == Some(at)).count()).collect();
    assert_eq!(counts, REFUSED.map(|(_, count, _)| count), "{refused:#?}");
    assert!(held > 100, "{held}");
}

#[test]
fn documents_of_every_shape_have_the_canonical_form_that_another_implementation_gives() {
    let (contexts, published) = ours();
    for (name, document) in documents::shapes() {
        match same(&document, &contexts, &published) {
            Ok(held) => {
                assert!(held, "{name} is refused: {:?}", canonicalise_with(&document, &contexts, HashAlgorithm::Sha256))
            }
            Err(difference) => panic!("{name}: {difference}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn changed_documents_have_the_canonical_form_that_another_implementation_gives(
        (document, changes) in documents::changed(),
    ) {
        let (contexts, published) = ours();
        let mut document = document;
        for change in &changes {
            change.apply(&mut document);
        }
        if let Err(difference) = same(&document, &contexts, &published) {
            prop_assert!(false, "{difference}");
        }
    }
}

#[test]
fn every_context_in_the_program_was_read() {
    let known = Contexts::known();
    for (url, _) in contexts::shipped() {
        assert!(known.knows(&url), "{url}");
    }
    for (url, _) in open_badges::contexts().into_iter().chain(clr::contexts()).chain([dutch::context()]) {
        assert!(known.knows(url), "{url}");
    }
    assert_eq!(known.urls().count(), 18);
}

#[test]
fn security_b17_the_deepest_document_fits_a_common_stack() {
    // Half of what a worker of tokio has, and this is the build with the largest frames.
    let work = std::thread::Builder::new().stack_size(1024 * 1024).spawn(|| {
        let mut deep = json!({"type": "Profile", "name": "x"});
        for _ in 0..61 {
            deep = json!({"type": "Profile", "endorsement": deep});
        }
        deep["@context"] = json!(["https://www.w3.org/ns/credentials/v2", documents::OB]);
        let (contexts, _) = ours();
        canonicalise_with(&deep, &contexts, HashAlgorithm::Sha256).map(|n_quads| n_quads.lines().count())
    });
    assert_eq!(work.unwrap().join().unwrap(), Ok(124));
}
