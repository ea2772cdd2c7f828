//! Wire messages of OpenID4VCI 1.0, OpenID4VP 1.0, DCQL and OAuth 2.0 as plain data.
//!
//! Each message has one parse function that takes a stranger's JSON and gives back a value that is
//! right, or an error that says which member is wrong; nothing is validated twice. Unknown members
//! are ignored, as both specifications ask. The same types serialise, because the trial institution
//! and the employer's desk speak from the other side. Nothing here opens a socket or checks a signature.

pub mod address;
pub mod dcql;
pub mod json;
pub mod oauth;
pub mod text;
pub mod vci;
pub mod vp;

/// A folder of published test data, or `None` where it is absent.
#[cfg(test)]
fn vectors(folder: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var_os("LEERPAS_VECTORS").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        std::path::PathBuf::from,
    );
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no vectors");
    None
}
