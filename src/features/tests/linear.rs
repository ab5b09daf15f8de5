//! Features take time that is linear in the bytes of the events, whatever is kept of earlier ones.
use super::*;
use crate::dump::steps;

/// Checks that eight times the lines take eight times the steps, or less. What is done once is little.
fn check_linear(what: &str, parts: usize, lines: impl Fn(usize) -> Vec<String>) {
    let [small, large] = [parts, 8 * parts].map(|parts| {
        let lines = lines(parts);
        let bytes: usize = lines.iter().map(String::len).sum();
        let steps = steps::of(|| drop(features(&lines)));
        assert!(4 * steps >= bytes as u64, "{what}: {steps} steps for {bytes} bytes");
        steps as f64 / bytes as f64
    });
    assert!(
        large <= 1.25 * small + 2.0,
        "{what}: {small:.1} steps for a byte, and {large:.1} of more lines"
    );
}

fn report(members: &str) -> String {
    line("PC_0", "getStats", &format!("{{{members},\"t\":1}}"))
}

/// A value is looked at again whenever something else in its report changes.
#[test]
fn an_old_value_costs_nothing_however_long_it_is() {
    for (kind, name, is_text) in [
        ("inbound-rtp", "frameWidth", false),
        ("inbound-rtp", "jitterBufferFlushes", false),
        ("inbound-rtp", "decoderImplementation", true),
        ("inbound-rtp", "codecId", true),
        ("inbound-rtp", "codecId", false),
        ("inbound-rtp", "trackIdentifier", true),
        ("outbound-rtp", "mediaSourceId", true),
        ("transport", "selectedCandidatePairId", true),
        ("transport", "selectedCandidatePairId", false),
        ("transport", "tlsVersion", true),
        ("candidate-pair", "state", true),
        ("candidate-pair", "transportId", true),
        ("candidate-pair", "currentRoundTripTime", false),
        ("peer-connection", "timestamp", false),
        ("media-source", "trackIdentifier", true),
        ("codec", "mimeType", true),
        ("remote-inbound-rtp", "type", true),
    ] {
        check_linear(&format!("{kind} {name}"), 300, |n| {
            let quote = if is_text { "\"" } else { "" };
            let value = format!("{quote}{}{quote}", "1".repeat(20 * n));
            let marks = "\"nominated\":true,\"selected\":true,\"frameHeight\":5";
            let first = format!("\"0\":{{\"type\":\"{kind}\",{marks},\"{name}\":{value}}}");
            let tracks = [("addTrack", "[\"audio\",\"a\"]"), ("ontrack", "[\"audio\",\"b\"]")];
            let calls = tracks.map(|(method, value)| line("PC_0", method, value));
            let more = (0..n).map(|at| report(&format!("\"0\":{{\"41\":{at}}}")));
            calls.into_iter().chain([report(&first)]).chain(more).collect()
        });
    }
}

#[test]
fn events_of_all_kinds_take_their_own_length() {
    check_linear("reports", 1000, |n| {
        vec![report(
            &(0..n)
                .map(|at| format!("\"{at}\":{{\"0\":1}}"))
                .collect::<Vec<_>>()
                .join(","),
        )]
    });
    check_linear("reports that stay", 1000, |n| {
        let all: Vec<_> = (0..n)
            .map(|at| format!("\"{at}\":{{\"type\":\"transport\"}}"))
            .collect();
        let more = (0..n).map(|at| report(&format!("\"0\":{{\"41\":{at}}}")));
        [report(&all.join(","))].into_iter().chain(more).collect()
    });
    check_linear("reports that go", 1000, |n| {
        let all: Vec<_> = (0..n).map(|at| format!("\"{at}\":{{\"type\":\"codec\"}}")).collect();
        let gone = (0..n).map(|at| report(&format!("\"{at}\":null")));
        [report(&all.join(","))].into_iter().chain(gone).collect()
    });
    check_linear("connections", 1000, |n| {
        (0..n)
            .map(|at| {
                line(
                    &format!("PC_{at}"),
                    "create",
                    "{\"iceServers\":[{\"urls\":\"stun:a\"}]}",
                )
            })
            .collect()
    });
    check_linear("servers", 1000, |n| {
        let servers = vec!["{\"urls\":[\"turn:a?transport=tcp\",\"stun:b\"]}"; n].join(",");
        vec![line("PC_0", "create", &format!("{{\"iceServers\":[{servers}]}}"))]
    });
    check_linear("sections", 1000, |n| {
        let sdp = "m=audio 9 x 0\\r\\na=ice-options:trickle\\r\\na=setup:active\\r\\n".repeat(n);
        vec![line(
            "PC_0",
            "setLocalDescription",
            &format!("{{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n{sdp}\"}}"),
        )]
    });
    check_linear("candidates", 1000, |n| {
        let candidate = |at| format!("{{\"candidate\":\"candidate:{at} 1 udp 2 192.0.2.7 5 typ host\"}}");
        (0..n)
            .map(|at| line("PC_0", "onicecandidate", &candidate(at)))
            .collect()
    });
    check_linear("members of create", 1000, |n| {
        let members: Vec<_> = (0..n).map(|at| format!("\"m{at}\":1")).collect();
        vec![format!("[\"create\",null,{{{}}},1000]", members.join(","))]
    });
    check_linear("captured tracks", 1000, |n| {
        let track = |at| format!("[\"audio\",\"a{at}\",\"label\",\"s\"]");
        let tracks: Vec<_> = (0..n).map(track).collect();
        vec![format!(
            "[\"navigator.mediaDevices.getUserMediaOnSuccess\",null,[{}],1000]",
            tracks.join(",")
        )]
    });
}
