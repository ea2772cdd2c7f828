//! Open Badges 2.0. They are read and shown; their own way of being verified, by asking the issuer for the assertion, is
//! not made here, and the report says so instead of guessing.

use super::{evaluate::Findings, issuer_keys::Tie};
use crate::{
    jose::Jws,
    report::{Check, CheckName, Reason},
};

pub(super) fn check(jws: Option<&Jws>) -> Findings {
    let how = if jws.is_some() { "a signed assertion" } else { "a hosted assertion" };
    let detail = format!("{how} of Open Badges 2.0 is verified by asking its issuer, which is not done here");
    Findings {
        checks: vec![
            Check::pass(CheckName::Format, "Open Badges 2.0 assertion"),
            Check::unknown(CheckName::Signature, Reason::NotSupported, detail.clone()),
            Check::unknown(CheckName::IssuerKey, Reason::NotSupported, detail),
        ],
        tie: Tie::default(),
    }
}
