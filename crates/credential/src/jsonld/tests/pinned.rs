//! What each context in the program says, by its hash.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

use super::super::{clr, contexts, dutch, literal::json_literal, open_badges};

/// The SHA-256 of the canonical JSON (RFC 8785) of each context.
const PINNED: &[(&str, &str)] = &[
    (
        "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
        "eff06a5aa8aa782fadc550d1adae4501b2a1a1b882121e998f59451695aa3fa4",
    ),
    (
        "https://purl.imsglobal.org/spec/clr/v2p0/context.json",
        "05c300da5b08deb2a5bcc90d1652beb4aed29390b93f63dd491dd893b0ebb50e",
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
        "283bbfd9ff14481f9218316c636ff6b67b1297efda989f5ddd1307ad4cd4de07",
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
        "d8550f9cd17b97a616b72528d41747f408a89e6a6c18d85737c3300fb0b41dbd",
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "b09bbd2b9f9c42dfd82edf953ceee977f2a1b890858a911862054a97d420ed0a",
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
        "2d0b3d7d6fc9fd0760fe3c6fa68b7d0069b28213e3954c34198e21458ed1d227",
    ),
    (
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
        "4957b83ef3ea176aff76eb802fb28e9bca5fb24b92b9867a3ec0e0c8579e0e33",
    ),
    (
        "https://raw.githubusercontent.com/educredentials/obv3-examples/refs/heads/main/contexts/educredential.json",
        "9847904e43cadfaeeac1d635b1a90040ab1c293cefe0c5bf7cdd345757607089",
    ),
    ("https://w3id.org/security/data-integrity/v1", "048fdaf44177c3c317db83ef146ec9b18fbc841ecef1fa3f8a07cbbe0c6de33c"),
    ("https://w3id.org/security/data-integrity/v2", "5c09fbd78f3e0d326ed835e3303e97d13096ac0fe3eaa98f1c87560989f24772"),
    ("https://w3id.org/security/multikey/v1", "c3c1a92f2178e4dcd2c32a6f4702b79c124c6fb30870592cc4b2567a98f99580"),
    (
        "https://w3id.org/security/suites/ed25519-2020/v1",
        "911bebd97cdf7f33855299018fd15bd27b5f01815641c0f479a42a2f1f725a1a",
    ),
    (
        "https://w3id.org/security/suites/jws-2020/v1",
        "b8d3909847bdab6d7cee9aeb428126d71251ec898b4c7346212d62d5d51f92a7",
    ),
    ("https://w3id.org/vc-revocation-list-2020/v1", "8818cb3f42a914e484c309d5041ab1f92ff03c68f0b1f3bdf4276929f108a3db"),
    ("https://w3id.org/vc/status-list/2021/v1", "46a61c048ead2d084c8d6f27104fe50058b17a781b3a3009838ff5183f580d87"),
    ("https://www.w3.org/2018/credentials/v1", "b10a3265e7d2f0f846ef0cd8e121d46c3dae1b42ca7e64ca7e1ebf355774bc98"),
    ("https://www.w3.org/ns/credentials/v2", "aae3253a16be0bdbd901bf7b348f01ea8862a71ab73303602e8179ae8a82384f"),
    ("https://www.w3.org/ns/did/v1", "665a2a8de9a84004c918000c7661ec6c859e09c81c24082f0f3ad48f76ea8f07"),
];

/// A library that ships other bytes under the same address would change what every signature covers. Our own tables are
/// in it too, so that nobody changes a published context by chance.
#[test]
fn security_b05_every_context_is_the_one_that_was_looked_at() {
    let ours = open_badges::contexts().into_iter().chain(clr::contexts()).chain([dutch::context()]);
    let all = contexts::shipped().into_iter().chain(ours.map(|(url, context)| (url.to_owned(), context)));
    let mut found: Vec<(String, String)> = all.map(|(url, context)| (url, hash(&context))).collect();
    found.sort();
    let pinned: Vec<(String, String)> =
        PINNED.iter().map(|(url, hash)| ((*url).to_owned(), (*hash).to_owned())).collect();
    assert_eq!(found, pinned);
}

fn hash(context: &Value) -> String {
    let text = json_literal(context, "@context").unwrap();
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
