//! Whoever waits for an answer, and may have gone: then nothing more is read for it.
//!
//! A browser that loads a page again drops the request before. Without this, each of them would go on being worked at.
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// See the head of the file. All copies are one asker.
#[derive(Clone, Debug, Default)]
pub struct Asker(Arc<AtomicBool>);

/// The asker is gone when this is dropped.
#[derive(Debug)]
pub struct Presence(Asker);

/// Content that ends with a failure when nobody waits for it.
pub struct Awaited<R> {
    asker: Asker,
    content: R,
}

impl Asker {
    pub fn presence(&self) -> Presence {
        Presence(self.clone())
    }

    pub fn has_gone(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn awaits<R: Read>(&self, content: R) -> Awaited<R> {
        let asker = self.clone();
        Awaited { asker, content }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

impl<R: Read> Read for Awaited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.asker.has_gone() {
            true => Err(io::Error::other("nobody waits for it")),
            false => self.content.read(out),
        }
    }
}
