//! Services of the machine that give out keys: the container's endpoint and the instance metadata.
//!
//! Those without TLS are on this machine, so they are asked directly, never over a proxy. A token for them goes only to
//! the address that was configured.
//! Sources: the guides of Amazon ECS ("task IAM role"), EKS ("pod identity") and EC2 ("instance metadata service").
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::environment::variable;
use super::keys::{Fault, Keys};
use super::services::Services;
use crate::limits::{S3_CREDENTIALS_BYTES_MAX, S3_CREDENTIALS_S_MAX};
use crate::redact::Secret;
use crate::storage::s3::answer::Answer;
use crate::storage::s3::origin::{Host, Origin, Scheme};
use crate::storage::s3::transport::{Method, Request, Transport};

/// Keys as these services give them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
    expiration: Option<String>,
}

/// The keys of the container, if it has an endpoint for them.
///
/// # Errors
/// It has one, which gives none.
pub fn container(services: &Services<'_>) -> Result<Option<Keys>, Fault> {
    const SOURCE: &str = "the container's endpoint";
    let relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")?;
    let full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")?;
    let is_full = relative.is_none();
    let Some(uri) = relative
        .map(|path| format!("{ECS}{}", path.expose()))
        .or(full.map(|uri| uri.expose().to_owned()))
    else {
        return Ok(None);
    };
    let unusable = || Fault::new(SOURCE, "its address is not one that may be asked");
    let (origin, target) = split(&uri)
        .filter(|(origin, _)| may_be_asked(origin))
        .ok_or_else(unusable)?;
    let mut headers = Vec::new();
    if is_full && let Some(token) = container_token()? {
        headers.push(("authorization".to_owned(), token.expose().to_owned()));
    }
    let ask = Ask {
        transport: services.towards(&origin),
        origin: &origin,
        source: SOURCE,
    };
    let answer = ask.good(Method::Get, &target, &headers)?;
    keys_in(&answer.body, SOURCE).map(Some)
}

fn container_token() -> Result<Option<Secret>, Fault> {
    match variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")? {
        None => variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
        Some(file) => Secret::read(Path::new(file.expose()))
            .map(Some)
            .map_err(|error| Fault::new("the container's endpoint", error)),
    }
}

/// The keys of the machine's role, if this is a machine that has metadata.
///
/// # Errors
/// It has metadata, but they give no keys.
pub fn instance(services: &Services<'_>) -> Result<Option<Keys>, Fault> {
    const SOURCE: &str = "the instance metadata";
    let is_off = variable("AWS_EC2_METADATA_DISABLED")?.is_some_and(|off| off.expose().eq_ignore_ascii_case("true"));
    let named = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")?;
    if is_off || (named.is_none() && !is_ec2()) {
        return Ok(None);
    }
    let base = named.as_ref().map_or(METADATA, Secret::expose).trim_end_matches('/');
    let origin = Origin::parse(base).map_err(|why| Fault::new(SOURCE, why))?;
    let ask = Ask {
        transport: services.towards(&origin),
        origin: &origin,
        source: SOURCE,
    };
    // Without a token (version 1) only where the service says that it has no tokens.
    let lasts = [("x-aws-ec2-metadata-token-ttl-seconds".to_owned(), "21600".to_owned())];
    let answer = ask.any(Method::Put, "/latest/api/token", &lasts)?;
    let headers = match answer.status {
        200 => Vec::from([("x-aws-ec2-metadata-token".to_owned(), line_in(&answer.body, SOURCE)?)]),
        403..=405 => Vec::new(),
        status => return Err(Fault::new(SOURCE, format!("it answered with {status}"))),
    };
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let roles = ask.any(Method::Get, ROLES, &headers)?;
    if roles.status == 404 {
        return Ok(None);
    }
    let role = line_in(&ask.judged(roles)?.body, SOURCE)?;
    let answer = ask.good(Method::Get, &format!("{ROLES}{role}"), &headers)?;
    keys_in(&answer.body, SOURCE).map(Some)
}

struct Ask<'a> {
    transport: &'a Transport,
    origin: &'a Origin,
    source: &'static str,
}

impl Ask<'_> {
    fn any(&self, method: Method, target: &str, headers: &[(String, String)]) -> Result<Answer, Fault> {
        let answer = self.transport.ask(&Request {
            method,
            origin: self.origin,
            target,
            headers,
            body: &[],
            time: Duration::from_secs(S3_CREDENTIALS_S_MAX),
            answer_bytes: S3_CREDENTIALS_BYTES_MAX,
        });
        answer.map_err(|error| Fault::new(self.source, error))
    }

    fn good(&self, method: Method, target: &str, headers: &[(String, String)]) -> Result<Answer, Fault> {
        self.judged(self.any(method, target, headers)?)
    }

    fn judged(&self, answer: Answer) -> Result<Answer, Fault> {
        match answer.status {
            200 => Ok(answer),
            status => Err(Fault::new(self.source, format!("it answered with {status}"))),
        }
    }
}

