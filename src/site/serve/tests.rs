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
