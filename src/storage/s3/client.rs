//! Makes one request to the bucket at a time: signed with valid keys, limited in time, and sorted by cause if it fails.
//!
//! Every request has its own connection, because the library works that way, and is made once; trying again is decided
//! elsewhere. A server that accepts and never answers costs at most 30 s for connecting or for one silent read (the
//! library's limit), and at most `S3_REQUEST_S_MAX` in all, however slowly it takes or gives bytes. Files are handled
//! elsewhere, and errors contain no keys of objects.
use std::time::Duration;

use attohttpc::header::HeaderMap;
use s3::error::S3Error;
use s3::serde_types::Part;
use s3::{Bucket, Region};

use super::credentials::Credentials;
use super::error::{Blame, Error};
use super::options::{Address, Headers, S3Options};
use crate::limits::S3_REQUEST_S_MAX;
use crate::unfit::Unfit;

/// The bucket, and what is needed to speak to it.
#[derive(Debug)]
pub struct Client {
    address: Address,
    headers: Headers,
    credentials: Credentials,
}

impl Client {
    /// Contacts nobody yet.
    ///
    /// # Errors
    /// The first option that is not valid.
    pub fn new(options: S3Options) -> Result<Client, Unfit> {
        // The library's own retries would hide how long a failure lasts, and multiply every time limit.
        s3::set_retries(0);
        Ok(Client {
            address: Address::new(&options)?,
            headers: Headers::new(&options)?,
            credentials: Credentials::new(options.key_pair),
        })
    }

    /// The URL below which all objects are, with a slash at the end.
    pub fn base(&self) -> String {
        let Address {
            bucket,
            endpoint,
            path_style,
            ..
        } = &self.address;
        match endpoint.split_once("://") {
            Some((scheme, host)) if !path_style => format!("{scheme}://{bucket}.{host}/"),
            _ => format!("{endpoint}/{bucket}/"),
        }
    }

    /// Stores a whole object. Takes its bytes; the library makes one more copy of them.
    pub fn put(&self, key: &str, content: Vec<u8>) -> Result<(), Error> {
        self.ask(&self.headers.always, |bucket| {
            let request = bucket
                .put_object_builder(key, &content)
                .with_content_type(CONTENT_TYPE)
                .with_headers(self.headers.create.clone());
            drop(content);
            request.execute().map(drop)
        })
    }

    /// Whether an object is there.
    pub fn exists(&self, key: &str) -> Result<bool, Error> {
        match self.ask(&self.headers.always, |bucket| bucket.head_object(key)) {
            Ok(_) => Ok(true),
            Err(error) if error.is_missing() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Asks for the bucket itself, which tells a missing bucket from a missing object.
    pub fn probe(&self) -> Result<(), Error> {
        self.ask(&self.headers.always, |bucket| bucket.head_object("/"))
            .map(drop)
    }

    pub fn delete(&self, key: &str) -> Result<(), Error> {
        self.ask(&self.headers.always, |bucket| bucket.delete_object(key))
            .map(drop)
    }

    /// Begins an upload in parts and returns its id.
    pub fn begin(&self, key: &str) -> Result<String, Error> {
        self.ask(&self.headers.create, |bucket| {
            bucket
                .initiate_multipart_upload(key, CONTENT_TYPE)
                .map(|answer| answer.upload_id)
        })
    }

    /// Sends one part, counted from 1.
    pub fn part(&self, key: &str, upload: &str, number: u32, content: &[u8]) -> Result<Part, Error> {
        self.ask(&self.headers.always, |bucket| {
            bucket.put_multipart_chunk(content, key, number, upload, CONTENT_TYPE)
        })
    }

    /// Joins the parts into one object.
    pub fn complete(&self, key: &str, upload: &str, parts: Vec<Part>) -> Result<(), Error> {
        self.ask(&self.headers.always, |bucket| {
            bucket.complete_multipart_upload(key, upload, parts).map(drop)
        })
    }

    /// Removes an upload and its parts. One that is already gone counts as removed.
    pub fn abort(&self, key: &str, upload: &str) -> Result<(), Error> {
        match self.ask(&self.headers.always, |bucket| bucket.abort_upload(key, upload)) {
            Err(error) if !error.is_missing() => Err(error),
            _ => Ok(()),
        }
    }

    /// The ids of all uploads in parts for exactly this key.
    pub fn uploads(&self, key: &str) -> Result<Vec<String>, Error> {
        let pages = self.ask(&self.headers.always, |bucket| {
            bucket.list_multiparts_uploads(Some(key), None)
        })?;
        let uploads = pages.into_iter().flat_map(|page| page.uploads);
        Ok(uploads
            .filter(|upload| upload.key == key)
            .map(|upload| upload.id)
            .collect())
    }

    fn ask<T>(&self, headers: &HeaderMap, request: impl FnOnce(&Bucket) -> Result<T, S3Error>) -> Result<T, Error> {
        let keys = self.credentials.get().map_err(|fault| Error::credentials(&fault))?;
        let region = Region::Custom {
            region: self.address.region.clone(),
            endpoint: self.address.endpoint.clone(),
        };
        let mut bucket = Bucket::new(&self.address.bucket, region, keys)?.with_extra_headers(headers.clone())?;
        if self.address.path_style {
            bucket.set_path_style();
        }
        bucket.set_request_timeout(Some(Duration::from_secs(S3_REQUEST_S_MAX)));
        request(&bucket).map_err(|error| {
            let error = Error::from(error);
            if error.blame == Blame::Credentials {
                self.credentials.refused();
            }
            error
        })
    }
}

/// RFC 6713.
const CONTENT_TYPE: &str = "application/gzip";
