//! What the log says of sweeps: what is gone each time, and what stays as it is once, again when its cause changes, and
//! when it is over.
//!
//! Nothing here writes to the log. A count that grows is no other cause, and neither is a doubt that goes on: where
//! machines with clocks that differ sweep one folder, each sweep of theirs doubts anew. There are no failures.
use log::Level;

use super::sweep::{Doubt, Swept};
use crate::news::{News, Standing};
use crate::time::UnixMs;

/// What was told and is not over.
#[derive(Debug, Default)]
pub struct Told {
    standing: Standing,
    doubt: Doubted,
}

/// What was said of the clock.
#[derive(Debug, Default, Clone, Copy)]
enum Doubted {
    #[default]
    No,
    /// That what is too old stays until then.
    Until(UnixMs),
    /// That it stays for longer.
    GoesOn,
}

type Line = (Level, String);

impl Told {
    /// What the log is to say now of a sweep, and of what kept its time from being noted.
    pub fn lines(&mut self, swept: Result<Swept, String>, unnoted: Option<&str>, now: UnixMs) -> Vec<Line> {
        let mut lines = Vec::new();
        let failure = swept.as_ref().err().map(String::as_str);
        lines.extend(match self.standing.hear("sweep", failure) {
            News::Wrong => failure.map(|cause| (Level::Error, format!("retention goes on later: {cause}"))),
            News::Over => Some((Level::Info, "retention goes on".to_owned())),
            News::Nothing => None,
        });
        lines.extend(match self.standing.hear("note", unnoted) {
            News::Wrong => unnoted.map(|trouble| (Level::Warn, trouble.to_owned())),
            News::Over => Some((Level::Info, "the time of a sweep can be noted again".to_owned())),
            News::Nothing => None,
        });
        if let Ok(swept) = swept {
            lines.extend(gone(&swept));
            lines.extend(self.doubt(swept.doubt.as_ref(), now));
            lines.extend(self.kept(&swept));
            lines.extend(self.ahead(swept.ahead));
        }
        lines
    }

    fn kept(&mut self, swept: &Swept) -> Option<Line> {
        let first = swept.why.as_ref();
        match self.standing.hear("kept", first.map(|kept| kept.why.as_str())) {
            News::Nothing => None,
            News::Over => Some((
                Level::Info,
                "retention lets all stored dumps go that it could not".to_owned(),
            )),
            News::Wrong => first.map(|first| {
                let (count, path, why) = (swept.kept, first.path.display(), &first.why);
                let line = format!("retention cannot let {count} stored dumps go; the first is {path}: {why}");
                (Level::Warn, line)
            }),
        }
    }

    fn ahead(&mut self, count: usize) -> Option<Line> {
        match self.standing.hear("ahead", (count > 0).then_some("")) {
            News::Nothing => None,
            News::Over => Some((Level::Info, "no stored dump is ahead of the clock any more".to_owned())),
            News::Wrong => {
                let line = format!(
                    "{count} stored dumps have only times that are ahead of the clock, in their names and of their \
                     files: max_age keeps them. If the clock is right, give their files today's time with touch(1)"
                );
                Some((Level::Warn, line))
            }
        }
    }

    /// A doubt without a dump that is too old is not worth a line.
    fn doubt(&mut self, doubt: Option<&Doubt>, now: UnixMs) -> Option<Line> {
        match (self.doubt, doubt) {
            (Doubted::No, Some(doubt)) if doubt.dumps > 0 => {
                self.doubt = Doubted::Until(doubt.until);
                Some((Level::Warn, doubted(doubt, now)))
            }
            (Doubted::Until(until), Some(_)) if now >= until => {
                self.doubt = Doubted::GoesOn;
                Some((Level::Warn, GOES_ON.to_owned()))
            }
            (Doubted::Until(_) | Doubted::GoesOn, None) => {
                self.doubt = Doubted::No;
                let line = "the clock agrees with the last sweeps: retention goes by the age of stored dumps";
                Some((Level::Info, line.to_owned()))
            }
            _ => None,
        }
    }
}

fn gone(swept: &Swept) -> Option<Line> {
    let Swept { dumps, bytes, .. } = swept;
    let line = || format!("retention let {dumps} stored dumps of {bytes} bytes go");
    (*dumps > 0).then(|| (Level::Info, line()))
}

fn doubted(doubt: &Doubt, now: UnixMs) -> String {
    let Doubt {
        dumps,
        bytes,
        last,
        until,
    } = doubt;
    let since = match last {
        Some(last) => format!("and the last sweep was at {last}"),
        None => "and the folder remembers no earlier sweep".to_owned(),
    };
    format!(
        "retention would let {dumps} stored dumps of {bytes} bytes go because of their age, but the clock says {now}, \
         {since}. They stay until {until}. If the clock is right, there is nothing to do; if not, set it right or set \
         retention.max_age (keep_local for copies) to 0 before"
    )
}

