//! Lists of a bucket: objects, versions, uploads. Each has pages of as many entries as the request asks for, 1,000 at
//! most.

use std::fmt::Write;

use super::answer::{Reply, escaped};
use super::request::Request;
use super::signature::percent;
use super::store::{Content, Store, Versioning};

/// An entry by the two words that name it, and its element.
type Entry = ((String, String), String);

/// The outermost element, and the names by which pages follow each other.
struct Pages {
    element: &'static str,
    limit: &'static str,
    key: &'static str,
    second: &'static str,
    next_second: &'static str,
}

pub fn list(store: &Store, request: &Request, bucket: &str) -> Reply {
    let has = |name: &str| request.parameter(name).is_some();
    if has("location") {
        return Reply::xml(200, "<LocationConstraint></LocationConstraint>");
    }
    if has("versioning") {
        let status = match store.buckets[bucket].versioning {
            Versioning::Off => "",
            Versioning::On | Versioning::Locked => "<Status>Enabled</Status>",
        };
        return Reply::xml(
            200,
            &format!("<VersioningConfiguration>{status}</VersioningConfiguration>"),
        );
    }
    let (pages, entries) = if has("uploads") {
        (&UPLOADS, uploads(store, request, bucket))
    } else if has("versions") {
        (&VERSIONS, versions(store, request, bucket))
    } else {
        (&OBJECTS, objects(store, request, bucket))
    };
    let limit = match store.page {
        0 => 1_000,
        fewer => fewer,
    };
    page(pages, entries, request, bucket, limit)
}

fn page(pages: &Pages, mut entries: Vec<Entry>, request: &Request, bucket: &str, limit_max: usize) -> Reply {
    let asked = |name: &str| request.parameter(name).unwrap_or_default();
    let limit = asked(pages.limit).parse().unwrap_or(limit_max).min(limit_max);
    let after = (asked(pages.key), asked(pages.second));
    if !after.0.is_empty() {
        // Without a second marker, or with one that is gone, all entries of the key are behind.
        let at = entries.iter().position(|(order, _)| *order == after);
        let at = at.map_or_else(|| entries.partition_point(|(order, _)| order.0 <= after.0), |at| at + 1);
        entries.drain(..at);
    }
    let is_cut = entries.len() > limit;
    entries.truncate(limit);
    let mut inner = format!("<Name>{bucket}</Name><Bucket>{bucket}</Bucket><IsTruncated>{is_cut}</IsTruncated>");
    let _ = write!(inner, "<Prefix>{}</Prefix>", escaped(&asked("prefix")));
    if asked("encoding-type") == "url" {
        inner += "<EncodingType>url</EncodingType>";
    }
    if let (true, Some((order, _))) = (is_cut, entries.last()) {
        let (key, second) = (shown(request, &order.0), escaped(&order.1));
        let name = pages.next_second;
        let _ = write!(inner, "<NextKeyMarker>{key}</NextKeyMarker><{name}>{second}</{name}>");
    }
    inner.extend(entries.into_iter().map(|(_, element)| element));
    let name = pages.element;
    Reply::xml(200, &format!("<{name}>{inner}</{name}>"))
}

fn objects(store: &Store, request: &Request, bucket: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    for (key, versions) in fitting(store, request, bucket) {
        if let Some(Content::Object { bytes, .. }) = versions.last().map(|version| &version.content) {
            let (key_shown, size) = (shown(request, key), bytes.len());
            let element = format!("<Contents><Key>{key_shown}</Key><Size>{size}</Size></Contents>");
            found.push(((key.clone(), String::new()), element));
        }
    }
    found
}

fn versions(store: &Store, request: &Request, bucket: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    for (key, versions) in fitting(store, request, bucket) {
        let newest = versions.last().map(|version| version.id.as_str());
        for version in versions.iter().rev() {
            let name = match version.content {
                Content::Object { .. } => "Version",
                Content::Marker => "DeleteMarker",
            };
            let (id, latest) = (escaped(&version.id), newest == Some(&version.id));
            let inner = format!(
                "<Key>{}</Key><VersionId>{id}</VersionId><IsLatest>{latest}</IsLatest>",
                shown(request, key)
            );
            found.push(((key.clone(), version.id.clone()), format!("<{name}>{inner}</{name}>")));
        }
    }
    found
}

fn uploads(store: &Store, request: &Request, bucket: &str) -> Vec<Entry> {
    let prefix = request.parameter("prefix").unwrap_or_default();
    let uploads = store.uploads.iter();
    let here = uploads.filter(|upload| upload.bucket == bucket && upload.key.starts_with(&prefix));
    let mut found: Vec<Entry> = here
        .map(|upload| {
            let (key, id) = (shown(request, &upload.key), escaped(&upload.id));
            let element = format!(
                "<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiator><ID>i</ID></Initiator><Owner><ID>o</ID></Owner>\
                 <StorageClass>STANDARD</StorageClass><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>"
            );
            ((upload.key.clone(), upload.id.clone()), element)
        })
        .collect();
    found.sort();
    found
}

fn fitting<'a>(
    store: &'a Store,
    request: &Request,
    bucket: &str,
) -> impl Iterator<Item = (&'a String, &'a Vec<super::store::Version>)> {
    let prefix = request.parameter("prefix").unwrap_or_default();
    let keys = store.buckets[bucket].keys.iter();
    keys.filter(move |(key, _)| key.starts_with(&prefix))
}

/// As the request wants keys: encoded for a URL, or as text.
fn shown(request: &Request, key: &str) -> String {
    match request.parameter("encoding-type").as_deref() {
        Some("url") => percent(key.as_bytes(), b"/"),
        _ => escaped(key),
    }
}

const OBJECTS: Pages = Pages {
    element: "ListBucketResult",
    limit: "max-keys",
    key: "marker",
    second: "marker",
    next_second: "NextMarker",
};

const VERSIONS: Pages = Pages {
    element: "ListVersionsResult",
    limit: "max-keys",
    key: "key-marker",
    second: "version-id-marker",
    next_second: "NextVersionIdMarker",
};

const UPLOADS: Pages = Pages {
    element: "ListMultipartUploadsResult",
    limit: "max-uploads",
    key: "key-marker",
    second: "upload-id-marker",
    next_second: "NextUploadIdMarker",
};
