//! Buckets and databases: real ones, what they refuse, and what happens while they cannot be reached.

mod outage;
mod postgres;
mod s3;
mod strict;
