//! A page's data, complete.
use std::io::Write;

use super::binary::{Binary, Form};
use super::head::Head;

/// What a dump says, ready to be written.
#[derive(Debug)]
pub struct Model {
    pub(super) head: Head,
    pub(super) binary: Binary,
}

impl Model {
    /// Appends the data as one JSON object, arrays in place.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        self.write_head(Form::Values, &mut *out);
    }

    /// Appends the head, in which arrays stand in this form, to what lies in memory.
    pub(super) fn write_head(&self, form: Form, out: impl Write) {
        self.binary.set_form(form);
        serde_json::to_writer(out, &self.head).expect("keys are texts, and memory can always be written");
    }
}
