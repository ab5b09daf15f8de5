//! Bounds of comparing session descriptions.
//!
//! Each constant has its arithmetic above it. This file contains no code that runs.

/// Sections of a description that are looked at. A browser makes one for each transceiver, and calls of 1,000 are not
/// known. A reference to a section takes 16 bytes.
pub const SDP_SECTIONS_MAX: usize = 65_536;

/// Pairs of lines, one of either side, that are compared one by one where no line marks the place. The shorter side has
/// 64 lines at most, so it costs at most 64 steps a line.
pub const SDP_PAIRS_MAX: usize = 4096;

/// How often the lines between two that mark a place are looked at again. Descriptions need one or two.
pub const SDP_DEPTH_MAX: usize = 8;
