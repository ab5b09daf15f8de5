//! What a page has changed.
use super::{Change, OFFER, Weight, What, munged};

fn kinds(created: &str, set: &str) -> Vec<What> {
    munged(created, set).iter().map(|change| change.what).collect()
}

/// The kinds of changes that one replacement in the offer makes.
fn replaced(what: &str, by: &str) -> Vec<What> {
    let set = OFFER.replacen(what, by, 1);
    assert_ne!(set, OFFER, "{what} does not occur");
    kinds(OFFER, &set)
}

#[test]
fn each_kind_of_change_is_told_by_its_name() {
    for (what, by, expected) in [
        ("ice-ufrag:Oi8B", "ice-ufrag:else", What::Credentials),
        ("ice-pwd:r6M7", "ice-pwd:R6M7", What::Credentials),
        ("sha-256 CE", "sha-256 CF", What::Fingerprint),
        ("setup:active", "setup:passive", What::Setup),
        ("a=setup:actpass\r\n", "", What::Setup),
        ("a=ssrc:1240280403 cname:Bc3J\r\n", "", What::Sources),
        ("a=simulcast:send h;l", "a=simulcast:send h", What::Sources),
        (
            "a=rtpmap:9 G722/8000\r\n",
            "a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\n",
            What::CodecsAdded,
        ),
        ("a=rtpmap:9 G722/8000\r\n", "", What::CodecsRemoved),
        ("SAVPF 111 9\r\n", "SAVPF 111\r\n", What::CodecsRemoved),
        ("SAVPF 111 9\r\n", "SAVPF 9 111\r\n", What::CodecOrder),
        (
            "a=sendrecv\r\n",
            "a=extmap:9 urn:new\r\na=sendrecv\r\n",
            What::Extensions,
        ),
        ("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n", "", What::Lines),
        ("useinbandfec=1", "useinbandfec=1;stereo=1", What::Parameters),
        ("a=rtpmap:111 opus", "a=rtpmap:111 OPUS", What::Parameters),
        ("a=mid:1\r\n", "a=mid:1\r\nb=AS:500\r\n", What::Bandwidth),
        ("a=recvonly", "a=inactive", What::Direction),
        ("m=audio 9", "m=audio 0", What::Rejected),
        ("s=-", "s=call", What::Lines),
        (
            "a=mid:0\r\n",
            "a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.7 1 typ host\r\n",
            What::Candidates,
        ),
        ("a=bundle-only\r\n", "", What::Lines),
    ] {
        assert_eq!(replaced(what, by), [expected], "{what} → {by}");
    }
}

#[test]
fn what_a_browser_changes_itself_is_no_change() {
    for (what, by) in [
        ("m=audio 9", "m=audio 54321"),
        ("c=IN IP4 0.0.0.0", "c=IN IP4 192.0.2.7"),
        ("a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp:54322 IN IP4 192.0.2.7"),
        ("a=mid:0\r\n", "a=mid:0\r\na=end-of-candidates\r\n"),
        ("192.0.2.7", "198.51.100.9"),
        ("o=- 77 2", "o=- 77 3"),
        ("\r\na=mid:2", "  \n\n a=mid:2"),
        (
            "a=rtpmap:9 G722/8000\r\na=ssrc:1240280403 cname:Bc3J\r\n",
            "a=ssrc:1240280403 cname:Bc3J\r\na=rtpmap:9 G722/8000\r\n",
        ),
    ] {
        assert_eq!(replaced(what, by), [], "{what} → {by}");
    }
    assert_eq!(kinds("", ""), []);
    // The client library leaves out what is as before.
    assert_eq!(kinds(OFFER, "v=\r\nm=\r\nm=\r\nm=\r\n"), []);
    assert_eq!(kinds(OFFER, OFFER), []);
}

#[test]
fn sections_that_moved_came_or_went_are_one_change() {
    let at = |mark: &str| OFFER.find(mark).unwrap();
    let (audio, video, data) = (at("m=audio"), at("m=video"), at("m=application"));
    let parts = [
        &OFFER[..audio],
        &OFFER[audio..video],
        &OFFER[video..data],
        &OFFER[data..],
    ];
    let put = |order: &[usize]| order.iter().map(|part| parts[*part]).collect::<String>();
    assert_eq!(kinds(OFFER, &put(&[0, 2, 1, 3])), [What::Sections]);
    assert_eq!(kinds(OFFER, &put(&[0, 1, 2])), [What::Sections]);
    assert_eq!(kinds(&put(&[0, 1, 2]), OFFER), [What::Sections]);
}

#[test]
fn a_change_has_its_section_and_its_lines() {
    let set = OFFER
        .replace("useinbandfec=1", "stereo=1")
        .replace("setup:active", "setup:passive");
    assert_eq!(
        munged(OFFER, &set),
        [
            Change {
                what: What::Parameters,
                mid: Some("0"),
                removed: vec!["a=fmtp:111 minptime=10;useinbandfec=1"],
                added: vec!["a=fmtp:111 minptime=10;stereo=1"],
            },
            Change {
                what: What::Setup,
                mid: Some("1"),
                removed: vec!["a=setup:active"],
                added: vec!["a=setup:passive"],
            },
        ]
    );
}

#[test]
fn a_line_counts_as_often_as_it_stands_there() {
    let twice = OFFER.replace("a=sendrecv\r\n", "a=x\r\na=x\r\na=sendrecv\r\n");
    let once = OFFER.replace("a=sendrecv\r\n", "a=x\r\na=sendrecv\r\n");
    let change = munged(&twice, &once).swap_remove(0);
    assert_eq!((change.removed, change.added), (vec!["a=x"], vec![]));
}

#[test]
fn harm_is_graded_as_the_documents_say() {
    let weight = |what: What| what.weight();
    for what in [What::Credentials, What::Fingerprint, What::Setup] {
        assert_eq!(weight(what), Weight::Critical);
    }
    for what in [
        What::CodecsAdded,
        What::Extensions,
        What::Sections,
        What::Sources,
        What::Rejected,
    ] {
        assert_eq!(weight(what), Weight::Warning);
    }
    for what in [
        What::Candidates,
        What::Parameters,
        What::Bandwidth,
        What::CodecOrder,
        What::CodecsRemoved,
        What::Lines,
        What::Direction,
    ] {
        assert_eq!(weight(what), Weight::Info);
    }
}
