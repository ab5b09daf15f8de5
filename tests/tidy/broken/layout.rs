//! Code that breaks the rules about circles and about layout.

use super::{file, one};
use crate::{circles, layout};

#[test]
fn a_circle_inside_of_a_room_is_found() {
    let room = |pack: &str, place: &str, sync: &str| {
        circles::circles(&[
            file("src/spool.rs", "mod pack; mod place; mod sync;"),
            file("src/spool/pack.rs", pack),
            file("src/spool/place.rs", place),
            file("src/spool/sync.rs", sync),
            file("src/spool/sync/thread.rs", "use crate::spool::place::Place;"),
        ])
    };
    let place = "use super::place::Place;";
    let both = room(place, "use crate::spool::pack::pack;", "");
    assert!(
        both.len() == 1 && both[0].contains("spool::pack needs spool::place"),
        "{both:?}"
    );
    let three = room(place, "use super::sync::Sync;", "fn f() { super::pack::pack() }");
    assert!(!three.is_empty());
    let by_a_child = room("", "use super::sync::Sync;", "");
    assert_eq!(by_a_child.len(), 1, "what a child imports is its parent's");
    assert_eq!(
        room(place, "", "use super::pack::pack; use super::place::Place;"),
        [""; 0]
    );
    let of_tests = room(
        place,
        "#[cfg(test)]\nmod tests {\n    use super::super::pack::pack;\n}",
        "",
    );
    assert_eq!(of_tests, [""; 0]);
}

#[test]
fn a_wide_comment_is_found() {
    let line = |begin: &str, width: usize| format!("fn f() {{}}\n{begin}{}\n", "x".repeat(width - begin.len()));
    for begin in ["// ", "/// ", "//! ", "    // "] {
        assert!(!layout::wide_comments(&one("src/a.rs", &line(begin, 121))).is_empty());
        assert_eq!(layout::wide_comments(&one("src/a.rs", &line(begin, 120))), [""; 0]);
    }
}

#[test]
fn a_module_in_an_odd_place_is_found() {
    let wrong = [
        ("src/spool/mod.rs", ""),
        ("tests/kill.rs", ""),
        ("tests/kill/main.rs", "#[path = \"../other.rs\"]\nmod other;"),
    ];
    for (path, text) in wrong {
        assert!(!layout::odd_modules(&one(path, text)).is_empty(), "{path}");
    }
    let right = [
        ("src/spool.rs", "// #[path = \"x\"]\nlet path = 1;"),
        ("tests/kill/main.rs", "mod judge;"),
        ("benches/load.rs", ""),
    ];
    for (path, text) in right {
        assert_eq!(layout::odd_modules(&one(path, text)), [""; 0], "{path}");
    }
}

#[test]
fn imports_that_are_mixed_are_found() {
    let wrong = [
        "use log::warn;\n\nuse std::fs;",
        "use crate::id::Id;\n\nuse log::warn;",
        "use std::fs;\nuse log::warn;",
        "use log::warn;\nuse super::place;",
        "mod load;\n\nuse load::Load;\n\nuse log::warn;",
        "use std::{\n    fs,\n    io,\n};\nuse log::warn;",
        "fn f() {\n    use crate::id::Id;\n    use std::fs;\n}",
    ];
    for text in wrong {
        assert_eq!(layout::mixed_imports(&one("src/a.rs", text)).len(), 1, "{text}");
    }
    let right = [
        "use std::fs;\n\nuse log::warn;\n\nuse super::place;\nuse crate::id::Id;",
        "use std::fs;\n\n#[cfg(test)]\nuse log::warn;",
        "use crate::id::Id;\n\nmod inner {\n    use std::fs;\n}",
        "mod load;\n\nuse std::fs;\n\nuse load::Load;",
        "use std::fs;\n// A comment.\nuse std::io;",
    ];
    for text in right {
        assert_eq!(layout::mixed_imports(&one("src/a.rs", text)), [""; 0], "{text}");
    }
}
