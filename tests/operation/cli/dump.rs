//! `dump mask`: its input and its output. The tests of the room `dump` show what is masked.

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const DUMP: &str =
    "RTCStatsDump\n{\"url\":\"/\",\"startTime\":1,\"fileFormat\":3}\n[39,null,null,1]\n[\"close\",null,1000,5]";

#[test]
fn a_dump_is_masked_from_a_file_or_a_stream() {
    let bench = bench();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(DUMP.as_bytes()).unwrap();
    let compressed = encoder.finish().unwrap();
    fs::write(bench.path("plain.jsonl"), DUMP).unwrap();
    fs::write(bench.path("packed.jsonl.gz"), &compressed).unwrap();
    for told in [
        bench.run(&["dump", "mask", "plain.jsonl"]),
        bench.run(&["dump", "mask", "packed.jsonl.gz"]),
        bench.run_with_input(&["dump", "mask", "-"], DUMP.as_bytes()),
        bench.run_with_input(&["dump", "mask", "-"], &compressed),
    ] {
        assert_eq!((told.code, told.err.as_str()), (0, ""));
        assert_eq!(told.out, DUMP, "what holds no address is copied");
    }
}

#[test]
fn what_is_no_dump_ends_with_1() {
    let bench = bench();
    let told = bench.run_with_input(&["dump", "mask", "-"], b"hello\n");
    assert_eq!((told.code, told.out.as_str()), (1, ""));
    assert_eq!(
        told.err,
        "error: standard input: this is no dump: it begins with \"hello\\n\"\n"
    );
    let told = bench.run(&["dump", "mask", "none.jsonl"]);
    assert_eq!(
        (told.code, told.err.as_str()),
        (1, "error: none.jsonl: No such file or directory (os error 2)\n")
    );
}
