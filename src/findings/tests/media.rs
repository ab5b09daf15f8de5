//! Rules of capture, sending and receiving: each fires on an edit of a call that was healthy, with exact times, is
//! silent on one just short of it, and says what it lacks.
pub mod capture;
mod flow;
mod freezes;
pub mod receiving;
pub mod sending;
mod usual;

use serde_json::{Value, json};

use super::cases::*;
use super::rig::{Call, Fired};
use crate::findings::Severity;
