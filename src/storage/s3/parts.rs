//! What is asked about uploads in parts.
//!
//! An upload's id is an opaque text of the store's (some are Base64): it goes into the query percent-encoded, once, and
//! everywhere else as it came. Failures: [`Error`].
use s3::serde_types::{CompleteMultipartUploadData, Part};

use super::client::{Call, Client, Makes};
use super::error::{Error, is_web_page};
use super::objects::{Receipt, content_type};
use super::transport::Method;
use super::xml::{self, Begun, Completed, Uploads};
use crate::limits::S3_LIST_PAGES_MAX;

impl Client {
    /// Begins an upload in parts and returns its id.
    pub fn begin(&self, key: &str) -> Result<String, Error> {
        let answer = self.ask(&Call {
            makes: Makes::Object,
            content_type: Some(content_type(key)),
            ..Call::new(Method::Post, key, &[("uploads", "")], &[])
        })?;
        let begun = xml::read::<Begun>(&answer.body, &["InitiateMultipartUploadResult"]);
        match begun.filter(|begun| !begun.upload_id.is_empty()) {
            Some(begun) => Ok(begun.upload_id),
            None => Err(self.hinted(Error::odd(&answer, "the answer gives no id for an upload in parts"))),
        }
    }

    /// Sends one part, counted from 1.
    pub fn part(&self, key: &str, upload: &str, number: u32, content: &[u8]) -> Result<(Receipt, Part), Error> {
        let count = number.to_string();
        let query = [("partNumber", count.as_str()), ("uploadId", upload)];
        let answer = self.ask(&Call::new(Method::Put, key, &query, content))?;
        let receipt = self.receipt(&answer, content)?;
        Ok((
            receipt,
            Part {
                part_number: number,
                etag: escaped(answer.header("etag").unwrap_or_default()),
            },
        ))
    }

    /// Joins the parts into one object.
    pub fn complete(&self, key: &str, upload: &str, parts: Vec<Part>) -> Result<Receipt, Error> {
        let body = CompleteMultipartUploadData { parts }.to_string();
        let answer = self.ask(&Call {
            content_type: Some("application/xml"),
            ..Call::new(Method::Post, key, &[("uploadId", upload)], body.as_bytes())
        })?;
        match xml::read::<Completed>(&answer.body, &["CompleteMultipartUploadResult"]) {
            Some(Completed { etag: Some(_) }) if answer.status == 200 => Ok(Receipt::Fits),
            Some(_) if answer.status == 200 => Ok(Receipt::Doubtful),
            _ => Err(self.hinted(Error::odd(&answer, "the answer does not say that the parts are joined"))),
        }
    }

    /// Removes an upload and its parts. One that the store says to be gone counts as removed.
    pub fn abort(&self, key: &str, upload: &str) -> Result<(), Error> {
        match self.ask(&Call::new(Method::Delete, key, &[("uploadId", upload)], &[])) {
            Ok(answer) if matches!(answer.status, 200 | 204) && !is_web_page(&answer) => Ok(()),
            Ok(answer) => Err(Error::odd(
                &answer,
                "the answer does not say that the upload in parts is removed",
            )),
            Err(error) if error.is_upload_missing() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The ids of all uploads in parts for exactly this key.
    pub fn uploads(&self, key: &str) -> Result<Vec<String>, Error> {
        let (mut found, mut at) = (Vec::new(), None::<(String, String)>);
        for _ in 0..S3_LIST_PAGES_MAX {
            let mut query = vec![("uploads", ""), ("prefix", key)];
            if let Some((key, upload)) = &at {
                query.extend([("key-marker", key.as_str()), ("upload-id-marker", upload.as_str())]);
            }
            query.retain(|(name, value)| *name != "upload-id-marker" || !value.is_empty());
            let answer = self.ask(&Call::new(Method::Get, "", &query, &[]))?;
            let page: Uploads = xml::read(&answer.body, &["ListMultipartUploadsResult"])
                .ok_or_else(|| Error::odd(&answer, "its list of uploads was not understood"))?;
            let ours = page.uploads.into_iter().filter(|upload| upload.key == key);
            found.extend(ours.map(|upload| upload.upload_id));
            match page.next_key_marker.filter(|next| next.as_str() <= key) {
                Some(next) if xml::goes_on(page.is_truncated.as_ref()) => {
                    at = Some((next, page.next_upload_id_marker.unwrap_or_default()));
                }
                _ => break,
            }
        }
        Ok(found)
    }

    /// Says once that parts of unfinished uploads may stay.
    pub fn uploads_stay(&self, error: &Error) {
        self.warn_once(&format!(
            "parts of unfinished uploads cannot be found or removed ({error}); grant s3:ListBucketMultipartUploads and \
             s3:AbortMultipartUpload, or let a lifecycle rule of the bucket remove them"
        ));
    }
}

/// The library writes an ETag into XML as it is.
fn escaped(etag: &str) -> String {
    etag.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
