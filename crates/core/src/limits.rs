//! Every cap on foreign input, in one table. SECURITY.md prints the same figures.

use crate::Purpose;

/// A link that was opened, in bytes.
pub const LINK: usize = 8 * 1024;
/// Pasted text, in bytes.
pub const PASTE: usize = 64 * 1024;
/// A file with a credential, in bytes.
pub const FILE: usize = 8 * 1024 * 1024;
/// A badge picture, in bytes.
pub const BADGE_IMAGE: usize = 5 * 1024 * 1024;
/// A picture that may hold a QR code, in bytes.
pub const QR_IMAGE: usize = 10 * 1024 * 1024;
/// A picture, in pixels.
pub const PIXELS: u64 = 25_000_000;
/// Text inside a PNG after inflating, in bytes.
pub const PNG_TEXT: usize = 1024 * 1024;
/// One credential, in bytes.
pub const CREDENTIAL: usize = 1024 * 1024;
/// A status list after inflating, in bytes.
pub const STATUS_LIST_INFLATED: usize = 16 * 1024 * 1024;
/// Nesting of JSON, in levels.
pub const JSON_DEPTH: usize = 64;
/// Disclosures of one SD-JWT.
pub const DISCLOSURES: usize = 1_000;
/// Nesting of disclosures within disclosures.
pub const DISCLOSURE_DEPTH: usize = 16;
/// Type metadata of one credential type, or a picture that it names, in bytes.
pub const TYPE_METADATA: usize = 256 * 1024;
/// Types that extend one another.
pub const TYPE_CHAIN: usize = 5;
/// Claims that one type describes.
pub const TYPE_CLAIMS: usize = 500;
/// Elements of an issuer's SVG template.
pub const TEMPLATE_ELEMENTS: usize = 5_000;
/// Entries of the log of a did:webvh.
pub const DID_LOG_ENTRIES: usize = 500;
/// A trust list, in bytes.
pub const TRUST_LIST: usize = 4 * 1024 * 1024;
/// Quads of one document that is canonicalised.
pub const QUADS: usize = 10_000;
/// Clock difference that is forgiven, in seconds.
pub const CLOCK_SKEW_SECONDS: i64 = 60;
/// Age of a key binding that a verifier still takes, in seconds.
pub const KEY_BINDING_AGE_SECONDS: i64 = 300;
/// Text of `tx_code.description`, in characters (OpenID4VCI 1.0, 4.1.1).
pub const TX_CODE_DESCRIPTION: usize = 300;
/// Time to connect, in seconds.
pub const CONNECT_SECONDS: u64 = 10;
/// Time for a whole exchange, in seconds.
pub const TOTAL_SECONDS: u64 = 60;
/// Time until the first byte, in seconds.
pub const FIRST_BYTE_SECONDS: u64 = 20;
/// Exchanges that one action of a person may cause.
pub const EXCHANGES: usize = 24;

/// How many bytes a reply may have.
pub fn reply_bytes(purpose: Purpose) -> usize {
    match purpose {
        Purpose::Credential => 8 * 1024 * 1024,
        Purpose::StatusList => 2 * 1024 * 1024,
        Purpose::TypeMetadata => TYPE_METADATA,
        _ => 1024 * 1024,
    }
}
