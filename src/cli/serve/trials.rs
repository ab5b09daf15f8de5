//! What the start tries of store and database, beside serving.
//!
//! Sessions depend on neither, so what fails is only told, and delivery tries again. Either may take its time or
//! never answer: READY waits for `START_TRIALS_MS_MAX` at most, in which those that are on a sound disk are done.
//! Nothing that is tried leaves anything behind but an empty folder or catalogue, which the first dump would make.

use std::ffi::OsStr;
use std::fmt::Display;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::config::Config;
use crate::database::{Database, DatabaseError};
use crate::limits::START_TRIALS_MS_MAX;
use crate::spool::Id;
use crate::storage::{Local, Object, Storage, each_object};

/// Begins to try, and returns when what is on this machine was tried, or when that takes too long.
///
/// # Errors
/// No thread can be made.
pub fn begin(config: &Arc<Config>, storage: &Storage, database: &Arc<Database>) -> io::Result<()> {
    let is_local = matches!(storage.local(), Some(Local::Objects(_)));
    let tries = [
        (storage.describe(), is_local, spawn_for_storage(storage.clone())?),
        (
            database.describe(),
            matches!(**database, Database::Sqlite(_)),
            spawn_for_database(Arc::clone(config), storage.clone(), Arc::clone(database))?,
        ),
    ];
    let deadline = Instant::now() + Duration::from_millis(START_TRIALS_MS_MAX);
    for (name, _, tried) in tries.iter().filter(|(_, is_local, _)| *is_local) {
        let left = deadline.saturating_duration_since(Instant::now());
        if tried.recv_timeout(left) == Err(RecvTimeoutError::Timeout) {
            log::warn!("{name} has not answered yet: the server starts, and dumps wait in the spool until it does");
        }
    }
    Ok(())
}

/// Tries the store. When it was tried, the channel is closed.
fn spawn_for_storage(store: Storage) -> io::Result<Receiver<()>> {
    spawn(move |tried| {
        let asked = store.prepare().and_then(|()| match store.local() {
            // The folder has just shown that it is there, so there is nothing more to ask.
            Some(Local::Objects(_)) => Ok(()),
            _ => store.probe().map(|()| log::info!("{} answers", store.describe())),
        });
        tell(asked);
        drop(tried);
    })
}

/// Tries the database. When it was tried, the channel is closed.
fn spawn_for_database(config: Arc<Config>, store: Storage, database: Arc<Database>) -> io::Result<Receiver<()>> {
    spawn(move |tried| {
        let begin = SystemTime::now();
        let missing = match (config.row_reader(), store.local()) {
            (Err(DatabaseError::Missing(path)), Some(Local::Objects(root))) => Some((path, root.to_owned())),
            _ => None,
        };
        tell(database.prepare());
        drop(tried);
        // There may be millions of dumps, so nobody waits for their number.
        if let Some((catalogue, root)) = missing {
            count_without_rows(&catalogue, &root, begin);
        }
    })
}

fn spawn(ask: impl FnOnce(Sender<()>) + Send + 'static) -> io::Result<Receiver<()>> {
    let (tried, wait) = mpsc::channel();
    thread::Builder::new().name("probe".into()).spawn(move || ask(tried))?;
    Ok(wait)
}

fn tell(asked: Result<(), impl Display>) {
    if let Err(error) = asked {
        log::error!("dumps wait in the spool until this is mended: {error}");
    }
}

/// Counts the dumps below `root` that were there at `begin`, and tells the operator. A missing catalogue is made anew;
/// beside stored dumps that means that their rows are elsewhere, or lost.
fn count_without_rows(catalogue: &Path, root: &Path, begin: SystemTime) {
    let is_dump = |object: &Object| {
        // A dump of the spool that is stored meanwhile is older itself, but its file is changed when it gets its name.
        let since_1970 = |file: fs::Metadata| {
            Duration::new(
                file.ctime().try_into().unwrap_or(0),
                file.ctime_nsec().try_into().unwrap_or(0),
            )
        };
        let changed = fs::metadata(&object.path).map(|file| UNIX_EPOCH + since_1970(file));
        let name = object.path.file_name().and_then(OsStr::to_str);
        let is_named = name.and_then(Id::in_name).is_some() && !object.is_of_features();
        is_named && changed.is_ok_and(|changed| changed < begin)
    };
    let mut count = 0;
    // A folder that cannot be read is told when a dump is stored.
    let _ = each_object(root, &mut |object| count += usize::from(is_dump(&object)));
    if count > 0 {
        log::warn!(
            "there is no catalogue at {}, though {} holds {count} stored dumps: a new one is made, in which find and \
             erase do not see them. If the catalogue was moved, stop the server and put it back",
            catalogue.display(),
            root.display()
        );
    }
}
