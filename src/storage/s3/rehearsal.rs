//! Tries what serving will do: before the first dump, or when a probe asks for it.
//!
//! The start of a server leaves nothing behind in the bucket and only asks for it; a key that may store but not list is
//! no reason for an alarm. A rehearsal goes the whole way once, with one small object whose name is always the same,
//! and removes it again. The name stands below the fixed beginning of the operator's template, so that a key for one
//! folder of the bucket is enough. To store is all that collecting needs; what else is refused is a warning. Failures:
//! a line of the probe's table each.
use std::time::{SystemTime, UNIX_EPOCH};

use super::client::Client;
use super::error::{self, Blame, Error};
use super::objects::{Compared, Receipt};
use super::removal;
use crate::limits::S3_SKEW_S_MAX;
use crate::storage::removed::Removed;
use crate::trial::Trial;

/// The name of the object that is stored for a trial, by the operator's template for names.
pub fn sample(template: &str) -> String {
    let fixed = template.split(['{', '}']).next().unwrap_or_default();
    let folder = fixed
        .rsplit_once('/')
        .map_or(String::new(), |(folder, _)| format!("{folder}/"));
    format!("{folder}rtcstats-server-probe")
}

/// Logs which proxy is used.
pub fn announce(client: &Client) {
    let (address, transport) = (client.address(), client.transport());
    let base = address.base();
    match transport.way(&address.origin) {
        Ok(Some(proxy)) => log::info!("bucket {base}: requests go over the proxy {proxy}"),
        Ok(None) => {}
        Err(error) => log::error!("bucket {base}: {error}"),
    }
    if let Some(variable) = transport.ignored_variable(&address.origin) {
        log::warn!("bucket {base}: {variable} is not used, as with curl; write it in lower case if it is meant");
    }
}

/// Asks for the bucket, and leaves nothing behind.
///
/// # Errors
/// What the first put would meet as well.
pub fn probe(client: &Client) -> Result<(), Error> {
    let refusal = match client.look_at_bucket() {
        Err(error) if error.is_refusal() || matches!(error.status, Some(401)) => error,
        answer => return answer,
    };
    // HEAD is answered without words, so a wrong key looks like one that may not list.
    match client.list_one() {
        Err(error) if error.blame == Blame::Credentials && !error.is_forbidden() => return Err(error),
        Err(error) if error.status == Some(404) => return Err(error),
        Ok(()) => return Ok(()),
        Err(_) => {}
    }
    client.warn_once(&format!(
        "it could not be asked whether the bucket is there ({refusal}); s3:ListBucket would allow it, dumps need \
         s3:PutObject only"
    ));
    Ok(())
}

/// Whether the store takes another object just now, so that its refusal of one was about that one.
pub fn takes_others(client: &Client, sample: &str) -> bool {
    let is_taken = client
        .put(sample, b"a dump was refused; this object shows that others are not\n")
        .is_ok();
    if is_taken {
        // A key that may not delete leaves this one small object, always under the same name.
        let _ = client.delete(sample, None);
    }
    is_taken
}

/// Goes the whole way once. `name` is how the bucket is called in the table.
pub fn rehearse(client: &Client, name: &str, sample: &str) -> Vec<Trial> {
    let what = |deed: &str| format!("storage {name}: {deed}");
    let mut trials = vec![proxy(client, what("proxy"))];
    match client.keys() {
        Ok(keys) => trials.push(Trial::found(what("credentials"), keys.identity())),
        Err(fault) => {
            trials.push(Trial::refused(what("credentials"), fault, ""));
            return trials;
        }
    }
    if let Some(doubt) = client.address().doubt() {
        trials.push(Trial::warning(
            what("endpoint"),
            doubt,
            "leave the bucket's name out of storage.s3.endpoint",
        ));
    }
    let content = content();
    let answer = match client.put(sample, &content) {
        Ok((Receipt::Fits, answer)) => {
            trials.push(Trial::fine(what("store an object")));
            answer
        }
        Ok((Receipt::Doubtful, answer)) => {
            trials.push(Trial::found(
                what("store an object"),
                "its ETag is no check sum of the content",
            ));
            answer
        }
        Err(error) => {
            trials.push(Trial::refused(what("store an object"), &error, mend(&error)));
            return trials;
        }
    };
    trials.push(clock(error::ahead(&answer), what("clock")));
    trials.push(read_back(client, sample, &content, what("read it back")));
    trials.extend(in_parts(client, sample, &what));
    trials.push(remove(client, sample, what("remove it")));
    trials
}

