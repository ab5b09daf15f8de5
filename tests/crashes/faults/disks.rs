//! Real file systems, each mounted for one run: with and without a journal, copying on write, in memory, in layers,
//! without links. Only `make faults` plays these; it needs root, and the programs that make file systems.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::wait_until;

use super::is_all;
use super::scene::{finish, inherit, live_through, prepare_in};

/// A file system, how it is made in a file, and how that is mounted.
struct Kind {
    name: &'static str,
    make: &'static [&'static str],
    size: u64,
}

const KINDS: [Kind; 7] = [
    Kind {
        name: "ext4",
        make: &["mkfs.ext4", "-q", "-F"],
        size: 64 << 20,
    },
    Kind {
        name: "ext4 without a journal",
        make: &["mkfs.ext4", "-q", "-F", "-O", "^has_journal"],
        size: 64 << 20,
    },
    Kind {
        name: "xfs",
        make: &["mkfs.xfs", "-q", "-f"],
        size: 320 << 20,
    },
    Kind {
        name: "btrfs",
        make: &["mkfs.btrfs", "-q", "-f"],
        size: 256 << 20,
    },
    Kind {
        name: "vfat",
        make: &["mkfs.vfat"],
        size: 64 << 20,
    },
    Kind {
        name: "tmpfs",
        make: &[],
        size: 64 << 20,
    },
    Kind {
        name: "overlay",
        make: &[],
        size: 0,
    },
];

/// A mounted file system, unmounted at the end.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a server that still runs has files open.
        let _ = run("umount", &["-l", text(&self.0)]);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of a test is text")
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// Makes and mounts it at `folder`.
///
/// # Errors
/// Why this machine cannot.
fn mount(kind: &Kind, folder: &Path) -> Result<Mounted, String> {
    let at = folder.join("mounted");
    let [lower, upper, work] = ["lower", "upper", "work"].map(|name| folder.join(name));
    for each in [&at, &lower, &upper, &work] {
        fs::create_dir(each).expect("a folder can be made");
    }
    match (kind.name, kind.make) {
        ("tmpfs", _) => run("mount", &["-t", "tmpfs", "tmpfs", text(&at)]),
        ("overlay", _) => {
            let layers = [("lowerdir", &lower), ("upperdir", &upper), ("workdir", &work)];
            let options = layers
                .map(|(name, path)| format!("{name}={}", path.display()))
                .join(",");
            run("mount", &["-t", "overlay", "-o", &options, "overlay", text(&at)])
        }
        (_, [program, arguments @ ..]) => {
            let image = folder.join("image");
            let file = fs::File::create(&image).expect("a file can be made");
            file.set_len(kind.size).expect("a file can be long");
            run(program, &[arguments, &[text(&image)]].concat())?;
            run("mount", &["-o", "loop", text(&image), text(&at)])
        }
        (name, []) => Err(format!("nobody knows how to make {name}")),
    }?;
    Ok(Mounted(at))
}

#[test]
fn real_file_systems_keep_what_was_vouched_for() {
    if !is_all() {
        println!("skipped: `make faults` mounts file systems");
        return;
    }
    let (mut played, mut skipped) = (Vec::new(), Vec::new());
    for kind in &KINDS {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        match mount(kind, folder.path()) {
            Ok(mounted) => {
                play(kind.name, &mounted.0);
                played.push(kind.name);
            }
            Err(cause) => skipped.push(format!("{} ({cause})", kind.name)),
        }
    }
    println!("played on {}", played.join(", "));
    if !skipped.is_empty() {
        println!(
            "NOT PLAYED, since this machine cannot mount them: {}",
            skipped.join("; ")
        );
    }
    assert!(
        !played.is_empty(),
        "no file system can be mounted here: this needs root"
    );
}

/// Everything on the one disk, then the spool and the objects on two.
fn play(name: &str, disk: &Path) {
    for objects in [None, Some(tempfile::tempdir().expect("a temporary folder can be made"))] {
        let mut server = prepare_in(disk);
        if let Some(objects) = &objects {
            server.set("RTCSTATS_STORAGE__DIRECTORY__PATH", text(objects.path()));
        }
        let mut records = inherit(&server);
        let probed = server.run(&["check-config", "--probe"]);
        assert!(probed.status.success(), "{name}: {probed:?}");
        server.restart();
        let (live, sessions) = live_through(&server);
        records.extend(live);
        wait_until(&format!("{name}: all to be delivered"), || {
            server.rows().len() >= records.len() - 2
        });
        server.kill();
        drop(sessions);
        server.restart();
        match objects {
            None => finish(&server, &records),
            Some(objects) => {
                wait_until("everything to be delivered", || server.rows().len() == records.len());
                wait_until("the spool to be empty", || server.spooled().is_empty());
                let stored = fs::read_dir(objects.path()).expect("a folder can be read").count();
                assert_eq!(stored, records.len(), "{name}");
            }
        }
        println!("{name}: {} sessions", records.len());
    }
}
