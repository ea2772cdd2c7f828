//! Pictures with badges in them, and whatever else comes in.

use leerpas_credential::{
    badge::picture_of_bytes,
    read::read,
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

pub(super) fn sniffer_samples(world: &World) -> Vec<Vec<u8>> {
    let mut samples =
        vec![world.sd_jwt.clone(), world.jwt.clone(), world.badge.clone(), world.png.clone(), world.svg.clone()];
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
