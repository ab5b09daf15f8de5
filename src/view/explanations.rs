//! What the lines of session descriptions mean: by letter, or by the name of an attribute.
pub const EXPLANATIONS: &[(&str, &str)] = &[
    ("v", "Version of the format, always 0 (RFC 8866, section 5.1)"),
    (
        "o",
        "Who made the description: an id of the session, and its version, which grows with each (RFC 8866, 5.2)",
    ),
    ("s", "Name of the session, unused by browsers (RFC 8866, 5.3)"),
    ("t", "When the session takes place; 0 0 is always (RFC 8866, 5.9)"),
    (
        "m",
        "A section of media: kind, port, transport, and payload types in the order in which they are preferred (RFC 8866, 5.14)",
    ),
    (
        "c",
        "Address of the connection; with ICE, that of the default candidate (RFC 8866, 5.7)",
    ),
    (
        "b",
        "Upper limit of the bandwidth: AS in kbit/s (RFC 8866, 5.8), TIAS in bit/s (RFC 3890)",
    ),
    ("group", "BUNDLE: these sections share one transport (RFC 9143)"),
    (
        "msid-semantic",
        "Which media streams the description has, of old (draft of RFC 8830)",
    ),
    ("msid", "Stream and track to which the section belongs (RFC 8830)"),
    ("mid", "Name of the section; a transceiver keeps it (RFC 5888)"),
    (
        "extmap-allow-mixed",
        "Header extensions of one and of two bytes may be mixed (RFC 8285)",
    ),
    (
        "extmap",
        "A header extension of RTP: its number and what it means (RFC 8285)",
    ),
    (
        "rtpmap",
        "Codec, clock rate and channels of a payload type (RFC 8866, 6.6)",
    ),
    ("fmtp", "Parameters of a codec (RFC 8866, 6.15)"),
    (
        "rtcp-fb",
        "Feedback that the receiver may send: lost packets, pictures, bandwidth (RFC 4585)",
    ),
    ("rtcp-mux", "RTP and RTCP share one port (RFC 5761)"),
    ("rtcp-rsize", "Reports of RTCP may be short (RFC 5506)"),
    ("rtcp", "Port and address of RTCP, if it has its own (RFC 3605)"),
    (
        "ice-ufrag",
        "User fragment of ICE; a new one is an ICE restart (RFC 8839, 5.4)",
    ),
    ("ice-pwd", "Password of ICE, by which checks are signed (RFC 8839, 5.4)"),
    (
        "ice-options",
        "trickle: candidates follow one by one (RFC 8840); renomination: the pair may change",
    ),
    ("ice-lite", "This side answers checks, but makes none (RFC 8839, 5.3)"),
    (
        "candidate",
        "An address at which this side may be reached (RFC 8839, 5.1)",
    ),
    ("end-of-candidates", "No further candidates will follow (RFC 8840, 8.2)"),
    ("fingerprint", "Hash of the certificate that DTLS must show (RFC 8122)"),
    (
        "setup",
        "Who begins DTLS: active begins, passive waits, actpass lets the other side choose (RFC 8842)",
    ),
    (
        "tls-id",
        "Name of a DTLS association; a new one asks for a new one (RFC 8842)",
    ),
    ("sendrecv", "Media go both ways (RFC 8866, 6.7)"),
    ("sendonly", "Media go only from this side (RFC 8866, 6.7)"),
    ("recvonly", "Media go only to this side (RFC 8866, 6.7)"),
    ("inactive", "No media go (RFC 8866, 6.7)"),
    (
        "ssrc-group",
        "Sources that belong together: FID is a stream and its retransmission (RFC 5576)",
    ),
    ("ssrc", "A source of RTP, and what is known of it (RFC 5576)"),
    ("rid", "A layer of simulcast, with its direction and limits (RFC 8851)"),
    ("simulcast", "Which layers are sent or received; ~ is paused (RFC 8853)"),
    (
        "bundle-only",
        "The section has no port of its own; it takes part in BUNDLE or is rejected (RFC 9143)",
    ),
    ("ptime", "Length of audio in a packet, in ms (RFC 8866, 6.4)"),
    (
        "maxptime",
        "Greatest length of audio in a packet, in ms (RFC 8866, 6.5)",
    ),
    ("sctp-port", "Port of SCTP, for data channels (RFC 8841)"),
    (
        "max-message-size",
        "Longest message of a data channel that this side takes, in bytes (RFC 8841)",
    ),
    ("imageattr", "Sizes of pictures that are sent or received (RFC 6236)"),
    ("framerate", "Greatest rate of frames (RFC 8866, 6.13)"),
    ("x-google-flag", "conference: simulcast of old in Chromium"),
];
