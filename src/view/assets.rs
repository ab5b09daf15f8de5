//! The files of the page, in the order in which they are joined.
//!
//! Scripts share one function scope: each file only declares, and the last one begins.

/// Joined into one style sheet.
pub const STYLES: &[&str] = &[include_str!("assets/style.css")];

/// The body of the page.
pub const BODY: &str = include_str!("assets/page.html");

/// Joined into one function.
pub const SCRIPTS: &[&str] = &[include_str!("assets/main.js")];
