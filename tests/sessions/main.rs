//! From a client to a dump: what browsers and other clients send, well or badly, and what of it is stored.

mod browser;
mod conformance;
mod masking;
mod replay;
mod requests;
mod robustness;
mod secrets;
mod tokens;
