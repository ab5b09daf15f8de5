//! `dump`: what can be done with one dump, wherever it is. One file for each command; where the dump comes from is the
//! business of `input`.
mod cat;
mod check;
mod diff;
pub mod explain;
mod features;
pub mod filter;
mod info;
mod json;
mod mask;
mod plot;
pub mod reading;

use clap::Subcommand;

use super::failure::Failure;
use super::input::Load;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what a call was like: set-up, path, tracks, what failed
    Info(info::Arguments),
    /// Write the events as JSON lines, with full names, absolute times and complete statistics
    Cat(cat::Arguments),
    /// Print the features of the call, as the server stores them
    Features(features::Arguments),
    /// Say what was wrong with a call
    Explain(explain::Arguments),
    /// Say in which features and findings two dumps differ
    Diff(diff::Arguments),
    /// Draw values over time in the terminal
    Plot(plot::Arguments),
    /// List what of a dump is not as the format has it
    Check(check::Arguments),
    /// Mask the addresses and device names of a dump, as the server does before it stores one
    Mask(mask::Arguments),
}

/// Does one of them. The configuration is only loaded where the dump is named by its id, so that files can be read on
/// any machine.
pub fn run(command: Command, load: Load<'_>) -> Result<(), Failure> {
    match command {
        Command::Info(arguments) => info::run(&arguments, load),
        Command::Cat(arguments) => cat::run(&arguments, load),
        Command::Features(arguments) => features::run(&arguments, load),
        Command::Explain(arguments) => explain::run(&arguments, load),
        Command::Diff(arguments) => diff::run(arguments, load),
        Command::Plot(arguments) => plot::run(&arguments, load),
        Command::Check(arguments) => check::run(&arguments, load),
        Command::Mask(arguments) => mask::run(&arguments, load),
    }
}
