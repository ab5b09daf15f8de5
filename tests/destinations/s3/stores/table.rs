//! The stores that were tried: how each is set up, what is odd about it, and how it is imitated here.
//!
//! `docs/stores.md` is made from this table. What is imitated answers as the store's documents and its users' reports
//! say; what is real is the program itself.

use support::StrictS3;
use support::strict_s3::{Answer, Reply, Request, Versioning};

/// Where the bucket's name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// In front of the host's name, if the host is no address.
    Host,
    /// In the path: `path_style = true`.
    Path,
}

/// What was spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// `StrictS3` with this store's answers.
    Imitated,
    /// The program itself, by this name among the tools.
    Real(&'static str),
}

pub struct Kind {
    pub name: &'static str,
    /// As it stands in `storage.s3.endpoint`; empty for none.
    pub endpoint: &'static str,
    pub region: &'static str,
    pub style: Style,
    pub tried: Tried,
    /// What an operator should know, in one line.
    pub note: &'static str,
    pub prepare: fn(&StrictS3),
    pub script: fn(&Request) -> Option<Answer>,
}

const PLAIN: Kind = Kind {
    name: "",
    endpoint: "",
    region: "us-east-1",
    style: Style::Path,
    tried: Tried::Imitated,
    note: "",
    prepare: |_| {},
    script: |_| None,
};

pub const KINDS: [Kind; 12] = [
    Kind {
        name: "Amazon S3",
        style: Style::Host,
        note: "Nothing to set but the region. Versions and object lock: see below. A bucket may encrypt by default.",
        ..PLAIN
    },
    Kind {
        name: "Amazon S3, versioned bucket",
        style: Style::Host,
        note: "Erasing removes every version; the key needs `s3:ListBucketVersions` and `s3:DeleteObjectVersion`.",
        prepare: |store| versioned(store, Versioning::On),
        ..PLAIN
    },
    Kind {
        name: "Cloudflare R2",
        endpoint: "https://ACCOUNT.r2.cloudflarestorage.com",
        region: "auto",
        note: "Ids of uploads are Base64 and go encoded into URLs. It keeps no versions.",
        prepare: |store| ids(store, &["AB+c/d==", "ALFh/5aS+Zk=="]),
        script: no_versions,
        ..PLAIN
    },
    Kind {
        name: "Backblaze B2",
        endpoint: "https://s3.REGION.backblazeb2.com",
        region: "us-west-004",
        style: Style::Host,
        note: "Each bucket keeps versions, so the key needs the right to list and delete them, or erasing fails and says so.",
        prepare: |store| {
            versioned(store, Versioning::On);
            ids(store, &["4_z27c88f1d182b150646ff0b16_f1004ba650fe24e6b_d20120812"]);
        },
        ..PLAIN
    },
    Kind {
        name: "Google Cloud Storage",
        endpoint: "https://storage.googleapis.com",
        region: "auto",
        note: "With an HMAC key. Switch soft delete off for the bucket: otherwise what is erased can be restored for days, \
               which no request shows. An object that is gone is answered 404, which counts as erased. Where the bucket keeps \
               older generations (object versioning), erasing fails and says so; to ask that, the key needs \
               `storage.buckets.get`.",
        script: |request| match request.method.as_str() {
            "DELETE" if request.parameter("uploadId").is_none() => Some(Answer::Alter(Box::new(missing_after))),
            "PUT" | "HEAD" => Some(Answer::Alter(Box::new(|reply| reply.with("x-goog-generation", "1")))),
            _ => None,
        },
        ..PLAIN
    },
    Kind {
        name: "Ceph (RADOS gateway)",
        endpoint: "https://rgw.example.org",
        region: "default",
        note: "`region` is the zone group's API name. Host names work only where `rgw_dns_name` is set.",
        prepare: |store| ids(store, &["2~Xl+M/iszJktw=="]),
        script: |request| {
            let is_bucket = request.method == "HEAD" && !request.target.contains(".gz");
            is_bucket.then(|| Answer::Alter(Box::new(|reply| reply.with("x-rgw-object-count", "0"))))
        },
        ..PLAIN
    },
    Kind {
        name: "Garage",
        endpoint: "https://garage.example.org",
        region: "garage",
        note: "`region` is its `s3_region`. Host names work only where `root_domain` is set. It keeps no versions.",
        script: no_versions,
        ..PLAIN
    },
    Kind {
        name: "SeaweedFS",
        endpoint: "http://127.0.0.1:8333",
        note: "Its lists of uploads lack owners and dates, which are not needed.",
        script: |request| match request.parameter("uploads") {
            Some(_) if request.method == "GET" => Some(Answer::Alter(Box::new(sparse))),
            _ => None,
        },
        ..PLAIN
    },
    Kind {
        name: "MinIO",
        endpoint: "http://127.0.0.1:9000",
        note: "Host names work only where `MINIO_DOMAIN` is set.",
        prepare: |store| ids(store, &["ZDk3ZGM5YmYtMTIzNC5mMjM0NTY3OC05YWJj"]),
        ..PLAIN
    },
    Kind {
        name: "MinIO, bucket with object lock",
        endpoint: "http://127.0.0.1:9000",
        note: "Dumps are stored (with Content-MD5, which a lock asks for). Erasing fails until the retention is over, and \
               says so; the row stays.",
        prepare: |store| versioned(store, Versioning::Locked),
        ..PLAIN
    },
    Kind {
        name: "a gateway that encrypts",
        endpoint: "https://gateway.example.org",
        note: "Its ETags look like MD5 and are not: each object is read back and compared, which needs `s3:GetObject`.",
        script: |request| {
            let etag = "\"0123456789abcdef0123456789abcdef\"";
            let is_stored = request.method == "PUT" && request.parameter("uploadId").is_none();
            is_stored.then(|| Answer::Alter(Box::new(move |reply| reply.with("ETag", etag))))
        },
        ..PLAIN
    },
    Kind {
        name: "s3s-fs",
        endpoint: "http://127.0.0.1:8014",
        tried: Tried::Real("s3s-fs"),
        note: "A folder behind S3's protocol.",
        ..PLAIN
    },
];

fn versioned(store: &StrictS3, versioning: Versioning) {
    store.change(|store| store.buckets.get_mut("dumps").expect("it is there").versioning = versioning);
}

fn ids(store: &StrictS3, ids: &[&str]) {
    store.change(|store| store.upload_ids = ids.iter().map(|id| (*id).to_owned()).collect());
}

fn no_versions(request: &Request) -> Option<Answer> {
    let asked = ["versions", "versioning"]
        .iter()
        .any(|name| request.parameter(name).is_some());
    asked.then(|| Reply::error(501, "NotImplemented").into())
}

/// Each delete is carried out, and told as if the object had been gone.
fn missing_after(_: Reply) -> Reply {
    Reply::error(404, "NoSuchKey")
}

/// A list of uploads with keys and ids only.
fn sparse(list: Reply) -> Reply {
    let text = String::from_utf8(list.body.clone()).expect("text");
    let odd = "<Initiator><ID>i</ID></Initiator><Owner><ID>o</ID></Owner><StorageClass>STANDARD</StorageClass>";
    list.body(&text.replace(odd, ""))
}
