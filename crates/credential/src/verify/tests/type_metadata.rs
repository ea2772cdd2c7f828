//! Type metadata: an extra that only counts against a credential that contradicts it.

use leerpas_core::Language;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;

const VCT: &str = "https://hogeschool.example/vct/mc";
const PARENT: &str = "https://types.example/vct/base";
const CARD: &str = "https://hogeschool.example/card.svg";
const SVG: &[u8] = b"<svg viewBox=\"0 0 9 9\"><script/><text>{{title}}</text></svg>";

fn hash(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("sha256-{}", STANDARD.encode(Sha256::digest(bytes)))
}

fn parent() -> Value {
    json!({"vct": PARENT, "claims": [
        {"path": ["title"], "mandatory": true, "sd": "never", "display": [{"locale": "nl", "label": "Titel"}]},
        {"path": ["family_name"], "sd": "always", "display": [{"lang": "nl", "label": "Achternaam"}]}]})
}

fn child() -> Value {
    json!({"vct": VCT, "extends": PARENT, "extends#integrity": hash(parent().to_string().as_bytes()),
        "display": [{"locale": "en", "name": "Microcredential"},
            {"locale": "nl-NL", "name": "Microcredential van Delta", "rendering": {"svg_templates": [
                {"uri": CARD, "uri#integrity": hash(SVG), "properties": {"orientation": "landscape"}}]}}],
        "claims": [{"path": ["title"], "mandatory": true, "sd": "never", "svg_id": "title",
            "display": [{"locale": "nl", "label": "Naam van de opleiding"}]}]})
}

/// The server with the metadata changed.
fn serve(child: Value, parent: Value) -> impl Fn(&str) -> Option<Vec<u8>> {
    move |url| match url {
        VCT => Some(child.to_string().into_bytes()),
        PARENT => Some(parent.to_string().into_bytes()),
        CARD => Some(SVG.to_vec()),
        _ => None,
    }
}

fn typed(world: &World, change: impl Fn(&mut Value)) -> Vec<u8> {
    world.with(|claims| {
        claims["vct"] = VCT.into();
        change(claims);
    })
}

fn warns(reason: Reason) -> (CheckResult, Option<Reason>) {
    (CheckResult::Warn, Some(reason))
}

fn look(world: &World, bytes: &[u8], child: Value, parent: Value) -> (Checked, Vec<String>) {
    world.run(bytes, world.policy(), serve(child, parent))
}

#[test]
fn sd_jwt_vc_6_what_the_type_says_completes_the_card() {
    let world = World::new();
    let (checked, asked) = look(&world, &typed(&world, |_| {}), child(), parent());
    assert_eq!(asked, [VCT, PARENT, CARD]);
    assert_eq!(found(&checked.report, CheckName::TypeMetadata), PASS, "{:?}", checked.report);
    assert_eq!(checked.report.verdict, Verdict::Valid);
    let mut facts = checked.credential().facts(&world.trust());
    facts.title.clear();
    checked.complete(&mut facts, Language::Nl);
    assert_eq!(facts.title, "Microcredential van Delta");
    let labels: Vec<_> = facts.labels.iter().map(|label| (&*label.path, &*label.name)).collect();
    assert_eq!(labels, [("family_name", "Achternaam"), ("title", "Naam van de opleiding")], "the child's own counts");
    let rendering = facts.rendering.unwrap();
    let svg = rendering.data_url.strip_prefix("data:image/svg+xml;base64,").unwrap();
    let svg = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, svg).unwrap();
    assert_eq!(
        String::from_utf8(svg).unwrap(),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><text>Datastructuren</text></svg>"
    );
    // Known from then on: nothing is asked again, and nothing at all where the network may not be used.
    let again = Policy { resources: checked.resources, network: false, ..world.policy() };
    let (checked, asked) = world.run(&typed(&world, |_| {}), again, |_| None);
    assert!(asked.is_empty());
    assert_eq!(found(&checked.report, CheckName::TypeMetadata), PASS);
}

