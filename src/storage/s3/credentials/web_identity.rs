//! Keys that the token service gives for a token of another identity provider (Kubernetes and others).
//!
//! The service is that of the region. The token travels in the body, never in a URL, and of an answer only keys, a time
//! or a code are taken. Source: AWS STS, "AssumeRoleWithWebIdentity".
use std::path::Path;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::environment::{first_of, variable};
use super::keys::{Fault, Keys};
use super::services::Services;
use crate::limits::{S3_CREDENTIALS_BYTES_MAX, S3_CREDENTIALS_S_MAX};
use crate::redact::Secret;
use crate::storage::s3::address::domain;
use crate::storage::s3::origin::Origin;
use crate::storage::s3::transport::{Method, Request};
use crate::storage::s3::xml;

/// The keys of the role, if the environment names a role and a token.
///
/// # Errors
/// It names both, or one without the other, and there are no keys.
pub fn keys(services: &Services<'_>) -> Result<Option<Keys>, Fault> {
    let (file, role) = match (variable(FILE)?, variable(ROLE)?) {
        // Other tools use a role alone in ways of their own.
        (None, _) => return Ok(None),
        (Some(_), None) => return Err(Fault::new(SOURCE, format!("{FILE} is set without {ROLE}"))),
        (Some(file), Some(role)) => (file, role),
    };
    let token = Secret::read(Path::new(file.expose())).map_err(|error| Fault::new(SOURCE, error))?;
    let name = variable("AWS_ROLE_SESSION_NAME")?;
    let (origin, path) = service(services.region)?;
    let members = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", role.expose()),
        (
            "RoleSessionName",
            name.as_ref().map_or("rtcstats-server", Secret::expose),
        ),
        ("WebIdentityToken", token.expose()),
    ];
    let members = members.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    let answer = services.transport.ask(&Request {
        method: Method::Post,
        origin: &origin,
        target: &path,
        headers: &[(
            "content-type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        )],
        body: members.join("&").as_bytes(),
        time: Duration::from_secs(S3_CREDENTIALS_S_MAX),
        answer_bytes: S3_CREDENTIALS_BYTES_MAX,
    });
    let answer = answer.map_err(|error| Fault::new(SOURCE, format!("{}: {error}", origin.authority())))?;
    match answer.status {
        200 => keys_in(&answer.body).map(Some),
        status => {
            let code = code_in(&answer.body).map_or(String::new(), |code| format!(" {code}"));
            Err(Fault::new(
                SOURCE,
                format!("{} answered with {status}{code}", origin.authority()),
            ))
        }
    }
}

/// The token service that is configured, otherwise that of the region.
fn service(region: &str) -> Result<(Origin, String), Fault> {
    let configured = variable("AWS_ENDPOINT_URL_STS")?;
    let region = first_of(&["AWS_REGION", "AWS_DEFAULT_REGION"])?.unwrap_or_else(|| Secret::new(region));
    let url = match configured {
        Some(url) => url.expose().to_owned(),
        None => format!("https://sts.{}.{}", region.expose(), domain(region.expose())),
    };
    let (origin, path) = Origin::with_path(&url).map_err(|why| Fault::new(SOURCE, format!("its address: {why}")))?;
    Ok((origin, if path.is_empty() { "/" } else { path }.to_owned()))
}

fn keys_in(body: &[u8]) -> Result<Keys, Fault> {
    let not_understood = || Fault::new(SOURCE, "the answer of the token service was not understood");
    let answer: Answered = xml::read(body, &["AssumeRoleWithWebIdentityResponse"]).ok_or_else(not_understood)?;
    let given = answer.result.credentials;
    let expires = given
        .expiration
        .map(|text| OffsetDateTime::parse(text.trim(), &Rfc3339))
        .transpose();
    let (id, secret) = (&given.access_key_id, &given.secret_access_key);
    Ok(Keys {
        expires: expires.map_err(|_| not_understood())?,
        ..Keys::of(SOURCE, id, secret, given.session_token.as_deref())?
    })
}

/// The service's code, such as `ExpiredToken`, if it looks like one.
fn code_in(body: &[u8]) -> Option<String> {
    let refused: Refused = xml::read(body, &["ErrorResponse"])?;
    let code = refused.error.code?;
    let is_word = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    (is_word && code.len() <= 64).then_some(code)
}

#[derive(Deserialize)]
struct Answered {
    #[serde(rename = "AssumeRoleWithWebIdentityResult")]
    result: Assumed,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assumed {
    credentials: Given,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    error: Named,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    code: Option<String>,
}

const SOURCE: &str = "the web identity";
const FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE: &str = "AWS_ROLE_ARN";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_codes_are_found_whatever_else_is_there() {
        let good = "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                    <AssumeRoleWithWebIdentityResult><Credentials><SessionToken>t</SessionToken>\
                    <SecretAccessKey>s</SecretAccessKey><Expiration>2026-01-02T03:04:05Z</Expiration>\
                    <AccessKeyId>i</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>\
                    </AssumeRoleWithWebIdentityResponse>";
        let keys = keys_in(good.as_bytes()).unwrap();
        assert_eq!((keys.id.expose(), keys.token.unwrap().expose()), ("i", "t"));
        assert!(keys_in(b"<html/>").is_err());
        let without_token = good.replace("<SessionToken>t</SessionToken>", "<SessionToken/>");
        assert_eq!(keys_in(without_token.as_bytes()).unwrap().token, None);
        let indented = good.replace(">t<", ">\r\n  t\r\n<");
        assert_eq!(keys_in(indented.as_bytes()).unwrap().token.unwrap().expose(), "t");
        for bad in [good.replace(">i<", "><"), good.replace(">t<", ">t\r\nx-evil: 1<")] {
            assert!(keys_in(bad.as_bytes()).is_err(), "{bad}");
        }
        let error = |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>");
        assert_eq!(
            code_in(error("ExpiredToken").as_bytes()).as_deref(),
            Some("ExpiredToken")
        );
        assert_eq!(code_in(error("a token eyJ").as_bytes()), None);
    }
}