fn split(uri: &str) -> Option<(Origin, String)> {
    let (origin, path) = Origin::with_path(uri).ok()?;
    let target = if path.is_empty() { "/" } else { path };
    let is_plain = target.bytes().all(|byte| byte.is_ascii_graphic()) && !target.contains('#');
    is_plain.then(|| (origin, target.to_owned()))
}

/// Without TLS, only this machine and the fixed addresses of the container services may be told a token.
fn may_be_asked(origin: &Origin) -> bool {
    match (&origin.scheme, &origin.host) {
        (Scheme::Https, _) => true,
        (Scheme::Http, Host::Name(name)) => name == "localhost",
        (Scheme::Http, Host::Address(address)) => {
            address.is_loopback()
                || CONTAINER_HOSTS
                    .iter()
                    .any(|host| host.parse() == Ok::<IpAddr, _>(*address))
        }
    }
}

fn line_in(body: &[u8], source: &'static str) -> Result<String, Fault> {
    let text = std::str::from_utf8(body).unwrap_or_default().lines().next();
    let line = text.unwrap_or_default().trim();
    if line.is_empty() || !line.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Fault::new(source, NOT_UNDERSTOOD));
    }
    Ok(line.to_owned())
}

fn keys_in(body: &[u8], source: &str) -> Result<Keys, Fault> {
    let given: Given = serde_json::from_slice(body).map_err(|_| Fault::new(source, NOT_UNDERSTOOD))?;
    let expires = given.expiration.filter(|text| !text.is_empty());
    let expires = expires.map(|text| OffsetDateTime::parse(&text, &Rfc3339)).transpose();
    let expires = expires.map_err(|_| Fault::new(source, "the end of its keys is no point in time"))?;
    let (id, secret) = (&given.access_key_id, &given.secret_access_key);
    Ok(Keys {
        expires,
        ..Keys::of(source, id, secret, given.token.as_deref())?
    })
}

/// Whether the firmware says that this machine is one of EC2: asking others for metadata would only cost time.
fn is_ec2() -> bool {
    let begins = |file: &str, with: &str| fs::read_to_string(file).is_ok_and(|text| text.starts_with(with));
    begins("/sys/hypervisor/uuid", "ec2") || begins("/sys/class/dmi/id/board_vendor", "Amazon EC2")
}

const ECS: &str = "http://169.254.170.2";
const CONTAINER_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];
const METADATA: &str = "http://169.254.169.254";
const NOT_UNDERSTOOD: &str = "its answer was not understood";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_no_other_machine_without_tls() {
        for (uri, expected) in [
            ("http://127.0.0.1:80/a?b", true),
            ("http://[::1]/a", true),
            ("http://localhost/a", true),
            ("http://169.254.170.2/v2/x", true),
            ("http://[fd00:ec2::23]/x", true),
            ("https://keys.example.org/x", true),
            ("http://keys.example.org/x", false),
            ("http://169.254.169.254/x", false),
            ("http://127.0.0.1@keys.example.org/x", false),
            ("http://127.0.0.1/a b", false),
            ("ftp://127.0.0.1/a", false),
            ("/a", false),
        ] {
            let asked = split(uri).is_some_and(|(origin, _)| may_be_asked(&origin));
            assert_eq!(asked, expected, "{uri}");
        }
        assert_eq!(split("http://localhost").unwrap().1, "/");
    }

    #[test]
    fn keys_are_taken_with_their_end_and_nothing_half() {
        let body = r#"{"Code":"Success","AccessKeyId":"i","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-02T03:04:05Z"}"#;
        let keys = keys_in(body.as_bytes(), "x").unwrap();
        assert_eq!(keys.expires.unwrap().unix_timestamp(), 1_767_323_045);
        for bad in [
            r#"{"Code":"Failed"}"#,
            "<html>",
            r#"{"AccessKeyId":"","SecretAccessKey":"s"}"#,
            r#"{"AccessKeyId":"i","SecretAccessKey":"s","Token":"t\r\nx-evil: 1"}"#,
            r#"{"AccessKeyId":"i","SecretAccessKey":"s","Expiration":"soon"}"#,
        ] {
            assert!(keys_in(bad.as_bytes(), "x").is_err(), "{bad}");
        }
    }
}
