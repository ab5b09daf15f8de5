//! Where the bucket is: the address that follows from what an operator configured.
//!
//! It has the form that the AWS SDKs use: `https://BUCKET.s3.REGION.amazonaws.com/` unless an endpoint is given. The
//! bucket is in the path if that was configured, if the host is an IP address, or if the bucket's name has a dot,
//! because no wildcard certificate covers such a name. This file makes no connections. Failures: [`Unfit`], which names
//! the key of the configuration and never quotes a value that may be a secret.
use super::options::{PathStyle, S3Options};
use super::origin::{Host, Origin};
use crate::redact::Secret;
use crate::unfit::Unfit;

/// Where the bucket is.
#[derive(Debug, Clone)]
pub struct Address {
    pub bucket: String,
    pub region: String,
    /// Scheme, host, the port if it is not the scheme's default, and perhaps a path; no slash at the end.
    pub endpoint: String,
    pub path_style: bool,
    /// Where requests go: the endpoint's, with the bucket in front of its host where it is not in the path.
    pub origin: Origin,
    /// The path of the bucket, without a slash at the end; it may be empty.
    pub path: String,
}

impl Address {
    /// # Errors
    /// The first option that is not valid.
    pub fn new(options: &S3Options) -> Result<Address, Unfit> {
        check_bucket(&options.bucket)?;
        let region = match &options.region {
            Some(region) => {
                check_region(region, "is no region")?;
                region.clone()
            }
            None => region_of_environment()?.unwrap_or_else(|| REGION_DEFAULT.to_owned()),
        };
        let endpoint = match &options.endpoint {
            Some(endpoint) => checked_endpoint(endpoint)?,
            None => checked_endpoint(&amazon(&region))?,
        };
        let (origin, path) = endpoint;
        let endpoint = format!("{origin}{path}");
        let plain_name = !options.bucket.contains(['.', '_']) && !options.bucket.contains(char::is_uppercase);
        let in_front = match options.path_style {
            PathStyle::WhereNeeded if plain_name => origin.below(&options.bucket),
            _ => None,
        };
        Ok(Address {
            bucket: options.bucket.clone(),
            region,
            endpoint,
            path_style: in_front.is_none(),
            path: match &in_front {
                Some(_) => path,
                None => format!("{path}/{}", options.bucket),
            },
            origin: in_front.unwrap_or(origin),
        })
    }

    /// The URL below which all objects are, with a slash at the end.
    pub fn base(&self) -> String {
        format!("{}{}/", self.origin, self.path)
    }

    /// What looks like a mistake in the endpoint, and what to write: the bucket's name stands in it already.
    pub fn doubt(&self) -> Option<String> {
        let Address { bucket, endpoint, .. } = self;
        let plain = if self.path_style {
            endpoint.strip_suffix(bucket.as_str())?.strip_suffix('/')?.to_owned()
        } else {
            let Host::Name(name) = &self.origin.host else {
                return None;
            };
            let doubled = format!("{bucket}.{bucket}.");
            name.starts_with(&doubled)
                .then(|| endpoint.replacen(&format!("{bucket}."), "", 1))?
        };
        Some(format!(
            "storage.s3.endpoint has the bucket's name in it already, so objects go to {}; write {plain}",
            self.base()
        ))
    }
}

fn check_bucket(bucket: &str) -> Result<(), Unfit> {
    if bucket.is_empty() {
        return Err(Unfit::new("bucket", "is empty; name the bucket that dumps go to"));
    }
    let fits = bucket
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if !fits || bucket.len() > BUCKET_BYTES_MAX || matches!(bucket, "." | "..") {
        return Err(Unfit::new(
            "bucket",
            "is no name of a bucket; write the name alone, no URL and no folder",
        ));
    }
    Ok(())
}

/// The region that the AWS tools would use. An empty variable is as good as not set.
fn region_of_environment() -> Result<Option<String>, Unfit> {
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let Some(value) = std::env::var_os(name) else { continue };
        let region = Secret::of_variable(&value);
        let region = region.map_err(|unclean| Unfit::new("region", format!("is that of {name}, which {unclean}")))?;
        if let Some(region) = region {
            check_region(region.expose(), &format!("is that of {name}, which is no region"))?;
            return Ok(Some(region.expose().to_owned()));
        }
    }
    Ok(None)
}

fn check_region(region: &str, what: &str) -> Result<(), Unfit> {
    if region.is_empty() || !region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Unfit::new("region", format!("{what}; write it like \"eu-central-1\"")));
    }
    Ok(())
}

fn amazon(region: &str) -> String {
    format!("https://s3.{region}.{}", domain(region))
}

