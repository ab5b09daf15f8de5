//! What is known of a dump beside its lines, while it is recorded and after it is packed.
//!
//! The ticket travels inside the dump's metadata line, so that one file is all a live session needs. The manifest
//! lies beside the packed dump as ID.json and holds only what is masked.

use std::fs::{self, File};
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::Id;
use super::place::Place;
use crate::fault;

/// What the server knows of a session when it begins and the dump's metadata does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// From the token's claims; each becomes a column of the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `server.host_identifier` of the process that recorded the session.
    pub host: String,
    /// Milliseconds since 1970 at which the session began.
    pub start: u64,
}

/// ID.json: the row to be and the object key, fixed when the dump was packed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub id: Id,
    /// Fixed here, so that a changed template cannot make two objects of one dump.
    pub key: String,
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    pub conference: Option<String>,
    #[serde(default)]
    pub session: Option<String>,
    /// The masked metadata line with what packing counted.
    pub metadata: Value,
    /// Milliseconds since 1970.
    pub start: u64,
    /// Milliseconds since 1970.
    pub end: u64,
    /// The upload in parts that was begun for this dump, so that whoever delivers it next can remove its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// The URL of its object once it is stored for good and only its row waits, so that an outage of the database does
    /// not have it sent again with each try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
}

impl Manifest {
    /// Reads ID.json of a packed dump.
    ///
    /// # Errors
    /// `InvalidData` if it is torn or not a manifest, otherwise what the file system says.
    pub fn read(place: &Place, id: Id) -> io::Result<Manifest> {
        let text = fs::read(place.manifest_file(id))?;
        serde_json::from_slice(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Whether this can be what packing wrote for `id`: its id, a key that a store takes and whose last part names the
    /// dump (`KeyTemplate` sees to both), and a metadata object. The rest has nothing to be held against.
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
        let is_whole = names_it(&self.key) && self.stored.iter().all(names_it) && self.metadata.is_object();
        if self.key.split('/').any(is_odd) || !is_whole {
            return Err("its manifest is damaged");
        }
        Ok(())
    }

    /// Writes ID.json. A crash may leave it torn: it counts only beside the packed file, which is committed later.
    pub fn write(&self, place: &Place) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        File::create(place.manifest_file(self.id))?.write_all(&text)?;
        fault::point("manifest");
        Ok(())
    }

    /// Writes ID.json anew beside the packed file it belongs to: whole at any moment, and durable when this returns,
    /// since what is noted here must outlast what is done next. A crash leaves at most what recovery knows as litter.
    pub fn rewrite(&self, place: &Place) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        let (new, name) = (place.partial_file(self.id), place.manifest_file(self.id));
        let mut file = File::create(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &name)?;
        fault::point("manifest rewritten");
        match name.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}
