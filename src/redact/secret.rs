//! A text that never prints its content, used for secrets.
//!
//! Code that needs the content must call `expose`, so every such place can be found with a search for that name.
//! Failures: a value that is not one clean line of text, and no error repeats it.

use std::ffi::OsStr;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

use super::clean::{Unclean, line, refuse_wrapping};

/// Printed in place of a secret.
const HIDDEN: &str = "***";

/// A secret text. `Debug`, `Display` and `Serialize` give `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text as it is.
    pub fn new(content: impl Into<String>) -> Self {
        Secret(content.into())
    }

    /// The secret in a text that an operator gave, by whichever road. An empty one stays empty: whether that means
    /// "not given" or is refused is for the key to say.
    ///
    /// # Errors
    /// What is not one line of printable text without quotes around it.
    pub fn clean(text: &str) -> Result<Secret, Unclean> {
        let content = line(text)?.trim();
        refuse_wrapping(content)?;
        Ok(Secret::new(content))
    }

    /// The secret in a variable of the environment; `None` if the variable is empty, which is as good as not set.
    ///
    /// # Errors
    /// As [`Secret::clean`], or no UTF-8.
    pub fn of_variable(value: &OsStr) -> Result<Option<Secret>, Unclean> {
        let secret = Secret::clean(value.to_str().ok_or(Unclean::NotUtf8)?)?;
        Ok(Some(secret).filter(|secret| !secret.0.is_empty()))
    }

    /// The content, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

impl FromStr for Secret {
    type Err = Unclean;

    fn from_str(text: &str) -> Result<Self, Unclean> {
        Secret::clean(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// The type errors of serde quote the value (`invalid type: integer 1234`). Here that value would be a secret that
/// somebody wrote without quotes, so each kind of scalar is answered with a fixed text.
struct SecretVisitor;

const NOT_A_TEXT: &str = "must be a text in quotes";

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Secret::clean(text).map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::custom(NOT_A_TEXT))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_TEXT))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_TEXT))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_TEXT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_of_printing_shows_the_content() {
        let secret = Secret::new("hunter2");
        let printed = format!(
            "{secret} {secret:?} {:#?} {}",
            Some(&secret),
            serde_json::to_string(&secret).unwrap()
        );
        assert!(!printed.contains("hunter2"), "{printed}");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_value_that_is_no_text_is_not_repeated() {
        for json in ["12345", "-12345", "1234.5", "true"] {
            let error = serde_json::from_str::<Secret>(json).unwrap_err().to_string();
            assert!(!error.contains(json) && error.contains("text in quotes"), "{error}");
        }
        assert_eq!(serde_json::from_str::<Secret>("\"12345\"").unwrap().expose(), "12345");
    }
}
