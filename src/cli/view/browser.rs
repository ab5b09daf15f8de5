//! Opens a file as a person's desktop does.
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// What opens files: on macOS, and on desktops that follow freedesktop.org.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// How long an opener may take to say that it failed. On some desktops it stays until the browser is closed.
const OPENER_TIME: Duration = Duration::from_secs(3);

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
    let Ok(mut child) = command.spawn() else { return false };
    let (told, tells) = channel();
    // Ends with the opener, or with this process.
    thread::spawn(move || told.send(child.wait().is_ok_and(|status| status.success())));
    tells.recv_timeout(OPENER_TIME).unwrap_or(true)
}
