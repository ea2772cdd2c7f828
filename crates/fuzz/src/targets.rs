//! What is fuzzed, and the rules that hold for any input.

mod credentials;
mod offline;
mod pictures;
mod protocol;

use crate::World;

/// In what way an input was taken; or the rule that it broke.
pub type Verdict = Result<String, String>;

/// One thing that reads strangers' bytes.
pub struct Target {
    /// Its name on the command line, and of its folder of kept input.
    pub name: &'static str,
    /// Reads an input.
    pub run: fn(&World, &[u8]) -> Verdict,
    /// Whole samples to begin with.
    pub samples: fn(&World) -> Vec<Vec<u8>>,
}

/// Everything that is fuzzed.
pub const TARGETS: &[Target] = &[
    Target { name: "json", run: credentials::json, samples: credentials::json_samples },
    Target { name: "sd_jwt", run: credentials::sd_jwt, samples: |world| vec![world.sd_jwt.clone()] },
    Target { name: "jws", run: credentials::jws, samples: |world| vec![world.jwt.clone()] },
    Target { name: "jwe", run: credentials::jwe, samples: |world| vec![world.jwe.clone()] },
    Target { name: "badge", run: credentials::badge, samples: |world| vec![world.badge.clone()] },
    Target { name: "json_ld", run: credentials::json_ld, samples: credentials::json_samples },
    Target { name: "did", run: credentials::did, samples: credentials::did_samples },
    Target { name: "status_lists", run: credentials::status_lists, samples: World::lists },
    Target { name: "png", run: pictures::png, samples: |world| vec![world.png.clone()] },
    Target { name: "svg", run: pictures::svg, samples: |world| vec![world.svg.clone()] },
    Target { name: "elm_xml", run: pictures::elm_xml, samples: pictures::elm_xml_samples },
    Target { name: "sniffer", run: pictures::sniffer, samples: pictures::sniffer_samples },
    Target { name: "dcql", run: protocol::dcql, samples: protocol::dcql_samples },
    Target { name: "request", run: protocol::request, samples: protocol::request_samples },
    Target { name: "response", run: protocol::response, samples: protocol::response_samples },
    Target { name: "offer", run: protocol::offer, samples: protocol::offer_samples },
    Target { name: "issuer", run: protocol::issuer, samples: protocol::issuer_samples },
    Target { name: "packed", run: offline::packed, samples: offline::packed_samples },
    Target { name: "frames", run: offline::frames, samples: offline::frames_samples },
];

/// An error as a way of being taken: its words without what varies in them.
fn way(error: &impl std::fmt::Debug) -> String {
    format!("{error:?}").chars().filter(|c| !c.is_ascii_digit()).take(60).collect()
}

/// The rule holds, or its name.
fn rule(holds: bool, name: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(name.to_owned()) }
}
