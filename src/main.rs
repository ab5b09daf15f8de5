//! Turns what a command returns into an exit status.

use std::process::ExitCode;

use rtcstats_server::{cli, config};

fn main() -> ExitCode {
    let logging = simplelog::SimpleLogger::init(log::LevelFilter::Info, simplelog::Config::default());
    let loaded = config::load(None, std::env::vars_os()).map_err(|error| error.to_string());
    let served = loaded.and_then(|loaded| cli::serve::run(loaded).map_err(|error| error.to_string()));
    match (logging, served) {
        (Ok(()), Ok(())) => ExitCode::SUCCESS,
        (_, served) => {
            eprintln!("rtcstats-server: {}", served.err().unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}
