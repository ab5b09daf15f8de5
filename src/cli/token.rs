//! `token`: makes a token, for a person who tries the server or for an application that gets its tokens from this
//! program.
//!
//! Never here: public keys, because their private halves stay where tokens are made. The token is written to standard
//! output only.
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::failure::Failure;
use super::output::print;
use crate::auth;
use crate::config::{Loaded, Period};
use crate::labels::Labels;
use crate::limits::{CLAIM_BYTES_MAX, TOKEN_LIFETIME_S_MAX};

/// Prints a JSON Web Token (HS256) signed with the first of the configured secrets.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name of the user, for the row of the session
    #[arg(long, value_parser = claim)]
    user: Option<String>,
    /// Name of the conference, for the row of the session
    #[arg(long, value_parser = claim)]
    conference: Option<String>,
    /// Name of the session, for its row
    #[arg(long, value_parser = claim)]
    session: Option<String>,
    /// How long the token is valid: 30s, 5min, 2h, 1d
    #[arg(long, default_value = "1h", value_name = "TIME", value_parser = lifetime)]
    lifetime: Period,
    /// Print this WebSocket address (ws://… or wss://…) with the token in it instead
    #[arg(long, value_parser = web_socket_url)]
    url: Option<String>,
}

/// Prints the token.
pub fn run(loaded: &Loaded, arguments: Arguments) -> Result<(), Failure> {
    let Some(secret) = &loaded.keys.signing else {
        return Err(Failure::Usage(missing_secret(loaded).to_string()));
    };
    let claims = Labels {
        user: arguments.user,
        conference: arguments.conference,
        session: arguments.session,
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|error| Failure::runtime("the clock", error))?;
    let token = auth::sign(
        secret.expose(),
        &claims,
        now.as_secs(),
        Some(arguments.lifetime.0.as_secs()),
    )
    .map_err(|error| Failure::runtime("the secret", error))?;
    print(&match arguments.url {
        Some(url) => format!("{}\n", with_token(&url, &token)),
        None => format!("{token}\n"),
    })
}

fn missing_secret(loaded: &Loaded) -> &'static str {
    if loaded.keys.verifier.is_open() {
        "no secret is configured, so everybody may send and no token is needed; set authorization.jwt_secret or \
         authorization.jwt_secret_file to change that"
    } else {
        "only public keys are configured, and those sign nothing; make tokens where the private key is, or set \
         authorization.jwt_secret too"
    }
}

/// A token's characters are those that need no escape in a query (RFC 7515 §2, RFC 3986 §2.3).
fn with_token(url: &str, token: &str) -> String {
    let separator = match url.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{separator}rtcstats-token={token}")
}

fn claim(text: &str) -> Result<String, String> {
    if text.len() > CLAIM_BYTES_MAX {
        return Err(format!("longer than {CLAIM_BYTES_MAX} bytes, which a server cuts off"));
    }
    Ok(text.to_string())
}

fn lifetime(text: &str) -> Result<Period, String> {
    let period: Period = text.parse()?;
    if period.0 < Duration::from_secs(1) {
        return Err("shorter than a second".to_string());
    }
    if period.0.as_secs() > TOKEN_LIFETIME_S_MAX {
        return Err("longer than 100 years, which a server refuses".to_string());
    }
    Ok(period)
}

fn web_socket_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("ws://").or_else(|| text.strip_prefix("wss://"));
    match rest {
        _ if text.contains('#') => Err("a WebSocket address has no fragment (RFC 6455, section 3)".to_string()),
        Some(rest) if !rest.is_empty() && !rest.starts_with(['/', '?']) => Ok(text.to_string()),
        _ => Err("write it like ws://127.0.0.1:8080/ or wss://example.org/rtcstats".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_joins_a_query_that_is_there() {
        for (url, expected) in [
            ("ws://h/", "ws://h/?rtcstats-token=T"),
            ("ws://h", "ws://h?rtcstats-token=T"),
            ("ws://h/?", "ws://h/?rtcstats-token=T"),
            ("ws://h/?a=1", "ws://h/?a=1&rtcstats-token=T"),
            ("ws://h/?a=1&", "ws://h/?a=1&rtcstats-token=T"),
        ] {
            assert_eq!(with_token(url, "T"), expected);
        }
    }

    #[test]
    fn only_web_socket_addresses_are_taken() {
        assert!(
            ["ws://h", "wss://h:1/p?q=1", "ws://[::1]:8080/"]
                .into_iter()
                .all(|url| web_socket_url(url).is_ok())
        );
        assert!(
            ["", "h", "http://h", "ws://", "ws:///p", "ws://h/#f"]
                .into_iter()
                .all(|url| web_socket_url(url).is_err())
        );
    }
}
