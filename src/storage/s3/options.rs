//! What an operator configures about a bucket, checked, and the address that follows from it.
//!
//! The address has the form that the AWS SDKs use: `https://BUCKET.s3.REGION.amazonaws.com/` unless an endpoint is
//! given. The bucket is in the path if that was configured, if the host is an IP address, or if the bucket's name has a
//! dot, because no wildcard certificate covers such a name. This file makes no connections. Failures: [`Unfit`], which
//! names the key of the configuration and never quotes a value that may be a secret.
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use attohttpc::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::lenient;
use crate::redact::Secret;
use crate::storage::key::KeyTemplate;
use crate::unfit::Unfit;

/// A bucket of Amazon S3 or of any server that speaks its protocol. Without its name nothing else here matters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct S3Options {
    /// The bucket's name.
    pub bucket: String,

    /// The server's address, such as `https://s3.example.org` or `http://127.0.0.1:9000`. Empty: Amazon's for the
    /// region.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_text")]
    pub endpoint: Option<String>,

    /// The bucket's region. Empty: that of AWS_REGION or AWS_DEFAULT_REGION, otherwise us-east-1.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_text")]
    pub region: Option<String>,

    /// Whether the bucket's name goes into the path of URLs and not before the host name. It always does where the host
    /// is an IP address, and for names with a dot.
    #[serde(deserialize_with = "lenient::flag")]
    pub path_style: PathStyle,

    /// A dump's name in the bucket, as in `storage.directory`.
    pub key: String,

    /// A key of its own for this server. It needs s3:PutObject, s3:AbortMultipartUpload and
    /// s3:ListBucketMultipartUploads; for erasing s3:DeleteObject; and so that a missing bucket is told from a
    /// forbidden one, s3:ListBucket. Without a key here the standard chain holds: environment (AWS_ACCESS_KEY_ID ...),
    /// profile, web identity, container, instance metadata.
    ///
    /// Example: `access_key_id = "..."`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<Secret>,

    /// The same from a file. Either half may be in one, so that this one holds no secret.
    ///
    /// Example: `access_key_id_file = "/etc/rtcstats-server/access-key-id"`
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub access_key_id_file: Option<PathBuf>,

    /// The key's other half.
    ///
    /// Example: `secret_access_key = "..."`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<Secret>,

    /// The same from a file.
    ///
    /// Example: `secret_access_key_file = "/etc/rtcstats-server/secret-access-key"`
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub secret_access_key_file: Option<PathBuf>,

    /// The key that the four options above give, after their files were read. `None`: the standard chain, see
    /// `credentials`.
    #[serde(skip)]
    pub key_pair: Option<KeyPair>,

    /// Headers for each new object: storage class, encryption, metadata. Some carry keys, so all are kept out of sight.
    /// `{ "x-amz-storage-class" = "STANDARD_IA", "x-amz-server-side-encryption" = "AES256" }`
    pub headers: BTreeMap<String, Secret>,
}

impl Default for S3Options {
    fn default() -> Self {
        S3Options {
            bucket: String::new(),
            endpoint: None,
            region: None,
            path_style: PathStyle::WhereNeeded,
            key: KeyTemplate::DEFAULT.to_string(),
            access_key_id: None,
            access_key_id_file: None,
            secret_access_key: None,
            secret_access_key_file: None,
            key_pair: None,
            headers: BTreeMap::new(),
        }
    }
}

/// Where in a URL the bucket's name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "bool")]
pub enum PathStyle {
    /// In the path.
    Always,
    /// In the path only if it cannot be in front of the host's name.
    WhereNeeded,
}

impl From<bool> for PathStyle {
    fn from(is_always: bool) -> Self {
        if is_always {
            PathStyle::Always
        } else {
            PathStyle::WhereNeeded
        }
    }
}

impl From<PathStyle> for bool {
    fn from(style: PathStyle) -> Self {
        style == PathStyle::Always
    }
}

/// A configured access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPair {
    pub id: Secret,
    pub secret: Secret,
}

/// Where the bucket is.
#[derive(Debug, Clone)]
pub struct Address {
    pub bucket: String,
    pub region: String,
    /// Scheme, host, the port if it is not the scheme's default, and perhaps a path; no slash at the end.
    pub endpoint: String,
    pub path_style: bool,
}

/// The configured headers, grouped by the requests that need them.
#[derive(Debug, Clone)]
pub struct Headers {
    /// For the request that makes an object.
    pub create: HeaderMap,
    /// For all other requests: the headers without which a store does not even answer.
    pub always: HeaderMap,
}

