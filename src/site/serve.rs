//! Takes connections and answers them, with hyper on one thread; the work of an answer is done on a few others.
//!
//! Limits: `SITE_CONNECTIONS_MAX` connections, `SITE_WORKS_MAX` answers in the making (others wait), answers of
//! `SITE_SENT_MIB_MAX` on their way, a head of `SITE_HEAD_BYTES_MAX` within `SITE_HEAD_TIME`, and a reader that takes
//! something within `SITE_PIECE_TIME`. Failures: a connection that fails ends alone; if none can be taken (no
//! descriptors), it is tried again a moment later.
use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Read};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self, select};
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio_io_timeout::TimeoutStream;

use super::answer::{Answer, Body, failure};
use super::asker::Asker;
use super::listen::Listener;
use super::routes::Site;
use crate::limits::{
    SITE_CONNECTIONS_MAX, SITE_HEAD_BYTES_MAX, SITE_HEAD_TIME, SITE_PIECE_BYTES, SITE_PIECE_TIME, SITE_SENT_MIB_MAX,
    SITE_WORKS_MAX,
};
use crate::storage::Content;

/// After a connection could not be taken.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is done. Connections that are open then are dropped.
///
/// # Errors
/// The runtime or the socket cannot be used.
pub fn serve(site: Site, listener: Listener, stop: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(SITE_WORKS_MAX + SITE_CONNECTIONS_MAX)
        .build()?;
    let served = runtime.block_on(async {
        let hall = Arc::new(Hall {
            site: Arc::new(site),
            seats: Arc::new(Semaphore::new(SITE_CONNECTIONS_MAX)),
            works: Arc::new(Semaphore::new(SITE_WORKS_MAX)),
            sent: Arc::new(Semaphore::new(SITE_SENT_MIB_MAX)),
        });
        let (accepting, _file) = match listener {
            Listener::Tcp(socket) => (Accepting::Tcp(TcpListener::from_std(socket)?), None),
            Listener::Unix(socket, file) => (Accepting::Unix(UnixListener::from_std(socket)?), Some(file)),
        };
        match select(pin!(stop), pin!(accept(&accepting, &hall))).await {
            future::Either::Left((stopped, _)) => stopped,
            future::Either::Right(((), _)) => Ok(()),
        }
    });
    // An answer in the making is not waited for; it has nobody left.
    runtime.shutdown_background();
    served
}

struct Hall {
    site: Arc<Site>,
    seats: Arc<Semaphore>,
    /// Answers in the making. Downloads are none: one that is read slowly keeps nobody from a page.
    works: Arc<Semaphore>,
    /// MiB of answers on their way.
    sent: Arc<Semaphore>,
}

enum Accepting {
    Tcp(TcpListener),
    Unix(UnixListener),
}

async fn accept(accepting: &Accepting, hall: &Arc<Hall>) {
    loop {
        let Ok(seat) = Arc::clone(&hall.seats).acquire_owned().await else {
            return;
        };
        let taken = match accepting {
            Accepting::Tcp(socket) => socket.accept().await.map(|(stream, _)| converse(stream, hall, seat)),
            Accepting::Unix(socket) => socket.accept().await.map(|(stream, _)| converse(stream, hall, seat)),
        };
        if let Err(error) = taken {
            log::warn!("a connection could not be taken: {error}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    hall: &Arc<Hall>,
    seat: OwnedSemaphorePermit,
) {
    let hall = Arc::clone(hall);
    tokio::spawn(async move {
        let answer = move |request| respond(Arc::clone(&hall), request);
        if let Err(error) = talk(stream, answer, SITE_PIECE_TIME).await {
            log::debug!("a connection ended: {error}");
        }
        drop(seat);
    });
}

/// Answers what comes on a connection. Who takes nothing of an answer for the time of `patience` has gone: without
/// that, a browser that sleeps would keep its seat, and the page that waits for it, as long as the machine runs.
async fn talk<A, R>(stream: impl AsyncRead + AsyncWrite + Send, answer: A, patience: Duration) -> hyper::Result<()>
where
    A: Fn(Request<Incoming>) -> R,
    R: Future<Output = Result<Response<Sent>, Infallible>>,
{
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience));
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SITE_HEAD_TIME)
        .max_buf_size(SITE_HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(Box::pin(stream)), service_fn(answer))
        .await
}

