//! What a client may do, said once when it is made.

use std::time::Duration;

use leerpas_core::{ErrorKind, Purpose, limits};
use thiserror::Error;

use crate::RequestLog;

/// The rules of one [`Client`](crate::Client) that a caller may set. The rest is fixed.
#[derive(Debug, Default)]
pub struct Policy {
    /// Lets `127.0.0.0/8` and `::1` through the guard, to try things out on one machine. Private networks
    /// stay refused, and so does plain http.
    pub allow_loopback: bool,
    /// Certificate authorities to trust besides those of the system, each a PEM text with one certificate
    /// or more.
    pub extra_roots_pem: Vec<Vec<u8>>,
    /// Where to write a line for each request.
    pub log: Option<RequestLog>,
}

/// Caps of an exchange in time and bytes. [`Default`] is the table in `leerpas_core::limits`; tests set
/// shorter ones.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Looking up the name, connecting and the TLS handshake.
    pub connect: Duration,
    /// From the beginning until the head of the reply is there. Where it is shorter than `connect`, it
    /// bounds connecting too.
    pub first_byte: Duration,
    /// From the beginning until the whole reply is there.
    pub total: Duration,
    /// How many bytes the body of a reply may have.
    pub reply_bytes: fn(Purpose) -> usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(limits::CONNECT_SECONDS),
            first_byte: Duration::from_secs(limits::FIRST_BYTE_SECONDS),
            total: Duration::from_secs(limits::TOTAL_SECONDS),
            reply_bytes: limits::reply_bytes,
        }
    }
}

/// Why no client could be made.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// An extra root is not a PEM certificate.
    #[error("extra root {position} is not a certificate in PEM")]
    Root {
        /// Which of `extra_roots_pem`, counted from one.
        position: usize,
    },
    /// TLS could not be set up on this system.
    #[error("TLS could not be set up: {reason}")]
    Tls {
        /// What the TLS library said.
        reason: String,
    },
}

impl PolicyError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Root { .. } => ErrorKind::Usage,
            Self::Tls { .. } => ErrorKind::Internal,
        }
    }
}
