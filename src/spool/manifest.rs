//! What is known of a packed dump beside its lines: ID.json.
//!
//! It holds only what is masked. Its last member is a check sum of everything before it, since nothing else is there to
//! compare the future row with: a lost bit must not turn one user's name into another's. Older versions write `null`
//! for a label that is missing, which reads the same.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};

use flate2::Crc;
use memchr::memmem;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::extract::Missing;
use super::features::PackedFeatures;
use super::files::{Instance, Kind};
use crate::disk;
use crate::fault;
use crate::id::Id;
use crate::labels::Labels;
use crate::limits::SCAN_BYTES_MAX;
use crate::time::UnixMs;

/// ID.json: the future row and the object key, both fixed when the dump was packed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub id: Id,
    /// Fixed here, so that a changed template cannot make two objects of one dump.
    pub key: String,
    #[serde(flatten)]
    pub labels: Labels,
    /// The masked metadata line, with the counts that packing made.
    pub metadata: Value,
    pub start: UnixMs,
    pub end: UnixMs,
    /// The multipart upload that was begun for this dump, so that whoever delivers the dump next can remove its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// The URL of its object once the object is stored durably and only the row is missing. Without it, every retry
    /// during an outage of the database would send the object again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
    /// The CRC-32 (that of gzip, RFC 1952) of all bytes of the packed file, for those who read it. Dumps that older
    /// versions have packed have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_crc32: Option<u32>,
    /// `None` if the dump was packed without features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<PackedFeatures>,
}

impl Manifest {
    /// Reads the ID.json of a packed dump.
    ///
    /// # Errors
    /// `InvalidData` if the file is torn, damaged or not a manifest; otherwise the file system's error.
    pub fn read(place: &Instance, id: Id) -> io::Result<Manifest> {
        Manifest::read_kind(place, Kind::Manifest, id)
    }

    /// Like `read`, for either of the two kinds of manifest.
    pub(super) fn read_kind(instance: &Instance, kind: Kind, id: Id) -> io::Result<Manifest> {
        let mut file = File::open(instance.path(kind, id))?;
        let mut text = vec![0; SCAN_BYTES_MAX];
        let length = match file.read(&mut text) {
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            length => length?,
        };
        // The check sum tells whether this was the whole file, so no second read is made to find the end.
        if let Some(manifest) = Manifest::parse(&text[..length]) {
            return Ok(manifest);
        }
        text.truncate(length);
        file.read_to_end(&mut text)?;
        Manifest::parse(&text).ok_or_else(|| ErrorKind::InvalidData.into())
    }

    /// `None` for anything but a text that `text` has made.
    pub fn parse(text: &[u8]) -> Option<Manifest> {
        let at = memmem::rfind(text, SUM)?;
        let sum = text[at + SUM.len()..].strip_suffix(b"}")?;
        let mut crc = Crc::new();
        crc.update(&text[..at]);
        (sum == crc.sum().to_string().as_bytes()).then_some(())?;
        serde_json::from_slice(text).ok()
    }

    /// The content of ID.json.
    fn text(&self) -> io::Result<Vec<u8>> {
        let mut text = serde_json::to_vec(self).map_err(io::Error::other)?;
        // This is the brace that closes the object.
        text.pop();
        let mut crc = Crc::new();
        crc.update(&text);
        text.extend_from_slice(SUM);
        write!(text, "{}}}", crc.sum())?;
        Ok(text)
    }

