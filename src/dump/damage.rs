//! Damages texts at random, for tests. A seed gives the same texts on every machine, so a failure can be repeated.

/// A simple generator (Knuth, MMIX).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    /// Changes a few bytes, parts, or the end of a text. `typical` are bytes that mean something there.
    pub fn damage(&mut self, text: &[u8], typical: &[u8]) -> Vec<u8> {
        const BYTES_MAX: usize = 4096;
        let mut text = text.to_vec();
        for _ in 0..1 + self.below(4) {
            let (at, other) = (self.below(text.len()), self.below(text.len()));
            match self.below(7) {
                0 => text.truncate(at),
                1 if !text.is_empty() => {
                    text.remove(at);
                }
                2 if !text.is_empty() => text[at] = self.below(256) as u8,
                3 if !text.is_empty() => text[at] = typical[self.below(typical.len())],
                4 => text.insert(at, typical[self.below(typical.len())]),
                5 => {
                    let part = text[at.min(other)..at.max(other)].to_vec();
                    text.splice(at..at, part);
                    text.truncate(BYTES_MAX);
                }
                _ if !text.is_empty() => text.swap(at, other),
                _ => {}
            }
        }
        text
    }
}
