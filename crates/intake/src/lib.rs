//! Leerpas intake.
