//! Ids of reports in the order of reports: numbers ascending, then others by their first appearance.
//!
//! "The first report of some type" means the first one in this order. Lists of ids are short and have a limit; of the
//! numbers, the lowest stay.
use super::keep::{Id, Keeper};
use crate::dump::json::Text;

/// An id that is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// Ids that are no number come last.
    number: u32,
    id: Id,
}

impl Rank {
    pub fn new(id: Text<'_>, keeper: &mut Keeper) -> Option<Rank> {
        let number = number(id.raw()).unwrap_or(u32::MAX);
        Some(Rank {
            number,
            id: keeper.id(id)?,
        })
    }

    pub fn id(&self) -> Text<'_> {
        Text::checked(&self.id)
    }

    /// Where it stands among others.
    pub fn order(&self) -> u32 {
        self.number
    }

    /// Puts an id into its place, unless it is there already. False if it, or another one for it, was left out.
    pub fn insert(ranks: &mut Vec<Rank>, id: Text<'_>, limit: usize, keeper: &mut Keeper) -> bool {
        if ranks.iter().any(|rank| *rank.id == *id.raw()) {
            return true;
        }
        let number = number(id.raw()).unwrap_or(u32::MAX);
        let place = ranks.partition_point(|rank| rank.number <= number);
        if place == limit {
            return false;
        }
        let Some(rank) = Rank::new(id, keeper) else {
            return false;
        };
        ranks.insert(place, rank);
        let fits = ranks.len() <= limit;
        ranks.truncate(limit);
        fits
    }
}

/// An id that is a number: decimal, without leading zeros, below 2^32 - 1.
fn number(id: &[u8]) -> Option<u32> {
    let is_plain = id == b"0" || (id.iter().all(u8::is_ascii_digit) && id.first() != Some(&b'0'));
    let number = std::str::from_utf8(id).ok()?.parse().ok()?;
    (is_plain && number < u32::MAX).then_some(number)
}
