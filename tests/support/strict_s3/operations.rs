//! Carries a request out: the operations of S3 that a collector and its operator need, as the API reference has them.
//!
//! Failures: an answer with the code of the reference. What is not known here is answered 501.

use super::answer::{Reply, escaped};
use super::lists;
use super::request::Request;
use super::signature::percent;
use super::store::{Content, Encryption, Store, Upload, Version, Versioning, content_md5, md5};

/// Bucket and key that a request is about. Both may be empty.
pub struct Place {
    pub bucket: String,
    pub key: String,
}

impl Place {
    /// The bucket is before `domain` in the host, or the first segment of the path.
    pub fn of(request: &Request, domain: Option<&str>) -> Place {
        let host = request.header("host").unwrap_or_default().to_ascii_lowercase();
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let path = request.path();
        let path = path.strip_prefix('/').unwrap_or(&path);
        let before = domain.and_then(|domain| name.strip_suffix(domain)?.strip_suffix('.'));
        let (bucket, key) = match before {
            Some(bucket) => (bucket, path),
            None => path.split_once('/').unwrap_or((path, "")),
        };
        Place {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        }
    }
}

/// What the operation is called where permissions are given.
pub fn action(request: &Request, place: &Place) -> &'static str {
    let has = |name: &str| request.parameter(name).is_some();
    match (request.method.as_str(), place.key.is_empty()) {
        ("PUT", true) => "s3:CreateBucket",
        ("GET", true) if has("uploads") => "s3:ListBucketMultipartUploads",
        ("GET", true) if has("versions") => "s3:ListBucketVersions",
        ("GET", true) if has("versioning") => "s3:GetBucketVersioning",
        (_, true) => "s3:ListBucket",
        ("DELETE", false) if has("uploadId") => "s3:AbortMultipartUpload",
        ("DELETE", false) if has("versionId") => "s3:DeleteObjectVersion",
        ("DELETE", false) => "s3:DeleteObject",
        ("PUT" | "POST", false) => "s3:PutObject",
        (_, false) if has("versionId") => "s3:GetObjectVersion",
        _ => "s3:GetObject",
    }
}

/// Carries out what is allowed and signed.
pub fn act(store: &mut Store, request: &Request, place: &Place) -> Reply {
    let Place { bucket, key } = place;
    let is_bare = request.raw_query().is_empty();
    match (request.method.as_str(), key.is_empty()) {
        ("GET", true) if bucket.is_empty() => Reply::xml(200, "<ListAllMyBucketsResult></ListAllMyBucketsResult>"),
        ("PUT", true) if is_bare => {
            store.buckets.entry(bucket.clone()).or_default();
            Reply::status(200).with("Location", &format!("/{bucket}"))
        }
        _ if !store.buckets.contains_key(bucket) => Reply::error(404, "NoSuchBucket"),
        ("HEAD", true) => Reply::status(200),
        ("GET", true) => lists::list(store, request, bucket),
        ("POST", false) if request.parameter("uploads").is_some() => begin(store, request, place),
        (method, false) => match request.parameter("uploadId") {
            Some(id) => upload(store, request, place, &id),
            None => object(store, method, request, place),
        },
        _ => Reply::error(501, "NotImplemented"),
    }
}

fn object(store: &mut Store, method: &str, request: &Request, place: &Place) -> Reply {
    let version = request.parameter("versionId");
    match method {
        "PUT" => put(store, request, place),
        "DELETE" => delete(store, place, version.as_deref()),
        "GET" | "HEAD" => get(store, request, place, version.as_deref()),
        _ => Reply::error(405, "MethodNotAllowed"),
    }
}

fn put(store: &mut Store, request: &Request, place: &Place) -> Reply {
    if let Some(refused) = check_body(request) {
        return refused;
    }
    let bucket = &store.buckets[&place.bucket];
    let (encryption, versioning) = (bucket.encryption, bucket.versioning);
    let has_sum = request
        .headers
        .iter()
        .any(|(name, _)| name.to_ascii_lowercase().starts_with("x-amz-checksum-"));
    if versioning == Versioning::Locked && !has_sum && request.header("content-md5").is_none() {
        let message = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
        return Reply::error_with(400, "InvalidRequest", message, "");
    }
    let stored = store.put(&place.bucket, &place.key, request);
    let (version, etag) = stored.expect("the bucket was looked for");
    described(Reply::status(200), &version, &etag, encryption)
}

/// A length must be told, and a sum that is sent must be right.
fn check_body(request: &Request) -> Option<Reply> {
    if request.header("content-length").is_none() {
        return Some(Reply::error(411, "MissingContentLength"));
    }
    let sum = request.header("content-md5")?;
    (sum != content_md5(&request.body)).then(|| Reply::error(400, "BadDigest"))
}

fn described(reply: Reply, version: &str, etag: &str, encryption: Encryption) -> Reply {
    let reply = reply.with("ETag", &format!("\"{etag}\""));
    let reply = match encryption {
        Encryption::Plain => reply,
        Encryption::Kms => reply.with("x-amz-server-side-encryption", "aws:kms"),
    };
    match version {
        "null" => reply,
        version => reply.with("x-amz-version-id", version),
    }
}

