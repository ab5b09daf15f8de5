//! `dump plot`: charts that fit their width, of every recorded dump and of values that are odd.

use support::Recorded;

use crate::run::{Place, dump, text};

/// Statistics of one stream: (time in s, JSON of the property `jitter`).
fn dump_of(values: &[(u32, &str)]) -> String {
    let mut text = "RTCStatsDump\n{\"url\":\"/\",\"fileFormat\":3}\n[39,\"PC_0\",{},1700000000000]\n\
                    [24,\"PC_0\",\"checking\",0]\n"
        .to_owned();
    let mut before = 0;
    for (at, (time, value)) in values.iter().enumerate() {
        // Ids and types are sent once, and then what has changed.
        let report = match at {
            0 => format!("{{\"type\":\"inbound-rtp\",\"kind\":\"audio\",\"jitter\":{value}}}"),
            _ => format!("{{\"jitter\":{value}}}"),
        };
        text += &format!(
            "[\"getStats\",\"PC_0\",{{\"A\":{report}}},{}]\n",
            (time - before) * 1000
        );
        before = *time;
    }
    text + "[\"close\",null,1000,1000]\n"
}

#[test]
fn every_recorded_dump_fits_its_width() {
    let place = Place::new();
    for Recorded { name, .. } in Recorded::all() {
        for width in ["40", "80", "200"] {
            let told = place.run(&["dump", "plot", "--width", width, text(&dump(&name))]);
            assert_eq!(told.code, 0, "{name} {width}: {}", told.err);
            let most: usize = width.parse().expect("a number");
            // Headings are names and figures, which are not cut.
            let is_drawn = |line: &&str| line.contains(['┤', '│', '└']);
            for line in told.out.lines().filter(is_drawn) {
                assert!(line.chars().count() <= most, "{name} {width}: {line}");
            }
            assert!(!told.out.contains('\u{1b}'), "{name}");
        }
    }
    let told = place.run(&["dump", "plot", text(&dump("av-call-60s"))]);
    for words in [
        "PC_0\n",
        "ICE          ",
        "connection ",
        "PC_0/video/out/bitrate  ",
        "PC_1/pair/currentRoundTripTime  ",
        " UTC ",
    ] {
        assert!(told.out.contains(words), "{words}: {}", told.out);
    }
    let is_dot = |c: char| ('\u{2801}'..='\u{28ff}').contains(&c);
    assert!(
        told.out.contains(is_dot) && told.out.contains("│connected──"),
        "{}",
        told.out
    );
}

#[test]
fn odd_values_are_drawn_as_far_as_they_are_values() {
    let place = Place::new();
    for (values, words) in [
        (&[(1, "0.03")][..], &["30 ms to 30 ms, last 30 ms, 1 value\n"][..]),
        (
            &[(1, "-0.5"), (2, "-1")],
            &["-1 s to -500 ms, last -1 s, 2 values\n", "  0 s ┤", " -1 s ┤"],
        ),
        (
            &[(1, "1e999"), (2, "1e308"), (3, "-1e308")],
            &["-1e308 s to 1e308 s, last -1e308 s, 2 values\n"],
        ),
        (
            &[(1, "0.01"), (2, "null"), (3, "0.02")],
            &["10 ms to 20 ms, last 20 ms, 2 values\n"],
        ),
        (
            &[(1, "0.01"), (2, "0.01"), (3, "0.01"), (60, "0.02")],
            &["10 ms to 20 ms, last 20 ms, 4 values\n"],
        ),
        (&[(1, "\"NaN\""), (2, "\"x\"")], &["│NaN", "│x"]),
    ] {
        let input = dump_of(values);
        for width in ["20", "40", "200"] {
            let arguments = ["dump", "plot", "-", "--series", "*/jitter", "--width", width];
            let told = place.feed(&arguments, input.as_bytes());
            assert_eq!((told.code, told.err.as_str()), (0, ""), "{values:?}");
            let is_there = |words: &&str| told.out.contains(*words) || (width == "20" && words.starts_with('│'));
            assert!(words.iter().all(is_there), "{values:?} {words:?}: {}", told.out);
        }
    }
    let none = place.feed(
        &["dump", "plot", "-", "--series", "*/jitter"],
        dump_of(&[(1, "1e999"), (2, "null")]).as_bytes(),
    );
    assert_eq!(none.code, 1);
    assert!(none.err.contains("no series has this name"), "{}", none.err);
    let gap = place.feed(
        &["dump", "plot", "-", "--series", "*/jitter", "--width", "40"],
        dump_of(&[(1, "0.02"), (2, "0.02"), (3, "0.02"), (60, "0.02")]).as_bytes(),
    );
    let drawn = gap
        .out
        .lines()
        .find(|line| line.contains("20 ms ┤"))
        .expect("the upper line");
    assert!(drawn.contains("⠀⠀⠀⠀"), "no line across the gap: {drawn}");
}

