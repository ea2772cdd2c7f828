//! Leerpas wallet.
