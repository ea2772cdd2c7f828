use std::{fs, path::PathBuf};

use leerpas_core::Format;
use serde_json::json;

use super::*;
use crate::{facts::facts_of, trust::TrustList};

fn vectors(folder: &str) -> Vec<PathBuf> {
    let base = std::env::var_os("LEERPAS_VECTORS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")), PathBuf::from);
    let Ok(entries) = fs::read_dir(base.join(folder)) else {
        eprintln!("skipped: no vectors in {folder}");
        return Vec::new();
    };
    entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "json")).collect()
}

/// What Dutch and European pilots publish today. Not all of it keeps the rules, and then it must say which one.
#[test]
fn published_metadata_is_read_or_refused_for_a_rule() {
    let (mut read, mut files) = (0, 0);
    for file in vectors("dutch/vct-metadata").into_iter().chain(vectors("dutch/openid4vci-issuer/vct")) {
        files += 1;
        let file_content: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        // The issuer of the pilots keeps its own notes around the document that it publishes.
        let mut document = file_content.get("document").unwrap_or(&file_content).clone();
        if document.get("vct").is_none() {
            // It adds the type, which is the address, when it serves the document.
            document["vct"] = format!("https://issuer.example{}", file_content["path"].as_str().unwrap()).into();
        }
        let bytes = document.to_string().into_bytes();
        let vct = document["vct"].as_str().unwrap_or_default();
        match TypeMetadata::parse(&bytes, vct) {
            Ok(metadata) => {
                read += 1;
                assert!(metadata.claims.iter().all(|rule| !rule.path.is_empty()), "{}", file.display());
                let named = metadata.claims.iter().any(|rule| !rule.labels.is_empty());
                assert!(named || !metadata.display.is_empty(), "{} says nothing", file.display());
            }
            Err(error) => assert!(!matches!(error, MetadataError::Json(_)), "{}: {error}", file.display()),
        }
    }
    assert!(files == 0 || read >= 10, "only {read} of {files} were read");
}

#[test]
fn sd_jwt_vc_8_1_1_colours_and_logo_are_drawn_by_us() {
    let metadata = json!({"vct": "urn:a", "display": [{"locale": "nl", "name": "A", "rendering": {"simple": {
        "background_color": "#12107c", "text_color": "red\" onload=\"x"}}}]});
    let metadata = TypeMetadata::parse(metadata.to_string().as_bytes(), "urn:a").unwrap();
    let described = Described { metadata, pictures: BTreeMap::new() };
    let claims = json!({"vct": "urn:a", "title": "Een <b> & meer"});
    let mut facts = facts_of(Format::SdJwtVc, &claims, &TrustList::empty());
    facts.title = "Een <b> & meer".to_owned();
    described.complete(&mut facts, &claims, Language::Nl);
    let data = facts.rendering.unwrap().data_url;
    let svg = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        data.strip_prefix("data:image/svg+xml;base64,").unwrap(),
    );
    let svg = String::from_utf8(svg.unwrap()).unwrap();
    assert!(svg.contains("fill=\"#12107c\"") && svg.contains("Een &lt;b&gt; &amp; meer"), "{svg}");
    assert!(!svg.contains("onload"), "{svg}");
}