fn proxy(client: &Client, what: String) -> Trial {
    match client.transport().way(&client.address().origin) {
        Ok(None) => Trial::found(what, "none"),
        Ok(Some(proxy)) => Trial::found(what, proxy),
        Err(error) => Trial::refused(what, error, "correct the variable, or take this host into NO_PROXY"),
    }
}

/// Never the same twice, so that an older object is not taken for this one.
fn content() -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!(
        "rtcstats-server has tried this bucket; {} {}\n",
        now.as_nanos(),
        std::process::id()
    )
    .into_bytes()
}

fn mend(error: &Error) -> &'static str {
    match error.blame {
        Blame::Credentials if error.is_forbidden() => "grant s3:PutObject for this bucket and folder",
        Blame::Credentials => "correct the access key, or what the credentials come from",
        _ if error.status.is_none() => "see that the endpoint is right and can be reached from here",
        _ => "correct what it names; dumps wait until then",
    }
}

/// Signatures are valid for 15 minutes, so the warning comes well before the refusals.
fn clock(ahead: Option<i64>, what: String) -> Trial {
    match ahead {
        None => Trial::found(what, "the store does not say its time"),
        Some(seconds) if seconds.abs() <= S3_SKEW_S_MAX => Trial::fine(what),
        Some(seconds) => {
            let side = if seconds < 0 { "behind" } else { "ahead of" };
            let found = format!("this machine is {} s {side} the store", seconds.abs());
            Trial::warning(
                what,
                found,
                "set this machine's clock (NTP); beyond 15 min all is refused",
            )
        }
    }
}

fn read_back(client: &Client, sample: &str, content: &[u8], what: String) -> Trial {
    match client.compare(sample, &mut { content }, content.len() as u64) {
        Ok(Compared::Whole) => Trial::fine(what),
        Ok(Compared::Length(refusal)) => Trial::warning(
            what,
            refusal,
            "grant s3:GetObject to whoever reads dumps by their ids (dump info ID); collecting needs it only where the \
             store's ETags are no check sums, to compare what was stored",
        ),
        Err(error) => Trial::refused(
            what,
            error,
            "what is stored there is not what was sent; use another endpoint",
        ),
    }
}

fn in_parts(client: &Client, sample: &str, what: &dyn Fn(&str) -> String) -> Vec<Trial> {
    let id = match client.begin(sample) {
        Ok(id) => id,
        Err(error) => {
            let mend = "dumps of 16 MiB and more would wait; allow uploads in parts (s3:PutObject)";
            return vec![Trial::refused(what("begin an upload in parts"), error, mend)];
        }
    };
    let listed = match client.uploads(sample) {
        Ok(_) => Trial::fine(what("list uploads in parts")),
        Err(error) => Trial::warning(
            what("list uploads in parts"),
            error,
            "grant s3:ListBucketMultipartUploads, or let a lifecycle rule remove unfinished uploads",
        ),
    };
    let aborted = match client.abort(sample, &id) {
        Ok(()) => Trial::fine(what("abort an upload in parts")),
        Err(error) => Trial::warning(
            what("abort an upload in parts"),
            error,
            "grant s3:AbortMultipartUpload, or let a lifecycle rule remove unfinished uploads",
        ),
    };
    vec![Trial::fine(what("begin an upload in parts")), listed, aborted]
}

fn remove(client: &Client, sample: &str, what: String) -> Trial {
    match removal::remove(client, sample) {
        Ok(Removed::Now | Removed::Before) => Trial::fine(what),
        Ok(Removed::Kept(why)) => Trial::warning(
            what,
            why,
            "dumps are collected all the same, but erase and the erasure of single dumps cannot do their work",
        ),
        Err(error) => Trial::warning(what, error, "erase could not do its work"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::Verdict;

    #[test]
    fn the_sample_lies_where_dumps_lie() {
        for (template, expected) in [
            ("{id}.jsonl.gz", "rtcstats-server-probe"),
            ("calls/{date}/{id}.jsonl.gz", "calls/rtcstats-server-probe"),
            ("a/b/c-{id}.gz", "a/b/rtcstats-server-probe"),
            ("c-{id}.gz", "rtcstats-server-probe"),
        ] {
            assert_eq!(sample(template), expected);
        }
    }

    #[test]
    fn a_clock_that_is_off_is_told_before_it_hurts() {
        for (ahead, is_fine) in [
            (Some(0), true),
            (Some(299), true),
            (Some(-301), false),
            (Some(901), false),
            (None, true),
        ] {
            let trial = clock(ahead, String::new());
            assert_eq!(matches!(trial.verdict, Verdict::Fine(_)), is_fine, "{ahead:?}");
        }
    }
}
