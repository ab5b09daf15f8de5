//! Secrets and keys: the one way in which they are read, and what of a value may be printed.
//!
//! A secret comes as a variable, in the configuration file, as an element of a list, in a file of its own, or in a
//! variable of the AWS tools. For all of them one rule holds: one line of printable text without quotes around it; a
//! byte order mark, the line end behind it and blanks around it are not part of it (`clean`). What is not so is refused
//! by a sentence that stands behind the name of the source. Messages quote a value only if it has a harmless form
//! (`printable`). This room neither compares nor uses secrets, and logs nothing. Limit: a file of
//! SECRET_FILE_BYTES_MAX.
mod clean;
mod file;
mod pem;
mod printable;
mod rsa;
mod secret;

pub use clean::{Unclean, decoded, line};
pub use file::{SecretFile, Unreadable, read_bytes, read_text};
pub use pem::Pem;
pub use printable::{has_login, is_harmless, is_host, is_name, is_path, quoted, shown_path};
pub use rsa::rsa_bits;
pub use secret::Secret;
