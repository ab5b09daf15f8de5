//! Many rows in one transaction: what is reported for each row, and that in no order and after no failure there are two
//! rows or none.

use std::sync::Barrier;
use std::thread;

use support::Proxy;
use support::proxy::Fault::CutAfter;

use crate::postgres::forms::forms;
use crate::postgres::*;

/// As many rows as one transaction takes.
const FULL: u64 = 64;

fn rows(numbers: impl IntoIterator<Item = u64>) -> Vec<Row> {
    numbers.into_iter().map(row).collect()
}

fn refused(n: u64) -> Row {
    Row {
        labels: Labels {
            user: Some("nobody".to_owned()),
            ..Labels::default()
        },
        ..row(n)
    }
}

/// What was reported for each row; a refusal by its SQLSTATE.
fn told(answers: Vec<Result<Written, DatabaseError>>) -> Vec<Result<Written, String>> {
    let code = |error: DatabaseError| {
        assert_eq!(error.whose(), Whose::Rule, "{error}");
        let text = error.to_string();
        let code = text.rsplit(' ').next().expect("a text has a last word");
        code.trim_end_matches(')').to_owned()
    };
    answers.into_iter().map(|answer| answer.map_err(code)).collect()
}

#[test]
fn a_full_batch_is_one_transaction_that_tells_what_became_of_each_row() {
    for (cluster, form) in forms() {
        let table = table(&cluster.url());
        for n in [5, 40] {
            insert(&table, &row(n)).expect(form);
        }
        // The last one is a dump that is already in this batch.
        let batch = rows((0..FULL - 1).chain([7]));
        let expected = |n| match n {
            5 | 40 | 63 => Ok(Written::Before),
            _ => Ok(Written::Now),
        };
        let answers = told(table.insert(&batch).expect(form));
        assert_eq!(answers, (0..FULL).map(expected).collect::<Vec<_>>(), "{form}");
        assert_eq!(count(&cluster), 63, "{form}");
        assert_eq!(
            cluster.number("SELECT count(DISTINCT xmin::text) FROM rtcstats"),
            3,
            "{form}: two rows alone and one batch"
        );
        let again = told(table.insert(&batch).expect(form));
        assert!(again.iter().all(|told| *told == Ok(Written::Before)), "{form}");
        assert_eq!(table.insert(&[]).expect(form).len(), 0);
    }
}

#[test]
fn a_row_that_is_refused_keeps_no_other_of_its_batch_from_being_written() {
    for (cluster, form) in forms() {
        cluster.execute("ALTER TABLE rtcstats ADD CHECK (rtcstats_user <> 'nobody')");
        let table = table(&cluster.url());
        let mut batch = rows(0..FULL);
        batch[31] = refused(31);
        batch[50] = refused(50);
        let answers = told(table.insert(&batch).expect(form));
        for (n, told) in answers.into_iter().enumerate() {
            let expected = match n {
                31 | 50 => Err("23514".to_owned()),
                _ => Ok(Written::Now),
            };
            assert_eq!(told, expected, "{form}: row {n}");
        }
        assert_eq!(count(&cluster), 62, "{form}");
        let connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rtcstats-server'";
        assert_eq!(cluster.number(connections), 1, "{form}: the connection is kept");
    }
}

/// If the commit is refused, no single insert was, and nothing tells which row caused the refusal.
#[test]
fn what_the_commit_refuses_is_found_among_the_rows() {
    let cluster = with_schema();
    cluster.execute("ALTER TABLE rtcstats ADD UNIQUE (rtcstats_user) DEFERRABLE INITIALLY DEFERRED");
    let answers = told(table(&cluster.url()).insert(&rows(0..3)).expect("the server answers"));
    assert_eq!(
        answers,
        [Ok(Written::Now), Ok(Written::Now), Err("23505".to_owned())],
        "the first and the third are of one user"
    );
    assert_eq!(count(&cluster), 2);
}

#[test]
fn processes_with_the_same_dumps_in_opposite_orders_do_not_wait_for_each_other_for_ever() {
    for (cluster, form) in forms() {
        let tables = [table(&cluster.url()), table(&cluster.url())];
        let together = Barrier::new(tables.len());
        let (rounds, overlap) = (8, FULL / 2);
        let written: usize = thread::scope(|scope| {
            let work = |index: usize| {
                let (table, together) = (&tables[index], &together);
                move || {
                    let mut written = 0;
                    for round in 0..rounds {
                        let first = round * 1_000 + overlap * index as u64;
                        let mut batch = rows(first..first + FULL);
                        if index == 1 {
                            batch.reverse();
                        }
                        together.wait();
                        let answers = told(table.insert(&batch).expect(form));
                        written += answers.iter().filter(|told| **told == Ok(Written::Now)).count();
                    }
                    written
                }
            };
            let workers: Vec<_> = (0..tables.len()).map(|index| scope.spawn(work(index))).collect();
            let ended = workers.into_iter().map(|worker| worker.join().expect("it ends well"));
            ended.sum()
        });
        let expected = i64::try_from(rounds * (FULL + overlap)).expect("a small number");
        assert_eq!(count(&cluster), expected, "{form}");
        assert_eq!(i64::try_from(written).ok(), Some(expected), "{form}: each by one");
        assert!(!cluster.log().contains("deadlock"), "{form}: {}", cluster.log());
    }
}

#[test]
fn a_batch_whose_commit_went_unanswered_is_found_as_a_whole_the_next_time() {
    for (cluster, form) in forms() {
        let proxy = Proxy::start(cluster.address());
        let table = table(&proxy.url());
        let batch = rows(0..FULL);
        for (cut, left, then) in [
            (CutAfter("INSERT"), 0, Written::Now),
            (CutAfter("COMMIT\0"), 64, Written::Before),
        ] {
            cluster.execute("DELETE FROM rtcstats");
            insert(&table, &row(1_000)).expect("nothing is cut yet");
            proxy.set(Some(cut));
            let error = table.insert(&batch).expect_err("the connection was cut");
            assert!(
                error.whose() == Whose::Destination && proxy.seen().met >= 1,
                "{form} {cut:?}: {error}"
            );
            proxy.set(None);
            assert_eq!(count(&cluster), 1 + left, "{form} {cut:?}");
            let answers = told(table.insert(&batch).expect(form));
            assert!(answers.iter().all(|told| *told == Ok(then)), "{form} {cut:?}");
            assert_eq!(count(&cluster), 65, "{form} {cut:?}");
        }
    }
}
