//! Leerpas share.
