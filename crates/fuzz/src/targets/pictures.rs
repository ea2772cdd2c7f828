//! Pictures with badges in them, and whatever else comes in.

use leerpas_credential::{
    badge::picture_of_bytes,
    read::read,
    report::Verdict::Valid,
    unbake::{bake_png, bake_svg, unbake_png, unbake_svg},
};
use leerpas_intake::{Arrival, Input};

use super::{Verdict, rule, way};
use crate::World;

/// The badge that comes out goes in again.
pub(super) fn png(_: &World, input: &[u8]) -> Verdict {
    let badge = match unbake_png(input) {
        Ok(badge) => badge,
        Err(error) => return Ok(way(&error)),
    };
    if let Ok(text) = std::str::from_utf8(&badge) {
        let again = bake_png(input, text).map_err(|_| "a picture that was read cannot be written".to_owned())?;
        rule(unbake_png(&again).as_ref() == Ok(&badge), "another badge comes out than went in")?;
    }
    let _ = picture_of_bytes(input, None);
    Ok(format!("a badge, credential: {}", read(input).is_ok()))
}

/// As for PNG.
pub(super) fn svg(_: &World, input: &[u8]) -> Verdict {
    let found = unbake_svg(input);
    if let (Err(leerpas_credential::unbake::UnbakeError::NoBadge), Ok(text)) = (&found, std::str::from_utf8(input)) {
        for badge in [r#"{"a":"]]>&<"}"#, "eyJh.e30.AA"] {
            if let Ok(baked) = bake_svg(text, badge) {
                let again = unbake_svg(baked.as_bytes()).unwrap_or_default();
                // JSON may come out with other escapes than it went in.
                let json = |bytes: &[u8]| leerpas_credential::json::parse(bytes).ok();
                let same =
                    again == badge.as_bytes() || (json(&again).is_some() && json(&again) == json(badge.as_bytes()));
                rule(same, "another badge comes out than went in")?;
            }
        }
    }
    Ok(found.map_or_else(|error| way(&error), |_| "a badge".to_owned()))
}

/// Two diplomas in XML, one of them within a presentation; the names of things lead to one another.
pub(super) fn elm_xml_samples(_: &World) -> Vec<Vec<u8>> {
    const INSIDE: &str = "<europassCredential xmlns=\"http://data.europa.eu/snb\" \
        xmlns:cred=\"http://data.europa.eu/europass/model/credentials/w3c#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
        cred:id=\"urn:credential:1\"><type targetFrameworkUrl=\"http://data.europa.eu/snb/credential/25831c2\" uri=\"urn:x:1\">\
        <targetName><text content-type=\"text/plain\" lang=\"nl\">Algemeen</text></targetName></type>\
        <cred:validFrom>2024-07-01T00:00:00+02:00</cred:validFrom><cred:issuer idref=\"urn:epass:org:1\"/>\
        <title><text lang=\"nl\">Bewijs &amp; meer</text></title><credentialSubject id=\"urn:epass:person:1\">\
        <fullName><text lang=\"und\">Sam</text></fullName><achievements><learningAchievement id=\"urn:a:1\">\
        <title><text lang=\"nl\">Meten</text></title><wasDerivedFrom id=\"urn:b:1\"><grade>8,5</grade></wasDerivedFrom>\
        <hasPart><learningAchievement id=\"urn:a:2\"><title><text lang=\"nl\">Deel</text></title></learningAchievement></hasPart>\
        <additionalNote><text lang=\"nl\">Toelichting</text><subject>Meer</subject></additionalNote>\
        <specifiedBy idref=\"urn:q:1\"/></learningAchievement></achievements></credentialSubject>\
        <learningSpecificationReferences><qualification id=\"urn:q:1\"><identifier schemeID=\"CROHO\">34401</identifier>\
        <hasECTSCreditPoints>4.5</hasECTSCreditPoints><learningOutcomes><learningOutcome idref=\"urn:o:1\"/></learningOutcomes>\
        </qualification></learningSpecificationReferences><learningOutcomeReferences><learningOutcome id=\"urn:o:1\">\
        <prefLabel><text lang=\"nl\">Kan meten</text></prefLabel></learningOutcome></learningOutcomeReferences>\
        <agentReferences><organization id=\"urn:epass:org:1\"><prefLabel><text lang=\"nl\">School</text></prefLabel>\
        <homepage uri=\"https://a.example/\"/><unitOf idref=\"urn:epass:org:1\"/></organization></agentReferences>\
        <proof><ds:Signature Id=\"s\"><![CDATA[x]]></ds:Signature></proof></europassCredential>";
    let wrapped = format!(
        "<?xml version=\"1.0\"?><vp:verifiablePresentation xmlns:vp=\"http://data.europa.eu/snb/vp\"><vp:issuer id=\"urn:v:1\"/>\
         {INSIDE}</vp:verifiablePresentation>"
    );
    vec![INSIDE.as_bytes().to_vec(), wrapped.into_bytes()]
}

