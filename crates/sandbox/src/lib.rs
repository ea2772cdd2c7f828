//! Leerpas sandbox.