    /// Whether packing can have written this for `id`: it has that id, a key that a store accepts and whose last part
    /// contains the id (`KeyTemplate` ensures both), and a metadata object. There is nothing to compare the rest with.
    ///
    /// # Errors
    /// What is wrong, in words for a note.
    pub fn check(&self, id: Id) -> Result<(), &'static str> {
        if self.id != id {
            return Err("its manifest is that of another dump");
        }
        let is_odd = |part: &str| matches!(part, "" | "." | "..") || part.chars().any(char::is_control);
        let names_it = |path: &String| {
            let name = path.rsplit('/').next();
            name.is_some_and(|name| name.contains(&id.to_string()))
        };
        let of_features = self.features.iter().flat_map(|features| &features.stored);
        let mut stored = self.stored.iter().chain(of_features);
        let is_whole = names_it(&self.key) && stored.all(names_it) && self.metadata.is_object();
        if self.key.split('/').any(is_odd) || !is_whole {
            return Err("its manifest is damaged");
        }
        Ok(())
    }

    /// Writes ID.json. A crash may leave it torn, but it counts only beside the packed file, which is committed later.
    pub fn write(&self, place: &Instance) -> io::Result<()> {
        let text = self.text()?;
        disk::create_anew(&place.path(Kind::Manifest, self.id))?.write_all(&text)?;
        fault::point("manifest");
        Ok(())
    }

    /// Whether its features, if it has any, are what packing wrote. If not, the dump is sound all the same.
    pub fn has_whole_features(&self, instance: &Instance) -> bool {
        let whole = |features: &PackedFeatures| features.are_whole(instance, self.id);
        self.features.as_ref().is_none_or(whole)
    }

    /// The row says that there are no features, for this reason.
    pub(super) fn lack_features(&mut self, reason: &str) {
        if let Value::Object(metadata) = &mut self.metadata {
            metadata.insert(FEATURES_MISSING.to_owned(), reason.into());
        }
    }

    /// The row says what was found in the dump (an object as in `Extracted`), or why that is not known.
    pub fn tell_findings(&mut self, findings: &Result<String, Missing>) {
        let Value::Object(metadata) = &mut self.metadata else {
            return;
        };
        metadata.remove(FINDINGS);
        metadata.remove(FINDINGS_MISSING);
        let (member, value) = match findings {
            Ok(object) => (FINDINGS, serde_json::from_str(object).unwrap_or_default()),
            Err(missing) => (FINDINGS_MISSING, Value::from(missing.to_string())),
        };
        metadata.insert(member.to_owned(), value);
    }

    /// The features stay here, and the row goes without them, for this reason.
    pub fn refuse_features(&mut self, reason: &str) {
        if let Some(features) = &mut self.features {
            features.refused = Some(reason.to_owned());
        }
        self.lack_features(reason);
    }

    /// Writes ID.json anew beside the packed file that it belongs to. The file is complete at any moment, and durable
    /// when this returns, because what is noted here must outlast what is done next. All that a crash can leave is a
    /// file that recovery knows as litter.
    pub fn rewrite(&self, place: &Instance) -> io::Result<()> {
        let text = self.text()?;
        let (new, name) = (place.path(Kind::Partial, self.id), place.path(Kind::Manifest, self.id));
        let write = || {
            let mut file = disk::create_anew(&new)?;
            file.write_all(&text)?;
            file.0.sync_all()?;
            place.rename_open(&file.0, self.id, Kind::Partial, Kind::Manifest)
        };
        write().inspect_err(|_| {
            // A full disk must not stay full of this file. The first error is the one that says what is wrong.
            let _ = place.remove(Kind::Partial, self.id);
        })?;
        fault::point("manifest rewritten");
        match name.parent() {
            Some(folder) => disk::sync_folder(folder),
            None => Ok(()),
        }
    }
}

/// The member of a row's metadata that says why `features_url` is null.
const FEATURES_MISSING: &str = "featuresMissing";

/// The members that say what was found, or why that is not known.
const FINDINGS: &str = "findings";
const FINDINGS_MISSING: &str = "findingsMissing";

/// Stands before the CRC-32 (that of gzip, RFC 1952) of all bytes in front of it, in decimal.
const SUM: &[u8] = b",\"crc32\":";

#[cfg(test)]
mod tests {
    use super::*;

    /// A manifest as an earlier version wrote it.
    const OLD: &str = r#"{"id":"01a214e2-5a1d-7120-b026-88e501362bc9","key":"01a214e2-5a1d-7120-b026-88e501362bc9.jsonl.gz","user":null,"conference":"weekly","session":null,"metadata":{"url":"/"},"start":1795646708253,"end":1795646708254,"crc32":3671995149}"#;

    const NEW: &str = r#"{"id":"01a214e2-5a1d-7120-b026-88e501362bc9","key":"01a214e2-5a1d-7120-b026-88e501362bc9.jsonl.gz","conference":"weekly","metadata":{"url":"/"},"start":1795646708253,"end":1795646708254,"crc32":957228532}"#;

    #[test]
    fn what_another_version_wrote_reads_the_same() {
        let id: Id = "01a214e2-5a1d-7120-b026-88e501362bc9".parse().unwrap();
        let manifest = Manifest {
            id,
            key: format!("{id}.jsonl.gz"),
            labels: Labels {
                conference: Some("weekly".to_owned()),
                ..Labels::default()
            },
            metadata: serde_json::json!({"url": "/"}),
            start: UnixMs(1_795_646_708_253),
            end: UnixMs(1_795_646_708_254),
            upload: None,
            stored: None,
            object_crc32: None,
            features: None,
        };
        assert_eq!(Manifest::parse(OLD.as_bytes()).as_ref(), Some(&manifest));
        assert_eq!(Manifest::parse(NEW.as_bytes()).as_ref(), Some(&manifest));
        assert_eq!(String::from_utf8(manifest.text().unwrap()).unwrap(), NEW);
    }

    #[test]
    fn no_lost_bit_of_a_manifest_goes_unnoticed() {
        let manifest = Manifest {
            id: Id::new(),
            key: "a".to_owned(),
            labels: Labels {
                user: Some("alice".to_owned()),
                ..Labels::default()
            },
            metadata: serde_json::json!({"note": ",\"crc32\":1}"}),
            start: UnixMs(1),
            end: UnixMs(2),
            upload: None,
            stored: Some("u".to_owned()),
            object_crc32: Some(7),
            features: Some(PackedFeatures {
                crc32: 8,
                stored: Some("u/f".to_owned()),
                refused: None,
            }),
        };
        let text = manifest.text().unwrap();
        assert_eq!(Manifest::parse(&text), Some(manifest));
        assert!(
            serde_json::from_slice::<Value>(&text).is_ok(),
            "it is JSON for everybody else"
        );
        for at in 0..text.len() {
            assert_eq!(Manifest::parse(&text[..at]), None);
            for bit in 0..8 {
                let mut hit = text.clone();
                hit[at] ^= 1 << bit;
                assert_eq!(Manifest::parse(&hit), None, "byte {at}");
            }
        }
    }
}
