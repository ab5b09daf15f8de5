//! How much room a file system has. One that does not say is not full.

use std::fs::File;
use std::io;

use rustix::fs::StatVfs;
use rustix::io::Errno;

use super::interrupted::uninterrupted;

/// Free bytes for this user on the file system of an open folder; `None` if it counts no blocks or does not offer the
/// call. Layers over other file systems, and those behind a network, often do not know.
///
/// # Errors
/// It cannot tell at the moment.
pub fn free_bytes(folder: &File) -> io::Result<Option<u64>> {
    match uninterrupted(|| rustix::fs::fstatvfs(folder)) {
        Ok(status) => Ok(free(&status)),
        Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL | Errno::PERM | Errno::ACCESS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn free(status: &StatVfs) -> Option<u64> {
    let unit = match status.f_frsize {
        0 => status.f_bsize,
        unit => unit,
    };
    (status.f_blocks > 0 && unit > 0).then(|| status.f_bavail.saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_no_blocks_is_unknown_and_not_full() {
        let mut status = rustix::fs::statvfs("/").unwrap();
        for (blocks, available, fragment, block, free) in [
            (0, 0, 4096, 4096, None),
            (0, 7, 4096, 4096, None),
            (9, 0, 4096, 4096, Some(0)),
            (9, 7, 512, 4096, Some(7 * 512)),
            (9, 7, 0, 4096, Some(7 * 4096)),
            (9, 7, 0, 0, None),
            (9, u64::MAX, 512, 512, Some(u64::MAX)),
        ] {
            (status.f_blocks, status.f_bavail) = (blocks, available);
            (status.f_frsize, status.f_bsize) = (fragment, block);
            assert_eq!(super::free(&status), free, "{blocks} {available} {fragment} {block}");
        }
        let folder = File::open(std::env::temp_dir()).unwrap();
        assert!(free_bytes(&folder).is_ok());
    }
}
