//! Findings take time that is linear in the events, also of dumps that nobody would record.
use super::recording::found;
use crate::dump::steps;

/// Checks that eight times the parts take eight times the steps for each byte, or less. What is done once is little.
fn check_linear(what: &str, parts: usize, lines: impl Fn(usize) -> Vec<String>) {
    let [small, large] = [parts, 8 * parts].map(|parts| {
        let lines = lines(parts);
        let bytes: usize = lines.iter().map(String::len).sum();
        steps::of(|| drop(found(&lines))) as f64 / bytes as f64
    });
    assert!(
        large <= 1.25 * small + 2.0,
        "{what}: {small:.1} steps for a byte, and {large:.1} of more lines"
    );
}

/// Sent a second after the line before it.
fn line(connection: &str, method: &str, value: &str) -> String {
    format!("[\"{method}\",\"{connection}\",{value},1000]")
}

fn connected(connection: &str) -> Vec<String> {
    let state = |method, state: &str| line(connection, method, &format!("\"{state}\""));
    vec![
        line(connection, "create", "{}"),
        state("oniceconnectionstatechange", "checking"),
        state("oniceconnectionstatechange", "connected"),
        state("onconnectionstatechange", "connected"),
    ]
}

/// Statistics of this many layers of one source, with numbers that grow.
fn poll(connection: &str, layers: usize, at: usize) -> String {
    let source = "\"S\":{\"type\":\"media-source\",\"kind\":\"video\"}".to_owned();
    let layer = |number: usize| {
        let links = "\"kind\":\"video\",\"mediaSourceId\":\"S\",\"active\":true";
        let count = 10 * at;
        format!("\"{number}\":{{\"type\":\"outbound-rtp\",{links},\"bytesSent\":{count},\"packetsSent\":{count}}}")
    };
    let all: Vec<_> = std::iter::once(source).chain((0..layers).map(layer)).collect();
    line(connection, "getStats", &format!("{{{}}}", all.join(",")))
}

#[test]
fn polls_take_their_own_length() {
    check_linear("polls", 20, |n| {
        let polls = (0..n).map(|at| poll("PC_0", 10, at));
        connected("PC_0").into_iter().chain(polls).collect()
    });
    check_linear("layers of one source", 100, |n| {
        let polls = (0..9).map(|at| poll("PC_0", n, at));
        connected("PC_0").into_iter().chain(polls).collect()
    });
    check_linear("connections", 20, |n| {
        let one = |at: usize| {
            let name = format!("PC_{at}");
            let polls = (0..4).map(|at| poll(&name, 3, at)).collect();
            [connected(&name), polls].concat()
        };
        (0..n).flat_map(one).collect()
    });
}

#[test]
fn events_take_their_own_length() {
    check_linear("tracks", 200, |n| {
        let add = |at| line("PC_0", "addTrack", &format!("[\"audio\",\"t{at}\",\"x\",\"s\"]"));
        connected("PC_0").into_iter().chain((0..n).map(add)).collect()
    });
    check_linear("switched tracks", 100, |n| {
        let add = |at| line("PC_0", "addTrack", &format!("[\"audio\",\"t{at}\",\"x\",\"s\"]"));
        let off = |at| format!("[\"MediaStreamTrack.enabled\",null,false,\"t{at}\",1000]");
        let all = (0..n).map(add).chain((0..n).map(off));
        connected("PC_0").into_iter().chain(all).collect()
    });
    check_linear("sections", 100, |n| {
        let sections: String = (0..n)
            .map(|at| format!("m=audio 9 x 0\\r\\na=mid:{at}\\r\\na=sendrecv\\r\\na=rtpmap:0 PCMU/8000\\r\\n"))
            .collect();
        let sdp = |kind: &str| format!("{{\"type\":\"{kind}\",\"sdp\":\"v=0\\r\\n{sections}\"}}");
        vec![
            line("PC_0", "create", "{}"),
            line("PC_0", "createOfferOnSuccess", &sdp("offer")),
            line("PC_0", "setLocalDescription", &sdp("offer")),
            line("PC_0", "setRemoteDescription", &sdp("answer")),
        ]
    });
    check_linear("candidates that are refused", 100, |n| {
        let one = |at: usize| {
            let add = format!("[\"addIceCandidate\",\"PC_0\",{{\"candidate\":\"x{at}\"}},\"10-{at}\",1000]");
            let no = format!("[\"addIceCandidateOnFailure\",\"PC_0\",\"OperationError\",\"10-{at}\",1000]");
            [add, no]
        };
        (0..n).flat_map(one).collect()
    });
}

#[test]
fn findings_take_their_own_length() {
    check_linear("failures", 200, |n| {
        let fail = |at| format!("[\"createOfferOnFailure\",\"PC_0\",\"OperationError\",\"2-{at}\",1000]");
        connected("PC_0").into_iter().chain((0..n).map(fail)).collect()
    });
    check_linear("interruptions of many connections", 100, |n| {
        let one = |at: usize| {
            let name = format!("PC_{at}");
            let gone = line(&name, "oniceconnectionstatechange", "\"disconnected\"");
            let failed = line(&name, "oniceconnectionstatechange", "\"failed\"");
            [connected(&name), vec![gone, failed]].concat()
        };
        (0..n).flat_map(one).collect()
    });
}
