//! A network in CIDR notation (RFC 4632, RFC 4291 §2.3), for the lists of trusted proxies.
//!
//! Never here: name resolution, sockets, the system's own interface list. An IPv4-mapped IPv6 address (RFC 4291
//! §2.5.5.2) is the IPv4 address it carries, on both sides of every comparison: a dual-stack listener reports
//! each IPv4 client in the mapped form. Failures: a text that is no network, told to the operator.
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An address prefix; a single address is the prefix of full length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IpNet {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no network. The operator wrote it, so it may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IpNetError {
    #[error("{0:?} is no IP address or network; write it like 10.0.0.0/8, fd00::/8 or 192.0.2.7")]
    Syntax(String),
    #[error("{0:?} has bits set behind its prefix; write {1}")]
    HostBits(String, IpNet),
}

impl IpNet {
    /// What a collector trusts as a proxy unless told otherwise: this machine and the networks that no stranger can
    /// come from: loopback (RFC 1122, RFC 4291), private (RFC 1918), unique local (RFC 4193) and IPv6 link-local.
    pub const LOCAL: [IpNet; 7] = [
        IpNet {
            address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)),
            prefix: 8,
        },
        IpNet {
            address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)),
            prefix: 8,
        },
        IpNet {
            address: IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)),
            prefix: 12,
        },
        IpNet {
            address: IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)),
            prefix: 16,
        },
        IpNet {
            address: IpAddr::V6(Ipv6Addr::LOCALHOST),
            prefix: 128,
        },
        IpNet {
            address: IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)),
            prefix: 7,
        },
        IpNet {
            address: IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)),
            prefix: 10,
        },
    ];

    /// Whether the address lies in this network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                first_bits(net.to_bits().into(), 32, self.prefix) == first_bits(ip.to_bits().into(), 32, self.prefix)
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                first_bits(net.to_bits(), 128, self.prefix) == first_bits(ip.to_bits(), 128, self.prefix)
            }
            _ => false,
        }
    }

    fn cut(address: IpAddr, prefix: u8) -> IpNet {
        let address = match address {
            // The shifted value came out of 32 bits, so it goes back into them.
            IpAddr::V4(ip) => IpAddr::V4(Ipv4Addr::from_bits(first_bits(ip.to_bits().into(), 32, prefix) as u32)),
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(first_bits(ip.to_bits(), 128, prefix))),
        };
        IpNet { address, prefix }
    }
}

/// The value with everything behind its first `prefix` of `width` bits cleared. A shift by the full width would
/// overflow, hence the checked one: a prefix of 0 keeps nothing.
fn first_bits(bits: u128, width: u32, prefix: u8) -> u128 {
    let behind = width - u32::from(prefix);
    bits.checked_shr(behind)
        .and_then(|kept| kept.checked_shl(behind))
        .unwrap_or(0)
}

impl FromStr for IpNet {
    type Err = IpNetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let syntax = || IpNetError::Syntax(text.to_string());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| syntax())?;
        let width: u8 = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            // u8's own parser takes "+8"; a prefix is digits.
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map_err(|_| syntax())?,
            Some(_) => return Err(syntax()),
            None => width,
        };
        if prefix > width {
            return Err(syntax());
        }
        let (address, prefix) = match address.to_canonical() {
            IpAddr::V4(mapped) if width == 128 && prefix >= 96 => (IpAddr::V4(mapped), prefix - 96),
            _ => (address, prefix),
        };
        let net = IpNet::cut(address, prefix);
        if net.address != address {
            return Err(IpNetError::HostBits(text.to_string(), net));
        }
        Ok(net)
    }
}

impl fmt::Display for IpNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(net: &str, ip: &str) -> bool {
        let net: IpNet = net.parse().unwrap();
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
        ] {
            let error = text.parse::<IpNet>().unwrap_err().to_string();
            assert!(error.contains("write it like"), "{text}: {error}");
        }
        let error = "10.1.2.3/8".parse::<IpNet>().unwrap_err().to_string();
        assert_eq!(error, "\"10.1.2.3/8\" has bits set behind its prefix; write 10.0.0.0/8");
    }

    #[test]
    fn the_local_networks_are_written_as_they_are_read() {
        for net in IpNet::LOCAL {
            assert_eq!(net.to_string().parse(), Ok(net));
        }
        let local = |ip: &str| IpNet::LOCAL.iter().any(|net| net.contains(ip.parse().unwrap()));
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
