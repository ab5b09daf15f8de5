//! `serve`: collects sessions until a signal ends it.
//!
//! Never here: the loop itself. What stands here comes before it, in this order: the log, whose files they will be,
//! what the operator should know.
use super::failure::Failure;
use super::{logging, owner};
use crate::config::Loaded;

/// Serves until SIGTERM or SIGINT.
pub fn run(loaded: Loaded) -> Result<(), Failure> {
    let config = &loaded.config;
    logging::start(config.log.level).map_err(|error| Failure::runtime("the log", error))?;
    let owner = owner::become_owner(&config.data_dir)
        .map_err(|error| Failure::runtime(format!("the owner of {}", config.data_dir.display()), error))?;
    if let Some(user) = owner {
        log::info!("Running as user {user}, the owner of {}", config.data_dir.display());
    }
    match loaded.sources.file() {
        Some(file) => log::info!("Configuration: {}", file.display()),
        None => log::info!("Configuration: the defaults (no file was found)"),
    }
    for warning in &loaded.warnings {
        log::warn!("{warning}");
    }
    Ok(())
}
