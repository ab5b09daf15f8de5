//! What the ways to a dump have in common: what they give, and how much they may load.

use std::io::{self, Read};

use crate::cli::failure::Failure;
use crate::config::{Loaded, Size};

/// Loads the configuration, for what cannot be found without.
pub type Load<'a> = &'a dyn Fn() -> Result<Loaded, Failure>;

/// What was found under a name.
pub struct Found {
    pub name: String,
    /// How long it is, if that is known.
    pub length: Option<u64>,
    pub bytes: Box<dyn Read>,
}

/// The bytes of a download, which fail where the limit is passed.
pub struct Limited<R> {
    bytes: R,
    left: u64,
    most: Size,
}

impl<R: Read> Limited<R> {
    pub fn new(bytes: R, most: Size) -> Limited<R> {
        Limited {
            bytes,
            left: most.0,
            most,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| too_long(self.most))?;
        Ok(count)
    }
}

fn too_long(most: Size) -> io::Error {
    io::Error::other(format!("it is longer than {most}, see --max-download"))
}

/// What is known to be too long is not begun.
pub fn check_length(name: &str, length: Option<u64>, most: Size) -> Result<(), Failure> {
    match length {
        Some(length) if length > most.0 => Err(Failure::runtime(name, too_long(most))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_that_is_too_long_fails_where_the_limit_is() {
        let read = |most| io::read_to_string(Limited::new(&b"0123456789"[..], Size(most)));
        assert_eq!(read(10).unwrap(), "0123456789");
        let told = read(9).unwrap_err().to_string();
        assert_eq!(told, "it is longer than 9B, see --max-download");
        assert!(check_length("x", Some(11), Size(10)).is_err());
        assert!(check_length("x", Some(10), Size(10)).is_ok() && check_length("x", None, Size(1)).is_ok());
    }
}
