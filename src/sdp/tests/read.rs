//! Sections and what they say.
use super::{Description, Direction, OFFER, Setup, lines};

#[test]
fn sections_begin_at_m_and_the_session_stands_before_them() {
    let offer = Description::new(OFFER);
    assert_eq!(offer.session().value("group"), Some("BUNDLE 0 1 2"));
    assert!(offer.session().media().is_none());
    let mids: Vec<_> = offer.media().map(|section| section.mid()).collect();
    assert_eq!(mids, [Some("0"), Some("1"), Some("2")]);
    let kinds: Vec<_> = offer.media().filter_map(|section| section.media()).collect();
    assert_eq!(
        kinds.iter().map(|media| media.kind).collect::<Vec<_>>(),
        ["audio", "video", "application"]
    );
    assert_eq!(kinds[0].formats().collect::<Vec<_>>(), ["111", "9"]);
    assert_eq!((kinds[1].port, kinds[1].protocol), (9, "UDP/TLS/RTP/SAVPF"));
}

#[test]
fn no_byte_of_a_description_is_in_two_sections() {
    for text in [
        "",
        "m=",
        "m=\nm=",
        "v=0",
        "v=0\nm=",
        "\nm=\n\nm=audio",
        "m=audio 9\r\n",
        "é\nm=é\n",
        OFFER,
    ] {
        let description = Description::new(text);
        let all: Vec<_> = std::iter::once(description.session())
            .chain(description.media())
            .collect();
        let read: Vec<_> = all.iter().flat_map(|section| section.lines()).collect();
        assert_eq!(read, lines(text).collect::<Vec<_>>(), "{text:?}");
        let begin =
            |section: &&super::super::Section<'_>| section.lines().next().is_some_and(|line| line.starts_with("m="));
        assert_eq!(all.iter().filter(begin).count(), all.len() - 1, "{text:?}");
    }
}

#[test]
fn a_section_says_what_its_attributes_say() {
    let sections: Vec<_> = Description::new(OFFER).media().collect();
    let (audio, video, data) = (sections[0], sections[1], sections[2]);
    assert_eq!(
        (audio.ufrag(), audio.password()),
        (Some("Oi8B"), Some("r6M7HpBBvJq0VDr2Op8XdH7X"))
    );
    assert_eq!(audio.fingerprints().collect::<Vec<_>>(), ["sha-256 CE:4C"]);
    assert_eq!(
        (audio.direction(), video.direction(), data.direction()),
        (Some(Direction::Both), Some(Direction::Receive), None,)
    );
    let codecs: Vec<_> = audio.codecs().collect();
    assert!(codecs[0].is_named("OPUS") && codecs[0].clock == 48000 && codecs[0].channels == Some(2));
    assert_eq!((codecs[1].payload, codecs[1].channels), ("9", None));
    assert_eq!(audio.parameters("111"), Some("minptime=10;useinbandfec=1"));
    assert_eq!(audio.parameters("9"), None);
    let extension = audio.extensions().next().unwrap();
    assert_eq!(
        (extension.id, extension.uri),
        ("4", "urn:ietf:params:rtp-hdrext:sdes:mid")
    );
    let source = audio.sources().next().unwrap();
    assert_eq!((source.ssrc, source.attribute), ("1240280403", "cname:Bc3J"));
    assert_eq!(
        video.rids().map(|rid| (rid.id, rid.direction)).collect::<Vec<_>>(),
        [("h", "send"), ("l", "send")]
    );
    assert_eq!(video.simulcast(), Some("send h;l"));
    assert_eq!(
        video.candidates().map(|candidate| candidate.port).collect::<Vec<_>>(),
        ["54321"]
    );
}

#[test]
fn a_section_inherits_from_the_session_what_it_does_not_say() {
    let offer = Description::new(OFFER);
    let setups: Vec<_> = offer
        .media()
        .filter_map(|section| offer.value(section, "setup"))
        .collect();
    assert_eq!(setups, ["actpass", "active", "actpass"]);
    assert_eq!(Setup::named(setups[0]), Some(Setup::Either));
}

#[test]
fn a_section_with_port_0_is_rejected_unless_it_is_bundled() {
    let is_rejected = |text| Description::new(text).media().next().unwrap().is_rejected();
    assert!(is_rejected("m=audio 0 UDP/TLS/RTP/SAVPF 111\n"));
    assert!(!is_rejected("m=audio 0 UDP/TLS/RTP/SAVPF 111\na=bundle-only\n"));
    assert!(!is_rejected("m=audio 9 UDP/TLS/RTP/SAVPF 111\n"));
    assert!(!is_rejected("m=audio\n") && !is_rejected("m=\n") && !is_rejected("m=audio -1 x\n"));
    assert!(Description::new("v=\r\nm=\r\n").media().next().unwrap().is_left_out());
}

#[test]
fn what_is_no_description_says_nothing() {
    for line in [
        "a=",
        "a",
        "=",
        "a=mid",
        "a=rtpmap:",
        "a=rtpmap:1 x",
        "a=rtpmap:1 x/y",
        "a=extmap:1",
        "a=rid:h",
        "a=ssrc:1",
    ] {
        let text = format!("m=audio 9 x 1\n{line}\n");
        let section = Description::new(&text).media().next().unwrap();
        assert!(
            section.codecs().next().is_none() && section.extensions().next().is_none(),
            "{line}"
        );
        assert!(
            section.rids().next().is_none() && section.sources().next().is_none(),
            "{line}"
        );
        assert!(section.direction().is_none() && section.setup().is_none(), "{line}");
    }
    assert_eq!(
        Description::new("m=a 9 x 1\na=mids:1\n").media().next().unwrap().mid(),
        None
    );
}
