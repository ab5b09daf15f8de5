//! The catalogue in a real browser: from the printed link to a call and back, with all that the browser says meanwhile.
//! `pages/catalogue.cjs` tells the steps. Tools are those of `make tools`.

use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;
use serde_json::json;
use support::{Client, Recorded, Server};

use super::running::Site;
use crate::pages::{node, pages};
use crate::run::{Place, Told};

const SECRET: &str = "a secret of at least thirty-two bytes";

/// Who was in which conference: the name of a recorded dump is the session.
const CALLS: [(&str, &str, &str); 4] = [
    ("firefox-av-call", "ana", "weekly"),
    ("simulcast-3rids", "ben", "weekly"),
    ("gum-failures", "<b onclick=\"hack()\">eve</b>", "one & only"),
    ("short-session", "ana", "standup"),
];

#[derive(Deserialize)]
struct Seen {
    problems: Vec<String>,
    steps: Vec<String>,
}

fn token(server: &Server, user: &str, conference: &str, session: &str) -> String {
    let asked = [
        "token",
        "--user",
        user,
        "--conference",
        conference,
        "--session",
        session,
    ];
    let told = Told::from(server.run(&asked));
    assert_eq!(told.code, 0, "{told:?}");
    told.out.trim().to_owned()
}

#[test]
fn a_browser_comes_from_the_link_to_a_call_and_back_and_compares_two() {
    let server = Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)]);
    for (name, user, conference) in CALLS {
        let token = token(&server, user, conference, name);
        let mut client = Client::open(server.address(), &format!("/?rtcstats-token={token}"));
        Recorded::named(name).messages.iter().for_each(|line| client.send(line));
        client.close(None);
    }
    server.delivered(CALLS.len());
    let site = Site::start(&server, &["127.0.0.1:0"]);
    let place = Place::new();
    let calls: Vec<_> = CALLS
        .iter()
        .map(|(session, user, conference)| json!({ "session": session, "user": user, "conference": conference }))
        .collect();
    let job = json!({ "url": format!("http://{}{}", site.authority, site.entry), "calls": calls });
    place.write("job.json", job.to_string());
    let job = std::fs::File::open(place.path("job.json")).expect("it was written");
    let driver = pages("catalogue.cjs");
    let run = node(&[Path::new(&driver)])
        .stdin(Stdio::from(job))
        .output()
        .expect("node starts");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let seen: Seen = serde_json::from_slice(&run.stdout).expect("the driver prints JSON");
    assert!(seen.problems.is_empty(), "{:#?}", seen.problems);
    let steps = ["entered", "searched", "opened", "returned", "compared", "added", "axe"];
    assert_eq!(seen.steps, steps);
}
