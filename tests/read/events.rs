//! `dump cat`: the events of recorded calls, and the filters.

use serde_json::Value;
use support::Recorded;

use crate::run::{Place, dump, text};

fn events(arguments: &[&str]) -> Vec<Value> {
    let told = Place::new().run(&[&["dump", "cat"], arguments].concat());
    assert_eq!((told.code, told.err.as_str()), (0, ""), "{arguments:?}");
    let lines = told.out.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    lines.collect()
}

#[test]
fn each_message_is_an_event_with_its_name_and_time() {
    let recorded = Recorded::named("av-call-60s");
    let file = dump("av-call-60s");
    let events = events(&[text(&file)]);
    assert_eq!(
        events.len(),
        recorded.messages.len() + 1,
        "all messages, and the closing line"
    );
    let first = &events[0];
    assert_eq!((&first[1], first[2].as_str()), (&Value::Null, Some("create")));
    assert!(first[0].as_f64().is_some_and(|time| time > 1.7e12), "{first}");
    let last = &events[events.len() - 1];
    assert_eq!(
        (last[2].as_str(), last[3].as_u64()),
        (Some("close"), Some(recorded.close_code.into()))
    );
    assert!(events.windows(2).all(|pair| pair[0][0].as_f64() <= pair[1][0].as_f64()));
    let stats = events.iter().filter(|event| event[2] == "getStats");
    let complete = stats.filter(|event| event[3].as_object().is_some_and(|reports| reports.len() > 10));
    assert!(complete.count() > 50, "statistics are complete in every event");
}

#[test]
fn filters_leave_the_others_out() {
    let file = dump("av-call-60s");
    let file = text(&file);
    let all = events(&[file]);
    let begin = all[0][0].as_f64().expect("a time");
    let expect = |arguments: &[&str], fits: &dyn Fn(&Value) -> bool| {
        let some: Vec<&Value> = all.iter().filter(|event| fits(event)).collect();
        assert!(
            !some.is_empty() && some.len() < all.len(),
            "{arguments:?} says something"
        );
        let found = events(&[&[file], arguments].concat());
        assert_eq!(found.iter().collect::<Vec<_>>(), some, "{arguments:?}");
    };
    expect(&["--connection", "PC_1"], &|event| event[1] == "PC_1");
    expect(&["--connection", "client"], &|event| event[1].is_null());
    expect(&["--method", "onice*"], &|event| {
        event[2].as_str().is_some_and(|name| name.starts_with("onice"))
    });
    expect(&["--not-method", "getStats"], &|event| event[2] != "getStats");
    expect(&["--since", "10s", "--until", "20s"], &|event| {
        event[0]
            .as_f64()
            .is_some_and(|time| (10_000.0..20_000.0).contains(&(time - begin)))
    });
    expect(&["--match", "typ host"], &|event| {
        event.to_string().contains("typ host")
    });
    let relative = events(&[file, "--relative", "--method", "websocket"]);
    assert!(
        relative[0][0].as_f64().is_some_and(|time| time < 10_000.0),
        "{relative:?}"
    );
}

/// A torn end is read as far as it goes.
#[test]
fn a_dump_of_a_crash_ends_where_it_was_cut() {
    let place = Place::new();
    let text = "RTCStatsDump\n{\"url\":\"/\",\"fileFormat\":3}\n[39,null,{},1700000000000]\n[39,\"PC_0\",{}";
    let told = place.feed(&["dump", "cat", "-"], text.as_bytes());
    assert_eq!(
        (told.code, told.out.as_str()),
        (1, "[1700000000000,null,\"create\",{}]\n")
    );
    assert!(
        told.err
            .starts_with("error: standard input: the file ends within line 4"),
        "{}",
        told.err
    );
}
