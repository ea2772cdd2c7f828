//! Leerpas net.
