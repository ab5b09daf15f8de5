//! Faults of the folder of copies beside a bucket (`keep_local`): a copy may be missing, and is told then; the dump has
//! gone to the bucket all the same, once, and nothing of a copy is left in part.

use std::fs;

use rustix::io::Errno;
use support::moto::BUCKET;
use support::stored::{FEATURES, features_of, files_below};
use support::strict_s3::StrictS3;
use support::syscalls::{self, Deed, Rule, Syscalls};
use support::{Client, Dump, wait_until};

use super::scene::prepare;

/// Whether there is a copy in the end. If not, the log says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copy {
    Kept,
    Missing,
}

const fn not(errno: Errno) -> Deed {
    Deed::NotDone(errno.raw_os_error())
}

const fn done(errno: Errno) -> Deed {
    Deed::Done(errno.raw_os_error())
}

/// A link that is refused is followed by a copy, which then meets the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Links {
    Allowed,
    Refused,
}

const CASES: [(&str, Deed, Links, Copy); 14] = [
    ("link", not(Errno::ACCESS), Links::Allowed, Copy::Kept),
    ("link", not(Errno::XDEV), Links::Allowed, Copy::Kept),
    ("link", not(Errno::IO), Links::Allowed, Copy::Kept),
    ("link", done(Errno::IO), Links::Allowed, Copy::Kept),
    ("link", done(Errno::STALE), Links::Allowed, Copy::Kept),
    ("open", not(Errno::ACCESS), Links::Refused, Copy::Missing),
    ("open", not(Errno::NOSPC), Links::Refused, Copy::Missing),
    ("write", not(Errno::NOSPC), Links::Refused, Copy::Missing),
    ("write", not(Errno::IO), Links::Refused, Copy::Missing),
    ("fsync", not(Errno::IO), Links::Refused, Copy::Missing),
    ("rename", not(Errno::IO), Links::Refused, Copy::Missing),
    ("rename", done(Errno::NOENT), Links::Refused, Copy::Kept),
    ("mkdir", not(Errno::NOSPC), Links::Allowed, Copy::Missing),
    ("mkdir", done(Errno::IO), Links::Allowed, Copy::Kept),
];

#[test]
fn whatever_its_folder_says_of_a_copy_the_dump_is_in_the_bucket_once() {
    if !syscalls::are_possible() {
        println!("skipped: system calls can be changed on x86-64 only");
        return;
    }
    std::thread::scope(|scope| {
        for case in &CASES {
            scope.spawn(|| play(*case));
        }
    });
}

fn play((call, deed, links, copy): (&'static str, Deed, Links, Copy)) {
    let case = format!("{call} {deed:?} {links:?}");
    let store = StrictS3::start();
    let mut server = prepare();
    for (name, value) in store.environment() {
        server.set(&name, &value);
    }
    server.set("RTCSTATS_RETENTION__KEEP_LOCAL", "1d");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let fault = match call {
        "link" => Rule {
            to: "/copies/",
            ..Rule::all(call, "", deed)
        },
        _ => Rule::all(call, "/copies", deed),
    };
    let refused = Rule {
        to: "/copies/",
        ..Rule::all("link", "", not(Errno::XDEV))
    };
    let rules: Vec<Rule> = match links {
        Links::Allowed => vec![fault],
        Links::Refused => vec![refused, fault],
    };
    let faults = Syscalls::attach(&mut server, folder.path(), &rules);
    server.restart();
    let mut client = Client::open(server.address(), "/");
    client.send("[\"copied\",null,null,0]");
    client.close(None);
    wait_until(&format!("{case}: the row, and the spool to be empty"), || {
        server.rows().len() == 1 && server.spooled().is_empty()
    });
    assert!(faults.met().iter().any(|met| met.starts_with(call)), "{case}");
    assert_eq!(
        store.objects_of(BUCKET).len(),
        2,
        "{case}: the dump and its features, once"
    );
    let mut copies = files_below(&server.data().join("copies"));
    copies.retain(|file| !file.ends_with(".copies-of-stored-dumps") && !file.ends_with(".last-sweep"));
    let is_told = server.log().contains("no copy of a dump is kept on this machine");
    assert_eq!(is_told, copy == Copy::Missing, "{case}: {}", server.log());
    copies.sort_by_key(|file| file.to_string_lossy().ends_with(FEATURES));
    match copy {
        Copy::Kept => {
            let said = ["[\"copied\",null,null,0]"];
            assert_eq!(Dump::read(&copies[0]).messages(), said, "{case}");
            assert_eq!(
                copies[1..],
                [features_of(&copies[0])],
                "{case}: its features, and no more"
            );
        }
        Copy::Missing => assert!(copies.is_empty(), "{case}: {copies:?}"),
    }
    assert!(
        fs::read_dir(server.data().join("spool/0/failed"))
            .expect("a folder")
            .next()
            .is_none(),
        "{case}"
    );
}
