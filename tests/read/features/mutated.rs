//! Dumps with bytes and lines that are not as they were: features come out all the same, and are JSON.
use super::masked::masked;
use super::*;

/// xorshift64*, so that each run does the same.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

/// What stands in the place of some token of a line.
const TOKENS: [&str; 12] = [
    "null",
    "-1",
    "1e400",
    "\"\"",
    "\"0\"",
    "[]",
    "{}",
    "[[\"audio\",\"a\"]]",
    "\"transport\"",
    "\"outbound-rtp\"",
    "0",
    "\"PC_0\"",
];

fn mutated(line: &[u8], random: &mut Random) -> Vec<u8> {
    let mut line = line.to_vec();
    for _ in 0..=random.below(3) {
        if line.is_empty() {
            break;
        }
        let at = random.below(line.len());
        if random.below(2) == 0 {
            line[at] = random.below(256) as u8;
            continue;
        }
        // From one comma or colon to the next one.
        let is_end = |byte: &u8| matches!(byte, b',' | b':' | b'}' | b']');
        let start = line[..at].iter().rposition(is_end).map_or(0, |before| before + 1);
        let end = line[at..]
            .iter()
            .position(is_end)
            .map_or(line.len(), |length| at + length);
        let token = TOKENS[random.below(TOKENS.len())];
        line.splice(start..end.max(start), token.bytes());
    }
    line
}

#[test]
fn features_of_mutated_dumps_are_json() {
    const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut random = Random(SEED);
    for recorded in support::recorded::Recorded::all() {
        let lines = lines(&recorded.name);
        // So many that large dumps take no longer than small ones.
        let bytes: usize = lines.iter().map(Vec::len).sum();
        for _ in 0..(200_000 / bytes).clamp(1, 20) {
            let mut all = Vec::new();
            for line in &lines {
                match random.below(12) {
                    0 => {}
                    1 => all.extend([line.clone(), line.clone()]),
                    2 => all.push(lines[random.below(lines.len())].clone()),
                    3..8 => all.push(mutated(line, &mut random)),
                    _ => all.push(line.clone()),
                }
            }
            let found = json(&features(&all));
            assert!(found["peerConnections"].is_array(), "seed {SEED}: {}", recorded.name);
        }
    }
}

/// One line after the other, each damaged, in sessions of many dumps at once. What comes out is JSON of the same shape,
/// twice the same, and no number that JSON lacks.
#[test]
fn features_of_single_mutated_events_are_json() {
    const SEED: u64 = 11;
    const SESSION: usize = 250;
    let mut random = Random(SEED);
    let all: Vec<Vec<u8>> = support::recorded::Recorded::all()
        .iter()
        .flat_map(|recorded| lines(&recorded.name))
        .filter(|line| line.len() < 800)
        .collect();
    for session in 0..400 {
        let events: Vec<Vec<u8>> = (0..SESSION)
            .map(|_| mutated(&all[random.below(all.len())], &mut random))
            .collect();
        let found = features(&events);
        let value = json(&found);
        let connections = value["peerConnections"].as_array();
        assert!(
            connections.is_some_and(|list| list.len() <= SESSION),
            "seed {SEED}, session {session}"
        );
        assert_eq!(json(&features(&events)), value, "seed {SEED}, session {session}");
        let masked = masked(&events);
        assert_eq!(
            text(&selected(&masked)),
            text(&features(&masked)),
            "seed {SEED}, session {session}"
        );
    }
}
