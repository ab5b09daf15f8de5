//! What an operator meets: commands, configuration, the catalogue, and a dump's life after the call.

mod backfill;
mod catalogue;
mod cli;
mod configuration;
mod features;
mod findings;
mod lifecycle;
