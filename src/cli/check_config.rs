//! `check-config`: shows which configuration is in force and, with `--probe`, whether disk and destinations accept
//! data.
//!
//! Secrets are never shown.

use std::io;

use super::failure::Failure;
use super::output::print;
use super::probe;
use crate::config::Loaded;
use crate::geo::Geo;

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
    for warning in &loaded.warnings {
        // Standard error may be closed; the exit code does not depend on warnings.
        let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("warning: {warning}\n"));
    }
    if let Some(database) = &loaded.config.privacy.geo.geoip_database {
        let geo = Geo::open(database);
        let geo = geo.map_err(|error| Failure::Usage(format!("privacy.geoip_database: {error}")))?;
        if let Some(flaw) = geo.flaw() {
            let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("warning: {flaw}\n"));
        }
    }
    if arguments.probe {
        probe::run(&loaded.config)
    } else {
        Ok(())
    }
}
