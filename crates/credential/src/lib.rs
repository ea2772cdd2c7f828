//! Credentials: read, verified, disclosed and presented, in every format that Leerpas knows; with the keys,
//! certificates, DIDs, status lists and the trust list that this takes.
//!
//! Nothing here does input or output. What must be fetched is asked for as an
//! [`Exchange`](leerpas_core::Exchange) by [`verify::Verification`]; time and chance are handed in.
//! The one exception is [`x509::TrialAuthority`], which keeps the certificates of a trial set-up in a folder.

pub mod badge;
pub mod bake;
pub mod data_integrity;
pub mod did;
pub mod facts;
pub mod jose;
pub mod json;
pub mod jsonld;
pub mod keys;
pub mod present;
pub mod read;
pub mod report;
pub mod sd_jwt;
pub mod status;
pub mod trust;
pub mod type_metadata;
pub mod unbake;
pub mod verify;
pub mod x509;
mod xml;
