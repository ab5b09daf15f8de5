//! What the mock keeps: buckets with objects in versions, and uploads in parts. Everything is in memory.
//!
//! Buckets may have versions, locked versions, or an encryption that makes ETags something else than MD5. Limit: one
//! owner, one storage class, no lists of parts.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::request::Request;
use super::signature::hex;

/// Whether a bucket keeps what is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versioning {
    #[default]
    Off,
    On,
    /// Nobody may delete a version. The bucket has versions, too.
    Locked,
}

/// How a bucket encrypts, which decides what an ETag is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// An ETag is the MD5.
    #[default]
    Plain,
    /// An ETag of 32 hex digits that is no MD5; the answer names `aws:kms`.
    Kms,
}

#[derive(Clone, Debug)]
pub struct Version {
    pub id: String,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Object {
        bytes: Vec<u8>,
        etag: String,
        kind: String,
    },
    /// What a delete without a version leaves in a bucket with versions.
    Marker,
}

#[derive(Clone, Debug, Default)]
pub struct Bucket {
    pub versioning: Versioning,
    pub encryption: Encryption,
    /// Of each key the versions, newest last.
    pub keys: BTreeMap<String, Vec<Version>>,
}

#[derive(Clone, Debug)]
pub struct Upload {
    pub bucket: String,
    pub key: String,
    pub id: String,
    pub kind: String,
    /// Bytes and ETag by number.
    pub parts: BTreeMap<u32, (Vec<u8>, String)>,
}

#[derive(Clone, Debug, Default)]
pub struct Store {
    pub buckets: BTreeMap<String, Bucket>,
    pub uploads: Vec<Upload>,
    /// The ids of uploads that were completed and aborted.
    pub completed: Vec<String>,
    pub aborted: Vec<String>,
    /// The next upload gets the first of these ids; without one, a number.
    pub upload_ids: Vec<String>,
    /// The most entries in one page of a list, if it is not zero: fewer than are asked for.
    pub page: usize,
    count: usize,
}

/// What a delete has done.
pub struct Deleted {
    pub version: Option<String>,
    pub is_marker: bool,
}

impl Bucket {
    /// The newest version, if it is an object.
    pub fn newest(&self, key: &str) -> Option<&Version> {
        self.keys.get(key).and_then(|versions| versions.last())
    }

    pub fn version(&self, key: &str, id: &str) -> Option<&Version> {
        self.keys.get(key)?.iter().find(|version| version.id == id)
    }

    pub fn has_versions(&self) -> bool {
        self.versioning != Versioning::Off
    }

    /// Returns the new version's id and ETag.
    fn add(
        &mut self,
        key: &str,
        bytes: Vec<u8>,
        etag: Option<String>,
        kind: String,
        number: usize,
    ) -> (String, String) {
        let etag = match self.encryption {
            Encryption::Plain => etag.unwrap_or_else(|| md5(&bytes)),
            Encryption::Kms => md5(format!("{number} kms").as_bytes()),
        };
        let content = Content::Object {
            bytes,
            etag: etag.clone(),
            kind,
        };
        (self.push(key, content, number), etag)
    }

    fn push(&mut self, key: &str, content: Content, number: usize) -> String {
        let id = if self.has_versions() {
            format!("v{number}/+=.a&b")
        } else {
            "null".to_owned()
        };
        let versions = self.keys.entry(key.to_owned()).or_default();
        versions.retain(|version| version.id != id);
        versions.push(Version {
            id: id.clone(),
            content,
        });
        id
    }
}

impl Store {
    pub fn put(&mut self, bucket: &str, key: &str, request: &Request) -> Option<(String, String)> {
        let number = self.next();
        let kind = request.header("content-type").unwrap_or_default();
        let bucket = self.buckets.get_mut(bucket)?;
        Some(bucket.add(key, request.body.clone(), None, kind, number))
    }

    /// `None`: this version may not be deleted.
    pub fn delete(&mut self, bucket: &str, key: &str, version: Option<&str>) -> Option<Deleted> {
        let number = self.next();
        let bucket = self.buckets.get_mut(bucket)?;
        match version {
            None if bucket.has_versions() => {
                let id = bucket.push(key, Content::Marker, number);
                Some(Deleted {
                    version: Some(id),
                    is_marker: true,
                })
            }
            None => {
                bucket.keys.remove(key);
                Some(Deleted {
                    version: None,
                    is_marker: false,
                })
            }
            Some(id) => {
                let is_marker = bucket
                    .version(key, id)
                    .is_some_and(|found| matches!(found.content, Content::Marker));
                if bucket.versioning == Versioning::Locked && !is_marker {
                    return None;
                }
                if let Some(versions) = bucket.keys.get_mut(key) {
                    versions.retain(|version| version.id != id);
                }
                bucket.keys.retain(|_, versions| !versions.is_empty());
                Some(Deleted {
                    version: Some(id.to_owned()),
                    is_marker,
                })
            }
        }
    }

    pub fn begin(&mut self, bucket: &str, key: &str, kind: String) -> String {
        let number = self.next();
        let id = match self.upload_ids.is_empty() {
            true => format!("upload-{number}"),
            false => self.upload_ids.remove(0),
        };
        self.uploads.push(Upload {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            id: id.clone(),
            kind,
            parts: BTreeMap::new(),
        });
        id
    }

    pub fn upload(&mut self, bucket: &str, key: &str, id: &str) -> Option<&mut Upload> {
        let mut uploads = self.uploads.iter_mut();
        uploads.find(|upload| upload.bucket == bucket && upload.key == key && upload.id == id)
    }

    /// Takes the upload out of the list.
    pub fn end(&mut self, bucket: &str, key: &str, id: &str) -> Option<Upload> {
        let is_it = |upload: &Upload| upload.bucket == bucket && upload.key == key && upload.id == id;
        let at = self.uploads.iter().position(is_it)?;
        Some(self.uploads.remove(at))
    }

    /// Makes one object of the parts. Returns the version's id and the ETag.
    pub fn complete(&mut self, upload: Upload) -> Option<(String, String)> {
        let number = self.next();
        let (mut bytes, mut hashes) = (Vec::new(), Vec::new());
        for (part, _) in upload.parts.values() {
            bytes.extend_from_slice(part);
            hashes.extend_from_slice(&Md5::digest(part));
        }
        let etag = format!("{}-{}", md5(&hashes), upload.parts.len());
        self.completed.push(upload.id);
        let bucket = self.buckets.get_mut(&upload.bucket)?;
        Some(bucket.add(&upload.key, bytes, Some(etag), upload.kind, number))
    }

    fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }
}

/// As in an ETag.
pub fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// As in the header `Content-MD5`.
pub fn content_md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}
