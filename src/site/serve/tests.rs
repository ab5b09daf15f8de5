//! Connections as their other end sees them.
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::UnixStream;

use super::*;

/// More than the buffers of a socket take.
const LARGE: usize = 4 << 20;

async fn large(_: Request<Incoming>) -> Result<Response<Sent>, Infallible> {
    Ok(Response::new(Sent::Left(Full::from(vec![7; LARGE]))))
}

#[test]
fn who_takes_nothing_of_an_answer_loses_the_connection_and_who_takes_it_gets_all() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let head = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let (ours, theirs) = UnixStream::pair().unwrap();
        theirs.writable().await.unwrap();
        theirs.try_write(head.as_bytes()).unwrap();
        let ended = talk(ours, large, Duration::from_millis(20)).await;
        assert!(ended.is_err(), "it would have waited for ever");

        let (ours, theirs) = UnixStream::pair().unwrap();
        let taken = AtomicUsize::new(0);
        let reader = async {
            theirs.writable().await.unwrap();
            theirs.try_write(head.as_bytes()).unwrap();
            let mut piece = vec![0; 64 * 1024];
            loop {
                theirs.readable().await.unwrap();
                match theirs.try_read(&mut piece) {
                    Ok(0) => return,
                    Ok(length) => taken.fetch_add(length, Ordering::Relaxed),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                    Err(error) => panic!("{error}"),
                };
            }
        };
        let (ended, ()) = future::join(talk(ours, large, Duration::from_secs(60)), reader).await;
        assert!(ended.is_ok() && taken.into_inner() > LARGE);
    });
}

#[test]
fn work_that_nobody_waits_for_ends_and_counts_until_then() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let works = Arc::new(Semaphore::new(1));
        let (begun, begins) = tokio::sync::oneshot::channel();
        let (ended, ends) = tokio::sync::oneshot::channel();
        let (go, goes) = std::sync::mpsc::channel::<()>();
        let job = work(Arc::clone(&works), move |asker: &Asker| {
            begun.send(()).unwrap();
            let mut dump = asker.awaits(io::repeat(7));
            while dump.read(&mut [0; 16]).is_ok() {}
            goes.recv().unwrap();
            ended.send(asker.has_gone()).unwrap();
        });
        match select(pin!(job), begins).await {
            future::Either::Left(_) => panic!("it ends although somebody waits"),
            future::Either::Right((begun, _)) => begun.unwrap(),
        }
        assert_eq!(works.available_permits(), 0, "the work goes on");
        go.send(()).unwrap();
        assert!(ends.await.unwrap());
        drop(works.acquire().await.unwrap());
    });
}

#[test]
fn an_answer_counts_until_it_is_sent() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let sent = Arc::new(Semaphore::new(4));
        let answer = |length| Answer::new(StatusCode::OK, "text/html", "default-src 'none'", vec![7; length]);
        let small = counted(answer(1), &sent).await;
        let large = counted(answer((1 << 20) + 1), &sent).await;
        assert_eq!(sent.available_permits(), 1);
        let Body::Whole(bytes) = large.body else {
            panic!("it is whole")
        };
        assert_eq!(bytes.len(), (1 << 20) + 1);
        drop(bytes);
        assert_eq!(sent.available_permits(), 3);
        drop(small);
        assert_eq!(sent.available_permits(), 4);
    });
}
