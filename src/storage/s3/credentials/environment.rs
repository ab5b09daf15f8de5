//! The variables of the AWS tools. An empty one is as good as not set, and the line end that a script has left is not
//! part of a value; what is no clean line otherwise is refused by the variable's name.
use std::env;

use super::keys::{Fault, Keys};
use crate::redact::Secret;

/// The value of a variable.
///
/// # Errors
/// It is set to something that is no clean line.
pub fn variable(name: &str) -> Result<Option<Secret>, Fault> {
    match env::var_os(name) {
        None => Ok(None),
        Some(value) => Secret::of_variable(&value).map_err(|unclean| Fault::new(SOURCE, format!("{name} {unclean}"))),
    }
}

/// The first of these variables that is set.
///
/// # Errors
/// One of them, up to that, is no clean line.
pub fn first_of(names: &[&str]) -> Result<Option<Secret>, Fault> {
    for name in names {
        if let Some(value) = variable(name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// Keys that are given as variables.
///
/// # Errors
/// Half a pair, or no clean lines.
pub fn keys() -> Result<Option<Keys>, Fault> {
    let lonely = |set: &str, unset: &str| Err(Fault::new(SOURCE, format!("{set} is set without {unset}")));
    match (variable(ID)?, variable(SECRET)?) {
        (None, None) => Ok(None),
        (Some(_), None) => lonely(ID, SECRET),
        (None, Some(_)) => lonely(SECRET, ID),
        (Some(id), Some(secret)) => {
            let token = first_of(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])?;
            let token = token.as_ref().map(Secret::expose);
            Keys::of(SOURCE, id.expose(), secret.expose(), token).map(Some)
        }
    }
}

const SOURCE: &str = "the environment";
const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
