//! `check-config`: shows which configuration is in force and, with `--probe`, whether disk and destinations accept
//! data.
//!
//! Secrets are never shown. The probe makes the folders that the server would make, as the user who would own them, and
//! leaves nothing else behind.

use std::fmt::Write;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::statvfs;
use rustix::process::geteuid;

use super::failure::Failure;
use super::output::print;
use super::owner;
use crate::config::{Config, Loaded, Size};
use crate::geo::Geo;

/// Prints the effective configuration as TOML: secrets hidden, and behind each value that is no default where it came
/// from.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Also try whether the spool, the storage and the database can be written
    #[arg(long)]
    probe: bool,
}

/// Prints the configuration. Problems in the configuration itself were reported when it was loaded.
pub fn run(loaded: &Loaded, arguments: &Arguments) -> Result<(), Failure> {
    print(&loaded.to_toml())?;
    for warning in &loaded.warnings {
        // Standard error may be closed; the exit code does not depend on warnings.
        let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("warning: {warning}\n"));
    }
    if let Some(database) = &loaded.config.privacy.geo.geoip_database {
        Geo::open(database).map_err(|error| Failure::Usage(format!("privacy.geoip_database: {error}")))?;
    }
    if arguments.probe { probe(&loaded.config) } else { Ok(()) }
}

fn probe(config: &Config) -> Result<(), Failure> {
    if geteuid().is_root() && !config.data_dir.exists() {
        return print(&format!(
            "# probe: {} does not exist yet; the server's user makes it at the first start, so nothing was tried as root\n",
            config.data_dir.display()
        ));
    }
    owner::become_owner(&config.data_dir).map_err(|error| Failure::runtime(config.data_dir.display(), error))?;
    let spool = config.spool_path();
    let mut good = String::new();
    let mut bad = Vec::new();
    for (what, outcome) in [
        (
            format!("spool {}", spool.display()),
            try_spool(&spool, config.spool.min_free),
        ),
        try_storage(config),
        try_database(config),
    ] {
        match outcome {
            // Writing to a String cannot fail.
            Ok(()) => drop(writeln!(good, "# probe: {what}: ok")),
            Err(error) => bad.push(format!("{what}: {error}")),
        }
    }
    print(&good)?;
    if bad.is_empty() {
        Ok(())
    } else {
        Err(Failure::Runtime(bad.join("\n")))
    }
}

fn try_spool(spool: &Path, min_free: Size) -> Result<(), String> {
    let file = spool.join(format!(".probe-{}", std::process::id()));
    let written = fs::create_dir_all(spool)
        .and_then(|()| File::create(&file))
        .and_then(|mut file| io::Write::write_all(&mut file, &[0]));
    let removed = fs::remove_file(&file);
    written.and(removed).map_err(|error| error.to_string())?;
    let disk = statvfs(spool).map_err(|error| error.to_string())?;
    let free = Size(disk.f_bavail.saturating_mul(disk.f_frsize));
    if free < min_free {
        return Err(format!(
            "{free} are free, but spool.min_free asks for {min_free}; sessions would get 503"
        ));
    }
    Ok(())
}

fn try_storage(config: &Config) -> (String, Result<(), String>) {
    let store = match config.object_store() {
        Ok(store) => store,
        Err(error) => return ("storage".to_string(), Err(error.to_string())),
    };
    (
        format!("storage {}", store.describe()),
        store
            .prepare()
            .and_then(|()| store.probe())
            .map_err(|error| error.to_string()),
    )
}

fn try_database(config: &Config) -> (String, Result<(), String>) {
    let database = match config.row_store() {
        Ok(database) => database,
        Err(error) => return ("database".to_string(), Err(error.to_string())),
    };
    let what = format!("database {}", database.describe());
    (what, database.prepare().map_err(|error| error.to_string()))
}
