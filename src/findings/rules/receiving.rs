//! What was received, decoded and shown: `rcv.…`.
mod delay;
mod dropped;
mod freeze;
mod nothing;
mod oversized;
mod paused;
mod pictures;
mod retransmission;
mod slow;
mod software;
mod sound;
mod stage;
mod stalled;
mod streams;
mod sync;

pub use pictures::RULES as PICTURES;
pub use sound::RULES as SOUND;
pub use streams::RULES as STREAMS;
