//! Undoes the compression of a dump, whatever it is, and stops what grows beyond all measure.
//!
//! The compression is recognised by the first bytes, never by a name. Brotli (RFC 7932) has no magic number: it is
//! tried when nothing else fits, and counts only if the first characters of a dump come out. What is damaged or cut off
//! ends the text there; `Fault` says why, while errors of the input itself are returned as they are. Memory is the
//! decoders' windows: 32 KiB for gzip, 4 MB for bzip2, 16 MiB for brotli, and for zstd 2^`ZSTD_WINDOW_LOG_MAX` bytes.
use std::cell::{Cell, RefCell};
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use brotli_decompressor::Decompressor;
use bzip2::read::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;

use crate::limits::{DUMP_RATIO_FREE_BYTES, DUMP_RATIO_MAX, SCAN_BYTES_MAX, ZSTD_WINDOW_LOG_MAX};

/// How the dump is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    /// RFC 1952, several members too.
    Gzip,
    Bzip2,
    /// RFC 8878, several frames too.
    Zstd,
    /// RFC 7932.
    Brotli,
}

impl Compression {
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "uncompressed",
            Compression::Gzip => "gzip",
            Compression::Bzip2 => "bzip2",
            Compression::Zstd => "zstd",
            Compression::Brotli => "brotli",
        }
    }

    /// What the first bytes of a file look like. `is_text` knows how a dump begins.
    pub fn of(head: &[u8], is_text: impl Fn(&[u8]) -> bool) -> Compression {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Compression::Bzip2,
            // A frame, or one that is to be skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            _ if is_text(head) => Compression::None,
            _ => {
                let mut text = [0; TRIED_BYTES];
                let mut length = 0;
                let mut decoder = Decompressor::new(head, SCAN_BYTES_MAX);
                while let Ok(count @ 1..) = decoder.read(&mut text[length..]) {
                    length += count;
                }
                if is_text(&text[..length]) {
                    Compression::Brotli
                } else {
                    Compression::None
                }
            }
        }
    }
}

/// Characters that must come out of what may be brotli: enough for a signature.
const TRIED_BYTES: usize = 64;

/// Why the text ends before the input does, or before it should.
#[derive(Clone, Debug)]
pub enum Fault {
    Damaged(String),
    Bomb,
}

/// What the layers of one input know of each other.
#[derive(Debug, Default)]
pub struct Shared {
    read: Cell<u64>,
    text: Cell<u64>,
    has_failed: Cell<bool>,
    fault: RefCell<Option<Fault>>,
}

impl Shared {
    /// Bytes of the file that have been read.
    pub fn read_bytes(&self) -> u64 {
        self.read.get()
    }

    /// Bytes of text that have come out.
    pub fn text_bytes(&self) -> u64 {
        self.text.get()
    }

    pub fn fault(&self) -> Option<Fault> {
        self.fault.borrow().clone()
    }
}

/// The input, counted.
struct Source<'a> {
    input: Box<dyn Read + 'a>,
    shared: Rc<Shared>,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.input.read(buffer) {
            Ok(count) => {
                self.shared.read.set(self.shared.read.get() + count as u64);
                Ok(count)
            }
            Err(error) => {
                self.shared.has_failed.set(error.kind() != io::ErrorKind::Interrupted);
                Err(error)
            }
        }
    }
}

enum Decoder<'a> {
    None(Source<'a>),
    Gzip(Box<MultiGzDecoder<BufReader<Source<'a>>>>),
    Bzip2(Box<MultiBzDecoder<Source<'a>>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<Source<'a>>>>),
    Brotli(Box<Decompressor<Source<'a>>>),
}

/// The text of a file.
pub struct Decompressed<'a> {
    decoder: Decoder<'a>,
    shared: Rc<Shared>,
}

impl<'a> Decompressed<'a> {
    /// # Errors
    /// There is no memory for a decoder.
    pub fn new(compression: Compression, input: Box<dyn Read + 'a>) -> io::Result<(Self, Rc<Shared>)> {
        let shared = Rc::new(Shared::default());
        let source = Source {
            input,
            shared: Rc::clone(&shared),
        };
        let decoder = match compression {
            Compression::None => Decoder::None(source),
            Compression::Gzip => {
                let source = BufReader::with_capacity(SCAN_BYTES_MAX, source);
                Decoder::Gzip(Box::new(MultiGzDecoder::new(source)))
            }
            Compression::Bzip2 => Decoder::Bzip2(Box::new(MultiBzDecoder::new(source))),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::new(source)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Decoder::Zstd(Box::new(decoder))
            }
            Compression::Brotli => Decoder::Brotli(Box::new(Decompressor::new(source, SCAN_BYTES_MAX))),
        };
        let decompressed = Decompressed {
            decoder,
            shared: Rc::clone(&shared),
        };
        Ok((decompressed, shared))
    }
}

impl Read for Decompressed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.shared.fault.borrow().is_some() {
            return Ok(0);
        }
        let read = match &mut self.decoder {
            Decoder::None(source) => source.read(buffer),
            Decoder::Gzip(decoder) => decoder.read(buffer),
            Decoder::Bzip2(decoder) => decoder.read(buffer),
            Decoder::Zstd(decoder) => decoder.read(buffer),
            Decoder::Brotli(decoder) => decoder.read(buffer),
        };
        let fault = match read {
            Ok(count) => {
                let written = self.shared.text.get() + count as u64;
                self.shared.text.set(written);
                let allowed = self.shared.read.get().saturating_mul(DUMP_RATIO_MAX);
                if written <= allowed.max(DUMP_RATIO_FREE_BYTES) {
                    return Ok(count);
                }
                Fault::Bomb
            }
            Err(error) if self.shared.has_failed.get() || error.kind() == io::ErrorKind::Interrupted => {
                return Err(error);
            }
            Err(error) => Fault::Damaged(error.to_string()),
        };
        *self.shared.fault.borrow_mut() = Some(fault);
        Ok(0)
    }
}
