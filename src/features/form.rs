//! Which values of features can be known from a dump of some form (`dump::form`).
use super::value::Value;
use crate::dump::form::{Form, Need, Sight};

/// The value, if it can be known.
pub fn known(form: Form, need: Need, value: Value<'_>) -> Value<'_> {
    let what = match value {
        Value::Number(ms) => Sight::Ms(ms),
        value if value.is_true() => Sight::Fact,
        _ => Sight::Other,
    };
    match form.shows(need, what) {
        true => value,
        false => Value::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::internals::{Flag, Flags};
    use crate::dump::open::Format;

    fn form(format: Format, flags: &[Flag]) -> Form {
        let mut set = Flags::default();
        flags.iter().for_each(|flag| set.add(*flag));
        Form::new(format, set)
    }

    #[test]
    fn a_client_library_knows_everything() {
        let library = Form::default();
        assert!(Need::ALL.iter().all(|need| !library.lacks(*need)));
        assert!(form(Format::RtcStats, &[]).is_library());
    }

    #[test]
    fn what_a_browser_has_not_seen_is_absent() {
        let whole = form(Format::Internals, &[]);
        let late = form(Format::Internals, &[Flag::StartedMidCall]);
        let export = form(Format::BrowserExport, &[Flag::StartedMidCall]);
        let cut = form(Format::Internals, &[Flag::StatsTruncated]);
        let coarse = form(Format::Internals, &[Flag::ClockInferred]);
        let (yes, no, long, short) = (
            Value::Bool(true),
            Value::Bool(false),
            Value::Number(2000.0),
            Value::Number(1999.0),
        );
        for (form, need, value, is_known) in [
            (whole, Need::PageClock, long, false),
            (whole, Need::Choice, yes, true),
            (whole, Need::Choice, Value::Json("true"), true),
            (whole, Need::Choice, Value::Json("false"), false),
            (whole, Need::Requests, no, false),
            (whole.requested(), Need::Requests, no, true),
            (whole, Need::Delay, short, true),
            (whole, Need::Occurrence, no, true),
            (late, Need::Occurrence, no, false),
            (late, Need::Occurrence, yes, true),
            (late, Need::Creation, long, false),
            (late, Need::Delay, long, false),
            (late, Need::FirstStatistics, long, false),
            (export, Need::Creation, long, true),
            (export, Need::Lifetime, short, true),
            (export, Need::Delay, long, false),
            (cut, Need::Delay, short, true),
            (cut, Need::Beginning, long, true),
            (cut, Need::FirstStatistics, long, false),
            (cut, Need::Sighting, no, false),
            (cut, Need::Sighting, yes, true),
            (coarse, Need::Delay, short, false),
            (coarse, Need::Delay, long, true),
            (coarse, Need::Lifetime, short, false),
            (coarse, Need::Creation, short, true),
        ] {
            assert_eq!(
                !known(form, need, value).is_absent(),
                is_known,
                "{form:?} {need:?} {value:?}"
            );
        }
    }
}