#[test]
fn sd_jwt_vc_7_metadata_that_was_not_signed_with_it_fails() {
    let world = World::new();
    let signed = |text: String| typed(&world, move |claims| claims["vct#integrity"] = text.clone().into());
    let good = signed(hash(child().to_string().as_bytes()));
    let report = look(&world, &good, child(), parent()).0.report;
    assert_eq!(found(&report, CheckName::TypeMetadata), PASS);
    let mut other = child();
    other["name"] = "another".into();
    let report = look(&world, &good, other, parent()).0.report;
    assert_eq!(found(&report, CheckName::TypeMetadata), fails(Reason::MetadataChanged));
    assert_eq!(report.verdict, Verdict::Invalid);
    let mut base = parent();
    base["name"] = "another".into();
    let report = look(&world, &good, child(), base.clone()).0.report;
    assert_eq!(found(&report, CheckName::TypeMetadata), fails(Reason::MetadataChanged), "the chain is signed too");
    let report = look(&world, &typed(&world, |_| {}), child(), base).0.report;
    assert_eq!(found(&report, CheckName::TypeMetadata), warns(Reason::MetadataChanged), "nobody signed it");
    assert_eq!(report.verdict, Verdict::Valid);
    let report = look(&world, &signed("md5-AA".to_owned()), child(), parent()).0.report;
    assert_eq!(found(&report, CheckName::TypeMetadata), warns(Reason::MetadataInvalid));
}

#[test]
fn metadata_that_cannot_be_had_harms_no_sound_credential() {
    let world = World::new();
    let credential = typed(&world, |claims| claims["vct#integrity"] = hash(b"x").into());
    let (checked, asked) = world.run(&credential, world.policy(), |_| None);
    assert_eq!(asked, [VCT]);
    assert_eq!(found(&checked.report, CheckName::TypeMetadata), warns(Reason::MetadataUnavailable));
    assert_eq!(checked.report.verdict, Verdict::Valid);
    let report = world.check(&world.with(|_| {}));
    assert!(report.check(CheckName::TypeMetadata).is_none(), "a name that is no address has none");
}

#[test]
fn sd_jwt_vc_9_a_credential_against_the_rules_of_its_type_fails() {
    let world = World::new();
    let contradicted = |rule: Value, change: fn(&mut Value)| {
        let metadata = json!({"vct": VCT, "claims": [rule]});
        let report = look(&world, &typed(&world, change), metadata, json!({})).0.report;
        found(&report, CheckName::TypeMetadata)
    };
    let no = fails(Reason::MetadataContradicted);
    assert_eq!(contradicted(json!({"path": ["ects"], "mandatory": true}), |_| {}), no);
    assert_eq!(contradicted(json!({"path": ["ects"], "sd": "always"}), |_| {}), PASS, "it need not be there");
    assert_eq!(contradicted(json!({"path": ["title"], "sd": "always"}), |_| {}), no);
    assert_eq!(contradicted(json!({"path": ["title"], "sd": "allowed"}), |_| {}), PASS);
    assert_eq!(contradicted(json!({"path": ["family_name"], "sd": "never"}), |_| {}), no);
    assert_eq!(contradicted(json!({"path": ["family_name"], "sd": "always", "mandatory": true}), |_| {}), PASS);
    let lists: fn(&mut Value) = |claims| claims["list"] = json!([{"a": 1}, {"a": 2}]);
    assert_eq!(contradicted(json!({"path": ["list", null, "a"], "mandatory": true, "sd": "never"}), lists), PASS);
    assert_eq!(contradicted(json!({"path": ["list", 2], "mandatory": true}), lists), no);
    assert_eq!(contradicted(json!({"path": ["list", null, "a"], "sd": "always"}), lists), no);
}

#[test]
fn metadata_that_breaks_a_rule_is_left_aside_whole() {
    let world = World::new();
    for bad in [
        json!([]),
        json!({"vct": "https://hogeschool.example/vct/other"}),
        json!({"vct": VCT, "claims": {}}),
        json!({"vct": VCT, "claims": [{"path": []}]}),
        json!({"vct": VCT, "claims": [{"path": ["a", -1]}]}),
        json!({"vct": VCT, "claims": [{"path": ["a"], "sd": "sometimes"}]}),
        json!({"vct": VCT, "claims": [{"path": ["a"], "mandatory": "yes"}]}),
        json!({"vct": VCT, "claims": [{"path": ["a"], "svg_id": "1a"}]}),
        json!({"vct": VCT, "claims": [{"path": ["a"]}, {"path": ["a"]}]}),
        json!({"vct": VCT, "claims": [{"path": ["a"], "svg_id": "x"}, {"path": ["b"], "svg_id": "x"}]}),
        json!({"vct": VCT, "display": [{}]}),
        json!({"vct": VCT, "extends": 1}),
        json!({"vct": VCT, "extends": PARENT, "claims": [{"path": ["family_name"], "sd": "never"}]}),
        json!({"vct": VCT, "extends": PARENT, "claims": [{"path": ["title"], "sd": "never", "mandatory": false}]}),
        json!({"vct": VCT, "pad": "x".repeat(leerpas_core::limits::TYPE_METADATA)}),
    ] {
        let report = look(&world, &typed(&world, |_| {}), bad.clone(), parent()).0.report;
        assert_eq!(found(&report, CheckName::TypeMetadata), warns(Reason::MetadataInvalid), "{bad:.80}");
        assert_eq!(report.verdict, Verdict::Valid);
    }
}

