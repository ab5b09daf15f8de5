//! What is read from descriptions, and how two of them differ.
mod candidate;
mod changes;
mod read;
mod sides;

use super::{Candidate, Change, Compared, Description, Direction, Operation, Setup, Weight, What};
use super::{compare, lines, munged};

/// A shortened offer of a browser: audio, video with two layers, and a data channel.
pub const OFFER: &str = "v=0\r
o=- 77 2 IN IP4 127.0.0.1\r
s=-\r
t=0 0\r
a=group:BUNDLE 0 1 2\r
a=setup:actpass\r
m=audio 9 UDP/TLS/RTP/SAVPF 111 9\r
c=IN IP4 0.0.0.0\r
a=rtcp:9 IN IP4 0.0.0.0\r
a=ice-ufrag:Oi8B\r
a=ice-pwd:r6M7HpBBvJq0VDr2Op8XdH7X\r
a=fingerprint:sha-256 CE:4C\r
a=mid:0\r
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r
a=sendrecv\r
a=rtpmap:111 opus/48000/2\r
a=fmtp:111 minptime=10;useinbandfec=1\r
a=rtpmap:9 G722/8000\r
a=ssrc:1240280403 cname:Bc3J\r
m=video 9 UDP/TLS/RTP/SAVPF 96 97\r
c=IN IP4 0.0.0.0\r
a=setup:active\r
a=mid:1\r
a=recvonly\r
a=rtpmap:96 VP8/90000\r
a=rtpmap:97 rtx/90000\r
a=fmtp:97 apt=96\r
a=rid:h send\r
a=rid:l send\r
a=simulcast:send h;l\r
a=candidate:1 1 udp 2122260223 192.0.2.7 54321 typ host generation 0\r
m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r
a=bundle-only\r
a=mid:2\r
";
