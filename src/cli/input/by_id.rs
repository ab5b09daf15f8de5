//! Finds a dump by its id: in the catalogue, then in the store that its row points to; or in the spool, if it is not
//! delivered yet.
//!
//! What lies in the spool unmasked is masked while it is read. Nothing is written. Failures: there is no such row and
//! no such file, the object was removed, or catalogue or store do not answer.
use std::fs::File;
use std::io::BufReader;

use super::found::{Found, Limited, Load, check_length};
use crate::cli::failure::Failure;
use crate::cli::logging;
use crate::cli::masked::Masked;
use crate::cli::output::warn;
use crate::cli::owner;
use crate::cli::visible::visible;
use crate::config::{Config, Size};
use crate::database::{Filter, RowKey};
use crate::id::Id;
use crate::spool::{DumpState, queue};
use crate::storage::ByteRange;

/// Opens the dump of this id.
pub fn find(key: RowKey, most: Size, load: Load<'_>) -> Result<Found, Failure> {
    let config = load()?.config;
    owner::settle(&config.data_dir)?;
    // What a store leaves open for all its objects is warned of where it is met.
    let level = config.log.level.min(log::LevelFilter::Warn);
    logging::start(level).map_err(|error| Failure::Runtime(error.to_string()))?;
    let name = format!("dump {}", visible(&key.to_string()));
    let row = of_catalogue(&config, &key);
    match row {
        Ok(Some(Some(url))) => stored(&config, name, &url, most),
        Ok(Some(None)) => Err(Failure::Runtime(format!(
            "{name}: its row is there, but its object was removed (retention, or by hand)"
        ))),
        Ok(None) => match spooled(&config, &key)? {
            Some(found) => Ok(found),
            None => Err(Failure::Runtime(format!(
                "{name}: there is no file, no row of the catalogue and nothing in the spool by this name{}",
                without_configuration(&config)
            ))),
        },
        // It may not be delivered yet just because there is no catalogue.
        Err(error) => match spooled(&config, &key) {
            Ok(Some(found)) => {
                warn(error);
                Ok(found)
            }
            _ => Err(Failure::runtime(name, error)),
        },
    }
}

/// The URL in the row, if there is a row, and if it has one.
fn of_catalogue(config: &Config, key: &RowKey) -> Result<Option<Option<String>>, Failure> {
    let filter = Filter {
        id: Some(key.clone()),
        limit: 1,
        ..Filter::default()
    };
    let rows = config.row_reader().and_then(|catalogue| catalogue.find(&filter));
    let rows = rows.map_err(|error| Failure::Runtime(error.to_string()))?;
    Ok(rows.into_iter().next().map(|row| row.blob_url))
}

fn stored(config: &Config, name: String, url: &str, most: Size) -> Result<Found, Failure> {
    let content = config
        .object_store()
        .map_err(|error| error.to_string())
        .and_then(|store| store.get(url, ByteRange::ALL).map_err(|error| error.to_string()))
        .map_err(|error| Failure::runtime(&name, error))?;
    check_length(&name, content.length(), most)?;
    Ok(Found {
        name,
        length: content.length(),
        bytes: Box::new(Limited::new(content, most)),
    })
}

/// A dump that is on its way. It may move on while it is looked for; then the catalogue has it a moment later.
fn spooled(config: &Config, key: &RowKey) -> Result<Option<Found>, Failure> {
    let RowKey::Dump(id) = key else { return Ok(None) };
    let spool = config.spool_path();
    let entries = queue::list(&spool).map_err(|error| Failure::runtime(spool.display(), error))?;
    let of_dump = entries.iter().filter(|entry| entry.id == *id);
    for entry in of_dump {
        let Some((path, masked)) = entry.content() else {
            continue;
        };
        let Ok(file) = File::open(&path) else { continue };
        warn(format_args!("{}", state(*id, entry.state)));
        let name = format!("dump {id}");
        return Ok(Some(match masked {
            queue::Masking::Done => Found {
                name,
                length: file.metadata().ok().map(|metadata| metadata.len()),
                bytes: Box::new(file),
            },
            queue::Masking::Ahead => Found {
                name,
                length: None,
                bytes: Box::new(Masked::new(BufReader::new(file), usize::MAX)),
            },
        }));
    }
    Ok(None)
}

fn state(id: Id, state: DumpState) -> String {
    let what = match state {
        DumpState::Recording => "is still being recorded: this is what there is now",
        DumpState::Ready => "is not stored yet: it waits to be packed",
        DumpState::Packed => "is not stored yet, or its row is not written yet (spool show says why)",
        DumpState::Failed => "could not be delivered (spool show says why)",
    };
    format!("dump {id} {what}; it is read from the spool")
}

fn without_configuration(config: &Config) -> String {
    format!(" of {}", config.data_dir.display())
}
