//! How both sides agreed upon what to send.
use serde_json::{Value, json};

use super::rig::Call;
use super::trace::{
    Critical, Found, Info, Row, Warning, at, call, exchange, found, found_in, negotiated, sdp, signaling, state, texts,
};

fn end(seconds: f64) -> Row<'static> {
    (seconds, "client", "x", json!(null))
}

fn created(rows: &[Row<'static>]) -> Vec<Row<'static>> {
    [&[at(1.0, "create", json!(null))], rows].concat()
}

#[test]
fn calls_that_fail_are_found_with_what_they_failed_at() {
    let error = || json!("InvalidStateError: Wrong state.");
    let rows = created(&[
        at(2.0, "setRemoteDescription 8-0", sdp("answer", &[])),
        at(3.0, "setRemoteDescriptionOnFailure 8-0", error()),
        at(4.0, "createAnswerOnFailure 4-0", error()),
        at(5.0, "close", json!(null)),
        at(6.0, "createOfferOnFailure 2-0", error()),
    ]);
    let expected = [
        (Critical, 3.0, Some(5.0)),
        (Critical, 4.0, Some(5.0)),
        (Info, 6.0, Some(6.0)),
    ];
    assert_eq!(found("sig.failure", &rows), expected);
    let words = "setRemoteDescription failed for the answer: InvalidStateError: Wrong state.";
    assert_eq!(texts("sig.failure", &call(&rows))[0], words);
    let firefox = found_in("sig.failure", &Call::recorded("firefox-av-call"));
    assert_eq!(firefox, [(Warning, 19.37, Some(19.37))]);
}

#[test]
fn candidates_that_are_refused_are_told_by_their_causes() {
    let recorded = found_in("sig.add-candidate-failed", &Call::recorded("addicecandidate-failures"));
    assert_eq!(
        recorded,
        [
            (Warning, 0.151, Some(0.151)),
            (Warning, 0.167, Some(0.196)),
            (Warning, 0.177, Some(0.189)),
            (Info, 3.201, Some(3.201)),
        ]
    );
    let add = |value: Value| {
        let rows = [
            at(5.0, "addIceCandidate 10-0", value),
            at(6.0, "addIceCandidateOnFailure 10-0", json!("OperationError: x")),
        ];
        let rows = [created(&negotiated(2.0)), rows.to_vec()].concat();
        texts("sig.add-candidate-failed", &call(&rows))
    };
    let host = "candidate:1 1 udp 1 192.0.2.1 9 typ host";
    for (value, words) in [
        (
            json!({"candidate": host, "sdpMid": "7"}),
            "A candidate named a section or credentials",
        ),
        (
            json!({"candidate": host, "sdpMLineIndex": 1}),
            "A candidate named a section or credentials",
        ),
        (
            json!({"candidate": host, "sdpMid": "0", "usernameFragment": "old"}),
            "A candidate named a section or credentials",
        ),
        (
            json!({"candidate": format!("{host} ufrag old"), "sdpMid": "0"}),
            "A candidate named a section",
        ),
        (
            json!({"candidate": "candidate:1", "sdpMid": "0"}),
            "A candidate could not be read",
        ),
        (json!({"candidate": host}), "A candidate could not be read"),
        (
            json!({"candidate": host, "sdpMid": "0", "usernameFragment": "bbbb"}),
            "A candidate was refused by",
        ),
    ] {
        let told = add(value);
        assert!(told.len() == 1 && told[0].starts_with(words), "{told:?}");
    }
}

#[test]
fn an_offer_waits_for_its_answer() {
    let rows = |rest: &[Row<'static>]| created(&[&[signaling(2.0, "have-local-offer")], rest].concat());
    for (seconds, expected) in [
        (3.0, None),
        (3.001, Some((Info, 2.0, Some(3.001)))),
        (7.0, Some((Info, 2.0, Some(7.0)))),
        (7.001, Some((Critical, 2.0, Some(7.001)))),
    ] {
        let answered = rows(&[signaling(seconds, "stable"), end(60.0)]);
        let late = expected.map(|(_, start, end)| (Info, start, end));
        assert_eq!(
            found("sig.no-answer", &answered),
            Vec::<Found>::from_iter(late),
            "{seconds}"
        );
        let closed = rows(&[at(seconds, "close", json!(null)), end(60.0)]);
        assert_eq!(
            found("sig.no-answer", &closed),
            Vec::<Found>::from_iter(expected),
            "closed {seconds}"
        );
        let open = expected.map(|(severity, start, _)| (severity, start, None));
        assert_eq!(
            found("sig.no-answer", &rows(&[end(seconds)])),
            Vec::<Found>::from_iter(open),
            "open {seconds}"
        );
    }
}

#[test]
fn a_connection_that_never_hears_of_the_other_side_is_found() {
    let track = at(1.5, "addTrack", json!(["audio", "mic", "x"]));
    let begun = [track.clone(), at(1.5, "createOffer 2-0", json!(null))];
    let rows = |rest: &[Row<'static>]| created(&[&begun, rest].concat());
    // One that is kept for later.
    let kept = created(&[track, end(60.0)]);
    assert_eq!(found("sig.never-negotiated", &kept), [(Info, 1.0, None)]);
    assert_eq!(found("sig.never-negotiated", &rows(&[end(6.0)])), []);
    assert_eq!(
        found("sig.never-negotiated", &rows(&[end(6.1)])),
        [(Warning, 1.0, None)]
    );
    let closed = rows(&[at(8.0, "close", json!(null)), end(60.0)]);
    assert_eq!(found("sig.never-negotiated", &closed), [(Warning, 1.0, Some(8.0))]);
    assert_eq!(
        found(
            "sig.never-negotiated",
            &rows(&[&negotiated(2.0)[..], &[end(60.0)]].concat())
        ),
        []
    );
    assert_eq!(found("sig.never-negotiated", &created(&[end(60.0)])), []);
}

#[test]
fn a_wish_to_negotiate_is_ignored_from_five_seconds_on() {
    let needed = at(10.0, "onnegotiationneeded", json!(null));
    let rows = |rest: &[Row<'static>]| {
        let needed = std::slice::from_ref(&needed);
        created(&[&negotiated(2.0)[..], needed, rest, &[end(60.0)]].concat())
    };
    assert_eq!(
        found("sig.needed-ignored", &rows(&[at(15.0, "createOffer 2-1", json!(null))])),
        []
    );
    let late = rows(&[at(15.001, "createOffer 2-1", json!(null))]);
    assert_eq!(found("sig.needed-ignored", &late), [(Warning, 10.0, Some(15.001))]);
    assert_eq!(found("sig.needed-ignored", &rows(&[])), [(Warning, 10.0, None)]);
    assert_eq!(
        found("sig.needed-ignored", &rows(&[at(14.0, "close", json!(null))])),
        []
    );
    let offered = rows(&[at(12.0, "setRemoteDescription 8-1", sdp("offer", &[]))]);
    assert_eq!(found("sig.needed-ignored", &offered), []);
    // Before the first negotiation, one side waits for the other.
    assert_eq!(found("sig.needed-ignored", &created(&[needed.clone(), end(60.0)])), []);
}

#[test]
fn offers_of_both_sides_at_once_are_told() {
    let offer = at(3.0, "setRemoteDescription 8-0", sdp("offer", &[]));
    let glare = created(&[signaling(2.0, "have-local-offer"), offer.clone()]);
    assert_eq!(found("sig.glare", &glare), [(Info, 3.0, Some(3.0))]);
    let back = created(&[at(
        3.0,
        "setLocalDescription 6-0",
        json!({"type": "rollback", "sdp": ""}),
    )]);
    assert_eq!(found("sig.glare", &back), [(Info, 3.0, Some(3.0))]);
    assert_eq!(found("sig.glare", &created(&[signaling(2.0, "stable"), offer])), []);
}

#[test]
fn many_negotiations_in_a_row_are_a_storm() {
    let rounds = |count: usize, step: f64| -> Vec<Row<'static>> {
        let round = |at_round: usize| {
            let seconds = 2.0 + at_round as f64 * step;
            [vec![at(seconds, "addTrack", json!(null))], negotiated(seconds)].concat()
        };
        created(&(0..count).flat_map(round).chain([end(90.0)]).collect::<Vec<_>>())
    };
    assert_eq!(found("sig.storm", &rounds(5, 1.0)), []);
    assert_eq!(found("sig.storm", &rounds(6, 2.0)), [(Warning, 2.0, Some(12.0))]);
    assert_eq!(found("sig.storm", &rounds(6, 2.001)), []);
    assert_eq!(found("sig.storm", &rounds(9, 1.0)), [(Warning, 2.0, Some(10.0))]);
    let words = "There were 6 negotiations within 10 s, begun by addTrack (6).";
    assert_eq!(texts("sig.storm", &call(&rounds(6, 2.0))), [words]);
}

#[test]
fn many_open_connections_are_told() {
    let names: Vec<String> = (0..101).map(|at| format!("PC_{at}")).collect();
    let many = |count: usize, rest: &[Row<'static>]| {
        let create = |(at, name): (usize, &'_ String)| (1.0 + at as f64, name.clone());
        let rows: Vec<_> = names.iter().take(count).enumerate().map(create).collect();
        let rows: Vec<Row<'_>> = rows
            .iter()
            .map(|(time, name)| (*time, &**name, "create", json!(null)))
            .collect();
        found("sig.many-connections", &[&rows[..], rest, &[end(200.0)]].concat())
    };
    assert_eq!(many(20, &[]), []);
    assert_eq!(many(21, &[]), [(Info, 21.0, None)]);
    assert_eq!(many(21, &[at(50.0, "close", json!(null))]), [(Info, 21.0, Some(50.0))]);
    assert_eq!(many(101, &[]), [(Info, 0.0, None), (Info, 21.0, None)]);
}

/// This side's offer, and what the other side made of it.
fn answered(offer: &[(&str, &str)], answer: &[(&str, &str)], tracks: usize) -> Vec<Row<'static>> {
    let track = at(1.5, "addTrack", json!(["audio", "mic", "x"]));
    let answer = [&[("actpass", "active"), ("aaaa", "bbbb")], answer].concat();
    let rounds = exchange(2.0, &sdp("offer", offer), &sdp("answer", &answer));
    created(&[vec![track; tracks], rounds, vec![end(30.0)]].concat())
}

#[test]
fn a_section_that_is_rejected_is_found() {
    let rejected = answered(&[], &[("m=audio 9", "m=audio 0")], 1);
    assert_eq!(found("sig.rejected", &rejected), [(Warning, 2.0, Some(2.0))]);
    assert_eq!(
        texts("sig.rejected", &call(&rejected)),
        ["The other side rejected the audio section with mid 0."]
    );
    let bundled = [
        ("m=audio 9", "m=audio 0"),
        ("a=mid:0\r\n", "a=mid:0\r\na=bundle-only\r\n"),
    ];
    assert_eq!(found("sig.rejected", &answered(&[], &bundled, 1)), []);
    let both = [("m=audio 9", "m=audio 0")];
    assert_eq!(found("sig.rejected", &answered(&both, &both, 1)), []);
}

#[test]
fn a_track_that_no_direction_sends_is_found() {
    for (offer, answer, tracks, expected) in [
        ("sendrecv", "sendrecv", 1, None),
        ("sendrecv", "recvonly", 1, None),
        ("sendrecv", "sendonly", 1, Some((Warning, 2.0, None))),
        ("sendrecv", "inactive", 1, Some((Warning, 2.0, None))),
        ("recvonly", "sendonly", 1, Some((Info, 2.0, None))),
        ("sendrecv", "sendonly", 0, None),
        ("sendrecv", "sendrecv", 2, Some((Info, 2.0, None))),
    ] {
        let rows = answered(&[("sendrecv", offer)], &[("sendrecv", answer)], tracks);
        let name = format!("{offer} {answer} {tracks}");
        assert_eq!(
            found("sig.direction", &rows),
            Vec::<Found>::from_iter(expected),
            "{name}"
        );
        let short: Vec<_> = rows.into_iter().filter(|row| row.0 < 30.0).chain([end(7.0)]).collect();
        assert_eq!(found("sig.direction", &short), [], "{name}");
    }
    // A later negotiation mends it.
    let later = exchange(
        20.0,
        &sdp("offer", &[]),
        &sdp("answer", &[("actpass", "active"), ("aaaa", "bbbb")]),
    );
    let mut rows = answered(&[], &[("sendrecv", "inactive")], 1);
    rows.splice(rows.len() - 1..rows.len() - 1, later);
    assert_eq!(found("sig.direction", &rows), [(Warning, 2.0, Some(20.0))]);
    let taken = at(1.8, "removeTrack", json!(["audio", "mic", "x"]));
    let mut rows = answered(&[], &[("sendrecv", "inactive")], 1);
    rows.insert(2, taken);
    assert_eq!(found("sig.direction", &rows), []);
}

/// What the page sets instead of the offer that was created.
fn munged(replace: &[(&str, &str)]) -> Call {
    let rows = [
        at(2.0, "createOfferOnSuccess 2-0", sdp("offer", &[])),
        at(3.0, "setLocalDescription 6-0", sdp("offer", replace)),
        state(4.0, "connecting"),
    ];
    call(&created(&rows))
}

#[test]
fn what_a_page_changes_before_it_sets_it_is_graded_by_its_harm() {
    for (replace, expected) in [
        (&[][..], None),
        (&[("minptime=10", "minptime=20")], Some(Info)),
        (
            &[("a=rtpmap:111", "a=rtpmap:0 PCMU/8000\r\na=rtpmap:111")],
            Some(Warning),
        ),
        (&[("aaaa", "cccc")], Some(Critical)),
        (&[("minptime=10", "minptime=20"), ("actpass", "active")], Some(Critical)),
        (&[("0.0.0.0", "192.0.2.7"), ("m=audio 9", "m=audio 4000")], None),
    ] {
        let expected = expected.map(|severity| (severity, 3.0, Some(3.0)));
        assert_eq!(
            found_in("sig.munged", &munged(replace)),
            Vec::<Found>::from_iter(expected),
            "{replace:?}"
        );
    }
    let told = texts(
        "sig.munged",
        &munged(&[("minptime=10", "minptime=20"), ("actpass", "active")]),
    );
    let words = "The page changed the offer before it set it: the DTLS role, parameters of codecs. Leave a=setup to the \
                 browser.";
    assert_eq!(told, [words]);
    assert_eq!(found_in("sig.munged", &Call::recorded("derived-address-zoo")).len(), 1);
}

/// A description of which the client library has left out everything.
fn left_out() -> Value {
    json!({"type": "offer", "sdp": "v=\r\nm=\r\n"})
}

#[test]
fn sections_that_the_client_leaves_out_are_those_of_before() {
    let first = [
        at(2.0, "createOfferOnSuccess 2-0", sdp("offer", &[])),
        at(3.0, "setLocalDescription 6-0", left_out()),
    ];
    assert_eq!(found("sig.munged", &created(&first)), []);
    let again = |set: Value| {
        let second = [
            at(5.0, "createOfferOnSuccess 2-1", left_out()),
            at(6.0, "setLocalDescription 6-1", set),
        ];
        found("sig.munged", &created(&[&negotiated(2.0)[..], &second].concat()))
    };
    assert_eq!(again(left_out()), []);
    assert_eq!(
        again(sdp("offer", &[("minptime=10", "minptime=20")])),
        [(Info, 6.0, Some(6.0))]
    );
    // What the browser has gathered meanwhile is not the page's doing.
    let gathered = "a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n";
    assert_eq!(again(sdp("offer", &[("a=mid:0\r\n", gathered)])), []);
}
