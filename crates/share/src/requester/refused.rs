//! A request that cannot be answered, and whether its requester hears of it (OpenID4VP 1.0, 8.5 and 15).
//!
//! Told is only who is proved, at an address of their own, at a host that the person agreed to contact. What is told
//! follows from the request and from nothing else: no card was looked at. Everybody else hears nothing.

use leerpas_core::{Evidence, Exchange, Party, Purpose, Url};
use leerpas_openid::vp::{ClientId, ReturnAddress};
use serde_json::{Map, Value};

use crate::{ShareError, requester::party_of_link, response};

/// Why a request is refused, with the message to its requester.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: ShareError,
    pub(crate) told: Option<Box<Told>>,
}

/// A message that says no more than a word.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) party: Party,
    pub(crate) exchange: Box<Exchange>,
}

impl<E: Into<ShareError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self { error: error.into(), told: None }
    }
}

impl Refused {
    /// A refusal of a request whose signature held; `own` tells whether an address is the requester's.
    pub(super) fn with_address(
        error: ShareError,
        members: &Map<String, Value>,
        client_id: &ClientId,
        contacted: Option<&Url>,
        own: impl Fn(&Url) -> bool,
    ) -> Self {
        let word = match &error {
            ShareError::Request(error) => error.word(),
            _ => None,
        };
        let address = ReturnAddress::of(members, client_id).filter(|address| {
            own(&address.response_uri) && contacted.is_some_and(|url| url.origin() == address.response_uri.origin())
        });
        let told = word.zip(address).map(|(word, address)| {
            Box::new(Told {
                party: Party { evidence: Evidence::Proved, ..party_of_link(client_id, &address.response_uri) },
                exchange: Box::new(Exchange::post_form(
                    Purpose::Refusal,
                    address.response_uri,
                    response::error(word, address.state, address.response_mode, &address.client_metadata),
                )),
            })
        });
        Self { error, told }
    }
}
