//! What the probe tries on the spool's disk.
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use rustix::fs::statvfs;

use super::options::SpoolOptions;
use crate::trial::Trial;
use crate::units::Size;

/// Tries once what recording, packing and delivering ask of the spool's disk, and leaves only the folder.
pub fn rehearse(spool: &Path, options: &SpoolOptions) -> Vec<Trial> {
    let place = format!("spool {}", spool.display());
    let written = match write(spool) {
        Ok(()) => Trial::fine(format!("{place}: write")),
        Err(error) => Trial::refused(
            format!("{place}: write"),
            error,
            "make it writable or change spool.directory",
        ),
    };
    vec![written, free(spool, format!("{place}: free space"), options.min_free)]
}

fn write(spool: &Path) -> io::Result<()> {
    let file = spool.join(format!(".probe-{}", std::process::id()));
    let written = fs::create_dir_all(spool)
        .and_then(|()| File::create(&file))
        .and_then(|mut file| file.write_all(&[0]));
    let removed = fs::remove_file(&file);
    written.and(removed)
}

fn free(spool: &Path, what: String, min_free: Size) -> Trial {
    match statvfs(spool) {
        Err(error) => Trial::refused(what, format!("statvfs: {error}"), ""),
        Ok(disk) => {
            let free = Size(disk.f_bavail.saturating_mul(disk.f_frsize));
            if free < min_free {
                let found = format!("{free} are free, but spool.min_free asks for {min_free}");
                Trial::refused(what, found, "sessions would get 503: make room or lower spool.min_free")
            } else {
                Trial::found(what, free.to_string())
            }
        }
    }
}
