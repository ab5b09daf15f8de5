//! Only the server's own user may read what the server writes.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Checks `folder` and everything below it: files have mode 0600, folders 0700. Files that disappear meanwhile do not
/// count.
pub fn check(folder: &Path) {
    let Ok(metadata) = std::fs::symlink_metadata(folder) else {
        return;
    };
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    let mode = metadata.permissions().mode() & 0o7777;
    assert_eq!(mode, expected, "{} has mode {mode:o}", folder.display());
    if metadata.is_dir() {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.for_each(|entry| check(&entry.path()));
    }
}
