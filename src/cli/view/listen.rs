//! `view --listen`: shows stored calls in a browser, until SIGINT, SIGTERM or SIGHUP ends it.
//!
//! A process of its own beside the collector: it opens the catalogue for reading, and takes objects from the store. It
//! writes no file, and needs neither the spool nor the owner of the data folder.
use std::io;

use futures_util::future::select_all;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::cli::failure::Failure;
use crate::cli::input::Load;
use crate::cli::logging;
use crate::cli::output::print;
use crate::findings::Settings;
use crate::site::{Address, Listener, Site, TUNNEL_PORT, serve};

#[derive(Debug, clap::Args)]
pub struct Listening {
    /// Show all stored calls in the browser: 127.0.0.1:9464, or unix:PATH. Prints the link that lets in
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["dump", "output", "json"])]
    listen: Option<Address>,
    /// The address under which browsers come, if a proxy of yours stands before it: https:// and a name
    #[arg(long, value_name = "URL", requires = "listen", value_parser = public)]
    public_url: Option<Url>,
}

/// Listens.
pub fn run(arguments: &Listening, page_bytes: usize, load: Load<'_>) -> Result<(), Failure> {
    let Some(address) = &arguments.listen else {
        return Err(Failure::Usage("name a dump, or an address with --listen".to_owned()));
    };
    let config = load()?.config;
    let runtime = |error: &dyn std::fmt::Display| Failure::Runtime(error.to_string());
    logging::start(config.log.level).map_err(|error| runtime(&error))?;
    let catalogue = config.row_reader().map_err(|error| runtime(&error))?;
    let store = config.object_store().map_err(|error| runtime(&error))?;
    let settings = Settings::of(&config.findings);
    let public = arguments.public_url.clone();
    let site = Site::new(catalogue, store, settings, page_bytes, public).map_err(|error| runtime(&error))?;
    let shown = match address {
        Address::Tcp(address) => address.to_string(),
        Address::Unix(path) => path.display().to_string(),
    };
    let listener = Listener::bind(address).map_err(|error| Failure::Runtime(format!("--listen {shown}: {error}")))?;
    let authority = listener.authority().map_err(|error| runtime(&error))?;
    print(&welcome(
        address,
        &authority,
        &site.url(&authority),
        arguments.public_url.is_some(),
    ))?;
    serve(site, listener, stopped()).map_err(|error| runtime(&error))
}

/// What whoever has started it needs to know.
fn welcome(address: &Address, authority: &str, url: &str, is_public: bool) -> String {
    let port = authority.rsplit(':').next().unwrap_or_default();
    let tunnel = match address {
        _ if is_public => String::new(),
        Address::Tcp(_) => {
            format!("From another machine: ssh -L {port}:{authority} THIS_MACHINE, then the same link.\n")
        }
        Address::Unix(path) => {
            format!(
                "Through ssh -L {TUNNEL_PORT}:{} THIS_MACHINE this opens it.\n",
                path.display()
            )
        }
    };
    format!("{url}\n{tunnel}Whoever has the link sees all calls. Stop with Ctrl-C.\n")
}

/// Waits for a signal that ends the process.
async fn stopped() -> io::Result<()> {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let mut signals = kinds.into_iter().map(signal).collect::<io::Result<Vec<_>>>()?;
    select_all(signals.iter_mut().map(|signal| Box::pin(signal.recv()))).await;
    Ok(())
}

fn public(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let has_login = !url.username().is_empty() || url.password().is_some();
    match url.scheme() {
        "https" if is_plain && !has_login && url.has_host() => Ok(url),
        _ => Err("write https:// and the name, without path, query and login".to_owned()),
    }
}
