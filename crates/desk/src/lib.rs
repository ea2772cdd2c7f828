//! Leerpas desk.
