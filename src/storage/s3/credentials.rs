//! The keys with which requests are signed: configured ones, or those of the standard chain, renewed before they
//! expire.
//!
//! The chain is that of the AWS tools: environment, profile, web identity, container, instance metadata. Only a source
//! that is not set up at all is passed over. One that is set up and does not work is an error, because the next one is
//! another identity. One worker renews the keys during the last minutes of their life, while the others wait for the
//! lock. A renewal that fails does no harm while the old keys last. Logged is only that a file with a key
//! cannot be read any more. Limits:
//! `S3_CREDENTIALS_S_MAX` bounds each request of the chain; workers that waited for a renewal that failed get the same
//! error.
mod endpoint;
mod environment;
mod keys;
mod profile;
mod services;
mod web_identity;

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use time::OffsetDateTime;

use super::options::S3Options;
use crate::limits::{S3_RENEWAL_S_MAX, S3_RENEWAL_SHARE};
use crate::redact::{Secret, SecretFile};
pub use keys::{Fault, Keys};
pub use services::Services;

/// Where keys come from, and the keys in use.
pub struct Credentials {
    pair: Option<Pair>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    failure: Option<(Instant, Fault)>,
}

/// A configured pair of keys.
struct Pair {
    id: Half,
    secret: Half,
}

enum Half {
    Value(Secret),
    File(SecretFile),
}

/// Keys, and how long they are valid.
struct Held {
    keys: Keys,
    times: Option<Times>,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    /// The store has refused them. They are replaced if the chain gives any.
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    expires: OffsetDateTime,
    renew: OffsetDateTime,
}

impl Credentials {
    /// The configured keys; without any, those of the chain. Asks nobody yet.
    pub fn new(options: &S3Options) -> Credentials {
        Credentials {
            pair: options.key_pair.as_ref().map(|pair| Pair {
                id: Half::new(&pair.id, options.access_key_id_file.as_deref()),
                secret: Half::new(&pair.secret, options.secret_access_key_file.as_deref()),
            }),
            state: Mutex::default(),
        }
    }

    /// Keys that are valid now.
    ///
    /// # Errors
    /// There are none. The operator or time can repair every cause.
    pub fn get(&self, services: &Services<'_>) -> Result<Keys, Fault> {
        if let Some(pair) = &self.pair {
            return Ok(pair.keys());
        }
        let asked = Instant::now();
        let mut state = self.state();
        let now = OffsetDateTime::now_utc();
        if let Some(keys) = state.held.as_ref().and_then(|held| held.fresh(now)) {
            return Ok(keys);
        }
        if let Some((at, fault)) = &state.failure
            && *at > asked
        {
            return state.valid(now).ok_or_else(|| fault.clone());
        }
        match chain(services) {
            Ok(keys) => {
                let held = Held::new(keys, OffsetDateTime::now_utc());
                let keys = held.keys();
                *state = State {
                    held: Some(held),
                    failure: None,
                };
                Ok(keys)
            }
            Err(fault) => {
                state.failure = Some((Instant::now(), fault.clone()));
                state.postpone(OffsetDateTime::now_utc()).ok_or(fault)
            }
        }
    }

    /// The store has refused the keys: the next request asks the chain again, even if they should still be valid. If
    /// that gives none just now, they are used on.
    pub fn refused(&self) {
        if let Some(held) = &mut self.state().held {
            held.standing = Standing::Refused;
        }
    }

    /// Every holder leaves a valid state at each step, so a panic elsewhere does no harm.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn valid(&self, now: OffsetDateTime) -> Option<Keys> {
        let held = self.held.as_ref()?;
        held.times.is_none_or(|times| now < times.expires).then(|| held.keys())
    }

    /// A renewal has failed: the old keys are used until they expire, and the next renewal is tried a while later.
    fn postpone(&mut self, now: OffsetDateTime) -> Option<Keys> {
        let keys = self.valid(now)?;
        if let Some(held) = &mut self.held {
            held.times = held.times.map(|times| Times::new(times.expires, now));
            held.standing = Standing::Good;
        }
        Some(keys)
    }
}

impl Held {
    fn new(keys: Keys, now: OffsetDateTime) -> Held {
        let times = keys.expires.map(|expires| Times::new(expires, now));
        Held {
            keys,
            times,
            standing: Standing::Good,
        }
    }

    fn fresh(&self, now: OffsetDateTime) -> Option<Keys> {
        let is_fresh = self.standing == Standing::Good && self.times.is_none_or(|times| now < times.renew);
        is_fresh.then(|| self.keys())
    }

    fn keys(&self) -> Keys {
        self.keys.clone()
    }
}

impl Times {
    /// Renewal begins some minutes before the end, or in the last share of a short life. From then on, the pauses
    /// become shorter as the rest does.
    fn new(expires: OffsetDateTime, now: OffsetDateTime) -> Times {
        let left = (expires - now).max(time::Duration::ZERO);
        let ahead = (left / S3_RENEWAL_SHARE).min(time::Duration::seconds(S3_RENEWAL_S_MAX));
        Times {
            expires,
            renew: expires - ahead,
        }
    }
}

