//! Tests of the export of Chrome.
