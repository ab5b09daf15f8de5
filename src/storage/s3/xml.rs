//! The few members of a store's XML answers that are needed; all others may be absent or anything.
//!
//! Stores leave out what they do not keep (owners, storage classes, dates, even the bucket), so a structure here has
//! only what a request of ours depends on. The name of the outermost element is compared, so that no web page counts as
//! an empty list. Limits: the answer's length, which the transport bounds. Failures: `None` for whatever does not fit.
use quick_xml::events::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The answer to CreateMultipartUpload.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Begun {
    pub upload_id: String,
}

/// The answer to CompleteMultipartUpload.
#[derive(Deserialize)]
pub struct Completed {
    #[serde(rename = "ETag")]
    pub etag: Option<String>,
}

/// One page of ListMultipartUploads.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Uploads {
    #[serde(rename = "Upload", default)]
    pub uploads: Vec<Begin>,
    pub is_truncated: Option<String>,
    pub next_key_marker: Option<String>,
    pub next_upload_id_marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Begin {
    pub key: String,
    pub upload_id: String,
}

/// One page of ListObjectVersions. Versions and delete markers are removed alike.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Versions {
    #[serde(rename = "Version", default)]
    pub versions: Vec<Version>,
    #[serde(rename = "DeleteMarker", default)]
    pub markers: Vec<Version>,
    pub is_truncated: Option<String>,
    pub next_key_marker: Option<String>,
    pub next_version_id_marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Version {
    pub key: String,
    pub version_id: String,
}

/// The answer to GetBucketVersioning.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VersioningConfiguration {
    pub status: Option<String>,
}

/// An error, of which only words of letters and digits are kept.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Refusal {
    pub code: Option<String>,
    pub region: Option<String>,
}

/// Reads an answer whose outermost element is one of `roots`.
pub fn read<T: DeserializeOwned>(body: &[u8], roots: &[&str]) -> Option<T> {
    let text = std::str::from_utf8(body).ok()?;
    let root = root(text)?;
    if !roots.contains(&root.as_str()) {
        return None;
    }
    quick_xml::de::from_str(text).ok()
}

/// The name of the outermost element, without a prefix.
pub fn root(text: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => {
                return String::from_utf8(start.local_name().as_ref().to_vec()).ok();
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Whether a list says that it goes on.
pub fn goes_on(is_truncated: Option<&String>) -> bool {
    is_truncated.is_some_and(|said| said.trim().eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_id_is_enough() {
        for (body, expected) in [
            (
                "<InitiateMultipartUploadResult><UploadId>AB+c/d==</UploadId></InitiateMultipartUploadResult>",
                Some("AB+c/d=="),
            ),
            (
                "<?xml version=\"1.0\"?>\n<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <Bucket>b</Bucket><Key>k</Key><UploadId>a&amp;b</UploadId><Odd><UploadId>c</UploadId></Odd>\
                 </InitiateMultipartUploadResult>",
                Some("a&b"),
            ),
            (
                "<s3:InitiateMultipartUploadResult xmlns:s3=\"x\"><UploadId>i</UploadId></s3:InitiateMultipartUploadResult>",
                Some("i"),
            ),
            (
                "<InitiateMultipartUploadResult><Key>k</Key></InitiateMultipartUploadResult>",
                None,
            ),
            ("<Error><UploadId>i</UploadId></Error>", None),
            ("<html><UploadId>i</UploadId></html>", None),
            ("", None),
        ] {
            let id = read::<Begun>(body.as_bytes(), &["InitiateMultipartUploadResult"]).map(|begun| begun.upload_id);
            assert_eq!(id.as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn a_list_needs_keys_and_ids_only() {
        let sparse = "<ListMultipartUploadsResult><Upload><Key>a</Key><UploadId>1</UploadId></Upload><Odd/>\
                      <Upload><Owner><DisplayName/></Owner><UploadId>2</UploadId><Key>a&quot;b</Key></Upload>\
                      <IsTruncated>True</IsTruncated></ListMultipartUploadsResult>";
        let list: Uploads = read(sparse.as_bytes(), &["ListMultipartUploadsResult"]).unwrap();
        let found: Vec<_> = list
            .uploads
            .iter()
            .map(|one| (one.key.as_str(), one.upload_id.as_str()))
            .collect();
        assert_eq!(found, [("a", "1"), ("a\"b", "2")]);
        assert!(goes_on(list.is_truncated.as_ref()));
        let empty = read::<Uploads>(b"<ListMultipartUploadsResult/>", &["ListMultipartUploadsResult"]);
        assert!(empty.is_some_and(|list| list.uploads.is_empty() && !goes_on(list.is_truncated.as_ref())));
        assert!(read::<Uploads>(b"<html><body/></html>", &["ListMultipartUploadsResult"]).is_none());
    }

    #[test]
    fn versions_and_markers_come_in_any_order() {
        let mixed = "<ListVersionsResult><DeleteMarker><Key>a</Key><VersionId>3</VersionId></DeleteMarker>\
                     <Version><Key>a</Key><VersionId>2</VersionId><Size>1</Size></Version>\
                     <DeleteMarker><Key>a</Key><VersionId>1</VersionId></DeleteMarker>\
                     <Version><Key>ab</Key><VersionId>null</VersionId></Version></ListVersionsResult>";
        let list: Versions = read(mixed.as_bytes(), &["ListVersionsResult"]).unwrap();
        assert_eq!((list.versions.len(), list.markers.len()), (2, 2));
        assert_eq!(list.versions[1].version_id, "null");
    }
}
