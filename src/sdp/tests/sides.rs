//! Descriptions side by side.
use super::super::difference::{Kind, difference};
use super::{Compared, OFFER, Operation, compare};

/// The lines of one side, put together again from the operations.
fn side<'a>(
    compared: &Compared<'a>,
    equal_from: &[&'a str],
    takes: fn(&Operation<'a>) -> Option<Vec<&'a str>>,
) -> Vec<&'a str> {
    let (mut at, mut lines) = (0, Vec::new());
    for operation in &compared.operations {
        match operation {
            Operation::Equal(count) => {
                lines.extend(&equal_from[at..at + count]);
                at += count;
            }
            other => match takes(other) {
                Some(own) => {
                    at += own.len();
                    lines.extend(own);
                }
                None => continue,
            },
        }
    }
    lines
}

#[test]
fn equal_descriptions_have_equal_sections() {
    let compared = compare(OFFER, OFFER);
    assert_eq!(compared.len(), 4);
    assert!(compared.iter().all(Compared::is_equal));
    let titles: Vec<_> = compared.iter().map(|one| (one.title, one.mid)).collect();
    assert_eq!(
        titles,
        [
            ("session", None),
            ("audio", Some("0")),
            ("video", Some("1")),
            ("application", Some("2"))
        ]
    );
}

#[test]
fn a_changed_line_is_removed_and_added_in_its_place() {
    let changed = OFFER.replace("a=fmtp:111 minptime=10;", "a=fmtp:111 stereo=1;");
    let audio = &compare(OFFER, &changed)[1];
    assert_eq!((audio.from, audio.to), (Some(1), Some(1)));
    assert_eq!(
        audio.operations,
        [
            Operation::Equal(10),
            Operation::Removed(vec!["a=fmtp:111 minptime=10;useinbandfec=1"]),
            Operation::Added(vec!["a=fmtp:111 stereo=1;useinbandfec=1"]),
            Operation::Equal(2),
        ]
    );
}

#[test]
fn sections_belong_together_by_mid_wherever_they_stand() {
    let (a, b, c) = (
        "m=audio 9 x 1\na=mid:a\n",
        "m=video 9 x 2\na=mid:b\n",
        "m=audio 9 x 3\na=mid:c\n",
    );
    let shape = |from: &str, to: &str| {
        let compared = compare(from, to);
        let shape = compared.iter().map(|one| (one.from, one.to, one.is_equal()));
        shape.skip(1).collect::<Vec<_>>()
    };
    assert_eq!(
        shape(&[a, b].concat(), &[b, a].concat()),
        [(Some(2), Some(1), true), (Some(1), Some(2), true)]
    );
    let removed = shape(&[a, b, c].concat(), &[a, c].concat());
    assert_eq!(
        removed,
        [
            (Some(1), Some(1), true),
            (Some(2), None, false),
            (Some(3), Some(2), true)
        ]
    );
    assert_eq!(
        shape(a, &[a, b].concat()),
        [(Some(1), Some(1), true), (None, Some(2), false)]
    );
    assert_eq!(
        shape(&[a, a].concat(), a),
        [(Some(1), Some(1), true), (Some(2), None, false)]
    );
    // Without identification, by their places.
    assert_eq!(shape("m=audio 9 x 1\n", "m=audio 9 x 2\n"), [(Some(1), Some(1), false)]);
    assert_eq!(shape("m=audio 9 x 1\n", a), [(Some(1), Some(1), false)]);
}

/// A small generator of numbers (Marsaglia's xorshift), so that failures can be repeated.
fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

#[test]
fn operations_give_both_sides_back() {
    for seed in 1..400 {
        let mut number = numbers(seed * 0x9e37_79b9);
        let kinds = 1 + number(40);
        let mut text = |count| {
            (0..count)
                .map(|_| format!("a=x:{}\n", number(kinds)))
                .collect::<String>()
        };
        let (from, to) = (text(seed % 90), text(seed * 7 % 90));
        let one = compare(&from, &to).swap_remove(0);
        let (left, right): (Vec<_>, Vec<_>) = (from.lines().collect(), to.lines().collect());
        assert_eq!(
            side(&one, &left, |one| match one {
                Operation::Removed(lines) => Some(lines.clone()),
                _ => None,
            }),
            left
        );
        assert_eq!(
            side(&one, &right, |one| match one {
                Operation::Added(lines) => Some(lines.clone()),
                _ => None,
            }),
            right
        );
        let is_ordered = |pair: &[Operation<'_>]| match (&pair[0], &pair[1]) {
            (Operation::Added(_), after) => matches!(after, Operation::Equal(_)),
            (Operation::Removed(_), after) => !matches!(after, Operation::Removed(_)),
            (Operation::Equal(_), after) => !matches!(after, Operation::Equal(_)),
        };
        assert!(one.operations.windows(2).all(is_ordered), "{seed}");
    }
}

#[test]
fn few_lines_are_compared_so_that_most_are_equal() {
    let equal = |from: &[u32], to: &[u32]| -> usize {
        let runs = difference(from, to);
        runs.iter()
            .filter(|run| run.kind == Kind::Equal)
            .map(|run| run.lines)
            .sum()
    };
    assert_eq!(equal(&[1, 1, 2, 1], &[1, 2, 1, 1]), 3);
    assert_eq!(equal(&[1, 2, 3, 4, 5], &[2, 9, 4, 5, 3]), 3);
    assert_eq!(equal(&[], &[1]), 0);
    // Many, with marks: a block that moved, and one line that is new.
    let from: Vec<_> = (0..1000).collect();
    let mut to: Vec<_> = (100..1000).chain(0..100).collect();
    to.insert(500, 5000);
    assert_eq!(equal(&from, &to), 900);
}

#[test]
fn hostile_lines_take_no_time_in_proportion_to_their_square() {
    // 40,000 lines without a mark, and marks that each leave all the rest: squares would be 10^9 steps and more.
    let same = vec![1_u32; 40_000];
    let other: Vec<u32> = (0..40_000).map(|at| at % 2 + 2).collect();
    assert_eq!(difference(&same, &other).len(), 2);
    let backwards: Vec<u32> = (0..40_000).rev().collect();
    let forwards: Vec<u32> = (0..40_000).collect();
    let runs = difference(&forwards, &backwards);
    assert_eq!(
        runs.iter()
            .filter(|run| run.kind == Kind::Equal)
            .map(|run| run.lines)
            .sum::<usize>(),
        1
    );
}
