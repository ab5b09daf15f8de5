//! Where the commands on a dump get it from: a file, standard input, an id of the catalogue, or a URL.
//!
//! A file that exists is meant before an id that reads alike. The bytes come as they are stored; what they are is found
//! out by the reader of dumps. Limits: `--max-download` for what comes over a network. Failures: each names the input,
//! never the query of a URL, which may hold a signature.
mod by_id;
mod by_url;
mod found;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};

use super::failure::Failure;
use super::progress::{Progress, Shown};
use super::visible::visible;
use crate::config::Size;
use crate::database::RowKey;
use found::Found;
pub use found::Load;

/// Which dump.
#[derive(Debug, clap::Args)]
pub struct Source {
    /// The dump: a file, - for standard input, the id of a stored dump, or a URL
    #[arg(value_name = "DUMP")]
    dump: OsString,
    #[command(flatten)]
    bound: Bound,
}

/// How much of a dump may be loaded.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Bound {
    /// The most that is read from a bucket or a URL
    #[arg(long, value_name = "SIZE", default_value = "4GiB")]
    max_download: Size,
}

/// An open dump.
pub struct Input {
    /// What it is called in messages.
    pub name: String,
    /// The bytes, which may be compressed.
    pub bytes: Box<dyn Read>,
}

impl Source {
    /// For commands that take more than one dump, or none.
    pub fn new(dump: OsString, bound: Bound) -> Source {
        Source { dump, bound }
    }

    /// Opens it. `shown` says whether a progress bar may be shown meanwhile.
    ///
    /// # Errors
    /// It is not there, or may not be read.
    pub fn open(&self, shown: Shown, load: Load<'_>) -> Result<Input, Failure> {
        let Found { name, length, bytes } = self.find(load)?;
        Ok(Input {
            name,
            bytes: Box::new(Progress::new(bytes, length, shown)),
        })
    }

    fn find(&self, load: Load<'_>) -> Result<Found, Failure> {
        if self.dump == "-" {
            return Ok(Found {
                name: "standard input".to_owned(),
                length: None,
                bytes: Box::new(io::stdin().lock()),
            });
        }
        let text = self.dump.to_str().unwrap_or_default();
        if let Some((scheme, rest)) = text.split_once("://") {
            return match scheme.to_ascii_lowercase().as_str() {
                "file" => file(&by_url::path(rest)),
                _ => by_url::find(text, self.bound.max_download, load),
            };
        }
        match (file(&self.dump), RowKey::from(text)) {
            (Ok(found), _) => Ok(found),
            (Err(error), RowKey::Other(_)) => Err(error),
            (Err(_), key) => by_id::find(key, self.bound.max_download, load),
        }
    }
}

fn file(path: &OsStr) -> Result<Found, Failure> {
    let name = visible(&path.to_string_lossy());
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    match opened {
        Ok((metadata, _)) if metadata.is_dir() => Err(Failure::Runtime(format!("{name}: is a folder, not a dump"))),
        Ok((metadata, file)) => Ok(Found {
            name,
            length: metadata.is_file().then_some(metadata.len()),
            bytes: Box::new(file),
        }),
        Err(error) => Err(Failure::runtime(name, error)),
    }
}
