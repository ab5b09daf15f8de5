//! One connection to a server, and the bound on everything that is waited for on it.
//!
//! The client library is asynchronous inside. Here each connection has a small runtime of its own that runs only within
//! a call and on the caller's thread, so to a worker every call is an ordinary one that blocks. Each waits in a
//! time-out of this process's own clock: neither statement_timeout (the server's clock) nor TCP's timers (its kernel
//! answers for it) end the wait for a server that is frozen. What is given up is dropped with its socket; nothing of it
//! is waited for, not even a name server. Never here: SQL of ours, a retry. Failures: [`Trouble`].
use std::error::Error as _;
use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::target::Target;
use crate::limits::DATABASE_CHECK_MS_MAX;
use crate::tls::{self, TlsError};
use crate::whose::machine_is_short;

/// Why a call did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The server's answer, or that there is none.
    #[error(transparent)]
    Server(#[from] Error),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the system refuses a connection: {0}")]
    System(#[from] io::Error),
    #[error("no answer within {} s", .0.as_secs_f32())]
    Hung(Duration),
    /// What has been answered does not fit.
    #[error("{0}")]
    Unfit(String),
}

impl Trouble {
    /// There was no descriptor or no memory to reach the server with.
    pub fn is_this_machines(&self) -> bool {
        let cause = match self {
            Trouble::System(error) => return machine_is_short(error),
            Trouble::Server(error) => error.source(),
            _ => None,
        };
        cause.is_some_and(|cause| cause.downcast_ref().is_some_and(machine_is_short))
    }
}

/// A connection that is logged in.
#[derive(Debug)]
pub struct Link {
    // Before the runtime: dropped first, so that its end is seen by whoever runs it for the last time.
    client: Client,
    driver: JoinHandle<()>,
    runtime: Own,
}

impl Link {
    /// Connects to the first server of the target that takes it.
    pub fn connect(target: &Target, limit: Duration) -> Result<Link, Trouble> {
        let tls = MakeRustlsConnect::new(tls::client_config(target.check, target.roots.as_deref())?);
        let runtime = Own(Some(Builder::new_current_thread().enable_all().build()?));
        let connected = runtime.run(limit, target.config.connect(tls))?;
        let (client, connection) = connected?;
        let driver = runtime.spawn(async move {
            // Its error is told to every request that is under way; without one nobody has to know.
            let _ = connection.await;
        });
        Ok(Link {
            client,
            driver,
            runtime,
        })
    }

    /// Does `work`. After [`Trouble`] other than a refusal by the server the connection is of no use.
    pub fn run<T>(&self, limit: Duration, work: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T, Trouble> {
        Ok(self.runtime.run(limit, work(&self.client))??)
    }

    /// Whether the server answers.
    pub fn is_alive(&self) -> bool {
        let check = Duration::from_millis(DATABASE_CHECK_MS_MAX);
        self.run(check, async |client| client.batch_execute("").await).is_ok()
    }

    /// Takes leave of the server; one that does not listen is left all the same.
    pub fn close(self) {
        let Link {
            client,
            driver,
            runtime,
        } = self;
        drop(client);
        let _ = runtime.run(Duration::from_millis(DATABASE_CHECK_MS_MAX), driver);
    }
}

/// A runtime that ends without waiting for threads of its own, which look up names.
#[derive(Debug)]
struct Own(Option<Runtime>);

impl Own {
    fn run<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Result<T, Trouble> {
        self.get()
            .block_on(async { timeout(limit, work).await })
            .map_err(|_| Trouble::Hung(limit))
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        self.get().spawn(work)
    }

    fn get(&self) -> &Runtime {
        self.0.as_ref().expect("it is taken only when it is dropped")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Runtime::shutdown_background);
    }
}
