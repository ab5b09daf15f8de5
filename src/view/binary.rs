//! The binary part of the data, and the arrays in it.
//!
//! In the page an array is told as `"offset"` and `"bytes"`; in JSON its numbers stand in place, as `"values"`. Both
//! are written from the same bytes, so they cannot differ.
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// The bytes that all arrays of a model share.
#[derive(Clone, Debug, Default)]
pub struct Binary(Rc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    bytes: RefCell<Vec<u8>>,
    form: Cell<Form>,
}

/// How arrays are written into JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Where they are.
    #[default]
    Places,
    /// As arrays of numbers.
    Values,
}

/// How the numbers of an array are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Encoding {
    /// Zig-zag varints of the differences between values that were multiplied by this scale and rounded.
    Varint(f64),
    /// IEEE 754, 32 bits, little endian. NaN stands for no value.
    F32,
    /// Varints without sign: how often, and which entry of a dictionary.
    Runs,
}

/// One array of numbers.
#[derive(Clone, Debug)]
pub struct Array {
    binary: Binary,
    offset: usize,
    bytes: usize,
    encoding: Encoding,
}

impl Binary {
    /// Appends an array. Of a `Runs` array, each value is an entry.
    pub fn array(&self, encoding: Encoding, values: impl Iterator<Item = f64>) -> Array {
        let mut out = self.0.bytes.borrow_mut();
        let offset = out.len();
        match encoding {
            Encoding::Varint(scale) => {
                let mut before = 0;
                for value in values {
                    let scaled = (value * scale).round() as i64;
                    write_signed(scaled.wrapping_sub(before), &mut out);
                    before = scaled;
                }
            }
            Encoding::F32 => values.for_each(|value| out.extend_from_slice(&(value as f32).to_le_bytes())),
            Encoding::Runs => write_runs(values, &mut out),
        }
        Array {
            binary: self.clone(),
            offset,
            bytes: out.len() - offset,
            encoding,
        }
    }

    pub fn set_form(&self, form: Form) {
        self.0.form.set(form);
    }

    pub fn with<T>(&self, read: impl FnOnce(&[u8]) -> T) -> T {
        read(&self.0.bytes.borrow())
    }
}

fn write_runs(values: impl Iterator<Item = f64>, out: &mut Vec<u8>) {
    let mut run: Option<(u64, u64)> = None;
    for value in values {
        let entry = value as u64;
        match &mut run {
            Some((count, own)) if *own == entry => *count += 1,
            other => {
                if let Some((count, own)) = other.replace((1, entry)) {
                    write_varint(count, out);
                    write_varint(own, out);
                }
            }
        }
    }
    if let Some((count, own)) = run {
        write_varint(count, out);
        write_varint(own, out);
    }
}

/// LEB128: seven bits a byte, the lowest first; all but the last byte have the highest bit set.
pub fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Zig-zag: 0, -1, 1, -2 … become 0, 1, 2, 3 ….
pub fn write_signed(value: i64, out: &mut Vec<u8>) {
    write_varint(((value << 1) ^ (value >> 63)) as u64, out);
}

/// The next varint, if there is a whole one.
pub fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0_u64, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}

pub fn read_signed(bytes: &mut &[u8]) -> Option<i64> {
    let value = read_varint(bytes)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}

impl Array {
    /// The numbers, as whoever reads the page gets them.
    pub fn values(&self) -> Vec<f64> {
        self.binary.with(|bytes| {
            let mut bytes = &bytes[self.offset..][..self.bytes];
            match self.encoding {
                Encoding::Varint(scale) => {
                    let mut value = 0_i64;
                    let next = || {
                        value = value.wrapping_add(read_signed(&mut bytes)?);
                        Some(value as f64 / scale)
                    };
                    std::iter::from_fn(next).collect()
                }
                Encoding::F32 => {
                    let words = bytes.chunks_exact(4).filter_map(|word| word.try_into().ok());
                    words.map(|word| f64::from(f32::from_le_bytes(word))).collect()
                }
                Encoding::Runs => {
                    let mut values = Vec::new();
                    while let (Some(count), Some(entry)) = (read_varint(&mut bytes), read_varint(&mut bytes)) {
                        values.extend(std::iter::repeat_n(entry as f64, count as usize));
                    }
                    values
                }
            }
        })
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Serialize for Array {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.binary.0.form.get() {
            Form::Places => {
                map.serialize_entry("offset", &self.offset)?;
                map.serialize_entry("bytes", &self.bytes)?;
            }
            Form::Values => map.serialize_entry("values", &Numbers(self.values()))?,
        }
        map.end()
    }
}

/// Numbers, written without a fraction if they have none.
struct Numbers(Vec<f64>);

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|value| Number(*value)))
    }
}

/// One such number. What is no number is null.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Number(pub f64);

/// 2^53: up to here each integer is a double.
const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.fract() == 0.0 && value.abs() < INTEGER_MAX => serializer.serialize_i64(value as i64),
            value if value.is_finite() => serializer.serialize_f64(value),
            _ => serializer.serialize_unit(),
        }
    }
}
