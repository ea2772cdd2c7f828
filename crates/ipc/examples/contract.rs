//! Prints the contract; `cargo xtask contract` writes it to its place.
use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(leerpas_ipc::contract::contract().as_bytes())
}
