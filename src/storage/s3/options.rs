//! What an operator configures about a bucket, and its headers, checked.
//!
//! This file makes no connections. Failures: [`Unfit`], which names the key of the configuration and never quotes a
//! value that may be a secret.
use std::collections::BTreeMap;
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
    /// s3:ListBucketMultipartUploads; for erasing s3:DeleteObject, and in a bucket with versions s3:ListBucketVersions
    /// and s3:DeleteObjectVersion; so that a missing bucket is told from a forbidden one, s3:ListBucket; and where the
    /// store's ETags are no check sums, s3:GetObject. Without a key here the standard chain holds: environment
    /// (AWS_ACCESS_KEY_ID ...), profile, web identity, container, instance metadata.
    ///
    /// Example: `access_key_id = "..."`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<Secret>,

    /// The same from a file. Either half may be in one, so that this one holds no secret. Both files are read anew for
    /// each request: keys may be replaced while the server runs.
    ///
    /// Example: `access_key_id_file = "/etc/rtcstats-server/access-key-id"`
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_path")]
    pub access_key_id_file: Option<PathBuf>,

    /// The key's other half.
    ///
    /// Example: `secret_access_key = "..."`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<Secret>,

    /// The same from a file, which is read anew for each request.
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

/// The configured headers, grouped by the requests that need them.
#[derive(Debug, Clone)]
pub struct Headers {
    /// For the request that makes an object.
    pub create: HeaderMap,
    /// For all other requests: the headers without which a store does not even answer.
    pub always: HeaderMap,
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
