//! Code that breaks each rule once, and beside it similar code that is allowed.

mod layout;

use crate::source::Source;
use crate::{errands, house, rules};

fn file(path: &str, text: &str) -> Source {
    Source::new(path, text)
}

/// A product that consists of one file.
fn one(path: &str, text: &str) -> [Source; 1] {
    [file(path, text)]
}

#[test]
fn an_import_that_goes_up_is_found() {
    let wrong = [
        ("src/spool/pack.rs", "use crate::reactor::Event;"),
        ("src/spool/pack.rs", "use super::super::reactor::Event;"),
        ("src/spool/pack.rs", "fn f(event: crate::reactor::Event) {}"),
        ("src/spool/mod.rs", "use super::reactor;"),
        ("src/spool/mod.rs", "use crate::{limits, config::{self, Config}};"),
        ("src/config.rs", "use rtcstats_server::cli::run;"),
        (
            "src/spool/mod.rs",
            "#[cfg(test)]\nmod tests {\n    use super::super::delivery::Delivery;\n}",
        ),
    ];
    for (path, text) in wrong {
        assert!(!house::imports(&one(path, text)).is_empty(), "{path}: {text}");
    }
    let right = [
        (
            "src/reactor/mod.rs",
            "use crate::spool::{Place, place::Id};\nuse crate::limits;",
        ),
        ("src/auth.rs", "use crate::limits::TOKEN_BYTES_MAX;"),
        (
            "src/spool/pack.rs",
            "// use crate::reactor::Event;\nconst TEXT: &str = \"crate::reactor::Event\";",
        ),
        (
            "src/spool/pack.rs",
            "pub(in crate::spool) fn f() {}\npub(crate) fn g() {}",
        ),
        ("src/lib.rs", "pub mod spool;\npub use crate::reactor::Event;"),
    ];
    for (path, text) in right {
        assert_eq!(house::imports(&one(path, text)), [""; 0], "{path}: {text}");
    }
}

#[test]
fn rooms_of_one_floor_importing_each_other_are_found() {
    for text in [
        "use crate::database::Row;",
        "use crate::{dump, connection};",
        "type Row = crate::database::Row;",
    ] {
        assert!(!house::imports(&one("src/storage/mod.rs", text)).is_empty(), "{text}");
    }
    assert!(!house::imports(&one("src/auth.rs", "use crate::geo::Geo;")).is_empty());
    assert!(!house::imports(&one("src/redact.rs", "use crate::limits::SECRET_BYTES_MAX;")).is_empty());
}

#[test]
fn dump_importing_more_than_a_data_type_is_found() {
    for text in [
        "use crate::geo::Geo;",
        "use crate::geo::{Location, Geo};",
        "use crate::auth::Claims;",
        "use crate::geo;",
    ] {
        assert!(!house::imports(&one("src/dump/event.rs", text)).is_empty(), "{text}");
    }
    let right =
        "use crate::geo::Location;\nuse crate::limits::{A, B};\nuse crate::labels::Labels;\nuse crate::dump::table;";
    assert_eq!(house::imports(&one("src/dump/event.rs", right)), [""; 0]);
}

#[test]
fn a_room_without_a_floor_is_found() {
    assert!(!house::rooms_without_a_floor(&one("src/cellar/mod.rs", "")).is_empty());
    assert!(!house::imports(&one("src/spool/mod.rs", "use crate::cellar::Wine;")).is_empty());
    assert_eq!(
        house::rooms_without_a_floor(&[file("src/lib.rs", ""), file("src/spool/mod.rs", "")]),
        [""; 0]
    );
}

#[test]
fn a_clock_in_connection_is_found() {
    let wrong = [
        "use mio::Token;",
        "use std::{fs, io};",
        "fn f() { std::thread::yield_now() }",
        "let now = Instant::now();",
        "let now = std::time::Instant::now();",
        "use std::time::{Instant, SystemTime};",
        "let now = SystemTime::now();",
        "#[cfg(not(test))]\nmod real { use std::fs::File; }",
    ];
    for text in wrong {
        assert!(
            !house::connection_is_pure(&one("src/connection/wire.rs", text)).is_empty(),
            "{text}"
        );
    }
    let right =
        "use std::time::Instant;\nuse std::io::Read;\n#[cfg(test)]\nmod tests {\n    fn f() { Instant::now(); }\n}";
    assert_eq!(
        house::connection_is_pure(&one("src/connection/wire.rs", right)),
        [""; 0]
    );
    assert_eq!(
        house::connection_is_pure(&one("src/reactor/mod.rs", "use mio::Token;")),
        [""; 0]
    );
    let tests = [
        file("src/connection/mod.rs", "#[cfg(test)]\nmod tests;"),
        file("src/connection/tests.rs", "fn f() { Instant::now(); }"),
    ];
    assert_eq!(house::connection_is_pure(&tests), [""; 0]);
}

#[test]
fn a_child_importing_its_parent_is_found() {
    let with = |text: &str| {
        [
            file("src/spool/mod.rs", "pub mod place;"),
            file("src/spool/place.rs", ""),
            file("src/spool/pack.rs", text),
        ]
    };
    let wrong = [
        "use super::Spool;",
        "use super::*;",
        "use crate::spool::{Spool, place::Id};",
        "fn f() -> super::Spool {}",
        "use crate::spool;",
        "mod inner { use super::super::Spool; }",
    ];
    for text in wrong {
        assert!(!house::children(&with(text)).is_empty(), "{text}");
    }
    let right = [
        "use super::place::Id;",
        "use super::place;",
        "use crate::spool::place::{Id, State};",
        "mod inner { use super::Pack; }",
        "#[cfg(test)]\nmod tests {\n    use super::*;\n    use super::super::Spool;\n}",
        "use crate::limits::LINE_BYTES_MAX;",
    ];
    for text in right {
        assert_eq!(house::children(&with(text)), [""; 0], "{text}");
    }
}

