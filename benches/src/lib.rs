//! Programs to copy from.
