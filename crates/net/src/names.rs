//! From a host name to the addresses that may be connected to.

use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use crate::address;

/// The answer of a look-up, as it is on its way.
pub type Addresses<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Looks names up. The system does it in the program; a test puts its own answers here.
pub trait Names: Send + Sync + 'static {
    /// All addresses of a host. They need no vetting: the client does that to every answer.
    fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a>;
}

/// The resolver of the operating system. It is not asked for `localhost` and what lies under it, which are this machine
/// whatever anybody answers (RFC 6761, 6.3).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        if host == "localhost" || host.ends_with(".localhost") {
            let here = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            return Box::pin(std::future::ready(Ok(here)));
        }
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// Every address of the name is out of bounds.
#[derive(Debug, Error)]
#[error("no address of this name is allowed")]
pub(crate) struct Refused;

/// Vets each answer and hands on only what passed. The connection is made to exactly these addresses, so
/// a name that answers differently a moment later gains nothing.
pub(crate) struct VettedNames {
    pub(crate) names: Arc<dyn Names>,
    pub(crate) allow_loopback: bool,
}

impl Resolve for VettedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, allow_loopback) = (Arc::clone(&self.names), self.allow_loopback);
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
            }
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|ip| address::is_allowed(*ip, allow_loopback))
                // Port 0 means the port of the URL.
                .map(|ip| SocketAddr::new(ip, 0))
                .collect();
            if allowed.is_empty() {
                return Err(Refused.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rfc_6761_6_3_localhost_is_this_machine_whatever_anybody_answers() {
        for host in ["localhost", "institution.localhost"] {
            let addresses = SystemNames.addresses(host).await.unwrap();
            assert!(!addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback), "{host}");
        }
        assert!(SystemNames.addresses("notlocalhost.invalid").await.is_err());
    }
}