impl Address {
    /// # Errors
    /// The first option that is not valid.
    pub fn new(options: &S3Options) -> Result<Address, Unfit> {
        check_bucket(&options.bucket)?;
        let region = options.region.clone().or_else(region_of_environment);
        let region = region.unwrap_or_else(|| REGION_DEFAULT.to_owned());
        if region.is_empty() || !region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(Unfit::new("region", "is no region; write it like \"eu-central-1\""));
        }
        let endpoint = match &options.endpoint {
            Some(endpoint) => checked_endpoint(endpoint)?,
            None => amazon(&region),
        };
        let host = endpoint.split_once("://").map_or("", |(_, rest)| rest);
        let plain_name = !options.bucket.contains(['.', '_']) && !options.bucket.contains(char::is_uppercase);
        Ok(Address {
            path_style: options.path_style == PathStyle::Always || is_ip_address(host) || !plain_name,
            bucket: options.bucket.clone(),
            region,
            endpoint,
        })
    }
}

impl Headers {
    /// # Errors
    /// A name or value that is not valid, or a header that each request has already.
    pub fn new(options: &S3Options) -> Result<Headers, Unfit> {
        let mut headers = Headers {
            create: HeaderMap::new(),
            always: HeaderMap::new(),
        };
        for (name, value) in &options.headers {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Unfit::new("headers", "has a name that HTTP does not allow"))?;
            if OWN_HEADERS.contains(&name.as_str()) {
                return Err(Unfit::new("headers", "has a name that the server sets itself"));
            }
            let mut value = HeaderValue::from_str(value.expose())
                .map_err(|_| Unfit::new("headers", "has a value that HTTP does not allow"))?;
            value.set_sensitive(true);
            if ALWAYS.iter().any(|prefix| name.as_str().starts_with(prefix)) {
                headers.always.insert(name.clone(), value.clone());
            }
            headers.create.insert(name, value);
        }
        Ok(headers)
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

fn region_of_environment() -> Option<String> {
    ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|region| !region.is_empty()))
}

fn amazon(region: &str) -> String {
    let domain = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    format!("https://s3.{region}.{domain}")
}

fn checked_endpoint(endpoint: &str) -> Result<String, Unfit> {
    const FORM: &str = "is no address; write it like \"https://s3.example.org\" or \"http://127.0.0.1:9000\"";
    let endpoint = endpoint.trim_end_matches('/');
    let (scheme, rest) = endpoint.split_once("://").ok_or_else(|| Unfit::new("endpoint", FORM))?;
    let own_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return Err(Unfit::new("endpoint", FORM)),
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_plain = |text: &str, further: &[u8]| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b) || further.contains(&b))
    };
    if host.is_empty() || !is_plain(host, b":[]") || !is_plain(path, b"/") {
        return Err(Unfit::new("endpoint", FORM));
    }
    // The library signs the port given here, but never sends the scheme's default port.
    let host = host.strip_suffix(own_port).unwrap_or(host);
    Ok(format!("{scheme}://{host}{path}"))
}

fn is_ip_address(host: &str) -> bool {
    let host = host.split('/').next().unwrap_or(host);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    host.starts_with('[') || name.parse::<IpAddr>().is_ok()
}

/// The region that Amazon's own tools use when none is given.
const REGION_DEFAULT: &str = "us-east-1";

/// The limit for old buckets in us-east-1; names of new ones have at most 63 bytes.
const BUCKET_BYTES_MAX: usize = 255;

/// The headers that the client and the library set on each request.
const OWN_HEADERS: [&str; 9] = [
    "host",
    "content-type",
    "content-length",
    "content-md5",
    "date",
    "authorization",
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-security-token",
];

/// The customer's own keys (each part is encrypted with them), who pays, and who must own the bucket.
const ALWAYS: [&str; 3] = [
    "x-amz-server-side-encryption-customer-",
    "x-amz-request-payer",
    "x-amz-expected-bucket-owner",
];

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
    fn headers_go_with_the_requests_that_need_them() {
        let headers = |list: &[(&str, &str)]| {
            let headers = list
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
            Headers::new(&S3Options {
                headers: headers.collect(),
                ..S3Options::default()
            })
        };
        let good = headers(&[
            ("X-Amz-Storage-Class", "STANDARD_IA"),
            ("x-amz-server-side-encryption-customer-key", "horse"),
        ])
        .unwrap();
        assert_eq!((good.create.len(), good.always.len()), (2, 1));
        assert!(!format!("{good:?}").contains("horse"));
        for bad in [("Host", "x"), ("Content-Type", "x"), ("a b", "x"), ("a", "x\ny")] {
            assert_eq!(headers(&[bad]).unwrap_err().key, "headers");
        }
    }
}
