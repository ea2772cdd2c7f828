//! Leerpas openid.