/// XML that is read is a European Digital Credential, which is never valid, since nobody checks its seal.
pub(super) fn elm_xml(world: &World, input: &[u8]) -> Verdict {
    let credential = match read(input) {
        Ok(credential) => credential,
        Err(error) => return Ok(way(&error)),
    };
    let facts = credential.facts(&world.trust);
    if input.trim_ascii_start().starts_with(b"<") {
        let valid = world.is_valid(input).is_some_and(|report| report.verdict == Valid);
        rule(!valid, "XML is valid though nobody checked it")?;
        rule(
            serde_json::to_vec(&facts.claims).is_ok_and(|claims| claims.len() < 64 << 20),
            "a file grows beyond bounds",
        )?;
    }
    Ok(format!("{} {} {}", facts.contents.len().min(9), facts.credits.len().min(9), facts.title.is_empty()))
}

pub(super) fn sniffer_samples(world: &World) -> Vec<Vec<u8>> {
    let mut samples =
        vec![world.sd_jwt.clone(), world.jwt.clone(), world.badge.clone(), world.png.clone(), world.svg.clone()];
    samples.extend(elm_xml_samples(world));
    samples.push(b"openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fa.example%2Fr".to_vec());
    samples.push(b"openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example%2Fo".to_vec());
    samples.push(
        br#"{"credential_issuer":"https://a.example","credential_configuration_ids":["x"],"grants":{}}"#.to_vec(),
    );
    samples
}

/// Whatever it is, it is one thing, and the same when it is looked at twice. A badge that it finds can be looked at.
pub(super) fn sniffer(world: &World, input: &[u8]) -> Verdict {
    let as_file = leerpas_intake::read(Input::File { name: "x", bytes: input });
    let as_text = std::str::from_utf8(input).ok().map(|text| leerpas_intake::read(Input::Text(text)));
    let again = leerpas_intake::read(Input::File { name: "y.png", bytes: input });
    rule(as_file.is_ok() == again.is_ok(), "the name of a file decides what it is")?;
    let mut ways = Vec::new();
    for found in [Some(as_file), as_text].into_iter().flatten() {
        ways.push(match found {
            Err(error) => way(&error),
            Ok(Arrival::Credential(bytes)) => {
                let credential = read(&bytes);
                if let Ok(credential) = &credential {
                    let _ = (credential.facts(&world.trust), credential.types(), credential.holder_ids());
                    let _ = world.is_valid(&bytes);
                }
                way(&credential.map(|read| (read.format(), read.is_presentation())))
            }
            Ok(Arrival::Offer(_)) => "an offer".to_owned(),
            Ok(Arrival::Request(_)) => "a request".to_owned(),
            Ok(Arrival::Several(all)) => {
                rule(all.len() > 1, "several that are one")?;
                "several".to_owned()
            }
        });
    }
    Ok(ways.join(" "))
}
