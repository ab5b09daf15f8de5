//! Makes stored dumps look as if they had been there for long, and a folder as if it had been swept for long. The clock
//! of a test cannot be set.
//!
//! A dump's age has two witnesses: the time in its id, and that of its file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::macros::format_description;

use super::stored::features_of;

/// The time so many days ago; negative days are ahead.
pub fn days_ago(days: i64) -> SystemTime {
    let time = Duration::from_secs(days.unsigned_abs() * 86_400);
    let now = SystemTime::now();
    if days < 0 { now + time } else { now - time }
}

/// The same id, as if its session had begun so many days ago.
pub fn id_of(id: &str, days: i64) -> String {
    let since = days_ago(days).duration_since(UNIX_EPOCH).expect("after 1970");
    let ms = format!("{:012x}", since.as_millis());
    format!("{}-{}{}", &ms[..8], &ms[8..], &id[13..])
}

/// Gives a file the time of so many days ago.
pub fn touch(file: &Path, days: i64) {
    let opened = File::options().write(true).open(file).expect("a stored file");
    opened.set_modified(days_ago(days)).expect("its owner may date a file");
}

/// Gives a file that is named by a dump's id the name and the time of a dump of so many days ago. Returns its new path.
pub fn date(file: &Path, days: i64) -> PathBuf {
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
    let (id, rest) = name.split_once('.').expect("an extension");
    let dated = file.with_file_name(format!("{}.{rest}", id_of(id, days)));
    fs::rename(file, &dated).expect("it can be renamed");
    touch(&dated, days);
    let features = features_of(file);
    if features.exists() {
        let dated = features_of(&dated);
        fs::rename(features, &dated).expect("it can be renamed");
        touch(&dated, days);
    }
    dated
}

/// The bytes of a stored dump and of its features.
pub fn bytes(file: &Path) -> u64 {
    let length = |file: &Path| file.metadata().map_or(0, |metadata| metadata.len());
    length(file) + length(&features_of(file))
}

/// Notes in a folder of stored dumps that it was swept so many days ago, by a clock that was believed.
pub fn swept(folder: &Path, days: i64) {
    let text = |days| {
        let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        OffsetDateTime::from(days_ago(days))
            .format(form)
            .expect("a year of four digits")
    };
    let line = format!("{} {}\n", text(days), text(days.max(0) + 1));
    fs::write(folder.join(".last-sweep"), line).expect("it can be written");
}
