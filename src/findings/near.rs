//! Rules whose names are near to one that there is not: what somebody may have meant.
use super::rules;

/// The most names that are told.
const NAMES_MAX: usize = 4;

/// Those with the fewest letters that differ, and those that have the text in their names.
pub fn near(text: &str) -> Vec<&'static str> {
    let text = text.to_ascii_lowercase();
    let most = (text.len() / 4).max(2);
    let candidate = |id: &'static str| {
        let distance = strsim::osa_distance(&text, id);
        let is_part = text.len() >= TEXT_BYTES_MIN && id.contains(&text);
        (distance <= most || is_part).then_some((!is_part, distance, id))
    };
    // What is very long is no typing error.
    if text.len() > 2 * id_bytes() {
        return Vec::new();
    }
    let mut all: Vec<_> = rules::all().filter_map(|rule| candidate(rule.id)).collect();
    all.sort_unstable();
    all.into_iter().map(|(_, _, id)| id).take(NAMES_MAX).collect()
}

/// Shorter parts are in too many names.
const TEXT_BYTES_MIN: usize = 3;

fn id_bytes() -> usize {
    rules::all().map(|rule| rule.id.len()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_may_have_meant_is_named() {
        for text in ["dump.no-stat", "DUMP.no-stats", "no-stats", "dump_no_stats"] {
            assert!(near(text).contains(&"dump.no-stats"), "{text}: {:?}", near(text));
        }
        for text in ["", "x", "zzzzzzzzzz", &"dump.no-stats".repeat(1_000)] {
            assert!(near(text).is_empty(), "{text}: {:?}", near(text));
        }
        assert!(near("dump").len() <= NAMES_MAX);
    }
}
