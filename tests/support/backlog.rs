//! A spool as earlier processes have left it: dumps that wait, or sessions that a kill has cut off.
//!
//! These files are written before the server is started and use none of its code. Ten thousand take a second.

use std::path::Path;

/// The time of the first of them, in milliseconds since 1970. Each following one begins a second later.
const BEGIN: u64 = 1_700_000_000_000;

/// The id of the dump with this number: a UUIDv7 (RFC 9562, section 5.7), so that sorting by id sorts by age.
pub fn id(number: usize) -> String {
    let ms = BEGIN + number as u64 * 1000;
    format!("{:08x}-{:04x}-7000-8000-{number:012x}", ms >> 16, ms & 0xffff)
}

/// The only message of that dump, about a kilobyte long.
pub fn message(number: usize) -> String {
    format!("[\"number\",null,{number},\"{}\"]", "x".repeat(1000))
}

fn lines(number: usize) -> String {
    let ms = BEGIN + number as u64 * 1000;
    let ticket = format!("{{\"rtcstatsServer\":{{\"host\":\"before\",\"start\":{ms}}}}}");
    format!("RTCStatsDump\n{ticket}\n{}\n", message(number))
}

fn closing(number: usize) -> String {
    let end = BEGIN + number as u64 * 1000 + 500;
    format!("[\"close\",null,1000,{{\"end\":{end},\"recovered\":false}},0]\n")
}

/// Makes the folders of the first instance.
pub fn folders(data: &Path) {
    for state in ["recording", "ready", "packed", "failed"] {
        std::fs::create_dir_all(data.join("spool/0").join(state)).expect("the data folder is writable");
    }
}

/// Makes this many sealed dumps, numbered from 0.
pub fn ready(data: &Path, count: usize) {
    folders(data);
    (0..count).for_each(|number| write(data, "ready", number, &(lines(number) + &closing(number))));
}

/// Sessions that were cut off in the middle of their second message.
pub fn recordings(data: &Path, count: usize) {
    folders(data);
    (0..count).for_each(|number| write(data, "recording", number, &(lines(number) + "[\"cut")));
}

fn write(data: &Path, state: &str, number: usize, text: &str) {
    let path = data.join("spool/0").join(state).join(format!("{}.jsonl", id(number)));
    std::fs::write(path, text).expect("the data folder is writable");
}
