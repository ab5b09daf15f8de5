//! `completions` and `man-pages`: what a shell and `man` know about the commands, made from the command line itself.
//!
//! Failures: those of standard output, or of the folder.
use std::path::PathBuf;

use clap_complete::Shell;

use super::failure::Failure;
use super::output::print;

/// Prints the completions for a shell, for example `rtcstats-server completions bash
/// > /usr/share/bash-completion/completions/rtcstats-server`.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Writes a manual page for each command into a folder, for example `rtcstats-server man-pages
/// /usr/local/share/man/man1`.
#[derive(Debug, clap::Args)]
pub struct ManPages {
    /// The folder, which is made if it is not there
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

/// Prints what a shell reads.
pub fn complete(mut command: clap::Command, arguments: &Completions) -> Result<(), Failure> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Writes the pages.
pub fn man_pages(command: clap::Command, arguments: &ManPages) -> Result<(), Failure> {
    std::fs::create_dir_all(&arguments.folder)
        .and_then(|()| clap_mangen::generate_to(command, &arguments.folder))
        .map_err(|error| Failure::runtime(arguments.folder.display(), error))
}
