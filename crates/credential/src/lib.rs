//! Leerpas credential.
