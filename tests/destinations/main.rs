//! Buckets and databases: real ones, with what they refuse and while they are away.

mod outage;
mod postgres;
mod s3;
