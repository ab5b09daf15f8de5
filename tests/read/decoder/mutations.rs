//! The decoder, and whole files, under damage: seeded, so that a failure can be run again.

use std::io::{self, Read};

use rtcstats_server::dump::decode::{Decoder, Event};
use rtcstats_server::dump::json::Json;
use rtcstats_server::dump::notes::Loss;
use rtcstats_server::dump::open::{Compression, Dump};
use rtcstats_server::dump::{MaskRules, Masker};

use super::random::Random;
use super::recorded;
use crate::packing::{SMALL_BROTLI, bzip2};

/// Damages a text in a few places: bytes change, go, come, or are taken from elsewhere.
fn mutate(random: &mut Random, text: &mut Vec<u8>) {
    const BYTES: &[u8] = b"\"\\{}[],:0123456789eE+-.nulltruefals \t\r\x00\x1f\x7f\xc3\xff_PCgt";
    for _ in 0..1 + random.below(4) {
        let at = random.below(text.len().max(1));
        match random.below(5) {
            0 if !text.is_empty() => text[at] = BYTES[random.below(BYTES.len())],
            1 if !text.is_empty() => drop(text.remove(at)),
            2 => text.truncate(at),
            3 if text.len() > at + 8 => text.extend_from_within(at..at + 8),
            _ => text.insert(at.min(text.len()), BYTES[random.below(BYTES.len())]),
        }
    }
}

/// An event as text, or why there is none.
fn decoded(decoder: &mut Decoder, line: &[u8]) -> Result<Option<(f64, Vec<u8>)>, String> {
    let event = decoder.line(line).map_err(|error| error.to_string())?;
    Ok(event.map(|event| {
        let mut text = Vec::new();
        event.write_json(&mut text);
        (event.timestamp, text)
    }))
}

/// Runs two decoders over damaged lines of all dumps. What they give is JSON with a finite time, and the same.
fn decode_mutations(seed: u64, cases: usize) {
    let mut random = Random::new(seed);
    let texts: Vec<_> = recorded::names().iter().map(|name| recorded::text(name)).collect();
    let lines = texts.iter().flat_map(|text| text.split(|byte| *byte == b'\n').skip(2));
    let lines: Vec<_> = lines.filter(|line| (2..600).contains(&line.len())).collect();
    let (mut decoder, mut second, mut events) = (Decoder::new(), Decoder::new(), 0);
    for case in 0..cases {
        let mut line = lines[random.below(lines.len())].to_vec();
        mutate(&mut random, &mut line);
        let told = || format!("seed {seed}, case {case}: {}", line.escape_ascii());
        if case % 500 == 0 {
            (decoder, second) = (Decoder::new(), Decoder::new());
        }
        if case % 4 > 0 {
            let same = (decoder.line(&line).is_ok(), second.line(&line).is_ok());
            assert_eq!(same.0, same.1, "{}", told());
            continue;
        }
        let found = decoded(&mut decoder, &line);
        if let Ok(Some((time, text))) = &found {
            events += 1;
            assert!(time.is_finite(), "{}", told());
            let event = Json::parse(text).unwrap_or_else(|_| panic!("{}", told()));
            assert!(event.elements().count() >= 4 && !text.contains(&b'\n'), "{}", told());
        }
        assert_eq!(decoded(&mut second, &line), found, "{}", told());
    }
    assert!(events > cases / 80, "most damage leaves some JSON: {events} of {cases}");
}

/// What has been masked is JSON, so it need not be checked again: the events are the same.
#[test]
fn masked_lines_are_decoded_the_same_without_a_check() {
    const SEED: u64 = 4;
    let mut random = Random::new(SEED);
    let texts: Vec<_> = recorded::names().iter().map(|name| recorded::text(name)).collect();
    let lines = texts.iter().flat_map(|text| text.split(|byte| *byte == b'\n').skip(2));
    let lines: Vec<_> = lines.filter(|line| (2..1000).contains(&line.len())).collect();
    let mut masker = Masker::new(MaskRules::default(), None);
    let (mut checked, mut trusting) = (Decoder::new(), Decoder::new());
    for case in 0..40_000 {
        let (mut line, mut masked) = (lines[random.below(lines.len())].to_vec(), Vec::new());
        mutate(&mut random, &mut line);
        masker.line(&line, &mut masked);
        if case % 500 == 0 {
            (checked, trusting) = (Decoder::new(), Decoder::new());
        }
        let found = trusting.valid_line(&masked).map(|event| event.map(json));
        let expected = checked.line(&masked).map(|event| event.map(json));
        assert_eq!(found, expected, "seed {SEED}, case {case}: {}", masked.escape_ascii());
    }
}

