//! Reading dumps: the real binary on files of `tests/data` and on what a server has stored, judged by what it prints
//! and how it ends.

mod features;
mod run;
mod shell;
mod sources;
mod web;