#[test]
fn a_wrong_architecture_table_is_found() {
    let product = [
        file("src/main.rs", ""),
        file("src/spool/mod.rs", ""),
        file("src/auth.rs", ""),
    ];
    let check = |rows: &str| {
        house::architecture(
            &format!("text\n\n| floor | room | holds |\n|---|---|---|\n{rows}\n"),
            &product,
        )
    };
    let right = "| 10 | `main.rs` | arguments |\n| 4 | `spool/` | dumps |\n| 1 | `auth.rs` | tokens |";
    assert_eq!(check(right), [""; 0]);
    assert!(!check(&right.replace("| 4", "| 3")).is_empty(), "a wrong floor");
    assert!(
        !check(&right.replace("| 1 | `auth.rs` | tokens |", "")).is_empty(),
        "a missing room"
    );
    assert!(
        !check(&right.replace("`auth.rs`", "`auth.rs`, `tls.rs`")).is_empty(),
        "a room that is not built"
    );
    assert!(
        !check(&right.replace("`auth.rs`", "`auth.rs`, `cellar/`")).is_empty(),
        "an unknown room"
    );
    assert!(!house::architecture("no table", &product).is_empty());
}

#[test]
fn a_long_file_is_found() {
    assert_eq!(rules::long_files(&one("src/a.rs", &"x\n".repeat(400))), [""; 0]);
    assert!(!rules::long_files(&one("src/a.rs", &"x\n".repeat(401))).is_empty());
}

#[test]
fn a_long_function_is_found() {
    let function = |lines: usize| {
        format!(
            "trait T {{ fn g(x: [u8; 3]); }}\nfn f() {{\n{}}}\n",
            "let brace = \"}\";\n".repeat(lines - 2)
        )
    };
    assert_eq!(rules::long_functions(&one("src/a.rs", &function(70))), [""; 0]);
    assert!(!rules::long_functions(&one("src/a.rs", &function(71))).is_empty());
    let many = "fn f() {\n}\n".repeat(100);
    assert_eq!(rules::long_functions(&one("src/a.rs", &many)), [""; 0]);
}

#[test]
fn a_file_without_a_head_is_found() {
    assert!(!rules::files_without_a_head(&one("src/a.rs", "// A file.\nfn f() {}\n")).is_empty());
    assert_eq!(rules::files_without_a_head(&one("src/a.rs", "//! A file.\n")), [""; 0]);
}

#[test]
fn a_shortcut_in_the_product_is_found() {
    for text in [
        "x.unwrap();",
        "x\n    .unwrap()",
        "todo!()",
        "unimplemented!(\"x\")",
        "panic!(\"x\")",
        "dbg!(x)",
    ] {
        assert!(!rules::shortcuts(&one("src/a.rs", text)).is_empty(), "{text}");
    }
    let right =
        "x.unwrap_or_default();\n// x.unwrap()\n\"todo!()\";\n#[cfg(test)]\nmod tests {\n    fn f() { x.unwrap(); }\n}";
    assert_eq!(rules::shortcuts(&one("src/a.rs", right)), [""; 0]);
    let tests = [
        file("src/a/mod.rs", "#[cfg(test)]\nmod tests;"),
        file("src/a/tests.rs", "x.unwrap()"),
    ];
    assert_eq!(rules::shortcuts(&tests), [""; 0]);
}

#[test]
fn a_test_that_is_switched_off_is_found() {
    for attribute in ["#[ignore]", "#[ignore = \"slow\"]"] {
        assert!(
            !rules::ignored_tests(&one("tests/a.rs", &format!("#[test]\n{attribute}\nfn f() {{}}"))).is_empty(),
            "{attribute}"
        );
    }
}

#[test]
fn a_path_of_one_machine_is_found() {
    let path = ["/ro", "ot/project"].concat();
    let shared = ["../sha", "red/dumps"].concat();
    for text in [
        format!("see {path}"),
        format!("let a = \"{path}\";"),
        format!("`{shared}`"),
    ] {
        assert!(!rules::machine_paths(&one("README.md", &text)).is_empty(), "{text}");
    }
    assert_eq!(
        rules::machine_paths(&one("README.md", &format!("$TOP{path}, https://example.org{path}"))),
        [""; 0]
    );
}

#[test]
fn an_errand_that_names_what_is_not_there_is_found() {
    let top = tempfile::tempdir().expect("a folder can be made");
    std::fs::create_dir(top.path().join("src")).expect("a folder can be made");
    std::fs::write(top.path().join("src/table.rs"), "const METHODS: u8 = 1;").expect("a file can be written");
    let check = |row: &str| {
        let table = format!("text\n\n| errand | source files | how |\n|---|---|---|\n{row}\n\ntext");
        errands::findings(&table, top.path())
    };
    let right = "| a method | `src/table.rs`, `src/NAME.rs` | one line in `METHODS`, see `src/table.rs` |";
    assert_eq!(check(right), [""; 0]);
    for (old, new) in [
        ("`src/table.rs`,", "`src/gone.rs`,"),
        ("`METHODS`", "`OTHERS`"),
        ("see `src/table.rs`", "see `src/gone.rs`"),
        ("`src/table.rs`, `src/NAME.rs`", "some"),
    ] {
        assert!(!check(&right.replacen(old, new, 1)).is_empty(), "{new}");
    }
    assert!(!errands::findings("no table", top.path()).is_empty());
}
