//! The text of a dump without its compression, for who copies it instead of reading its events.
//!
//! What is no dump is refused at the beginning. Damaged data are errors at their place. Memory is the decoder's.
use std::io::{self, Chain, Cursor, Read};
use std::rc::Rc;

use super::compression::{Compression, Decompressed, Fault, Shared};
use super::head::{Form, OpenError, begins_like_a_dump, form_of, head_of};
use crate::limits::DUMP_RATIO_MAX;

/// The text of a file, whatever it is compressed with, for who masks it.
pub struct Plain<'a> {
    text: Chain<Cursor<Vec<u8>>, Decompressed<'a>>,
    shared: Rc<Shared>,
    compression: Compression,
    form: Form,
}

impl<'a> Plain<'a> {
    /// Looks at the first bytes, and judges them as `Dump::open` does.
    ///
    /// # Errors
    /// The input's, or that it is no dump.
    pub fn open(input: impl Read + 'a) -> Result<Plain<'a>, OpenError> {
        let mut input: Box<dyn Read + 'a> = Box::new(input);
        let head = head_of(&mut input)?;
        let compression = Compression::of(&head, begins_like_a_dump);
        let (mut text, shared) = Decompressed::new(compression, Box::new(Cursor::new(head).chain(input)))?;
        let head = head_of(&mut text)?;
        let form = form_of(&head, compression, shared.fault())?;
        Ok(Plain {
            text: Cursor::new(head).chain(text),
            shared,
            compression,
            form,
        })
    }

    pub fn form(&self) -> Form {
        self.form
    }
}

/// Damaged data are an error at their place, and so are those that grow beyond all measure.
impl Read for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        let name = self.compression.name();
        match self.shared.fault() {
            Some(Fault::Damaged(why)) if count == 0 => {
                Err(io::Error::other(format!("the {name} data are damaged: {why}")))
            }
            Some(Fault::Bomb) if count == 0 => Err(io::Error::other(format!(
                "the {name} data grow to more than {DUMP_RATIO_MAX} times their size"
            ))),
            _ => Ok(count),
        }
    }
}
