//! Leerpas check.
