//! `check-config`: shows which configuration is in force and, with `--probe`, whether disk and destinations accept
//! data.
//!
//! Secrets are never shown.

use super::failure::Failure;
use super::output::{print, warn};
use super::owner;
use super::probe;
use crate::config::{Config, Loaded};
use crate::database::DatabaseBackend;
use crate::geo::Geo;
use crate::redact::Secret;
use crate::tls;

/// Prints the effective configuration as TOML: secrets hidden, and behind each value that is no default where it came
/// from.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Also try once what serving does: listen, write the spool, store an object, write a row; leaves nothing behind
    #[arg(long)]
    probe: bool,
}

/// Prints the configuration. Problems in the configuration itself were reported when it was loaded.
pub fn run(loaded: &Loaded, arguments: &Arguments) -> Result<(), Failure> {
    print(&loaded.to_toml())?;
    loaded.warnings.iter().for_each(warn);
    // The probe binds before it becomes the owner, as the server does.
    let probed = if arguments.probe {
        probe::run(&loaded.config)
    } else {
        Ok(())
    };
    owner::settle(&loaded.config.data_dir)?;
    files(&loaded.config)?;
    probed
}

/// Opens the files that the server opens later, as the user who will open them.
fn files(config: &Config) -> Result<(), Failure> {
    if let Some(database) = &config.privacy.geo.geoip_database {
        let geo = Geo::open(database);
        let geo = geo.map_err(|error| Failure::Usage(format!("privacy.geoip_database: {error}")))?;
        geo.flaw().iter().for_each(warn);
    }
    if config.database.backend != DatabaseBackend::Postgres {
        return Ok(());
    }
    let postgres = &config.database.postgres;
    if let Some(roots) = &postgres.ssl_root_cert {
        tls::check_roots(roots).map_err(|error| Failure::Usage(format!("database.postgres.ssl_root_cert: {error}")))?;
    }
    // It was read before, perhaps by root. The server starts with that, but would not notice a new password.
    if let Some(Err(error)) = postgres.url_file.as_deref().map(Secret::read) {
        warn(format!(
            "database.postgres.url_file: {error}; a new password will not be noticed"
        ));
    }
    Ok(())
}
