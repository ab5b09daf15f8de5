//! How much of the disk a listing has covered, so that an id which was left out is not mistaken for one that is not
//! there.
use crate::id::Id;

/// Up to where the ids on disk are known, oldest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListedUpTo {
    /// None is known.
    Nothing,
    /// All are known up to this one.
    Id(Id),
    /// All are known.
    #[default]
    All,
}

impl ListedUpTo {
    /// Whether ids that are not known may come before this one.
    pub fn hides(self, id: Id) -> bool {
        match self {
            ListedUpTo::All => false,
            ListedUpTo::Id(known) => id > known,
            ListedUpTo::Nothing => true,
        }
    }
}
