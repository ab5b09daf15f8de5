//! A disk to measure on: an ext4 file system with a journal, in a file of its own, whatever file system the machine
//! has.
//!
//! It needs root, a loop device and half a gigabyte. If they are missing, the folder for temporary files is used
//! instead, and a message says so, because system calls have another cost there. The disk is removed with the value,
//! also after a panic.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

const BYTES: u64 = 512 << 20;

pub struct Disk {
    /// The mount point and the file that is mounted there.
    made: Option<TempDir>,
}

impl Disk {
    pub fn make() -> Disk {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (image, mount) = (folder.path().join("image"), folder.path().join("mount"));
        std::fs::create_dir(&mount).expect("the temporary folder is writable");
        let file = std::fs::File::create(&image).expect("the temporary folder is writable");
        file.set_len(BYTES).expect("a file with a hole");
        let is_made = rustix::process::geteuid().is_root()
            && succeeds(Command::new("mkfs.ext4").args(["-q", "-O", "has_journal"]).arg(&image))
            && succeeds(Command::new("mount").args(["-o", "loop"]).args([&image, &mount]));
        let disk = Disk {
            made: is_made.then_some(folder),
        };
        match is_made {
            true => println!("on an ext4 with a journal, mounted by loop from a file"),
            false => println!(
                "on {}, since an ext4 of its own takes root and a loop device: the figures are of that disk",
                disk.folder().display()
            ),
        }
        disk
    }

    pub fn folder(&self) -> PathBuf {
        self.made.as_ref().map_or_else(std::env::temp_dir, mount)
    }
}

fn mount(folder: &TempDir) -> PathBuf {
    folder.path().join("mount")
}

fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

impl Drop for Disk {
    fn drop(&mut self) {
        let Some(folder) = &self.made else { return };
        let mount: &Path = &mount(folder);
        if !succeeds(Command::new("umount").arg(mount)) {
            eprintln!("{} could not be unmounted", mount.display());
        }
    }
}
