//! What the start says about a store, and what `check-config --probe` does: only what would keep dumps from being
//! stored is a failure.

use support::strict_s3::{Answer, Reply, Request};
use support::{Server, StrictS3, each_at_once};

use crate::s3::{assert_emptied, prepare_for, rows, session, told};

struct Probed {
    name: &'static str,
    script: fn(&Request) -> Option<Answer>,
    denied: &'static [&'static str],
    /// Whether dumps can be stored.
    is_good: bool,
    /// What the table says, with what to do.
    says: &'static [&'static str],
}

fn is_bucket(request: &Request) -> bool {
    request.method == "HEAD" && ["/dumps", "/dumps/"].contains(&request.raw_path())
}

fn reply_if(is_it: bool, reply: Reply) -> Option<Answer> {
    is_it.then(|| reply.into())
}

const PROBED: [Probed; 15] = [
    Probed {
        name: "a plain store",
        script: |_| None,
        denied: &[],
        is_good: true,
        says: &["clock"],
    },
    Probed {
        name: "the bucket may not be looked at: 401",
        script: |request| reply_if(is_bucket(request), Reply::status(401)),
        denied: &[],
        is_good: true,
        says: &[],
    },
    Probed {
        name: "the same with 403",
        script: |_| None,
        denied: &["s3:ListBucket"],
        is_good: true,
        says: &[],
    },
    Probed {
        name: "the same with 405",
        script: |request| reply_if(is_bucket(request), Reply::status(405)),
        denied: &[],
        is_good: true,
        says: &[],
    },
    Probed {
        name: "the same with 501",
        script: |request| reply_if(is_bucket(request), Reply::status(501)),
        denied: &[],
        is_good: true,
        says: &[],
    },
    Probed {
        name: "writing alone is allowed",
        script: |_| None,
        denied: &["s3:ListBucket", "s3:GetObject", "s3:DeleteObject"],
        is_good: true,
        says: &["warning"],
    },
    Probed {
        name: "no deleting",
        script: |_| None,
        denied: &["s3:DeleteObject"],
        is_good: true,
        says: &["s3:DeleteObject"],
    },
    Probed {
        name: "no reading",
        script: |_| None,
        denied: &["s3:GetObject"],
        is_good: true,
        says: &["s3:GetObject"],
    },
    Probed {
        name: "no writing",
        script: |_| None,
        denied: &["s3:PutObject"],
        is_good: false,
        says: &["403 AccessDenied"],
    },
    Probed {
        name: "a put that is answered with 204",
        script: |request| reply_if(request.method == "PUT", Reply::status(204)),
        denied: &[],
        is_good: false,
        says: &["204"],
    },
    Probed {
        name: "a put that is not kept",
        script: |request| reply_if(request.method == "PUT", Reply::status(200).with("ETag", "\"x\"")),
        denied: &[],
        is_good: false,
        says: &["404"],
    },
    Probed {
        name: "other content when it is read back",
        script: |request| {
            let altered = Answer::Alter(Box::new(|reply| reply.without("Content-Length").body("other")));
            (request.method == "GET" && !request.target.contains('?')).then_some(altered)
        },
        denied: &[],
        is_good: false,
        says: &[],
    },
    Probed {
        name: "a page to sign in at",
        script: |_| Some(Reply::page(200).into()),
        denied: &[],
        is_good: false,
        says: &[],
    },
    Probed {
        name: "the bucket is elsewhere",
        script: |_| {
            Some(
                Reply::error(301, "PermanentRedirect")
                    .with("x-amz-bucket-region", "eu-west-1")
                    .into(),
            )
        },
        denied: &[],
        is_good: false,
        says: &["eu-west-1"],
    },
    Probed {
        name: "a clock that is wrong by ten minutes",
        script: |_| {
            let wrong = "Thu, 01 Jan 2026 00:00:00 GMT";
            Some(Answer::Alter(Box::new(move |reply| reply.with("Date", wrong))))
        },
        denied: &[],
        is_good: true,
        says: &[" ahead of the store; set", "warning", "set this machine's clock (NTP)"],
    },
];

#[test]
fn the_probe_fails_where_dumps_would_not_be_stored() {
    each_at_once(
        &PROBED,
        |case| case.name.to_owned(),
        |case| {
            let store = StrictS3::scripted(case.script);
            store.deny(case.denied);
            let server = prepare_for(&store);
            std::fs::create_dir_all(server.data()).expect("a data folder");
            let (done, said) = told(&server, &["check-config", "--probe"]);
            assert_eq!(done, case.is_good, "{said}");
            case.says
                .iter()
                .for_each(|words| assert!(said.contains(words), "{words}: {said}"));
            assert!(!said.contains(&store.key().1), "a secret was printed");
            let left = store.dumps().len();
            assert!(
                left == 0 || case.denied.contains(&"s3:DeleteObject"),
                "{left} objects are left"
            );
            let puts: Vec<_> = store
                .requests()
                .into_iter()
                .filter(|request| request.method == "PUT")
                .collect();
            assert!(puts.iter().all(|put| put.raw_path().starts_with("/dumps/")), "{puts:?}");
        },
    );
}

/// What a running server says of a store to which it can deliver: nothing that an operator would act on in vain.
#[test]
fn the_start_raises_no_false_alarm() {
    let good: Vec<&Probed> = PROBED
        .iter()
        .filter(|case| case.is_good && case.name.contains("the "))
        .collect();
    each_at_once(
        &good,
        |case| case.name.to_owned(),
        |case| {
            let store = StrictS3::scripted(case.script);
            store.deny(case.denied);
            let mut server: Server = prepare_for(&store);
            server.restart();
            session(&server, &["[1]"]);
            rows(&server, 1);
            assert_emptied(&server);
            server.stop();
            let log = server.log();
            assert!(
                !log.contains("ERROR") && !log.contains("is down") && !log.contains("does not exist"),
                "{log}"
            );
        },
    );
}
