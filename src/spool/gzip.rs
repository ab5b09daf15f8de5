//! Gzip files (RFC 1952), byte for byte as flate2's encoder writes them, with a compressor that serves for many.
//!
//! To make a compressor takes longer than to compress a short dump with it: it has 380 KB that must be cleared. So it
//! is kept and reset. Memory: one compressor and one buffer, whatever the file's length. Failures: those of the output;
//! the file is of no use then. Never here: what the content means, a flush in the middle of a file.

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use crate::limits::SCAN_BYTES_MAX;

/// What a file is compressed with. It serves for one file at a time.
pub struct Workspace {
    compress: Compress,
    /// What is to be written next.
    packed: Vec<u8>,
}

/// A file that is being written.
pub struct Gzip<'a, W> {
    output: W,
    workspace: &'a mut Workspace,
    /// Of the content.
    content: Crc,
    /// Of the file.
    file: Crc,
}

impl Workspace {
    /// `level` is one between the fastest and the best, since the header says of those two that they were used.
    pub fn new(level: u32) -> Workspace {
        Workspace {
            compress: Compress::new(Compression::new(level), false),
            packed: Vec::with_capacity(SCAN_BYTES_MAX),
        }
    }
}

impl<'a, W: Write> Gzip<'a, W> {
    /// Whatever the workspace was used for before is forgotten.
    pub fn new(output: W, workspace: &'a mut Workspace) -> Self {
        workspace.compress.reset();
        workspace.packed.clear();
        workspace.packed.extend(HEADER);
        Gzip {
            output,
            workspace,
            content: Crc::new(),
            file: Crc::new(),
        }
    }

    /// Compresses these bytes too.
    ///
    /// # Errors
    /// The output's.
    pub fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.content.update(bytes);
        while !bytes.is_empty() {
            let (taken, _) = self.compress(bytes, FlushCompress::None)?;
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// Writes what is left. Returns the check sum of the whole file, the CRC-32 that gzip has too.
    ///
    /// # Errors
    /// The output's.
    pub fn finish(mut self) -> io::Result<u32> {
        while self.compress(&[], FlushCompress::Finish)?.1 != Status::StreamEnd {}
        let trailer = [self.content.sum().to_le_bytes(), self.content.amount().to_le_bytes()];
        let packed = &mut self.workspace.packed;
        if packed.capacity() - packed.len() < trailer.as_flattened().len() {
            self.write()?;
        }
        self.workspace.packed.extend(trailer.as_flattened());
        self.write()?;
        Ok(self.file.sum())
    }

    /// Compresses as much as there is room for; how much that was.
    fn compress(&mut self, bytes: &[u8], flush: FlushCompress) -> io::Result<(usize, Status)> {
        if self.workspace.packed.len() == self.workspace.packed.capacity() {
            self.write()?;
        }
        let Workspace { compress, packed } = &mut *self.workspace;
        let before = compress.total_in();
        let status = compress.compress_vec(bytes, packed, flush)?;
        Ok(((compress.total_in() - before) as usize, status))
    }

    fn write(&mut self) -> io::Result<()> {
        let packed = &mut self.workspace.packed;
        self.output.write_all(packed)?;
        self.file.update(packed);
        packed.clear();
        Ok(())
    }
}

/// Section 2.3: the two bytes that say gzip, deflate, no flags, no time, neither the best nor the fastest, system
/// unknown.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

#[cfg(test)]
mod tests {
    use flate2::write::GzEncoder;

    use super::*;

    const LEVEL: u32 = 3;

    /// An output that is full after so many bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn gzip(content: &[u8], piece: usize, workspace: &mut Workspace) -> Vec<u8> {
        let mut packed = Vec::new();
        let mut gzip = Gzip::new(&mut packed, workspace);
        content.chunks(piece).for_each(|bytes| gzip.put(bytes).unwrap());
        let sum = gzip.finish().unwrap();
        let mut crc = Crc::new();
        crc.update(&packed);
        assert_eq!(sum, crc.sum());
        packed
    }

    fn flate2(content: &[u8], piece: usize) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
        content
            .chunks(piece)
            .for_each(|bytes| encoder.write_all(bytes).unwrap());
        encoder.finish().unwrap()
    }

    /// Bytes that cannot be compressed (the numbers of Knuth's MMIX).
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    fn lines(length: usize) -> Vec<u8> {
        let line = |number: usize| {
            format!(
                "[\"getstats\",\"PC_{}\",{{\"bytes\":{}}},9]\n",
                number % 7,
                number * number
            )
        };
        (0..)
            .flat_map(|number| line(number).into_bytes())
            .take(length)
            .collect()
    }

    fn contents() -> Vec<Vec<u8>> {
        let mut contents = vec![
            Vec::new(),
            b"a".to_vec(),
            vec![b'x'; 3 << 20],
            lines(5 << 20),
            noise(3 << 20),
        ];
        contents.extend([1_000, 40_000, 70_000, 300_000].map(lines));
        // The buffer is full at each point of the last bytes.
        contents.extend((0..40).map(|more| noise(SCAN_BYTES_MAX - 60 + more)));
        contents
    }

    #[test]
    fn the_file_is_the_one_that_flate2_writes_whatever_the_workspace_was_used_for() {
        let mut workspace = Workspace::new(LEVEL);
        for content in contents() {
            for piece in [600, 50_000] {
                let packed = gzip(&content, piece, &mut workspace);
                assert!(packed == flate2(&content, piece), "{} bytes by {piece}", content.len());
                assert_eq!(workspace.packed.capacity(), SCAN_BYTES_MAX, "the buffer never grows");
            }
        }
    }

    #[test]
    fn a_file_that_was_given_up_leaves_no_trace_in_the_next_one() {
        let mut workspace = Workspace::new(LEVEL);
        let mut full = Gzip::new(Full(SCAN_BYTES_MAX), &mut workspace);
        let refused = full.put(&noise(1 << 20)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::StorageFull);
        let mut left = Gzip::new(io::sink(), &mut workspace);
        left.put(&lines(10_000)).unwrap();
        let content = lines(20_000);
        assert!(gzip(&content, 600, &mut workspace) == flate2(&content, 600));
    }
}
