//! `[retention]` with a folder and PostgreSQL, in each form of the table: files are removed, rows stay, and `erase`
//! works afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use support::aged;
use support::forms::FORMS;
use support::{Cluster, Dump, wait_until};

use crate::lifecycle::erase::told;
use crate::lifecycle::remote::{Call, Site, deliver, start};

/// Each with the number of days since it was packed.
const CALLS: [(Call, i64); 5] = [
    (("s1", "alice", "weekly"), 40),
    (("s2", "bob", "weekly"), 3),
    (("s3", "alice", "weekly"), 2),
    (("s4", "bob", "weekly"), 1),
    (("s5", "carol", "weekly"), 50),
];

/// The files, by the labels of their dumps.
fn files(site: &Site) -> BTreeMap<String, PathBuf> {
    let label = |dump: &Dump| dump.messages()[0][2..4].to_owned();
    site.server
        .dumps()
        .iter()
        .map(|dump| (label(dump), dump.path.clone()))
        .collect()
}

/// Gives each dump its age, in the name of its file as well as in its row, and leaves room for s3, s4 and s5.
fn age(site: &mut Site, cluster: &Cluster, form: &str) {
    for ((label, ..), days) in CALLS {
        let file = files(site)[label].clone();
        let name = |path: &Path| path.file_name().expect("a name").to_string_lossy()[..36].to_owned();
        let (old, new) = (name(&file), name(&aged::date(&file, days)));
        let id = if form == "numbered" {
            String::new()
        } else {
            format!(", id = '{new}'")
        };
        cluster.execute(&format!(
            "UPDATE {form}.rtcstats SET blob_url = replace(blob_url, '{old}', '{new}'){id}
             WHERE rtcstats_session = '{label}'"
        ));
    }
    aged::swept(&site.server.data().join("dumps"), 0);
    let files = files(site);
    let size = |label: &str| aged::bytes(&files[label]);
    let room: u64 = ["s3", "s4", "s5"].map(size).iter().sum();
    site.server.set("RTCSTATS_RETENTION__MAX_AGE", "30d");
    site.server.set("RTCSTATS_RETENTION__MAX_BYTES", &room.to_string());
}

#[test]
fn what_retention_lets_go_keeps_its_row_in_every_form() {
    let remote = start();
    let cluster = &remote.cluster;
    let mut sites: Vec<Site> = FORMS.map(|form| Site::start(&remote, form, None, Some(form))).into();
    deliver(&remote, &sites, &CALLS.map(|(call, _)| call));
    let rows = |form: &str, what: &str| {
        cluster.texts(&format!(
            "SELECT {what} FROM {form}.rtcstats AS r ORDER BY rtcstats_session"
        ))
    };
    let urls = "concat(rtcstats_session, ' ', blob_url IS NULL, ' ', to_jsonb(r)->'metadata'->>'blobRemoved')";
    let rest = "((to_jsonb(r) - 'blob_url' - 'features_url') #- '{metadata,blobRemoved}')::text";
    let mut before = Vec::new();
    for (site, form) in sites.iter_mut().zip(FORMS) {
        assert!(site.server.stop().success());
        age(site, cluster, form);
        // The file of s5 has the id of a dump that now lies elsewhere, so it is not that dump's file.
        cluster.execute(&format!(
            "UPDATE {form}.rtcstats SET blob_url = replace(blob_url, 'file://', 'https://b.example')
             WHERE rtcstats_session = 's5'"
        ));
        before.push(rows(form, rest));
        site.server.restart();
    }
    wait_until("the old and the many to go", || {
        sites.iter().all(|site| site.server.dumps().len() <= 3)
    });
    for ((site, form), before) in sites.iter().zip(FORMS).zip(before) {
        assert!(files(site).keys().eq(["s3", "s4", "s5"]), "{form}: {:?}", files(site));
        let mark = |reason| if form == "numbered" { "" } else { reason };
        let expected = [
            format!("s1 t {}", mark("max_age")),
            format!("s2 t {}", mark("max_bytes")),
            "s3 f ".to_owned(),
            "s4 f ".to_owned(),
            "s5 f ".to_owned(),
        ];
        assert_eq!(rows(form, urls), expected, "{form}");
        assert_eq!(rows(form, rest), before, "{form}: everything else is as it was");
        let found = told(&site.server, &["find", "--user", "bob"]);
        assert_eq!((found.0, found.1.lines().count()), (0, 3), "{form}: {}", found.1);
        let (code, out, error) = told(&site.server, &["erase", "--user", "alice", "--yes"]);
        assert!(
            code == 0 && out.contains("2 stored dumps are erased"),
            "{form}: {out}{error}"
        );
        assert_eq!(
            rows(form, "rtcstats_session"),
            ["s2", "s4", "s5"],
            "{form}: also one without its object"
        );
        assert!(files(site).keys().eq(["s4", "s5"]), "{form}");
    }
}