#[test]
fn series_are_chosen_by_name_and_time() {
    let place = Place::new();
    let file = dump("av-call-60s");
    let run = |arguments: &[&str]| place.run(&[&["dump", "plot", text(&file)], arguments].concat());
    let listed = run(&["--list"]);
    assert_eq!((listed.code, listed.err.as_str()), (0, ""));
    let names: Vec<&str> = listed
        .out
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for name in [
        "PC_1/video/out/bitrate",
        "PC_0/audio/in/jitter",
        "PC_0/pair/bytesSent",
        "PC_0/video/source/frames",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), names.len(), "names are unique");
    for (series, number) in [
        ("pc_1/VIDEO/out/bitrate", 1),
        ("*/video/out/bitrate", 2),
        ("PC_0/*/in/jitter", 2),
    ] {
        let told = run(&["--series", series]);
        let charts = told
            .out
            .lines()
            .filter(|line| line.starts_with("PC_") && line.contains(" to "))
            .count();
        assert_eq!((told.code, charts), (0, number), "{series}: {}", told.out);
    }
    let values = |arguments: &[&str]| {
        let told = run(&[&["--series", "PC_1/video/out/bitrate"], arguments].concat());
        let heading = told
            .out
            .lines()
            .find(|line| line.contains(" values"))
            .expect("a chart")
            .to_owned();
        let number = heading
            .trim_end_matches(" values")
            .rsplit(' ')
            .next()
            .map(str::parse::<usize>);
        number.expect("a word").expect("a number")
    };
    let all = values(&[]);
    let early = values(&["--until", "10s"]);
    let late = values(&["--since", "10s"]);
    assert!(
        early > 0 && late > early && early + late == all,
        "{early} + {late} = {all}"
    );
    let none = run(&["--series", "PC_9/*"]);
    assert!(
        none.code == 1 && none.err.contains("no series has this name; --list names all"),
        "{none:?}"
    );
    let backwards = run(&["--since", "10s", "--until", "5s"]);
    assert_eq!((backwards.code, backwards.out.as_str()), (0, ""));
    for wrong in [["--width", "1"], ["--height", "1"], ["--since", "yesterday"]] {
        assert_eq!(run(&wrong).code, 2, "{wrong:?}");
    }
}

#[test]
fn a_dump_without_statistics_has_its_states() {
    let place = Place::new();
    let told = place.feed(&["dump", "plot", "-"], dump_of(&[]).as_bytes());
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    assert!(
        told.out.starts_with("PC_0\nICE ") && told.out.contains("│checking"),
        "{}",
        told.out
    );
    let told = place.run(&["dump", "plot", text(&dump("no-message-session"))]);
    assert_eq!((told.code, told.out.as_str(), told.err.as_str()), (0, "", ""));
}

#[test]
fn layers_of_simulcast_are_drawn_as_well() {
    let layer = |rid: &str| {
        format!(
            "\"{rid}1\":{{\"type\":\"outbound-rtp\",\"kind\":\"video\",\"rid\":\"{rid}\",\"ssrc\":1,\"framesPerSecond\":20}}"
        )
    };
    let input = format!(
        "RTCStatsDump\n{{\"url\":\"/\",\"fileFormat\":3}}\n[\"getStats\",\"PC_0\",{{{},{}}},1700000000000]\n\
         [\"getStats\",\"PC_0\",{{\"l1\":{{\"framesPerSecond\":9}},\"h1\":{{\"framesPerSecond\":30}}}},1000]\n",
        layer("l"),
        layer("h")
    );
    let told = Place::new().feed(&["dump", "plot", "-"], input.as_bytes());
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    for name in [
        "PC_0/video/out/l/framesPerSecond  ",
        "PC_0/video/out/h/framesPerSecond  ",
    ] {
        assert!(told.out.contains(name), "{}", told.out);
    }
}
