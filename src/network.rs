//! Networks in CIDR notation (RFC 4632, RFC 4291 §2.3), for the lists of trusted proxies.
//!
//! The arithmetic is that of the crate `ipnet`. Two things are ours: the words for a text that is not a network, and
//! that an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) counts as the IPv4 address that it carries, on both sides of
//! every comparison. The latter is needed because a dual-stack listener reports each IPv4 client in the mapped form.
//! Never here: name resolution, sockets, the system's own interface list. Failures: a text that is not a network,
//! reported to the operator.
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Serialize, Serializer};

/// An address prefix; a single address is the prefix of full length. No bit is set after the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

/// Why a text is not a network. The operator wrote it, so it may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("{0:?} is no IP address or network; write it like 10.0.0.0/8, fd00::/8 or 192.0.2.7")]
    Syntax(String),
    #[error("{0:?} has bits set behind its prefix; write {1}")]
    HostBits(String, Network),
}

impl Network {
    /// What a collector trusts as a proxy unless it is told otherwise: this machine and the networks from which no
    /// stranger can come, which are loopback (RFC 1122, RFC 4291), private (RFC 1918), unique local (RFC 4193) and IPv6
    /// link-local.
    pub const LOCAL: [Network; 7] = [
        v4(Ipv4Addr::new(127, 0, 0, 0), 8),
        v4(Ipv4Addr::new(10, 0, 0, 0), 8),
        v4(Ipv4Addr::new(172, 16, 0, 0), 12),
        v4(Ipv4Addr::new(192, 168, 0, 0), 16),
        v6(Ipv6Addr::LOCALHOST, 128),
        v6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
        v6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    ];

    /// Whether the address lies in this network.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

const fn v4(address: Ipv4Addr, prefix: u8) -> Network {
    Network(IpNet::V4(Ipv4Net::new_assert(address, prefix)))
}

const fn v6(address: Ipv6Addr, prefix: u8) -> Network {
    Network(IpNet::V6(Ipv6Net::new_assert(address, prefix)))
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let net = as_written(text).ok_or_else(|| NetworkError::Syntax(text.to_string()))?;
        let net = unmapped(net);
        if net.addr() != net.network() {
            return Err(NetworkError::HostBits(text.to_string(), Network(net.trunc())));
        }
        Ok(Network(net))
    }
}

/// Parsed here because the crate's parser accepts no single address, and accepts `010.0.0.0/8`, which other programs
/// read as 8.
fn as_written(text: &str) -> Option<IpNet> {
    let Some((address, prefix)) = text.split_once('/') else {
        return text.parse::<IpAddr>().ok().map(IpNet::from);
    };
    // u8's own parser accepts "+8", but a prefix consists of digits.
    let is_number = prefix.bytes().all(|b| b.is_ascii_digit());
    let prefix = prefix.parse().ok().filter(|_| is_number)?;
    IpNet::new(address.parse().ok()?, prefix).ok()
}

/// Turns a network of IPv4-mapped addresses into the IPv4 network that it stands for.
fn unmapped(net: IpNet) -> IpNet {
    let prefix = net.prefix_len().checked_sub(96);
    match (net, net.addr().to_canonical(), prefix) {
        (IpNet::V6(_), IpAddr::V4(mapped), Some(prefix)) => Ipv4Net::new(mapped, prefix).map_or(net, IpNet::from),
        _ => net,
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(net: &str, ip: &str) -> bool {
        let net: Network = net.parse().unwrap();
        net.contains(ip.parse().unwrap())
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (net, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("fe80::/10", "febf::1", "fec0::1"),
            ("::1", "::1", "::2"),
            ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
        ] {
            assert!(contains(net, inside), "{net} holds {inside}");
            assert!(!contains(net, outside), "{net} does not hold {outside}");
        }
    }

    #[test]
    fn a_prefix_of_zero_holds_its_whole_family_only() {
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("::/0", "2001:db8::1"));
        assert!(!contains("::/0", "203.0.113.9"));
    }

    #[test]
    fn mapped_addresses_are_ipv4_on_both_sides() {
        assert!(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
        assert!(contains("::ffff:192.0.2.1", "192.0.2.1"));
    }

    #[test]
    fn what_is_no_network_is_refused_with_a_hint() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "10.0.0.0/+8",
            "localhost",
            "10.0.0.0/8/8",
            " 10.0.0.0/8",
            "10.0.0.0/ 8",
            "010.0.0.0/8",
        ] {
            let error = text.parse::<Network>().unwrap_err().to_string();
            assert!(error.contains("write it like"), "{text}: {error}");
        }
        let error = "10.1.2.3/8".parse::<Network>().unwrap_err().to_string();
        assert_eq!(error, "\"10.1.2.3/8\" has bits set behind its prefix; write 10.0.0.0/8");
    }

    #[test]
    fn the_local_networks_are_written_as_they_are_read() {
        for net in Network::LOCAL {
            assert_eq!(net.to_string().parse(), Ok(net));
        }
        let local = |ip: &str| Network::LOCAL.iter().any(|net| net.contains(ip.parse().unwrap()));
        assert!(
            [
                "127.0.0.1",
                "::1",
                "::ffff:127.0.0.1",
                "192.168.1.1",
                "fd00::1",
                "fe80::1"
            ]
            .into_iter()
            .all(local)
        );
        assert!(
            !["203.0.113.1", "2001:db8::1", "172.15.0.1", "0.0.0.0", "::"]
                .into_iter()
                .any(local)
        );
    }
}
