//! One message as one line.

/// Appends a message as one line with its end, without parsing it.
pub fn append_message(payload: &[u8], _binary: bool, out: &mut Vec<u8>) {
    out.extend(payload.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
    out.push(b'\n');
}
