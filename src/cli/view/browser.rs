//! Opens a file as a person's desktop does.
use std::path::Path;
use std::process::{Command, Stdio};

/// What opens files: on macOS, and on desktops that follow freedesktop.org.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Whether the file was opened, as far as can be known.
pub fn open(path: &Path) -> bool {
    // Without a display, the opener may start a browser for terminals, which would not understand the page.
    let has_display = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !cfg!(target_os = "macos") && !has_display("DISPLAY") && !has_display("WAYLAND_DISPLAY") {
        return false;
    }
    let mut command = Command::new(OPENER);
    command
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
