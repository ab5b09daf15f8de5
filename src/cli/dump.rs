//! `dump`: what can be done with one dump, wherever it is. One file for each command; where the dump comes from is the
//! business of `input`.
pub mod mask;

use clap::Subcommand;

use super::failure::Failure;
use super::input::Load;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Mask the addresses and device names of a dump, as the server does before it stores one
    Mask(mask::Arguments),
}

/// Does one of them. The configuration is only loaded where the dump is named by its id, so that files can be read on
/// any machine.
pub fn run(command: Command, load: Load<'_>) -> Result<(), Failure> {
    match command {
        Command::Mask(arguments) => mask::run(&arguments, load),
    }
}
