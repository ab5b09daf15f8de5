//! Dumps as other programs compress them, and what grows beyond measure.

use std::io::Write;

use flate2::write::GzEncoder;

pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

pub fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(text).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}

pub fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 1).expect("a vector takes everything")
}

pub const SMALL: &str = "RTCStatsDump\n{\"fileFormat\":3}\n[\"a\",null,1,5]\n[\"b\",null,2,5]\n";

/// `SMALL` as another program compresses it with brotli: there is no encoder here.
pub const SMALL_BROTLI: [u8; 64] = [
    27, 59, 0, 0, 196, 242, 214, 191, 196, 203, 95, 176, 47, 42, 33, 161, 153, 240, 186, 205, 230, 37, 3, 27, 112, 64,
    129, 74, 100, 235, 32, 58, 222, 2, 215, 157, 94, 105, 169, 154, 218, 201, 119, 109, 122, 56, 27, 52, 57, 213, 16,
    195, 167, 14, 5, 167, 142, 99, 25, 48, 235, 89, 6, 1,
];

/// `SMALL`, and 24 MiB of the letter x.
pub const BOMB_BROTLI: [u8; 107] = [
    203, 255, 255, 63, 0, 196, 242, 214, 191, 196, 203, 95, 48, 69, 37, 36, 52, 19, 94, 183, 217, 188, 205, 102, 192,
    33, 231, 223, 2, 149, 200, 2, 226, 48, 112, 8, 54, 198, 64, 190, 99, 217, 110, 229, 26, 139, 138, 238, 116, 230,
    162, 135, 103, 131, 75, 86, 81, 4, 247, 169, 65, 192, 83, 199, 176, 239, 104, 96, 223, 119, 255, 119, 229, 255,
    255, 31, 0, 18, 0, 113, 88, 0, 186, 247, 127, 252, 255, 255, 3, 64, 2, 32, 14, 11, 64, 247, 254, 47, 118, 0, 0, 72,
    0, 196, 17, 1, 24,
];

/// A brotli stream without compression (RFC 7932, section 9.2): blocks of 64 KiB, and an empty last one.
pub fn stored(text: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (number, block) in text.chunks(1 << 16).enumerate() {
        // No last block, four digits of length, its length, uncompressed; the first has one bit for the window.
        let head = ((block.len() - 1) << 3 | 1 << 19) << usize::from(number == 0);
        stream.extend_from_slice(&head.to_le_bytes()[..3]);
        stream.extend_from_slice(block);
    }
    stream.push(0b11);
    stream
}
