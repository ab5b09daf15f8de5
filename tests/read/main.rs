//! Reading dumps: the real binary on files of `tests/data` and on what a server has stored, judged by what it prints
//! and how it ends.

mod browsers;
mod damaged;
mod decoder;
mod diff;
mod events;
mod explain;
mod features;
mod forms;
mod info;
mod options;
mod packing;
mod pages;
mod plot;
mod readme;
mod run;
mod shell;
mod site;
mod sources;
mod terminal;
mod unknown;
mod view;
mod web;
