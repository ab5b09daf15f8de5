//! Texts with addresses in all forms in which they are met, and what masking makes of them. All tests of masking that
//! ask for every form take them from here.

/// A text, and the same text masked.
pub type Case = (&'static str, &'static str);

/// Addresses of version 4.
pub const IPV4: &[Case] = &[
    ("198.51.100.31", "198.51.100.x"),
    ("198.51.100.31:50000", "198.51.100.x:50000"),
    ("(198.51.100.31), 203.0.113.5.", "(198.51.100.x), 203.0.113.x."),
    ("c=IN IP4 224.2.1.1/127/3", "c=IN IP4 224.2.1.x/127/3"),
    (
        "a=x-server:203.0.113.31\r\na=rtcp:50001 IN IP4 203.0.113.31\n",
        "a=x-server:203.0.113.x\r\na=rtcp:50001 IN IP4 203.0.113.x\n",
    ),
    ("cname:user@198.51.100.31", "cname:user@198.51.100.x"),
    ("udp4:198.51.100.31:9", "udp4:198.51.100.x:9"),
    ("ip198.51.100.31and", "ip198.51.100.xand"),
    ("999.1.2.3", "999.1.2.x"),
    ("198.051.100.031", "198.051.100.x"),
    ("255.255.255.255", "255.255.255.x"),
    ("127.0.0.999", "127.0.0.x"),
    ("127.0.0.1.7", "127.0.0.x"),
    ("1198.51.100.31", "1198.51.100.x"),
    ("198.51.100.3150000", "198.51.100.x"),
    ("1.198.51.100.31", "1.198.51.x"),
    ("198.51.100.31.in-addr.arpa", "198.51.100.x.in-addr.arpa"),
    (
        "http://198.51.100.31/198.51.100.32?198.51.100.33#198.51.100.34",
        "http://198.51.100.x/198.51.100.x?198.51.100.x#198.51.100.x",
    ),
    ("198.51.100.31\u{0}198.51.100.32", "198.51.100.x\u{0}198.51.100.x"),
    ("é198.51.100.31é", "é198.51.100.xé"),
];

/// Addresses of version 6.
pub const IPV6: &[Case] = &[
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111", "2001:db8:aaaa:x:x:x:x:x"),
    ("2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:1111", "2001:db8:aaaa:x:x:x:x:x"),
    ("2001:0db8:0001:0000:0000:0000:0000:0001", "2001:db8:1:x:x:x:x:x"),
    ("fd00::2", "fd00:0:0:x:x:x:x:x"),
    ("2001:db8::31", "2001:db8:0:x:x:x:x:x"),
    ("2001:db8::", "2001:db8:0:x:x:x:x:x"),
    ("::2", "0:0:0:x:x:x:x:x"),
    ("1::b:c:d:e:f:1", "1:0:b:x:x:x:x:x"),
    ("[2001:db8::31]:5000", "[2001:db8:0:x:x:x:x:x]:5000"),
    ("2001:db8::31.", "2001:db8:0:x:x:x:x:x."),
    ("2001:db8::31, fd00::2:", "2001:db8:0:x:x:x:x:x, fd00:0:0:x:x:x:x:x:"),
    ("address=2001:db8::31/64", "address=2001:db8:0:x:x:x:x:x/64"),
    ("fe80::1ff:fe23:4567:890a", "fe80:0:0:x:x:x:x:x"),
    ("fe80::1ff:fe23:4567:890a%enx001122334455 up", "fe80:0:0:x:x:x:x:x up"),
    ("fe80::1%1.2.3.4:5:6", "fe80:0:0:x:x:x:x:x:5:6"),
    ("fe80::1%25eth0", "fe80:0:0:x:x:x:x:x"),
    ("2001:db8::31%20next", "2001:db8:0:x:x:x:x:x%20next"),
    ("64:ff9b::198.51.100.31", "64:ff9b:0:x:x:x:x:x"),
    ("2001:db8:1:2:3:4:198.51.100.31", "2001:db8:1:x:x:x:x:x"),
    ("2002:c633:641f::1", "2002:c633:x:x:x:x:x:x"),
    ("::198.51.100.31", "0:0:0:x:x:x:x:x"),
];

