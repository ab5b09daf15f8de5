//! Numbers and texts one behind the other, as reports of closed connections are kept: numbers as LEB128 varints, texts
//! behind their lengths. What is read was written here, so nothing fails.

pub fn write(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn write_text(text: &[u8], out: &mut Vec<u8>) {
    write(text.len() as u64, out);
    out.extend_from_slice(text);
}

pub fn read(from: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    while let Some((byte, rest)) = from.split_first() {
        *from = rest;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

pub fn read_text<'a>(from: &mut &'a [u8]) -> &'a [u8] {
    let length = read(from) as usize;
    let (text, rest) = from.split_at(length.min(from.len()));
    *from = rest;
    text
}
