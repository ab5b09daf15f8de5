//! The command line: one file per subcommand; only `serve` starts the reactor.
//!
//! Never here: what a command does. Exit codes: 0 success, 1 the command failed, 2 wrong arguments or configuration.
mod check_config;
mod dump;
mod erase;
mod failure;
mod features;
mod figures;
mod find;
mod input;
mod logging;
mod masked;
mod migrate;
mod output;
mod owner;
mod paint;
mod probe;
mod progress;
mod reasons;
mod serve;
mod shell;
mod spool;
mod token;
mod view;
mod visible;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{config, tls};
use failure::Failure;

/// Collects WebRTC sessions from rtcstats-js: records them, masks addresses and
/// device names, stores them as compressed dumps and keeps a catalogue of them.
///
/// Without a command it serves. Nothing has to be configured: it listens on port
/// 8080 and writes below ./data. Every key of the configuration is explained in the
/// rtcstats-server.toml that comes with the program.
#[derive(Debug, Parser)]
#[command(name = "rtcstats-server", version, verbatim_doc_comment)]
struct Arguments {
    /// Configuration file [default: ./rtcstats-server.toml, else /etc/rtcstats-server/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Collect sessions until SIGTERM, SIGINT or SIGHUP (this is what happens without a command)
    Serve,
    /// Say which configuration is in force, or what is wrong with it
    CheckConfig(check_config::Arguments),
    /// Make a token that lets a client send, signed with the configured secret
    Token(token::Arguments),
    /// Search the catalogue of stored dumps, newest first
    Find(find::Arguments),
    /// Erase the dumps and rows of a user, a conference or a session, also those that are not delivered yet
    Erase(erase::Arguments),
    /// See what is not delivered yet, and put failed dumps back into the queue
    #[command(subcommand)]
    Spool(spool::Command),
    /// Make the PostgreSQL table of stored dumps, or add what an older one lacks
    Migrate,
    /// Extract the features of dumps that were stored without
    Features(features::Arguments),
    /// Read a dump: what the call was like, its events, what is wrong with the file
    #[command(subcommand)]
    Dump(dump::Command),
    /// Make a page of a dump, one HTML file for the browser, and open it
    View(view::Arguments),
    /// Print what a shell needs to complete commands and options
    Completions(shell::Completions),
    /// Write the manual pages
    ManPages(shell::ManPages),
}

/// Does what the command line says. To be called first, while the process has one thread (see `owner`).
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    logging::tell_panics_by_place();
    tls::install();
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

fn dispatch(arguments: Arguments) -> Result<(), Failure> {
    let load = || config::load(arguments.config.as_deref(), std::env::vars_os()).map_err(Failure::Configuration);
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => Ok(serve::run(load()?)?),
        Command::CheckConfig(arguments) => check_config::run(&load()?, &arguments),
        Command::Token(arguments) => token::run(&load()?, arguments),
        Command::Find(arguments) => find::run(&load()?.config, arguments),
        Command::Erase(arguments) => erase::run(&load()?.config, &arguments),
        Command::Spool(command) => spool::run(&load()?.config, command),
        Command::Migrate => migrate::run(&load()?.config),
        Command::Features(arguments) => features::run(&load()?.config, &arguments),
        Command::Dump(command) => dump::run(command, &load),
        Command::View(arguments) => view::run(&arguments, &load),
        Command::Completions(arguments) => shell::complete(Arguments::command(), &arguments),
        Command::ManPages(arguments) => shell::man_pages(Arguments::command(), &arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn serving_is_what_happens_without_a_command() {
        let parsed = Arguments::try_parse_from(["rtcstats-server", "--config", "a.toml"]).unwrap();
        assert!(parsed.command.is_none() && parsed.config == Some("a.toml".into()));
        let parsed = Arguments::try_parse_from(["rtcstats-server", "serve", "--config", "a.toml"]).unwrap();
        assert!(matches!(parsed.command, Some(Command::Serve)) && parsed.config == Some("a.toml".into()));
    }
}
