//! The masking of whole dumps: against what another implementation makes of them, against the promise that nothing
//! personal leaves, and against the promise that nothing else changes.
#[path = "masking/compare.rs"]
mod compare;
#[path = "masking/dumps.rs"]
mod dumps;
#[path = "masking/generated.rs"]
mod generated;
#[path = "masking/leaks.rs"]
mod leaks;
#[path = "masking/locations.rs"]
mod locations;
#[path = "masking/mmdb.rs"]
mod mmdb;
#[path = "masking/sizes.rs"]
mod sizes;
#[path = "masking/untouched.rs"]
mod untouched;
