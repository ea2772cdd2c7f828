//! `cargo xtask bench`.

/// Measures.
pub fn bench() -> Result<(), String> {
    Err("nothing to measure yet".into())
}