fn json(event: Event) -> Vec<u8> {
    let mut text = Vec::new();
    event.write_json(&mut text);
    text
}

/// Any bytes at all, taken for a line that is known to be JSON, are nonsense at worst.
#[test]
fn nonsense_taken_for_json_ends() {
    const SEED: u64 = 5;
    let mut random = Random::new(SEED);
    let text = recorded::text("short-session");
    let lines: Vec<_> = text.split(|byte| *byte == b'\n').skip(2).collect();
    let (mut decoder, mut count) = (Decoder::new(), 0);
    for _ in 0..40_000 {
        let mut line = lines[random.below(lines.len())].to_vec();
        mutate(&mut random, &mut line);
        count += usize::from(decoder.valid_line(&line).is_ok_and(|event| event.is_some()));
    }
    assert!(count > 1000, "most lines begin with a bracket: {count}");
}

#[test]
fn damaged_lines_are_decoded_or_refused() {
    decode_mutations(1, 200_000);
}

#[test]
fn more_damaged_lines_are_decoded_or_refused() {
    decode_mutations(2, 200_000);
}

/// Gives one byte at a time.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(1);
        self.0.read(&mut buffer[..count])
    }
}

/// What a file is read as: its events and notes, and the numbers of lines that are one or the other.
fn read(input: impl Read) -> Option<(Vec<u8>, Vec<String>, Vec<u64>)> {
    let mut dump = Dump::open(input).ok()?;
    let (mut text, mut numbers) = (Vec::new(), Vec::new());
    while let Some(event) = dump.next().expect("memory does not fail") {
        event.write_json(&mut text);
        text.push(b'\n');
        numbers.push(dump.line());
    }
    let is_line = |loss: &Loss| !matches!(loss, Loss::Damaged { .. } | Loss::Bomb(_) | Loss::Properties(_));
    numbers.extend(
        dump.notes()
            .iter()
            .filter(|note| is_line(&note.loss))
            .map(|note| note.line),
    );
    numbers.sort_unstable();
    Some((text, dump.notes().iter().map(ToString::to_string).collect(), numbers))
}

/// The numbers of the lines that are not blank, behind the head.
fn lines(text: &[u8]) -> Vec<u64> {
    let lines = (1..).zip(text.split(|byte| *byte == b'\n'));
    let full = lines.filter(|(number, line)| *number > 2 && !line.is_empty());
    full.map(|(number, _)| number).collect()
}

#[test]
fn damaged_files_are_opened_or_refused() {
    const SEED: u64 = 3;
    let mut random = Random::new(SEED);
    let text = recorded::text("short-session");
    let files = [
        text.clone(),
        recorded::file("short-session"),
        zstd::encode_all(&text[..], 1).expect("a vector takes everything"),
        bzip2(&text),
        recorded::file("gum-failures"),
        SMALL_BROTLI.to_vec(),
    ];
    let mut whole = 0;
    for case in 0..20_000 {
        let mut file = files[case % files.len()].clone();
        mutate(&mut random, &mut file);
        let found = read(&file[..]);
        let is_plain = Dump::open(&file[..]).is_ok_and(|dump| dump.compression() == Compression::None);
        if let Some((_, _, numbers)) = found.as_ref().filter(|_| is_plain) {
            whole += 1;
            assert_eq!(
                *numbers,
                lines(&file),
                "seed {SEED}, case {case}: each line is an event, or noted"
            );
        }
        if case % 16 == 0 {
            assert_eq!(
                read(Drops(&file)),
                found,
                "seed {SEED}, case {case}: it does not matter how bytes arrive"
            );
        }
    }
    assert!(whole > 1000, "most damage leaves a dump: {whole}");
}
