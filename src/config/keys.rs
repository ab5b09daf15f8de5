//! The keys of `[authorization]`, read from their files and made into a verifier.
//!
//! A key that is given but empty, unreadable or unusable is an error. It never means open access: only a configuration
//! that names no key at all lets everyone in. Never here: tokens. No error contains any part of a key.
use std::path::Path;

use super::sources::{Problem, Sources};
use crate::auth::{AuthOptions, Key, KeyError, PublicKeyOptions, Verifier};
use crate::limits::SECRET_BYTES_ADVISED;
use crate::redact::{Secret, read_text, shown_path};

/// What `[authorization]` results in.
#[derive(Debug)]
pub struct Keys {
    /// Checks the tokens of clients.
    pub verifier: Verifier,
    /// The first secret, with which `token` signs; public keys cannot sign.
    pub signing: Option<Secret>,
    /// Whether a secret is shorter than advised, though it works.
    pub weak: bool,
}

/// Reads all keys.
pub fn read(options: &AuthOptions, sources: &Sources) -> Result<Keys, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut keys = Vec::new();
    let secrets = secrets(options, sources, &mut problems);
    for (place, secret) in &secrets {
        match Key::secret(secret.expose()) {
            Ok(key) => keys.push(key),
            Err(error) => problems.push(sources.problem(place, error.to_string())),
        }
    }
    keys.extend(public_keys(options, sources, &mut problems));
    if !problems.is_empty() {
        return Err(problems);
    }
    let weak = secrets
        .iter()
        .any(|(_, secret)| secret.expose().len() < SECRET_BYTES_ADVISED);
    let verifier = if keys.is_empty() {
        Ok(Verifier::open())
    } else {
        Verifier::new(keys, options.require_exp)
    };
    let verifier = verifier.map_err(|error: KeyError| vec![sources.problem("authorization", error.to_string())])?;
    Ok(Keys {
        verifier,
        signing: secrets.into_iter().next().map(|(_, secret)| secret),
        weak,
    })
}

/// Every secret with the configuration key that gave it. The one to sign with comes first.
fn secrets(options: &AuthOptions, sources: &Sources, problems: &mut Vec<Problem>) -> Vec<(&'static str, Secret)> {
    let mut secrets = Vec::new();
    secrets.extend(
        options
            .jwt_secret
            .clone()
            .map(|secret| ("authorization.jwt_secret", secret)),
    );
    if let Some(file) = &options.jwt_secret_file {
        let key = "authorization.jwt_secret_file";
        match secret_of(file) {
            Ok(secret) => secrets.push((key, secret)),
            Err(message) => problems.push(sources.problem(key, message)),
        }
    }
    let key = "authorization.jwt_secrets";
    match options.jwt_secrets.as_deref() {
        Some([]) => problems.push(sources.problem(key, "is empty; list at least one secret or leave the key out")),
        list => secrets.extend(list.unwrap_or_default().iter().map(|secret| (key, secret.clone()))),
    }
    secrets
}

fn public_keys(options: &AuthOptions, sources: &Sources, problems: &mut Vec<Problem>) -> Vec<Key> {
    let Some(listed) = &options.public_keys else {
        return Vec::new();
    };
    if listed.is_empty() {
        problems.push(sources.problem(
            "authorization.public_keys",
            "is empty; give at least one key or leave it out",
        ));
    }
    let mut keys = Vec::new();
    for (index, options) in listed.iter().enumerate() {
        match public_key(options) {
            Ok(key) => keys.push(key),
            Err(message) => {
                problems.push(sources.problem(&format!("authorization.public_keys[{index}].file"), message));
            }
        }
    }
    keys
}

fn public_key(options: &PublicKeyOptions) -> Result<Key, String> {
    named(&options.file)?;
    let pem = read_text(&options.file).map_err(|error| error.to_string())?;
    Key::public(options.algorithm, &pem, options.kid.clone())
        .map_err(|error| format!("{} {error}", shown_path(&options.file)))
}

/// The secret that a file holds.
pub fn secret_of(file: &Path) -> Result<Secret, String> {
    named(file)?;
    Secret::read(file).map_err(|error| error.to_string())
}

fn named(file: &Path) -> Result<(), String> {
    if file.as_os_str().is_empty() {
        return Err("is empty; name a file or leave the key out".to_string());
    }
    Ok(())
}
