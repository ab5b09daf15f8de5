//! The keys with which requests are signed: configured ones, or those of the standard chain, renewed before they
//! expire.
//!
//! The chain is that of the AWS tools: environment, profile, web identity, container, instance metadata. A source that
//! is set up but does not work is an error. It is not skipped, because the server would then sign with keys that nobody
//! intended. One worker renews the keys during the last minutes of their life, while the others wait for the lock. A
//! renewal that fails does no harm while the old keys last. Nothing is logged here, and errors contain only fixed
//! texts, a status or a system error. Limits: `S3_CREDENTIALS_S_MAX` bounds each request of the chain; workers that
//! waited for a renewal that failed get the same error.
use std::env;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use s3::creds::Credentials as Keys;
use s3::creds::error::CredentialsError;
use time::OffsetDateTime;

use super::options::KeyPair;
use crate::limits::{S3_CREDENTIALS_S_MAX, S3_RENEWAL_S_MAX, S3_RENEWAL_SHARE};

/// Where keys come from, and the keys in use.
pub struct Credentials {
    pair: Option<KeyPair>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    failure: Option<(Instant, Fault)>,
}

/// Keys, and how long they are valid.
struct Held {
    keys: Keys,
    times: Option<Times>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    expires: OffsetDateTime,
    renew: OffsetDateTime,
}

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    source: &'static str,
    cause: String,
}

impl Credentials {
    /// The keys of the pair; without a pair, those of the chain. Asks nobody yet.
    pub fn new(pair: Option<KeyPair>) -> Credentials {
        Credentials {
            pair,
            state: Mutex::default(),
        }
    }

