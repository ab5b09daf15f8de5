//! Reports as JSON, as the browser would have given them.
use super::reports::{Report, Reports};

impl Reports {
    /// Appends all reports as one JSON object, as the browser's RTCStatsReport would be.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut separator = b'{';
        for report in self.iter() {
            out.push(separator);
            separator = b',';
            out.push(b'"');
            out.extend_from_slice(report.id().raw());
            out.extend_from_slice(b"\":");
            report.write_json(out);
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
    }
}

impl Report<'_> {
    /// Appends the report as a JSON object.
    pub fn write_json(self, out: &mut Vec<u8>) {
        let mut separator = b'{';
        for (name, value) in self.properties() {
            out.push(separator);
            separator = b',';
            out.push(b'"');
            out.extend_from_slice(name.raw());
            out.extend_from_slice(b"\":");
            out.extend_from_slice(value.raw());
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
    }
}
