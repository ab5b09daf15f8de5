//! Where a dump may be: in a file, on standard input, in either store by its id, or still in the spool.

use support::{Client, Server, StrictS3, wait_until};

use crate::packing::{bzip2, stored};
use crate::run::{Place, Told, dump, text};

const CANDIDATE: &str =
    r#"["onicecandidate","PC_0",{"candidate":"candidate:1 1 udp 2122260223 203.0.113.77 50000 typ host"},3]"#;

fn run(server: &Server, arguments: &[&str]) -> Told {
    Told::from(server.run(arguments))
}

/// What `dump mask` makes of a dump, which is the dump itself where it is masked already.
fn read(server: &Server, what: &str) -> String {
    let told = run(server, &["dump", "mask", what]);
    assert_eq!((told.code, told.err.as_str()), (0, ""), "{what}");
    told.out
}

fn has(server: &Server, ending: &str) -> bool {
    server
        .spooled()
        .iter()
        .any(|path| path.to_string_lossy().ends_with(ending))
}

fn session(server: &Server) {
    let mut client = Client::open(server.address(), "/");
    client.send(CANDIDATE);
    client.close(None);
}

#[test]
fn a_file_is_named_in_several_ways() {
    let place = Place::new();
    let packed = std::fs::read(dump("short-session")).expect("a recorded dump");
    place.write("a b.jsonl.gz", &packed);
    let by_path = place.run(&["dump", "mask", "a b.jsonl.gz"]);
    assert!(
        by_path.code == 0 && by_path.out.starts_with("RTCStatsDump\n"),
        "{by_path:?}"
    );
    let url = format!("file://{}", place.path("a%20b.jsonl.gz").display());
    assert_eq!(place.run(&["dump", "mask", &url]), by_path);
    assert_eq!(place.feed(&["dump", "mask", "-"], &packed), by_path);
    assert_eq!(place.run(&["dump", "mask", text(&dump("short-session"))]), by_path);
}

#[test]
fn every_compression_is_masked() {
    let place = Place::new();
    let packed = std::fs::read(dump("short-session")).expect("a recorded dump");
    let expected = place.feed(&["dump", "mask", "-"], &packed);
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut text).expect("gzip");
    for (name, input) in [
        ("plain", text.clone()),
        ("bzip2", bzip2(&text)),
        ("zstd", zstd::encode_all(&text[..], 1).expect("memory")),
        ("brotli", stored(&text)),
    ] {
        assert_eq!(place.feed(&["dump", "mask", "-"], &input), expected, "{name}");
    }
    let torn = place.feed(&["dump", "mask", "-"], &packed[..packed.len() - 20]);
    assert!(
        torn.code == 1 && torn.err.contains("the gzip data are damaged"),
        "{}",
        torn.err
    );
    assert!(
        expected.out.starts_with(&torn.out) && !torn.out.is_empty(),
        "{}",
        torn.out
    );
}

/// Somebody may have a file whose name reads like an id.
#[test]
fn a_file_comes_before_an_id() {
    let place = Place::new();
    let id = "01a2026a-0000-7000-8000-000000000000";
    let told = place.run(&["dump", "mask", id]);
    assert_eq!((told.code, told.out.as_str()), (1, ""));
    place.write(id, std::fs::read(dump("short-session")).expect("a recorded dump"));
    assert_eq!(place.run(&["dump", "mask", id]).code, 0);
}

#[test]
fn what_cannot_be_found_is_told() {
    let place = Place::new();
    let told = place.run(&["dump", "mask", "none.jsonl"]);
    let expected = "error: none.jsonl: No such file or directory (os error 2)\n";
    assert_eq!((told.code, told.err.as_str()), (1, expected));
    let told = place.run(&["dump", "mask", "."]);
    assert_eq!(
        (told.code, told.err.as_str()),
        (1, "error: .: is a folder, not a dump\n")
    );
    let server = Server::start(&[]);
    let told = run(&server, &["dump", "mask", "01a2026a-0000-7000-8000-000000000000"]);
    let words = "there is no file, no row of the catalogue and nothing in the spool by this name";
    assert!(told.code == 1 && told.err.contains(words), "{told:?}");
}

/// The id, its spellings, and the URL that `find` prints.
#[test]
fn a_stored_dump_is_read_by_its_id() {
    let server = Server::start(&[]);
    session(&server);
    let stored = &server.delivered(1)[0];
    let expected: String = stored.lines.join("\n") + "\n";
    let id = stored.id();
    let url = server.rows()[0].blob_url.clone().expect("a URL");
    for name in [&id, &id.to_uppercase(), &id.replace('-', ""), &url] {
        assert_eq!(read(&server, name), expected, "{name}");
    }
    std::fs::remove_file(&stored.path).expect("it is removed");
    let told = run(&server, &["dump", "mask", &id]);
    assert!(
        told.code == 1 && told.err.contains("does not have this object"),
        "{told:?}"
    );
}

#[test]
fn a_dump_in_a_bucket_is_read_with_the_configured_key() {
    let store = StrictS3::start();
    let mut server = Server::prepare(&[]);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    server.restart();
    session(&server);
    wait_until("a row", || server.rows().len() == 1);
    let row = &server.rows()[0];
    let url = row.blob_url.clone().expect("a URL");
    for name in [&row.id, &url] {
        let told = read(&server, name);
        assert!(
            told.contains("203.0.113.x") && told.contains("\n[\"close\",null,"),
            "{told}"
        );
    }
    store.deny(&["s3:GetObject"]);
    let told = run(&server, &["dump", "mask", &row.id]);
    assert!(told.code == 1 && told.err.contains("grant s3:GetObject"), "{told:?}");
    store.answer_plainly();
    store.deny(&[]);
    let told = run(&server, &["dump", "mask", "--max-download", "10B", &row.id]);
    assert!(
        told.code == 1 && told.err.contains("longer than 10B, see --max-download"),
        "{told:?}"
    );
}

/// While it is recorded, and while the store does not take it. Nothing unmasked is shown in either state.
#[test]
fn a_dump_that_is_on_its_way_is_read_from_the_spool() {
    let store = StrictS3::start();
    store.deny(&["s3:PutObject"]);
    let mut server = Server::prepare(&[]);
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    server.restart();
    let mut client = Client::open(server.address(), "/");
    client.send(CANDIDATE);
    client.sync();
    let id = server.spooled()[0]
        .file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let live = run(&server, &["dump", "mask", &id]);
    assert!(live.err.contains("is still being recorded"), "{live:?}");
    client.close(None);
    wait_until("the dump to wait", || {
        has(&server, ".jsonl.gz") && !has(&server, ".jsonl")
    });
    let waiting = run(&server, &["dump", "mask", &id]);
    assert!(waiting.err.contains("is not stored yet"), "{waiting:?}");
    assert_eq!(
        waiting.out.lines().take(3).collect::<Vec<_>>(),
        live.out.lines().collect::<Vec<_>>()
    );
    for told in [live, waiting] {
        assert_eq!(told.code, 0);
        assert!(
            told.out.contains("203.0.113.x") && !told.out.contains("203.0.113.77"),
            "{told:?}"
        );
        assert!(!told.out.contains("rtcstatsServer"), "{told:?}");
    }
}
