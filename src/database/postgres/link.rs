//! One connection to a server, and the time limit on everything that waits for it.
//!
//! The client library is asynchronous. Each connection has a small runtime of its own, which runs only within a call
//! and on the caller's thread. So to a worker every call is an ordinary blocking one. Each call has a time-out by this
//! process's own clock. Neither statement_timeout (the server's clock) nor TCP's timers (the server's kernel answers)
//! would end the wait for a frozen server. A connection that is given up is dropped with its socket, and nothing waits
//! for it, not even for a name server. SQL of ours and retries are elsewhere. Failures: [`LinkError`].
use std::error::Error as _;
use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::origin::Origin;
use crate::limits::DATABASE_CHECK_MS_MAX;
use crate::tls::TlsError;
use crate::whose::machine_is_short;

/// Why a call did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The server's answer, or the news that there is none.
    #[error(transparent)]
    Server(#[from] Error),
    /// The server's certificate was refused, and what its owner can do.
    #[error("{error}: {}; {advice}", cause(error))]
    Certificate { error: Error, advice: String },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the system refuses a connection: {0}")]
    System(#[from] io::Error),
    #[error("no answer within {} s", .0.as_secs_f32())]
    Hung(Duration),
    /// The answer is not one that we can use.
    #[error("{0}")]
    Unfit(String),
}

impl LinkError {
    /// This machine had no file descriptor or memory left for reaching the server.
    pub fn is_this_machines(&self) -> bool {
        let cause = match self {
            LinkError::System(error) => return machine_is_short(error),
            LinkError::Server(error) => error.source(),
            _ => None,
        };
        cause.is_some_and(|cause| cause.downcast_ref().is_some_and(machine_is_short))
    }
}

/// The library's own words about TLS, which contain no values.
fn cause(error: &Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

/// A connection that is logged in.
#[derive(Debug)]
pub struct Link {
    // Before the runtime: it is dropped first, so that the last run of the runtime sees its end.
    client: Client,
    driver: JoinHandle<()>,
    runtime: Own,
}

impl Link {
    /// Connects to the first server of the target that accepts the connection. Password and certificates are read
    /// anew, so that replaced ones are used.
    pub fn connect(origin: &Origin, limit: Duration) -> Result<Link, LinkError> {
        let target = origin.anew();
        let (config, advice) = origin.tls(&target)?.config()?;
        let tls = MakeRustlsConnect::new(config);
        let runtime = Own(Some(Builder::new_current_thread().enable_all().build()?));
        let connected = runtime.run(limit, target.config.connect(tls))?;
        let (client, connection) = connected.map_err(|error| match advice.take() {
            Some(advice) => LinkError::Certificate { error, advice },
            None => LinkError::Server(error),
        })?;
        let driver = runtime.spawn(async move {
            // Every request that is under way is told this error. If there is none, nobody needs it.
            let _ = connection.await;
        });
        Ok(Link {
            client,
            driver,
            runtime,
        })
    }

    /// Does `work`. After [`LinkError`] other than a refusal by the server, the connection cannot be used any more.
    pub fn run<T>(&self, limit: Duration, work: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T, LinkError> {
        Ok(self.runtime.run(limit, work(&self.client))??)
    }

    /// Whether the server answers.
    pub fn is_alive(&self) -> bool {
        let check = Duration::from_millis(DATABASE_CHECK_MS_MAX);
        self.run(check, async |client| client.batch_execute("").await).is_ok()
    }

    /// Says goodbye to the server, but does not insist on an answer.
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

/// A runtime that ends without waiting for its own threads, which look up names.
#[derive(Debug)]
struct Own(Option<Runtime>);

impl Own {
    fn run<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Result<T, LinkError> {
        self.get()
            .block_on(async { timeout(limit, work).await })
            .map_err(|_| LinkError::Hung(limit))
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