impl Half {
    fn new(value: &Secret, file: Option<&Path>) -> Half {
        match file {
            Some(file) => Half::File(SecretFile::new(file, value.clone())),
            None => Half::Value(value.clone()),
        }
    }

    /// A file is read for each request, because it may be replaced at any time.
    fn current(&self) -> Secret {
        match self {
            Half::Value(value) => value.clone(),
            Half::File(file) => {
                let (value, failure) = file.current();
                if let Some(failure) = failure {
                    log::warn!("the access key stays as it was: {failure}");
                }
                value
            }
        }
    }
}

impl Pair {
    fn keys(&self) -> Keys {
        Keys {
            id: self.id.current(),
            secret: self.secret.current(),
            token: None,
            expires: None,
            source: "the configuration".to_owned(),
        }
    }
}

/// Asks one source after the other. The first one that is set up decides.
fn chain(services: &Services<'_>) -> Result<Keys, Fault> {
    let sources: [&dyn Fn() -> Result<Option<Keys>, Fault>; 5] = [
        &environment::keys,
        &profile::keys,
        &|| web_identity::keys(services),
        &|| endpoint::container(services),
        &|| endpoint::instance(services),
    ];
    for source in sources {
        if let Some(keys) = source()? {
            return Ok(keys);
        }
    }
    Err(Fault::none())
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::s3::options::KeyPair;

    const NOON: i64 = 1_700_000_000;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(NOON + seconds).unwrap()
    }

    fn configured(id_file: Option<&Path>) -> Credentials {
        Credentials::new(&S3Options {
            key_pair: Some(KeyPair {
                id: Secret::new("AKIAIOSFODNN7EXAMPLE"),
                secret: Secret::new("horse"),
            }),
            access_key_id_file: id_file.map(Path::to_owned),
            ..S3Options::default()
        })
    }

    fn expiring(seconds: Option<i64>) -> Keys {
        Keys {
            expires: seconds.map(at),
            ..configured(None).pair.unwrap().keys()
        }
    }

    #[test]
    fn keys_are_renewed_before_their_end_however_short_they_live() {
        for (life, renewed) in [(6 * 3600, 6 * 3600 - 300), (1200, 900), (60, 45), (4, 3)] {
            let held = Held::new(expiring(Some(life)), at(0));
            assert!(held.fresh(at(renewed - 1)).is_some(), "{life}");
            assert!(held.fresh(at(renewed)).is_none(), "{life}");
        }
        let gone = Held::new(expiring(Some(-10)), at(0));
        assert!(gone.fresh(at(0)).is_none());
    }

    #[test]
    fn a_renewal_that_fails_leaves_the_old_keys_until_their_end() {
        let mut state = State {
            held: Some(Held::new(expiring(Some(1200)), at(0))),
            failure: None,
        };
        assert!(state.postpone(at(900)).is_some());
        let held = state.held.as_ref().unwrap();
        assert!(held.fresh(at(1124)).is_some() && held.fresh(at(1125)).is_none());
        assert!(state.postpone(at(1199)).is_some());
        assert!(state.postpone(at(1200)).is_none());
    }

    #[test]
    fn keys_that_were_refused_are_renewed_and_kept_if_that_fails() {
        for end in [Some(1200), None] {
            let credentials = Credentials {
                pair: None,
                state: Mutex::new(State {
                    held: Some(Held::new(expiring(end), at(0))),
                    failure: None,
                }),
            };
            credentials.refused();
            let mut state = credentials.state();
            assert!(state.held.as_ref().unwrap().fresh(at(1)).is_none());
            assert!(state.postpone(at(1)).is_some());
            assert!(state.held.as_ref().unwrap().fresh(at(1)).is_some());
        }
    }

    #[test]
    fn keys_without_an_end_last() {
        assert!(Held::new(expiring(None), at(0)).fresh(at(1_000_000)).is_some());
    }

    #[test]
    fn an_identity_shows_no_secret() {
        let shown = expiring(Some(0)).identity();
        assert_eq!(
            shown,
            "the configuration (key AKIA…MPLE, until 2023-11-14T22:13:20.000Z)"
        );
        assert_eq!(format!("{:?}", configured(None)), "Credentials(***)");
        assert!(!format!("{:?}", expiring(None)).contains("horse"));
    }

    #[test]
    fn a_file_with_a_key_is_read_anew_and_keeps_its_last_value() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("id");
        let credentials = configured(Some(&file));
        let id = || credentials.pair.as_ref().unwrap().keys().id.expose().to_owned();
        assert_eq!(id(), "AKIAIOSFODNN7EXAMPLE");
        std::fs::write(&file, "AKIANEXT\n").unwrap();
        assert_eq!(id(), "AKIANEXT");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(id(), "AKIANEXT");
    }
}
