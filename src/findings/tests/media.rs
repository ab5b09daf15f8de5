//! Rules of capture, sending and receiving: each fires on an edit of a call that was healthy, with exact times, is
//! silent on one just short of it, and says what it lacks.
mod capture;
mod flow;
mod freezes;
mod receiving;
mod recorded;
mod sending;
mod usual;

use serde_json::{Value, json};

use super::cases::*;
use super::rig::{Call, Fired};
use crate::findings::Severity;