#[test]
fn security_a28_a_circle_of_types_ends() {
    let world = World::new();
    for back in [VCT, PARENT] {
        let child = json!({"vct": VCT, "extends": PARENT});
        let (checked, asked) = look(&world, &typed(&world, |_| {}), child, json!({"vct": PARENT, "extends": back}));
        assert_eq!(found(&checked.report, CheckName::TypeMetadata), warns(Reason::MetadataInvalid));
        assert_eq!(asked, [VCT, PARENT]);
    }
    let endless = |url: &str| {
        let number: u32 = url.rsplit('/').next()?.parse().ok()?;
        let next = format!("https://types.example/{}", number + 1);
        Some(json!({"vct": url, "extends": next}).to_string().into_bytes())
    };
    let credential = world.with(|claims| claims["vct"] = "https://types.example/0".into());
    let (checked, asked) = world.run(&credential, world.policy(), endless);
    assert_eq!(found(&checked.report, CheckName::TypeMetadata), warns(Reason::MetadataInvalid));
    assert_eq!(asked.len(), leerpas_core::limits::TYPE_CHAIN);
}

#[test]
fn security_a28_a_type_in_a_private_network_or_of_a_forgery_is_never_asked() {
    let world = World::new();
    for vct in [
        "http://hogeschool.example/vct",
        "https://192.168.1.1/vct",
        "https://[::1]/vct",
        "https://u:p@school.example/v",
    ] {
        let credential = world.with(|claims| claims["vct"] = vct.into());
        let (checked, asked) = world.run(&credential, world.policy(), |url| world.server(url));
        assert!(asked.is_empty(), "{vct}: {asked:?}");
        assert_eq!(found(&checked.report, CheckName::TypeMetadata), warns(Reason::MetadataUnavailable));
    }
    let mut claims = world.claims();
    claims["vct"] = VCT.into();
    let forged = world.sd_jwt(claims, world.x5c_header(), &[], &IssuerKey::make_p256(&world.entropy));
    let (checked, asked) = look(&world, &forged, child(), parent());
    assert!(asked.is_empty());
    assert!(checked.report.check(CheckName::TypeMetadata).is_none());
}

#[test]
fn a_presentation_tells_no_author_of_a_type() {
    let world = World::new();
    let shown = present_sd_jwt(&typed(&world, |_| {}), &[], &world.holder, "x509_hash:desk", "n-1", world.now).unwrap();
    let (checked, asked) = world.run(shown.as_bytes(), world.asked(), serve(child(), parent()));
    assert!(asked.is_empty(), "{asked:?}");
    assert!(checked.report.check(CheckName::TypeMetadata).is_none());
}

#[test]
fn sd_jwt_vc_6_3_3_metadata_that_came_along_needs_no_network() {
    let world = World::new();
    let glue = |value: Value| crate::jose::encode_base64url(value.to_string().as_bytes());
    let mut header = world.x5c_header();
    header["vctm"] = json!([
        glue(json!({"vct": "urn:other"})),
        glue(json!({"vct": "urn:example:microcredential",
        "claims": [{"path": ["title"], "display": [{"locale": "nl", "label": "Titel"}]}]}))
    ]);
    let credential = world.sd_jwt(world.claims(), header, &[], &world.key);
    let (checked, asked) = world.run(&credential, world.policy(), |_| None);
    assert!(asked.is_empty());
    assert_eq!(found(&checked.report, CheckName::TypeMetadata), PASS);
}

#[test]
fn a_picture_with_another_hash_or_none_is_not_shown() {
    let world = World::new();
    let mut metadata = child();
    metadata["display"][1]["rendering"]["svg_templates"][0]["uri#integrity"] = hash(b"other").into();
    let (checked, _) = look(&world, &typed(&world, |_| {}), metadata.clone(), parent());
    assert_eq!(found(&checked.report, CheckName::TypeMetadata), warns(Reason::MetadataInvalid));
    let mut facts = checked.credential().facts(&world.trust());
    checked.complete(&mut facts, Language::Nl);
    assert_eq!(facts.rendering, None);
    metadata["display"][1]["rendering"]["svg_templates"][0] = json!({"uri": CARD});
    let (checked, asked) = look(&world, &typed(&world, |_| {}), metadata, parent());
    assert!(!asked.contains(&CARD.to_owned()), "without a hash nothing is fetched");
    assert_eq!(found(&checked.report, CheckName::TypeMetadata), PASS);
}
