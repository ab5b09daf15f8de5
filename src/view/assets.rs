//! The files of the page, in the order in which they are joined.
//!
//! Scripts share one function scope: each file but the last only declares and registers, so their order matters only
//! for what runs meanwhile: `app.js` comes before the first view. `assets/README.md` says how a view joins in.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(include_str!(concat!("assets/", $name))),*]
    };
}

/// Joined into one style sheet.
pub const STYLES: &[&str] = files![
    "tokens.css",
    "frame.css",
    "parts.css",
    "timeline.css",
    "charts.css",
    "text.css",
];

/// The body of the page: nothing, the script builds it.
pub const BODY: &str = "";

/// What unpacks and runs the rest.
pub const LOADER: &str = files!["loader.js"][0];

/// Joined into one function.
pub const SCRIPTS: &[&str] = files![
    "dom.js",
    "data.js",
    "clock.js",
    "app.js",
    "hash.js",
    "theme.js",
    "keys.js",
    "commands.js",
    "markdown.js",
    "draw.js",
    "axis.js",
    "series.js",
    "thinned.js",
    "detail.js",
    "strip.js",
    "frame.js",
    "lanes.js",
    "lane-draw.js",
    "happenings.js",
    "timeline.js",
    "chart.js",
    "panels.js",
    "connection.js",
    "match.js",
    "compare.js",
    "values.js",
    "words.js",
    "copying.js",
    "longtable.js",
    "diff.js",
    "verdict.js",
    "verdict_side.js",
    "print.js",
    "ladder.js",
    "signalling.js",
    "sdp.js",
    "icestory.js",
    "ice.js",
    "eventfilter.js",
    "events.js",
    "features.js",
    "start.js",
];
