//! One event as the parts of the page see it.
use super::words::short;
use crate::dump::decode::Extra;
use crate::dump::json::{Json, Text};

/// An event that is not of statistics.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Milliseconds since 1970.
    pub time: f64,
    pub name: &'a str,
    pub value: Json<'a>,
    pub extra: Extra<'a>,
    /// Its place among the events of the page, if it is there.
    pub row: Option<usize>,
}

impl Call<'_> {
    /// The id that a call and its return share, or that of a track.
    pub fn id(&self) -> Option<String> {
        self.extra
            .into_iter()
            .find(|extra| extra.as_text().is_some())
            .map(short)
    }

    /// The words of a member, cut.
    pub fn brief(&self, member: &str) -> Option<String> {
        let value = self.value.get(member)?;
        value.as_text().map(|_| short(value))
    }

    /// The words of a member.
    pub fn text(&self, member: &str) -> Option<String> {
        let value = self.value.get(member)?;
        value.as_text().map(Text::to_str).map(|text| text.into_owned())
    }
}