/// The domain of Amazon's services in this region.
pub fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    }
}

/// The origin, and the path without a slash at the end.
fn checked_endpoint(endpoint: &str) -> Result<(Origin, String), Unfit> {
    const FORM: &str = "is no address; write it like \"https://s3.example.org\" or \"http://127.0.0.1:9000\"";
    let unfit = || Unfit::new("endpoint", FORM);
    let endpoint = endpoint.trim().trim_end_matches('/');
    let (origin, path) = Origin::with_path(endpoint).map_err(|_| unfit())?;
    let is_plain = |segment: &str| {
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        !matches!(segment, "" | "." | "..") && segment.bytes().all(unreserved)
    };
    if !path.split('/').skip(1).all(is_plain) {
        return Err(unfit());
    }
    Ok((origin, path.to_owned()))
}

/// The region that Amazon's own tools use when none is given.
const REGION_DEFAULT: &str = "us-east-1";

/// The limit for old buckets in us-east-1; names of new ones have at most 63 bytes.
const BUCKET_BYTES_MAX: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    fn options(bucket: &str, endpoint: Option<&str>, path_style: bool) -> S3Options {
        S3Options {
            bucket: bucket.to_owned(),
            region: Some("eu-central-1".to_owned()),
            endpoint: endpoint.map(str::to_owned),
            path_style: path_style.into(),
            ..S3Options::default()
        }
    }

    #[test]
    fn addresses_are_those_of_the_sdks() {
        for (bucket, endpoint, asked, expected, path_style) in [
            ("dumps", None, false, "https://s3.eu-central-1.amazonaws.com", false),
            ("dumps", None, true, "https://s3.eu-central-1.amazonaws.com", true),
            ("my.dumps", None, false, "https://s3.eu-central-1.amazonaws.com", true),
            (
                "dumps",
                Some("https://s3.example.org/"),
                false,
                "https://s3.example.org",
                false,
            ),
            (
                "dumps",
                Some("https://s3.example.org:443"),
                false,
                "https://s3.example.org",
                false,
            ),
            (
                "dumps",
                Some("http://localhost:80/a/b/"),
                false,
                "http://localhost/a/b",
                false,
            ),
            (
                "dumps",
                Some("http://127.0.0.1:9000"),
                false,
                "http://127.0.0.1:9000",
                true,
            ),
            ("dumps", Some("http://[::1]:9000"), false, "http://[::1]:9000", true),
        ] {
            let address = Address::new(&options(bucket, endpoint, asked)).unwrap();
            assert_eq!((address.endpoint.as_str(), address.path_style), (expected, path_style));
        }
        let china = S3Options {
            region: Some("cn-north-1".to_owned()),
            ..options("dumps", None, false)
        };
        assert_eq!(
            Address::new(&china).unwrap().endpoint,
            "https://s3.cn-north-1.amazonaws.com.cn"
        );
    }

    #[test]
    fn what_cannot_be_meant_is_told_with_its_key() {
        for (bucket, endpoint, key) in [
            ("", None, "bucket"),
            ("https://dumps", None, "bucket"),
            ("dumps/folder", None, "bucket"),
            ("..", None, "bucket"),
            ("dumps", Some(""), "endpoint"),
            ("dumps", Some("s3.example.org"), "endpoint"),
            ("dumps", Some("ftp://s3.example.org"), "endpoint"),
            ("dumps", Some("https://"), "endpoint"),
            ("dumps", Some("https://user:secret@s3.example.org"), "endpoint"),
            ("dumps", Some("https://s3.example.org/?x"), "endpoint"),
        ] {
            let error = Address::new(&options(bucket, endpoint, false)).unwrap_err();
            assert_eq!(error.key, key, "{bucket} {endpoint:?}");
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn a_bucket_that_stands_in_the_endpoint_already_is_doubted() {
        for (endpoint, path_style, expected) in [
            ("http://127.0.0.1:9000/dumps", true, Some("write http://127.0.0.1:9000")),
            ("http://127.0.0.1/a/dumps/", false, Some("write http://127.0.0.1/a")),
            (
                "https://Dumps.s3.example.org",
                false,
                Some("write https://s3.example.org"),
            ),
            ("https://dumps.s3.example.org", true, None),
            ("http://127.0.0.1:9000/mydumps", true, None),
            ("https://dumpster.example.org", false, None),
        ] {
            let doubt = Address::new(&options("dumps", Some(endpoint), path_style))
                .unwrap()
                .doubt();
            let told = doubt
                .as_deref()
                .and_then(|doubt| doubt.rsplit_once("; "))
                .map(|(_, told)| told);
            assert_eq!(told, expected, "{endpoint}");
        }
    }
}
