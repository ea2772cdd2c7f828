//! Leerpas receive.
