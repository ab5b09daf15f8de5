//! The events of a dump of a client library, line by line.
use std::io::{BufReader, Chain, Cursor, Read};

use super::compression::Decompressed;
use crate::dump::decode::{Decoded, Decoder, Event, LineError, Restore};
use crate::dump::header::write_close;
use crate::dump::lines::Shortened;
use crate::dump::notes::{Loss, Notes};
use crate::dump::reader::{Content, Head, HeadError, Reader};
use crate::dump::scan::is_too_deep;
use crate::dump::seen::Seen;
use crate::limits::{DUMP_LINE_BYTES_MAX, SCAN_BYTES_MAX};

type Text<'a> = Shortened<BufReader<Chain<Cursor<Vec<u8>>, Decompressed<'a>>>>;

pub struct Recorded<'a> {
    reader: Reader<Text<'a>>,
    decoder: Decoder,
    /// It lies in a spool: its server has noted there whose it is.
    is_spooled: bool,
    line: u64,
    /// The closing line in its stored form.
    close: Vec<u8>,
}

impl<'a> Recorded<'a> {
    /// Reads the head, whose first bytes are already there.
    pub fn open(head: Vec<u8>, text: Decompressed<'a>) -> Result<(Recorded<'a>, Head), HeadError> {
        let text = BufReader::with_capacity(SCAN_BYTES_MAX, Cursor::new(head).chain(text));
        let mut reader = Reader::new(Shortened::new(text, DUMP_LINE_BYTES_MAX));
        let head = reader.head()?;
        let recorded = Recorded {
            reader,
            decoder: Decoder::new(),
            is_spooled: head.ticket.is_some(),
            line: 2,
            close: Vec::new(),
        };
        Ok((recorded, head))
    }

    pub fn restore(&mut self, how: Restore) {
        self.decoder.restore(how);
    }

    /// Reads up to the next event.
    pub fn advance(&mut self, notes: &mut Notes) -> std::io::Result<Option<Decoded>> {
        loop {
            self.close.clear();
            let Some(line) = self.reader.line()? else {
                return Ok(None);
            };
            self.line += 1;
            let mut is_torn = false;
            match line.content {
                Content::Event(_) => {}
                Content::Torn(_) => is_torn = true,
                Content::Close(close) => write_close(&close.stored(), &mut self.close),
                Content::Hole(_) if self.is_spooled => {
                    notes.push(self.line, Loss::Hole);
                    return Ok(None);
                }
                Content::Hole(_) => {}
            }
            // What there is of a long line may look like an event, but is none.
            if let Some(length) = self.reader.input().take_long() {
                notes.push(self.line, Loss::LongLine(length));
                continue;
            }
            let text = match &self.close[..] {
                [] => self.reader.text(),
                close => close,
            };
            let is_empty = text.is_empty();
            match self.decoder.decode(text) {
                Ok(Some(decoded)) => return Ok(Some(decoded)),
                Ok(None) if is_empty => {}
                Ok(None) => notes.push(self.line, Loss::NoArray),
                Err(LineError::NoJson) if is_torn => notes.push(self.line, Loss::Torn),
                Err(LineError::NoJson) if is_too_deep(text) => notes.push(self.line, Loss::Deep),
                Err(LineError::NoJson) => notes.push(self.line, Loss::NoJson),
                Err(LineError::Reports) => notes.push(self.line, Loss::Reports),
                Err(LineError::Connections) => notes.push(self.line, Loss::Connections),
            }
        }
    }

    /// The event to which `advance` has read.
    pub fn event(&mut self, decoded: Decoded) -> Event<'_> {
        let line = if self.close.is_empty() {
            self.reader.text()
        } else {
            &self.close
        };
        self.decoder.event(line, decoded)
    }

    pub fn reports(&self, connection: usize) -> Option<Seen<'_>> {
        self.decoder.reports(connection)
    }

    pub fn line(&self) -> u64 {
        self.line
    }

    /// Properties that found no room in their reports.
    pub fn lost(&self) -> u64 {
        self.decoder.lost()
    }
}