/// Addresses of version 4 in those of version 6.
pub const MAPPED: &[Case] = &[
    ("::ffff:198.51.100.31", "198.51.100.x"),
    ("::FFFF:c633:641f", "198.51.100.x"),
    ("0:0:0:0:0:ffff:198.51.100.31", "198.51.100.x"),
    ("[::ffff:198.51.100.31]:80", "[198.51.100.x]:80"),
    ("x ::ffff:198.51.100.31.", "x 198.51.100.x."),
];

/// Addresses without a border to what is around them.
pub const GLUED: &[Case] = &[
    ("candidate:2001:db8::31", "candidate:2001:db8:0:x:x:x:x:x"),
    ("candidate:2001:db8:a:b:c:d:e:f", "candidate:2001:db8:a:x:x:x:x:x"),
    ("udp:2001:db8::31", "udp:2001:db8:0:x:x:x:x:x"),
    ("1700000000:2001:db8::31", "1700000000:2001:db8:0:x:x:x:x:x"),
    (
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111:50000",
        "2001:db8:aaaa:x:x:x:x:x:50000",
    ),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111:9", "2001:db8:aaaa:x:x:x:x:x"),
    ("2001:db8::31:50000", "2001:db8:0:x:x:x:x:x:50000"),
    ("2001:db8::31typ", "2001:db8:0:x:x:x:x:xtyp"),
    (
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111typ",
        "2001:db8:aaaa:x:x:x:x:xtyp",
    ),
    (
        "typ2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111",
        "typ2001:db8:aaaa:x:x:x:x:x",
    ),
    ("typ2001:db8::31", "typ2001:db8:0:0:x:x:x:x:x"),
    ("fd00::2x:x:x:x:x:x", "fd00:0:0:x:x:x:x:xx:x:x:x:x:x"),
    ("12001:db8:aaaa:bbbb:cccc:dddd:eeee:1111", "12001:db8:aaaa:x:x:x:x:x"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:11119", "2001:db8:aaaa:x:x:x:x:x"),
    ("2001:db8::12345", "2001:db8:0:x:x:x:x:x"),
    ("2001:db8::12345:1:2:3:4:5:6:7", "2001:db8:0:x:x:x:x:x:1:2:3:4:5:6:7"),
    (
        r"\b2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111",
        r"\b2001:db8:aaaa:x:x:x:x:x",
    ),
    ("2001:db8:::::31", "2001:db8:0:x:x:x:x:x"),
    ("port:::2", "port:0:0:0:x:x:x:x:x"),
    ("2001:db8::31::1", "2001:db8:0:x:x:x:x:x"),
    ("::ffff:198.51.100.31:50000", "198.51.100.x:50000"),
];

/// Addresses in other encodings.
pub const ENCODED: &[Case] = &[
    ("198%2E51%2e100%2E31", "198%2E51%2e100%2Ex"),
    ("%31%39%38.51.100.%33%31", "%31%39%38.51.100.x"),
    ("2001%3Adb8%3A%3A31&x=1", "2001:db8:0:x:x:x:x:x&x=1"),
    ("%5B2001:db8::31%5D", "%5B2001:db8:0:x:x:x:x:x%5D"),
    ("198%252E51%252E100%252E31", "198%252E51%252E100%252Ex"),
    (r#"{"ip":"198\u002e51.100.3\u0031"}"#, r#"{"ip":"198\u002e51.100.x"}"#),
    (r"198\\u002e51.100.31", r"198\\u002e51.100.x"),
    ("198.51.100.31%2C198.51.100.32", "198.51.100.x%2C198.51.100.x"),
    ("a%2", "a%2"),
    ("%5B::1%5D", "%5B::1%5D"),
    (
        "%5b2001:db8:aaaa:bbbb:cccc:dddd:eeee:1111%5d",
        "%5b2001:db8:aaaa:x:x:x:x:x%5d",
    ),
    ("100%", "100%"),
    (r"\u00", r"\u00"),
];

/// All of them.
pub fn all() -> impl Iterator<Item = Case> {
    [IPV4, IPV6, MAPPED, GLUED, ENCODED].into_iter().flatten().copied()
}