fn get(store: &Store, request: &Request, place: &Place, version: Option<&str>) -> Reply {
    let bucket = &store.buckets[&place.bucket];
    let found = match version {
        Some(id) => bucket.version(&place.key, id),
        None => bucket.newest(&place.key),
    };
    match found {
        None if version.is_some() => Reply::error(404, "NoSuchVersion"),
        None => Reply::error(404, "NoSuchKey"),
        Some(Version {
            id,
            content: Content::Marker,
        }) => {
            let reply = match version {
                Some(_) => Reply::error(405, "MethodNotAllowed"),
                None => Reply::error(404, "NoSuchKey"),
            };
            reply.with("x-amz-delete-marker", "true").with("x-amz-version-id", id)
        }
        Some(Version {
            id,
            content: Content::Object { bytes, etag, kind },
        }) => {
            let reply = described(Reply::status(200), id, etag, bucket.encryption).with("Content-Type", kind);
            if request.method == "HEAD" {
                return reply.with("Content-Length", &bytes.len().to_string());
            }
            part_of(bytes, request.header("range").as_deref(), reply)
        }
    }
}

/// One range of bytes (RFC 9110, 14.2), or all of them.
fn part_of(bytes: &[u8], range: Option<&str>, reply: Reply) -> Reply {
    let asked = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let Some((first, last)) = asked else {
        let body = bytes.to_vec();
        return Reply { body, ..reply };
    };
    let (first, end): (usize, usize) = (first.parse().expect("a number"), bytes.len());
    let last = last.parse().unwrap_or(usize::MAX).min(end.saturating_sub(1));
    if first >= end {
        return Reply::error(416, "InvalidRange");
    }
    let reply = reply.with("Content-Range", &format!("bytes {first}-{last}/{end}"));
    let body = bytes[first..=last].to_vec();
    Reply {
        status: 206,
        body,
        ..reply
    }
}

fn delete(store: &mut Store, place: &Place, version: Option<&str>) -> Reply {
    let Some(deleted) = store.delete(&place.bucket, &place.key, version) else {
        return Reply::error_with(
            403,
            "AccessDenied",
            "Access Denied because object protected by object lock.",
            "",
        );
    };
    let reply = match deleted.version {
        Some(id) => Reply::status(204).with("x-amz-version-id", &id),
        None => Reply::status(204),
    };
    if deleted.is_marker {
        reply.with("x-amz-delete-marker", "true")
    } else {
        reply
    }
}

fn begin(store: &mut Store, request: &Request, Place { bucket, key }: &Place) -> Reply {
    let id = store.begin(bucket, key, request.header("content-type").unwrap_or_default());
    let (key, id) = (escaped(key), escaped(&id));
    let inner = format!("<Bucket>{bucket}</Bucket><Key>{key}</Key><UploadId>{id}</UploadId>");
    Reply::xml(
        200,
        &format!("<InitiateMultipartUploadResult>{inner}</InitiateMultipartUploadResult>"),
    )
}

fn upload(store: &mut Store, request: &Request, place: &Place, id: &str) -> Reply {
    let Place { bucket, key } = place;
    let Some(found) = store.upload(bucket, key, id) else {
        return Reply::error_with(
            404,
            "NoSuchUpload",
            "no such upload",
            &format!("<UploadId>{}</UploadId>", escaped(id)),
        );
    };
    match request.method.as_str() {
        "PUT" => part(found, request),
        "DELETE" => {
            store.end(bucket, key, id);
            store.aborted.push(id.to_owned());
            Reply::status(204)
        }
        "POST" => complete(store, request, place, id),
        _ => Reply::error(405, "MethodNotAllowed"),
    }
}

fn part(upload: &mut Upload, request: &Request) -> Reply {
    if let Some(refused) = check_body(request) {
        return refused;
    }
    let number = request.parameter("partNumber").and_then(|number| number.parse().ok());
    let Some(number) = number.filter(|number| (1..=10_000).contains(number)) else {
        return Reply::error(400, "InvalidArgument");
    };
    let etag = md5(&request.body);
    upload.parts.insert(number, (request.body.clone(), etag.clone()));
    Reply::status(200).with("ETag", &format!("\"{etag}\""))
}

/// All parts must be named in their order with their ETags, and all but the last have 5 MiB.
fn complete(store: &mut Store, request: &Request, place: &Place, id: &str) -> Reply {
    const PART_BYTES_MIN: usize = 5 * 1024 * 1024;
    let Place { bucket, key } = place;
    let body = String::from_utf8_lossy(&request.body).replace("&quot;", "\"");
    let named: Vec<(u32, String)> = body.split("<Part>").skip(1).filter_map(named_part).collect();
    let upload = store.end(bucket, key, id).expect("it was looked for");
    let kept = upload.parts.iter().map(|(number, (_, etag))| (*number, etag.clone()));
    let mut but_last = upload.parts.values().rev().skip(1);
    let refused = if named.is_empty() {
        Some("MalformedXML")
    } else if !named.is_sorted_by_key(|(number, _)| *number) {
        Some("InvalidPartOrder")
    } else if !kept.eq(named) {
        Some("InvalidPart")
    } else if but_last.any(|(bytes, _)| bytes.len() < PART_BYTES_MIN) {
        Some("EntityTooSmall")
    } else {
        None
    };
    if let Some(code) = refused {
        store.uploads.push(upload);
        return Reply::error(400, code);
    }
    let (version, etag) = store.complete(upload).expect("the bucket was looked for");
    let url = percent(key.as_bytes(), b"/");
    let inner = format!(
        "<Location>http://{bucket}/{url}</Location><Bucket>{bucket}</Bucket><Key>{}</Key><ETag>\"{etag}\"</ETag>",
        escaped(key)
    );
    let reply = Reply::xml(
        200,
        &format!("<CompleteMultipartUploadResult>{inner}</CompleteMultipartUploadResult>"),
    );
    match version.as_str() {
        "null" => reply,
        version => reply.with("x-amz-version-id", version),
    }
}

fn named_part(text: &str) -> Option<(u32, String)> {
    let within = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(value, _)| value.trim())
    };
    Some((
        within("PartNumber")?.parse().ok()?,
        within("ETag")?.trim_matches('"').to_owned(),
    ))
}
