//! Which addresses may be connected to: an issuer or a verifier that a stranger names must not be able to
//! aim the wallet at the machine it runs on or at its neighbours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use leerpas_core::Fault;
use url::{Host, Url};

/// Looks at the address as it is written: the scheme, the port, and a host that is a number already. Names
/// are vetted when they are looked up. Gives the host, for messages.
///
/// `url` has turned every spelling of an IPv4 address (decimal, octal, hexadecimal, short) into four
/// numbers by then (WHATWG URL, 3.5), so there is one form to judge.
pub(crate) fn vet(url: &Url, allow_loopback: bool) -> Result<String, Fault> {
    let host = url.host_str().unwrap_or_default().to_owned();
    if url.scheme() != "https" {
        return Err(Fault::Insecure { host });
    }
    let named = match url.host() {
        Some(Host::Ipv4(ip)) => is_allowed(IpAddr::V4(ip), allow_loopback),
        Some(Host::Ipv6(ip)) => is_allowed(IpAddr::V6(ip), allow_loopback),
        // A name with a dot at its end is the same host under another name; comparisons would miss it.
        Some(Host::Domain(name)) => !name.ends_with('.'),
        None => false,
    };
    let bare = url.username().is_empty() && url.password().is_none();
    if named && bare && is_web_port(url.port_or_known_default()) {
        Ok(host)
    } else {
        Err(Fault::AddressRefused { host })
    }
}

/// Whether an address may be connected to. Everything that the special-purpose registries of IANA
/// (RFC 6890) do not call globally reachable is out; loopback can be let in for trying things out.
pub(crate) fn is_allowed(ip: IpAddr, allow_loopback: bool) -> bool {
    if ip.is_loopback() {
        return allow_loopback;
    }
    match ip {
        IpAddr::V4(ip) => is_global_v4(ip),
        IpAddr::V6(ip) => is_global_v6(ip),
    }
}

/// 443, and what a web service may have without the rights of the administrator. The ports below 1024 are
/// those of mail, printers, file shares and the like.
fn is_web_port(port: Option<u16>) -> bool {
    port.is_some_and(|port| port == 443 || port >= 1024)
}

fn is_global_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, ..)                  // this network, private, loopback
            | (100, 64..=127, _)            // shared by a provider's customers (RFC 6598)
            | (169, 254, _)                 // link-local, and the metadata service of clouds
            | (172, 16..=31, _)             // private
            | (192, 0, 0 | 2)               // IETF protocols, documentation
            | (192, 88, 99)                 // 6to4 relays
            | (192, 168, _)                 // private
            | (198, 18..=19, _)             // benchmarks
            | (198, 51, 100)                // documentation
            | (203, 0, 113)                 // documentation
            | (224..=255, ..) // multicast, reserved, broadcast
    )
}

fn is_global_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    // NAT64 (RFC 6052): how an IPv6-only network reaches the IPv4 internet; what counts is the address inside.
    if s[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [a, b] = s[6].to_be_bytes();
        let [c, d] = s[7].to_be_bytes();
        return is_global_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Only 2000::/3 is handed out; that leaves out ::, mapped IPv4, unique local, link-local and multicast.
    s[0] & 0xe000 == 0x2000
        && !(s[0] == 0x2001 && s[1] < 0x0200)       // IETF protocols, Teredo among them
        && !(s[0] == 0x2001 && s[1] == 0x0db8)      // documentation
        && s[0] != 0x2002                           // 6to4, which holds an IPv4 address
        && !(s[0] == 0x3fff && s[1] < 0x1000) // documentation
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> bool {
        matches!(vet(&Url::parse(text).unwrap(), false), Err(Fault::AddressRefused { .. }))
    }

    #[test]
    fn c02_private_addresses_are_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "017700000001",
            "0177.0.0.1",
            "127.000.000.001",
            "１２７.0.0.1",
            "0.0.0.0",
            "0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "0xc0a80101",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[::ffff:8.8.8.8]",
            "[::127.0.0.1]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::1]",
            "[100::1]",
            "[2001::1]",
            "[2001:db8::1]",
            "[2002:7f00:1::]",
            "[3fff::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
        ] {
            assert!(refused(&format!("https://{host}/")), "{host}");
        }
    }

    #[test]
    fn public_addresses_and_names_pass() {
        for host in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "[2a00::1]", "[64:ff9b::8.8.8.8]", "issuer.example.org"] {
            assert!(vet(&Url::parse(&format!("https://{host}/")).unwrap(), false).is_ok(), "{host}");
        }
    }

    #[test]
    fn the_switch_lets_loopback_through_and_nothing_else() {
        for host in ["127.0.0.1", "127.8.8.8", "[::1]", "0x7f.1"] {
            assert!(vet(&Url::parse(&format!("https://{host}:8443/")).unwrap(), true).is_ok(), "{host}");
        }
        for host in ["10.0.0.1", "192.168.1.1", "0.0.0.0", "[::ffff:127.0.0.1]", "[fe80::1]", "169.254.1.1"] {
            assert!(vet(&Url::parse(&format!("https://{host}/")).unwrap(), true).is_err(), "{host}");
        }
    }

    #[test]
    fn c02_other_schemes_are_insecure() {
        for text in ["http://example.org/", "http://127.0.0.1/", "file:///etc/passwd", "data:,x", "ftp://example.org/"]
        {
            assert!(matches!(vet(&Url::parse(text).unwrap(), true), Err(Fault::Insecure { .. })), "{text}");
        }
    }

    #[test]
    fn c02_userinfo_and_ports_of_other_services_are_refused() {
        for text in [
            "https://name@example.org/",
            "https://name:word@example.org/",
            "https://:word@example.org/",
            "https://example.org:25/",
            "https://example.org:22/",
            "https://example.org:0/",
            "https://example.org./",
        ] {
            assert!(refused(text), "{text}");
        }
        assert!(!refused("https://example.org:8443/"));
    }

    #[test]
    fn h14_names_that_are_no_names_do_not_parse() {
        for text in ["https://[fe80::1%25eth0]/", "https://xn--example-.org/", "https://exa mple.org/"] {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_address_that_the_standard_library_calls_private_passes(bits: u32, high: u64, low: u64) {
            let v4 = Ipv4Addr::from(bits);
            if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_broadcast()
                || v4.is_documentation() || v4.is_unspecified() {
                prop_assert!(!is_allowed(v4.into(), false));
            }
            prop_assert!(!is_allowed(v4.to_ipv6_mapped().into(), true));
            let v6 = Ipv6Addr::from((u128::from(high) << 64) | u128::from(low));
            if v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_multicast() || v6.is_unspecified() {
                prop_assert!(!is_allowed(v6.into(), true));
            }
        }
    }
}
