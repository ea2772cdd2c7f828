//! The wire: carries out one [`Exchange`](leerpas_core::Exchange) under one policy, and opens the doors
//! at which the desk and the sandbox listen.
//!
//! The policy, with no way around it: https only, TLS 1.2 or later with a certificate that holds, no
//! redirects, no cookies, no proxy of the environment, no compression, caps on bytes and on time, and no
//! address of this machine or of a private network. Every request is carried out at most once. A connection is used again
//! within one flow alone, and no TLS session is ever taken up again.

mod address;
mod client;
mod door;
mod listen;
mod log;
mod names;
mod policy;
mod roots;

pub use client::{Client, Flow};
pub use door::Door;
pub use listen::{ListenError, Reach, TlsConnection, TlsIdentity, TlsListener, bind_plain, bind_tls};
pub use log::RequestLog;
pub use names::{Addresses, Names, SystemNames};
pub use policy::{Limits, Policy, PolicyError};
