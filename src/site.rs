//! The catalogue in a browser: stored calls are searched, and each has its page.
//!
//! A process of its own beside the collector, for someone at the end of an SSH tunnel, or with keys that may only read.
//! It changes nothing: rows are read, objects are read, and no file stays (a page may need one without a name). A
//! request names the id of a row, never a file or a URL, and what is not asked for by the holder of the token (`entry`)
//! is refused before anything is looked up. Limits: `SITE_…` in `limits`. Failures: each request gets a page that says
//! what failed; the process goes on.
mod answer;
mod asker;
mod call;
mod catalogue;
mod entry;
mod html;
mod listen;
mod query;
mod routes;
mod serve;
mod shelf;

pub use listen::{Address, Listener, TUNNEL_PORT};
pub use routes::Site;
pub use serve::serve;
