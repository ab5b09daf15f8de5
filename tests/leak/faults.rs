//! A dump that waits for a destination is already masked, and the note about one that can never be delivered says why
//! without quoting it.

use std::fs;
use std::path::{Path, PathBuf};

use support::stored::files_below;
use support::{Recorded, Server, wait_for, wait_until};

use super::secrets::Secrets;
use super::{assert_clean, outputs, permissions, send, sessions};

/// The collections of odd cases, which are the hardest to mask.
fn zoos() -> Vec<Recorded> {
    ["derived-address-zoo", "derived-line-zoo", "custom-events-malformed"]
        .map(Recorded::named)
        .into()
}

fn spooled_in(server: &Server, state: &str) -> Vec<PathBuf> {
    let mut files = server.spooled();
    files.retain(|path| path.parent().is_some_and(|folder| folder.ends_with(state)));
    files
}

#[test]
fn what_waits_for_a_destination_is_masked() {
    let dumps = zoos();
    let blocked = tempfile::NamedTempFile::new().expect("a temporary file");
    let below_a_file = blocked.path().join("dumps");
    let store = below_a_file.to_str().expect("a temporary path is text");
    let mut server = super::server(&dumps, &[("RTCSTATS_STORAGE__DIRECTORY__PATH", store)]);
    let mut secrets = Secrets::default();
    let token = sessions::token(&server, &mut secrets);
    let recorded = sessions::recorded(&dumps, &token, &mut secrets);
    // The second round begins when the server knows that the store is down.
    for round in 1..=2 {
        send(&server, &recorded.iter().collect::<Vec<_>>(), |_, _| {});
        // Dumps are packed even while the destination is down: three files each, and after a sync the unmasked lines
        // are gone.
        wait_until("packed dumps only", || {
            let of = |state| spooled_in(&server, state).len();
            of("packed") == 3 * round * dumps.len() && of("recording") + of("ready") == 0
        });
        wait_until("the destination is missed", || server.log().contains(" is down, "));
    }
    permissions::check(&server.data());
    assert!(server.rows().is_empty(), "a row is written after the object");
    assert_clean(&outputs::search(&server, &secrets.search()));
    // When the store's path no longer leads below a file, the dumps are delivered as they were packed.
    server.stop();
    let data = server.data().join("dumps");
    server.set(
        "RTCSTATS_STORAGE__DIRECTORY__PATH",
        data.to_str().expect("a temporary path is text"),
    );
    server.restart();
    server.delivered(2 * dumps.len());
    super::wait_until_nothing_is_spooled(&server);
    assert_clean(&outputs::search(&server, &secrets.search()));
}

/// Files that are not dumps. Each contains an address.
const NO_DUMPS: [&str; 5] = [
    "RTCStatsDumpX 198.18.200.1\n{}\n",
    "RTCStatsDump\n[\"198.18.200.2\"]\n",
    "RTCStatsDump\n{\"url\":\"/198.18.200.3\",\n",
    "RTCStatsDump\n198.18.200.4\n",
    "198.18.200.5",
];

#[test]
fn a_failed_dump_says_why_without_quoting_it() {
    let dumps = zoos();
    let mut server = super::server(&dumps, &[]);
    let mut secrets = Secrets::default();
    server.stop();
    let ready = ready(&server);
    for (number, content) in NO_DUMPS.iter().enumerate() {
        secrets.text(content);
        let name = format!("01900000-0000-7000-8000-00000000000{number}.jsonl");
        fs::write(ready.join(name), content).expect("the spool can be written");
    }
    assert_eq!(secrets.addresses.len(), NO_DUMPS.len());
    server.restart();
    let notes = wait_for("a note for each", || {
        let mut notes = files_below(&server.data().join("spool"));
        notes.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
        (notes.len() == NO_DUMPS.len() && spooled_in(&server, "ready").is_empty()).then_some(notes)
    });
    for note in &notes {
        let text = fs::read_to_string(note).expect("a note is text");
        assert!(text.len() > 20, "{text:?} says nothing");
        // What cannot be read at all is kept unchanged for the operator. So only the notes and the log are searched.
        fs::remove_file(note.with_extension("jsonl")).expect("the lines are beside the note");
    }
    permissions::check(&server.data());
    assert_clean(&outputs::search(&server, &secrets.search()));
}

fn ready(server: &Server) -> PathBuf {
    let spool = server.data().join("spool");
    let lock = files_below(&spool).into_iter().find(|path| path.ends_with("lock"));
    let lock = lock.expect("the spool has an instance");
    lock.parent().map_or(spool, Path::to_path_buf).join("ready")
}