    /// Keys that are valid now.
    ///
    /// # Errors
    /// There are none. The operator or time can repair every cause.
    pub fn get(&self) -> Result<Keys, Fault> {
        if let Some(pair) = &self.pair {
            return configured(pair);
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
        match chain() {
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

    /// The store has refused the keys: the next request asks the chain again, even if they should still be valid.
    pub fn refused(&self) {
        self.state().held = None;
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
        if let Some(times) = self.held.as_mut().and_then(|held| held.times.as_mut()) {
            *times = Times::new(times.expires, now);
        }
        Some(keys)
    }
}

impl Held {
    fn new(keys: Keys, now: OffsetDateTime) -> Held {
        let times = keys.expiration.map(|expires| Times::new(*expires, now));
        Held { keys, times }
    }

    fn fresh(&self, now: OffsetDateTime) -> Option<Keys> {
        self.times.is_none_or(|times| now < times.renew).then(|| self.keys())
    }

    /// The keys without their expiry time. With it, the library would renew them itself, in each worker separately and
    /// only after they expired.
    fn keys(&self) -> Keys {
        let mut keys = self.keys.clone();
        keys.expiration = None;
        keys
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

fn configured(pair: &KeyPair) -> Result<Keys, Fault> {
    Keys::new(Some(pair.id.expose()), Some(pair.secret.expose()), None, None, None)
        .map_err(|error| Fault::new("the configuration", &error))
}

/// Asks one source after the other. The first one that is set up decides.
fn chain() -> Result<Keys, Fault> {
    s3::creds::set_request_timeout(Some(Duration::from_secs(S3_CREDENTIALS_S_MAX)));
    if let Ok(keys) = Keys::from_env() {
        return Ok(keys);
    }
    let profile = env::var("AWS_PROFILE").ok();
    match Keys::from_profile(profile.as_deref()) {
        Ok(keys) => return Ok(keys),
        // A profile that was asked for by name and does not exist is a mistake; having no file at all is normal.
        Err(error) if profile.is_some() => return Err(Fault::new("the profile of AWS_PROFILE", &error)),
        Err(_) => {}
    }
    if is_set("AWS_WEB_IDENTITY_TOKEN_FILE") && is_set("AWS_ROLE_ARN") {
        let name = env::var("AWS_ROLE_SESSION_NAME").unwrap_or_else(|_| "rtcstats-server".to_owned());
        return Keys::from_sts_env(&name).map_err(|error| Fault::new("the web identity", &error));
    }
    if is_set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || is_set("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
        return Keys::from_container_credentials_provider()
            .map_err(|error| Fault::new("the container's endpoint", &error));
    }
    match Keys::from_instance_metadata_v2(false) {
        Err(CredentialsError::NotEc2) => Err(Fault::none()),
        Err(_) => Keys::from_instance_metadata(false).map_err(|error| Fault::new("the instance metadata", &error)),
        Ok(keys) => Ok(keys),
    }
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

impl Fault {
    fn new(source: &'static str, error: &CredentialsError) -> Fault {
        Fault {
            source,
            cause: reason(error),
        }
    }

    fn none() -> Fault {
        Fault {
            source: "anywhere",
            cause: "set storage.s3.access_key_id and storage.s3.secret_access_key, or give this machine a role"
                .to_owned(),
        }
    }
}

/// An error of the library can contain the URL of a request with its token, or an answer with the keys.
fn reason(error: &CredentialsError) -> String {
    match error {
        CredentialsError::UnexpectedStatusCode(status) => format!("it answered with {status}"),
        CredentialsError::Io(error) => error.to_string(),
        CredentialsError::Atto(error) => match error.kind() {
            attohttpc::ErrorKind::Io(error) => error.to_string(),
            _ => "its answer was not understood".to_owned(),
        },
        CredentialsError::ContainerCredentialsRequest => "it did not answer, or not with credentials".to_owned(),
        CredentialsError::InvalidContainerCredentialsUri => "its address is not one that may be asked".to_owned(),
        CredentialsError::InvalidContainerAuthorization => "the token to ask it with is not usable".to_owned(),
        CredentialsError::Ini(_) | CredentialsError::ConfigNotFound => "it is not there".to_owned(),
        CredentialsError::ConfigMissingAccessKeyId | CredentialsError::ConfigMissingSecretKey => {
            "it lacks a key".to_owned()
        }
        _ => "its answer was not understood".to_owned(),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no credentials from {}: {}", self.source, self.cause)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Secret;

    const NOON: i64 = 1_700_000_000;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(NOON + seconds).unwrap()
    }

    fn expiring(seconds: i64) -> Keys {
        let mut keys = Keys::new(Some("id"), Some("secret"), None, None, None).unwrap();
        keys.expiration = Some(at(seconds).into());
        keys
    }

    #[test]
    fn keys_are_renewed_before_their_end_however_short_they_live() {
        for (life, renewed) in [(6 * 3600, 6 * 3600 - 300), (1200, 900), (60, 45), (4, 3)] {
            let held = Held::new(expiring(life), at(0));
            assert!(held.fresh(at(renewed - 1)).is_some(), "{life}");
            assert!(held.fresh(at(renewed)).is_none(), "{life}");
        }
        let gone = Held::new(expiring(-10), at(0));
        assert!(gone.fresh(at(0)).is_none());
    }

    #[test]
    fn a_renewal_that_fails_leaves_the_old_keys_until_their_end() {
        let mut state = State {
            held: Some(Held::new(expiring(1200), at(0))),
            failure: None,
        };
        assert!(state.postpone(at(900)).is_some());
        let held = state.held.as_ref().unwrap();
        assert!(held.fresh(at(1124)).is_some() && held.fresh(at(1125)).is_none());
        assert!(state.postpone(at(1199)).is_some());
        assert!(state.postpone(at(1200)).is_none());
    }

    #[test]
    fn what_is_handed_out_has_no_end_that_the_library_would_act_on() {
        assert_eq!(Held::new(expiring(60), at(0)).keys().expiration, None);
        let lasting = Held::new(Keys::new(Some("id"), Some("secret"), None, None, None).unwrap(), at(0));
        assert!(lasting.fresh(at(1_000_000)).is_some());
    }

    #[test]
    fn a_configured_pair_is_used_as_it_is_and_never_printed() {
        let credentials = Credentials::new(Some(KeyPair {
            id: Secret::new("correct"),
            secret: Secret::new("horse"),
        }));
        credentials.refused();
        let keys = credentials.get().unwrap();
        assert_eq!(keys.secret_key.as_deref(), Some("horse"));
        assert_eq!(format!("{credentials:?}"), "Credentials(***)");
    }
}
