//! What holds for reading as a whole.
mod lines;
mod pages;

use super::steps;

/// Checks that `work` takes no more steps for a byte of a text that is eight times as long. `text` makes one of so many
/// parts. A small text has its share of what is done once, and chunks of a growing size are not read evenly; work that
/// is not linear would take eight times as many. There must be a step for every few bytes, or they are not counted.
fn check_linear(what: &str, parts: usize, text: impl Fn(usize) -> Vec<u8>, work: impl Fn(&[u8])) {
    let [small, large] = [parts, 8 * parts].map(|parts| {
        let text = text(parts);
        let steps = steps::of(|| work(&text));
        assert!(
            4 * steps >= text.len() as u64,
            "{what}: {steps} steps for {} bytes",
            text.len()
        );
        steps as f64 / text.len() as f64
    });
    assert!(
        large <= 1.25 * small + 2.0,
        "{what}: {small:.1} steps for a byte, and {large:.1} in a longer text"
    );
}