const GOES_ON: &str = "the clock goes on to disagree with the sweeps of the folder, and no stored dump goes because of its \
                       age as long as it does. If several machines sweep this folder, set their clocks alike";

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::super::last_sweep::{Clock, LastSweep};
    use super::super::sweep::Kept;
    use super::*;

    const NOW: UnixMs = UnixMs(1_800_000_000_000);

    fn kept(kept: usize, path: &str, why: &str) -> Swept {
        let (path, why) = (PathBuf::from(path), why.to_owned());
        Swept {
            kept,
            why: Some(Kept { path, why }),
            ..Swept::default()
        }
    }

    fn ahead(ahead: usize) -> Swept {
        Swept {
            ahead,
            ..Swept::default()
        }
    }

    /// What sweeps come to, one after the other, and how the one line of each begins (none: it is no news).
    #[test]
    fn what_stays_as_it_is_is_told_once_and_when_it_is_over() {
        let full = || Err("folder /dumps: no space".to_owned());
        let sweeps = [
            (full(), "retention goes on later: folder /dumps: no space"),
            (full(), ""),
            (
                Err("catalogue: locked".to_owned()),
                "retention goes on later: catalogue: locked",
            ),
            (Ok(Swept::default()), "retention goes on"),
            (Ok(Swept::default()), ""),
            (
                Ok(kept(2, "/dumps/a", "a trigger")),
                "retention cannot let 2 stored dumps go; the first is /dumps/a: a tr",
            ),
            (Ok(kept(3, "/dumps/a", "a trigger")), ""),
            (Ok(kept(3, "/dumps/b", "a trigger")), ""),
            (
                Ok(kept(3, "/dumps/b", "immutable")),
                "retention cannot let 3 stored dumps go; the first is /dumps/b: imm",
            ),
            (
                Ok(Swept::default()),
                "retention lets all stored dumps go that it could not",
            ),
            (Ok(ahead(1)), "1 stored dumps have only times that are ahead"),
            (Ok(ahead(9)), ""),
            (Ok(Swept::default()), "no stored dump is ahead of the clock any more"),
            (Ok(Swept::default()), ""),
        ];
        let mut told = Told::default();
        for (swept, expected) in sweeps {
            let what = format!("{swept:?}");
            let lines: Vec<String> = told.lines(swept, None, NOW).into_iter().map(|(_, line)| line).collect();
            assert_eq!(lines.len(), usize::from(!expected.is_empty()), "{what}: {lines:?}");
            assert!(lines.iter().all(|line| line.starts_with(expected)), "{what}: {lines:?}");
        }
    }

    #[test]
    fn a_time_that_cannot_be_noted_is_told_once() {
        let mut told = Told::default();
        let mut lines = |unnoted| told.lines(Ok(Swept::default()), unnoted, NOW);
        assert_eq!(lines(Some("read-only")), [(Level::Warn, "read-only".to_owned())]);
        assert_eq!(lines(Some("read-only")), []);
        assert_eq!(
            lines(None),
            [(Level::Info, "the time of a sweep can be noted again".to_owned())]
        );
        assert_eq!(lines(None), []);
    }

    /// The clock of one machine, in seconds after the other's: both sweep one folder each ten minutes for a day.
    const APART: [(u64, usize); 5] = [(0, 1), (300, 1), (3_600, 2), (86_400, 2), (40 * 86_400, 2)];

    #[test]
    fn two_machines_whose_clocks_differ_do_not_repeat_their_doubt() {
        for (apart, warnings) in APART {
            let (mut folder, mut told) = (None, [Told::default(), Told::default()]);
            let mut warned = [0; 2];
            for minutes in (0..24 * 60).step_by(10) {
                for (machine, told) in told.iter_mut().enumerate() {
                    let now = UnixMs(NOW.0 + minutes * 60_000 + [0, apart * 1_000][machine]);
                    let (last, clock) = LastSweep::next(folder, now, Duration::from_secs(30 * 86_400));
                    folder = Some(last);
                    let doubt = match clock {
                        Clock::Agrees => None,
                        Clock::Doubtful { last, until } => Some(Doubt {
                            dumps: 1,
                            bytes: 1,
                            last,
                            until,
                        }),
                    };
                    let swept = Swept {
                        doubt,
                        ..Swept::default()
                    };
                    let lines = told.lines(Ok(swept), None, now);
                    warned[machine] += lines.iter().filter(|(level, _)| *level == Level::Warn).count();
                }
            }
            assert!(
                warned.iter().all(|count| *count <= warnings),
                "{apart} s apart: {warned:?}"
            );
            assert!(warned[0] == warnings, "{apart} s apart: {warned:?}");
        }
    }
}
