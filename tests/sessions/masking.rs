//! The masking of whole dumps: against what another implementation makes of them, against the promise that nothing
//! personal leaves, and against the promise that nothing else changes.
mod compare;
mod dumps;
mod generated;
mod leaks;
mod locations;
mod mmdb;
mod sizes;
mod untouched;