async fn respond(hall: Arc<Hall>, request: Request<Incoming>) -> Result<Response<Sent>, Infallible> {
    let is_head = request.method() == Method::HEAD;
    let (head, _) = request.into_parts();
    let answer = match hall.site.at_once(&head) {
        Some(answer) => answer,
        None => made(&hall, head).await,
    };
    let Answer { status, headers, body } = answer;
    let (length, body) = match body {
        Body::Whole(bytes) => (Some(bytes.len() as u64), Sent::Left(Full::new(bytes))),
        Body::Object(content) if is_head => (content.length(), Sent::Left(Full::default())),
        Body::Object(content) => (content.length(), Sent::Right(pieces(content))),
    };
    let mut response = Response::new(if is_head { Sent::Left(Full::default()) } else { body });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    if let Some(length) = length {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    Ok(response)
}

async fn made(hall: &Hall, head: Parts) -> Answer {
    let site = Arc::clone(&hall.site);
    let made = work(Arc::clone(&hall.works), move |asker| site.answer(&head, asker)).await;
    match made {
        Ok((answer, permit)) => {
            let answer = counted(answer, &hall.sent).await;
            drop(permit);
            answer
        }
        Err(error) => {
            log::error!("the program failed at a page: {error}");
            failure(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The program failed at this page; its log says where.",
            )
        }
    }
}

/// Does the work of an answer, with a permit that is held until it is done. If nobody waits for it any more, the work
/// goes on until it sees that its asker has gone, and the permit with it: else whoever loads a page again and again
/// would have any number of them in the making.
async fn work<T: Send + 'static>(
    works: Arc<Semaphore>,
    job: impl FnOnce(&Asker) -> T + Send + 'static,
) -> Result<(T, Option<OwnedSemaphorePermit>), JoinError> {
    // It is never closed, so that a permit always comes.
    let permit = works.acquire_owned().await.ok();
    let asker = Asker::default();
    let presence = asker.presence();
    let done = tokio::task::spawn_blocking(move || (job(&asker), permit)).await;
    drop(presence);
    done
}

/// An answer that counts as on its way until the last of its bytes is sent.
async fn counted(mut answer: Answer, sent: &Arc<Semaphore>) -> Answer {
    if let Body::Whole(bytes) = &mut answer.body {
        let mib = bytes.len().div_ceil(1 << 20).min(SITE_SENT_MIB_MAX);
        let room = Arc::clone(sent).acquire_many_owned(mib as u32).await.ok();
        let own = std::mem::take(bytes);
        *bytes = Bytes::from_owner(Counted {
            bytes: own,
            _room: room,
        });
    }
    answer
}

struct Counted {
    bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What hyper sends.
type Sent = Either<Full<Bytes>, Channel<Bytes, io::Error>>;

/// Reads an object on a thread of its own, a piece ahead of the reader. If either of them fails, the answer is cut off,
/// which the browser tells from its end by the length. A reader that takes nothing loses its connection (`talk`).
fn pieces(mut content: Content) -> Channel<Bytes, io::Error> {
    let (mut sender, channel) = Channel::new(1);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = vec![0; SITE_PIECE_BYTES];
            match content.read(&mut piece) {
                Ok(0) => return,
                Ok(length) => piece.truncate(length),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    log::warn!("a download ends early: {error}");
                    return sender.abort(error);
                }
            }
            // Nothing that needs the runtime's clock: it may be gone.
            if runtime.block_on(sender.send_data(piece.into())).is_err() {
                return;
            }
        }
    });
    channel
}

#[cfg(test)]
mod tests;
