//! Leerpas vault.
